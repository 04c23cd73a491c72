//! `pdv.tsv.gz`: tabs, gzip, capitals, a key of two columns, most cells empty.

use super::{GenerateError, Keyed};
use flate2::{Compression, GzBuilder};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const COLUMNS: &str = "LOJA\tCODIGO\tCLIENTE\tCPF_CNPJ\tNASC\tFONE\tEMAIL\tENDERECO\tCIDADE\tUF\tCEP\tULT_COMPRA";
/// A row with a cell too many, which is rejected, and where it stands.
const BROKEN: (usize, &str) = (700, "01\t999999\tCELULA A MAIS\t\t\t\t\t\t\t\t\t01/02/2024 10:00:00\tX");
const SHOPS: usize = 12;

/// The shop's number and the customer's code in that shop, of the entry at this position.
pub(super) fn key(position: usize) -> (String, String) {
    (format!("{:02}", 1 + position % SHOPS), format!("{:06}", 1 + position / SHOPS))
}

pub(super) fn write(entries: &[Keyed], path: &Path) -> Result<(), GenerateError> {
    let failed = GenerateError::file(path);
    let file = BufWriter::new(File::create(path).map_err(&failed)?);
    // No time in the header, so that the same seed gives the same bytes.
    let mut lines = GzBuilder::new().mtime(0).write(file, Compression::best());
    writeln!(lines, "{COLUMNS}").map_err(&failed)?;
    for (position, keyed) in entries.iter().enumerate() {
        if position == BROKEN.0 {
            writeln!(lines, "{}", BROKEN.1).map_err(&failed)?;
        }
        writeln!(lines, "{}", row(position, keyed)).map_err(&failed)?;
    }
    let mut file = lines.finish().map_err(&failed)?;
    file.flush().map_err(&failed)
}

fn row(position: usize, Keyed { entry, .. }: &Keyed) -> String {
    let (shop, code) = key(position);
    let (day, time) = entry.updated_at.day_and_time();
    let (year, rest) = day.split_at(4);
    let bought = format!("{}/{}/{year} {time}", &rest[4..], &rest[1..3]);
    let birth = entry.birth.map(|birth| birth.brazilian()).unwrap_or_default();
    let cells = [
        shop,
        code,
        entry.whole_name(),
        entry.tax_id.clone(),
        birth,
        entry.phones.first().cloned().unwrap_or_default(),
        entry.emails.first().cloned().unwrap_or_default(),
        entry.place.line(),
        entry.place.city.clone(),
        entry.place.region.clone(),
        entry.place.postal_code.clone(),
        bought,
    ];
    cells.join("\t")
}
