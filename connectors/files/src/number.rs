//! Numbers that files hold in binary, as people write them.

/// A number without an exponent, and without `.0` where it is whole; none for what is no number.
///
/// Identifiers that went through a spreadsheet or a data frame are floats there: `12345678909`, not `12345678909.0`.
pub(crate) fn text(number: f64) -> Option<String> {
    number.is_finite().then(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_has_no_fraction_and_no_exponent() {
        assert_eq!(text(12_345_678_909.0).unwrap(), "12345678909");
        assert_eq!(text(1e21).unwrap(), "1000000000000000000000");
        assert_eq!(text(0.1).unwrap(), "0.1");
        assert_eq!(text(-2.5).unwrap(), "-2.5");
        assert_eq!(text(f64::NAN), None);
    }
}
