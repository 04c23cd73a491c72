//! Reading the records of a source anew from what was delivered, because the mapping or the rules changed.

use super::mapping::{BoundMapping, FlagCounts, Mapping};
use super::overlay::{Changed, Overlay};
use super::sink::fingerprint;
use crate::count::counted;
use crate::error::OperationError;
use crate::progress::Stage;
use crate::session::Session;
use rayon::prelude::*;
use vinculo_connector::{Cells, Decoder, RawFormat};
use vinculo_project::Source;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{Kind, NormalizedRecord};
use vinculo_store::{Delivered, DeliveryFile, Followed, RawRecord, Reread, SourceRow, Statement};

/// Brings the records of a source to the present mapping and rules: which version is current, whether the source still
/// has it, its content, its normalized values. Does nothing where they follow them. Returns how many records count of
/// those that were read anew.
///
/// # Errors
/// A mapping that no longer finds the records' keys; a failing store. Everything then stays as it was.
pub async fn renormalize(session: &Session, source: &Source, row: &SourceRow) -> Result<u64, OperationError> {
    let present = Followed {
        fingerprint: fingerprint(&session.bench.project, source),
        attributes: session.bench.project.attributes.clone(),
    };
    match &row.followed {
        None => {
            session.store.follow(row.id, &present).await?;
            Ok(0)
        }
        Some(followed) if followed.fingerprint == present.fingerprint => Ok(0),
        Some(_) => {
            let anew = Anew::begin(session, source).await?;
            let read = |batch: &[RawRecord]| anew.read(batch);
            let count = session.store.renormalize(row.id, &present, read).await?;
            anew.end(count);
            Ok(count)
        }
    }
}

/// The same without writing anything: what would be other is laid over what the store holds.
///
/// # Errors
/// As [`renormalize`].
pub async fn renormalize_in_memory(
    session: &Session,
    source: &Source,
    row: &SourceRow,
    overlay: &mut Overlay,
) -> Result<u64, OperationError> {
    let present = fingerprint(&session.bench.project, source);
    if row.followed.as_ref().is_none_or(|followed| followed.fingerprint == present) {
        return Ok(0);
    }
    let anew = Anew::begin(session, source).await?;
    let mut count = 0;
    let lay = |batch: &[RawRecord]| -> Result<(), OperationError> {
        for (raw, again) in batch.iter().zip(anew.map(batch)?) {
            count += u64::from(again.normalized.is_some());
            overlay.lay(row.id, raw.source_key.clone(), again.into_changed());
        }
        Ok(())
    };
    session.store.for_each_raw(row.id, lay).await?;
    anew.end(count);
    Ok(count)
}

/// The reading of a source's records anew, with its progress.
struct Anew<'s> {
    session: &'s Session,
    stage: Stage,
    mapping: Mapping,
}

impl<'s> Anew<'s> {
    async fn begin(session: &'s Session, source: &Source) -> Result<Self, OperationError> {
        let mapping = Mapping::new(session.bench.project.clone(), source.clone());
        check_columns(session, source, &mapping).await?;
        let stage = Stage::Renormalize { source: source.name.clone() };
        session.progress.begin(&stage, None);
        Ok(Self { session, stage, mapping })
    }

    fn map(&self, batch: &[RawRecord]) -> Result<Vec<ReadAgain>, OperationError> {
        let threads = &self.session.bench.threads;
        let again = tokio::task::block_in_place(|| {
            threads
                .install(|| batch.par_iter().map(|raw| read_again(&self.mapping, raw)).collect::<Result<Vec<_>, _>>())
        })?;
        self.session.progress.advance(&self.stage, batch.len() as u64);
        Ok(again)
    }

    fn read(&self, batch: &[RawRecord]) -> Result<Vec<Reread>, OperationError> {
        Ok(self.map(batch)?.into_iter().map(ReadAgain::into_reread).collect())
    }

    fn end(&self, count: u64) {
        self.session.progress.end(&self.stage, &counted(count, "record", "records"));
    }
}

/// What the versions of a record say under the present mapping.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReadAgain {
    /// What each version says.
    pub(crate) statements: Vec<Statement>,
    /// The place of the current one.
    pub(crate) current: usize,
    /// The values of the current version, unless that says that the record is gone.
    pub(crate) normalized: Option<NormalizedRecord>,
}

impl ReadAgain {
    fn into_reread(self) -> Reread {
        let normalized = self.normalized.map(|record| record.as_bytes().to_vec());
        Reread { statements: self.statements, current: self.current, normalized }
    }

    fn into_changed(self) -> Changed {
        let Statement { updated_at, deleted, content_hash } = self.statements[self.current];
        Changed {
            content_hash: Some(content_hash),
            deleted,
            is_new_version: false,
            replaces: true,
            updated_at,
            normalized: self.normalized.unwrap_or_else(|| NormalizedRecord::new(Kind::Person, updated_at, 0)),
            said: Vec::new(),
        }
    }
}

/// Plays the versions of a record again, in the order in which they landed.
pub(crate) fn read_again(mapping: &Mapping, raw: &RawRecord) -> Result<ReadAgain, OperationError> {
    let mut statements: Vec<Statement> = Vec::with_capacity(raw.versions.len());
    let mut current = 0;
    let mut shown: Option<(&Delivered, Cells)> = None;
    for (place, version) in raw.versions.iter().enumerate() {
        let (statement, cells) = match &version.delivered {
            Some(delivered) => {
                let cells = decode(&delivered.file, &delivered.raw)?;
                let bound = mapping.bind(&cells);
                check_key(&bound, raw, delivered)?;
                (bound.statement(0, &mut ContentHasher::new(), &mut FlagCounts::new()), Some((delivered, cells)))
            }
            // A snapshot that no longer had the record ended the version that was current then, whatever its date.
            None => {
                let ended = statements.get(current).copied().unwrap_or(version.statement);
                (Statement { deleted: true, ..ended }, None)
            }
        };
        if statements.get(current).is_none_or(|before| before.is_overruled_by(&statement)) {
            (current, shown) = (place, cells);
        }
        statements.push(statement);
    }
    let is_gone = statements.get(current).is_none_or(|statement| statement.deleted);
    let normalized = match shown {
        Some((delivered, cells)) if !is_gone => Some(normalize(mapping, delivered, &cells)?),
        _ => None,
    };
    Ok(ReadAgain { statements, current, normalized })
}

/// A column that no table at hand has is a slip of the pen: it must not empty what is known. Where nothing can be looked
/// at, the mapping is believed.
async fn check_columns(session: &Session, source: &Source, mapping: &Mapping) -> Result<(), OperationError> {
    let Ok(connected) = session.bench.open(source) else { return Ok(()) };
    let streams = connected.discover().await.unwrap_or_default();
    for part in streams.iter().flat_map(|stream| &stream.parts).filter(|part| part.has_fixed_columns) {
        let missing = mapping.missing_columns(&part.columns);
        if !missing.is_empty() {
            let columns = missing.join("`, `");
            let message = format!("{}: vinculo.yaml names `{columns}`, which the file does not have", part.path);
            return Err(OperationError::Configuration(format!("{message}; the records stay as they were")));
        }
    }
    Ok(())
}

fn check_key(bound: &BoundMapping<'_>, raw: &RawRecord, delivered: &Delivered) -> Result<(), OperationError> {
    match bound.key(0) {
        Ok(key) if key == raw.source_key => Ok(()),
        Ok(_) => Err(unmappable(delivered, "the key of records that are already known would change")),
        Err(_) => Err(unmappable(delivered, "the mapping no longer tells the key of a known record")),
    }
}

fn normalize(mapping: &Mapping, delivered: &Delivered, cells: &Cells) -> Result<NormalizedRecord, OperationError> {
    let bound = mapping.bind(cells);
    match bound.map(0, delivered.landed_on, &mut ContentHasher::new(), &mut FlagCounts::new()) {
        Ok(row) => Ok(row.normalized),
        Err(_) => Err(unmappable(delivered, "the mapping no longer tells the kind of a known record")),
    }
}

/// Reads a raw record again, as it was read when it came.
fn decode(file: &DeliveryFile, raw: &str) -> Result<Cells, OperationError> {
    let unreadable = || OperationError::Internal(format!("a stored record of {} cannot be read again", file.path));
    let format: RawFormat = serde_json::from_value(file.format["raw"].clone()).map_err(|_| unreadable())?;
    let mut decoder = Decoder::new(&format);
    decoder.push(raw).map_err(|_| unreadable())?;
    Ok(decoder.take())
}

fn unmappable(delivered: &Delivered, fault: &str) -> OperationError {
    let place = format!("{}:{}", delivered.file.path, delivered.line);
    OperationError::Configuration(format!("{place}: {fault}; give the source another name in vinculo.yaml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::mapping::tests::mapping;
    use std::sync::Arc;
    use vinculo_records::ContentHash;
    use vinculo_store::RawVersion;

    const DATED: &str = "record: person\nkey: id\nupdated_at: changed\ndeleted: {column: active, values: [N]}\n\
                         fields: {full_name: name}";
    /// What was read under a mapping of the past, which nothing must hang on.
    const PAST: Statement = Statement { updated_at: Some(1), deleted: false, content_hash: ContentHash(1) };

    /// A record with these versions: the row as JSON, or none where a snapshot no longer had it.
    fn record(rows: &[Option<&str>]) -> RawRecord {
        let format = serde_json::json!({"raw": RawFormat::Json});
        let file = Arc::new(DeliveryFile { file_no: 0, path: "crm.jsonl".into(), format, bytes: 0, lines: 0 });
        let version = |row: &Option<&str>| {
            let delivered =
                row.map(|raw| Delivered { file: file.clone(), line: 3, landed_on: 20_000, raw: raw.to_owned() });
            RawVersion::new(delivered, PAST)
        };
        RawRecord::new("1", rows.iter().map(version).collect())
    }

    fn again(rows: &[Option<&str>]) -> ReadAgain {
        read_again(&mapping(DATED), &record(rows)).expect("it can be read")
    }

    const OLD: &str = r#"{"id": 1, "name": "Ana Souza", "changed": "2020-01-01T00:00:00Z"}"#;
    const NEW: &str = r#"{"id": 1, "name": "Ana Lima", "changed": "2026-01-01T00:00:00Z"}"#;
    const UNDATED: &str = r#"{"id": 1, "name": "Ana Prado"}"#;
    const GONE: &str = r#"{"id": 1, "name": "Ana Lima", "changed": "2026-02-01T00:00:00Z", "active": "N"}"#;

    #[test]
    fn the_current_version_is_the_latest_by_date_and_then_by_landing() {
        type Case = (&'static [Option<&'static str>], usize, Option<&'static str>);
        let cases: [Case; 6] = [
            (&[Some(OLD), Some(NEW)], 1, Some("Ana Lima")),
            (&[Some(NEW), Some(OLD), Some(UNDATED)], 0, Some("Ana Lima")),
            (&[Some(UNDATED), Some(UNDATED)], 1, Some("Ana Prado")),
            (&[Some(NEW), Some(GONE), Some(OLD)], 1, None),
            (&[Some(NEW), None], 1, None),
            (&[Some(OLD), None, Some(NEW)], 2, Some("Ana Lima")),
        ];
        for (rows, current, name) in cases {
            let again = again(rows);
            let shown = again.normalized.as_ref().and_then(|record| record.view().values().next());
            assert_eq!((again.current, shown.map(|value| value.text)), (current, name), "{rows:?}");
        }
    }

    #[test]
    fn what_a_snapshot_no_longer_had_ends_what_was_current_then() {
        let ended = again(&[Some(NEW), Some(OLD), None]);
        assert_eq!(ended.statements[2], Statement { deleted: true, ..ended.statements[0] });
        let later = again(&[Some(OLD), None, Some(OLD)]);
        assert_eq!(later.current, 2, "the same date, delivered later");
    }

    #[test]
    fn a_mapping_under_which_a_known_record_would_be_another_is_refused_with_its_place() {
        for (row, fault) in [
            (r#"{"id": 2, "name": "Ana"}"#, "the key of records that are already known would change"),
            (r#"{"name": "Ana"}"#, "no longer tells the key"),
        ] {
            let refused = read_again(&mapping(DATED), &record(&[Some(row)])).unwrap_err().to_string();
            assert!(refused.contains(fault) && refused.starts_with("crm.jsonl:3: "), "{refused}");
        }
        let by_column = "record: {column: type, person: [F], organization: [J]}\nkey: id\nfields: {name: name}";
        let refused = read_again(&mapping(by_column), &record(&[Some(NEW)])).unwrap_err().to_string();
        assert!(refused.contains("no longer tells the kind"), "{refused}");
    }
}
