//! Clusters against true entities: pairwise, B-cubed and whole-cluster scores.
//!
//! All counts come from the contingency table: `n(c, e)` records are in cluster `c` and of entity `e`. It has at most one
//! cell a record, so that nothing here grows with the square of a cluster.

use rustc_hash::FxHashMap;
use serde::Serialize;

/// Precision and recall, each from 0 to 1; 1 where there was nothing to get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// The share of what was claimed that is true.
    pub precision: f64,
    /// The share of what is true that was claimed.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
}

impl Scores {
    fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        let f1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
        Self { precision, recall, f1 }
    }

    fn of_counts(right: u64, claimed: u64, true_ones: u64) -> Self {
        Self::new(share(right, claimed), share(right, true_ones))
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// How clusters compare to the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many records were compared.
    pub records: u64,
    /// How many clusters they are in.
    pub clusters: u64,
    /// How many entities they truly are.
    pub entities: u64,
    /// Pairs in one cluster and of one entity.
    pub true_pairs: u64,
    /// Pairs in one cluster, of different entities.
    pub false_pairs: u64,
    /// Pairs of one entity, in different clusters.
    pub missed_pairs: u64,
    /// Over pairs of records.
    pub pairwise: Scores,
    /// Over records: each one's cluster against its entity (Bagga and Baldwin 1998).
    pub b_cubed: Scores,
    /// Over clusters of two records or more that are exactly an entity.
    pub cluster: Scores,
}

/// How many records each cluster, or each entity, has.
type Sizes = FxHashMap<u32, u64>;

/// Compares the cluster of each record with its true entity; both slices speak of the same records in the same order.
///
/// # Panics
/// Slices of different lengths.
pub fn evaluate(clusters: &[u32], entities: &[u32]) -> Evaluation {
    assert_eq!(clusters.len(), entities.len(), "a cluster and an entity a record");
    let mut cells: FxHashMap<(u32, u32), u64> = FxHashMap::default();
    for cell in clusters.iter().copied().zip(entities.iter().copied()) {
        *cells.entry(cell).or_default() += 1;
    }
    let mut cells: Vec<((u32, u32), u64)> = cells.into_iter().collect();
    cells.sort_unstable();
    let by_cluster = sizes(&cells, |cell| cell.0);
    let by_entity = sizes(&cells, |cell| cell.1);
    let total = |sizes: &Sizes| sizes.values().map(|&records| pairs(records)).sum::<u64>();
    let true_pairs = cells.iter().map(|&(_, count)| pairs(count)).sum();
    let (claimed, true_ones) = (total(&by_cluster), total(&by_entity));
    Evaluation {
        records: clusters.len() as u64,
        clusters: by_cluster.len() as u64,
        entities: by_entity.len() as u64,
        true_pairs,
        false_pairs: claimed - true_pairs,
        missed_pairs: true_ones - true_pairs,
        pairwise: Scores::of_counts(true_pairs, claimed, true_ones),
        b_cubed: b_cubed(&cells, &by_cluster, &by_entity),
        cluster: whole_clusters(&cells, &by_cluster, &by_entity),
    }
}

fn pairs(records: u64) -> u64 {
    records * records.saturating_sub(1) / 2
}

fn sizes(cells: &[((u32, u32), u64)], side: impl Fn((u32, u32)) -> u32) -> Sizes {
    let mut sizes = Sizes::default();
    for &(cell, count) in cells {
        *sizes.entry(side(cell)).or_default() += count;
    }
    sizes
}

/// The mean over records of the share of its cluster that is of its entity, and of its entity that is in its cluster.
fn b_cubed(cells: &[((u32, u32), u64)], by_cluster: &Sizes, by_entity: &Sizes) -> Scores {
    let records: u64 = cells.iter().map(|(_, count)| count).sum();
    if records == 0 {
        return Scores::new(1.0, 1.0);
    }
    let mean = |size: &dyn Fn((u32, u32)) -> u64| {
        let sum: f64 = cells.iter().map(|&(cell, count)| (count * count) as f64 / size(cell) as f64).sum();
        sum / records as f64
    };
    Scores::new(mean(&|cell| by_cluster[&cell.0]), mean(&|cell| by_entity[&cell.1]))
}

/// Clusters of two or more that are exactly an entity. Single records are left out: they would flatter any answer.
fn whole_clusters(cells: &[((u32, u32), u64)], by_cluster: &Sizes, by_entity: &Sizes) -> Scores {
    let large = |sizes: &Sizes| sizes.values().filter(|records| **records > 1).count() as u64;
    let exact = |&&((cluster, entity), count): &&((u32, u32), u64)| {
        count > 1 && by_cluster[&cluster] == count && by_entity[&entity] == count
    };
    Scores::of_counts(cells.iter().filter(exact).count() as u64, large(by_cluster), large(by_entity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_scores_of_a_small_example_are_as_counted_by_hand() {
        // Entity 1 lies in clusters 1 and 2; cluster 2 also holds entity 2; entity 3 is exact.
        let evaluation = evaluate(&[1, 1, 2, 2, 3, 3], &[1, 1, 1, 2, 3, 3]);
        assert_eq!((evaluation.true_pairs, evaluation.false_pairs, evaluation.missed_pairs), (2, 1, 2));
        assert_eq!(evaluation.pairwise.precision, 2.0 / 3.0);
        assert_eq!(evaluation.pairwise.recall, 0.5);
        assert!((evaluation.b_cubed.precision - 5.0 / 6.0).abs() < 1e-12);
        assert!((evaluation.b_cubed.recall - (4.0 / 3.0 + 1.0 / 3.0 + 1.0 + 2.0) / 6.0).abs() < 1e-12);
        assert_eq!((evaluation.cluster.precision, evaluation.cluster.recall), (1.0 / 3.0, 0.5));
    }

    #[test]
    fn nothing_to_get_wrong_is_perfect() {
        for (clusters, entities) in [(vec![], vec![]), (vec![1, 2], vec![7, 8])] {
            let evaluation = evaluate(&clusters, &entities);
            assert_eq!((evaluation.pairwise.f1, evaluation.b_cubed.f1, evaluation.cluster.f1), (1.0, 1.0, 1.0));
        }
    }

    proptest! {
        #[test]
        fn pairs_are_counted_as_one_by_one(records in prop::collection::vec((0_u32..5, 0_u32..5), 0..40)) {
            let (clusters, entities): (Vec<u32>, Vec<u32>) = records.into_iter().unzip();
            let (mut both, mut claimed, mut true_ones) = (0, 0, 0);
            for i in 0..clusters.len() {
                for j in 0..i {
                    let (c, e) = (clusters[i] == clusters[j], entities[i] == entities[j]);
                    both += u64::from(c && e);
                    claimed += u64::from(c);
                    true_ones += u64::from(e);
                }
            }
            let evaluation = evaluate(&clusters, &entities);
            prop_assert_eq!(evaluation.true_pairs, both);
            prop_assert_eq!(evaluation.false_pairs, claimed - both);
            prop_assert_eq!(evaluation.missed_pairs, true_ones - both);
        }
    }
}
