//! Filling batches from one open file.

use crate::cut::{Place, Record};
use crate::listing::SourceFile;
use crate::open::OpenFile;
use crate::window::RECORD_MAX;
use serde::{Deserialize, Serialize};
use vinculo_connector::{
    Batch, Budget, ConnectorError, Decoder, Faults, PartSummary, Refusal, RefusalCode, Reject, RejectCode,
};
use vinculo_records::TextColumn;

/// What a cell costs in memory beside its text, in bytes.
const CELL: usize = 5;
/// With more columns than this the next batch begins anew, so that records of ever new keys do not pile up columns.
const COLUMNS_MAX: usize = 4_000;

/// One file on its way into batches.
pub(crate) struct Filling {
    open: OpenFile,
    counts: Counts,
    /// Size of the last batch: records, and bytes of raw records.
    last: (usize, usize),
}

/// What was handed over so far; part of a checkpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) delivered: u64,
    pub(crate) rejected: u64,
    /// Whether a valid character beyond ASCII was seen, which proves UTF-8.
    pub(crate) is_utf8_proven: bool,
}

impl Filling {
    pub(crate) fn new(open: OpenFile, counts: Counts) -> Self {
        Self { open, counts, last: (0, 0) }
    }

    pub(crate) fn place(&self) -> Place {
        self.open.cutter.place()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// The account of everything so far.
    pub(crate) fn summary(&self) -> PartSummary {
        let place = self.place();
        PartSummary {
            index: self.open.origin.index,
            path: self.open.origin.path.clone(),
            bytes: place.offset,
            lines: place.line - 1,
            blank: place.blank,
            read: place.read,
            delivered: self.counts.delivered,
            rejected: self.counts.rejected,
        }
    }

    /// The next records within the budget, and whether the file ended.
    pub(crate) fn batch(&mut self, file: &SourceFile, budget: Budget) -> Result<(Batch, bool), ConnectorError> {
        let (rows, bytes) = self.last;
        let mut raw = TextColumn::with_capacity(rows, bytes);
        let mut lines = Vec::with_capacity(rows);
        let mut rejects = Vec::new();
        let (mut cost, mut count, mut is_at_end) = (0, 0, false);
        while count == 0 || (cost < budget.bytes && count < budget.rows) {
            let Some(record) = self.open.cutter.next()? else {
                is_at_end = true;
                break;
            };
            count += 1;
            cost += 2 * record.raw.len() + CELL * self.open.decoder.cells().names().len();
            match read(&mut self.open.decoder, &record) {
                Ok(text) => {
                    self.counts.is_utf8_proven = self.counts.is_utf8_proven || !text.is_ascii();
                    raw.push(Some(text));
                    lines.push(record.line);
                }
                Err(faults) => {
                    let is_guess = self.open.is_encoding_a_guess && !self.counts.is_utf8_proven;
                    if is_guess && faults.codes.contains(&RejectCode::Encoding) {
                        return Err(late_evidence(file, record.line).into());
                    }
                    rejects.push(reject(&record, faults));
                }
            }
        }
        self.last = (lines.len(), raw.byte_len());
        self.counts.delivered += lines.len() as u64;
        self.counts.rejected += rejects.len() as u64;
        let cells = self.open.decoder.take();
        if cells.names().len() > COLUMNS_MAX {
            self.open.decoder = Decoder::new(&self.open.origin.format);
        }
        let batch = Batch { origin: self.open.origin.clone(), cells, raw, lines, rejects };
        Ok((batch, is_at_end))
    }
}

/// Reads a record into the decoder and gives its text.
fn read<'a>(decoder: &mut Decoder, record: &Record<'a>) -> Result<&'a str, Faults> {
    if let Some(fault) = record.fault {
        return Err(fault.into());
    }
    if record.raw.len() > RECORD_MAX {
        return Err(RejectCode::RecordTooLong.into());
    }
    let outcome = match std::str::from_utf8(record.raw) {
        Ok(text) => decoder.push(text).map(|()| text),
        Err(_) => Err(decoder.faults_of_broken_text(record.raw)),
    };
    outcome.map_err(|mut faults| {
        if record.is_cut_off && faults.codes.contains(&RejectCode::ColumnCount) {
            faults.add(RejectCode::Truncated);
        }
        faults
    })
}

fn reject(record: &Record<'_>, faults: Faults) -> Reject {
    Reject {
        line: record.line,
        offset: record.offset,
        columns: faults.columns,
        codes: faults.codes,
        raw: Some(Reject::keep(record.raw)),
    }
}

/// All the accents of a file that begins with a megabyte of ASCII: rejecting them one by one would lose them all.
fn late_evidence(file: &SourceFile, line: u64) -> Refusal {
    let refusal = file.refused(RefusalCode::UnknownEncoding).at(line);
    refusal.because("the first character beyond ASCII is not UTF-8").hint("encoding", "windows-1252")
}
