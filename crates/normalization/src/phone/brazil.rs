//! Brazil's numbering plan (Anatel): two digits of area, then eight digits of a land line or nine of a mobile.

/// Writes the E.164 form of digits that stand behind the country code; false where they are no land line or mobile.
pub(super) fn write_e164(national: &str, out: &mut String) -> bool {
    // `+55 (0)11 …` keeps the prefix of a domestic call.
    let national = national.strip_prefix('0').unwrap_or(national);
    let Some((area, subscriber)) = split(national) else {
        return false;
    };
    let ninth = match (subscriber.len(), &subscriber.as_bytes()[..2]) {
        (8, [b'2'..=b'5', _]) | (9, [b'9', _]) => "",
        // Numbers of radio services never got a ninth digit.
        (8, [b'7', b'0' | b'7' | b'8' | b'9']) => "",
        (8, [b'6'..=b'9', _]) if is_old_mobile(national) => "9",
        _ => return false,
    };
    for part in ["+55", area, ninth, subscriber] {
        out.push_str(part);
    }
    true
}

/// Writes the E.164 form of digits as they are dialed inside the country: area first, maybe behind a 0 and a carrier,
/// or behind the country code without a plus.
pub(super) fn write_national(digits: &str, out: &mut String) -> bool {
    match (digits.len(), digits.strip_prefix('0'), digits.strip_prefix("55")) {
        (10 | 11, None, _) => write_e164(digits, out),
        (12 | 13, None, Some(national)) => write_e164(national, out),
        (11 | 12, Some(national), _) => write_e164(national, out),
        // 0, two digits of the carrier, then the number.
        (13 | 14, Some(rest), _) if !rest.starts_with('0') => write_e164(&rest[2..], out),
        _ => false,
    }
}

/// Whether this is a mobile number from before 2016, when the last areas got the ninth digit.
pub(super) fn is_old_mobile(national: &str) -> bool {
    split(national).is_some_and(|(_, subscriber)| {
        subscriber.len() == 8
            && match &subscriber.as_bytes()[..2] {
                [b'6' | b'8' | b'9', _] => true,
                [b'7', second] => (b'1'..=b'6').contains(second),
                _ => false,
            }
    })
}

fn split(national: &str) -> Option<(&str, &str)> {
    let (area, subscriber) = national.split_at_checked(2)?;
    (is_area(area.as_bytes()) && matches!(subscriber.len(), 8 | 9)).then_some((area, subscriber))
}

fn is_area(area: &[u8]) -> bool {
    match area {
        [b'1' | b'4' | b'6' | b'8' | b'9', second] => (b'1'..=b'9').contains(second),
        [b'2', second] => matches!(second, b'1' | b'2' | b'4' | b'7' | b'8'),
        [b'3', second] => matches!(second, b'1'..=b'5' | b'7' | b'8'),
        [b'5', second] => matches!(second, b'1' | b'3' | b'4' | b'5'),
        [b'7', second] => matches!(second, b'1' | b'3' | b'4' | b'5' | b'7' | b'9'),
        _ => false,
    }
}

/// All area codes.
#[cfg(test)]
pub(super) fn area_codes() -> impl Iterator<Item = String> {
    (10..100).map(|code: u32| code.to_string()).filter(|code| is_area(code.as_bytes()))
}
