//! What is compared of a record.

use super::*;
use vinculo_records::NormalizedRecord;

fn columns(kind: Kind, values: &[(Standard, &str, Option<Flag>)]) -> Vec<(Comparable, Vec<String>)> {
    let mut record = NormalizedRecord::new(kind, None, 0);
    for &(attribute, text, flag) in values {
        record.push(Value { attribute: attribute.into(), text, flag });
    }
    let mut writer = ComparableWriter::new(kind, &Attributes::default(), "BR");
    writer.push(RecordHash(1), record.view());
    let records = writer.finish();
    let filled = records.columns().map(|(what, column)| (what, column.get(0).map(str::to_owned).collect()));
    filled.filter(|(_, values): &(_, Vec<String>)| !values.is_empty()).collect()
}

fn expected(columns: &[(Comparable, &[&str])]) -> Vec<(Comparable, Vec<String>)> {
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    columns.iter().map(|(what, values)| (*what, owned(values))).collect()
}

#[test]
fn a_person_gives_words_sounds_and_digits() {
    let found = columns(
        Kind::Person,
        &[
            (Standard::GivenName, "Ana", None),
            (Standard::FamilyName, "de Lima Neto", None),
            (Standard::BirthDate, "1980-02-31", Some(Flag::ImpossibleDate)),
            (Standard::TaxId, "52998224725", None),
            (Standard::TaxId, "12345678900", Some(Flag::CheckDigit)),
            (Standard::Email, "Ana+Promo@Loja.com", None),
            (Standard::Phone, "+5511987654321", None),
            (Standard::Phone, "", Some(Flag::Placeholder)),
        ],
    );
    let sounds = [sound::key("ana"), sound::key("lima")];
    assert_eq!(
        found,
        expected(&[
            (Comparable::Name, &["ana", "lima"]),
            (Comparable::NameSound, &[&sounds[0], &sounds[1]]),
            (Comparable::GivenNameCount, &["1"]),
            (Comparable::NameGeneration, &["neto"]),
            (Comparable::BirthDate, &["19800231"]),
            (Comparable::TaxId, &["cpf:52998224725"]),
            (Comparable::TaxCode, &["12345678900"]),
            (Comparable::Email, &["ana@loja.com"]),
            (Comparable::Phone, &["5511987654321"]),
        ])
    );
}

#[test]
fn a_street_gives_the_number_and_the_complement_that_stand_in_it() {
    use Comparable::{Complement, HouseNumber, Street};
    type Found<'a> = &'a [(Comparable, &'a [&'a str])];
    let cases: [(&str, &str, Found<'_>); 13] = [
        (
            "Rua do Ouro 10, 3º Esq",
            "",
            &[(Street, &["rua", "ouro"]), (HouseNumber, &["10"]), (Complement, &["3o", "esquerdo"])],
        ),
        ("Rua A - 2º esq", "", &[(Street, &["rua", "a"]), (Complement, &["2o", "esquerdo"])]),
        ("1ª Travessa do Sol", "", &[(Street, &["1a", "travessa", "sol"])]),
        ("Estrada Nacional 10", "", &[(Street, &["estrada", "nacional", "10"])]),
        ("EN 10", "", &[(Street, &["estrada", "nacional", "10"])]),
        ("Pcta. Zirbo, 68", "", &[(Street, &["praceta", "zirbo"]), (HouseNumber, &["68"])]),
        ("Rodovia BR 101", "", &[(Street, &["rodovia", "br", "101"])]),
        (
            "Rua das Flores, 123 apto 4",
            "",
            &[(Street, &["rua", "flores"]), (HouseNumber, &["123"]), (Complement, &["apto", "4"])],
        ),
        ("120 High Street", "", &[(Street, &["high", "street"]), (HouseNumber, &["120"])]),
        ("Av. Brasil nº 1500", "", &[(Street, &["avenida", "brasil"]), (HouseNumber, &["1500"])]),
        ("Rua 7 de Setembro", "", &[(Street, &["rua", "7", "setembro"])]),
        ("Rua 10", "", &[(Street, &["rua", "10"])]),
        ("Rua 25 de Março", "300", &[(Street, &["rua", "25", "marco"]), (HouseNumber, &["300"])]),
    ];
    for (street, number, parts) in cases {
        let stated = [(Standard::Street, street, None), (Standard::HouseNumber, number, None)];
        assert_eq!(columns(Kind::Person, &stated), expected(parts), "{street} {number}");
    }
}

#[test]
fn an_organization_leaves_its_legal_form_out_of_its_name() {
    let found = columns(
        Kind::Organization,
        &[
            (Standard::LegalName, "Açaí do Norte Ltda.", None),
            (Standard::Email, "info@acai.com.br", Some(Flag::SharedMailbox)),
            (Standard::Website, "www.acai.com.br", None),
        ],
    );
    assert_eq!(
        found,
        expected(&[
            (Comparable::OrganizationName, &["acai norte"]),
            (Comparable::LegalForm, &["ltda"]),
            (Comparable::Website, &["acai.com.br"]),
            (Comparable::SharedEmail, &["info@acai.com.br"]),
        ])
    );
}
