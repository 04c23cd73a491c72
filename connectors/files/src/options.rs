//! The connector's keys in `vinculo.yaml`: what they are called, what they mean, what they are set to.

use encoding_rs::Encoding;
use serde_json::Value;
use vinculo_connector::{Capabilities, ConnectorError, Deletes, OptionSpec, Options, Spec};

pub(crate) const SPEC: Spec = Spec {
    kind: "files",
    meaning: "Reads CSV, JSON, Parquet and XLSX files, plain or compressed.",
    options: &[
        OptionSpec {
            key: "path",
            meaning: "What to read: a file, a folder, a glob, or a list of these; in natural order, every file once.",
            example: "data/crm*.csv",
            required: true,
        },
        OptionSpec {
            key: "format",
            meaning: "csv (any delimited text), jsonl (a JSON object a line), json (an array of objects), parquet or \
                      xlsx. Left out: from name and content.",
            example: "csv",
            required: false,
        },
        OptionSpec {
            key: "compression",
            meaning: "none, gzip or zstd. Left out: from the name, held against the content.",
            example: "gzip",
            required: false,
        },
        OptionSpec {
            key: "encoding",
            meaning: "Encoding of text files: utf-8, utf-16le, utf-16be, windows-1252, latin1 or another name of the \
                      WHATWG list. Left out: detected where one candidate remains.",
            example: "windows-1252",
            required: false,
        },
        OptionSpec {
            key: "delimiter",
            meaning: "One ASCII character, or tab. Left out: detected among , ; tab and |.",
            example: "\";\"",
            required: false,
        },
        OptionSpec {
            key: "quote",
            meaning: "One ASCII character, or none. Left out: the double quote.",
            example: "none",
            required: false,
        },
        OptionSpec {
            key: "header",
            meaning: "Whether the first line (of a sheet: the first row) names the columns. Left out: yes, and a first \
                      line that looks like a record is refused.",
            example: "false",
            required: false,
        },
        OptionSpec {
            key: "columns",
            meaning: "The names of the columns of files without a header. Left out: c1, c2 and so on.",
            example: "[id, nome, email]",
            required: false,
        },
        OptionSpec {
            key: "title_lines",
            meaning: "How many lines (of a sheet: rows) stand above the header. Left out: up to ten of a single cell \
                      above a header of three or more are passed over, and reported.",
            example: "2",
            required: false,
        },
        OptionSpec {
            key: "records_at",
            meaning: "Where in a JSON file of one object the array of records lies: its key, or keys with dots between \
                      them. Left out: the only array of objects, which is reported.",
            example: "data",
            required: false,
        },
        OptionSpec {
            key: "sheet",
            meaning: "The sheet of a workbook. Left out: the only one.",
            example: "Clientes",
            required: false,
        },
        OptionSpec {
            key: "empty",
            meaning: "What to do when all files together hold no record: refuse (the default) or accept.",
            example: "accept",
            required: false,
        },
    ],
    capabilities: Capabilities { incremental: false, deletes: Deletes::Absence, resumable: true, acknowledges: false },
};

/// How a file's records are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
    JsonArray,
    Parquet,
    Xlsx,
}

impl Format {
    pub(crate) const ALL: [Self; 5] = [Self::Csv, Self::JsonLines, Self::JsonArray, Self::Parquet, Self::Xlsx];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::JsonArray => "json",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    pub(crate) const ALL: [Self; 3] = [Self::None, Self::Gzip, Self::Zstd];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Where the names of the columns come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Header {
    /// From the first line, unless it looks like a record.
    Assumed,
    /// From the first line, whatever it looks like.
    Declared,
    /// From `columns:`, or numbered.
    Absent(Option<Vec<String>>),
}

/// The options of one source, checked. None: to be found out.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) paths: Vec<String>,
    pub(crate) format: Option<Format>,
    pub(crate) compression: Option<Compression>,
    pub(crate) encoding: Option<&'static Encoding>,
    pub(crate) delimiter: Option<u8>,
    pub(crate) quote: Option<u8>,
    pub(crate) header: Header,
    pub(crate) title_lines: Option<usize>,
    pub(crate) records_at: Option<String>,
    pub(crate) sheet: Option<String>,
    pub(crate) accepts_empty: bool,
}

impl Settings {
    /// # Errors
    /// [`ConnectorError::Config`] with the key and what is wrong with its value.
    pub(crate) fn new(options: &Options) -> Result<Self, ConnectorError> {
        SPEC.check_keys(options)?;
        Ok(Self {
            paths: texts(options, "path")?.unwrap_or_default(),
            format: one_of(options, "format", &Format::ALL, Format::name)?,
            compression: one_of(options, "compression", &Compression::ALL, Compression::name)?,
            encoding: encoding(options)?,
            delimiter: character(options, "delimiter")?,
            quote: match text(options, "quote")? {
                Some("none") => None,
                _ => Some(character(options, "quote")?.unwrap_or(b'"')),
            },
            header: header(options)?,
            title_lines: count(options, "title_lines")?,
            records_at: text(options, "records_at")?.map(str::to_owned),
            sheet: text(options, "sheet")?.map(str::to_owned),
            accepts_empty: one_of(options, "empty", &["refuse", "accept"], |name| name)? == Some("accept"),
        })
    }
}

fn header(options: &Options) -> Result<Header, ConnectorError> {
    let declared = match options.get("header") {
        None => None,
        Some(Value::Bool(declared)) => Some(*declared),
        Some(_) => Some(one_of(options, "header", &["true", "false"], |name| name)? == Some("true")),
    };
    match (declared, texts(options, "columns")?) {
        (None, None) => Ok(Header::Assumed),
        (Some(true), None) => Ok(Header::Declared),
        (Some(true), Some(_)) => Err(ConnectorError::config("columns", "needs `header: false`")),
        (_, columns) => Ok(Header::Absent(columns)),
    }
}

fn encoding(options: &Options) -> Result<Option<&'static Encoding>, ConnectorError> {
    let Some(label) = text(options, "encoding")? else {
        return Ok(None);
    };
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) => Ok(Some(encoding)),
        None => Err(ConnectorError::config("encoding", "is not the name of a known encoding")),
    }
}

fn text<'a>(options: &'a Options, key: &str) -> Result<Option<&'a str>, ConnectorError> {
    match options.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(ConnectorError::config(key, "must be a text that is not empty")),
    }
}

fn texts(options: &Options, key: &str) -> Result<Option<Vec<String>>, ConnectorError> {
    let Some(Value::Array(list)) = options.get(key) else {
        return Ok(text(options, key)?.map(|only| vec![only.to_owned()]));
    };
    let texts: Vec<_> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if texts.len() < list.len() || texts.iter().any(String::is_empty) || texts.is_empty() {
        return Err(ConnectorError::config(key, "must be a list of texts, none of them empty"));
    }
    Ok(Some(texts))
}

fn one_of<T: Copy>(
    options: &Options,
    key: &str,
    choices: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, ConnectorError> {
    let Some(chosen) = text(options, key)? else {
        return Ok(None);
    };
    match choices.iter().find(|choice| name(**choice) == chosen) {
        Some(choice) => Ok(Some(*choice)),
        None => {
            let names: Vec<_> = choices.iter().map(|choice| name(*choice)).collect();
            Err(ConnectorError::config(key, format!("must be one of {}", names.join(", "))))
        }
    }
}

fn count(options: &Options, key: &str) -> Result<Option<usize>, ConnectorError> {
    let number = match options.get(key) {
        None => return Ok(None),
        Some(Value::Number(number)) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
        // A number that was put in from a variable is a text.
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(ConnectorError::config(key, "must be a whole number, 0 or more")),
    }
}

fn character(options: &Options, key: &str) -> Result<Option<u8>, ConnectorError> {
    match text(options, key)?.map(str::as_bytes) {
        None => Ok(None),
        Some(b"tab" | b"\\t") => Ok(Some(b'\t')),
        Some([byte]) if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => Ok(Some(*byte)),
        Some(_) => Err(ConnectorError::config(key, "must be one ASCII character")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settings(options: Value) -> Result<Settings, ConnectorError> {
        Settings::new(options.as_object().unwrap())
    }

    #[test]
    fn options_are_read_as_they_are_written() {
        let settings = settings(json!({
            "path": ["a.csv", "b"], "format": "csv", "delimiter": "tab", "quote": "none", "columns": ["id"],
            "encoding": "latin1",
        }));
        let settings = settings.unwrap();
        assert_eq!(settings.paths, ["a.csv", "b"]);
        assert_eq!((settings.delimiter, settings.quote), (Some(b'\t'), None));
        assert_eq!(settings.header, Header::Absent(Some(vec!["id".into()])));
        assert_eq!(settings.encoding, Some(encoding_rs::WINDOWS_1252));
    }

    #[test]
    fn a_wrong_option_is_named() {
        for (options, at_fault) in [
            (json!({}), "path"),
            (json!({"path": ""}), "path"),
            (json!({"path": []}), "path"),
            (json!({"path": [1]}), "path"),
            (json!({"path": "a", "format": "xls"}), "format"),
            (json!({"path": "a", "delimiter": ";;"}), "delimiter"),
            (json!({"path": "a", "delimiter": "é"}), "delimiter"),
            (json!({"path": "a", "encoding": "cp850"}), "encoding"),
            (json!({"path": "a", "header": "maybe"}), "header"),
            (json!({"path": "a", "header": true, "columns": ["id"]}), "columns"),
            (json!({"path": "a", "title_lines": -1}), "title_lines"),
            (json!({"path": "a", "records_at": 1}), "records_at"),
            (json!({"path": "a", "pfad": "b"}), "pfad"),
        ] {
            match settings(options.clone()) {
                Err(ConnectorError::Config { option, .. }) => assert_eq!(option, at_fault, "{options}"),
                other => panic!("{options}: {other:?}"),
            }
        }
    }
}
