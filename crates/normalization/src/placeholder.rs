//! Stand-ins for a missing value: what people and systems write where they know nothing.

use crate::fold::fold;

/// Whether a raw cell says, in the way of a database or spreadsheet, that there is no value.
pub fn is_null(trimmed: &str) -> bool {
    matches!(
        trimmed,
        "" | "NULL"
            | "null"
            | "(null)"
            | "<null>"
            | "[NULL]"
            | "\\N"
            | "\\n"
            | "-"
            | "--"
            | "nan"
            | "NaN"
            | "#N/A"
            | "#n/a"
            | "#N/D"
            | "#n/d"
            | "<NA>"
    )
}

/// Whether a text stands for a missing value, whatever the field.
pub fn is_placeholder(text: &str) -> bool {
    is_missing(text, &fold(text))
}

/// Whether a text stands for a missing name. `Null`, `Nulo`, `None` and `Teste` are also surnames of real people:
/// where a text is known to be a family name, they are left alone.
pub fn is_name_placeholder(text: &str, is_family_name: bool) -> bool {
    let folded = fold(text);
    if is_missing(text, &folded) {
        return true;
    }
    let mut words = folded.split(' ');
    UNNAMED.contains(&&*folded)
        || (!is_family_name && (NULL_WORDS.contains(&&*folded) || words.all(|word| TEST_WORDS.contains(&word))))
}

fn is_missing(text: &str, folded: &str) -> bool {
    folded.is_empty() && is_punctuation(text) || MISSING.contains(&folded) || is_keyboard_play(folded)
}

/// The words of a test record, alone or together: `Cliente Teste`.
const TEST_WORDS: [&str; 10] =
    ["teste", "test", "testes", "tester", "testando", "cliente", "client", "customer", "consumidor", "usuario"];

const NULL_WORDS: [&str; 6] = ["null", "nulo", "nula", "none", "nil", "undefined"];

const MISSING: [&str; 46] = [
    "nao informado",
    "nao informada",
    "nao informou",
    "nao info",
    "n informado",
    "n inf",
    "nao identificado",
    "nao identificada",
    "nao cadastrado",
    "nao consta",
    "nao tem",
    "nao possui",
    "nao disponivel",
    "nao aplicavel",
    "nao se aplica",
    "nao sei",
    "nao ha",
    "nao existe",
    "nao declarado",
    "sem informacao",
    "sem informacoes",
    "sem dados",
    "sem cadastro",
    "ignorado",
    "ignorada",
    "desconhecido",
    "desconhecida",
    "unknown",
    "not informed",
    "not available",
    "not applicable",
    "not provided",
    "no data",
    "missing",
    "n a",
    "n d",
    "n i",
    "n c",
    "nd",
    "a definir",
    "a confirmar",
    "a preencher",
    "em branco",
    "vazio",
    "indefinido",
    "isento",
];

const UNNAMED: [&str; 22] = [
    "sem nome",
    "sem sobrenome",
    "no name",
    "noname",
    "nome",
    "name",
    "nome completo",
    "sobrenome",
    "consumidor final",
    "cliente final",
    "cliente padrao",
    "cliente balcao",
    "cliente diversos",
    "cliente avulso",
    "cliente nao identificado",
    "cliente generico",
    "venda balcao",
    "venda consumidor",
    "fulano",
    "fulano de tal",
    "anonimo",
    "anonymous",
];

fn is_punctuation(text: &str) -> bool {
    let mut chars = text.chars();
    !text.is_empty() && chars.all(|c| c.is_ascii() || matches!(c, '´' | '¨' | '·' | '\u{2010}'..='\u{2027}'))
}

/// `xxx`, `aaaa`, `asdf`, `qwerty`: one letter over and over, or a run of neighboring keys.
pub(crate) fn is_keyboard_play(folded: &str) -> bool {
    const ROWS: [&str; 4] = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefgh"];
    let letters = || folded.bytes().filter(|b| *b != b' ');
    let Some(first) = letters().next() else { return false };
    let count = letters().count();
    if !first.is_ascii_lowercase() {
        return false;
    }
    let same = letters().all(|b| b == first);
    same && (count >= 3 || (count == 2 && first == b'x'))
        || count >= 4 && !folded.contains(' ') && ROWS.iter().any(|row| row.contains(folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_recognized_in_any_spelling() {
        for text in [
            "Não informado",
            "NAO INFORMADO",
            "n/a",
            "N/D",
            "xxx",
            "XXXXXX",
            "xx",
            "asdf",
            "qwerty",
            "aaaa",
            ".",
            "...",
            "???",
            "*",
            "Desconhecido",
            "a definir",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "Consumidor Final",
            "cliente",
            "Cliente Teste",
            "TESTE",
            "teste teste",
            "Sem Nome",
            "null",
            "None",
            "fulano de tal",
        ] {
            assert!(is_name_placeholder(text, false), "{text}");
        }
    }

    #[test]
    fn real_names_are_no_stand_ins() {
        for text in [
            "Ana",
            "Maria Null",
            "Christopher Null",
            "João Nulo",
            "Ng",
            "Li",
            "Na",
            "Ed",
            "Io",
            "Abel",
            "Asa",
            "田中",
            "Bob",
        ] {
            assert!(!is_name_placeholder(text, false), "{text}");
        }
        for surname in ["Null", "Nulo", "None", "Teste", "Cliente", "Na"] {
            assert!(!is_name_placeholder(surname, true), "{surname}");
        }
    }

    #[test]
    fn a_database_null_is_no_value() {
        for text in ["", "NULL", "\\N", "\\n", "-", "null"] {
            assert!(is_null(text), "{text}");
        }
        assert!(!is_null("Null"));
    }
}
