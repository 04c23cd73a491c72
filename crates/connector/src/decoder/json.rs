//! JSON object → cells. No tree is built: values are split off as raw text and flattened as they come.

mod objects;

use super::ELEMENT_SEPARATOR;
use crate::{Cells, Faults, RejectCode};
use objects::ObjectColumns;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// How deeply objects and arrays may be nested.
const DEPTH_MAX: usize = 32;
/// How many values a record may have.
const VALUES_MAX: usize = 2_000;

/// Flattens one object after the other.
#[derive(Default)]
pub(super) struct ObjectFlattener {
    /// The values of the record: column, and where its text stands in `text`; none for a null.
    values: Vec<(usize, Option<(usize, usize)>)>,
    text: String,
    /// For each column the number of the last record that had it, so that a second one is found at once.
    seen: Vec<u64>,
    record: u64,
    faults: Faults,
}

impl ObjectFlattener {
    pub(super) fn push(&mut self, raw: &str, cells: &mut Cells) -> Result<(), Faults> {
        let columns_before = cells.names().len();
        self.values.clear();
        self.text.clear();
        self.faults = Faults::default();
        self.record += 1;
        let mut path = String::new();
        if let Err(error) = self.flatten(raw, &mut path, 1, cells) {
            self.faults.add(match error.classify() {
                _ if raw.trim_ascii().is_empty() => RejectCode::JsonSyntax,
                serde_json::error::Category::Eof => RejectCode::Truncated,
                serde_json::error::Category::Data => RejectCode::NotAnObject,
                _ => RejectCode::JsonSyntax,
            });
        }
        if memchr::memchr(0, raw.as_bytes()).is_some() {
            self.faults.add(RejectCode::NulByte);
        }
        if !self.faults.is_empty() {
            cells.forget_columns_from(columns_before);
            self.seen.truncate(columns_before);
            return Err(std::mem::take(&mut self.faults));
        }
        for (column, span) in &self.values {
            cells.push(*column, span.map(|(start, end)| &self.text[start..end]));
        }
        cells.end_row();
        Ok(())
    }

    fn flatten(&mut self, raw: &str, path: &mut String, depth: usize, cells: &mut Cells) -> serde_json::Result<()> {
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        let object = Object { flattener: self, path, depth, cells };
        object.deserialize(&mut deserializer)?;
        deserializer.end()
    }

    fn value(&mut self, raw: &str, path: &mut String, depth: usize, cells: &mut Cells) -> serde_json::Result<()> {
        match raw.as_bytes().first() {
            Some(b'{') if depth >= DEPTH_MAX => self.faults.add_in(RejectCode::TooDeep, path),
            Some(b'{') => return self.flatten(raw, path, depth + 1, cells),
            Some(b'[') if depth + nesting(raw) > DEPTH_MAX => self.faults.add_in(RejectCode::TooDeep, path),
            Some(b'[') => {
                let start = self.text.len();
                let elements = serde_json::Deserializer::from_str(raw).deserialize_seq(Elements)?;
                let span = self.array(raw, &elements, path).then_some((start, self.text.len()));
                self.add(path, span, cells);
                for (name, text) in ObjectColumns::of(&elements, path, &mut self.faults)?.cells(&mut self.faults) {
                    let start = self.text.len();
                    self.text.push_str(&text);
                    self.add(&name, Some((start, self.text.len())), cells);
                }
            }
            Some(b'n') => self.add(path, None, cells),
            _ => {
                let start = self.text.len();
                scalar(raw, path, &mut self.text, &mut self.faults);
                self.add(path, Some((start, self.text.len())), cells);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &str, span: Option<(usize, usize)>, cells: &mut Cells) {
        if self.values.len() == VALUES_MAX {
            return self.faults.add(RejectCode::TooManyColumns);
        }
        let column = cells.position_or_add(path);
        if self.seen.len() <= column {
            self.seen.resize(column + 1, 0);
        }
        if self.seen[column] == self.record {
            return self.faults.add_in(RejectCode::DuplicateKey, path);
        }
        self.seen[column] = self.record;
        self.values.push((column, span));
    }

    /// Appends the elements joined, or the whole array as JSON text; false when there is no element.
    fn array(&mut self, raw: &str, elements: &[&RawValue], path: &str) -> bool {
        let start = self.text.len();
        let is_flat = elements.iter().all(|element| {
            let is_nested = element.get().starts_with(['{', '[']);
            !is_nested && unescape(element.get()).is_none_or(|text| !text.contains(ELEMENT_SEPARATOR))
        });
        if !is_flat {
            self.text.push_str(raw);
            return true;
        }
        let mut any = false;
        for element in elements.iter().filter(|element| element.get() != "null") {
            if any {
                self.text.push(ELEMENT_SEPARATOR);
            }
            any = true;
            scalar(element.get(), path, &mut self.text, &mut self.faults);
        }
        any || self.text.len() > start
    }
}

/// Appends a text without its quotes and escapes, anything else as it stands.
fn scalar(raw: &str, path: &str, to: &mut String, faults: &mut Faults) {
    match unescape(raw) {
        Some(text) => {
            if text.contains('\0') {
                faults.add_in(RejectCode::NulByte, path);
            }
            to.push_str(&text);
        }
        None => faults.add_in(RejectCode::LoneSurrogate, path),
    }
}

/// The text of a JSON string, or the number or truth value as it stands; `None` for half a surrogate pair, the only
/// fault that a value can have once it has been split off.
fn unescape(raw: &str) -> Option<Cow<'_, str>> {
    let Some(inside) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Some(Cow::Borrowed(raw));
    };
    if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inside));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

/// How deeply an array is nested: 1 for one without containers in it. Brackets inside of texts do not count.
fn nesting(raw: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in raw.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// An object on its way to cells, its columns named `path.key`.
struct Object<'a> {
    flattener: &'a mut ObjectFlattener,
    path: &'a mut String,
    depth: usize,
    cells: &'a mut Cells,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let above = self.path.len();
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            if above > 0 {
                self.path.push('.');
            }
            match unescape(key.get()) {
                Some(key) if key.contains('\0') => self.flattener.faults.add(RejectCode::NulByte),
                Some(key) => {
                    self.path.push_str(&key);
                    self.flattener
                        .value(value.get(), self.path, self.depth, self.cells)
                        .map_err(serde::de::Error::custom)?;
                }
                None => self.flattener.faults.add(RejectCode::LoneSurrogate),
            }
            self.path.truncate(above);
        }
        Ok(())
    }
}

/// The elements of an array, as raw text.
struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(elements)
    }
}

/// The keys and values of an object, as raw text.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decoder, RawFormat};
    use proptest::prelude::*;

    fn cells(raw: &str) -> Result<Vec<(String, String)>, Vec<RejectCode>> {
        let mut decoder = Decoder::new(&RawFormat::Json);
        decoder.push(raw).map_err(|faults| faults.codes)?;
        let cells = decoder.take();
        Ok(cells.row(0).map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    #[test]
    fn values_keep_their_exact_text() {
        for (raw, expected) in [
            (r#"{"a": 12345678901234567890}"#, "12345678901234567890"),
            (r#"{"a": 0.10}"#, "0.10"),
            (r#"{"a": 1e400}"#, "1e400"),
            (r#"{"a": -0}"#, "-0"),
            (r#"{"a": true}"#, "true"),
            (r#"{"a": "q\"\u00e9\ud83d\ude00"}"#, "q\"é😀"),
            (r#"{"a": ["x", 1, null, "y"]}"#, "x\u{1F}1\u{1F}y"),
            (r#"{"a": [[{"b": 1}]]}"#, r#"[[{"b": 1}]]"#),
            (r#"{"a": [""]}"#, ""),
        ] {
            assert_eq!(cells(raw).unwrap(), [("a".into(), expected.into())], "{raw}");
        }
    }

    #[test]
    fn nested_objects_become_columns() {
        let expected = [("a.b".into(), "1".into()), ("a.c.d".into(), "2".into()), ("e".into(), "3".into())];
        assert_eq!(cells(r#"{"a": {"b": 1, "c": {"d": 2}}, "e": 3}"#).unwrap(), expected);
    }

    #[test]
    fn nulls_and_empty_arrays_are_null() {
        assert_eq!(cells(r#"{"a": null, "b": [], "c": [null], "d": {}}"#).unwrap(), []);
    }

    #[test]
    fn a_broken_record_is_rejected_with_all_its_faults() {
        use RejectCode::*;
        for (raw, codes) in [
            (r#"{"a": 1, "a": 2}"#, vec![DuplicateKey]),
            (r#"{"a": {"b": 1}, "a.b": 2}"#, vec![DuplicateKey]),
            (r#"{"a": NaN}"#, vec![JsonSyntax]),
            (r#"{"a": 1,}"#, vec![JsonSyntax]),
            (r#"{"a": 1} // comment"#, vec![JsonSyntax]),
            ("", vec![JsonSyntax]),
            (r#"{"a": 1"#, vec![Truncated]),
            (r#"{"a": "x"#, vec![Truncated]),
            (r#"[1]"#, vec![NotAnObject]),
            (r#""text""#, vec![NotAnObject]),
            (r#"{"a": "\ud800"}"#, vec![LoneSurrogate]),
            (r#"{"\ud800": 1}"#, vec![LoneSurrogate]),
            (r#"{"a": "\u0000"}"#, vec![NulByte]),
            (r#"{"a": "\u0000", "b": "\ud800", "b": 1}"#, vec![NulByte, LoneSurrogate, DuplicateKey]),
        ] {
            assert_eq!(cells(raw).unwrap_err(), codes, "{raw}");
        }
    }

    #[test]
    fn depth_is_bounded_in_objects_and_in_arrays() {
        let objects = |n: usize| format!("{}1{}", r#"{"a":"#.repeat(n), "}".repeat(n));
        let arrays = |n: usize| format!(r#"{{"a":{}1{}}}"#, "[".repeat(n), "]".repeat(n));
        assert!(cells(&objects(DEPTH_MAX)).is_ok());
        assert!(cells(&arrays(DEPTH_MAX - 1)).is_ok());
        for deep in [objects(DEPTH_MAX + 1), arrays(DEPTH_MAX), objects(20_000), arrays(20_000)] {
            assert_eq!(cells(&deep).unwrap_err(), [RejectCode::TooDeep]);
        }
    }

    #[test]
    fn a_million_keys_are_rejected_and_leave_no_columns() {
        let keys: Vec<_> = (0..1_000_000).map(|n| format!("\"{n}\":1")).collect();
        let mut decoder = Decoder::new(&RawFormat::Json);
        let faults = decoder.push(&format!("{{{}}}", keys.join(","))).unwrap_err();
        assert_eq!(faults.codes, [RejectCode::TooManyColumns]);
        assert!(decoder.cells().names().is_empty());
    }

    #[test]
    fn a_rejected_record_leaves_nothing_behind() {
        let mut decoder = Decoder::new(&RawFormat::Json);
        decoder.push(r#"{"a": 1, "b": 2, "b": 3}"#).unwrap_err();
        decoder.push(r#"{"b": 4}"#).unwrap();
        assert_eq!(decoder.cells().names(), ["b"]);
        assert_eq!(decoder.cells().row(0).collect::<Vec<_>>(), [("b", "4")]);
    }

    proptest! {
        #[test]
        fn texts_survive_the_way_through_json(
            texts in prop::collection::btree_map("[a-z]{1,3}", "[^\u{0}\u{1F}]{0,8}", 0..5),
        ) {
            let raw = serde_json::to_string(&texts).unwrap();
            prop_assert_eq!(cells(&raw).unwrap(), texts.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn no_text_makes_the_flattener_panic(raw in r#"[\[\]{}",:a1\\ ]{0,20}"#) {
            let mut decoder = Decoder::new(&RawFormat::Json);
            let pushed = decoder.push(&raw).is_ok();
            prop_assert_eq!(decoder.cells().rows(), usize::from(pushed));
        }
    }
}
