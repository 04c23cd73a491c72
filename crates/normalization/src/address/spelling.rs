//! One spelling for the words of streets, complements and districts. The written forms vary, the places do not.

mod short_forms;

use crate::fold::{fold, words};
use short_forms::{DIRECTIONS, IN_COMPLEMENTS, INSIDE, TYPES_AT_THE_END, TYPES_IN_FRONT, WHEREABOUTS};

/// Further words that need a number or a name behind them to be a street, and months, which days stand before.
const NO_NAMES: &str = "linha ramal vicinal sitio chacara acesso passagem viela servidao gleba anel marginal caminho \
    superquadra carrera street avenue highway route road janeiro fevereiro marco abril maio junho julho agosto setembro \
    outubro novembro dezembro";

/// Whether one word is the whole name of a street: `Broadway`, `Hauptstr.`, `72nd`.
pub(super) fn is_whole_name(word: &str) -> bool {
    let folded = fold(word);
    let letters = folded.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_ordinal = letters.len() < folded.len() && matches!(letters, "st" | "nd" | "rd" | "th");
    let is_word = letters.len() == folded.len() && letters.len() > 3 && !letters.contains(' ');
    is_ordinal || (is_word && !TYPES_IN_FRONT.knows(letters) && !NO_NAMES.split(' ').any(|word| word == letters))
}

/// Writes the words of a street, folded, its type and titles in one spelling, without `de`, `da`, `do`, and without what
/// tells where in the street the house stands.
pub fn street_words_into(street: &str, out: &mut String) {
    let folded = fold(street);
    let of_street = words(&folded).enumerate().take_while(|(n, word)| *n == 0 || !WHEREABOUTS.of(word).is_empty());
    let is_direction =
        |word: &str| DIRECTIONS.contains(&word) || word.starts_with("north") || word.starts_with("south");
    let last = of_street.clone().filter(|(_, word)| !is_direction(word)).last().map_or(0, |(n, _)| n);
    let spelled = of_street.map(|(n, word)| match n {
        0 => match TYPES_IN_FRONT.of(word) {
            same if same == word => INSIDE.of(word),
            other => other,
        },
        n if n == last => match TYPES_AT_THE_END.of(word) {
            same if same == word => INSIDE.of(word),
            other => other,
        },
        _ => INSIDE.of(word),
    });
    join(spelled, out);
}

/// Writes the words of a complement, folded, in one spelling; letters and digits stand apart (`ap12` is `apto 12`).
pub fn complement_words_into(complement: &str, out: &mut String) {
    let folded = fold(complement);
    let pieces = folded.split(' ').flat_map(|word| {
        let border = word.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let (letters, digits) = word.split_at(border);
        [letters, digits]
    });
    join(pieces.filter(|piece| !piece.is_empty()).map(|word| IN_COMPLEMENTS.of(word)), out);
}

/// Writes the words of a district or city, folded, in one spelling, without `de`, `da`, `do`.
pub fn district_words_into(district: &str, out: &mut String) {
    let folded = fold(district);
    join(words(&folded).map(|word| INSIDE.of(word)), out);
}

fn join<'a>(words: impl Iterator<Item = &'a str> + Clone, out: &mut String) {
    let is_connective = |word: &&str| matches!(*word, "de" | "da" | "do" | "das" | "dos" | "e");
    let only_connectives = words.clone().all(|word| is_connective(&word));
    let start = out.len();
    for word in words.filter(|word| only_connectives || !is_connective(word)) {
        if out.len() > start {
            out.push(' ');
        }
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(by: fn(&str, &mut String), text: &str) -> String {
        let mut out = String::new();
        by(text, &mut out);
        out
    }

    #[test]
    fn streets_have_one_spelling() {
        let groups: &[&[&str]] = &[
            &["Rua das Flores", "R. das Flores", "R DAS FLORES", "Rua Flores"],
            &["Avenida Doutor Arnaldo", "Av. Dr. Arnaldo", "AV DR ARNALDO"],
            &["Praça da Sé", "Pça da Sé", "Pc. Se"],
            &["Alameda Santos", "Al. Santos"],
            &["Rua Santo Antônio", "R. Sto Antonio"],
            &["High Street", "High St", "HIGH ST."],
            &["Station Road", "Station Rd"],
            &["Green Drive", "Green Dr"],
            &["St Georges Crescent", "St. Georges Cres"],
            &["East 49th Street", "E. 49th St."],
            &["Las Vegas Boulevard South", "Las Vegas Blvd. S"],
            &["Peachtree Road NE", "Peachtree Rd. Northeast"],
            &["North California Avenue", "N. California Ave"],
            &["9th Avenue", "Ninth Ave. between 50th and 51st Sts."],
            &["Rua XV de Novembro", "R. Quinze de Novembro", "Rua 15 de Novembro, esquina com a Rua da Praia"],
        ];
        for group in groups {
            for street in &group[1..] {
                assert_eq!(written(street_words_into, group[0]), written(street_words_into, street), "{street}");
            }
        }
        assert_ne!(written(street_words_into, "Rua Santos"), written(street_words_into, "Avenida Santos"));
    }

    #[test]
    fn complements_and_districts_have_one_spelling() {
        for complement in ["Apto 12 Bloco B", "ap12 bl B", "Apartamento 12, bl. b"] {
            assert_eq!(written(complement_words_into, complement), "apto 12 bloco b", "{complement}");
        }
        for district in ["Jardim São Paulo", "Jd. S. Paulo", "JD SAO PAULO"] {
            assert_eq!(written(district_words_into, district), "jardim sao paulo", "{district}");
        }
    }
}
