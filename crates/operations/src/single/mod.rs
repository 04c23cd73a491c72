//! One record at once: what only the rules decide is read once and kept from record to record.
//!
//! | module | what it does |
//! |---|---|
//! | [`reading`] | a line of JSON → a record of its source |
//! | [`resolving`] | `resolve`: lands, resolves and publishes a record in one transaction |
//! | [`in_turns`] | line after line of `resolve`, in turns with other commands that write |
//! | [`matching`] | `match`: who a record speaks of, without writing anything |

mod in_turns;
mod matching;
mod reading;
mod resolving;

pub use in_turns::resolve_lines;
pub use matching::{Candidate, Found, Matcher, Reason};
pub use reading::LineFault;
pub use resolving::{Answer, CustomerChange, Happened};

use crate::error::OperationError;
use crate::incremental::Scope;
use crate::ingest::fingerprint;
use crate::judge::Judgements;
use crate::resolve::{FrozenModel, newest_model};
use crate::rules::Rules;
use crate::session::Session;
use crate::undo::taken_back;
use std::mem;
use std::sync::Arc;
use vinculo_project::Source;
use vinculo_records::Kind;
use vinculo_resolution::incremental::Halvings;
use vinculo_store::{KeyBase, SourceRow, Store};

/// What decides about single records: models, rules and judgements, as a whole resolution left them.
pub struct Ground {
    session: Session,
    source: Source,
    row: SourceRow,
    /// The sources of the project.
    rows: Vec<SourceRow>,
    /// All sources that were ever read.
    known: Vec<SourceRow>,
    rules: Rules,
    judgements: Judgements,
    /// The newest model of each kind, and the keys by which its records are found; none of a kind without records.
    models: [Option<Newest>; 2],
}

/// The newest model of a kind.
struct Newest {
    base: Arc<KeyBase>,
    frozen: Arc<FrozenModel>,
}

impl Newest {
    /// Whether the last whole resolution of the kind is still the one that is known.
    fn is_among(&self, bases: &[KeyBase]) -> bool {
        let is_known = |base: &KeyBase| {
            (base.kind, base.model, base.entries) == (self.base.kind, self.base.model, self.base.entries)
        };
        bases.iter().any(is_known)
    }
}

impl Ground {
    /// Reads what decides about the records of a source.
    ///
    /// # Errors
    /// A source that the project does not have or that was never read; changes that are not resolved yet; a publication
    /// that stands taken back; a store that cannot be read.
    pub async fn read(session: &Session, source: &str) -> Result<Self, OperationError> {
        if let Some(publication) = taken_back(&session.store).await? {
            let message =
                format!("publication {publication} was taken back; `vinculo run --full` publishes anew first");
            return Err(OperationError::NotFound(message));
        }
        let project = &session.bench.project;
        let source = session.bench.select(&[source.to_owned()])?[0].clone();
        let names: Vec<&str> = project.sources.iter().map(|source| source.name.as_str()).collect();
        let rows = session.store.foresee_sources(&names).await?;
        let known = session.store.sources().await?;
        let Some(row) = known.iter().find(|row| row.name == source.name && row.followed.is_some()).cloned() else {
            let message = format!("the source `{}` was never read; `vinculo run` reads it", source.name);
            return Err(OperationError::NotFound(message));
        };
        let follows = |row: &SourceRow| match (&row.followed, project.source(&row.name)) {
            (Some(followed), Some(source)) => followed.fingerprint == fingerprint(project, source),
            _ => true,
        };
        if !known.iter().all(follows) {
            return Err(not_resolved());
        }
        let (rules, judgements) = (Rules::read(session).await?, Judgements::read(&session.store).await?);
        let mut ground =
            Self { session: session.clone(), source, row, rows, known, rules, judgements, models: [None, None] };
        ground.models = ground.newest_models().await?;
        if ground.models.iter().all(Option::is_none) {
            return Err(OperationError::NotFound("nothing was resolved yet; `vinculo run` does it".into()));
        }
        Ok(ground)
    }

    /// The newest models, where the last whole resolution was under these and under the present rules.
    async fn newest_models(&self) -> Result<[Option<Newest>; 2], OperationError> {
        let mut models = [None, None];
        for base in self.session.store.reading().await?.surroundings().bases().await? {
            let stands =
                serde_json::from_value::<Rules>(base.rules.clone()).is_ok_and(|then| then.stand_under(&self.rules));
            let newest = newest_model(&self.session, base.kind).await?;
            let newest = newest.filter(|newest| stands && newest.version == base.model);
            let Some(frozen) = newest.and_then(|newest| newest.frozen) else { return Err(not_resolved()) };
            let kind = base.kind;
            models[kind as usize] = Some(Newest { base: Arc::new(base), frozen });
        }
        Ok(models)
    }

    /// The same for another turn, whose session holds the lease, if all is as it was read: nobody trained, resolved
    /// everything, judged, or read under another mapping since.
    async fn still(self, session: &Session) -> Result<Option<Self>, OperationError> {
        let is_current = self.is_current(&session.store).await?;
        Ok(is_current.then(|| Self { session: session.clone(), ..self }))
    }

    async fn is_current(&self, store: &Store) -> Result<bool, OperationError> {
        let judgements = Judgements::read(store).await?;
        let state = self.rules.state(&store.state_of_data().await?, judgements.digest());
        let stands = store.stands(state).await? && taken_back(store).await?.is_none();
        if !stands || judgements.digest() != self.judgements.digest() {
            return Ok(false);
        }
        let bases = store.reading().await?.surroundings().bases().await?;
        let known = self.models.iter().flatten();
        Ok(bases.len() == known.clone().count() && known.clone().all(|newest| newest.is_among(&bases)))
    }

    /// What of a kind is resolved when one of its records changes; takes the blocks that are halved.
    fn scope(&self, kind: Kind, halvings: &mut [Halvings; 2]) -> Scope {
        match &self.models[kind as usize] {
            None => Scope::all(None),
            Some(Newest { base, frozen }) if vinculo_resolution::incremental::is_local(&frozen.plan, &frozen.model) => {
                Scope::part(base.clone(), frozen.clone(), mem::take(&mut halvings[kind as usize]))
            }
            Some(Newest { base, frozen }) => Scope::all(Some((base.model, frozen.clone()))),
        }
    }
}

fn not_resolved() -> OperationError {
    OperationError::NotFound("there are changes that are not resolved yet; `vinculo run` resolves them first".into())
}
