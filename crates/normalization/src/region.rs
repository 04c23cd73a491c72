//! States and provinces.

use crate::fold::fold;
use vinculo_records::Flag;

/// The states of Brazil: code of the IBGE, abbreviation, folded name.
const STATES: [(&str, &str, &str); 27] = [
    ("11", "RO", "rondonia"),
    ("12", "AC", "acre"),
    ("13", "AM", "amazonas"),
    ("14", "RR", "roraima"),
    ("15", "PA", "para"),
    ("16", "AP", "amapa"),
    ("17", "TO", "tocantins"),
    ("21", "MA", "maranhao"),
    ("22", "PI", "piaui"),
    ("23", "CE", "ceara"),
    ("24", "RN", "rio grande do norte"),
    ("25", "PB", "paraiba"),
    ("26", "PE", "pernambuco"),
    ("27", "AL", "alagoas"),
    ("28", "SE", "sergipe"),
    ("29", "BA", "bahia"),
    ("31", "MG", "minas gerais"),
    ("32", "ES", "espirito santo"),
    ("33", "RJ", "rio de janeiro"),
    ("35", "SP", "sao paulo"),
    ("41", "PR", "parana"),
    ("42", "SC", "santa catarina"),
    ("43", "RS", "rio grande do sul"),
    ("50", "MS", "mato grosso do sul"),
    ("51", "MT", "mato grosso"),
    ("52", "GO", "goias"),
    ("53", "DF", "distrito federal"),
];

/// A region as its code where it is known: in Brazil the abbreviation of the state. In other countries short codes are
/// capitals and names keep their text. `country` is two capital letters.
pub fn normalize(shown: &str, country: &str, out: &mut String) -> Option<Flag> {
    if country != "BR" {
        if shown.len() <= 3 && shown.bytes().all(|b| b.is_ascii_alphabetic()) {
            out.push_str(&shown.to_ascii_uppercase());
        } else {
            out.push_str(shown);
        }
        return None;
    }
    match state_of(shown) {
        Some(state) => {
            out.push_str(state);
            None
        }
        None => {
            out.push_str(shown);
            Some(Flag::UnknownCode)
        }
    }
}

/// The abbreviation of a Brazilian state for its abbreviation, name or IBGE code.
pub fn state_of(text: &str) -> Option<&'static str> {
    let folded = fold(text);
    let bare = ["br ", "estado de ", "estado do ", "estado da "]
        .iter()
        .find_map(|prefix| folded.strip_prefix(prefix))
        .unwrap_or(&folded);
    STATES
        .iter()
        .find(|(ibge, short, name)| bare == *ibge || short.eq_ignore_ascii_case(bare) || bare == *name)
        .map(|(_, short, _)| *short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_any_of_its_names() {
        let cases = [
            ("BR", "SP", "SP", None),
            ("BR", "sp", "SP", None),
            ("BR", "São Paulo", "SP", None),
            ("BR", "Estado do Rio de Janeiro", "RJ", None),
            ("BR", "BR-MG", "MG", None),
            ("BR", "35", "SP", None),
            ("BR", "Califórnia", "Califórnia", Some(Flag::UnknownCode)),
            ("AU", "nsw", "NSW", None),
            ("PT", "Lisboa", "Lisboa", None),
        ];
        for (country, raw, region, flag) in cases {
            let mut out = String::new();
            assert_eq!((normalize(raw, country, &mut out), out.as_str()), (flag, region), "{raw}");
        }
    }
}
