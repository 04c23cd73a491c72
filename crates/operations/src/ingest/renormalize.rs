//! Normalizing the current records of a source anew, from their raw form, because the mapping or the rules changed.

use super::mapping::{FlagCounts, Mapping};
use super::overlay::{Changed, Overlay};
use super::sink::fingerprint;
use crate::error::OperationError;
use crate::progress::Stage;
use crate::session::Session;
use rayon::prelude::*;
use vinculo_connector::{Cells, Decoder, RawFormat};
use vinculo_project::Source;
use vinculo_records::NormalizedRecord;
use vinculo_records::hash::ContentHasher;
use vinculo_store::{DeliveryFile, RawRecord, SourceRow};

/// Brings the normalized records of a source to the present mapping and rules; does nothing where they follow them.
/// Returns how many records were normalized.
///
/// # Errors
/// A mapping that no longer finds the records' keys; a failing store. Everything then stays as it was.
pub async fn renormalize(session: &Session, source: &Source, row: &SourceRow) -> Result<u64, OperationError> {
    let present = fingerprint(&session.bench.project, source);
    if row.fingerprint.is_none() {
        session.store.set_fingerprint(row.id, present).await?;
    }
    if row.fingerprint.is_none_or(|followed| followed == present) {
        return Ok(0);
    }
    let anew = Anew::begin(session, source);
    let count = session.store.renormalize(row.id, present, |batch: &[RawRecord]| anew.normalize(batch)).await?;
    anew.end(count);
    Ok(count)
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
    if row.fingerprint.is_none_or(|followed| followed == present) {
        return Ok(0);
    }
    let anew = Anew::begin(session, source);
    let lay = |batch: &[RawRecord]| -> Result<(), OperationError> {
        for (raw, normalized) in batch.iter().zip(anew.map(batch)?) {
            let updated_at = normalized.view().updated_at();
            let changed = Changed { content_hash: None, deleted: false, is_new_version: false, updated_at, normalized };
            overlay.lay(row.id, raw.source_key.clone(), changed);
        }
        Ok(())
    };
    let count = session.store.for_each_raw(row.id, lay).await?;
    anew.end(count);
    Ok(count)
}

/// The normalizing of a source's records anew, with its progress.
struct Anew<'s> {
    session: &'s Session,
    stage: Stage,
    mapping: Mapping,
}

impl<'s> Anew<'s> {
    fn begin(session: &'s Session, source: &Source) -> Self {
        let stage = Stage::Renormalize { source: source.name.clone() };
        session.progress.begin(&stage, None);
        Self { session, stage, mapping: Mapping::new(session.bench.project.clone(), source.clone()) }
    }

    fn map(&self, batch: &[RawRecord]) -> Result<Vec<NormalizedRecord>, OperationError> {
        let threads = &self.session.bench.threads;
        let normalized = tokio::task::block_in_place(|| {
            threads.install(|| batch.par_iter().map(|raw| normalize(&self.mapping, raw)).collect::<Result<Vec<_>, _>>())
        })?;
        self.session.progress.advance(&self.stage, batch.len() as u64);
        Ok(normalized)
    }

    fn normalize(&self, batch: &[RawRecord]) -> Result<Vec<Vec<u8>>, OperationError> {
        Ok(self.map(batch)?.into_iter().map(|record| record.as_bytes().to_vec()).collect())
    }

    fn end(&self, count: u64) {
        self.session.progress.end(&self.stage, &format!("{count} records"));
    }
}

/// The normalized record of a raw one.
fn normalize(mapping: &Mapping, raw: &RawRecord) -> Result<NormalizedRecord, OperationError> {
    let cells = decode(&raw.file, &raw.raw)?;
    let mapped = mapping.bind(&cells).map(0, raw.landed_on, &mut ContentHasher::new(), &mut FlagCounts::new());
    match mapped {
        Ok(row) if row.key == raw.source_key => Ok(row.normalized),
        Ok(_) => Err(changed_key(raw, "the key of records that are already known would change")),
        Err(_) => Err(changed_key(raw, "the mapping no longer tells the key or the kind of a known record")),
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

fn changed_key(raw: &RawRecord, fault: &str) -> OperationError {
    let place = format!("{}:{}", raw.file.path, raw.line);
    OperationError::Configuration(format!("{place}: {fault}; give the source another name in vinculo.yaml"))
}
