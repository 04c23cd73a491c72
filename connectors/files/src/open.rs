//! A file that is being read: what cuts it into records, and what reads them.

use crate::cut::{Cutter, Place};
use crate::elements::ElementCutter;
use crate::layout::{Layout, Shape, TextLayout, TextRecords, inspect};
use crate::lines::{LineCutter, LineEnd};
use crate::listing::SourceFile;
use crate::options::Settings;
use crate::parquet::ParquetCutter;
use crate::sheet::SheetCutter;
use crate::window::Window;
use std::sync::Arc;
use vinculo_connector::{ConnectorError, Decoder, Origin, RawFormat};

/// An open file.
pub(crate) struct OpenFile {
    pub(crate) origin: Arc<Origin>,
    pub(crate) cutter: Box<dyn Cutter>,
    pub(crate) decoder: Decoder,
    /// Whether nothing but ASCII was seen in the sample, so that UTF-8 is not proven.
    pub(crate) is_encoding_a_guess: bool,
}

/// Opens file number `index`, at a place or at its beginning.
///
/// # Errors
/// When it cannot be read or is refused.
pub(crate) fn open(
    file: &SourceFile,
    index: u32,
    settings: &Settings,
    place: Option<Place>,
) -> Result<OpenFile, ConnectorError> {
    let Layout { mut findings, shape } = inspect(file, settings)?;
    let (format, cutter, columns): (_, Box<dyn Cutter>, _) = match &shape {
        Shape::Text(layout) => (layout.raw_format(), text_cutter(file, layout, place)?, Vec::new()),
        Shape::Parquet => {
            let cutter = ParquetCutter::open(file, place.unwrap_or(Place::START))?;
            let columns = cutter.columns().to_vec();
            (RawFormat::Json, Box::new(cutter), columns)
        }
        Shape::Xlsx => {
            let cutter = SheetCutter::open(file, settings, place)?;
            findings.extend_from_slice(cutter.findings());
            let columns = cutter.columns().to_vec();
            (RawFormat::Json, Box::new(cutter), columns)
        }
    };
    let (encoding, is_encoding_a_guess) = match &shape {
        Shape::Text(layout) => (layout.encoding.name(), layout.encoding.is_a_guess()),
        Shape::Parquet | Shape::Xlsx => ("utf-8".to_owned(), false),
    };
    Ok(OpenFile {
        decoder: Decoder::with_columns(&format, &columns),
        origin: Arc::new(Origin {
            index,
            path: file.shown.clone(),
            format,
            has_fixed_columns: shape.has_fixed_columns(),
            encoding,
            findings,
        }),
        cutter,
        is_encoding_a_guess,
    })
}

fn text_cutter(
    file: &SourceFile,
    layout: &TextLayout,
    place: Option<Place>,
) -> Result<Box<dyn Cutter>, ConnectorError> {
    let place = place.unwrap_or(layout.start);
    let window = Window::open(file, layout.compression, &layout.encoding, place.offset)?;
    Ok(match &layout.records {
        TextRecords::Delimited(dialect) => {
            let end = LineEnd::new(dialect.delimiter, dialect.quote);
            Box::new(LineCutter::new(file, window, end, place))
        }
        TextRecords::JsonLines => Box::new(LineCutter::new(file, window, LineEnd::of_plain_lines(), place)),
        TextRecords::JsonArray(around) => Box::new(ElementCutter::new(file, window, place, *around)),
    })
}
