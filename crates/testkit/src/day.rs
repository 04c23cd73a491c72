//! Days and moments of the invented world, without a clock: its today is the first of July 2026.

/// A day as somebody wrote it down, which no calendar need have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    /// Year, four digits.
    pub year: u32,
    /// Month, from 1.
    pub month: u32,
    /// Day of the month, from 1.
    pub day: u32,
}

impl Day {
    /// What forms are given where the birth date is not known.
    pub const PLACEHOLDER: Self = Self { year: 1900, month: 1, day: 1 };

    /// The day so many days after 1970-01-01. Algorithm: civil from days, H. Hinnant, public domain.
    pub fn since_1970(days: u32) -> Self {
        let shifted = days + 719_468;
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let (month, day) = ((month + 2) % 12 + 1, of_year - (153 * month + 2) / 5 + 1);
        Self { year: era * 400 + year_of_era + u32::from(month <= 2), month, day }
    }

    /// `2026-07-01`.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `01/07/2026`.
    pub fn brazilian(self) -> String {
        format!("{:02}/{:02}/{:04}", self.day, self.month, self.year)
    }
}

/// A moment, in seconds since 1970-01-01 00:00 in the shop's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u32);

impl Moment {
    /// When the oldest record was written: 2018-01-01.
    pub const FIRST: Self = Self(1_514_764_800);
    /// Today: 2026-07-01.
    pub const LAST: Self = Self(1_782_864_000);

    /// `2026-07-01` and `13:45:00`.
    pub fn day_and_time(self) -> (String, String) {
        let (days, seconds) = (self.0 / 86_400, self.0 % 86_400);
        let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        (Day::since_1970(days).iso(), time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_those_of_the_calendar() {
        for (days, written) in
            [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_635, "2026-07-01"), (19_722, "2023-12-31")]
        {
            assert_eq!(Day::since_1970(days).iso(), written);
        }
        let (day, time) = Moment(Moment::LAST.0 + 3661).day_and_time();
        assert_eq!((day.as_str(), time.as_str()), ("2026-07-01", "01:01:01"));
        assert_eq!(Day::since_1970(20_635).brazilian(), "01/07/2026");
    }
}
