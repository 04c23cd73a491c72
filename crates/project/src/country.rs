//! Countries by their ISO 3166-1 codes, and the time zone that most of each country's people live in.

use chrono_tz::Tz;

/// A line a country: its code and its zone, from the tz database (public domain); where a country has several zones,
/// that of its greatest city.
const COUNTRIES: &str = include_str!("countries.txt");

fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    COUNTRIES.lines().filter_map(|line| line.split_once(' '))
}

/// Whether this is the code of a country, in capitals.
pub(crate) fn exists(code: &str) -> bool {
    all().any(|(known, _)| known == code)
}

/// The time zone of a country's greatest city; none for an unknown code.
pub(crate) fn time_zone(code: &str) -> Option<Tz> {
    let (_, zone) = all().find(|(known, _)| *known == code)?;
    zone.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_a_time_zone() {
        assert_eq!(all().count(), 249);
        for (code, zone) in all() {
            assert!(time_zone(code).is_some(), "{code}: {zone}");
        }
    }

    #[test]
    fn a_country_of_many_zones_takes_that_of_its_greatest_city() {
        assert_eq!(time_zone("BR"), Some(Tz::America__Sao_Paulo));
        assert_eq!(time_zone("PT"), Some(Tz::Europe__Lisbon));
        assert_eq!(time_zone("XX"), None);
    }
}
