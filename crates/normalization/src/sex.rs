//! Sex as the source states it: `F`, `M` or `X`.

use crate::fold::fold;
use crate::placeholder::is_placeholder;
use vinculo_records::Flag;

/// `F`, `M` or `X`; nothing for words and codes that are not known, among them the digits 1 and 2, which no two
/// systems use alike.
pub fn normalize(shown: &str, out: &mut String) -> Option<Flag> {
    let folded = fold(shown);
    let sex = match &*folded {
        "f" | "fem" | "feminino" | "feminina" | "female" | "mulher" | "woman" | "femenino" | "mujer" => 'F',
        "m" | "masc" | "masculino" | "masculina" | "male" | "homem" | "man" | "hombre" => 'M',
        "x" | "outro" | "outra" | "other" | "nao binario" | "nao binaria" | "non binary" | "nonbinary"
        | "intersexo" | "intersex" => 'X',
        "i" | "n" | "ni" | "u" => return Some(Flag::Placeholder),
        _ if is_placeholder(shown) => return Some(Flag::Placeholder),
        _ => return Some(Flag::UnknownCode),
    };
    out.push(sex);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_three_languages_are_known() {
        let cases = [
            ("f", "F", None),
            ("Feminino", "F", None),
            ("MULHER", "F", None),
            ("male", "M", None),
            ("Masc.", "M", None),
            ("Não-binário", "X", None),
            ("1", "", Some(Flag::UnknownCode)),
            ("Não informado", "", Some(Flag::Placeholder)),
            ("I", "", Some(Flag::Placeholder)),
        ];
        for (raw, sex, flag) in cases {
            let mut out = String::new();
            assert_eq!((normalize(raw, &mut out), out.as_str()), (flag, sex), "{raw}");
        }
    }
}
