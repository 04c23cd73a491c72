//! The demo's shop: four systems, four formats, one truth.
//!
//! A few broken rows stand in the files on purpose: they are rejected when they are read, so the truth does not know
//! them.

mod crm;
mod erp;
mod pdv;
mod webshop;

use super::GenerateError;
use super::scatter::shuffle;
use super::truth::TruthFile;
use crate::chance::Chance;
use crate::recording::Entry;
use crate::recording::habits::{CRM, ERP, Habits, PDV, WEBSHOP};
use crate::settings::Settings;
use crate::stream;
use std::path::Path;

/// The systems in the order of `vinculo.yaml`.
const SYSTEMS: [Habits; 4] = [CRM, ERP, WEBSHOP, PDV];
/// A workbook has hardly more rows than this, and the shop's entries are all held in memory.
const RECORDS_MAX: u64 = 1_000_000;

/// An entry with the key that its system gave it, as the truth writes it.
struct Keyed {
    key: String,
    entry: Entry,
}

/// Writes `data/…` with the four sources, and `truth.csv`, into this folder; gives the records by source.
///
/// # Errors
/// When a file cannot be written, or for more than a million records.
pub fn write(settings: &Settings, folder: &Path) -> Result<Vec<(&'static str, usize)>, GenerateError> {
    if settings.records > RECORDS_MAX {
        return Err(GenerateError::TooMany { limit: RECORDS_MAX });
    }
    let mut entries: [Vec<Entry>; 4] = Default::default();
    stream::for_each(
        settings,
        &SYSTEMS,
        |_, entry| entry,
        |system, entry| {
            entries[system].push(entry);
            Ok::<(), GenerateError>(())
        },
    )?;
    let data = folder.join("data");
    std::fs::create_dir_all(&data).map_err(GenerateError::file(&data))?;
    let mut truth = TruthFile::create(folder)?;
    let mut counts = Vec::new();
    for (system, mut entries) in entries.into_iter().enumerate() {
        let name = SYSTEMS[system].name;
        shuffle(&mut entries, &mut Chance::new(settings.seed, "order of a source", system as u64));
        let keyed = with_keys(entries, system);
        match system {
            0 => crm::write(&keyed, &data.join("crm.csv"))?,
            1 => erp::write(&keyed, &data.join("erp.xlsx"))?,
            2 => webshop::write(&keyed, &data.join("webshop.jsonl"))?,
            _ => pdv::write(&keyed, &data.join("pdv.tsv.gz"))?,
        }
        for Keyed { key, entry } in &keyed {
            truth.add(name, key, entry.entity)?;
        }
        counts.push((name, keyed.len()));
    }
    truth.finish()?;
    Ok(counts)
}

/// Keys follow the order of the shuffled entries, so that they tell nothing.
fn with_keys(entries: Vec<Entry>, system: usize) -> Vec<Keyed> {
    let key = |position: usize| match system {
        0 => (1001 + position).to_string(),
        1 => format!("C{:05}", 1 + position),
        2 => format!("{:016x}", crate::chance::mix(1 + position as u64)),
        _ => {
            let (shop, code) = pdv::key(position);
            serde_json::json!([shop, code]).to_string()
        }
    };
    let keyed = entries.into_iter().enumerate().map(|(position, entry)| Keyed { key: key(position), entry });
    keyed.collect()
}
