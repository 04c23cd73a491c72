//! Counts as people read them: thousands apart, the noun in its number.

/// A number with its thousands apart: `4,451`.
pub fn number(n: impl Into<u64>) -> String {
    let digits = n.into().to_string();
    let mut apart = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// `1 record`, `2,000 records`.
pub fn counted(n: impl Into<u64>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart_and_one_is_singular() {
        let shown = [0_u64, 7, 999, 1_000, 12_345, 999_999, 1_234_567].map(number);
        assert_eq!(shown, ["0", "7", "999", "1,000", "12,345", "999,999", "1,234,567"]);
        assert_eq!(counted(1_u64, "customer", "customers"), "1 customer");
        assert_eq!(counted(0_u64, "customer", "customers"), "0 customers");
        assert_eq!(counted(4_451_u64, "customer", "customers"), "4,451 customers");
    }
}
