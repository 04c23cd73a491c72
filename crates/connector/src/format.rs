//! The format of a raw record, stored once per file, so that the record can be read again without the file.

use serde::{Deserialize, Serialize};

/// How a raw record becomes cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum RawFormat {
    /// Cells in the order of the header, with a delimiter between them.
    Delimited(Delimited),
    /// A JSON object. Rows of tables and sheets are kept so too.
    Json,
}

/// The layout of delimited text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delimited {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// What stands between two cells: one ASCII character.
    #[serde(with = "ascii")]
    pub delimiter: u8,
    /// What may stand around a cell, and is doubled within: one ASCII character, or none.
    #[serde(with = "ascii::option")]
    pub quote: Option<u8>,
}

/// Characters in the stored form, bytes in the program.
mod ascii {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(byte: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        char::from(*byte).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        byte(char::deserialize(deserializer)?)
    }

    fn byte<E: Error>(character: char) -> Result<u8, E> {
        u8::try_from(character).ok().filter(u8::is_ascii).ok_or_else(|| E::custom("not an ASCII character"))
    }

    pub(super) mod option {
        use super::{Deserialize, Deserializer, Serialize, Serializer};

        pub(in super::super) fn serialize<S: Serializer>(byte: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
            byte.map(char::from).serialize(serializer)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<u8>, D::Error> {
            Option::<char>::deserialize(deserializer)?.map(super::byte).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_stored_in_readable_form() {
        let format = RawFormat::Delimited(Delimited { columns: vec!["id".into()], delimiter: b';', quote: None });
        let stored = serde_json::to_string(&format).unwrap();
        assert_eq!(stored, r#"{"format":"delimited","columns":["id"],"delimiter":";","quote":null}"#);
        assert_eq!(serde_json::from_str::<RawFormat>(&stored).unwrap(), format);
        assert_eq!(serde_json::to_string(&RawFormat::Json).unwrap(), r#"{"format":"json"}"#);
    }
}
