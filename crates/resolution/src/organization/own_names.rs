//! The names of each record: those that say something of their own, and the numbers in them.

use super::names::{NameMatch, Names};
use super::numbers::number;
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// From this share on a name is found in another, in thousandths.
pub(super) const FOUND: u32 = 950;

/// The names of all records, by rank.
///
/// A name that is found in another name of its record says nothing more: `Progresso` beside `Progresso Engenharia`. It is
/// no evidence for another record, else it would be found in `Progresso Holding` as well; but where two records agree in
/// a name, one that goes beyond it on one side only tells a branch.
#[derive(Debug, Default)]
pub(super) struct OwnNames {
    offsets: Vec<u32>,
    names: Vec<u32>,
    /// Where the names that are found in others begin.
    found_from: Vec<u32>,
    number_offsets: Vec<u32>,
    numbers: Vec<u32>,
}

/// How the numbers in two records' names compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberAgreement {
    /// One has none.
    Missing,
    /// The same numbers.
    Equal,
    /// Each has one that the other has not.
    Different,
}

impl OwnNames {
    pub(super) fn new(records: &Encoded, names: &Names) -> Self {
        let mut own = Self { offsets: vec![0], number_offsets: vec![0], ..Self::default() };
        let column = records.column(Comparable::OrganizationName);
        for rank in 0..records.len() as u32 {
            let all = column.map_or(&[][..], |column| records.values(rank, column));
            own.push_names(all, names);
            let from = own.numbers.len();
            for &name in all {
                let words = names.words(name).iter().enumerate();
                own.numbers.extend(words.filter_map(|(place, &word)| number(names.text(word), place)));
            }
            own.numbers[from..].sort_unstable();
            own.offsets.push(own.names.len() as u32);
            own.number_offsets.push(own.numbers.len() as u32);
        }
        own
    }

    fn push_names(&mut self, all: &[u32], names: &Names) {
        let found = |a: u32, b: u32| names.compare(a, b).unwrap_or(NameMatch::NONE);
        let says_nothing_more = |place: usize| {
            all.iter().enumerate().any(|(other_place, &other)| {
                other_place != place && {
                    let found = found(all[place], other);
                    found.of_first >= FOUND && (found.of_second < FOUND || other_place < place)
                }
            })
        };
        let (found, own): (Vec<usize>, Vec<usize>) = if all.len() > 1 {
            (0..all.len()).partition(|&place| says_nothing_more(place))
        } else {
            (vec![], (0..all.len()).collect())
        };
        self.names.extend(own.into_iter().map(|place| all[place]));
        self.found_from.push(self.names.len() as u32);
        self.names.extend(found.into_iter().map(|place| all[place]));
    }

    /// The names of a record that say something of their own.
    pub(super) fn of(&self, rank: u32) -> &[u32] {
        &self.names[self.offsets[rank as usize] as usize..self.found_from[rank as usize] as usize]
    }

    /// The two names of two records that are most alike, and how they compare; nothing where one has no name.
    pub(super) fn most_alike(&self, a: u32, b: u32, names: &Names) -> Option<([u32; 2], NameMatch)> {
        let pairs = self.of(a).iter().flat_map(|&one| self.of(b).iter().map(move |&other| [one, other]));
        let mut best: Option<([u32; 2], NameMatch)> = None;
        for pair in pairs {
            let Some(found) = names.compare(pair[0], pair[1]) else { continue };
            if best.is_none_or(|(_, best)| found.score() > best.score()) {
                best = Some((pair, found));
            }
        }
        best
    }

    /// All names of a record.
    fn all(&self, rank: u32) -> &[u32] {
        &self.names[self.offsets[rank as usize] as usize..self.offsets[rank as usize + 1] as usize]
    }

    /// Whether of two records that share a name one states a further name that says more than a name of the other:
    /// `Girassol Centro` where the other says `Girassol`. Nothing where one states a single name.
    pub(super) fn differ_in_further_names(&self, a: u32, b: u32, names: &Names) -> Option<bool> {
        let (a, b) = (self.all(a), self.all(b));
        if a.len() < 2 || b.len() < 2 {
            return None;
        }
        if a == b {
            return Some(false);
        }
        let found = |name: u32, other: u32| {
            let found = names.compare(name, other).unwrap_or(NameMatch::NONE);
            (found.of_first >= FOUND, found.of_second >= FOUND)
        };
        let has = |others: &[u32], name: u32| {
            others.contains(&name) || others.iter().any(|&other| found(name, other) == (true, true))
        };
        let exceeds = |name: u32, others: &[u32]| others.iter().any(|&other| found(name, other) == (false, true));
        let says_more =
            |ones: &[u32], others: &[u32]| ones.iter().any(|&name| !has(others, name) && exceeds(name, others));
        a.iter().any(|&name| has(b, name)).then(|| says_more(a, b) || says_more(b, a))
    }

    /// How the numbers in the names of two records compare.
    pub(super) fn compare_numbers(&self, a: u32, b: u32) -> NumberAgreement {
        let of = |rank: u32| {
            &self.numbers[self.number_offsets[rank as usize] as usize..self.number_offsets[rank as usize + 1] as usize]
        };
        let (a, b) = (of(a), of(b));
        let all_found = |a: &[u32], b: &[u32]| a.iter().all(|number| b.contains(number));
        match (all_found(a, b), all_found(b, a)) {
            _ if a.is_empty() || b.is_empty() => NumberAgreement::Missing,
            (false, false) => NumberAgreement::Different,
            (true, true) => NumberAgreement::Equal,
            _ => NumberAgreement::Missing,
        }
    }
}
