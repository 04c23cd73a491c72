//! Normalizing the current records of a source anew, from their raw form, because the mapping or the rules changed.

use super::mapping::{FlagCounts, Mapping};
use super::sink::fingerprint;
use crate::error::OperationError;
use crate::progress::Stage;
use crate::session::Session;
use rayon::prelude::*;
use vinculo_connector::{Cells, Decoder, RawFormat};
use vinculo_project::Source;
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
    let stage = Stage::Renormalize { source: source.name.clone() };
    session.progress.begin(&stage, None);
    let mapping = Mapping::new(session.bench.project.clone(), source.clone());
    let normalize = |batch: &[RawRecord]| -> Result<Vec<Vec<u8>>, OperationError> {
        let threads = &session.bench.threads;
        let normalized = tokio::task::block_in_place(|| {
            threads.install(|| batch.par_iter().map(|raw| normalize(&mapping, raw)).collect::<Result<Vec<_>, _>>())
        })?;
        session.progress.advance(&stage, batch.len() as u64);
        Ok(normalized)
    };
    let count = session.store.renormalize(row.id, present, normalize).await?;
    session.progress.end(&stage, &format!("{count} records"));
    Ok(count)
}

/// The packed normalized record of a raw one.
fn normalize(mapping: &Mapping, raw: &RawRecord) -> Result<Vec<u8>, OperationError> {
    let cells = decode(&raw.file, &raw.raw)?;
    let mapped = mapping.bind(&cells).map(0, raw.landed_on, &mut ContentHasher::new(), &mut FlagCounts::new());
    match mapped {
        Ok(row) if row.key == raw.source_key => Ok(row.normalized.as_bytes().to_vec()),
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
