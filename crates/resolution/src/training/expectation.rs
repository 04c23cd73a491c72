//! Expectation–maximization over counts of comparison vectors, with three classes: match, chance, household.
//!
//! The probability of a vector γ in class c is the product over its comparisons of the probability of the level, missing
//! ones left out (Fellegi and Sunter 1969; missing at random after Enamorado, Fifield and Imai 2019). The household
//! class has no parameters of its own but its rate: people of one household agree as one person does on what households
//! share, as strangers do on the rest.

use super::sample::{Origin, Sample, WeighedPattern};
use crate::comparison::{Comparison, level_in};

/// Rounds in which only the rates of the classes move.
const RATE_ROUNDS: u32 = 12;
/// Rounds in which the levels move too, at most.
const LEVEL_ROUNDS: u32 = 60;
/// The fit rests when no probability of a level moves by more.
const TOLERANCE: f64 = 1e-4;
/// What the first belief in u counts, in pairs.
const U_PRIOR_PAIRS: f64 = 5_000.0;
/// Chance is never believed to be rarer than this share of the first belief: few data show it apart from households.
const U_LEAST: f64 = 0.05;
/// What the first belief in m counts at least, in matches.
const M_PRIOR_PAIRS: f64 = 100.0;
/// Up to so many matches it counts as much as they do; what more of them show, counts alone.
const M_PRIOR_PAIRS_MAX: f64 = 2_000.0;
/// So many pairs of one household are believed before any was seen: in a small file, two people with one telephone are
/// as likely a couple as one person until the data tell otherwise.
const HOUSEHOLD_PRIOR_PAIRS: f64 = 5.0;
/// No more matches a record than this are believed.
const MATCHES_PER_RECORD_MAX: f64 = 10.0;

/// Probabilities of the levels of one comparison, level 1 first.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelProbabilities {
    /// Among matches.
    pub m: Vec<f64>,
    /// Among strangers.
    pub u: Vec<f64>,
}

/// What was learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// By comparison.
    pub levels: Vec<LevelProbabilities>,
    /// The share of all pairs that are matches.
    pub match_rate: f64,
    /// The share of all pairs that are two people of one household.
    pub household_rate: f64,
    /// Rounds until the fit rested, or all.
    pub rounds: u32,
    /// Whether it came to rest.
    pub converged: bool,
}

/// How far each comparison vector of a sample is a match, in the sample's order.
pub fn match_shares(fit: &Fit, comparisons: &[Comparison], sample: &Sample) -> Vec<f64> {
    shares(fit, comparisons, &sample.patterns).iter().map(|shares| shares.matched).collect()
}

/// Fits the classes to a sample of `records` records.
pub fn fit(comparisons: &[Comparison], sample: &Sample, records: usize) -> Fit {
    let rate_max = (MATCHES_PER_RECORD_MAX * records as f64 / sample.all_pairs.max(1.0)).min(0.25);
    let mut fit = Fit {
        levels: comparisons.iter().map(|comparison| first_belief(*comparison)).collect(),
        match_rate: (0.2 * records as f64 / sample.all_pairs.max(1.0)).min(0.1),
        household_rate: (0.1 * records as f64 / sample.all_pairs.max(1.0)).min(0.1),
        rounds: 0,
        converged: false,
    };
    set_u(&mut fit, comparisons, &sample.patterns, |_| 1.0);
    for _ in 0..RATE_ROUNDS {
        let shares = shares(&fit, comparisons, &sample.patterns);
        set_rates(&mut fit, &sample.patterns, &shares, sample.all_pairs, rate_max);
        set_u(&mut fit, comparisons, &sample.patterns, |at| shares[at].chance);
    }
    while fit.rounds < LEVEL_ROUNDS && !fit.converged {
        let before = fit.levels.clone();
        let shares = shares(&fit, comparisons, &sample.patterns);
        set_rates(&mut fit, &sample.patterns, &shares, sample.all_pairs, rate_max);
        set_u(&mut fit, comparisons, &sample.patterns, |at| shares[at].chance);
        set_m(&mut fit, comparisons, &sample.patterns, &shares);
        fit.rounds += 1;
        fit.converged = moved(&before, &fit.levels) < TOLERANCE;
    }
    fit
}

fn first_belief(comparison: Comparison) -> LevelProbabilities {
    LevelProbabilities {
        m: comparison.levels().iter().map(|level| level.m).collect(),
        u: comparison.levels().iter().map(|level| level.u).collect(),
    }
}

/// How far a vector belongs to each class; the household's share is the rest.
#[derive(Debug, Clone, Copy)]
struct Shares {
    matched: f64,
    chance: f64,
}

fn shares(fit: &Fit, comparisons: &[Comparison], patterns: &[WeighedPattern]) -> Vec<Shares> {
    // By comparison and level: the probabilities of the three classes; a missing value is certain in each.
    let table: Vec<[[f64; 3]; 16]> = fit
        .levels
        .iter()
        .zip(comparisons)
        .map(|(levels, comparison)| {
            let mut rows = [[1.0; 3]; 16];
            for (level, (&m, &u)) in levels.m.iter().zip(&levels.u).enumerate() {
                rows[level + 1] = [m, u, comparison.household(level as u8 + 1, m, u)];
            }
            rows
        })
        .collect();
    let rates = [fit.match_rate, 1.0 - fit.match_rate - fit.household_rate, fit.household_rate];
    patterns
        .iter()
        .map(|weighed| {
            let mut likelihoods = match weighed.origin {
                Origin::Rule => rates,
                Origin::Neighbors | Origin::Chance => [0.0, rates[1], rates[2]],
            };
            for (place, rows) in table.iter().enumerate() {
                let row = rows[level_in(weighed.pattern, place) as usize];
                for (likelihood, probability) in likelihoods.iter_mut().zip(row) {
                    *likelihood *= probability;
                }
            }
            let all = likelihoods.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            Shares { matched: likelihoods[0] / all, chance: likelihoods[1] / all }
        })
        .collect()
}

fn set_rates(fit: &mut Fit, patterns: &[WeighedPattern], shares: &[Shares], all_pairs: f64, rate_max: f64) {
    let (mut matches, mut households) = (0.0, HOUSEHOLD_PRIOR_PAIRS);
    for (weighed, share) in patterns.iter().zip(shares) {
        matches += weighed.pairs * share.matched;
        households += weighed.pairs * (1.0 - share.matched - share.chance);
    }
    // Half a pair is always possible: a rate of nothing could never rise again.
    let rate = |pairs: f64| (pairs.max(0.5) / all_pairs.max(1.0)).min(rate_max);
    fit.match_rate = rate(matches);
    fit.household_rate = rate(households);
}

fn set_u(fit: &mut Fit, comparisons: &[Comparison], patterns: &[WeighedPattern], share: impl Fn(usize) -> f64) {
    for (place, comparison) in comparisons.iter().enumerate() {
        let counts = counts(place, comparison.levels().len(), patterns, &share);
        let all: f64 = counts.iter().sum::<f64>() + U_PRIOR_PAIRS;
        for (level, count) in counts.iter().enumerate() {
            let believed = comparison.levels()[level].u;
            fit.levels[place].u[level] = ((count + U_PRIOR_PAIRS * believed) / all).max(believed * U_LEAST);
        }
    }
}

fn set_m(fit: &mut Fit, comparisons: &[Comparison], patterns: &[WeighedPattern], shares: &[Shares]) {
    for (place, comparison) in comparisons.iter().enumerate() {
        let counts = counts(place, comparison.levels().len(), patterns, |at| shares[at].matched);
        let seen: f64 = counts.iter().sum();
        let tie = seen.clamp(M_PRIOR_PAIRS, M_PRIOR_PAIRS_MAX);
        for (level, count) in counts.iter().enumerate() {
            fit.levels[place].m[level] = (count + tie * comparison.levels()[level].m) / (seen + tie);
        }
    }
}

/// The pairs at each level of a comparison, each counted by its share in a class.
fn counts(place: usize, levels: usize, patterns: &[WeighedPattern], share: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut counts = [0.0; 16];
    for (at, weighed) in patterns.iter().enumerate() {
        counts[level_in(weighed.pattern, place) as usize] += weighed.pairs * share(at);
    }
    counts[1..=levels].to_vec()
}

fn moved(before: &[LevelProbabilities], after: &[LevelProbabilities]) -> f64 {
    let m = |levels: &[LevelProbabilities]| levels.iter().flat_map(|levels| levels.m.clone()).collect::<Vec<f64>>();
    let pairs = m(before).into_iter().zip(m(after));
    pairs.map(|(before, after)| (before - after).abs()).fold(0.0, f64::max)
}
