//! Phone numbers and e-mail addresses: each belongs to one bearer, unless people share it.

use super::naming::PersonName;
use crate::chance::{Chance, Weights, spread};
use std::sync::LazyLock;

/// Numbers of four first digits times seven others.
const NUMBERS: u64 = 40_000_000;

/// A mobile number of ten or eleven digits: area code, ninth digit, eight digits; Portuguese for area code 0.
pub fn mobile(area_code: u32, bearer: u64) -> String {
    let number = spread(bearer, NUMBERS);
    match area_code {
        0 => format!("+3519{}{:07}", 1 + number / 10_000_000 % 3, number % 10_000_000),
        _ => format!("{area_code}9{}{:07}", 6 + number / 10_000_000, number % 10_000_000),
    }
}

/// A landline number of ten digits: area code and eight digits; Portuguese for area code 0.
pub fn landline(area_code: u32, bearer: u64) -> String {
    let number = spread(bearer, NUMBERS);
    match area_code {
        0 => format!("+3512{}{:07}", 1 + number / 10_000_000 % 3, number % 10_000_000),
        _ => format!("{area_code}{}{:07}", 2 + number / 10_000_000, number % 10_000_000),
    }
}

const PROVIDERS: [(&str, u64); 10] = [
    ("gmail.com", 610),
    ("hotmail.com", 165),
    ("outlook.com", 70),
    ("yahoo.com.br", 70),
    ("icloud.com", 25),
    ("uol.com.br", 20),
    ("bol.com.br", 15),
    ("yahoo.com", 12),
    ("live.com", 8),
    ("terra.com.br", 5),
];
static PROVIDER_WEIGHTS: LazyLock<Weights> =
    LazyLock::new(|| Weights::new(PROVIDERS.iter().map(|&(_, weight)| weight)));

const HANDLES: [&str; 24] = [
    "gata",
    "princesa",
    "flor",
    "estrela",
    "guerreiro",
    "moto",
    "vida",
    "paz",
    "fe",
    "amor",
    "sol",
    "lua",
    "leao",
    "tricolor",
    "rubronegro",
    "timao",
    "verdao",
    "mengao",
    "surf",
    "rock",
    "samba",
    "dj",
    "prof",
    "dra",
];

/// An address of this person: mostly made from the name, with as many digits as a world of `population` people needs
/// to tell namesakes apart.
pub fn email(name: &PersonName, birth_year: u32, population: u64, chance: &mut Chance) -> String {
    let first = ascii_word(name.given[0]);
    let last = name.family.last().expect("everybody has a surname");
    let family = ascii_word(&last.text);
    let namesakes = population as u128 * u128::from(name.given_share) * u128::from(last.share) / 1_000_000_000_000_000;
    let (local, alike) = match chance.below(10) {
        0..3 => (format!("{first}.{family}"), namesakes),
        3..5 => (format!("{first}{family}"), namesakes),
        5 => (format!("{first}_{family}"), namesakes),
        6 => (format!("{}{family}", &first[..1]), namesakes * 40),
        7 => (format!("{family}.{first}"), namesakes),
        8 => (first, u128::from(name.given_share) * population as u128 / 1_000_000),
        _ => {
            let handle = chance.pick(&HANDLES);
            (format!("{handle}{}", &first[..first.len().min(3)]), population as u128)
        }
    };
    let provider = PROVIDERS[PROVIDER_WEIGHTS.pick(chance)].0;
    format!("{local}{}@{provider}", digits(alike, birth_year, chance))
}

/// `alike`: how many thousandths of a person would choose the same address.
fn digits(alike: u128, birth_year: u32, chance: &mut Chance) -> String {
    match alike {
        0..5 if chance.hits(550) => String::new(),
        0..50 => format!("{:02}", birth_year % 100),
        50..300 => birth_year.to_string(),
        _ => {
            let space = (alike / 10).clamp(1_000, 100_000_000).next_power_of_two() as u64;
            chance.below(space).to_string()
        }
    }
}

/// The last word in small ASCII letters: `da Conceição` gives `conceicao`.
pub fn ascii_word(text: &str) -> String {
    let last = text.rsplit(' ').next().unwrap_or(text);
    let letters = last.chars().map(without_accent).filter(char::is_ascii_alphabetic);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The letter without its accent, cedilla or umlaut.
pub fn without_accent(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'ê' => 'e',
        'í' => 'i',
        'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'Á' | 'À' | 'Â' | 'Ã' | 'Ä' => 'A',
        'É' | 'Ê' => 'E',
        'Í' => 'I',
        'Ó' | 'Ô' | 'Õ' | 'Ö' => 'O',
        'Ú' | 'Ü' => 'U',
        'Ç' => 'C',
        'Ñ' => 'N',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::naming::{self, Sex};
    use std::collections::HashMap;

    #[test]
    fn phone_numbers_have_their_length() {
        assert_eq!(mobile(11, 5).len(), 11);
        assert_eq!(landline(11, 5).len(), 10);
        assert_eq!(mobile(0, 5).len(), 13);
        assert_ne!(mobile(11, 5), mobile(11, 6));
    }

    #[test]
    fn hardly_any_address_belongs_to_two_people() {
        let chance = &mut Chance::new(1, "test", 0);
        let mut bearers: HashMap<String, u32> = HashMap::new();
        for _ in 0..20_000 {
            let name = naming::person_name(Sex::Female, naming::family_names(chance), chance);
            *bearers.entry(email(&name, 1980, 20_000, chance)).or_default() += 1;
        }
        let shared: u32 = bearers.values().filter(|&&count| count > 1).sum();
        assert!(shared < 400, "{shared} of 20,000");
    }

    #[test]
    fn words_of_addresses_are_ascii() {
        assert_eq!(ascii_word("da Conceição"), "conceicao");
        assert_eq!(ascii_word("Sant'Anna"), "santanna");
    }
}
