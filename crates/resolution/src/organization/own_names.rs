//! The names of each record: those that say something of their own, and the numbers in them.

use super::names::{NameMatch, Names};
use super::numbers::number;
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// From this share on a name is found in another, in thousandths.
const FOUND: u32 = 950;

/// The names of all records, by rank.
///
/// A name that is found in another name of its record says nothing more: `Progresso` beside `Progresso Engenharia`. It
/// is compared with its like only, else it would be found in `Progresso Holding` as well.
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
        let found =
            |a: u32, b: u32| names.compare(a, b).unwrap_or(NameMatch { of_first: 0, of_second: 0, lacking: 1_000 });
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

    /// The names of a record that are found in another one of its names.
    pub(super) fn found(&self, rank: u32) -> &[u32] {
        &self.names[self.found_from[rank as usize] as usize..self.offsets[rank as usize + 1] as usize]
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
