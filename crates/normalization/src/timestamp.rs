//! Moments: when a source last changed a record, in microseconds since 1970-01-01 UTC.

use crate::date::{self, DateFormat};
use chrono::{MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// The moment that a text says, by the declared formats or, without any, ISO 8601; nothing where it says none.
///
/// A text without an offset is a local time of `zone`. Of a local time that comes twice (clocks set back) the first
/// is taken; one that never was (clocks set forward) is read by the offset before the gap, which lands as far behind
/// the gap as it stood in it. A day alone is its midnight.
pub fn parse(raw: &str, formats: &[DateFormat], zone: Tz) -> Option<i64> {
    let reading = date::read(raw.trim(), formats)?;
    let local = reading.date_time()?;
    let utc = match reading.offset {
        Some(seconds) => local.checked_sub_signed(TimeDelta::seconds(seconds.into()))?,
        None => local_to_utc(local, zone)?,
    };
    Some(utc.and_utc().timestamp_micros())
}

fn local_to_utc(local: NaiveDateTime, zone: Tz) -> Option<NaiveDateTime> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(moment) | MappedLocalTime::Ambiguous(moment, _) => Some(moment.naive_utc()),
        MappedLocalTime::None => {
            // No gap is a day long, but one: Samoa left out 2011-12-30.
            let earlier = local.checked_sub_signed(TimeDelta::days(2))?;
            let moment = zone.from_local_datetime(&earlier).earliest()?;
            moment.naive_utc().checked_add_signed(TimeDelta::days(2))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America::Sao_Paulo, Europe::Lisbon};

    fn shown(raw: &str, formats: &[&str], zone: Tz) -> Option<String> {
        let formats: Vec<DateFormat> = formats.iter().map(|pattern| DateFormat::new(pattern).unwrap()).collect();
        let micros = parse(raw, &formats, zone)?;
        let moment = chrono::DateTime::from_timestamp_micros(micros)?;
        Some(moment.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
    }

    #[test]
    fn moments_are_told_in_utc() {
        let cases: [(&[&str], &str, Tz, Option<&str>); 18] = [
            (&[], "2026-03-01T10:00:00Z", Sao_Paulo, Some("2026-03-01T10:00:00Z")),
            (&[], "2026-03-01T10:00:00-03:00", Lisbon, Some("2026-03-01T13:00:00Z")),
            (&[], "2026-03-01T10:00:00.123456789+00", Lisbon, Some("2026-03-01T10:00:00.123456Z")),
            (&[], "2026-03-01 10:00", Sao_Paulo, Some("2026-03-01T13:00:00Z")),
            (&[], "2026-03-01", Sao_Paulo, Some("2026-03-01T03:00:00Z")),
            (&[], "2026-03-01 24:00:00", Lisbon, Some("2026-03-02T00:00:00Z")),
            (&[], "2016-12-31T23:59:60Z", Lisbon, Some("2017-01-01T00:00:00Z")),
            (&["%d/%m/%Y %H:%M"], "01/03/2026 10:00", Sao_Paulo, Some("2026-03-01T13:00:00Z")),
            (&["%m/%d/%Y %I:%M %p"], "03/01/2026 12:05 AM", Lisbon, Some("2026-03-01T00:05:00Z")),
            (&["%m/%d/%Y %I:%M %p"], "03/01/2026 1:05 pm", Lisbon, Some("2026-03-01T13:05:00Z")),
            (&["%s"], "1700000000", Sao_Paulo, Some("2023-11-14T22:13:20Z")),
            (&["excel"], "45292.5", Lisbon, Some("2024-01-01T12:00:00Z")),
            // Clocks went from 01:00 to 02:00 on 2026-03-29 in Lisbon, and from 24:00 to 01:00 on 2018-11-03 in São
            // Paulo.
            (&[], "2026-03-29 01:30", Lisbon, Some("2026-03-29T01:30:00Z")),
            (&[], "2018-11-04", Sao_Paulo, Some("2018-11-04T03:00:00Z")),
            // Twice: 01:30 on 2026-10-25 in Lisbon.
            (&[], "2026-10-25 01:30", Lisbon, Some("2026-10-25T00:30:00Z")),
            (&[], "2026-02-30 10:00", Lisbon, None),
            (&[], "yesterday", Lisbon, None),
            (&[], "2026-03-01 25:00", Lisbon, None),
        ];
        for (formats, raw, zone, moment) in cases {
            assert_eq!(shown(raw, formats, zone).as_deref(), moment, "{raw}");
        }
    }
}
