//! Numbers in names tell branches, funds and regiments of one name apart: `Filial 2`, `Fund III`, `Segunda Igreja`.

/// Words that stand for a number that counts something out; `tres irmaos` does not.
const ORDINALS: [(&str, u32); 36] = [
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("1st", 1),
    ("2nd", 2),
    ("3rd", 3),
    ("4th", 4),
    ("5th", 5),
    ("primeiro", 1),
    ("primeira", 1),
    ("segundo", 2),
    ("segunda", 2),
    ("terceiro", 3),
    ("terceira", 3),
    ("quarto", 4),
    ("quarta", 4),
    ("quinto", 5),
    ("quinta", 5),
    ("ii", 2),
    ("iii", 3),
    ("iv", 4),
    ("vi", 6),
    ("vii", 7),
    ("viii", 8),
    ("ix", 9),
    ("xi", 11),
    ("xii", 12),
    ("xiii", 13),
    ("xiv", 14),
];
/// A longer run of digits is a code, which typing errors may befall.
const DIGITS_MAX: usize = 4;

/// The number that a word of a name stands for, at its place in the name. Roman numerals do not begin a name.
pub(super) fn number(word: &[u8], place: usize) -> Option<u32> {
    let text = std::str::from_utf8(word).ok()?;
    if text.len() <= DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let roman = text.bytes().all(|byte| b"ivx".contains(&byte));
    ORDINALS.iter().find(|(ordinal, _)| *ordinal == text && !(roman && place == 0)).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_ordinals_and_roman_numerals_are_numbers() {
        let cases = [
            ("2", 1, Some(2)),
            ("007", 1, Some(7)),
            ("third", 0, Some(3)),
            ("segunda", 0, Some(2)),
            ("iv", 2, Some(4)),
            ("ii", 0, None),
            ("i", 1, None),
            ("tres", 0, None),
            ("2b", 1, None),
            ("123456", 1, None),
        ];
        for (word, place, expected) in cases {
            assert_eq!(number(word.as_bytes(), place), expected, "{word}");
        }
    }
}
