//! The benchmark's files: `persons.csv` and `organizations.csv`, as large as wanted, with `truth.csv` and a project.

use super::GenerateError;
use super::scatter::Scatter;
use super::truth::TruthFile;
use crate::recording::Entry;
use crate::recording::habits::REGISTER;
use crate::settings::Settings;
use crate::stream;
use crate::world::Entity;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const PERSON_COLUMNS: &str = "id,full_name,birth_date,tax_id,email,phone,address,city,region,postal_code,updated_at";
const ORGANIZATION_COLUMNS: &str =
    "id,legal_name,trade_name,tax_id,email,phone,website,address,city,region,postal_code,updated_at";
/// What separates several values in one cell.
const SEPARATOR: &str = ";";

/// Writes the files into this folder, which must exist; gives how many records of persons and of organizations.
///
/// # Errors
/// When a file, also a temporary one, cannot be written.
pub fn write(settings: &Settings, folder: &Path) -> Result<(u64, u64), GenerateError> {
    let mut persons = Scatter::new(settings.seed, settings.records);
    let mut organizations = Scatter::new(!settings.seed, settings.records);
    let line = |_: usize, entry: Entry| (entry.entity, line(&entry));
    stream::for_each(settings, &[REGISTER], line, |_, (entity, line)| {
        match entity {
            Entity::Person(number) => persons.push(number, &line)?,
            Entity::Organization(number) => organizations.push(number, &line)?,
        }
        Ok::<(), GenerateError>(())
    })?;
    let mut truth = TruthFile::create(folder)?;
    let of_persons = write_file(folder, "persons", PERSON_COLUMNS, persons, Entity::Person, &mut truth)?;
    let of_organizations =
        write_file(folder, "organizations", ORGANIZATION_COLUMNS, organizations, Entity::Organization, &mut truth)?;
    truth.finish()?;
    let project = folder.join("vinculo.yaml");
    std::fs::write(&project, include_str!("register.yaml")).map_err(GenerateError::file(&project))?;
    Ok((of_persons, of_organizations))
}

fn write_file(
    folder: &Path,
    source: &str,
    columns: &str,
    lines: Scatter,
    entity: impl Fn(u64) -> Entity,
    truth: &mut TruthFile,
) -> Result<u64, GenerateError> {
    let path = folder.join(format!("{source}.csv"));
    let failed = GenerateError::file(&path);
    let mut file = BufWriter::new(File::create(&path).map_err(&failed)?);
    writeln!(file, "{columns}").map_err(&failed)?;
    let mut count = 0_u64;
    lines.drain(|number, line| {
        count += 1;
        write!(file, "{count},").map_err(&failed)?;
        file.write_all(line).map_err(&failed)?;
        truth.add(source, &count.to_string(), entity(number))
    })?;
    file.flush().map_err(&failed)?;
    Ok(count)
}

/// The line of this entry, without its key.
fn line(entry: &Entry) -> Vec<u8> {
    let birth = entry.birth.map(|day| day.iso()).unwrap_or_default();
    let (day, time) = entry.updated_at.day_and_time();
    let updated_at = format!("{day}T{time}");
    let (emails, phones, address) = (entry.emails.join(SEPARATOR), entry.phones.join(SEPARATOR), entry.place.line());
    let place = [&address, &entry.place.city, &entry.place.region, &entry.place.postal_code, &updated_at];
    let name = entry.whole_name();
    let mut line = Vec::with_capacity(256);
    let mut first = true;
    let mut cell = |text: &str| {
        if !std::mem::take(&mut first) {
            line.push(b',');
        }
        push_cell(&mut line, text);
    };
    if entry.is_organization() {
        let own = [&name, &entry.trade_name, &entry.tax_id, &emails, &phones, &entry.website];
        own.into_iter().chain(place).for_each(|text| cell(text));
    } else {
        let own = [&name, &birth, &entry.tax_id, &emails, &phones];
        own.into_iter().chain(place).for_each(|text| cell(text));
    }
    line.push(b'\n');
    line
}

/// A cell of a CSV, quoted where it must be.
fn push_cell(line: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        line.push(b'"');
        line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}
