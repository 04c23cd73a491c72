//! Portugal's numbering plan (Anacom): nine digits, the first two or three say what kind of line it is.

/// Writes the E.164 form of digits that stand behind the country code; false where they are no land line or mobile.
pub(super) fn write_e164(national: &str, out: &mut String) -> bool {
    let known = national.len() == 9
        && match &national.as_bytes()[..3] {
            [b'9', b'1' | b'2' | b'3' | b'6', _] => true,
            [b'2', b'1' | b'2', _] => true,
            [b'2', b'3', third] => matches!(third, b'1' | b'2' | b'3' | b'4' | b'5' | b'6' | b'8' | b'9'),
            [b'2', b'4', third] => matches!(third, b'1'..=b'5' | b'9'),
            [b'2', b'5' | b'7', third] => matches!(third, b'1'..=b'9'),
            [b'2', b'6', third] => matches!(third, b'1' | b'2' | b'3' | b'5' | b'6' | b'8' | b'9'),
            [b'2', b'8', third] => matches!(third, b'1'..=b'6' | b'9'),
            [b'2', b'9', third] => matches!(third, b'1' | b'2' | b'5' | b'6'),
            _ => false,
        };
    if known {
        out.push_str("+351");
        out.push_str(national);
    }
    known
}

/// Writes the E.164 form of digits as they are dialed inside the country, maybe behind its code without a plus.
pub(super) fn write_national(digits: &str, out: &mut String) -> bool {
    match (digits.len(), digits.strip_prefix("351")) {
        (9, _) => write_e164(digits, out),
        (12, Some(national)) => write_e164(national, out),
        _ => false,
    }
}
