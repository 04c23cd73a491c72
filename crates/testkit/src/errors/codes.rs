//! Identifiers, dates, phones and e-mail addresses as they are got wrong.

use super::typing;
use crate::chance::Chance;
use crate::day::Day;
use crate::identifiers::{is_valid_cnpj, is_valid_cpf};

/// What is typed where a form demands a CPF.
pub const CPF_PLACEHOLDERS: [&str; 5] =
    ["000.000.000-00", "00000000000", "111.111.111-11", "99999999999", "123.456.789-00"];
/// What is typed where a form demands a CNPJ.
pub const CNPJ_PLACEHOLDERS: [&str; 3] = ["00.000.000/0000-00", "00000000000000", "ISENTO"];
/// What is typed where a form demands an e-mail address.
pub const EMAIL_PLACEHOLDERS: [&str; 7] = [
    "naotem@email.com",
    "naotem@naotem.com",
    "nao@tem.com",
    "sem@email.com",
    "teste@teste.com",
    "x@x.com",
    "cliente@loja.com.br",
];
/// What is typed where a form demands a phone number.
pub const PHONE_PLACEHOLDERS: [&str; 5] =
    ["(00) 0000-0000", "0000000000", "(11) 99999-9999", "999999999", "(11) 1111-1111"];
/// What is typed where a form demands any text.
pub const TEXT_PLACEHOLDERS: [&str; 4] = ["NÃO INFORMADO", "NAO INFORMADO", "N/A", "."];

/// A tax identifier with a digit wrong or two swapped, so that its check digits do not hold: a system that checks them
/// would have refused it, one that does not keeps it. Never the valid identifier of somebody else.
pub fn wrong_tax_id(tax_id: &str, chance: &mut Chance) -> String {
    loop {
        let wrong = typing::wrong_digit(tax_id, chance);
        if !is_valid_cpf(&wrong) && !is_valid_cnpj(&wrong) {
            return wrong;
        }
    }
}

/// A day with one digit wrong. Some of these days no calendar has.
pub fn wrong_day(day: Day, chance: &mut Chance) -> Day {
    match chance.below(5) {
        0 | 1 => Day { day: 1 + (day.day + [0, 8, 9, 10, 29][chance.below(5) as usize]) % 31, ..day },
        2 => Day { month: 1 + (day.month + chance.between(0, 10)) % 12, ..day },
        _ => Day {
            year: match chance.below(4) {
                0 => day.year + 1,
                1 => day.year - 1,
                2 => day.year - 10,
                _ => swapped_decade(day.year),
            },
            ..day
        },
    }
}

/// 1967 for 1976; ten years less where both digits are the same.
fn swapped_decade(year: u32) -> u32 {
    let (century, decade, unit) = (year / 100, year / 10 % 10, year % 10);
    match century * 100 + unit * 10 + decade {
        swapped if swapped != year && swapped <= 2012 => swapped,
        _ => year - 10,
    }
}

/// Day and month swapped, where both are then possible; the same day otherwise.
pub fn swapped_day(day: Day) -> Day {
    if day.day > 12 {
        return day;
    }
    Day { month: day.day, day: day.month, ..day }
}

/// A Brazilian phone number without its ninth digit, or without its area code.
pub fn short_phone(phone: &str, chance: &mut Chance) -> String {
    match phone.len() {
        11 if chance.hits(550) => format!("{}{}", &phone[..2], &phone[3..]),
        10 | 11 => phone[2..].to_owned(),
        _ => phone.to_owned(),
    }
}

/// A phone number as somebody writes it.
pub fn written_phone(phone: &str, chance: &mut Chance) -> String {
    let brazilian = phone.len() == 10 || phone.len() == 11;
    if !brazilian {
        return phone.to_owned();
    }
    let (area, rest) = phone.split_at(2);
    let (front, back) = rest.split_at(rest.len() - 4);
    match chance.below(8) {
        0..3 => format!("({area}) {front}-{back}"),
        3 => format!("({area}){front}{back}"),
        4 => format!("{area} {front}-{back}"),
        5 => format!("0{area}{front}{back}"),
        6 => format!("+55 {area} {front}-{back}"),
        _ => phone.to_owned(),
    }
}

/// A slip in an e-mail address: in the name, or in the provider as people get it wrong.
pub fn mistyped_email(email: &str, chance: &mut Chance) -> String {
    const PROVIDERS: [(&str, &str); 8] = [
        ("@gmail.com", "@gmial.com"),
        ("@gmail.com", "@gmail.com.br"),
        ("@gmail.com", "@gamil.com"),
        ("@gmail.com", "@gmail.con"),
        ("@hotmail.com", "@hotmal.com"),
        ("@hotmail.com", "@hotmail.com.br"),
        ("@yahoo.com.br", "@yahoo.com"),
        ("@outlook.com", "@outlok.com"),
    ];
    let fitting: Vec<(&str, &str)> = PROVIDERS.into_iter().filter(|(right, _)| email.ends_with(right)).collect();
    if !fitting.is_empty() && chance.hits(400) {
        let (right, wrong) = chance.pick(&fitting);
        return email.replace(right, wrong);
    }
    let Some((name, provider)) = email.split_once('@') else {
        return email.to_owned();
    };
    let digits = name.bytes().any(|byte| byte.is_ascii_digit()) && chance.hits(300);
    let name = if digits { typing::wrong_digit(name, chance) } else { typing::mistyped(name, chance) };
    format!("{}@{provider}", typing::without_accents(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::cpf;

    #[test]
    fn a_wrong_tax_id_never_belongs_to_somebody_else() {
        for number in 0..5000 {
            let chance = &mut Chance::new(1, "test", number);
            let wrong = wrong_tax_id(&cpf(number as u32 * 199_999), chance);
            assert!(!is_valid_cpf(&wrong), "{wrong}");
        }
    }

    #[test]
    fn wrong_days_are_other_days() {
        let day = Day { year: 1976, month: 3, day: 12 };
        for number in 0..1000 {
            let wrong = wrong_day(day, &mut Chance::new(1, "test", number));
            assert_ne!(wrong, day);
            assert!((1..=12).contains(&wrong.month) && (1..=31).contains(&wrong.day), "{wrong:?}");
        }
        assert_eq!(swapped_day(day).iso(), "1976-12-03");
    }

    #[test]
    fn a_short_phone_lacks_the_ninth_digit_or_the_area_code() {
        for number in 0..50 {
            let short = short_phone("11987654321", &mut Chance::new(1, "test", number));
            assert!(["1187654321", "987654321"].contains(&short.as_str()), "{short}");
        }
    }
}
