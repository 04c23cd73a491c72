//! Tax identifiers whose check digits hold, and the check itself.
//!
//! Written apart from the normalization's own rules on purpose: what is generated here tests them.

/// The CPF over nine digits, `base` below 1,000,000,000. Modulo 11, Receita Federal.
pub fn cpf(base: u32) -> String {
    let mut digits: Vec<u8> = format!("{base:09}").bytes().collect();
    for _ in 0..2 {
        let weights = (2..).take(digits.len());
        digits.push(modulo_11(digits.iter().rev().copied().zip(weights)));
    }
    text(digits)
}

/// Whether these are eleven digits of a CPF; the ones of a single repeated digit are not.
pub fn is_valid_cpf(digits: &str) -> bool {
    let base = digits.get(..9).and_then(|base| base.parse().ok());
    let repeated = digits.bytes().all(|digit| Some(digit) == digits.bytes().next());
    digits.len() == 11 && !repeated && base.is_some_and(|base| cpf(base) == digits)
}

/// The CNPJ of an establishment: the company's eight characters and the establishment's number, 1 for headquarters.
/// Digits and, since July 2026, capital letters: IN RFB 2.229/2024.
pub fn cnpj(root: &str, establishment: u16) -> String {
    with_check_digits(&format!("{root}{establishment:04}"))
}

fn with_check_digits(twelve: &str) -> String {
    let mut characters: Vec<u8> = twelve.bytes().collect();
    for _ in 0..2 {
        let weights = (2..=9).cycle();
        characters.push(modulo_11(characters.iter().rev().copied().zip(weights)));
    }
    text(characters)
}

/// Whether these are fourteen characters of a CNPJ.
pub fn is_valid_cnpj(characters: &str) -> bool {
    let (Some(root), Some(establishment)) = (characters.get(..8), characters.get(8..12)) else {
        return false;
    };
    let alphanumeric = characters.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    let number = establishment.parse().unwrap_or(0);
    alphanumeric && number > 0 && cnpj(root, number) == characters
}

/// The Portuguese NIF over eight digits, `base` below 100,000,000. Modulo 11, Autoridade Tributária.
pub fn nif(base: u32) -> String {
    let mut digits: Vec<u8> = format!("{base:08}").bytes().collect();
    digits.push(modulo_11(digits.iter().rev().copied().zip(2..)));
    text(digits)
}

/// A check digit: a remainder of 0 or 1 gives 0, any other its complement to 11. Letters count as ASCII less 48.
fn modulo_11(weighted: impl Iterator<Item = (u8, u32)>) -> u8 {
    let sum: u32 = weighted.map(|(character, weight)| u32::from(character - b'0') * weight).sum();
    let remainder = sum % 11;
    b'0' + if remainder < 2 { 0 } else { (11 - remainder) as u8 }
}

fn text(ascii: Vec<u8>) -> String {
    ascii.into_iter().map(char::from).collect()
}

/// A CPF or CNPJ as forms print it; anything else as it is.
pub fn punctuated(characters: &str) -> String {
    let part = |from: usize, to: usize| &characters[from..to];
    match characters.len() {
        11 => format!("{}.{}.{}-{}", part(0, 3), part(3, 6), part(6, 9), part(9, 11)),
        14 => {
            let [a, b, c, d, e] = [part(0, 2), part(2, 5), part(5, 8), part(8, 12), part(12, 14)];
            format!("{a}.{b}.{c}/{d}-{e}")
        }
        _ => characters.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_identifiers_hold() {
        assert_eq!(cpf(529_982_247), "52998224725");
        assert_eq!(cpf(111_444_777), "11144477735");
        assert_eq!(cnpj("11222333", 1), "11222333000181");
        assert_eq!(cnpj("00000000", 1), "00000000000191");
        assert_eq!(with_check_digits("12ABC34501DE"), "12ABC34501DE35");
        assert_eq!(nif(12_345_678), "123456789");
    }

    #[test]
    fn a_wrong_digit_is_seen() {
        assert!(is_valid_cpf("52998224725"));
        for wrong in ["52998224735", "5299822472", "11111111111", "", "ação"] {
            assert!(!is_valid_cpf(wrong), "{wrong}");
        }
        assert!(is_valid_cnpj("11222333000181"));
        for wrong in ["11222333000182", "11222333000081", "1122233300018"] {
            assert!(!is_valid_cnpj(wrong), "{wrong}");
        }
    }

    #[test]
    fn forms_print_them_with_points() {
        assert_eq!(punctuated("52998224725"), "529.982.247-25");
        assert_eq!(punctuated("11222333000181"), "11.222.333/0001-81");
        assert_eq!(punctuated("123"), "123");
    }
}
