//! Check digits of tax identifiers, as far as a column is recognized by them.

/// A CPF: 11 digits, the last two of which check the others (modulo 11, weights from 10 and 11 down).
pub(super) fn is_cpf(code: &[u8]) -> bool {
    code.len() == 11
        && code.iter().all(u8::is_ascii_digit)
        && code.iter().any(|digit| *digit != code[0])
        && (9..11).all(|n| {
            let sum: u32 = code[..n].iter().zip((2..=n as u32 + 1).rev()).map(|(c, weight)| value(*c) * weight).sum();
            value(code[n]) == sum * 10 % 11 % 10
        })
}

/// A CNPJ: 12 letters or digits and two digits that check them (modulo 11, weights 2 to 9 from the right; a letter
/// counts as its ASCII code less 48, as the Receita Federal fixed for 2026).
pub(super) fn is_cnpj(code: &[u8]) -> bool {
    let is_shaped = code.len() == 14
        && code[..12].iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
        && code[12..].iter().all(u8::is_ascii_digit)
        && code.iter().any(|c| *c != code[0]);
    is_shaped
        && (12..14).all(|n| {
            let sum: u32 = code[..n].iter().rev().zip((2..=9).cycle()).map(|(c, weight)| value(*c) * weight).sum();
            let rest = sum % 11;
            value(code[n]) == if rest < 2 { 0 } else { 11 - rest }
        })
}

/// A Portuguese NIF: nine digits, the last of which checks the others (modulo 11, weights from 9 down).
pub(super) fn is_nif(code: &[u8]) -> bool {
    let is_shaped = code.len() == 9 && code.iter().all(u8::is_ascii_digit) && b"1235689".contains(&code[0]);
    is_shaped && {
        let sum: u32 = code[..8].iter().zip((2..=9).rev()).map(|(c, weight)| value(*c) * weight).sum();
        let rest = sum % 11;
        value(code[8]) == if rest < 2 { 0 } else { 11 - rest }
    }
}

fn value(c: u8) -> u32 {
    u32::from(c.saturating_sub(b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_tell_identifiers_from_other_codes() {
        assert!(is_cpf(b"52998224725"));
        assert!(!is_cpf(b"52998224735") && !is_cpf(b"11111111111") && !is_cpf(b"5299822472"));
        assert!(is_cnpj(b"11222333000181") && is_cnpj(b"12ABC34501DE35"));
        assert!(!is_cnpj(b"11222333000182") && !is_cnpj(b"00000000000000"));
        assert!(is_nif(b"501964843") && !is_nif(b"501964844") && !is_nif(b"401964843"));
    }
}
