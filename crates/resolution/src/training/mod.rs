//! Learning without labels: m and u probabilities, priors, frequencies, block limits.

mod expectation;
mod frequencies;
mod neighbors;
mod sample;
mod yields;

use crate::blocking::{Blocks, KeyParts, pairs_allowed};
use crate::clustering::ExclusiveColumn;
use crate::comparison::{Comparators, Comparison, Frequencies};
use crate::encoding::Encoded;
use crate::model::{ComparisonWeights, LevelWeights, Model, Prior, RuleLimits, log_weight};
use crate::organization::{self, Learned, OrganizationModel};
use crate::pipeline::copies::equal_records;
use crate::plan::ResolutionPlan;
use expectation::{Fit, LevelProbabilities};
use neighbors::Neighbors;
use rustc_hash::FxHashMap;
use sample::{Origin, Sample};
use serde::{Deserialize, Serialize};
use vinculo_records::{Comparable, Kind};

/// A model, and how it came to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// What is used from now on.
    pub model: Model,
    /// What to tell people.
    pub report: TrainingReport,
}

/// How a training went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingReport {
    /// Records that were looked at.
    pub records: u64,
    /// Candidate pairs.
    pub candidate_pairs: u64,
    /// Random pairs that were compared.
    pub random_pairs: u64,
    /// Different comparison vectors that were seen.
    pub comparison_vectors: u64,
    /// Rounds of expectation and maximization.
    pub rounds: u32,
    /// Whether the fit came to rest before the rounds were used up.
    pub converged: bool,
    /// How many pairs of all are estimated to be matches.
    pub expected_matches: f64,
    /// How many pairs of all are estimated to be two people of one household.
    pub expected_household_pairs: f64,
}

/// What training has made on the way and the resolution of the same records needs again.
#[derive(Debug)]
pub(crate) enum Prepared<'a> {
    /// How persons are found.
    Persons(Candidates),
    /// Organizations are resolved already, unless persons have judged them.
    Organizations(Learned<'a>),
}

/// How persons are found.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// Groups of equal records.
    pub(crate) equal: Vec<Vec<u32>>,
    /// The records that count, by rank.
    pub(crate) ranks: Vec<u32>,
    /// Their blocks under the model's limits.
    pub(crate) blocks: Blocks,
}

/// Learns a model for the records' own kind of data, and keeps what their resolution needs again. The same records give
/// the same model in any order.
pub(crate) fn train<'a>(
    plan: &ResolutionPlan,
    records: &'a Encoded,
    exclusive: &[ExclusiveColumn<'_>],
) -> (Trained, Prepared<'a>) {
    match plan.kind {
        Kind::Person => {
            let (trained, candidates) = train_persons(plan, records);
            (trained, Prepared::Persons(candidates))
        }
        Kind::Organization => {
            let (model, learned) = organization::train(records, plan, exclusive);
            (of_organizations(model, records), Prepared::Organizations(learned))
        }
    }
}

/// Organizations are weighed by fixed evidence; all there is to learn is how common their words and values are.
fn of_organizations(model: OrganizationModel, records: &Encoded) -> Trained {
    let model = Model {
        kind: Kind::Organization,
        records: records.len() as u64,
        prior: Prior::default(),
        weights: Vec::new(),
        frequencies: Vec::new(),
        blocks: Vec::new(),
        organizations: Some(model),
    };
    let report = TrainingReport { records: records.len() as u64, converged: true, ..TrainingReport::default() };
    Trained { model, report }
}

fn train_persons(plan: &ResolutionPlan, records: &Encoded) -> (Trained, Candidates) {
    let equal = equal_records(records);
    let ranks = records_that_count(records, &equal);
    let counts = frequencies::count(&plan.comparisons, records, &ranks);
    let tables = |partners| counts.iter().map(|counts| counts.table(partners)).collect::<Vec<_>>();
    // Nothing is known yet of how many records a customer has; names are counted as if each had one.
    let first_tables = tables(0.0);
    let parts = KeyParts::new(&plan.rules, records, Frequencies(&first_tables));
    let (limits, blocks) = Blocks::explore(plan, &parts, records, &ranks);
    let comparators = Comparators::new(&plan.comparisons, records, Frequencies(&first_tables));
    let expected = limits.iter().map(|limits| limits.pairs).sum();
    let neighbors = Neighbors::new(&parts, records.len(), &ranks);
    let sample = sample::draw(&comparators, &blocks, &neighbors, &ranks, expected);
    let fit = expectation::fit(&plan.comparisons, &sample, ranks.len());
    let (limits, blocks) = match worthwhile(plan, &fit, &sample, &limits, ranks.len()) {
        Some(worthwhile) => Blocks::within(plan, &parts, records, &ranks, (limits, blocks), &worthwhile),
        None => (limits, blocks),
    };
    let partners = 2.0 * fit.match_rate * sample.all_pairs / ranks.len().max(1) as f64;
    let model = Model {
        kind: plan.kind,
        records: records.len() as u64,
        prior: prior(&fit),
        weights: weights(&plan.comparisons, &fit),
        frequencies: tables(partners),
        blocks: limits,
        organizations: None,
    };
    let report = TrainingReport {
        records: records.len() as u64,
        candidate_pairs: sample.candidates,
        random_pairs: sample.random_pairs,
        comparison_vectors: sample.patterns.len() as u64,
        rounds: fit.rounds,
        converged: fit.converged,
        expected_matches: fit.match_rate * sample.all_pairs,
        expected_household_pairs: fit.household_rate * sample.all_pairs,
    };
    (Trained { model, report }, Candidates { equal, ranks, blocks })
}

/// The largest block of each rule that is worth its pairs, where there are more pairs than there may be.
fn worthwhile(
    plan: &ResolutionPlan,
    fit: &Fit,
    sample: &Sample,
    limits: &[RuleLimits],
    records: usize,
) -> Option<Vec<u32>> {
    let allowed = pairs_allowed(plan, records) as f64 / sample.candidates.max(1) as f64;
    if allowed >= 1.0 {
        return None;
    }
    // Pairs that will not join are no yield, however many there are.
    let joins = f64::from(plan.clustering.stop) / 1e6;
    let shares = expectation::match_shares(fit, &plan.comparisons, sample);
    let weighed =
        sample.patterns.iter().zip(shares).filter(|(weighed, share)| weighed.origin == Origin::Rule && *share >= joins);
    let matched: FxHashMap<u128, f64> = weighed.map(|(weighed, share)| (weighed.pattern, share)).collect();
    let limits: Vec<u32> = limits.iter().map(|limits| limits.limit).collect();
    let share = |pattern| matched.get(&pattern).copied().unwrap_or(0.0);
    Some(sample.proposals.worthwhile(&limits, allowed, share))
}

/// The records that training looks at, by rank: of those that are equal in all their values, one.
///
/// The same content delivered a thousand times says no more of how people agree, nor of how common a value is, than once.
/// But equal records that have nothing of their own, a name and a city perhaps, may well be two people: they all count.
fn records_that_count(records: &Encoded, equal: &[Vec<u32>]) -> Vec<u32> {
    use Comparable::{BirthDate, Email, Phone, TaxCode, TaxId};
    let own: Vec<usize> =
        [BirthDate, Email, Phone, TaxCode, TaxId].into_iter().filter_map(|what| records.column(what)).collect();
    let has_own = |rank: u32| own.iter().any(|column| !records.values(rank, *column).is_empty());
    let mut counts = vec![true; records.len()];
    for group in equal.iter().filter(|group| has_own(group[0])) {
        group[1..].iter().for_each(|&rank| counts[rank as usize] = false);
    }
    (0..records.len() as u32).filter(|rank| counts[*rank as usize]).collect()
}

fn prior(fit: &Fit) -> Prior {
    let chance = 1.0 - fit.match_rate - fit.household_rate;
    Prior {
        against_chance: log_weight(fit.match_rate) - log_weight(chance),
        against_household: log_weight(fit.match_rate) - log_weight(fit.household_rate),
    }
}

fn weights(comparisons: &[Comparison], fit: &Fit) -> Vec<ComparisonWeights> {
    let of = |(comparison, levels): (&Comparison, &LevelProbabilities)| {
        let levels = monotone(*comparison, levels).into_iter().enumerate();
        ComparisonWeights {
            comparison: *comparison,
            levels: levels.map(|(at, (m, u))| level_weights(*comparison, at as u8 + 1, m, u)).collect(),
        }
    };
    comparisons.iter().zip(&fit.levels).map(of).collect()
}

fn level_weights(comparison: Comparison, level: u8, m: f64, u: f64) -> LevelWeights {
    // Where the value's own frequency stands in for u, scoring puts it in for the household's part of u as well.
    let by_frequency = comparison.levels()[usize::from(level) - 1].by_frequency;
    let chance = if by_frequency { 0.0 } else { u };
    LevelWeights { m: log_weight(m), u: log_weight(u), household: log_weight(comparison.household(level, m, chance)) }
}

/// m and u of each level, where no level may speak more for a match than the first one, and the last one not at all.
///
/// Where the value's own frequency stands in for u, the learned u says nothing of how much a level speaks for a match.
fn monotone(comparison: Comparison, levels: &LevelProbabilities) -> Vec<(f64, f64)> {
    let best = levels.m[0] / levels.u[0];
    let last = levels.m.len() - 1;
    let pairs = levels.m.iter().zip(&levels.u).enumerate();
    pairs
        .map(|(at, (&m, &u))| {
            if comparison.levels()[at].by_frequency {
                return (m, u);
            }
            let most = if at == last { best.min(comparison.last_at_most()) } else { best };
            (m.min(most * u), u)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::level::{email, name_generation};

    #[test]
    fn a_level_weighed_by_frequency_keeps_what_matches_show_of_it() {
        // Hardly any stranger was seen at the level of mailboxes made of the name.
        let levels = LevelProbabilities {
            m: vec![0.5, 0.2, 0.1, 0.05, 0.05, 0.1],
            u: vec![0.001, 1e-9, 1e-9, 0.001, 0.001, 0.997],
        };
        let found = monotone(Comparison::Email, &levels);
        assert_eq!(found[usize::from(email::NAME_MADE) - 1], (0.2, 1e-9));
        let typo = found[usize::from(email::TYPO) - 1];
        assert!(typo.0 <= 500.0 * typo.1 * 1.001, "no other level speaks more than the first one");
    }

    #[test]
    fn two_generation_words_speak_against_a_match_though_hardly_any_pair_has_shown_them() {
        let levels = LevelProbabilities { m: vec![0.02, 0.97, 0.009, 0.001], u: vec![0.001, 0.97, 0.028, 0.001] };
        let (m, u) = monotone(Comparison::NameGeneration, &levels)[usize::from(name_generation::DIFFERENT) - 1];
        assert!(m <= u / 16.0);
    }
}
