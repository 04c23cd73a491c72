//! Clusters as they are defined: no index and no order, every pair weighed, all joins looked at for every step. Blocks are
//! whole, and nobody has judged anything.

use super::{Bound, RecordKeys, originals};
use crate::clustering::{ClusterSettings, probability, weight_reaching};
use crate::encoding::Encoded;
use crate::model::Model;
use crate::plan::ResolutionPlan;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use vinculo_records::{Comparable, ComparableRecords, Kind, RecordHash};

/// A few records under the definition; they are known by their ranks.
struct Definition<'a> {
    records: &'a ComparableRecords,
    encoded: &'a Encoded,
    settings: &'a ClusterSettings,
    weight: Box<dyn Fn(u32, u32) -> i32 + 'a>,
    keys: Vec<RecordKeys>,
}

/// The cluster of each record, named by its least one.
pub(super) fn clusters(
    plan: &ResolutionPlan,
    model: &Model,
    records: &ComparableRecords,
) -> BTreeMap<RecordHash, RecordHash> {
    let encoded = Encoded::new(records);
    let bound = Bound::new(plan, model, &encoded);
    let (keys, weight) = (bound.keys(), bound.weight());
    let definition = Definition { records, encoded: &encoded, settings: &plan.clustering, weight, keys };
    let original = originals(&definition.keys);
    let (singles, copies): (Vec<u32>, Vec<u32>) =
        (0..encoded.len() as u32).partition(|rank| original[*rank as usize] == *rank);
    let mut clusters = definition.join(&singles);
    for rank in copies {
        let original = original[rank as usize];
        let follows = plan.kind == Kind::Organization
            || (definition.weight)(original, rank) >= weight_reaching(plan.clustering.stop);
        match clusters.iter_mut().find(|cluster| cluster.contains(&original)) {
            Some(cluster) if follows => cluster.push(rank),
            _ => clusters.push(vec![rank]),
        }
    }
    let hash = |rank: u32| encoded.hashes()[rank as usize];
    let named = |cluster: &Vec<u32>| {
        let least = cluster.iter().map(|rank| hash(*rank)).min();
        cluster.iter().filter_map(|rank| Some((hash(*rank), least?))).collect::<Vec<_>>()
    };
    clusters.iter().flat_map(named).collect()
}

impl Definition<'_> {
    fn weight(&self, a: u32, b: u32) -> i32 {
        (self.weight)(a.min(b), a.max(b))
    }

    /// Joins the two clusters that offer most, again and again.
    fn join(&self, singles: &[u32]) -> Vec<Vec<u32>> {
        let component = self.components(singles);
        let mut clusters: Vec<Vec<u32>> = singles.iter().map(|rank| vec![*rank]).collect();
        loop {
            let pairs = (0..clusters.len()).flat_map(|a| (a + 1..clusters.len()).map(move |b| (a, b)));
            let near = pairs.filter(|(a, b)| component[&clusters[*a][0]] == component[&clusters[*b][0]]);
            let offers = near.filter_map(|(a, b)| Some((self.offer(&clusters[a], &clusters[b])?, Reverse((a, b)))));
            let Some((_, Reverse((a, b)))) = offers.max() else { return clusters };
            let absorbed = clusters.remove(b);
            clusters[a].extend(absorbed);
        }
    }

    /// The least record that each is led to by pairs that share a block and hold.
    fn components(&self, singles: &[u32]) -> BTreeMap<u32, u32> {
        let mut component: BTreeMap<u32, u32> = singles.iter().map(|rank| (*rank, *rank)).collect();
        let blocks = |rank: u32| &self.keys[rank as usize].blocks;
        let shares = |a: u32, b: u32| blocks(a).iter().any(|block| blocks(b).contains(block));
        for _ in singles {
            for (&a, &b) in singles.iter().flat_map(|a| singles.iter().map(move |b| (a, b))) {
                if a != b && shares(a, b) && self.holds(a, b) {
                    let least = component[&a].min(component[&b]);
                    component.extend([(a, least), (b, least)]);
                }
            }
        }
        component
    }

    fn holds(&self, a: u32, b: u32) -> bool {
        let ids = [self.tax_ids(&[a]), self.tax_ids(&[b])];
        let excluded = ids.iter().all(|ids| ids.len() == 1) && ids[0] != ids[1];
        let least = if excluded { self.settings.match_weight } else { self.settings.loose_weight };
        self.weight(a, b) >= least
    }

    /// The mean probability and weight of two clusters, if they may join.
    fn offer(&self, left: &[u32], right: &[u32]) -> Option<(i64, i64)> {
        let crossed = || left.iter().flat_map(|a| right.iter().map(|b| self.weight(*a, *b)));
        let pairs = (left.len() * right.len()) as i64;
        let likely: i64 = crossed().map(|weight| i64::from(probability(weight))).sum();
        let mean = crossed().map(|weight| i64::from(weight.clamp(-60_000, 60_000))).sum::<i64>().div_euclid(pairs);
        let ids = [self.tax_ids(left), self.tax_ids(right)];
        let excluded = ids.iter().all(|ids| !ids.is_empty()) && ids[0] != ids[1];
        let vetoed = crossed().any(|weight| weight <= self.settings.veto_weight);
        let stop = i64::from(self.settings.stop);
        let reaches = likely >= stop * pairs;
        let dated = self.dated_agree(left, right, stop);
        let shared = !ids[0].is_empty() && ids[0] == ids[1];
        let agrees = |weight: i32| weight >= 3_000 && i64::from(probability(weight)) >= stop;
        let told_one = shared && crossed().any(agrees);
        ((reaches || told_one) && dated && !excluded && !vetoed).then_some((likely / pairs, mean))
    }

    /// Whether the records that state a day of birth agree by themselves, if both clusters have some.
    fn dated_agree(&self, left: &[u32], right: &[u32], stop: i64) -> bool {
        let born = self.encoded.column(Comparable::BirthDate).filter(|_| self.records.kind() == Kind::Person);
        let states = |rank: &&u32| born.is_some_and(|column| !self.encoded.values(**rank, column).is_empty());
        let crossed = left.iter().filter(states).flat_map(|a| right.iter().filter(states).map(|b| self.weight(*a, *b)));
        let probabilities: Vec<i64> = crossed.map(|weight| i64::from(probability(weight))).collect();
        probabilities.iter().sum::<i64>() >= stop * probabilities.len() as i64
    }

    fn tax_ids(&self, cluster: &[u32]) -> BTreeSet<&str> {
        let positions = cluster.iter().map(|rank| self.encoded.positions()[*rank as usize] as usize);
        let columns = positions.filter_map(|position| Some((self.records.column(Comparable::TaxId)?, position)));
        columns.flat_map(|(column, at)| column.range(at).map(|value| column.values().text(value))).collect()
    }
}
