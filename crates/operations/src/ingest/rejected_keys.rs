//! Of which records the rejected rows of a snapshot speak: a record that is rejected today is not gone.

use super::batch::MappedBatch;
use super::mapping::Mapping;
use vinculo_connector::{Decoder, RawFormat, Reject};

/// What the rejected rows of a batch tell of their keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RejectedKeys {
    /// The source keys that can be read.
    pub keys: Vec<String>,
    /// Rows whose key cannot be read.
    pub unreadable: u64,
}

/// Reads the keys of the rejected rows of a batch.
pub fn rejected_keys(mapping: &Mapping, mapped: &MappedBatch) -> RejectedKeys {
    let mut rejected = RejectedKeys::default();
    let unmapped = mapped.faults().map(|(_, faulty)| faulty.key.clone());
    let format = &mapped.batch.origin.format;
    let unread = mapped.batch.rejects.iter().map(|reject| key_of(mapping, format, reject));
    for key in unmapped.chain(unread) {
        match key {
            Some(key) => rejected.keys.push(key),
            None => rejected.unreadable += 1,
        }
    }
    rejected
}

/// The key of a row that its connector rejected, where the kept text still falls into its columns, as it does when single
/// characters were at fault.
fn key_of(mapping: &Mapping, format: &RawFormat, reject: &Reject) -> Option<String> {
    const LONGEST_CHARACTER: usize = 4;
    // A row that fills what is kept of it may have lost its end, and with it the end of its key.
    let raw = reject.raw.as_deref().filter(|raw| raw.len() + LONGEST_CHARACTER <= Reject::RAW_MAX)?;
    let mut decoder = Decoder::new(format);
    decoder.push(raw).ok()?;
    let key = mapping.bind(&decoder.take()).key(0).ok()?;
    (!key.contains(char::REPLACEMENT_CHARACTER)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::mapping::tests::mapping;
    use vinculo_connector::{Delimited, RejectCode};

    fn key(raw: Option<&str>) -> Option<String> {
        let columns = ["name", "id"].map(str::to_owned).to_vec();
        let format = RawFormat::Delimited(Delimited { columns, delimiter: b';', quote: Some(b'"') });
        let raw = raw.map(str::to_owned);
        let reject = Reject { line: 2, offset: None, columns: Vec::new(), codes: vec![RejectCode::NulByte], raw };
        key_of(&mapping("record: person\nkey: id\nfields: {full_name: name}"), &format, &reject)
    }

    #[test]
    fn a_key_is_read_only_where_nothing_can_have_shifted_it() {
        let padded = |bytes: usize| format!("{};7", "x".repeat(bytes));
        for (raw, expected) in [
            (Some("Ana\u{FFFD};7"), Some("7")),
            (Some("Ana;7\u{FFFD}"), None),
            (Some("Ana;7;8"), None),
            (Some("Ana"), None),
            (Some("Ana;"), None),
            (Some("\"Ana;7"), None),
            (Some(padded(Reject::RAW_MAX - 6).as_str()), Some("7")),
            (Some(padded(Reject::RAW_MAX - 5).as_str()), None),
            (None, None),
        ] {
            assert_eq!(key(raw).as_deref(), expected);
        }
    }
}
