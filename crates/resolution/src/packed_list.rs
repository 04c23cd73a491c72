//! Long lists inside a model. In JSON each is one text instead of a number after the other: a model of a million records has
//! two million of them, which the program would spend seconds on writing, and the store on taking in.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// Writes a list: to people as base64 of its postcard form, otherwise as it is.
///
/// # Errors
/// As the serializer.
pub(crate) fn serialize<S: Serializer, T: Serialize>(list: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    if !serializer.is_human_readable() {
        return list.serialize(serializer);
    }
    let packed = postcard::to_stdvec(list).map_err(S::Error::custom)?;
    serializer.serialize_str(&BASE64_STANDARD.encode(packed))
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
/// A text that it did not write.
pub(crate) fn deserialize<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    if !deserializer.is_human_readable() {
        return Vec::deserialize(deserializer);
    }
    let text = Cow::<str>::deserialize(deserializer)?;
    let packed = BASE64_STANDARD.decode(text.as_bytes()).map_err(D::Error::custom)?;
    postcard::from_bytes(&packed).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Lists {
        #[serde(with = "super")]
        numbers: Vec<u64>,
        #[serde(with = "super")]
        nested: Vec<Vec<u32>>,
    }

    proptest! {
        #[test]
        fn a_list_comes_back_from_json_and_from_bytes(
            numbers: Vec<u64>,
            nested in prop::collection::vec(any::<Vec<u32>>(), 0..4),
        ) {
            let lists = Lists { numbers, nested };
            let json = serde_json::to_value(&lists).unwrap();
            prop_assert!(json["numbers"].is_string() && json["nested"].is_string());
            prop_assert_eq!(&serde_json::from_value::<Lists>(json).unwrap(), &lists);
            let bytes = postcard::to_stdvec(&lists).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Lists>(&bytes).unwrap(), lists);
        }
    }

    #[test]
    fn a_text_that_is_no_list_is_refused() {
        for text in ["", "!", "AQ", "/w=="] {
            let json = serde_json::json!({"numbers": text, "nested": ""});
            assert!(serde_json::from_value::<Lists>(json).is_err(), "{text}");
        }
    }
}
