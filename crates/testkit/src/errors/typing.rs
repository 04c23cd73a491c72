//! Slips of the hand, the ear and the scanner, as they happen in Brazil.

use crate::chance::Chance;
use crate::world::contact::without_accent;

/// Keys side by side on a Brazilian keyboard (ABNT2), by row.
const KEY_ROWS: [&str; 3] = ["qwertyuiop", "asdfghjklç", "zxcvbnm"];

/// What sounds alike in Portuguese, or is written in several ways in names.
const BY_EAR: [(&str, &str); 40] = [
    ("ss", "ç"),
    ("ç", "ss"),
    ("ss", "s"),
    ("s", "z"),
    ("z", "s"),
    ("x", "ch"),
    ("ch", "x"),
    ("lh", "li"),
    ("li", "lh"),
    ("nh", "ni"),
    ("i", "y"),
    ("y", "i"),
    ("v", "w"),
    ("w", "v"),
    ("ph", "f"),
    ("f", "ph"),
    ("t", "th"),
    ("th", "t"),
    ("l", "ll"),
    ("ll", "l"),
    ("n", "nn"),
    ("nn", "n"),
    ("t", "tt"),
    ("tt", "t"),
    ("c", "k"),
    ("k", "c"),
    ("qu", "k"),
    ("ge", "je"),
    ("je", "ge"),
    ("j", "g"),
    ("m", "n"),
    ("n", "m"),
    ("e", "i"),
    ("i", "e"),
    ("o", "u"),
    ("ão", "am"),
    ("al", "au"),
    ("sc", "c"),
    ("h", ""),
    ("ei", "e"),
];

/// What a scanner takes for something else.
const BY_SCANNER: [(&str, &str); 10] = [
    ("rn", "m"),
    ("m", "rn"),
    ("l", "i"),
    ("i", "l"),
    ("o", "0"),
    ("e", "c"),
    ("c", "e"),
    ("cl", "d"),
    ("h", "b"),
    ("u", "v"),
];

/// A text with one slip in one of its words of three letters or more; as it is when there is none.
pub fn mistyped(text: &str, chance: &mut Chance) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let long: Vec<usize> = (0..words.len()).filter(|&i| words[i].chars().count() >= 3).collect();
    if long.is_empty() {
        return text.to_owned();
    }
    let slip = chance.pick(&long);
    let mistyped = mistyped_word(words[slip], chance);
    let written = words.iter().enumerate().map(|(i, word)| if i == slip { mistyped.as_str() } else { word });
    written.collect::<Vec<_>>().join(" ")
}

fn mistyped_word(word: &str, chance: &mut Chance) -> String {
    match chance.below(100) {
        0..38 => by_rule(word, &BY_EAR, chance).unwrap_or_else(|| hand_slip(word, chance)),
        38..44 => by_rule(word, &BY_SCANNER, chance).unwrap_or_else(|| hand_slip(word, chance)),
        _ => hand_slip(word, chance),
    }
}

/// One place where a rule applies, if there is one. Rules are for small letters; a replaced capital stays one.
fn by_rule(word: &str, rules: &[(&str, &str)], chance: &mut Chance) -> Option<String> {
    let small = word.to_lowercase();
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (rule, (from, _)) in rules.iter().enumerate() {
        places.extend(small.match_indices(from).map(|(at, _)| (rule, at)));
    }
    if places.is_empty() || small.len() != word.len() {
        return None;
    }
    let (rule, at) = chance.pick(&places);
    let (from, to) = rules[rule];
    let capital = word[at..].chars().next().is_some_and(char::is_uppercase);
    let mut replaced = to.to_owned();
    if capital {
        let mut letters = to.chars();
        replaced = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    }
    Some(format!("{}{replaced}{}", &word[..at], &word[at + from.len()..]))
}

/// A neighboring key, a letter left out, doubled, or swapped with the next. The first letter is seldom hit.
fn hand_slip(word: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let first = usize::from(!chance.hits(120));
    let at = first + chance.below((letters.len() - first) as u64) as usize;
    match chance.below(4) {
        0 => letters[at] = neighbor(letters[at], chance),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letters[at]),
        _ if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters.swap(at - 1, at),
    }
    letters.into_iter().collect()
}

fn neighbor(letter: char, chance: &mut Chance) -> char {
    let small = without_accent(letter).to_ascii_lowercase();
    for row in KEY_ROWS {
        let keys: Vec<char> = row.chars().collect();
        if let Some(key) = keys.iter().position(|&key| key == small) {
            let left = key.saturating_sub(1);
            let right = (key + 1).min(keys.len() - 1);
            let hit = keys[if chance.hits(500) { left } else { right }];
            return if letter.is_uppercase() { hit.to_ascii_uppercase() } else { hit };
        }
    }
    'a'
}

/// Digits with one of them wrong, or two swapped. Signs between them stay; a text without digits stays as it is.
pub fn wrong_digit(text: &str, chance: &mut Chance) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let digits: Vec<usize> = (0..characters.len()).filter(|&i| characters[i].is_ascii_digit()).collect();
    if digits.is_empty() {
        return text.to_owned();
    }
    let place = chance.below(digits.len() as u64) as usize;
    let next = digits.get(place + 1).copied();
    match next {
        Some(next) if chance.hits(350) && characters[digits[place]] != characters[next] => {
            characters.swap(digits[place], next);
        }
        _ => {
            let old = characters[digits[place]] as u8 - b'0';
            let new = (old + 1 + chance.below(9) as u8) % 10;
            characters[digits[place]] = char::from(b'0' + new);
        }
    }
    characters.into_iter().collect()
}

/// The text as a system shows it that takes UTF-8 for Windows-1252; as it is where that would leave control signs.
pub fn mojibake(text: &str) -> String {
    let (shown, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes());
    if shown.chars().any(char::is_control) { text.to_owned() } else { shown.into_owned() }
}

/// The text without accents, as systems keep it that know ASCII only.
pub fn without_accents(text: &str) -> String {
    text.chars().map(without_accent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_changes_one_word_a_little() {
        let mut changed = 0;
        for number in 0..2000 {
            let mistyped = mistyped("Conceição da Guimarães", &mut Chance::new(1, "test", number));
            changed += usize::from(mistyped != "Conceição da Guimarães");
            let words: Vec<&str> = mistyped.split(' ').collect();
            assert_eq!((words.len(), words[1]), (3, "da"));
            assert!(words[0] == "Conceição" || words[2] == "Guimarães", "{mistyped}");
        }
        assert!(changed > 1800, "{changed}");
    }

    #[test]
    fn short_words_and_empty_texts_survive() {
        let chance = &mut Chance::new(1, "test", 0);
        for text in ["", "da", "Sá de", "é"] {
            assert_eq!(mistyped(text, chance), text);
        }
        assert_eq!(wrong_digit("s/n", chance), "s/n");
    }

    #[test]
    fn a_wrong_digit_is_always_another_number() {
        for number in 0..2000 {
            let chance = &mut Chance::new(1, "test", number);
            let wrong = wrong_digit("(11) 98888-1234", chance);
            assert_ne!(wrong, "(11) 98888-1234");
            assert_eq!(wrong.len(), 15);
        }
    }

    #[test]
    fn mojibake_looks_as_it_does_everywhere() {
        assert_eq!(mojibake("João"), "JoÃ£o");
        assert_eq!(mojibake("Ana"), "Ana");
    }
}
