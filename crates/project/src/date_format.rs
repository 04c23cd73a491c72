//! Checks that a date format can be read: `%d/%m/%Y` and the like.

/// The parts of a date format, and what each reads; the same that normalization reads.
pub(crate) const PARTS: &[(char, &str)] = &[
    ('Y', "year, four digits"),
    ('y', "year, two digits: 00 to 68 in this century, 69 to 99 in the last"),
    ('m', "month, 1 to 12"),
    ('b', "month, its short name in Portuguese, English or Spanish"),
    ('B', "month, its name"),
    ('d', "day of the month"),
    ('H', "hour, 0 to 23"),
    ('I', "hour, 1 to 12, with `%p`"),
    ('p', "AM or PM"),
    ('M', "minute"),
    ('S', "second"),
    ('f', "fraction of a second"),
    ('z', "offset from UTC, such as -03:00"),
    ('s', "seconds since 1970"),
    ('%', "a percent sign"),
];

/// In place of a format: days counted as spreadsheets do.
pub(crate) const EXCEL: &str = "excel";

/// What keeps the format from being read, in a message that does not repeat it; nothing if it is good.
pub(crate) fn fault(format: &str) -> Option<String> {
    if format.eq_ignore_ascii_case(EXCEL) {
        return None;
    }
    if !format.contains('%') {
        return Some("this is no date format; write its parts with `%`, such as `%d/%m/%Y`".into());
    }
    let mut seen = Vec::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        match chars.next().unwrap_or(' ') {
            '%' => {}
            part if PARTS.iter().any(|(known, _)| *known == part) => seen.push(part),
            part => {
                let known: Vec<String> = PARTS.iter().map(|(known, _)| format!("%{known}")).collect();
                return Some(format!("the format has an unknown part `%{part}`; known are {}", known.join(" ")));
            }
        }
    }
    let count = |parts: &str| seen.iter().filter(|part| parts.contains(**part)).count();
    if count("s") == 1 && seen.len() == 1 {
        return None;
    }
    for (parts, name) in [("Yy", "year"), ("mbB", "month"), ("d", "day")] {
        match count(parts) {
            0 => return Some(format!("the format has no {name}")),
            1 => {}
            _ => return Some(format!("the format has more than one {name}")),
        }
    }
    for (part, name) in
        [("HI", "hour"), ("p", "half of the day"), ("M", "minute"), ("S", "second"), ("f", "fraction"), ("z", "offset")]
    {
        if count(part) > 1 {
            return Some(format!("the format has more than one {name}"));
        }
    }
    let fault = match (count("HI"), count("MSf"), count("s")) {
        (0, 1.., _) => "the format has minutes or seconds without an hour",
        (_, _, 1..) => "the format has `%s` beside other parts",
        _ if count("I") != count("p") => "the format has only one of `%I` and `%p`",
        _ => return None,
    };
    Some(fault.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_reads_a_day_is_good() {
        let formats = [
            "%d/%m/%Y",
            "%Y%m%d",
            "%d de %B de %Y",
            "%d-%b-%y",
            "%Y-%m-%dT%H:%M:%S%z",
            "%Y-%m-%d %H:%M:%S.%f",
            "%d/%m/%Y %I:%M %p",
            "%s",
            "excel",
        ];
        for format in formats {
            assert_eq!(fault(format), None, "{format}");
        }
    }

    #[test]
    fn a_format_that_reads_no_day_is_refused_with_its_reason() {
        let cases = [
            ("dd/mm/yyyy", "this is no date format; write its parts with `%`, such as `%d/%m/%Y`"),
            ("%d/%m", "the format has no year"),
            ("%d/%Y", "the format has no month"),
            ("%m/%Y", "the format has no day"),
            ("%d/%M/%Y", "the format has no month"),
            ("%d/%m/%Y %y", "the format has more than one year"),
            ("%Y-%m-%d %d", "the format has more than one day"),
            ("%Y-%m-%d %H:%M:%S:%S", "the format has more than one second"),
            ("%Y-%m-%d %M", "the format has minutes or seconds without an hour"),
            ("%Y-%m-%d %s", "the format has `%s` beside other parts"),
            ("%d/%m/%Y %I:%M", "the format has only one of `%I` and `%p`"),
            ("%F", "the format has an unknown part `%F`; known are %Y %y %m %b %B %d %H %I %p %M %S %f %z %s %%"),
        ];
        for (format, message) in cases {
            assert_eq!(fault(format).as_deref(), Some(message), "{format}");
        }
    }
}
