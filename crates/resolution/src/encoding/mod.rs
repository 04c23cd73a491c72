//! Records in an order of their own, their values as numbers, all values of a record side by side.
//!
//! A stage that walks pairs jumps from record to record; a record's values therefore lie together in one row of a few
//! cache lines, and two values are equal exactly when their numbers are. Records whose names sound alike stand side by
//! side, so that those most often compared, and the numbers of their values, are near each other in memory.

pub mod dictionary;
pub mod stable_hash;

pub use dictionary::Dictionary;
use dictionary::{DictionaryBuilder, Renumbering};
use rayon::iter::MinLen;
use rayon::prelude::*;
pub use stable_hash::{mix, stable_hash};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;
use vinculo_records::{AttributeType, Comparable, ComparableRecords, Kind, ListColumn, RecordHash};

/// Values of a record that are kept in one column; a record with more says so little by each that the rest is cut.
const VALUES_MAX: usize = 8;
/// The same for sets, whose members count together.
const MEMBERS_MAX: usize = 64;
/// Fewer records are not worth a second thread.
pub const FEW: usize = 1_000;
/// Values that are read together, before each is looked at.
const FETCHED: usize = 32;
/// Cells that memory brings at once.
const CELLS_PER_LINE: usize = 16;
/// All values of a record together, so that a place in a row fits a byte.
const ROW_MAX: usize = 255;
/// Rows that one thread lays at a time.
const LAID: usize = 1 << 14;

/// Records of one kind, by rank: position in the order of their names' sounds, then of their hashes.
///
/// Which of two records has the lesser rank follows from the two alone.
#[derive(Debug)]
pub struct Encoded {
    kind: Kind,
    hashes: Vec<RecordHash>,
    positions: Vec<u32>,
    by_hash: OnceLock<Vec<u32>>,
    columns: Vec<(Comparable, Dictionary)>,
    /// A hash of what each column holds.
    names: Vec<u64>,
    starts: Vec<u32>,
    cells: Vec<u32>,
    header: usize,
    cut_values: u64,
}

/// Records in the order of their ranks.
struct Ordered {
    kind: Kind,
    hashes: Vec<RecordHash>,
    positions: Vec<u32>,
}

impl Ordered {
    fn new(records: &ComparableRecords) -> Self {
        let positions = order(records);
        let hashes = positions.iter().map(|&at| records.hashes()[at as usize]).collect();
        Self { kind: records.kind(), hashes, positions }
    }
}

struct EncodedColumn {
    dictionary: Dictionary,
    lengths: Vec<u8>,
    ids: Vec<u32>,
    cut: u64,
}

/// Where a part of the rows begins.
#[derive(Clone)]
struct Begun {
    cells: usize,
    /// By column: how many of its values stand in earlier rows.
    values: Vec<usize>,
}

impl Encoded {
    /// Encodes records; columns without a single value are left out.
    pub fn new(records: &ComparableRecords) -> Self {
        let columns = records.columns().map(|(what, column)| (what, Cow::Borrowed(column))).collect();
        Self::of(Ordered::new(records), columns)
    }

    /// The same of records that nobody needs any more: each column is let go as soon as it is encoded.
    pub fn taking(records: ComparableRecords) -> Self {
        let ordered = Ordered::new(&records);
        let columns = records.into_columns().into_iter().map(|(what, column)| (what, Cow::Owned(column)));
        Self::of(ordered, columns.collect())
    }

    fn of(Ordered { kind, hashes, positions }: Ordered, mut columns: Vec<(Comparable, Cow<'_, ListColumn>)>) -> Self {
        columns.retain(|(_, column)| !column.values().is_empty());
        let filled: Vec<Comparable> = columns.iter().map(|(what, _)| *what).collect();
        let columns: Vec<EncodedColumn> = tasks(columns.into_par_iter().with_max_len(1), hashes.len())
            .map(|(what, column)| encode_column(what, &column, &positions))
            .collect();
        let mut encoded = Self {
            kind,
            hashes,
            positions,
            by_hash: OnceLock::new(),
            columns: Vec::new(),
            names: filled.iter().map(|what| name(*what)).collect(),
            starts: Vec::new(),
            cells: Vec::new(),
            header: (columns.len() + 1).div_ceil(4),
            cut_values: columns.iter().map(|column| column.cut).sum(),
        };
        encoded.lay_rows(&columns);
        encoded.columns = filled.into_iter().zip(columns).map(|(what, column)| (what, column.dictionary)).collect();
        encoded
    }

    /// Lays the values of all columns side by side, record by record.
    fn lay_rows(&mut self, columns: &[EncodedColumn]) {
        let begun = self.measure_rows(columns);
        let total = begun.last().map_or(0, |end| end.cells);
        let mut cells = vec![0; total];
        let mut rest = &mut cells[..];
        let mut parts = Vec::with_capacity(begun.len());
        for (begin, end) in begun.iter().zip(&begun[1..]) {
            let (part, after) = rest.split_at_mut(end.cells - begin.cells);
            parts.push((begin, part));
            rest = after;
        }
        let header = self.header;
        tasks(parts.into_par_iter(), self.hashes.len()).enumerate().for_each(|(part, (begin, cells))| {
            let first = part * LAID;
            lay_part(columns, header, first..self.hashes.len().min(first + LAID), begin, cells);
        });
        self.cells = cells;
    }

    /// Finds where each row begins; tells where every part of so many rows does, and where the last one ends.
    fn measure_rows(&mut self, columns: &[EncodedColumn]) -> Vec<Begun> {
        let mut at = Begun { cells: 0, values: vec![0; columns.len()] };
        let mut begun = Vec::with_capacity(self.hashes.len() / LAID + 2);
        self.starts.reserve(self.hashes.len());
        for rank in 0..self.hashes.len() {
            if rank % LAID == 0 {
                begun.push(at.clone());
            }
            self.starts.push(at.cells as u32);
            let mut length = 0;
            for (column, values) in columns.iter().zip(&mut at.values) {
                length += usize::from(column.lengths[rank]);
                *values += usize::from(column.lengths[rank]);
            }
            self.cut_values += length.saturating_sub(ROW_MAX) as u64;
            at.cells += self.header + length.min(ROW_MAX);
        }
        begun.push(at);
        begun
    }

    /// Person or organization.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The hashes: `hashes()[rank]`.
    pub fn hashes(&self) -> &[RecordHash] {
        &self.hashes
    }

    /// Where a record stood before: `positions()[rank]`.
    pub fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// Values that were left out because their record has too many.
    pub fn cut_values(&self) -> u64 {
        self.cut_values
    }

    /// The rank of a record.
    pub fn rank(&self, hash: RecordHash) -> Option<u32> {
        let of = |rank: &u32| self.hashes[*rank as usize];
        let by_hash = self.by_hash.get_or_init(|| {
            let mut ranks: Vec<u32> = (0..self.len() as u32).collect();
            ranks.par_sort_unstable_by_key(of);
            ranks
        });
        by_hash.binary_search_by_key(&hash, of).ok().map(|at| by_hash[at])
    }

    /// The place of a column in the rows, if any record has a value of it.
    pub fn column(&self, what: Comparable) -> Option<usize> {
        self.columns.iter().position(|(have, _)| *have == what)
    }

    /// What the columns hold, in their places.
    pub fn filled(&self) -> impl Iterator<Item = Comparable> {
        self.columns.iter().map(|(what, _)| *what)
    }

    /// The distinct values of a column.
    pub fn dictionary(&self, column: usize) -> &Dictionary {
        &self.columns[column].1
    }

    /// All values of a record, with where those of each column end: two rows are equal exactly when the records are.
    pub fn row(&self, rank: u32) -> &[u32] {
        let end = self.starts.get(rank as usize + 1).map_or(self.cells.len(), |end| *end as usize);
        &self.cells[self.starts[rank as usize] as usize..end]
    }

    /// Reads the rows of some records, which are compared next. Reads that do not wait for each other take little longer
    /// than one of them.
    #[inline]
    pub fn fetch(&self, ranks: impl Iterator<Item = u32>) {
        let read = ranks.fold(0, |read, rank| {
            let start = self.starts[rank as usize] as usize;
            let lines = [0, 1, 2].map(|line| self.cells.get(start + line * CELLS_PER_LINE).copied().unwrap_or(0));
            read ^ lines[0] ^ lines[1] ^ lines[2]
        });
        std::hint::black_box(read);
    }

    /// A hash of all that a record says, the same among whatever other records; 0 for one that says nothing.
    pub fn content(&self, rank: u32) -> u64 {
        let mut hash = 0;
        for (place, (name, (_, dictionary))) in self.names.iter().zip(&self.columns).enumerate() {
            let values = self.values(rank, place);
            if !values.is_empty() {
                hash = values.iter().fold(mix(hash, *name), |hash, value| mix(hash, dictionary.hash(*value)));
            }
        }
        hash
    }

    /// The values of a record in one column, in their order.
    #[inline]
    pub fn values(&self, rank: u32, column: usize) -> &[u32] {
        let start = self.starts[rank as usize] as usize;
        let end_of = |at: usize| (self.cells[start + at / 4] >> (8 * (at % 4)) & 0xff) as usize;
        let from = if column == 0 { 0 } else { end_of(column - 1) };
        let base = start + self.header;
        &self.cells[base + from..base + end_of(column)]
    }
}

/// Lays the rows of these records into their cells: first where the values of each column end, then the values.
fn lay_part(columns: &[EncodedColumn], header: usize, ranks: Range<usize>, begun: &Begun, mut cells: &mut [u32]) {
    let mut taken = begun.values.clone();
    for rank in ranks {
        let mut end = 0;
        for (at, (column, taken)) in columns.iter().zip(&mut taken).enumerate() {
            let length = usize::from(column.lengths[rank]);
            let fitting = length.min(ROW_MAX - end);
            cells[header + end..][..fitting].copy_from_slice(&column.ids[*taken..*taken + fitting]);
            *taken += length;
            end += fitting;
            cells[at / 4] |= (end as u32) << (8 * (at % 4));
        }
        cells = &mut cells[header + end..];
    }
}

fn name(what: Comparable) -> u64 {
    // A plain value; writing it to memory cannot fail.
    stable_hash(&serde_json::to_vec(&what).unwrap_or_default())
}

/// Tasks for all threads, each with work on so many records; for a few records one thread does them all, since to wake
/// another takes longer.
pub(crate) fn tasks<T: IndexedParallelIterator>(tasks: T, records: usize) -> MinLen<T> {
    tasks.with_min_len(if records < FEW { usize::MAX } else { 1 })
}

/// Does two things with so many records side by side; of a few records one after the other, as [`tasks`] does.
pub(crate) fn both<A: Send, B: Send>(
    records: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    if records < FEW { (one(), other()) } else { rayon::join(one, other) }
}

/// The positions of records by the sounds of their last and first words, then by their hashes.
fn order(records: &ComparableRecords) -> Vec<u32> {
    let sounds = records.column(Comparable::NameSound);
    let beginning = |column: &ListColumn, at: usize| {
        let mut letters = [0; 4];
        letters.iter_mut().zip(column.values().bytes(at)).for_each(|(letter, byte)| *letter = *byte);
        u32::from_be_bytes(letters)
    };
    let sound = |position: u32| {
        let column = sounds?;
        let words = column.range(position as usize);
        let (first, last) = (words.clone().next()?, words.last()?);
        Some(u64::from(beginning(column, last)) << 32 | u64::from(beginning(column, first)))
    };
    let keyed = |position: u32| (sound(position).unwrap_or(0), records.hashes()[position as usize], position);
    let mut keyed: Vec<(u64, RecordHash, u32)> = (0..records.len() as u32).into_par_iter().map(keyed).collect();
    keyed.par_sort_unstable();
    keyed.into_iter().map(|(_, _, position)| position).collect()
}

/// The values of a column by number, in the order in which they lie in memory.
fn read_values(column: &ListColumn) -> (Vec<u32>, Dictionary) {
    let mut builder = DictionaryBuilder::default();
    let mut read = Vec::with_capacity(column.values().len());
    let mut hashes = [0; FETCHED];
    for first in (0..column.values().len()).step_by(FETCHED) {
        let some = first..column.values().len().min(first + FETCHED);
        let hashes = &mut hashes[..some.len()];
        hashes.iter_mut().zip(some.clone()).for_each(|(hash, at)| *hash = stable_hash(column.values().bytes(at)));
        builder.fetch(hashes);
        read.extend(some.zip(&*hashes).map(|(at, hash)| builder.intern(column.values().bytes(at), *hash)));
    }
    (read, builder.finish())
}

fn encode_column(what: Comparable, column: &ListColumn, positions: &[u32]) -> EncodedColumn {
    let limit = match what {
        Comparable::Custom(_, AttributeType::Set) => MEMBERS_MAX,
        _ => VALUES_MAX,
    };
    // Texts are read in the order in which they lie in memory; only their numbers are fetched by rank.
    let (read, dictionary) = read_values(column);
    let mut renumbering = Renumbering::new(dictionary);
    let mut lengths = Vec::with_capacity(positions.len());
    let mut ids: Vec<u32> = Vec::with_capacity(read.len());
    let mut cut = 0;
    for some in positions.chunks(FETCHED) {
        renumbering.fetch(some.iter().filter_map(|position| read.get(column.range(*position as usize).start).copied()));
        for &position in some {
            let values = &read[column.range(position as usize)];
            let length = values.len().min(limit);
            cut += (values.len() - length) as u64;
            let first = ids.len();
            for &value in &values[..length] {
                let id = renumbering.number(value);
                if !ids[first..].contains(&id) {
                    renumbering.count_record(id);
                }
                ids.push(id);
            }
            lengths.push(length as u8);
        }
    }
    EncodedColumn { dictionary: renumbering.finish(), lengths, ids, cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(rows: &[&[&str]]) -> ListColumn {
        let mut column = ListColumn::default();
        for row in rows {
            row.iter().for_each(|value| column.push_value(value));
            column.end_record();
        }
        column
    }

    #[test]
    fn a_row_holds_what_the_columns_said() {
        let hashes: Vec<RecordHash> = [30, 10, 20].map(RecordHash).to_vec();
        let records = ComparableRecords::new(
            Kind::Person,
            hashes,
            vec![
                (Comparable::Name, column(&[&["ana", "lima"], &[], &["ana"]])),
                (Comparable::Sex, column(&[&[], &[], &[]])),
                (Comparable::Phone, column(&[&["1", "2"], &["2"], &[]])),
            ],
        );
        let encoded = Encoded::new(&records);
        assert_eq!(encoded.positions(), [1, 2, 0]);
        assert_eq!(encoded.column(Comparable::Sex), None);
        let phone = encoded.column(Comparable::Phone).unwrap();
        let name = encoded.column(Comparable::Name).unwrap();
        let text = |rank, column| -> Vec<&[u8]> {
            let dictionary = encoded.dictionary(column);
            encoded.values(rank, column).iter().map(|&id| dictionary.bytes(id)).collect()
        };
        assert_eq!(text(0, phone), [b"2"]);
        assert_eq!(text(1, name), [b"ana"]);
        assert_eq!(text(2, name), [b"ana".as_slice(), b"lima"]);
        assert_eq!(text(2, phone), [b"1", b"2"]);
        assert_eq!(encoded.dictionary(name).records(encoded.values(1, name)[0]), 2);
        let taken = Encoded::taking(records);
        assert!((0..3).all(|rank| taken.row(rank) == encoded.row(rank)), "whoever owns the records");
    }

    #[test]
    fn a_content_is_the_same_among_whatever_other_records_and_columns() {
        let encoded = |columns: Vec<(Comparable, ListColumn)>| {
            let records = (0..columns[0].1.len() as u128).map(RecordHash).collect();
            Encoded::new(&ComparableRecords::new(Kind::Person, records, columns))
        };
        let (ana, lima): (&[&str], &[&str]) = (&["ana"], &["lima"]);
        let alone = encoded(vec![(Comparable::Name, column(&[ana])), (Comparable::City, column(&[lima]))]);
        let others = encoded(vec![
            (Comparable::Sex, column(&[&[], &["F"], &[], &[]])),
            (Comparable::Name, column(&[&["rui"], ana, ana, &[]])),
            (Comparable::City, column(&[ana, lima, lima, &[]])),
        ]);
        let turned = encoded(vec![(Comparable::Name, column(&[lima])), (Comparable::City, column(&[ana]))]);
        assert_eq!(alone.content(0), others.content(2));
        assert_ne!(alone.content(0), others.content(1));
        assert_ne!(alone.content(0), turned.content(0));
        assert_eq!(others.content(3), 0);
    }
}
