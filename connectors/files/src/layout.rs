//! A look at a file before it is read: what it is, how it is laid out, and how that was found out.

use crate::cut::Place;
use crate::dialect;
use crate::elements::Around;
use crate::encoding::{self, TextEncoding};
use crate::envelope::{Walk, WrappedArray};
use crate::inflate::Inflated;
use crate::listing::SourceFile;
use crate::magic::{Content, Named, named};
use crate::options::{Compression, Format, Settings};
use crate::window::Window;
use vinculo_connector::{
    ConnectorError, Decoder, Delimited, Finding, How, OptionLine, RawFormat, Refusal, RefusalCode,
};

/// How much of a file is looked at.
pub(crate) const SAMPLE: usize = 1 << 20;

/// How a file is laid out.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) findings: Vec<Finding>,
    pub(crate) shape: Shape,
}

#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Text(TextLayout),
    Parquet,
    Xlsx,
}

/// Where and how the records of a text begin.
#[derive(Debug, Clone)]
pub(crate) struct TextLayout {
    pub(crate) compression: Compression,
    pub(crate) encoding: TextEncoding,
    pub(crate) records: TextRecords,
    /// Where the first record begins.
    pub(crate) start: Place,
}

#[derive(Debug, Clone)]
pub(crate) enum TextRecords {
    Delimited(Delimited),
    JsonLines,
    /// The elements of an array, which may lie in objects.
    JsonArray(Option<Around>),
}

impl Shape {
    /// Whether the columns are told once for all records; JSON objects each bring their own.
    pub(crate) fn has_fixed_columns(&self) -> bool {
        match self {
            Self::Text(layout) => matches!(layout.records, TextRecords::Delimited(_)),
            Self::Parquet | Self::Xlsx => true,
        }
    }
}

impl TextLayout {
    /// How its raw records are read again.
    pub(crate) fn raw_format(&self) -> RawFormat {
        match &self.records {
            TextRecords::Delimited(layout) => RawFormat::Delimited(layout.clone()),
            TextRecords::JsonLines | TextRecords::JsonArray(_) => RawFormat::Json,
        }
    }
}

/// Looks at a file.
///
/// # Errors
/// Refused when it is not what its name or `vinculo.yaml` says, or when the first megabyte does not tell how it is to
/// be read; the refusal says which line to add.
pub(crate) fn inspect(file: &SourceFile, settings: &Settings) -> Result<Layout, ConnectorError> {
    let (named_compression, named_format) = named(&file.shown);
    let said = settings.compression.map(|declared| (declared, How::Declared));
    let said = said.or(named_compression.map(|named| (named, How::Named)));
    // A known extension without .gz says that the file is not compressed.
    let said = said.or(named_format.map(|_| (Compression::None, How::Named)));
    let (compression, how) = compression(file, said)?;
    let mut beginning = vec![0; SAMPLE];
    let mut bytes = Inflated::open(file, compression)?;
    let length = bytes.read_full(&mut beginning)?;
    beginning.truncate(length);
    let mut findings = Vec::new();
    if compression != Compression::None {
        findings.push(Finding::new("compression", compression.name(), how));
    }
    let content = Content::of(&beginning);
    let expected = expected(settings, named_format);
    // A text without a line is a delivery without records; these formats have a frame even then.
    if let (Some(Named::Exactly(framed @ (Format::Parquet | Format::Xlsx))), []) = (expected, beginning.as_slice()) {
        let why = format!("the file is empty (0 bytes), which no {} file is", framed.name());
        return Err(file.refused(RefusalCode::Corrupt).because(why).into());
    }
    match content {
        Content::Parquet | Content::Zip => table(file, compression, content, expected, findings),
        Content::Foreign(what) => Err(mismatch(file, expected.is_some()).because(format!("this is {what}")).into()),
        Content::Compressed(_) => {
            let refusal = file.refused(RefusalCode::UnsupportedFormat);
            Err(refusal.because("compressed twice").into())
        }
        Content::Unmarked => {
            let sample = TextSample::new(file, settings, compression, &beginning)?;
            sample.layout(settings, named_format, findings)
        }
    }
}

/// The compression that the content shows, held against what is said of it.
fn compression(file: &SourceFile, said: Option<(Compression, How)>) -> Result<(Compression, How), ConnectorError> {
    let mut beginning = vec![0; 512];
    let length = Inflated::open(file, Compression::None)?.read_full(&mut beginning)?;
    let shown = match Content::of(&beginning[..length]) {
        Content::Compressed(compression) => compression,
        _ => Compression::None,
    };
    let (expected, how) = said.unwrap_or((shown, How::Marked));
    if shown == expected {
        return Ok((shown, how));
    }
    let refusal = match length {
        0 => file.refused(RefusalCode::Corrupt).because("the file is empty (0 bytes), which no compressed file is"),
        _ => file.refused(RefusalCode::ContentMismatch).hint("compression", shown.name()),
    };
    Err(refusal.into())
}

/// What is said of the format, by `vinculo.yaml` first.
fn expected(settings: &Settings, named: Option<Named>) -> Option<Named> {
    settings.format.map(Named::Exactly).or(named)
}

fn mismatch(file: &SourceFile, is_expected_otherwise: bool) -> Refusal {
    file.refused(if is_expected_otherwise { RefusalCode::ContentMismatch } else { RefusalCode::UnsupportedFormat })
}

/// A Parquet file or a workbook, which are read from their end and so must not be compressed as a whole.
fn table(
    file: &SourceFile,
    compression: Compression,
    content: Content,
    expected: Option<Named>,
    mut findings: Vec<Finding>,
) -> Result<Layout, ConnectorError> {
    let (format, shape) = match content {
        Content::Parquet => (Format::Parquet, Shape::Parquet),
        _ => (Format::Xlsx, Shape::Xlsx),
    };
    if compression != Compression::None {
        let refusal = file.refused(RefusalCode::UnsupportedFormat);
        return Err(refusal.because(format!("a compressed {} file; unpack it first", format.name())).into());
    }
    match expected {
        Some(expected) if expected.allows(format) => {}
        // A zip archive is a workbook only if somebody says so.
        None if format == Format::Parquet => {}
        None => return Err(mismatch(file, false).because("a zip archive; unpack it first").into()),
        Some(_) => {
            return Err(mismatch(file, true).hint("format", format.name()).into());
        }
    }
    findings.insert(0, Finding::new("format", format.name(), How::Marked));
    Ok(Layout { findings, shape })
}

/// The beginning of a text, decoded.
struct TextSample<'a> {
    file: &'a SourceFile,
    compression: Compression,
    encoding: TextEncoding,
    text: Vec<u8>,
    is_whole: bool,
}

impl<'a> TextSample<'a> {
    fn new(
        file: &'a SourceFile,
        settings: &Settings,
        compression: Compression,
        beginning: &[u8],
    ) -> Result<Self, ConnectorError> {
        let is_whole = beginning.len() < SAMPLE;
        let encoding = encoding::detect(beginning, is_whole, settings.encoding).map_err(|undecided| {
            let refusal = file.refused(RefusalCode::UnknownEncoding).because(undecided.detail);
            refusal.hint("encoding", undecided.suggestion)
        })?;
        let mut window = Window::open(file, compression, &encoding, 0)?;
        window.fill_to(SAMPLE + 1)?;
        let text = window.unread();
        Ok(Self {
            file,
            compression,
            encoding,
            is_whole: text.len() <= SAMPLE,
            text: text[..text.len().min(SAMPLE)].to_vec(),
        })
    }

    fn layout(
        self,
        settings: &Settings,
        named: Option<Named>,
        mut findings: Vec<Finding>,
    ) -> Result<Layout, ConnectorError> {
        let wrapped = self.wrapped_array(settings, named)?;
        let (format, how) = match &wrapped {
            Some((_, how)) => (Format::JsonArray, *how),
            None => self.format(settings, named)?,
        };
        findings.insert(0, Finding::new("format", format.name(), how));
        findings.push(self.encoding.finding());
        let mut start = Place::START;
        let records = match format {
            Format::Csv => {
                let tabs = named == Some(Named::TabSeparated);
                let dialect = dialect::read(self.file, settings, &self.text, self.is_whole, tabs)?;
                findings.extend(dialect.findings);
                start.offset = dialect.header_bytes as u64;
                start.line += dialect.header_lines;
                TextRecords::Delimited(dialect.layout)
            }
            Format::JsonArray => {
                let around = wrapped.map(|(array, how)| {
                    findings.push(Finding::new("records_at", array.path, how));
                    start.offset = array.start as u64;
                    Around { depth: array.depth, is_declared: how == How::Declared }
                });
                if around.is_none() {
                    start.offset = self.opening_bracket()? as u64;
                }
                TextRecords::JsonArray(around)
            }
            _ => TextRecords::JsonLines,
        };
        let shape = Shape::Text(TextLayout { compression: self.compression, encoding: self.encoding, records, start });
        Ok(Layout { findings, shape })
    }

    /// The array in an object that holds the records: the one that is declared, or the only one of a file that is one
    /// object. Where each line is an object, its arrays are its own.
    fn wrapped_array(
        &self,
        settings: &Settings,
        named: Option<Named>,
    ) -> Result<Option<(WrappedArray, How)>, ConnectorError> {
        let refused = || self.file.refused(RefusalCode::JsonStructure);
        let walk = Walk::over(&self.text);
        if let Some(declared) = &settings.records_at {
            let found = walk.arrays.into_iter().find(|array| array.path == *declared);
            let why = "`records_at` leads to no array of objects within the first megabyte";
            return found.map(|array| Some((array, How::Declared))).ok_or_else(|| refused().because(why).into());
        }
        let may_be = match settings.format {
            Some(declared) => declared == Format::JsonArray,
            None => matches!(named, None | Some(Named::Json)),
        };
        if !may_be || !walk.is_one_object {
            return Ok(None);
        }
        match walk.of_objects().collect::<Vec<_>>().as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(((*only).clone(), How::Detected))),
            several => {
                let lines = several.iter().map(|array| OptionLine::new("records_at", array.path.as_str()));
                let why = "one object with several arrays of objects; which one holds the records cannot be told";
                Err(refused().because(why).hint_each_of(lines).into())
            }
        }
    }

    /// The format that is said, held against what the text looks like.
    fn format(&self, settings: &Settings, named: Option<Named>) -> Result<(Format, How), ConnectorError> {
        let looks = self.looks().ok_or_else(|| self.web_page())?;
        if let Some(declared) = settings.format {
            let is_text = !matches!(declared, Format::Parquet | Format::Xlsx);
            return is_text.then_some((declared, How::Declared)).ok_or_else(|| self.other_format(looks).into());
        }
        match (named, looks) {
            (None, looks) => Ok((looks, How::Detected)),
            (Some(Named::Json), looks) => Ok((self.lines_or_array(looks)?, How::Named)),
            (Some(Named::TabSeparated), Format::Csv) => Ok((Format::Csv, How::Named)),
            // A broken first line does not make another format of JSON Lines; an array does.
            (Some(Named::Exactly(Format::JsonLines)), Format::Csv) => Ok((Format::JsonLines, How::Named)),
            (Some(Named::Exactly(named)), looks) if named == looks => Ok((named, How::Named)),
            (Some(_), other) => Err(self.other_format(other).into()),
        }
    }

    fn lines_or_array(&self, looks: Format) -> Result<Format, ConnectorError> {
        match self.text.trim_ascii_start().first() {
            None => Ok(Format::JsonLines),
            Some(b'[') => Ok(Format::JsonArray),
            Some(b'{') if looks == Format::JsonLines => Ok(Format::JsonLines),
            Some(_) => Err(self.file.refused(RefusalCode::JsonStructure).hint("format", "jsonl").into()),
        }
    }

    /// The format that the text looks like; none for a web page or XML.
    fn looks(&self) -> Option<Format> {
        let text = self.text.trim_ascii_start();
        let is_object = || {
            let line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
            std::str::from_utf8(line).is_ok_and(|line| Decoder::new(&RawFormat::Json).push(line).is_ok())
        };
        let opens = |mark: &[u8]| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
        match text.first() {
            Some(b'<') if [&b"<!doctype"[..], b"<html", b"<?xml"].into_iter().any(opens) => None,
            Some(b'[') if text[1..].trim_ascii_start().starts_with(b"{") => Some(Format::JsonArray),
            Some(b'[') if text[1..].trim_ascii_start().starts_with(b"]") => Some(Format::JsonArray),
            Some(b'{') if is_object() => Some(Format::JsonLines),
            _ => Some(Format::Csv),
        }
    }

    fn web_page(&self) -> Refusal {
        self.file.refused(RefusalCode::ContentMismatch).because("this is a web page or XML")
    }

    fn other_format(&self, format: Format) -> Refusal {
        let refusal = self.file.refused(RefusalCode::ContentMismatch);
        refusal.hint("format", format.name())
    }

    fn opening_bracket(&self) -> Result<usize, ConnectorError> {
        let white = self.text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match self.text.get(white) {
            Some(b'[') => Ok(white + 1),
            _ => Err(self.file.refused(RefusalCode::JsonStructure).because("the array does not begin").into()),
        }
    }
}
