//! Check digits, each by the rule of the authority that issues the identifier. Identifiers of equal digits are never
//! valid, although the arithmetic of the CPF lets them pass.

/// Whether these are the 11 digits of a CPF (Receita Federal: two digits, modulo 11, weights 10 to 2 and 11 to 2).
pub fn is_cpf(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    if bytes.len() != 11 || !bytes.iter().all(u8::is_ascii_digit) || bytes.iter().all(|b| *b == bytes[0]) {
        return false;
    }
    let check = |weights: std::ops::RangeInclusive<u32>| modulo_11(bytes, weights.rev());
    check(2..=10) == bytes[9] && check(2..=11) == bytes[10]
}

/// Whether these are the 14 characters of a CNPJ, numeric or alphanumeric (Receita Federal: the value of a character
/// is its ASCII code less 48; two digits, modulo 11, weights 5 4 3 2 9 … 2 and 6 5 4 3 2 9 … 2).
pub fn is_cnpj(characters: &str) -> bool {
    let bytes = characters.as_bytes();
    let weights = |first: u32| (2..=first).rev().chain((2..=9).rev());
    has_cnpj_shape(characters)
        && !bytes.iter().all(|b| *b == bytes[0])
        && modulo_11(bytes, weights(5)) == bytes[12]
        && modulo_11(bytes, weights(6)) == bytes[13]
}

/// Whether a text has the shape of a CNPJ: twelve capital letters or digits, two digits.
pub(super) fn has_cnpj_shape(characters: &str) -> bool {
    let bytes = characters.as_bytes();
    bytes.len() == 14
        && bytes[..12].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && bytes[12..].iter().all(u8::is_ascii_digit)
}

/// Whether these are the 9 digits of a NIF (Autoridade Tributária: one digit, modulo 11, weights 9 to 2).
pub fn is_nif(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    if bytes.len() != 9 || !bytes.iter().all(u8::is_ascii_digit) || bytes.iter().all(|b| *b == bytes[0]) {
        return false;
    }
    let known_kind = matches!(bytes[0], b'1' | b'2' | b'3' | b'5' | b'6' | b'8' | b'9')
        || digits.starts_with("45")
        || matches!(&digits[..2], "70" | "71" | "72" | "74" | "75" | "77" | "78" | "79");
    known_kind && modulo_11(bytes, (2..=9).rev()) == bytes[8]
}

/// The check digit, as ASCII: 11 less the weighted sum modulo 11, and 0 where that is 10 or more.
fn modulo_11(bytes: &[u8], weights: impl Iterator<Item = u32>) -> u8 {
    let sum: u32 = bytes.iter().zip(weights).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    match sum % 11 {
        0 | 1 => b'0',
        rest => b'0' + (11 - rest) as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_hold_for_published_examples() {
        for cpf in ["52998224725", "11144477735", "12345678909"] {
            assert!(is_cpf(cpf), "{cpf}");
        }
        for cnpj in ["11222333000181", "00000000000191", "33000167000101", "12ABC34501DE35"] {
            assert!(is_cnpj(cnpj), "{cnpj}");
        }
        for nif in ["501964843", "123456789", "500960046"] {
            assert!(is_nif(nif), "{nif}");
        }
    }

    #[test]
    fn one_wrong_digit_is_noticed() {
        for (id, is_valid) in
            [("52998224725", is_cpf as fn(&str) -> bool), ("11222333000181", is_cnpj), ("501964843", is_nif)]
        {
            for place in 0..id.len() {
                for digit in '0'..='9' {
                    let mut wrong: Vec<char> = id.chars().collect();
                    wrong[place] = digit;
                    let wrong: String = wrong.into_iter().collect();
                    // The remainders 0 and 1 share a digit, so that a few errors of a NIF pass.
                    if wrong != id && is_valid(&wrong) {
                        assert_eq!(id.len(), 9, "{wrong}");
                    }
                }
            }
        }
    }

    #[test]
    fn equal_digits_are_no_identifier() {
        for digit in '0'..='9' {
            let of = |n: usize| digit.to_string().repeat(n);
            assert!(!is_cpf(&of(11)) && !is_cnpj(&of(14)) && !is_nif(&of(9)), "{digit}");
        }
    }
}
