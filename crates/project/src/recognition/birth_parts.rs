//! A date of birth whose day, month and year stand in columns of their own.

use super::header::{DatePart, Meaning, shown};
use super::shape::share;
use super::{Column, SampledColumn};
use vinculo_records::Standard;

/// The columns that together give the date of birth.
pub(super) struct BirthParts {
    /// Their headers, in the order of the source.
    pub(super) columns: Vec<String>,
    /// How the three are read once they are joined with blanks.
    pub(super) format: String,
    /// How sure this is, 0 to 1.
    pub(super) confidence: f64,
    /// Why, in words.
    pub(super) reason: String,
}

/// Years after this one, in most rows, are those of purchases or registrations and not of births.
const BIRTH_YEAR_MAX: u32 = 2010;

/// The three columns, if there are exactly those, and their values are parts of dates.
pub(super) fn find(columns: &[Column<'_>], sampled: &[SampledColumn]) -> Option<BirthParts> {
    let of_birth = |part: DatePart| {
        only(columns, |column| match column.meaning.map(|found| found.meaning) {
            Some(Meaning::BirthPart(of_column)) => of_column == part,
            // `birth_day` and `birthday` are one word to a dictionary.
            Some(Meaning::Attribute(Standard::BirthDate)) => part == DatePart::Day && column.shapes.are_days(),
            _ => false,
        })
    };
    let of_any_date =
        |part: DatePart| only(columns, |c| c.meaning.is_some_and(|found| found.meaning == Meaning::DatePart(part)));
    let three = |find: &dyn Fn(DatePart) -> Option<usize>| {
        Some([(find(DatePart::Year)?, 'Y'), (find(DatePart::Month)?, 'm'), (find(DatePart::Day)?, 'd')])
    };
    let (parts, is_told) = match three(&of_birth) {
        Some(parts) => (parts, true),
        None => (three(&of_any_date)?, false),
    };
    judge(columns, parts, is_told, sampled)
}

/// The only column of which this holds.
fn only(columns: &[Column<'_>], is: impl Fn(&Column<'_>) -> bool) -> Option<usize> {
    let mut found = columns.iter().enumerate().filter(|(_, column)| is(column)).map(|(at, _)| at);
    found.next().filter(|_| found.next().is_none())
}

fn judge(
    columns: &[Column<'_>],
    mut parts: [(usize, char); 3],
    is_told: bool,
    sampled: &[SampledColumn],
) -> Option<BirthParts> {
    let numbers = parts.map(|(at, _)| {
        let values = sampled[at].values.iter();
        values.map(|value| value.trim().parse().ok()).collect::<Vec<Option<u32>>>()
    });
    let [years, months, days] = &numbers;
    let (mut filled, mut dates, mut births) = (0, 0, 0);
    for ((year, month), day) in years.iter().zip(months).zip(days) {
        filled += usize::from(year.is_some());
        let (Some(year), Some(month), Some(day)) = (*year, *month, *day) else { continue };
        let is_year = year < 100 || (1850..2150).contains(&year);
        dates += usize::from(is_year && (1..=12).contains(&month) && (1..=31).contains(&day));
        births += usize::from(year < 100 || year <= BIRTH_YEAR_MAX);
    }
    let are_short = years.iter().flatten().all(|year| *year < 100);
    let is_sound = if filled == 0 { is_told } else { dates * 10 >= filled * 9 && (is_told || births * 2 > filled) };
    if !is_sound {
        return None;
    }
    parts.sort_unstable();
    let format = parts.map(|(_, code)| match code {
        'Y' if are_short && filled > 0 => "%y".to_owned(),
        code => format!("%{code}"),
    });
    let headers = parts.map(|(at, _)| format!("`{}`", shown(columns[at].header)));
    let evidence = match filled {
        0 => "no values to look at".to_owned(),
        _ => format!("{} rows are year, month and day", share(dates, filled)),
    };
    Some(BirthParts {
        columns: parts.map(|(at, _)| columns[at].header.to_owned()).to_vec(),
        format: format.join(" "),
        confidence: if is_told { 0.9 } else { 0.7 },
        reason: format!("headers {}; {evidence}", headers.join(", ")),
    })
}
