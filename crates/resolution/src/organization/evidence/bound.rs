//! What two organizations weigh at most, before the letters of their names and contacts are looked at.
//!
//! Nineteen of twenty candidates share some words or a house number and nothing else. What is known of them by look-ups,
//! and their addresses, tell that no name could make up for it. The bound is never below the weight.

use super::{
    CODE_MAX, EMAIL_MAX, EMAIL_TYPO, NAME_MOST, NUMBERS_DIFFERENT, NUMBERS_EQUAL, OF_ONE_SITE, PHONE_MAX, PHONE_SLIP,
    Shared, TAX_ID, TAX_ID_OTHER, Weigher, told, website_evidence,
};
use crate::comparison::Comparison;
use crate::organization::contrasts::Contrast;
use crate::organization::likeness::SAME;
use crate::organization::own_names::NumberAgreement;
use crate::organization::sets::SetProfiles;
use crate::plan::OrganizationUnit;

impl Weigher<'_> {
    /// The match weight of two records by rank, in thousandths of a bit, where it reaches `least`.
    pub(in crate::organization) fn weight_within(&self, a: u32, b: u32, sets: &SetProfiles, least: i32) -> Option<i32> {
        let weight = || self.weight(a, b, sets);
        self.may_reach(a.min(b), a.max(b), sets, least).then(weight).filter(|weight| *weight >= least)
    }

    fn may_reach(&self, a: u32, b: u32, sets: &SetProfiles, least: i32) -> bool {
        if self.unit == OrganizationUnit::Establishment && self.state_other_tax_ids((a, b)) {
            return TAX_ID_OTHER >= least;
        }
        let shared = self.shared(a, b);
        let state_codes = self.state_codes(a) && self.state_codes(b);
        let of_one_site = |telling: Option<i32>| telling.is_some_and(|telling| telling >= OF_ONE_SITE);
        let in_touch = state_codes || of_one_site(shared.email) || of_one_site(shared.phone);
        let but_address = self.most_of_names(a, b, &shared)
            + self.most_of_numbers(a, b, &shared)
            + self.most_of_site(&shared)
            + self.most_of_comparisons(&shared, state_codes)
            + sets.most();
        let level = self.comparators.address.as_ref().map(|address| address.level(a, b).1);
        but_address + level.map_or(0, |level| self.address_weight(level, (a, b), in_touch, NAME_MOST)) >= least
    }

    /// What domains say is straight in the likeness of the names: the most stands at one of its ends.
    fn most_of_site(&self, shared: &Shared) -> i32 {
        let at = |score| website_evidence(shared.site, score, self.apart.of(Contrast::Sites)).weight;
        at(0).max(at(SAME as i32))
    }

    /// All comparisons but the address.
    fn most_of_comparisons(&self, shared: &Shared, state_codes: bool) -> i32 {
        let most = |comparison: &Comparison| match comparison {
            Comparison::Address => 0,
            Comparison::TaxId if state_codes => TAX_ID,
            Comparison::TaxId => 0,
            Comparison::Email => shared.email.map_or(EMAIL_TYPO, |_| EMAIL_MAX.min(told(shared.email))),
            Comparison::Phone => shared.phone.map_or(PHONE_SLIP, |_| PHONE_MAX.min(told(shared.phone))),
            _ => CODE_MAX,
        };
        self.comparisons.iter().map(most).sum()
    }

    fn most_of_names(&self, a: u32, b: u32, shared: &Shared) -> i32 {
        let witnesses = self.witnesses.are_witnesses(a, b);
        let telling = |name: &u32| self.name_telling[*name as usize].to(witnesses);
        let most_telling = |rank| self.own_names.of(rank).iter().map(telling).max();
        match most_telling(a).zip(most_telling(b)) {
            Some((a, b)) => NAME_MOST.min(shared.worth_of_names(a.min(b))),
            None => 0,
        }
    }

    fn most_of_numbers(&self, a: u32, b: u32, shared: &Shared) -> i32 {
        match self.own_names.compare_numbers(a, b) {
            NumberAgreement::Equal if shared.anything() => NUMBERS_EQUAL,
            NumberAgreement::Different if self.unit == OrganizationUnit::Establishment => NUMBERS_DIFFERENT,
            _ => 0,
        }
    }

    /// Whether a record states any identifier.
    fn state_codes(&self, rank: u32) -> bool {
        self.code_columns.iter().any(|column| !self.records.values(rank, *column).is_empty())
    }
}
