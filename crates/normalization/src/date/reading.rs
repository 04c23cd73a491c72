//! Reading a day and a time of day off a text, without allocation.

use super::format::{DateFormat, Item};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// What a format reads off a text; day and month may be none of any calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reading {
    pub year: i32,
    pub month: u32,
    pub day: u32,
    /// The year was written with two digits.
    pub short_year: bool,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
    /// Seconds east of UTC, where the text says.
    pub offset: Option<i32>,
}

impl Reading {
    /// The day, if a calendar has it.
    pub fn date(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year, self.month, self.day)
    }

    /// Day and time as the text says them; 24:00 is the next midnight, a leap second the second after.
    pub fn date_time(&self) -> Option<NaiveDateTime> {
        let midnight = self.hour == 24 && self.minute == 0 && self.second == 0;
        if midnight {
            return self.date()?.succ_opt()?.and_hms_opt(0, 0, 0);
        }
        let leap = u32::from(self.second == 60);
        let time = NaiveTime::from_hms_micro_opt(self.hour, self.minute, self.second - leap, self.micros)?;
        self.date()?.and_time(time).checked_add_signed(TimeDelta::seconds(leap.into()))
    }

    fn of(moment: NaiveDateTime, offset: Option<i32>) -> Self {
        use chrono::{Datelike, Timelike};
        Self {
            year: moment.year(),
            month: moment.month(),
            day: moment.day(),
            hour: moment.hour(),
            minute: moment.minute(),
            second: moment.second(),
            micros: moment.nanosecond() / 1_000,
            short_year: false,
            offset,
        }
    }
}

/// ISO 8601: `YYYY-MM-DD`, `YYYYMMDD`, also with slashes; a time of day may follow.
pub(super) fn read_iso(text: &str) -> Option<Reading> {
    let mut cursor = Cursor { rest: text };
    let mut reading = Reading::default();
    let compact = text.bytes().take_while(u8::is_ascii_digit).count() == 8;
    reading.year = cursor.number(4, 4)? as i32;
    if compact {
        reading.month = cursor.number(2, 2)?;
        reading.day = cursor.number(2, 2)?;
    } else {
        let separator = cursor.any_of(&['-', '/'])?;
        reading.month = cursor.number(1, 2)?;
        cursor.literal(separator)?;
        reading.day = cursor.number(1, 2)?;
    }
    cursor.trailing_time(&mut reading)?;
    Some(reading)
}

/// What a declared format reads; nothing where the text does not fit it. A time of day behind a format of a day is
/// read.
pub(super) fn read_by(text: &str, format: &DateFormat) -> Option<Reading> {
    let mut cursor = Cursor { rest: text };
    let mut reading = Reading::default();
    for (n, item) in format.items.iter().enumerate() {
        let next_is_digits = format.items.get(n + 1).is_some_and(|next| next.is_digits());
        cursor.item(*item, next_is_digits, &mut reading)?;
    }
    if format.has_time() {
        cursor.rest.is_empty().then_some(reading)
    } else {
        cursor.trailing_time(&mut reading)?;
        Some(reading)
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn item(&mut self, item: Item, next_is_digits: bool, reading: &mut Reading) -> Option<()> {
        let least = if next_is_digits { 2 } else { 1 };
        match item {
            Item::Day => reading.day = self.number(least, 2)?,
            Item::Month => reading.month = self.number(least, 2)?,
            Item::MonthName => reading.month = self.month_name()?,
            Item::Year => reading.year = self.number(4, 4)? as i32,
            Item::ShortYear => {
                let year = self.number(2, 2)? as i32;
                reading.year = if year < 69 { 2000 + year } else { 1900 + year };
                reading.short_year = true;
            }
            Item::Hour => reading.hour = self.number(least, 2)?,
            // Twelve comes before one.
            Item::HourOfHalfDay => reading.hour += self.number(least, 2).filter(|hour| (1..=12).contains(hour))? % 12,
            Item::HalfDay => reading.hour += self.half_day()?,
            Item::Minute => reading.minute = self.number(least, 2)?,
            Item::Second => reading.second = self.number(least, 2)?,
            Item::Fraction => reading.micros = self.fraction()?,
            Item::Offset => reading.offset = Some(self.offset()?),
            Item::EpochSeconds => {
                let seconds = self.number(1, 12)?;
                *reading = Reading::of(DateTime::from_timestamp(seconds.into(), 0)?.naive_utc(), Some(0));
            }
            Item::ExcelDays => *reading = self.excel_days()?,
            Item::Space => {
                let rest = self.rest.trim_start();
                (rest.len() < self.rest.len()).then_some(())?;
                self.rest = rest;
            }
            Item::Literal(c) => self.literal(c)?,
        }
        Some(())
    }

    /// A number of at least and at most so many digits.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if digits < least {
            return None;
        }
        let number = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        Some(number)
    }

    fn literal(&mut self, c: char) -> Option<()> {
        self.any_of(&[c]).map(drop)
    }

    fn any_of(&mut self, chars: &[char]) -> Option<char> {
        let c = self.rest.chars().next().filter(|c| chars.contains(c))?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Micros; further digits are read and dropped.
    fn fraction(&mut self) -> Option<u32> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        let micros = self.rest.bytes().take(digits).chain(std::iter::repeat(b'0')).take(6);
        let micros = micros.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        self.rest = &self.rest[digits..];
        Some(micros)
    }

    /// `Z`, `+03`, `+0300` or `+03:00`, in seconds east of UTC.
    fn offset(&mut self) -> Option<i32> {
        let sign = match self.any_of(&['Z', 'z', '+', '-'])? {
            '+' => 1,
            '-' => -1,
            _ => return Some(0),
        };
        let hours = self.number(2, 2)? as i32;
        let separated = self.literal(':').is_some();
        let minutes = match self.number(2, 2) {
            Some(minutes) => minutes as i32,
            None if separated => return None,
            None => 0,
        };
        (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }

    /// `AM` or `PM`, in hours.
    fn half_day(&mut self) -> Option<u32> {
        let hours = match self.rest.get(..2)? {
            mark if mark.eq_ignore_ascii_case("am") => 0,
            mark if mark.eq_ignore_ascii_case("pm") => 12,
            _ => return None,
        };
        self.rest = &self.rest[2..];
        Some(hours)
    }

    fn month_name(&mut self) -> Option<u32> {
        /// The first three letters of each month in Portuguese, English and Spanish.
        const MONTHS: [&[&str]; 12] = [
            &["jan", "ene"],
            &["fev", "feb"],
            &["mar"],
            &["abr", "apr"],
            &["mai", "may"],
            &["jun"],
            &["jul"],
            &["ago", "aug"],
            &["set", "sep"],
            &["out", "oct"],
            &["nov"],
            &["dez", "dec", "dic"],
        ];
        let length = self.rest.find(|c: char| !c.is_alphabetic()).unwrap_or(self.rest.len());
        let short = self.rest.get(..3).filter(|_| length >= 3)?;
        let month = MONTHS.iter().position(|names| names.iter().any(|name| short.eq_ignore_ascii_case(name)))?;
        self.rest = self.rest[length..].trim_start_matches('.');
        Some(month as u32 + 1)
    }

    /// Days since 1899-12-30, with a fraction for the time of day.
    fn excel_days(&mut self) -> Option<Reading> {
        let days = self.number(1, 7)?;
        let mut micros_of_day = 0;
        if self.any_of(&['.', ',']).is_some() {
            micros_of_day = i64::from(self.fraction()?) * 86_400;
        }
        let zero = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_time(NaiveTime::MIN);
        let elapsed = TimeDelta::days(days.into()) + TimeDelta::microseconds(micros_of_day);
        Some(Reading::of(zero.checked_add_signed(elapsed)?, None))
    }

    /// Nothing, or `T` or a space and a time of day to the end of the text.
    fn trailing_time(&mut self, reading: &mut Reading) -> Option<()> {
        if self.rest.is_empty() {
            return Some(());
        }
        self.any_of(&['T', 't', ' '])?;
        reading.hour = self.number(1, 2)?;
        let separated = self.literal(':').is_some();
        if let Some(minute) = self.number(2, 2) {
            reading.minute = minute;
            if !separated || self.literal(':').is_some() {
                reading.second = self.number(2, 2).unwrap_or(0);
            }
        } else if separated {
            return None;
        }
        if self.any_of(&['.', ',']).is_some() {
            reading.micros = self.fraction()?;
        }
        self.rest = self.rest.trim_start();
        if !self.rest.is_empty() {
            self.rest =
                self.rest.strip_prefix("UTC").map_or(self.rest, |rest| if rest.is_empty() { "Z" } else { rest });
            reading.offset = Some(self.offset()?);
        }
        let sound = reading.hour <= 24 && reading.minute < 60 && reading.second <= 60;
        (self.rest.is_empty() && sound).then_some(())
    }
}
