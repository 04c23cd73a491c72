//! What the first bytes of a file say it is, whatever its name.

use crate::options::{Compression, Format};

/// A kind of content that magic bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Compressed(Compression),
    /// A zip archive, which a workbook is too.
    Zip,
    Parquet,
    /// Something that is not read, by its name.
    Foreign(&'static str),
    /// Perhaps text.
    Unmarked,
}

const MARKS: &[(&[u8], Content)] = &[
    (b"\x1F\x8B", Content::Compressed(Compression::Gzip)),
    (b"\x28\xB5\x2F\xFD", Content::Compressed(Compression::Zstd)),
    (b"PAR1", Content::Parquet),
    (b"PK\x03\x04", Content::Zip),
    (b"PK\x05\x06", Content::Zip),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Content::Foreign("an old or encrypted Office file; save it as plain .xlsx")),
    (b"7z\xBC\xAF\x27\x1C", Content::Foreign("a 7z archive; unpack it first")),
    (b"Rar!\x1A\x07", Content::Foreign("a RAR archive; unpack it first")),
    (b"\xFD7zXZ\0", Content::Foreign("xz data; unpack it first")),
    (b"BZh", Content::Foreign("bzip2 data; unpack it first")),
    (b"%PDF-", Content::Foreign("a PDF document")),
    (b"SQLite format 3\0", Content::Foreign("an SQLite database")),
    (b"Obj\x01", Content::Foreign("Avro data")),
    (b"ORC", Content::Foreign("ORC data")),
    (b"\x89PNG", Content::Foreign("a picture")),
];
/// Where a tar archive has its mark.
const TAR_AT: usize = 257;

impl Content {
    pub(crate) fn of(beginning: &[u8]) -> Self {
        if beginning.get(TAR_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) {
            return Self::Foreign("a tar archive; unpack it first");
        }
        match MARKS.iter().find(|(mark, _)| beginning.starts_with(mark)) {
            // A CSV may begin with these letters; the formats go on with bytes that no text has.
            Some((b"ORC" | b"BZh", _)) if beginning.iter().take(64).all(|b| matches!(b, 9..14 | 32..127)) => {
                Self::Unmarked
            }
            Some((_, content)) => *content,
            None => Self::Unmarked,
        }
    }
}

/// What a file's name says: compression and format, each where it says one.
pub(crate) fn named(name: &str) -> (Option<Compression>, Option<Named>) {
    let name = name.to_ascii_lowercase();
    let (rest, compression) = if let Some(rest) = name.strip_suffix(".gz") {
        (rest, Some(Compression::Gzip))
    } else if let Some(rest) = name.strip_suffix(".zst").or(name.strip_suffix(".zstd")) {
        (rest, Some(Compression::Zstd))
    } else {
        (name.as_str(), None)
    };
    let format = match rest.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "csv" => Some(Named::Exactly(Format::Csv)),
        "tsv" | "tab" => Some(Named::TabSeparated),
        "jsonl" | "ndjson" => Some(Named::Exactly(Format::JsonLines)),
        "json" => Some(Named::Json),
        "parquet" | "pq" => Some(Named::Exactly(Format::Parquet)),
        "xlsx" | "xlsm" => Some(Named::Exactly(Format::Xlsx)),
        _ => None,
    };
    (compression, format)
}

/// What an extension says of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Exactly(Format),
    /// Delimited by tabs.
    TabSeparated,
    /// An array or lines.
    Json,
}

impl Named {
    pub(crate) fn allows(self, format: Format) -> bool {
        match self {
            Self::Exactly(named) => named == format,
            Self::TabSeparated => format == Format::Csv,
            Self::Json => matches!(format, Format::JsonLines | Format::JsonArray),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_what_a_file_is_and_text_has_none() {
        assert_eq!(Content::of(b"\x1F\x8B\x08"), Content::Compressed(Compression::Gzip));
        assert_eq!(Content::of(b"PK\x03\x04..."), Content::Zip);
        assert_eq!(Content::of(b"id;nome\n"), Content::Unmarked);
        assert_eq!(Content::of(b"ORCID;nome\n"), Content::Unmarked);
        assert_eq!(Content::of(b""), Content::Unmarked);
        let mut tar = vec![b'a'; 600];
        tar[TAR_AT..TAR_AT + 5].copy_from_slice(b"ustar");
        assert!(matches!(Content::of(&tar), Content::Foreign(_)));
    }

    #[test]
    fn a_name_tells_format_and_compression() {
        assert_eq!(named("A.CSV.gz"), (Some(Compression::Gzip), Some(Named::Exactly(Format::Csv))));
        assert_eq!(named("a.json"), (None, Some(Named::Json)));
        assert_eq!(named("a.dat"), (None, None));
    }
}
