//! Levels → match weight: integer sums under a frozen model.

use crate::comparison::level::email;
use crate::comparison::{Comparators, Comparison, Frequencies, MISSING, PairLevels};
use crate::encoding::Encoded;
use crate::model::{LevelWeights, Model};
use crate::plan::ResolutionPlan;

/// Base-2 logarithm of 1 + 2^-d in thousandths of a bit, for d of 0, 1, 2 … bits.
const LOG_SUM: [i32; 14] = [1000, 585, 322, 170, 87, 44, 22, 11, 6, 3, 1, 1, 0, 0];

/// Scores pairs of records under a plan and a model.
#[derive(Debug)]
pub struct Scorer<'a> {
    comparators: Comparators<'a>,
    weights: Vec<PlaceWeights>,
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
        Self {
            comparators: Comparators::new(&plan.comparisons, records, Frequencies(&model.frequencies)),
            weights: model.weights.iter().map(PlaceWeights::new).collect(),
            model,
        }
    }

    /// The match weight of two records by rank, in thousandths of a bit.
    #[inline]
    pub fn weight(&self, a: u32, b: u32) -> i32 {
        self.weigh(&self.compare(a, b))
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

    fn new(weights: &crate::model::ComparisonWeights) -> Self {
        let mut levels = [LevelWeights { m: 0, u: 0, household: 0 }; 16];
        let from_first = usize::from(MISSING) + 1;
        levels[from_first..from_first + weights.levels.len()].copy_from_slice(&weights.levels);
        let kinds = weights.comparison.levels().iter().enumerate();
        let different = weights.levels.last().map_or([0, 0], |last| [last.m - last.u, last.m - last.household]);
        let name_made = if weights.comparison == Comparison::Email { 1 << email::NAME_MADE } else { 0 };
        Self {
            levels,
            by_frequency: kinds.fold(0, |bits, (at, level)| bits | u16::from(level.by_frequency) << (at + from_first)),
            equal: 1 << from_first | name_made,
            different,
        }
    }
}

/// The weight of a match against strangers and households together, by the weights against each.
pub fn against_both(chance: i32, household: i32) -> i32 {
    let distance = chance.abs_diff(household) as usize;
    let (bits, rest) = (distance / 1000, (distance % 1000) as i32);
    let at = |bits: usize| LOG_SUM.get(bits).copied().unwrap_or(0);
    chance.min(household) - (at(bits) - (at(bits) - at(bits + 1)) * rest / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ComparisonWeights, log_weight};

    #[test]
    fn two_doubts_add_up() {
        assert_eq!(against_both(5_000, 5_000), 4_000);
        assert_eq!(against_both(5_000, 90_000), 5_000);
        for (chance, household) in [(5_300, 4_100), (-2_000, 9_500), (0, 1_499)] {
            let odds = 1.0 / ((-f64::from(chance) / 1e3).exp2() + (-f64::from(household) / 1e3).exp2());
            let found = f64::from(against_both(chance, household)) / 1e3;
            assert!((odds.log2() - found).abs() < 0.03, "{chance} {household}");
        }
    }

    #[test]
    fn an_equal_value_never_weighs_less_than_a_different_one() {
        for comparison in [Comparison::GivenName, Comparison::BirthDate, Comparison::Email, Comparison::Address] {
            let kinds = comparison.levels();
            let weighed = kinds.iter().map(|level| LevelWeights {
                m: log_weight(level.m * 1e-3),
                u: log_weight(level.u),
                household: log_weight(level.u),
            });
            let weights = PlaceWeights::new(&ComparisonWeights { comparison, levels: weighed.collect() });
            let different = weights.evidence(kinds.len() as u8, 0);
            for level in (1..).zip(kinds).filter(|(_, kind)| kind.by_frequency).map(|(level, _)| level) {
                // A value that nearly all hold.
                let found = weights.evidence(level, -1);
                assert!(found.against_chance >= different.against_chance, "{comparison:?} {level}");
                assert!(found.against_household >= different.against_household, "{comparison:?} {level}");
                if comparison.level_name(level).starts_with("equal") && comparison == Comparison::Email {
                    assert_eq!(found.against_chance, 0);
                }
            }
        }
    }
}
