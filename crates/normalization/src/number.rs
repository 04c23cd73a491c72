//! Numbers as exact decimal text: no float ever holds them.

use vinculo_records::Flag;

/// What separates the whole part from the fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decimal {
    /// `1,234.56`.
    #[default]
    Point,
    /// `1.234,56`.
    Comma,
}

/// More digits than any quantity of this world has.
const DIGITS_MAX: usize = 60;

/// A number without thousands separators, currency, or zeros that say nothing: `-1234.5`.
pub fn normalize(shown: &str, decimal: Decimal, out: &mut String) -> Option<Flag> {
    let (sign, bare) = split_sign(shown);
    let (inner_sign, bare) = split_sign(without_currency(bare));
    if sign && inner_sign {
        return Some(Flag::NotANumber);
    }
    let negative = sign || inner_sign;
    let (point, thousands) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let (whole, fraction) = bare.split_once(point).unwrap_or((bare, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if bare.contains(['e', 'E']) && bare.bytes().all(|b| b.is_ascii_digit() || b"eE+-.,".contains(&b)) {
        return Some(Flag::DigitsLost);
    }
    let digits = whole.len() + fraction.len();
    if !all_digits(fraction) || !is_grouped(whole, thousands) || digits == 0 || digits > DIGITS_MAX {
        return Some(Flag::NotANumber);
    }
    let start = out.len();
    out.extend(whole.chars().filter(char::is_ascii_digit).skip_while(|c| *c == '0'));
    if out.len() == start {
        out.push('0');
    }
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    if negative && &out[start..] != "0" {
        out.insert(start, '-');
    }
    None
}

/// Whether a minus stands in front, and what stands behind the sign.
fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn without_currency(text: &str) -> &str {
    const CURRENCIES: [&str; 8] = ["R$", "US$", "$", "€", "£", "BRL", "EUR", "USD"];
    let bare = CURRENCIES.iter().find_map(|currency| text.strip_prefix(currency));
    bare.map_or(text, str::trim_start)
}

/// Digits alone, or in groups of three behind the first.
fn is_grouped(whole: &str, thousands: char) -> bool {
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split([thousands, ' ', '\u{a0}', '\'']);
    let first = groups.next().unwrap_or_default();
    let mut more = groups.peekable();
    digits(first)
        && (more.peek().is_none() || (1..=3).contains(&first.len()))
        && more.all(|group| group.len() == 3 && digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_exact_and_read_by_the_declared_format() {
        use Decimal::*;
        let cases = [
            (Comma, "1.234,56", "1234.56", None),
            (Point, "1,234.56", "1234.56", None),
            (Comma, "R$ 1.234,50", "1234.5", None),
            (Comma, "-R$ 10,00", "-10", None),
            (Comma, "R$ -10,00", "-10", None),
            (Point, "9007199254740993", "9007199254740993", None),
            (Point, "007.10", "7.1", None),
            (Point, "-0.00", "0", None),
            (Point, ".5", "0.5", None),
            (Point, "1.234,56", "", Some(Flag::NotANumber)),
            (Comma, "1,234.56", "", Some(Flag::NotANumber)),
            (Point, "12,34", "", Some(Flag::NotANumber)),
            (Point, "1e400", "", Some(Flag::DigitsLost)),
            (Point, "NaN", "", Some(Flag::NotANumber)),
            (Point, "infinity", "", Some(Flag::NotANumber)),
            (Point, "ten", "", Some(Flag::NotANumber)),
            (Point, "1-2", "", Some(Flag::NotANumber)),
            (Point, "abc5", "", Some(Flag::NotANumber)),
            (Point, "--5", "", Some(Flag::NotANumber)),
        ];
        for (decimal, raw, number, flag) in cases {
            let mut out = String::new();
            let is = normalize(raw, decimal, &mut out);
            assert_eq!((out.as_str(), is), (number, flag), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn with_a_decimal_point_normalizing_twice_is_normalizing_once(raw in "\\PC{0,12}|-?[0-9]{0,9}(\\.[0-9]{0,5})?|[0-9]{1,3}(,[0-9]{3}){0,3}") {
            let mut once = String::new();
            if normalize(&raw, Decimal::Point, &mut once).is_none() {
                let mut twice = String::new();
                prop_assert_eq!(normalize(&once, Decimal::Point, &mut twice), None);
                prop_assert_eq!(twice, once);
            }
        }
    }
}
