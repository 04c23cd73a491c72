//! `erp.xlsx`: a workbook of two sheets; some identifiers are numbers, as spreadsheets make them.

use super::{GenerateError, Keyed};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};
use std::path::Path;

const COLUMNS: [&str; 12] = [
    "Código",
    "Razão Social",
    "Nome Fantasia",
    "CNPJ",
    "Telefone",
    "E-mail",
    "Site",
    "Endereço",
    "Cidade",
    "UF",
    "CEP",
    "Última Alteração",
];
/// The column of identifiers, and how many rows lie between two that hold a number in place of a text.
const IDENTIFIER_COLUMN: u16 = 3;
const NUMBER_EVERY: usize = 9;
/// Where the row without a key stands, which is rejected.
const BROKEN_AT: usize = 400;

pub(super) fn write(entries: &[Keyed], path: &Path) -> Result<(), GenerateError> {
    let failed = |source| GenerateError::Workbook { path: path.to_owned(), source };
    workbook(entries).and_then(|mut workbook| workbook.save(path)).map_err(failed)
}

fn workbook(entries: &[Keyed]) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    // A fixed day, so that the same seed gives the same bytes.
    let created = ExcelDateTime::from_ymd(2026, 7, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    customers(workbook.add_worksheet().set_name("Clientes")?, entries)?;
    let notes = workbook.add_worksheet().set_name("Leia-me")?;
    notes.write_string(0, 0, "Exportação do ERP. Os clientes estão na planilha Clientes.")?;
    Ok(workbook)
}

fn customers(sheet: &mut Worksheet, entries: &[Keyed]) -> Result<(), XlsxError> {
    for (column, name) in (0..).zip(COLUMNS) {
        sheet.write_string(0, column, name)?;
    }
    let mut row = 1;
    for (position, keyed) in entries.iter().enumerate() {
        if position == BROKEN_AT {
            sheet.write_string(row, 1, "Cadastro sem código Ltda")?;
            row += 1;
        }
        for (column, text) in (0..).zip(cells(keyed)) {
            let number =
                text.parse::<f64>().ok().filter(|_| column == IDENTIFIER_COLUMN && position % NUMBER_EVERY == 0);
            match number {
                Some(number) => sheet.write_number(row, column, number)?,
                None if text.is_empty() => continue,
                None => sheet.write_string(row, column, text)?,
            };
        }
        row += 1;
    }
    Ok(())
}

fn cells(Keyed { key, entry }: &Keyed) -> [String; 12] {
    let place = &entry.place;
    let (day, time) = entry.updated_at.day_and_time();
    [
        key.clone(),
        entry.legal_name.clone(),
        entry.trade_name.clone(),
        entry.tax_id.clone(),
        entry.phones.join(" / "),
        entry.emails.join(" / "),
        entry.website.clone(),
        place.line(),
        place.city.clone(),
        place.region.clone(),
        place.postal_code.clone(),
        format!("{day} {time}"),
    ]
}
