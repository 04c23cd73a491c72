//! An array of objects as columns: one for each key, with a place in its cell for each object.

use super::{Entries, scalar, unescape};
use crate::decoder::{ELEMENT_SEPARATOR, OF_EACH_OBJECT};
use crate::{Faults, RejectCode};
use rustc_hash::FxHashMap;
use serde::de::Deserializer;
use serde_json::value::RawValue;

/// Objects times keys; a larger array stays JSON text, since a few long ones with rare keys would grow without bound.
const PLACES_MAX: usize = 1 << 16;

/// The values of the objects, key by key.
#[derive(Default)]
pub(super) struct ObjectColumns<'r> {
    columns: Vec<ObjectColumn<'r>>,
    positions: FxHashMap<String, usize>,
    objects: usize,
    is_plain: bool,
}

struct ObjectColumn<'r> {
    name: String,
    /// Which object says what, in their order.
    values: Vec<(usize, &'r RawValue)>,
}

impl<'r> ObjectColumns<'r> {
    /// Takes the elements of an array apart, which is at `path`; nothing comes of one that holds anything but objects.
    pub(super) fn of(elements: &[&'r RawValue], path: &str, faults: &mut Faults) -> serde_json::Result<Self> {
        let mut taken = Self { is_plain: true, objects: elements.len(), ..Self::default() };
        let is_object = |element: &&RawValue| element.get().starts_with('{');
        if elements.iter().all(is_object) {
            let mut name = format!("{path}{OF_EACH_OBJECT}");
            for (object, element) in elements.iter().enumerate() {
                taken.take(object, element.get(), &mut name, faults)?;
            }
        }
        Ok(taken)
    }

    fn take(&mut self, object: usize, raw: &'r str, name: &mut String, faults: &mut Faults) -> serde_json::Result<()> {
        let entries = serde_json::Deserializer::from_str(raw).deserialize_map(Entries)?;
        let above = name.len();
        for (key, value) in entries {
            match unescape(key.get()) {
                Some(key) => name.push_str(&key),
                None => faults.add(RejectCode::LoneSurrogate),
            }
            match value.get().as_bytes().first() {
                Some(b'{') => {
                    name.push('.');
                    self.take(object, value.get(), name, faults)?;
                }
                // A list within an object has no place of its own beside those of the other objects.
                Some(b'[' | b'n') => {}
                _ => self.add(object, name, value, faults),
            }
            name.truncate(above);
        }
        Ok(())
    }

    fn add(&mut self, object: usize, name: &str, value: &'r RawValue, faults: &mut Faults) {
        let position = match self.positions.get(name) {
            Some(position) => *position,
            None => {
                self.positions.insert(name.to_owned(), self.columns.len());
                self.columns.push(ObjectColumn { name: name.to_owned(), values: Vec::new() });
                self.columns.len() - 1
            }
        };
        let values = &mut self.columns[position].values;
        if values.last().is_some_and(|(last, _)| *last == object) {
            return faults.add_in(RejectCode::DuplicateKey, name);
        }
        self.is_plain &= unescape(value.get()).is_none_or(|text| !text.contains(ELEMENT_SEPARATOR));
        values.push((object, value));
    }

    /// The columns with their cells: the objects' values joined, nothing between two separators where one says none.
    pub(super) fn cells(self, faults: &mut Faults) -> Vec<(String, String)> {
        if !self.is_plain || self.objects * self.columns.len() > PLACES_MAX {
            return Vec::new();
        }
        let cell = |column: &ObjectColumn<'r>, faults: &mut Faults| {
            let mut text = String::new();
            let mut next = 0;
            for (object, value) in &column.values {
                text.extend(std::iter::repeat_n(ELEMENT_SEPARATOR, object - next));
                next = *object;
                scalar(value.get(), &column.name, &mut text, faults);
            }
            text.extend(std::iter::repeat_n(ELEMENT_SEPARATOR, self.objects - 1 - next));
            text
        };
        let cells: Vec<String> = self.columns.iter().map(|column| cell(column, faults)).collect();
        self.columns.into_iter().map(|column| column.name).zip(cells).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Decoder, RawFormat, RejectCode};

    fn cells(raw: &str) -> Result<Vec<(String, String)>, Vec<RejectCode>> {
        let mut decoder = Decoder::new(&RawFormat::Json);
        decoder.push(raw).map_err(|faults| faults.codes)?;
        let cells = decoder.take();
        let of_objects = cells.row(0).filter(|(name, _)| name.contains("[]"));
        Ok(of_objects.map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    #[test]
    fn each_key_of_the_objects_is_a_column_with_a_place_for_each_object() {
        for (raw, expected) in [
            (r#"{"t": [{"n": "1", "k": "a"}, {"n": "2"}]}"#, vec![("t[].n", "1\u{1F}2"), ("t[].k", "a\u{1F}")]),
            (r#"{"t": [{}, {"n": 1}, {"n": null}]}"#, vec![("t[].n", "\u{1F}1\u{1F}")]),
            (r#"{"a": {"t": [{"g": {"x": 1.50}}]}}"#, vec![("a.t[].g.x", "1.50")]),
            (r#"{"t": [{"n": ["1", "2"]}]}"#, vec![]),
            (r#"{"t": [{"n": "1"}, 2]}"#, vec![]),
            (r#"{"t": []}"#, vec![]),
            (r#"{"t": [{"n": "a\u001fb"}]}"#, vec![]),
        ] {
            let expected: Vec<(String, String)> =
                expected.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
            assert_eq!(cells(raw).unwrap(), expected, "{raw}");
        }
    }

    #[test]
    fn a_broken_object_in_an_array_rejects_the_record() {
        assert_eq!(cells(r#"{"t": [{"n": 1, "n": 2}]}"#).unwrap_err(), [RejectCode::DuplicateKey]);
        assert_eq!(cells(r#"{"t": [{"n": "\ud800"}]}"#).unwrap_err(), [RejectCode::LoneSurrogate]);
        assert_eq!(cells(r#"{"t": [{"n": "\u0000"}]}"#).unwrap_err(), [RejectCode::NulByte]);
    }

    #[test]
    fn an_array_of_too_many_places_stays_text() {
        let objects: Vec<String> = (0..600).map(|n| format!(r#"{{"k{n}": 1}}"#)).collect();
        assert_eq!(cells(&format!(r#"{{"t": [{}]}}"#, objects.join(","))).unwrap(), []);
    }
}
