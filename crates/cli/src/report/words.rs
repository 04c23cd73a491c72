//! Numbers and codes as people read them.

use crate::table::number;
use vinculo_records::{DecisionKind, Flag};

/// A weight in bits: `+3.2`, `−12`. Whole numbers have no decimals.
pub fn bits(weight: f64) -> String {
    let text = if (weight - weight.round()).abs() < 1e-9 { format!("{weight:+.0}") } else { format!("{weight:+.1}") };
    match text.strip_prefix('-') {
        Some("0" | "0.0") => "0".to_owned(),
        Some(number) => format!("−{number}"),
        None if text == "+0" || text == "+0.0" => "0".to_owned(),
        None => text,
    }
}

/// A share of a whole in percent, with as many decimals as tell it from none and from all.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let from_ends = percent.min(100.0 - percent);
    if from_ends <= 0.0 {
        return format!("{percent:.0} %");
    }
    match from_ends {
        ends if ends < 0.001 && percent < 50.0 => "< 0.001 %".to_owned(),
        ends if ends < 0.001 => "> 99.999 %".to_owned(),
        ends if ends < 0.01 => format!("{percent:.3} %"),
        ends if ends < 0.1 => format!("{percent:.2} %"),
        ends if ends < 10.0 => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

/// A share of many things: never all when one is missing, never none when there is one.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { percent(part as f64 / whole as f64) }
}

/// A count and which share of a whole it is: `1,270, 36 %`; the share is left out where there is no whole.
pub fn counted_share(part: u64, whole: u64) -> String {
    if whole == 0 { number(part) } else { format!("{}, {}", number(part), share(part, whole)) }
}

/// A probability with two digits that count: `0.85`, `0.0096`, `1.2e-5`.
pub fn probability(p: f64) -> String {
    if p >= 0.995 || p <= 0.0 {
        return format!("{p:.2}");
    }
    let decimals = (1.0 - p.log10().floor()) as usize;
    if decimals <= 5 { format!("{p:.decimals$}") } else { format!("{p:.1e}") }
}

/// A round count in few letters: `1`, `10 k`, `1 M`.
pub fn short(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{} k", count / 1_000),
        1_000_000..1_000_000_000 => format!("{} M", count / 1_000_000),
        _ => format!("{} G", count / 1_000_000_000),
    }
}

/// What a flag means.
pub fn flag_meaning(name: &str) -> &'static str {
    Flag::ALL.iter().find(|flag| flag.name() == name).map_or("", |flag| flag.meaning())
}

/// What was decided about a pair.
pub fn decided(kind: DecisionKind) -> &'static str {
    match kind {
        DecisionKind::Join => "Joined",
        DecisionKind::Conflict => "Conflict: a join that was refused",
        DecisionKind::PossibleMatch => "Possible match, kept apart",
    }
}

/// Why a pair was joined or kept apart whatever its weight, in a sentence.
pub fn conflict_reason(reason: &str) -> &'static str {
    match reason {
        "different_identifiers" => "Together their customers would have two different valid identifiers of one kind",
        "shared_identifier" => "They share a valid identifier, and too little else speaks for one customer",
        "judged_different" => "A person has said that two of their records are different",
        "judged_same" => "A person has said that the two records are the same",
        "contradiction" => "Two records of their customers contradict each other too strongly",
        "weak_support" => {
            "This pair is strong, the other pairs between their customers, or their days of birth, do not support it"
        }
        _ => "A constraint refused it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_show_their_sign() {
        assert_eq!([3.24, -12.0, 0.0, -0.0, -0.04, 40.0].map(bits), ["+3.2", "−12", "0", "0", "0", "+40"]);
    }

    #[test]
    fn nearly_all_is_never_all_and_nearly_none_never_none() {
        let cases = [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.5, "50 %"),
            (0.993_7, "99.4 %"),
            (0.999_5, "99.95 %"),
            (0.999_95, "99.995 %"),
            (0.999_999_9, "> 99.999 %"),
            (0.000_000_1, "< 0.001 %"),
            (0.02, "2.0 %"),
        ];
        for (share, expected) in cases {
            assert_eq!(percent(share), expected, "{share}");
        }
        assert_eq!((share(1, 0), counted_share(0, 0)), ("–".to_owned(), "0".to_owned()));
        assert_eq!(counted_share(1_270, 3_577), "1,270, 36 %");
    }

    #[test]
    fn small_probabilities_keep_two_digits() {
        assert_eq!(
            [0.849_7, 0.009_645, 0.000_012, 1.0, 0.03].map(probability),
            ["0.85", "0.0096", "1.2e-5", "1.00", "0.030"]
        );
    }

    #[test]
    fn every_flag_has_a_meaning() {
        assert!(Flag::ALL.iter().all(|flag| !flag_meaning(flag.name()).is_empty()));
    }
}
