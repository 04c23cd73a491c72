//! One form of bytes for each JSON value: the same on every version of the server, whatever the order of the names.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Adds the bytes of a JSON text: a letter for what it is; the length, or the count of elements, in four bytes; then the
/// letters of a text, the digits of a number, the elements. An object's names are in the order of their bytes. `None` for
/// what is no JSON.
pub(super) fn canonical(text: &str, bytes: &mut Vec<u8>) -> Option<()> {
    match text.trim_start().as_bytes().first()? {
        b'{' => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            begin(b'o', members.len(), bytes);
            members.iter().try_for_each(|(name, value)| {
                put(b's', name.as_bytes(), bytes);
                canonical(value.get(), bytes)
            })?;
        }
        b'[' => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            begin(b'a', elements.len(), bytes);
            elements.iter().try_for_each(|element| canonical(element.get(), bytes))?;
        }
        b'"' => put(b's', serde_json::from_str::<String>(text).ok()?.as_bytes(), bytes),
        b't' | b'f' | b'n' => put(b'w', text.trim().as_bytes(), bytes),
        _ => put(b'0', text.trim().as_bytes(), bytes),
    }
    Some(())
}

fn put(what: u8, content: &[u8], bytes: &mut Vec<u8>) {
    begin(what, content.len(), bytes);
    bytes.extend_from_slice(content);
}

fn begin(what: u8, count: usize, bytes: &mut Vec<u8>) {
    bytes.push(what);
    bytes.extend_from_slice(&(count as u32).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        canonical(text, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn order_of_names_and_spaces_make_no_difference() {
        assert_eq!(bytes(r#"{"a": 1, "b": [true, null]}"#), bytes(r#" {"b":[true,null],"a":1}"#));
        assert_eq!(bytes(r#""\u00e9\n""#), bytes("\"é\\n\""));
    }

    #[test]
    fn different_values_have_different_bytes() {
        let values = [
            "null",
            "true",
            "false",
            "0",
            "1",
            "1.0",
            "10",
            "\"1\"",
            "\"true\"",
            "[]",
            "{}",
            "[[]]",
            "[1]",
            "[1,0]",
            "[10]",
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"["a",1]"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":[],"b":1}"#,
            r#"{"a":["b",1]}"#,
        ];
        for (place, left) in values.iter().enumerate() {
            for right in &values[place + 1..] {
                assert_ne!(bytes(left), bytes(right), "{left} {right}");
            }
        }
    }

    #[test]
    fn digits_are_kept_as_they_are() {
        assert_ne!(bytes("0.1"), bytes("0.10000000000000000001"));
        assert!(canonical("{", &mut Vec::new()).is_none());
    }
}
