//! Records read again from what was delivered, by the present mapping.

use super::{CheckReport, Rule};
use crate::error::OperationError;
use crate::ingest::mapping::Mapping;
use crate::ingest::{fingerprint, read_again};
use crate::session::Session;
use rayon::prelude::*;
use vinculo_store::verify::{Found, SampledRecord, Snapshot};

const STATEMENTS: Rule = Rule {
    name: "content_hashes",
    says: "The date, the state and the content hash of every version are those of the row that was delivered.",
    of: "records",
    names: "record",
};
const NORMALIZED: Rule = Rule {
    name: "normalized_values",
    says: "The current version of a record, and its normalized values, are those that its rows give when they are read again.",
    of: "records",
    names: "record",
};
pub(super) const RULES: [Rule; 2] = [STATEMENTS, NORMALIZED];

/// About how many records of a source are read again when not all are.
const SAMPLE: u64 = 2_000;

/// How a record that is read again differs from what the store made of it.
#[derive(Clone, Copy, Default)]
struct Difference {
    statements: bool,
    normalized: bool,
}

/// Reads records again: some of each source, by their numbers, or all.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn check(
    session: &Session,
    snapshot: &mut Snapshot,
    deep: bool,
) -> Result<Vec<CheckReport>, OperationError> {
    let project = &session.bench.project;
    let (mut statements, mut normalized) = (Found::default(), Found::default());
    let mut left_out = Vec::new();
    let mut known = 0;
    for row in snapshot.sources().await? {
        let records = snapshot.count_records(row.id).await?;
        known += records;
        let present = project.source(&row.name).filter(|source| {
            row.followed.as_ref().is_some_and(|followed| followed.fingerprint == fingerprint(project, source))
        });
        let Some(source) = present else {
            if records > 0 {
                left_out.push(row.name);
            }
            continue;
        };
        let mapping = Mapping::new(project.clone(), source.clone());
        let every = if deep { 1 } else { records.div_ceil(SAMPLE) };
        let look_at = |batch: &[SampledRecord]| -> Result<(), OperationError> {
            let differences: Vec<Difference> =
                session.compute(|| batch.par_iter().map(|sampled| difference(&mapping, sampled)).collect());
            for (sampled, difference) in batch.iter().zip(differences) {
                add(&mut statements, sampled, difference.statements);
                add(&mut normalized, sampled, difference.normalized);
            }
            Ok(())
        };
        snapshot.for_each_sampled(row.id, every, look_at).await?;
    }
    let note = if !left_out.is_empty() {
        let sources = left_out.join(", ");
        Some(format!("not of {sources}: vinculo.yaml has no longer the mapping that their records follow"))
    } else if statements.looked_at < known {
        Some(format!("some of {known} records; --deep reads all"))
    } else {
        None
    };
    Ok(vec![CheckReport::new(STATEMENTS, statements, note.clone()), CheckReport::new(NORMALIZED, normalized, note)])
}

fn add(found: &mut Found, sampled: &SampledRecord, is_broken: bool) {
    found.looked_at += 1;
    if is_broken {
        found.add(sampled.raw.id().0);
    }
}

/// What cannot be read again differs in what it says; what its values would be, nobody can tell.
fn difference(mapping: &Mapping, sampled: &SampledRecord) -> Difference {
    let SampledRecord { raw, normalized } = sampled;
    let Ok(again) = read_again(mapping, raw) else { return Difference { statements: true, normalized: false } };
    let said = raw.versions.iter().map(|version| version.statement);
    let packed = again.normalized.as_ref().map(|record| record.as_bytes());
    Difference {
        statements: !said.eq(again.statements.iter().copied()),
        normalized: raw.current() != Some(again.current) || normalized.as_deref() != packed,
    }
}
