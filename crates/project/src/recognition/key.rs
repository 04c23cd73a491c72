//! The key of a source: the column, or the least pair of columns, that tells each record from all others.

use super::header::{Meaning, shown, words};
use super::shape::{share, thousands};
use super::{Column, KeyGuess, SampledColumn};
use std::collections::HashSet;

/// So few rows differ in anything; below, only a header makes a key.
const ROWS_MIN: usize = 20;
/// More columns than this are not paired, since a pair of so many would differ by chance.
const PAIRED_MAX: usize = 12;

/// Words of headers that number things.
const NUMBERING: &str = "chave cod code codigo id identificador key matricula nr num numero registro seq sequencia \
                         sequencial";
/// Words of headers that say within what a code counts: a code of a shop is one of its own in every shop.
const SCOPES: &str = "branch company emp empresa estabelecimento fil filial loja org organizacao origem sistema source \
                      store sucursal system tenant tienda unidade";

/// A column that may be a key, or part of one.
struct Candidate<'a> {
    header: &'a str,
    values: &'a [String],
    is_named: bool,
    is_numbering: bool,
    is_scope: bool,
    is_code: bool,
    is_tax_id: bool,
    distinct: usize,
}

/// The key that headers and values show; none where they show none. An e-mail address or a name is no key, however
/// many different ones a sample has.
pub(super) fn guess(columns: &[Column<'_>], sampled: &[SampledColumn]) -> Option<KeyGuess> {
    let rows = sampled.iter().map(|sample| sample.values.len()).max().unwrap_or_default();
    let filled_enough = |column: &Column<'_>| rows == 0 || column.shapes.filled * 100 >= rows * 98;
    let has_address = columns.iter().any(|column| column.meaning.is_some_and(|found| found.meaning.is_of_address()));
    let is_house_number =
        |column: &Column<'_>| has_address && column.meaning.is_some_and(|found| found.meaning == Meaning::Number);
    let candidates: Vec<Candidate<'_>> = columns
        .iter()
        .zip(sampled)
        .filter(|(column, _)| filled_enough(column) && !is_house_number(column))
        .filter(|(_, sample)| !sample.header.trim().is_empty())
        .filter_map(|(column, sample)| Candidate::of(column, sample))
        .collect();
    let alone = candidates.iter().filter_map(|candidate| candidate.alone(rows));
    alone.chain(pair(&candidates, rows)).reduce(surer)
}

/// Of equals the first, which is where keys stand.
fn surer(best: KeyGuess, next: KeyGuess) -> KeyGuess {
    if next.confidence > best.confidence { next } else { best }
}

/// How sure two columns with telling headers are.
const PAIR: f64 = 0.85;

impl<'a> Candidate<'a> {
    fn of(column: &Column<'a>, sample: &'a SampledColumn) -> Option<Self> {
        let words = words(column.header);
        let is_one_of = |list: &str| words.iter().any(|word| list.split_ascii_whitespace().any(|known| known == word));
        let meaning = column.meaning.map(|found| found.meaning);
        let is_named = meaning == Some(Meaning::Key);
        let is_tax_id = column.shapes.filled > 0 && column.shapes.are_tax_ids();
        let is_free = matches!(meaning, None | Some(Meaning::Key | Meaning::Number | Meaning::OfAnother));
        let candidate = Self {
            header: column.header,
            values: &sample.values,
            is_named,
            is_numbering: is_one_of(NUMBERING),
            is_scope: is_one_of(SCOPES),
            is_code: column.shapes.are_codes() && !is_tax_id,
            is_tax_id,
            distinct: super::distinct(&sample.values),
        };
        let may_be = is_named || (is_free && candidate.is_code) || candidate.is_scope || is_tax_id;
        may_be.then_some(candidate)
    }

    /// How sure it is that this column alone is the key.
    fn alone(&self, rows: usize) -> Option<KeyGuess> {
        let is_unique = self.distinct == rows;
        let confidence = match (self.is_named, is_unique) {
            _ if rows == 0 => self.is_named.then_some(0.7)?,
            (true, true) => 0.95,
            // A few bad rows are rejected later; the column is the key all the same.
            (true, false) if self.distinct * 100 >= rows * 97 => 0.6,
            (false, true) if self.is_numbering && !self.is_scope => 0.86,
            (false, true) if rows >= ROWS_MIN && self.is_code => 0.6,
            // Better than none, and worse than a code of the source's own: a corrected one makes another record.
            (false, true) if rows >= ROWS_MIN && self.is_tax_id => 0.5,
            _ => return None,
        };
        let header = format!("header `{}`; ", shown(self.header));
        let values = match (is_unique, rows) {
            (_, 0) => "no values to look at".to_owned(),
            (true, _) => format!("{} values, all there and all different", thousands(rows)),
            (false, _) => format!("but only {} values differ", share(self.distinct, rows)),
        };
        let told = if self.is_named || self.is_numbering { header } else { String::new() };
        Some(KeyGuess { columns: vec![self.header.to_owned()], confidence, reason: told + &values })
    }
}

/// The first pair of columns that together are never the same; one that says within what the other counts goes before
/// two codes of any kind.
fn pair(candidates: &[Candidate<'_>], rows: usize) -> Option<KeyGuess> {
    if rows < 2 || candidates.len() > PAIRED_MAX {
        return None;
    }
    let pairs = || {
        let second = |at: usize| candidates[at + 1..].iter();
        candidates.iter().enumerate().flat_map(move |(at, one)| second(at).map(move |two| (one, two)))
    };
    let names_code = |candidate: &Candidate<'_>| candidate.is_named || candidate.is_numbering;
    let is_scoped = |one: &Candidate<'_>, two: &Candidate<'_>| {
        (one.is_scope && names_code(two)) || (two.is_scope && names_code(one))
    };
    let both_are_codes = |one: &Candidate<'_>, two: &Candidate<'_>| {
        rows >= ROWS_MIN && one.is_code && two.is_code && (names_code(one) || names_code(two))
    };
    let found = |fits: &dyn Fn(&Candidate<'_>, &Candidate<'_>) -> bool, confidence: f64| {
        let (one, two) = pairs().find(|(one, two)| fits(one, two) && are_unique(one, two, rows))?;
        let rows = thousands(rows);
        let reason = format!("only together do they tell all {rows} records apart");
        Some(KeyGuess { columns: vec![one.header.to_owned(), two.header.to_owned()], confidence, reason })
    };
    found(&is_scoped, PAIR).or_else(|| found(&both_are_codes, 0.55))
}

fn are_unique(one: &Candidate<'_>, two: &Candidate<'_>, rows: usize) -> bool {
    let pairs = one.values.iter().zip(two.values).map(|(one, two)| (one.trim(), two.trim()));
    let filled = pairs.filter(|(one, two)| !one.is_empty() && !two.is_empty());
    filled.collect::<HashSet<_>>().len() == rows
}
