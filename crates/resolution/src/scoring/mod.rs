//! Levels → match weight: integer sums under a frozen model.

mod bound;
mod sketch;
#[cfg(test)]
mod tests;

use crate::comparison::level::email;
use crate::comparison::{Comparators, Comparison, Frequencies, MISSING, PairLevels};
use crate::encoding::Encoded;
use crate::model::{LevelWeights, Model};
use crate::plan::ResolutionPlan;
use bound::{Bound, Meeting, Sketches, Sum};

/// Base-2 logarithm of 1 + 2^-d in thousandths of a bit, for d of 0, 1, 2 … bits.
const LOG_SUM: [i32; 14] = [1000, 585, 322, 170, 87, 44, 22, 11, 6, 3, 1, 1, 0, 0];

/// Partners of a record that are read together, before they are looked at.
const AT_ONCE: usize = 32;

/// Scores pairs of records under a plan and a model.
#[derive(Debug)]
pub struct Scorer<'a> {
    comparators: Comparators<'a>,
    weights: Vec<PlaceWeights>,
    sketches: Sketches,
    model: &'a Model,
}

/// The weights of one comparison, laid out for the inner loop.
#[derive(Debug)]
struct PlaceWeights {
    levels: [LevelWeights; 16],
    /// The levels at which the value's frequency stands in for u, a bit each.
    by_frequency: u16,
    /// The levels at which the values are equal, a bit each.
    equal: u16,
    /// What the last level adds, against strangers and against a household.
    different: [i32; 2],
    /// The most that any level adds where no value's frequency is known.
    most_by_level: Sum,
}

/// What one comparison adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// Against two strangers, the frequency of the value included.
    pub against_chance: i32,
    /// Against two people of one household.
    pub against_household: i32,
    /// The part of `against_chance` that is due to how rare or common the value is.
    pub by_frequency: i32,
}

impl<'a> Scorer<'a> {
    /// Binds a model to records.
    pub fn new(plan: &ResolutionPlan, model: &'a Model, records: &'a Encoded) -> Self {
        let comparators = Comparators::new(&plan.comparisons, records, Frequencies(&model.frequencies));
        let weights: Vec<PlaceWeights> = model.weights.iter().map(PlaceWeights::new).collect();
        let floor = model.frequencies.iter().map(|table| table.floor).min().unwrap_or(0);
        let sketches = Sketches::new(&plan.comparisons, &weights, floor, &comparators, records);
        Self { comparators, weights, sketches, model }
    }

    /// Prepares a record to be scored against its partners.
    fn meeting(&self, rank: u32) -> Meeting {
        self.sketches.meeting(self, rank)
    }

    /// The match weights of a record, by rank, and partners of greater rank, where they reach `least`; most that do not
    /// are told by their sketches.
    #[inline]
    pub fn weights_from(&self, rank: u32, partners: &[u32], least: i32, mut tell: impl FnMut(u32, Option<i32>)) {
        let meeting = self.meeting(rank);
        for some in partners.chunks(AT_ONCE) {
            let (mut open, mut count) = ([(0, Bound::default()); AT_ONCE], 0);
            self.sketches.fetch(some);
            for &partner in some {
                match self.sketches.bound(self, &meeting, partner, least) {
                    bound if bound.weight.may_reach(least) => {
                        open[count] = (partner, bound);
                        count += 1;
                    }
                    _ => tell(partner, None),
                }
            }
            let open = &open[..count];
            self.comparators.fetch(open.iter().map(|(partner, _)| *partner));
            open.iter().for_each(|(partner, bound)| tell(*partner, self.weight_within(bound, rank, *partner, least)));
        }
    }

    /// The match weight of two records, the lesser rank first, where it reaches `least`. Addresses come first, since
    /// sketches tell the least of them.
    #[inline]
    fn weight_within(&self, bound: &Bound, a: u32, b: u32, least: i32) -> Option<i32> {
        let mut levels = PairLevels::default();
        if let Some(addresses) = &self.comparators.address {
            let (place, level, chance) = addresses.level(a, b);
            let evidence = Sum::from(self.weights[place].evidence(level, chance));
            if !bound.weight.minus(bound.address).plus(evidence).may_reach(least) {
                return None;
            }
            levels.set(place, level, chance);
        }
        match (&self.comparators.name, bound.names) {
            (Some(names), None) => names.compare(a, b, &mut levels),
            (Some(names), Some(found)) => names.note(found, &mut levels),
            (None, _) => {}
        }
        self.comparators.compare_rest(a, b, &mut levels);
        Some(self.weigh(&levels)).filter(|weight| *weight >= least)
    }

    /// The match weight of two records by rank, in thousandths of a bit.
    #[inline]
    pub fn weight(&self, a: u32, b: u32) -> i32 {
        self.weigh(&self.compare(a, b))
    }

    /// Reads what some records say, which are compared next.
    pub fn fetch(&self, ranks: impl Iterator<Item = u32>) {
        self.comparators.fetch(ranks);
    }

    /// The levels that two records reach.
    pub fn compare(&self, a: u32, b: u32) -> PairLevels {
        // Rank order, so that both directions are one computation.
        self.comparators.compare(a.min(b), a.max(b))
    }

    /// The match weight of levels.
    #[inline]
    pub fn weigh(&self, levels: &PairLevels) -> i32 {
        let (mut chance, mut household) = (self.model.prior.against_chance, self.model.prior.against_household);
        for place in 0..self.weights.len() {
            let evidence = self.evidence(levels, place);
            chance += evidence.against_chance;
            household += evidence.against_household;
        }
        against_both(chance, household)
    }

    /// What the comparison at a place of the plan adds.
    #[inline]
    pub fn evidence(&self, levels: &PairLevels, place: usize) -> Evidence {
        self.weights[place].evidence(levels.level(place), levels.chance(place))
    }
}

impl PlaceWeights {
    /// What a level adds, where `chance` is the frequency of the value, 0 if it is not known.
    #[inline]
    fn evidence(&self, level: u8, chance: i32) -> Evidence {
        let LevelWeights { m, u, household } = self.levels[(level & 0xf) as usize];
        if self.by_frequency >> level & 1 == 0 {
            return Evidence { against_chance: m - u, against_household: m - household, by_frequency: 0 };
        }
        let chance = if chance == 0 { u } else { chance };
        // However common a value is, to agree on it never says less than to differ, and to be equal never says no.
        let least = if self.equal >> level & 1 == 1 { [0, 0] } else { self.different };
        let against_chance = (m - chance).max(least[0]);
        let against_household = (m - household.max(chance)).max(least[1]);
        Evidence { against_chance, against_household, by_frequency: against_chance - (m - u) }
    }

    /// The most that any level may add, and a missing value nothing; no value is rarer than `floor`.
    fn most(&self, floor: i32) -> Sum {
        self.most_with(|_| floor)
    }

    /// The same, where each of these levels is weighed by no rarer value than the one beside it.
    fn most_but(&self, rarest: &[(u8, i32)]) -> Sum {
        self.most_with(|level| rarest.iter().find(|(of, _)| *of == level).map_or(0, |(_, chance)| *chance))
    }

    fn most_with(&self, rarest: impl Fn(u8) -> i32) -> Sum {
        let mut most = self.most_by_level;
        let mut weighed = self.by_frequency;
        while weighed != 0 {
            let level = weighed.trailing_zeros() as u8;
            most = most.max(self.evidence(level, rarest(level)).into());
            weighed &= weighed - 1;
        }
        most
    }

    fn new(weights: &crate::model::ComparisonWeights) -> Self {
        let mut levels = [LevelWeights { m: 0, u: 0, household: 0 }; 16];
        let from_first = usize::from(MISSING) + 1;
        levels[from_first..from_first + weights.levels.len()].copy_from_slice(&weights.levels);
        let kinds = weights.comparison.levels().iter().enumerate();
        let different = weights.levels.last().map_or([0, 0], |last| [last.m - last.u, last.m - last.household]);
        let name_made = if weights.comparison == Comparison::Email { 1 << email::NAME_MADE } else { 0 };
        let mut place = Self {
            levels,
            by_frequency: kinds.fold(0, |bits, (at, level)| bits | u16::from(level.by_frequency) << (at + from_first)),
            equal: 1 << from_first | name_made,
            different,
            most_by_level: Sum::default(),
        };
        let adds = |level| Sum::from(place.evidence(level, 0));
        place.most_by_level = (0..16).map(adds).fold(Sum::default(), Sum::max);
        place
    }
}

/// The weight of a match against strangers and households together, by the weights against each.
pub fn against_both(chance: i32, household: i32) -> i32 {
    let distance = chance.abs_diff(household) as usize;
    let (bits, rest) = (distance / 1000, (distance % 1000) as i32);
    let at = |bits: usize| LOG_SUM.get(bits).copied().unwrap_or(0);
    chance.min(household) - (at(bits) - (at(bits) - at(bits + 1)) * rest / 1000)
}
