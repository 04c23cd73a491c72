//! The rules that every connector passes. Each connector's tests call [`conforms`] on small sources of every kind that
//! it reads; a broken rule panics with its name.
//!
//! What it does not try, since it takes a fault in the source system: transient errors, slow answers, deletes.

use crate::{Batch, Budget, Checkpoint, Connector, ConnectorError, Decoder, Done, Event, Options, Reject, Source};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Small enough that every source of a few records has checkpoints in its midst.
const SMALL: Budget = Budget { bytes: 1 << 20, rows: 3 };
/// A whole read per checkpoint is quadratic; on long sources this many of them, evenly spread, are tried.
const RESUMPTIONS_MAX: usize = 50;

/// Checks every rule on one source, which holds at least one record or reject.
///
/// # Panics
/// When a rule is broken.
pub async fn conforms(connector: &dyn Connector, options: &Options, base: &Path) {
    the_spec_explains_every_option(connector, options);
    an_unknown_option_is_a_configuration_error(connector, options, base);
    let source = connector.open(options, base).expect("good options open");
    every_step_of_the_check_succeeds(source.as_ref()).await;
    discovery_gives_the_same_answer_twice(source.as_ref()).await;

    let whole = read(source.as_ref(), None, Budget::default()).await;
    assert!(!whole.rows.is_empty() || !whole.rejects.is_empty(), "the source is not empty");
    every_record_reads_again_the_same(&whole);
    lines_rise_within_a_part(&whole);
    rejects_say_why(&whole);
    every_account_balances(&whole);
    every_column_read_was_discovered_or_has_no_schema(source.as_ref(), &whole).await;

    let again = read(source.as_ref(), None, Budget::default()).await;
    assert_eq!(whole.facts(), again.facts(), "two reads give the same");
    let small = read(source.as_ref(), None, SMALL).await;
    assert_eq!(whole.facts(), small.facts(), "the budget does not change what is read");
    small.keeps_to(SMALL);
    let tiny = Budget { bytes: 1, rows: usize::MAX };
    assert_eq!(whole.facts(), read(source.as_ref(), None, tiny).await.facts(), "one byte is budget enough");

    if connector.spec().capabilities.resumable {
        a_killed_read_goes_on_exactly_where_its_checkpoint_stands(source.as_ref(), &small).await;
        an_unknown_checkpoint_is_an_error(source.as_ref(), &small).await;
    }
}

fn the_spec_explains_every_option(connector: &dyn Connector, options: &Options) {
    let spec = connector.spec();
    assert!(!spec.kind.is_empty() && !spec.meaning.is_empty(), "the connector says what it is");
    let keys: BTreeSet<_> = spec.options.iter().map(|option| option.key).collect();
    assert_eq!(keys.len(), spec.options.len(), "an option is listed once");
    for option in spec.options {
        assert!(!option.meaning.is_empty(), "option {} has a meaning", option.key);
        assert!(!option.example.is_empty(), "option {} has an example", option.key);
    }
    for key in options.keys() {
        assert!(keys.contains(key.as_str()), "option {key} stands in the spec");
    }
}

fn an_unknown_option_is_a_configuration_error(connector: &dyn Connector, options: &Options, base: &Path) {
    let mut wrong = options.clone();
    wrong.insert("no_such_option".into(), Value::Bool(true));
    match connector.open(&wrong, base) {
        Err(ConnectorError::Config { option, .. }) => assert_eq!(option, "no_such_option"),
        Err(other) => panic!("an unknown option is a configuration error, not: {other}"),
        Ok(_) => panic!("an unknown option is a configuration error"),
    }
}

async fn every_step_of_the_check_succeeds(source: &dyn Source) {
    let steps = source.check().await;
    assert!(!steps.is_empty(), "a check has steps");
    for step in steps {
        if let Err(error) = step.outcome {
            panic!("check, {}: {error}", step.name);
        }
    }
}

async fn discovery_gives_the_same_answer_twice(source: &dyn Source) {
    let first = source.discover().await.expect("discovery succeeds");
    assert!(!first.is_empty(), "a source has a stream");
    let second = source.discover().await.expect("discovery succeeds");
    assert_eq!(first, second, "discovery gives the same answer twice");
}

/// The raw record and the format of its origin are all that is stored: they must say what the reader said.
fn every_record_reads_again_the_same(read: &Read) {
    for row in &read.rows {
        let mut decoder = Decoder::new(&row.format);
        decoder.push(&row.fact.raw).unwrap_or_else(|faults| panic!("a stored record reads again: {faults:?}"));
        let cells = decoder.take();
        let cells: BTreeMap<_, _> = cells.row(0).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect();
        assert_eq!(cells, row.fact.cells, "a stored record reads again the same");
    }
}

fn lines_rise_within_a_part(read: &Read) {
    for pair in read.rows.windows(2) {
        let (before, after) = (&pair[0].fact, &pair[1].fact);
        let rises = (before.part, before.line) < (after.part, after.line);
        assert!(rises, "records come in the order of their lines");
    }
}

fn rejects_say_why(read: &Read) {
    for (_, reject) in &read.rejects {
        assert!(!reject.codes.is_empty(), "a reject has a reason");
        let kept = reject.raw.as_ref().map_or(0, String::len);
        assert!(kept <= Reject::RAW_MAX, "a reject keeps a bounded part of its record");
    }
}

fn every_account_balances(read: &Read) {
    for part in &read.done.parts {
        assert!(part.balances(), "read = delivered + rejected in part {}", part.index);
        let rows = read.rows.iter().filter(|row| row.fact.part == part.index).count();
        let rejects = read.rejects.iter().filter(|(index, _)| *index == part.index).count();
        assert_eq!(part.delivered, rows as u64, "records delivered of part {}", part.index);
        assert_eq!(part.rejected, rejects as u64, "records rejected of part {}", part.index);
    }
    let parts: u64 = read.done.parts.iter().map(|part| part.read).sum();
    let seen = read.rows.len() + read.rejects.len();
    assert_eq!(parts, seen as u64, "every part is accounted for");
}

async fn every_column_read_was_discovered_or_has_no_schema(source: &dyn Source, read: &Read) {
    let streams = source.discover().await.expect("discovery succeeds");
    let known: BTreeSet<_> = streams.iter().flat_map(|stream| &stream.columns).collect();
    for row in read.rows.iter().filter(|row| row.format != crate::RawFormat::Json) {
        for column in row.fact.cells.keys() {
            assert!(known.contains(column), "column {column} was discovered");
        }
    }
}

async fn a_killed_read_goes_on_exactly_where_its_checkpoint_stands(source: &dyn Source, whole: &Read) {
    assert!(!whole.checkpoints.is_empty(), "a resumable read has checkpoints");
    let step = whole.checkpoints.len().div_ceil(RESUMPTIONS_MAX);
    for (checkpoint, rows, rejects) in whole.checkpoints.iter().step_by(step) {
        let stored = serde_json::to_string(checkpoint).expect("a checkpoint is JSON");
        let stored = serde_json::from_str(&stored).expect("a checkpoint is JSON");
        let rest = read(source, Some(stored), SMALL).await;
        let facts: Vec<_> = whole.rows[*rows..].iter().map(|row| &row.fact).collect();
        let resumed: Vec<_> = rest.rows.iter().map(|row| &row.fact).collect();
        assert_eq!(facts, resumed, "after {rows} records exactly the rest is read");
        assert_eq!(whole.rejects[*rejects..], rest.rejects, "after {rows} records exactly the other rejects come");
        assert_eq!(whole.done, rest.done, "the account is that of an undisturbed read");
    }
}

async fn an_unknown_checkpoint_is_an_error(source: &dyn Source, whole: &Read) {
    let (checkpoint, ..) = &whole.checkpoints[0];
    let from_the_future = Checkpoint { version: checkpoint.version + 1, state: checkpoint.state.clone() };
    let nonsense = Checkpoint { version: checkpoint.version, state: Value::Bool(true) };
    for unknown in [from_the_future, nonsense] {
        let outcome = source.read(Some(unknown)).await;
        let is_stale = matches!(outcome, Err(ConnectorError::StaleCheckpoint(_)));
        assert!(is_stale, "an unknown checkpoint is told to be stale");
    }
}

/// What one record says, without what hangs on how it was read.
#[derive(Debug, PartialEq, Eq)]
struct Fact {
    part: u32,
    line: u64,
    raw: String,
    cells: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Row {
    format: crate::RawFormat,
    fact: Fact,
}

/// A whole read.
struct Read {
    rows: Vec<Row>,
    rejects: Vec<(u32, Reject)>,
    /// Each checkpoint with how many records and rejects came before it.
    checkpoints: Vec<(Checkpoint, usize, usize)>,
    /// Records and rejects of each batch.
    batches: Vec<usize>,
    /// The columns of each part whose columns are fixed.
    fixed_columns: BTreeMap<u32, Vec<String>>,
    done: Done,
}

impl Read {
    fn facts(&self) -> (Vec<&Fact>, &[(u32, Reject)], &Done) {
        (self.rows.iter().map(|row| &row.fact).collect(), &self.rejects, &self.done)
    }

    fn keeps_to(&self, budget: Budget) {
        for batch in &self.batches {
            assert!(*batch <= budget.rows, "a batch keeps to its budget of records");
        }
    }

    /// A mapping is held against the columns of whichever batch comes first.
    fn note_columns(&mut self, batch: &Batch) {
        let (origin, names) = (&batch.origin, batch.cells.names());
        let is_delimited = matches!(origin.format, crate::RawFormat::Delimited(_));
        assert!(origin.has_fixed_columns || !is_delimited, "delimited text has fixed columns");
        if origin.has_fixed_columns {
            let told = self.fixed_columns.entry(origin.index).or_insert_with(|| names.to_vec());
            assert_eq!(told, names, "fixed columns are the same in every batch of a part");
        }
    }

    fn take(&mut self, batch: Batch) {
        let columns = batch.cells.columns();
        assert_eq!(columns.len(), batch.cells.names().len(), "every column has a name");
        assert!(columns.iter().all(|column| column.len() == batch.len()), "columns are equally long");
        assert_eq!(batch.raw.len(), batch.len(), "every record comes with its raw form");
        assert!(!batch.is_empty() || !batch.rejects.is_empty(), "no batch is empty");
        self.note_columns(&batch);
        self.batches.push(batch.len() + batch.rejects.len());
        for row in 0..batch.len() {
            let cells = batch.cells.row(row);
            self.rows.push(Row {
                format: batch.origin.format.clone(),
                fact: Fact {
                    part: batch.origin.index,
                    line: batch.lines[row],
                    raw: batch.raw.text(row).to_owned(),
                    cells: cells.map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect(),
                },
            });
        }
        let part = batch.origin.index;
        self.rejects.extend(batch.rejects.into_iter().map(|reject| (part, reject)));
    }
}

async fn read(source: &dyn Source, resume: Option<Checkpoint>, budget: Budget) -> Read {
    let mut reader = source.read(resume).await.expect("the source can be read");
    let mut read = Read {
        rows: Vec::new(),
        rejects: Vec::new(),
        checkpoints: Vec::new(),
        batches: Vec::new(),
        fixed_columns: BTreeMap::new(),
        done: Done { full_snapshot: false, parts: Vec::new() },
    };
    loop {
        match reader.next(budget).await.expect("the source can be read") {
            Event::Batch(batch) => read.take(batch),
            Event::Checkpoint(checkpoint) => {
                reader.ack(&checkpoint).await.expect("a checkpoint can be acknowledged");
                read.checkpoints.push((checkpoint, read.rows.len(), read.rejects.len()));
            }
            Event::Done(done) => {
                read.done = done;
                return read;
            }
        }
    }
}
