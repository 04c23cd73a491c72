//! What a long operation tells while it works: stages and counts, never a value.

/// The stages of a run, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Reading a source and landing what is new.
    Read {
        /// The source's name.
        source: String,
    },
    /// Normalizing the raw records of a source anew, because its mapping or the normalizer changed.
    Renormalize {
        /// The source's name.
        source: String,
    },
    /// Loading the current records of all sources.
    Load,
    /// Learning a model from all records.
    Train,
    /// Working out who is who.
    Resolve,
    /// Choosing the golden values.
    Survive,
    /// Writing the differences.
    Publish,
    /// Building the indexes of tables that were filled for the first time.
    Index,
    /// Covering all that was written by a block of the audit chain, or making the chain anew.
    Audit,
}

impl Stage {
    /// What is counted in this stage.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Survive => "customers",
            Self::Publish => "rows",
            Self::Index => "indexes",
            Self::Audit => "blocks",
            Self::Read { .. } | Self::Renormalize { .. } | Self::Load | Self::Train | Self::Resolve => "records",
        }
    }

    /// What is being done, in a few words.
    pub fn title(&self) -> String {
        match self {
            Self::Read { source } => format!("reading {source}"),
            Self::Renormalize { source } => format!("normalizing {source} anew"),
            Self::Load => "loading current records".into(),
            Self::Train => "training".into(),
            Self::Resolve => "resolving who is who".into(),
            Self::Survive => "choosing golden values".into(),
            Self::Publish => "publishing".into(),
            Self::Index => "building indexes".into(),
            Self::Audit => "proving by the audit chain".into(),
        }
    }
}

/// Where an operation tells how far it is. Calls may come from any thread.
pub trait Progress: Send + Sync {
    /// A stage begins; `total` in its unit, where it is known (an estimate will do).
    fn begin(&self, stage: &Stage, total: Option<u64>);
    /// So much more of the stage is done.
    fn advance(&self, stage: &Stage, by: u64);
    /// The stage is over; `note` says in a few words what came of it.
    fn end(&self, stage: &Stage, note: &str);
}

/// Tells nobody.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &Stage, _: Option<u64>) {}
    fn advance(&self, _: &Stage, _: u64) {}
    fn end(&self, _: &Stage, _: &str) {}
}
