//! Date formats as people declare them: a subset of `strptime`.

use thiserror::Error;

/// A declared format. `%d %m %Y %y %b %B %H %I %p %M %S %f %z %s`, `%%`, and text that stands for itself; or the word
/// `excel`, for days counted from 1899-12-30 as spreadsheets do.
///
/// `%y` is a year of two digits: 00 to 68 lie in this century, 69 to 99 in the last. `%b` and `%B` are the name of a
/// month, short or long, in Portuguese, English or Spanish. `%z` is `Z`, `+03:00` or `+0300`; `%s` seconds since 1970
/// in UTC. Leading zeros may be left out where a separator follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    pub(super) items: Vec<Item>,
}

/// One piece of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Day,
    Month,
    MonthName,
    Year,
    ShortYear,
    Hour,
    HourOfHalfDay,
    HalfDay,
    Minute,
    Second,
    Fraction,
    Offset,
    EpochSeconds,
    ExcelDays,
    Space,
    Literal(char),
}

impl Item {
    /// Whether it stands for digits that begin where those of the item before it end.
    pub(super) fn is_digits(self) -> bool {
        !matches!(self, Self::MonthName | Self::HalfDay | Self::Offset | Self::Space | Self::Literal(_))
    }
}

/// A format that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnknownDateFormat {
    /// A letter behind `%` that is not known.
    #[error("unknown date specifier %{0}")]
    Specifier(char),
    /// A format that ends with a single `%`.
    #[error("date format ends with %")]
    Unfinished,
    /// A format that does not say year, month and day.
    #[error("date format lacks a year, a month or a day")]
    Incomplete,
}

impl DateFormat {
    /// Reads a format as it is declared.
    pub fn new(pattern: &str) -> Result<Self, UnknownDateFormat> {
        if pattern.eq_ignore_ascii_case("excel") {
            return Ok(Self { items: vec![Item::ExcelDays] });
        }
        let mut items = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' => items.push(specifier(chars.next().ok_or(UnknownDateFormat::Unfinished)?)?),
                c if c.is_whitespace() => items.push(Item::Space),
                c => items.push(Item::Literal(c)),
            }
        }
        let has = |wanted: &[Item]| items.iter().any(|item| wanted.contains(item));
        let complete = has(&[Item::EpochSeconds])
            || (has(&[Item::Day]) && has(&[Item::Month, Item::MonthName]) && has(&[Item::Year, Item::ShortYear]));
        if complete { Ok(Self { items }) } else { Err(UnknownDateFormat::Incomplete) }
    }

    /// Whether it says the time of day as well.
    pub(super) fn has_time(&self) -> bool {
        self.items
            .iter()
            .any(|item| matches!(item, Item::Hour | Item::HourOfHalfDay | Item::EpochSeconds | Item::ExcelDays))
    }
}

fn specifier(c: char) -> Result<Item, UnknownDateFormat> {
    use Item::*;
    Ok(match c {
        'd' => Day,
        'm' => Month,
        'b' | 'B' => MonthName,
        'Y' => Year,
        'y' => ShortYear,
        'H' => Hour,
        'I' => HourOfHalfDay,
        'p' => HalfDay,
        'M' => Minute,
        'S' => Second,
        'f' => Fraction,
        'z' => Offset,
        's' => EpochSeconds,
        '%' => Literal('%'),
        other => return Err(UnknownDateFormat::Specifier(other)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_cannot_be_used_says_why() {
        assert_eq!(DateFormat::new("%d/%q/%Y"), Err(UnknownDateFormat::Specifier('q')));
        assert_eq!(DateFormat::new("%d/%m/%"), Err(UnknownDateFormat::Unfinished));
        assert_eq!(DateFormat::new("%d/%m"), Err(UnknownDateFormat::Incomplete));
        assert!(DateFormat::new("%Y-%m-%d %H:%M:%S").is_ok());
    }
}
