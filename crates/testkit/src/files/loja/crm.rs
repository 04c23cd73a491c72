//! `crm.csv`: semicolons, Windows-1252, surnames in two columns, persons and companies told apart by `tipo`.

use super::{GenerateError, Keyed};
use std::path::Path;

const COLUMNS: [&str; 22] = [
    "id",
    "tipo",
    "nome",
    "sobrenome1",
    "sobrenome2",
    "razao_social",
    "nome_fantasia",
    "documento",
    "nascimento",
    "sexo",
    "nome_mae",
    "telefone",
    "celular",
    "emails",
    "logradouro",
    "numero",
    "complemento",
    "bairro",
    "cidade",
    "uf",
    "cep",
    "atualizado_em",
];

/// Rows that are rejected: one too short, one of a kind that does not exist, one without a key.
const BROKEN: [(usize, &str); 3] = [
    (250, "9001;F;Registro;Cortado;;;;;01/01/1980"),
    (900, "9002;X;Tipo;Inexistente;;;;;;;;;;;;;;;;;;2024-01-01 10:00:00"),
    (1400, ";F;Sem;Chave;;;;;;;;;;;;;;;;;;2024-01-01 10:00:00"),
];

pub(super) fn write(entries: &[Keyed], path: &Path) -> Result<(), GenerateError> {
    let mut text = Vec::new();
    {
        let mut lines = csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(&mut text);
        lines.write_record(COLUMNS).map_err(GenerateError::csv(path))?;
        for (position, keyed) in entries.iter().enumerate() {
            if let Some((_, broken)) = BROKEN.iter().find(|(at, _)| *at == position) {
                lines.write_record(broken.split(';')).map_err(GenerateError::csv(path))?;
            }
            lines.write_record(row(keyed)).map_err(GenerateError::csv(path))?;
        }
        lines.flush().map_err(GenerateError::file(path))?;
    }
    let text = String::from_utf8_lossy(&text);
    let (encoded, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    std::fs::write(path, encoded).map_err(GenerateError::file(path))
}

fn row(Keyed { key, entry }: &Keyed) -> [String; 22] {
    let kind = if entry.is_organization() { "J" } else { "F" };
    let mut family = entry.name.family.clone();
    family.extend((!entry.name.suffix.is_empty()).then(|| entry.name.suffix.to_owned()));
    let mut family = family.into_iter();
    let first_family = family.next().unwrap_or_default();
    let other_family = family.collect::<Vec<_>>().join(" ");
    let given = [entry.name.title, &entry.name.given].join(" ").trim().to_owned();
    let mut phones = entry.phones.iter().cloned();
    let (celular, telefone) = (phones.next().unwrap_or_default(), phones.next().unwrap_or_default());
    let (day, time) = entry.updated_at.day_and_time();
    let place = entry.place.clone();
    [
        key.clone(),
        kind.into(),
        given,
        first_family,
        other_family,
        entry.legal_name.clone(),
        entry.trade_name.clone(),
        entry.tax_id.clone(),
        entry.birth.map(|birth| birth.brazilian()).unwrap_or_default(),
        entry.sex.into(),
        entry.mother.clone(),
        telefone,
        celular,
        entry.emails.join(","),
        place.street,
        place.number,
        place.complement,
        place.district,
        place.city,
        place.region,
        place.postal_code,
        format!("{day} {time}"),
    ]
}
