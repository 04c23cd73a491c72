//! `webshop.jsonl`: an object a line, nested, UTF-8, ISO dates, several phones.

use super::{GenerateError, Keyed};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Lines that are rejected: one cut off, one without a key.
const BROKEN: [(usize, &str); 2] = [
    (600, r#"{"id":"cut","customer":{"full_name":"Linha Cort"#),
    (1200, r#"{"customer":{"full_name":"Sem Chave"},"updated_at":"2024-01-01T10:00:00-03:00"}"#),
];

pub(super) fn write(entries: &[Keyed], path: &Path) -> Result<(), GenerateError> {
    let failed = GenerateError::file(path);
    let mut file = BufWriter::new(File::create(path).map_err(&failed)?);
    for (position, keyed) in entries.iter().enumerate() {
        if let Some((_, broken)) = BROKEN.iter().find(|(at, _)| *at == position) {
            writeln!(file, "{broken}").map_err(&failed)?;
        }
        writeln!(file, "{}", object(keyed)).map_err(&failed)?;
    }
    file.flush().map_err(&failed)
}

/// The object without what is missing.
fn object(Keyed { key, entry }: &Keyed) -> Value {
    let (day, time) = entry.updated_at.day_and_time();
    let place = &entry.place;
    let address = texts([
        ("street", &place.street),
        ("number", &place.number),
        ("complement", &place.complement),
        ("district", &place.district),
        ("city", &place.city),
        ("state", &place.region),
        ("zip", &place.postal_code),
    ]);
    let birth = entry.birth.map(|birth| birth.iso()).unwrap_or_default();
    let customer = texts([("full_name", &entry.name.whole()), ("birth_date", &birth), ("document", &entry.tax_id)]);
    let mut object = Map::new();
    object.insert("id".into(), json!(key));
    object.insert("customer".into(), customer);
    object.insert("contact".into(), json!({"emails": entry.emails, "phones": entry.phones}));
    if !place.street.is_empty() {
        object.insert("address".into(), address);
    }
    object.insert("updated_at".into(), json!(format!("{day}T{time}-03:00")));
    Value::Object(object)
}

fn texts<const N: usize>(texts: [(&str, &String); N]) -> Value {
    let present = texts.into_iter().filter(|(_, text)| !text.is_empty());
    Value::Object(present.map(|(name, text)| (name.to_owned(), json!(text))).collect())
}
