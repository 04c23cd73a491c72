//! What names say where nothing else agrees: more among the spellings of few firms than in a register of many.
//!
//! Two names that have half of their words in common are one firm among patents, where each firm is written in a dozen ways,
//! and two firms in a list that names each of them once. Nobody says which list it is, but the likenesses of the names do:
//! for each pair of names that are nearly the same there are so many of one firm that are less alike, whatever the list. Where
//! there are many times more, chance has made them.

use super::evidence::NAME_NEUTRAL;
use serde::{Deserialize, Serialize};

/// From this likeness on names are nearly the same, in thousandths.
const NEARLY_SAME: u32 = 850;
/// From this likeness on names that stand alone weigh as much as any.
const ENOUGH: i32 = 950;
/// How likenesses are counted, in thousandths.
const STEP: u32 = 50;
const STEPS: usize = (NEARLY_SAME / STEP) as usize;
/// For each pair of nearly the same names, how many pairs of one firm are as alike as each step, from 400 thousandths on:
/// about the means of three lists whose truth is known (patents, affiliations, parks).
const OF_ONE_FIRM: [f64; 9] = [0.05, 0.06, 0.05, 0.05, 0.05, 0.05, 0.15, 0.17, 0.18];
/// Steps of which fewer pairs than this share are expected to be one firm do not join.
const JOINING: f64 = 0.10;
/// So many pairs are too few to tell.
const FEW: f64 = 4.0;
/// The least that names alone say, in thousandths of a bit.
const LEAST: i32 = -6_000;

/// The likeness from which names alone join, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesAlone(i32);

impl Default for NamesAlone {
    fn default() -> Self {
        Self(NAME_NEUTRAL)
    }
}

impl NamesAlone {
    /// Learns it from the likenesses of the names of candidates that agree in nothing else.
    pub(super) fn learn(likenesses: impl Iterator<Item = u32>) -> Self {
        let mut steps = [0_u32; STEPS];
        let mut nearly_same = 0_u32;
        for likeness in likenesses {
            match steps.get_mut((likeness / STEP) as usize) {
                Some(step) => *step += 1,
                None => nearly_same += 1,
            }
        }
        let first = STEPS - OF_ONE_FIRM.len();
        // Two steps together, so that no single one decides by luck.
        let join = |at: usize| {
            let (from, to) = (at, (at + 2).min(STEPS));
            let of_one: f64 = OF_ONE_FIRM[from - first..to - first].iter().sum::<f64>() * f64::from(nearly_same);
            let all = f64::from(steps[from..to].iter().sum::<u32>());
            of_one >= JOINING * (all - FEW)
        };
        let from = (first..STEPS).rev().take_while(|&at| join(at)).last().unwrap_or(STEPS);
        Self(((from as u32 * STEP) as i32).max(NAME_NEUTRAL))
    }

    /// What is taken off the weight of names of this likeness, in thousandths of a bit: their weight rises from nothing at the
    /// likeness from which they join.
    pub(super) fn against(self, likeness: u32, plain: i32) -> i32 {
        if self.0 <= NAME_NEUTRAL {
            return 0;
        }
        let (likeness, enough) = (likeness as i32, super::evidence::name_weight(ENOUGH));
        let alone = enough * (likeness - self.0) / (ENOUGH - self.0);
        (alone.max(LEAST) - plain).min(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::evidence::name_weight;

    /// What is learned where so many pairs are nearly the same, and so many half alike.
    fn learned(nearly_same: usize, half_alike: usize) -> NamesAlone {
        let steps = (NAME_NEUTRAL as u32 / STEP * STEP..700).step_by(STEP as usize);
        let half_alike = steps.flat_map(|step| std::iter::repeat_n(step + 10, half_alike));
        NamesAlone::learn(half_alike.chain(std::iter::repeat_n(980, nearly_same)))
    }

    #[test]
    fn half_a_name_joins_the_spellings_of_few_firms_and_no_two_of_a_register() {
        let half = |alone: NamesAlone| name_weight(500) + alone.against(500, name_weight(500));
        assert!(half(learned(1_000, 200)) > 0);
        assert!(half(learned(1_000, 5_000)) < 0);
        assert_eq!(learned(0, 0), NamesAlone::default(), "nothing was seen");
        assert_eq!(learned(0, 1), NamesAlone::default(), "a few pairs are too few to tell");
    }

    #[test]
    fn nothing_is_taken_off_names_that_are_nearly_the_same_and_never_more_where_they_are_more_alike() {
        let alone = learned(10, 5_000);
        let weight = |likeness: u32| {
            let plain = name_weight(likeness as i32);
            plain + alone.against(likeness, plain)
        };
        assert!((0..1_000).all(|likeness| weight(likeness) <= weight(likeness + 1)));
        assert!((0..=1_000).all(|likeness| weight(likeness) <= name_weight(likeness as i32).max(LEAST)));
        assert_eq!(weight(960), name_weight(960));
    }
}
