//! What real files hold: every kind of bad value has a line here, by its number in the catalogue of bad inputs.

use crate::{rule, values};
use vinculo_normalization::FieldRule;
use vinculo_normalization::date::DateFormat;
use vinculo_normalization::number::Decimal;
use vinculo_records::{Flag, Kind};

/// Number, attribute, raw cell, shown value, flag.
type Case = (&'static str, &'static str, &'static str, &'static str, Option<Flag>);

fn check(cases: &[Case], kind: Kind, adapt: impl Fn(FieldRule) -> FieldRule) {
    for (id, attribute, raw, text, flag) in cases {
        let is = values(&adapt(rule(attribute)), raw, kind, "BR");
        assert_eq!(is, [(text.to_string(), *flag)], "{id} {attribute} {raw:?}");
    }
}

#[test]
fn unicode_is_tidied_and_what_is_suspicious_is_flagged() {
    let zalgo = "Z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}algo";
    check(
        &[
            ("B10", "full_name", "JoÃ£o Silva", "JoÃ£o Silva", Some(Flag::Mojibake)),
            ("B12", "full_name", "Ma\0ria", "Maria", Some(Flag::ControlCharacters)),
            ("B52", "full_name", "Jose\u{301}", "José", None),
            ("B52", "full_name", "José", "José", None),
            ("B53", "full_name", "Ma\u{200d}r\u{200b}ia\u{feff} Silva", "Maria Silva", Some(Flag::ControlCharacters)),
            ("B54", "full_name", "Maria \u{202e}avliS", "Maria avliS", Some(Flag::ControlCharacters)),
            ("B55", "full_name", "M\u{430}ria Silva", "M\u{430}ria Silva", Some(Flag::MixedScripts)),
            ("B56", "full_name", "😀", "", Some(Flag::NoLetters)),
            ("B56", "full_name", "Maria 😀", "Maria 😀", None),
            ("B58", "full_name", zalgo, "", Some(Flag::Marks)),
            ("B59", "phone", "（１１） ９８７６５-４３２１", "+5511987654321", None),
            ("B59", "tax_id", "５２９.９８２.２４７-２５", "52998224725", None),
            ("B60", "full_name", "\tMaria\u{a0}\u{a0}da  Silva\t", "Maria da Silva", None),
            ("B61", "full_name", "Jürgen Strauß", "Jürgen Strauß", None),
            ("B61", "full_name", "STRAUSS", "Strauss", None),
            ("B61", "full_name", "Yılmaz", "Yılmaz", None),
        ],
        Kind::Person,
        |rule| rule,
    );
}

#[test]
fn a_text_of_ten_thousand_letters_is_too_long() {
    for (attribute, raw) in
        [("full_name", "田".repeat(10_000)), ("legal_name", "A".repeat(301)), ("email", "a".repeat(301))]
    {
        let is = values(&rule(attribute), &raw, Kind::Organization, "BR");
        assert_eq!(is, [(String::new(), Some(Flag::TooLong))], "B57 {attribute}");
    }
    let just_fits = "éo".repeat(150);
    assert_eq!(values(&rule("legal_name"), &just_fits, Kind::Organization, "BR"), [(just_fits, None)]);
}

#[test]
fn stand_ins_for_a_name_are_placeholders_and_surnames_survive() {
    for raw in
        ["Teste", "Não informado", "N/A", "None", "Null", "nulo", "consumidor final", "xxx", "asdf", "...", "Sem Nome"]
    {
        check(&[("B62", "full_name", raw, "", Some(Flag::Placeholder))], Kind::Person, |rule| rule);
    }
    check(
        &[
            ("B62", "full_name", "Christopher Null", "Christopher Null", None),
            ("B62", "full_name", "MARIA NULO", "Maria Nulo", None),
            ("B62", "family_name", "Null", "Null", None),
            ("B62", "family_name", "None", "None", None),
            ("B62", "family_name", "Nulo", "Nulo", None),
            ("B62", "family_name", "não informado", "", Some(Flag::Placeholder)),
        ],
        Kind::Person,
        |rule| rule,
    );
}

#[test]
fn a_null_of_a_database_gives_no_value_at_all() {
    for attribute in ["full_name", "email", "tax_id", "birth_date", "text", "number"] {
        for raw in ["", "  ", "NULL", "\\N", "-", "\u{200b}"] {
            assert_eq!(values(&rule(attribute), raw, Kind::Person, "BR"), [], "{attribute} {raw:?}");
        }
    }
}

#[test]
fn dates_are_read_as_declared_or_flagged() {
    check(
        &[
            ("B63", "birth_date", "0001-01-01", "", Some(Flag::Placeholder)),
            ("B63", "birth_date", "1900-01-01", "", Some(Flag::Placeholder)),
            ("B63", "date", "9999-12-31", "", Some(Flag::Placeholder)),
            ("B64", "birth_date", "1980-02-31", "1980-02-31", Some(Flag::ImpossibleDate)),
            ("B65", "date", "infinity", "", Some(Flag::DateFormat)),
            ("B67", "birth_date", "01/02/2003", "", Some(Flag::DateFormat)),
            ("B68", "birth_date", "45292", "", Some(Flag::DateFormat)),
            ("B69", "birth_date", "2030-01-01", "2030-01-01", Some(Flag::FutureDate)),
            ("B69", "birth_date", "1850-06-01", "1850-06-01", Some(Flag::TooOld)),
            ("B69", "date", "2030-01-01", "2030-01-01", None),
        ],
        Kind::Person,
        |rule| rule,
    );
    let declared = |pattern: &'static str| {
        move |rule: FieldRule| FieldRule { formats: vec![DateFormat::new(pattern).expect("a good format")], ..rule }
    };
    let birth = |id, raw, text, flag| [(id, "birth_date", raw, text, flag)];
    check(&birth("B64", "31-02-1980", "1980-02-31", Some(Flag::ImpossibleDate)), Kind::Person, declared("%d-%m-%Y"));
    check(&birth("B66", "01/02/03", "", Some(Flag::DateFormat)), Kind::Person, declared("%d/%m/%Y"));
    check(&birth("B66", "01/02/53", "1953-02-01", None), Kind::Person, declared("%d/%m/%y"));
    check(&birth("B67", "01/02/2003", "2003-02-01", None), Kind::Person, declared("%d/%m/%Y"));
    check(&birth("B67", "01/02/2003", "2003-01-02", None), Kind::Person, declared("%m/%d/%Y"));
    check(&birth("B68", "36526", "2000-01-01", None), Kind::Person, declared("excel"));
}

#[test]
fn phones_become_e164_or_say_why_not() {
    check(
        &[
            ("B71", "phone", "(11) 99999-9999", "", Some(Flag::Placeholder)),
            ("B71", "phone", "00000000", "", Some(Flag::Placeholder)),
            ("B72", "phone", "(11) 8765-4321", "+5511987654321", None),
            ("B72", "phone", "011 98765-4321", "+5511987654321", None),
            ("B72", "phone", "0 21 11 98765-4321", "+5511987654321", None),
            ("B72", "phone", "5511987654321", "+5511987654321", None),
            ("B72", "phone", "8765-4321", "87654321", Some(Flag::InvalidPhone)),
            ("B73", "phone", "(11) 3333-4444 / (11) 98765-4321", "", Some(Flag::SeveralValues)),
        ],
        Kind::Person,
        |rule| rule,
    );
    let split = FieldRule { separator: Some("/".into()), ..rule("phone") };
    let both = values(&split, "(11) 3333-4444 / (11) 98765-4321", Kind::Person, "BR");
    assert_eq!(both, [("+551133334444".into(), None), ("+5511987654321".into(), None)], "B73");
}

#[test]
fn emails_are_lower_case_and_nobodys_are_placeholders() {
    check(
        &[
            ("B75", "email", "maria+promo@gmail.com", "maria+promo@gmail.com", None),
            ("B76", "email", "\"maria silva\"@loja.com", "\"maria silva\"@loja.com", None),
            ("B76", "email", "maria@açaí.com", "maria@xn--aa-4iaz.com", None),
            ("B77", "email", "semnome@loja.com", "", Some(Flag::Placeholder)),
            ("B77", "email", "nao@tem.com", "", Some(Flag::Placeholder)),
            ("B77", "email", "contato@loja.com", "contato@loja.com", Some(Flag::SharedMailbox)),
            ("B78", "email", "a.b@x.com; c.d@y.com", "", Some(Flag::SeveralValues)),
            ("B79", "email", "MARIA@LOJA.COM", "maria@loja.com", None),
            ("B79", "email", "maria.loja.com", "maria.loja.com", Some(Flag::InvalidEmail)),
        ],
        Kind::Person,
        |rule| rule,
    );
    let split = FieldRule { separator: Some(";".into()), ..rule("email") };
    let both = values(&split, "a.b@x.com; c.d@y.com;", Kind::Person, "BR");
    assert_eq!(both, [("a.b@x.com".into(), None), ("c.d@y.com".into(), None)], "B78");
}

#[test]
fn tax_identifiers_are_known_by_shape_and_check_digits() {
    check(
        &[
            ("B80", "tax_id", "111.111.111-11", "", Some(Flag::Placeholder)),
            ("B81", "tax_id", "3598224725", "3598224725", Some(Flag::UnknownIdentifier)),
            ("B81", "tax_id", "1234567890", "01234567890", Some(Flag::ZerosRestored)),
            ("B82", "tax_id", "1.11445E+10", "", Some(Flag::DigitsLost)),
            ("B83", "tax_id", "529.982.247-26", "52998224726", Some(Flag::CheckDigit)),
            ("B84", "tax_id", "529.982.247-25", "52998224725", None),
            ("B85", "tax_id", "11.222.333/0001-81", "11222333000181", Some(Flag::WrongKind)),
        ],
        Kind::Person,
        |rule| rule,
    );
    check(
        &[
            ("B84", "tax_id", "529.982.247-25", "52998224725", Some(Flag::WrongKind)),
            ("B85", "tax_id", "12.abc.345/01de-35", "12ABC34501DE35", None),
            ("B85", "tax_id", "12ABC34501DE35", "12ABC34501DE35", None),
            ("B85", "tax_id", "12.ABC.345/01DE-53", "12ABC34501DE53", Some(Flag::CheckDigit)),
        ],
        Kind::Organization,
        |rule| rule,
    );
}

#[test]
fn numbers_are_exact_and_read_as_declared() {
    check(
        &[
            ("B44", "number", "9007199254740993", "9007199254740993", None),
            ("B88", "number", "1,234.56", "1234.56", None),
            ("B88", "number", "1.234,56", "", Some(Flag::NotANumber)),
            ("B88", "number", "-15.50", "-15.5", None),
            ("B42", "number", "1e400", "", Some(Flag::DigitsLost)),
            ("B43", "number", "Infinity", "", Some(Flag::NotANumber)),
        ],
        Kind::Person,
        |rule| rule,
    );
    let comma = |rule| FieldRule { decimal: Decimal::Comma, ..rule };
    check(
        &[("B88", "number", "R$ 1.234,56", "1234.56", None), ("B88", "number", "1,234.56", "", Some(Flag::NotANumber))],
        Kind::Person,
        comma,
    );
}

#[test]
fn hostile_text_is_only_text() {
    for raw in [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(A1)",
        "'; DROP TABLE customer; --",
        "<script>alert(1)</script>",
        "{{7*7}} ${jndi:ldap://x}",
        "100% _real_",
    ] {
        check(&[("B89-B95", "text", raw, raw, None)], Kind::Person, |rule| rule);
    }
    check(
        &[
            ("B91", "website", "javascript:alert(1)", "javascript:alert(1)", Some(Flag::InvalidWebsite)),
            ("B93", "text", "red\u{1b}[31m\r\nline", "red[31m line", Some(Flag::ControlCharacters)),
        ],
        Kind::Organization,
        |rule| rule,
    );
    let slow_for_backtracking = "ab".repeat(145);
    let is = values(&rule("email"), &slow_for_backtracking, Kind::Person, "BR");
    assert_eq!(is[0].1, Some(Flag::InvalidEmail), "B94");
}

#[test]
fn a_set_gives_each_member() {
    let is = values(&rule("set"), "ANA SILVA**Rui  Sá**", Kind::Person, "BR");
    assert_eq!(is, [("ANA SILVA".into(), None), ("Rui Sá".into(), None)]);
}
