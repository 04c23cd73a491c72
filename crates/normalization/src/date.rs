//! Days, read by declared formats and never guessed; shown as `YYYY-MM-DD`.

use chrono::NaiveDate;
use vinculo_records::Flag;

mod format;
mod reading;

pub use format::{DateFormat, UnknownDateFormat};
pub(crate) use reading::Reading;

/// The oldest that anybody may be, in years.
const AGE_MAX: i32 = 120;

/// Days that systems write where they know none: the zero of a database, a language or a spreadsheet, and "for ever".
const PLACEHOLDERS: [(i32, u32, u32); 9] = [
    (0, 0, 0),
    (1, 1, 1),
    (1000, 1, 1),
    (1753, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 0),
    (1900, 1, 1),
    (9999, 12, 31),
];

/// A day as `YYYY-MM-DD`. The formats are tried in order, the first that gives a day of the calendar counts; without
/// any, ISO 8601. A day that no calendar has keeps its digits, in the order year, month, day.
pub fn normalize(shown: &str, formats: &[DateFormat], out: &mut String) -> Option<Flag> {
    let Some(reading) = read(shown, formats) else {
        return Some(Flag::DateFormat);
    };
    let day = (reading.year, reading.month, reading.day);
    if PLACEHOLDERS.contains(&day) {
        return Some(Flag::Placeholder);
    }
    write_day(day, out);
    reading.date().is_none().then_some(Flag::ImpossibleDate)
}

/// A birth date: a day that lies neither after the day on which the record landed nor 120 years before it. A year of
/// two digits is taken back by a century where it would lie ahead.
pub fn normalize_birth_date(shown: &str, formats: &[DateFormat], landed_on: i32, out: &mut String) -> Option<Flag> {
    let start = out.len();
    let flag = normalize(shown, formats, out);
    if flag.is_some() {
        return flag;
    }
    let (mut reading, landed) = (read(shown, formats)?, day_of(landed_on)?);
    if reading.short_year && reading.date()? > landed {
        reading.year -= 100;
        out.truncate(start);
        write_day((reading.year, reading.month, reading.day), out);
    }
    let Some(born) = reading.date() else {
        return Some(Flag::ImpossibleDate);
    };
    if born > landed {
        Some(Flag::FutureDate)
    } else if landed.years_since(born).is_some_and(|years| years as i32 > AGE_MAX) {
        Some(Flag::TooOld)
    } else {
        None
    }
}

fn day_of(days_since_1970: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_signed(chrono::TimeDelta::days(days_since_1970.into()))
}

/// What the first fitting format reads; a real day goes before an impossible one.
pub(crate) fn read(shown: &str, formats: &[DateFormat]) -> Option<Reading> {
    if formats.is_empty() {
        return reading::read_iso(shown);
    }
    let mut impossible = None;
    for format in formats {
        match reading::read_by(shown, format) {
            Some(reading) if reading.date().is_some() => return Some(reading),
            Some(reading) => impossible = impossible.or(Some(reading)),
            None => {}
        }
    }
    impossible
}

fn write_day((year, month, day): (i32, u32, u32), out: &mut String) {
    for (mut number, width) in [(year.unsigned_abs(), 4), (month, 2), (day, 2)] {
        let mut digits = [b'0'; 4];
        for place in (0..width).rev() {
            digits[place] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        if width == 2 {
            out.push('-');
        }
        out.extend(digits[..width].iter().map(|digit| *digit as char));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn formats(patterns: &[&str]) -> Vec<DateFormat> {
        patterns.iter().map(|pattern| DateFormat::new(pattern).unwrap()).collect()
    }

    #[test]
    fn days_are_read_by_declared_formats_only() {
        let cases: [(&[&str], &str, &str, Option<Flag>); 34] = [
            (&[], "1980-02-29", "1980-02-29", None),
            (&[], "1980-02-29T10:11:12Z", "1980-02-29", None),
            (&[], "1980-02-29 00:00:00.000", "1980-02-29", None),
            (&[], "19800229", "1980-02-29", None),
            (&[], "1980-2-9", "1980-02-09", None),
            (&[], "1980/02/09", "1980-02-09", None),
            (&[], "01/02/2003", "", Some(Flag::DateFormat)),
            (&[], "1981-02-29", "1981-02-29", Some(Flag::ImpossibleDate)),
            (&[], "19831362", "1983-13-62", Some(Flag::ImpossibleDate)),
            (&[], "infinity", "", Some(Flag::DateFormat)),
            (&[], "80-02-29", "", Some(Flag::DateFormat)),
            (&[], "45292", "", Some(Flag::DateFormat)),
            (&[], "0001-01-01", "", Some(Flag::Placeholder)),
            (&[], "1900-01-01", "", Some(Flag::Placeholder)),
            (&[], "1899-12-30", "", Some(Flag::Placeholder)),
            (&[], "9999-12-31", "", Some(Flag::Placeholder)),
            (&[], "0000-00-00", "", Some(Flag::Placeholder)),
            (&["%d/%m/%Y"], "01/02/2003", "2003-02-01", None),
            (&["%m/%d/%Y"], "01/02/2003", "2003-01-02", None),
            (&["%d/%m/%Y"], "1/2/2003", "2003-02-01", None),
            (&["%d/%m/%Y"], "01/02/2003 00:00:00", "2003-02-01", None),
            (&["%d/%m/%Y"], "31/02/2003", "2003-02-31", Some(Flag::ImpossibleDate)),
            (&["%d/%m/%Y"], "01/02/03", "", Some(Flag::DateFormat)),
            (&["%d/%m/%y"], "01/02/03", "2003-02-01", None),
            (&["%d/%m/%y"], "01/02/80", "1980-02-01", None),
            (&["%d/%m/%Y", "%m/%d/%Y"], "12/25/2003", "2003-12-25", None),
            (&["%d/%m/%Y", "%Y-%m-%d"], "2003-02-01", "2003-02-01", None),
            (&["%d/%m/%Y", "%m/%d/%Y"], "31/02/2003", "2003-02-31", Some(Flag::ImpossibleDate)),
            (&["%d de %B de %Y"], "3 de março de 1990", "1990-03-03", None),
            (&["%d-%b-%Y"], "03-Mar-1990", "1990-03-03", None),
            (&["%d%b%Y"], "03FEV1990", "1990-02-03", None),
            (&["%Y %m %d"], "1990 1 5", "1990-01-05", None),
            (&["%Y%m%d%H%M%S"], "20030201101112", "2003-02-01", None),
            (&["excel"], "45292", "2024-01-01", None),
        ];
        for (patterns, raw, text, flag) in cases {
            let mut out = String::new();
            let is = normalize(raw, &formats(patterns), &mut out);
            assert_eq!((out.as_str(), is), (text, flag), "{patterns:?} {raw}");
        }
    }

    #[test]
    fn nobody_is_born_tomorrow_or_older_than_any_human() {
        const LANDED_ON: i32 = 20_454; // 2026-01-01
        let cases: [(&[&str], &str, &str, Option<Flag>); 8] = [
            (&[], "2026-01-01", "2026-01-01", None),
            (&[], "2026-01-02", "2026-01-02", Some(Flag::FutureDate)),
            (&[], "1905-06-01", "1905-06-01", None),
            (&[], "1904-12-31", "1904-12-31", Some(Flag::TooOld)),
            (&["%d/%m/%y"], "01/02/30", "1930-02-01", None),
            (&["%d/%m/%y"], "01/02/20", "2020-02-01", None),
            (&[], "1900-01-01", "", Some(Flag::Placeholder)),
            (&[], "2001-02-30", "2001-02-30", Some(Flag::ImpossibleDate)),
        ];
        for (patterns, raw, text, flag) in cases {
            let mut out = String::new();
            let is = normalize_birth_date(raw, &formats(patterns), LANDED_ON, &mut out);
            assert_eq!((out.as_str(), is), (text, flag), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn an_iso_day_is_its_own_normal_form(raw in "[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|\\PC{0,12}") {
            let mut once = String::new();
            let flag = normalize(&raw, &[], &mut once);
            if !once.is_empty() {
                let mut twice = String::new();
                prop_assert_eq!(normalize(&once, &[], &mut twice), flag);
                prop_assert_eq!(twice, once);
            }
        }

        #[test]
        fn no_text_breaks_any_format(raw in any::<String>(), pattern in "(%[dmYybBHMSfpzjeTFs]|[ /-]){0,6}") {
            if let Ok(format) = DateFormat::new(&pattern) {
                let mut out = String::new();
                normalize_birth_date(&raw, &[format], 20_000, &mut out);
            }
        }
    }
}
