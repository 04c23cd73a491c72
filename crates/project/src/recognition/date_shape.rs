//! Dates and their formats, found by elimination: a format stays as long as the values fit it.

use std::collections::BTreeMap;

/// How the dates of a column are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DateShape {
    /// How many values are dates in these formats.
    pub(super) count: usize,
    /// The formats, the most frequent first; empty if all are in ISO form.
    pub(super) formats: Vec<String>,
    /// The same format with day and month changed, if it reads every value as well.
    pub(super) ambiguous_with: Option<String>,
}

/// How many formats a column may mix.
const FORMATS_MAX: usize = 4;

/// How the dates among these values are written.
pub(super) fn of<'v>(values: impl Iterator<Item = &'v str>) -> DateShape {
    // Values that fit the same formats count together, so that elimination works on a few sets only.
    let mut sets: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut total = 0;
    for value in values {
        total += 1;
        let formats = formats_of(value);
        if !formats.is_empty() {
            *sets.entry(formats).or_default() += 1;
        }
    }
    let mut shape = DateShape::default();
    while shape.formats.len() < FORMATS_MAX {
        let Some((format, count)) = most_frequent(&sets, &shape.formats) else {
            break;
        };
        // A few strays are errors, not a format.
        if count * 100 < total {
            break;
        }
        let swapped = swap_day_and_month(&format);
        let reads_as_many = |swapped: &String| count_of(&sets, swapped) == count;
        shape.ambiguous_with = shape.ambiguous_with.or(swapped.filter(reads_as_many));
        sets.retain(|formats, _| !formats.contains(&format));
        shape.count += count;
        shape.formats.push(format);
    }
    if shape.formats.iter().all(|format| format.starts_with("%Y-%m-%d")) {
        shape.formats.clear();
    }
    shape
}

/// The format that most values fit; between equals the day comes before the month, as in most countries.
fn most_frequent(sets: &BTreeMap<Vec<String>, usize>, taken: &[String]) -> Option<(String, usize)> {
    let contradicts = |format: &String| taken.iter().any(|t| swap_day_and_month(t).as_ref() == Some(format));
    let candidates = sets.keys().flatten().filter(|format| !contradicts(format));
    let ranked = candidates.map(|format| (count_of(sets, format), format.starts_with("%d"), format));
    ranked.max().map(|(count, _, format)| (format.clone(), count))
}

fn count_of(sets: &BTreeMap<Vec<String>, usize>, format: &String) -> usize {
    sets.iter().filter(|(formats, _)| formats.contains(format)).map(|(_, count)| count).sum()
}

fn swap_day_and_month(format: &str) -> Option<String> {
    let swap = |from: [&str; 2], to: [&str; 2]| {
        let rest = format.strip_prefix(from[0])?;
        let separator = rest.chars().next().filter(|c| *c != '%');
        let (separator, rest) = rest.split_at(separator.map_or(0, char::len_utf8));
        Some(format!("{}{separator}{}{}", to[0], to[1], rest.strip_prefix(from[1])?))
    };
    swap(["%d", "%m"], ["%m", "%d"]).or_else(|| swap(["%m", "%d"], ["%d", "%m"]))
}

/// All formats that read this value.
fn formats_of(value: &str) -> Vec<String> {
    if !value.is_ascii() || value.len() > 40 {
        return Vec::new();
    }
    let (date, time) = match value.find(['T', ' ']) {
        Some(at) => value.split_at(at),
        None => (value, ""),
    };
    match time_format(time) {
        Some(time) => day_formats(date).into_iter().map(|day| day + &time).collect(),
        None => Vec::new(),
    }
}

/// The formats of the day: `17/05/1990`, `1990-05-17`, `17.5.90`, `19900517`.
fn day_formats(date: &str) -> Vec<String> {
    let Some(separator) = date.chars().find(|c| !c.is_ascii_digit()) else {
        return compact_formats(date);
    };
    let parts: Vec<&str> = date.split(separator).collect();
    let [a, b, c] = parts[..] else { return Vec::new() };
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !"/-.".contains(separator) || ![a, b, c].into_iter().all(are_digits) {
        return Vec::new();
    }
    let s = separator;
    let mut formats = Vec::new();
    let mut add = |year: &str, month: &str, day: &str, format: String| {
        if is_day(year, month, day) {
            formats.push(format);
        }
    };
    match (a.len(), c.len()) {
        (4, _) => add(a, b, c, format!("%Y{s}%m{s}%d")),
        (_, 4) => {
            add(c, b, a, format!("%d{s}%m{s}%Y"));
            add(c, a, b, format!("%m{s}%d{s}%Y"));
        }
        (_, 2) => {
            add(c, b, a, format!("%d{s}%m{s}%y"));
            add(c, a, b, format!("%m{s}%d{s}%y"));
        }
        _ => {}
    }
    formats
}

fn compact_formats(date: &str) -> Vec<String> {
    if date.len() != 8 {
        return Vec::new();
    }
    let mut formats = Vec::new();
    if is_day(&date[..4], &date[4..6], &date[6..]) {
        formats.push("%Y%m%d".to_owned());
    }
    if is_day(&date[4..], &date[2..4], &date[..2]) {
        formats.push("%d%m%Y".to_owned());
    }
    formats
}

/// Whether these are a day between 1850 and 2150, or of a year of two digits.
fn is_day(year: &str, month: &str, day: &str) -> bool {
    let (Ok(y), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>()) else {
        return false;
    };
    let is_leap = year.len() == 2 || (y.is_multiple_of(4) && !y.is_multiple_of(100)) || y.is_multiple_of(400);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day) && (year.len() == 2 || (1850..=2150).contains(&y))
}

/// The format of what follows the day: nothing, or `[T ]HH:MM[:SS[.f]][z]`.
fn time_format(time: &str) -> Option<String> {
    if time.is_empty() {
        return Some(String::new());
    }
    let (between, rest) = time.split_at(1);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
    let (clock, mut rest) = rest.split_at(end);
    let parts: Vec<&str> = clock.split(':').collect();
    let are_two_digits = parts.iter().all(|part| (1..=2).contains(&part.len()));
    let mut format = match parts.len() {
        2 if are_two_digits => format!("{between}%H:%M"),
        3 if are_two_digits => format!("{between}%H:%M:%S"),
        _ => return None,
    };
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        format.push_str(".%f");
    }
    match rest {
        "" => Some(format),
        "Z" => Some(format + "%z"),
        _ if rest.starts_with(['+', '-']) && rest[1..].bytes().all(|b| b.is_ascii_digit() || b == b':') => {
            Some(format + "%z")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formats(values: &[&str]) -> (usize, Vec<String>, Option<String>) {
        let shape = of(values.iter().copied());
        (shape.count, shape.formats, shape.ambiguous_with)
    }

    #[test]
    fn formats_are_found_by_elimination() {
        let cases: &[(&[&str], usize, &[&str])] = &[
            (&["01/02/1990", "17/05/1990"], 2, &["%d/%m/%Y"]),
            (&["01/02/1990", "05/17/1990"], 2, &["%m/%d/%Y"]),
            (&["1990-02-01", "1990-02-30"], 1, &[]),
            (&["19900201", "20011231"], 2, &["%Y%m%d"]),
            (&["31121990", "01012001"], 2, &["%d%m%Y"]),
            (&["1.2.90", "17.5.01"], 2, &["%d.%m.%y"]),
            (&["17/05/1990", "18/05/1990", "1990-05-17"], 3, &["%d/%m/%Y", "%Y-%m-%d"]),
            (&["17/05/1990 08:30", "18/05/1990 23:59"], 2, &["%d/%m/%Y %H:%M"]),
            (&["2024-05-17T08:30:00Z", "2024-05-17T08:30:00-03:00"], 2, &[]),
            (&["31/02/1990", "ana", "", "12345678", "1/2/3/4", "99/99/9999"], 0, &[]),
        ];
        for (values, count, expected) in cases {
            let (found, formats, ambiguous_with) = formats(values);
            assert_eq!(
                (found, formats.as_slice(), ambiguous_with),
                (*count, &expected.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>()[..], None),
                "{values:?}"
            );
        }
    }

    #[test]
    fn day_and_month_stay_open_where_no_value_tells_them_apart() {
        let found = formats(&["01/02/1990", "03/04/1991"]);
        assert_eq!(found, (2, vec!["%d/%m/%Y".to_owned()], Some("%m/%d/%Y".to_owned())));
    }

    #[test]
    fn a_few_strays_make_no_format_of_their_own() {
        let mut values = vec!["17/05/1990"; 200];
        values.push("05/18/1990");
        assert_eq!(formats(&values), (200, vec!["%d/%m/%Y".to_owned()], None));
    }
}
