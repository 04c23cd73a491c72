//! What tells records of one name apart: contacts that differ, further phones that differ, a further name that says more.
//!
//! Pairs of records of one name that state who they are teach what each contrast says:
//! `log2(share of the same that show it ∕ share of others that show it)`, never more than nothing.

use super::said::Said;
use super::sites::SiteAgreement;
use super::telling::Worth;
use super::values::SharedValues;
use crate::comparison::level::{MISSING, email, phone};
use crate::comparison::{Comparators, Comparison, Frequencies};
use crate::encoding::Encoded;
use crate::model::log_weight;
use serde::{Deserialize, Serialize};

/// What two records of one name may differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contrast {
    /// All phones.
    Phones,
    /// All e-mail addresses.
    Emails,
    /// All domains.
    Sites,
    /// Phones beside one that they share.
    FurtherPhones,
    /// Names beside one that they share: one says more than the other, as the name of a branch does.
    FurtherNames,
}

const CONTRASTS: usize = 5;

/// Which contrasts two records show; nothing where they do not state enough.
pub(super) type Shown = [Option<bool>; CONTRASTS];

/// Of twenty pairs that are the same, how many show each contrast, and of twenty others: believed before any was seen.
const BELIEVED: u64 = 20;
const BELIEVED_OF_SAME: [u64; CONTRASTS] = [14, 20, 5, 20, 20];
/// The least that a contrast says, in thousandths of a bit.
const LEAST: i32 = -6_000;

/// What each contrast says, in thousandths of a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ContrastWeights([i32; CONTRASTS]);

impl ContrastWeights {
    pub(super) fn of(&self, contrast: Contrast) -> i32 {
        self.0[contrast as usize]
    }
}

/// How many pairs show each contrast, of how many that could.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ContrastCounts {
    same: [(u64, u64); CONTRASTS],
    other: [(u64, u64); CONTRASTS],
}

impl ContrastCounts {
    /// What is believed before any pair was seen.
    pub(super) fn believed() -> Self {
        Self { same: BELIEVED_OF_SAME.map(|shown| (shown, BELIEVED)), other: [(BELIEVED, BELIEVED); CONTRASTS] }
    }

    /// Counts a pair that is the same or not.
    pub(super) fn count(&mut self, same: bool, shown: Shown) {
        let counts = if same { &mut self.same } else { &mut self.other };
        for (count, shown) in counts.iter_mut().zip(shown) {
            count.0 += u64::from(shown == Some(true));
            count.1 += u64::from(shown.is_some());
        }
    }

    pub(super) fn add(&mut self, more: &Self) {
        let sums = self.same.iter_mut().chain(&mut self.other);
        sums.zip(more.same.iter().chain(&more.other)).for_each(|(sum, more)| *sum = (sum.0 + more.0, sum.1 + more.1));
    }

    pub(super) fn weights(&self) -> ContrastWeights {
        // One more of each, so that what none of a few shows is not ruled out.
        let share = |(shown, all): (u64, u64)| log_weight((shown + 1) as f64 / (all + 1) as f64);
        let mut weights = [0; CONTRASTS];
        for (weight, (&same, &other)) in weights.iter_mut().zip(self.same.iter().zip(&self.other)) {
            *weight = (share(same) - share(other)).clamp(LEAST, 0);
        }
        ContrastWeights(weights)
    }
}

/// Looks for contrasts between records.
#[derive(Debug)]
pub(super) struct Contrasts<'a> {
    said: &'a Said,
    phones: SharedValues<'a>,
    comparators: Comparators<'a>,
}

impl<'a> Contrasts<'a> {
    pub(super) fn new(records: &'a Encoded, said: &'a Said) -> Self {
        let comparators = Comparators::new(&[Comparison::Phone, Comparison::Email], records, Frequencies::default());
        Self { said, phones: SharedValues::phones(records, |_| Worth::MOST), comparators }
    }

    /// Whether the names of two records have nothing in common.
    pub(super) fn are_strangers(&self, a: u32, b: u32) -> bool {
        let found = self.said.own_names.most_alike(a, b, &self.said.names);
        found.is_some_and(|(_, found)| !found.are_kin())
    }

    /// What two records of one name show.
    pub(super) fn shown(&self, a: u32, b: u32) -> Shown {
        let levels = self.comparators.compare(a, b);
        let differ = |place, different: u8| match levels.level(place) {
            MISSING => None,
            level => Some(level == different),
        };
        let sites = match self.said.sites.compare(a, b, true) {
            SiteAgreement::Missing => None,
            SiteAgreement::Shared { .. } => Some(false),
            SiteAgreement::Different(_) => Some(true),
        };
        [
            differ(0, phone::DIFFERENT),
            differ(1, email::DIFFERENT),
            sites,
            self.phones.differ_beside_shared(a, b),
            self.said.own_names.differ_in_further_names(a, b, &self.said.names),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::names::Names;
    use crate::organization::words::WordTable;
    use vinculo_records::Comparable::{self, Email, OrganizationName as Name, Phone};
    use vinculo_records::{ComparableRecords, Kind, ListColumn, RecordHash};

    /// What two records show that share a name, by their names, phones and e-mail addresses.
    fn shown(left: [&str; 3], right: [&str; 3]) -> Shown {
        let column = |(what, place): (Comparable, usize)| {
            let mut column = ListColumn::default();
            for values in [left[place], right[place], ["padaria aurora", "", ""][place]] {
                values.split('|').filter(|value| !value.is_empty()).for_each(|value| column.push_value(value));
                column.end_record();
            }
            (what, column)
        };
        let hashes = (0..3).map(RecordHash).collect();
        let columns = [(Name, 0), (Phone, 1), (Email, 2)].map(column).to_vec();
        let records = Encoded::new(&ComparableRecords::new(Kind::Organization, hashes, columns));
        let (table, spelled) = WordTable::train(records.dictionary(records.column(Name).unwrap()));
        let said = Said::new(&records, Names::new(spelled, &table), Frequencies::default());
        Contrasts::new(&records, &said).shown(0, 1)
    }

    #[test]
    fn contrasts_are_shown_by_who_states_enough() {
        let (moveis, centro) = ("girassol moveis|girassol", "girassol moveis|girassol centro");
        let (one, slip, other) = ("558133330001", "558133330007", "558199998888");
        let both = format!("{one}|{other}");
        let third = format!("{one}|558132215544");
        let cases = [
            (Contrast::FurtherNames, [moveis, "", ""], [centro, "", ""], Some(true)),
            (Contrast::FurtherNames, [moveis, "", ""], [moveis, "", ""], Some(false)),
            (Contrast::FurtherNames, ["girassol moveis", "", ""], [centro, "", ""], None),
            (Contrast::Phones, [moveis, one, ""], [moveis, other, ""], Some(true)),
            (Contrast::Phones, [moveis, one, ""], [moveis, slip, ""], Some(false)),
            (Contrast::Phones, [moveis, one, ""], [moveis, "", ""], None),
            (Contrast::FurtherPhones, [moveis, &both, ""], [moveis, &third, ""], Some(true)),
            (Contrast::FurtherPhones, [moveis, &both, ""], [moveis, &both, ""], Some(false)),
            (Contrast::FurtherPhones, [moveis, &both, ""], [moveis, one, ""], None),
            (Contrast::Emails, [moveis, "", "ana@girassol.com"], [moveis, "", "rui@girassol.com"], Some(true)),
            (Contrast::Sites, [moveis, "", "ana@girassol.com"], [moveis, "", "rui@girassol.com"], Some(false)),
        ];
        for (contrast, left, right, expected) in cases {
            assert_eq!(shown(left, right)[contrast as usize], expected, "{contrast:?} of {left:?} and {right:?}");
            assert_eq!(shown(right, left)[contrast as usize], expected, "{contrast:?} of {right:?} and {left:?}");
        }
    }

    #[test]
    fn a_contrast_says_what_pairs_of_one_name_have_shown() {
        let of_phones = |shown: bool| [Some(shown), None, None, None, None];
        let mut counts = ContrastCounts::believed();
        assert_eq!(counts.weights().of(Contrast::FurtherNames), 0, "nothing was seen");
        (0..1_000).for_each(|_| counts.count(true, of_phones(false)));
        (0..1_000).for_each(|_| counts.count(false, of_phones(true)));
        assert!(counts.weights().of(Contrast::Phones) < -5_000);
        (0..100_000).for_each(|_| counts.count(true, of_phones(true)));
        assert!((-100..=0).contains(&counts.weights().of(Contrast::Phones)), "never more than nothing");
        assert_eq!(counts.weights().of(Contrast::FurtherNames), 0, "nothing was seen");
    }
}
