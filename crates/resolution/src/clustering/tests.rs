//! What clustering promises, whatever the input.

use super::*;
use proptest::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_records::ListColumn;

/// A small world: the weight of every pair, the pairs that were proposed, an identifier for some records.
#[derive(Debug, Clone)]
struct World {
    /// Where each record stands in the column of identifiers.
    positions: Vec<u32>,
    weights: FxHashMap<(u32, u32), i32>,
    pairs: Vec<ScoredPair>,
    identifiers: Vec<Option<u8>>,
    judgements: Vec<Judgement>,
    dated: Vec<bool>,
}

impl World {
    fn new(weights: &[(u32, u32, i32)], identifiers: &[Option<u8>]) -> Self {
        let pair = |&(left, right, weight): &(u32, u32, i32)| ScoredPair { left, right, weight };
        Self {
            positions: (0..identifiers.len() as u32).collect(),
            weights: weights.iter().map(|&(left, right, weight)| ((left, right), weight)).collect(),
            pairs: weights.iter().map(pair).collect(),
            identifiers: identifiers.to_vec(),
            judgements: Vec::new(),
            dated: vec![false; identifiers.len()],
        }
    }

    fn cluster(&self, settings: &ClusterSettings) -> Clustering {
        let mut column = ListColumn::default();
        let mut standing = vec![None; self.identifiers.len()];
        for (identifier, &position) in self.identifiers.iter().zip(&self.positions) {
            standing[position as usize] = *identifier;
        }
        for identifier in standing {
            if let Some(identifier) = identifier {
                column.push_value(&format!("cpf:{identifier}"));
            }
            column.end_record();
        }
        let exclusive = [ExclusiveColumn { values: &column, exclusivity: Exclusivity::ByType }];
        let score = |left: u32, right: u32| *self.weights.get(&(left.min(right), left.max(right))).unwrap_or(&-20_000);
        let input = ClusterInput {
            positions: &self.positions,
            pairs: &self.pairs,
            exclusive: &exclusive,
            judgements: &self.judgements,
            dated: &|record| self.dated[record as usize],
            score: &score,
        };
        cluster(&input, settings)
    }

    /// The same world with its records, pairs and judgements in another order.
    fn shuffled(&self, positions: Vec<u32>, pair_order: &[usize]) -> Self {
        Self {
            positions,
            pairs: pair_order.iter().map(|&i| self.pairs[i]).collect(),
            judgements: self.judgements.iter().rev().copied().collect(),
            ..self.clone()
        }
    }
}

fn groups(result: &Clustering) -> Vec<Vec<u32>> {
    (0..result.clusters.len()).map(|c| result.clusters.members(c).to_vec()).collect()
}

fn reasons(result: &Clustering) -> Vec<DecisionReason> {
    result.decisions.iter().filter_map(|decision| decision.reason).collect()
}

#[test]
fn a_record_without_an_identifier_does_not_bridge_two_that_differ() {
    let world = World::new(&[(0, 1, 9_000), (1, 2, 8_000), (0, 2, 7_000)], &[Some(1), None, Some(2)]);
    let result = world.cluster(&ClusterSettings::default());
    assert_eq!(groups(&result), [vec![0, 1], vec![2]]);
    assert_eq!(reasons(&result), [DecisionReason::DifferentIdentifiers]);
}

#[test]
fn a_chain_of_strong_pairs_falls_apart_where_the_cross_pairs_do_not_support_it() {
    let chain = [(0, 1, 12_000), (1, 2, 1_000), (2, 3, 11_000)];
    let result = World::new(&chain, &[None; 4]).cluster(&ClusterSettings::default());
    assert_eq!(groups(&result), [vec![0, 1], vec![2, 3]]);
    assert_eq!(reasons(&result), [DecisionReason::WeakSupport]);
}

#[test]
fn a_contradiction_between_two_records_keeps_their_clusters_apart() {
    let world = World::new(&[(0, 1, 9_000), (0, 2, 8_000), (1, 2, -20_000)], &[None; 3]);
    let settings = ClusterSettings { veto_weight: -12_000, ..ClusterSettings::default() };
    let result = world.cluster(&settings);
    assert_eq!(groups(&result), [vec![0, 1], vec![2]]);
    assert_eq!(reasons(&result), [DecisionReason::Contradiction]);
    assert_eq!(world.cluster(&ClusterSettings::default()).clusters.len(), 1);
}

#[test]
fn a_record_that_does_not_say_bridges_no_two_that_contradict_each_other() {
    // The last one has no day of birth; the others have, and two of them are not those of the third.
    let pairs = [(0, 1, 9_000), (0, 2, -4_000), (1, 2, -4_000), (0, 3, 4_000), (1, 3, 4_000), (2, 3, 15_000)];
    let mut world = World::new(&pairs, &[None; 4]);
    assert_eq!(world.cluster(&ClusterSettings::default()).clusters.len(), 1);
    world.dated = vec![true, true, true, false];
    let result = world.cluster(&ClusterSettings::default());
    assert_eq!(groups(&result), [vec![0, 1], vec![2, 3]]);
    assert_eq!(reasons(&result), [DecisionReason::WeakSupport]);
}

#[test]
fn clusters_that_share_an_identifier_join_by_one_pair_that_agrees_beside_it() {
    let pairs = [(0, 1, 9_000), (0, 2, -9_000), (1, 2, 4_000)];
    let settings = ClusterSettings { stop: 600_000, ..ClusterSettings::default() };
    let clusters = |identifiers: &[Option<u8>]| World::new(&pairs, identifiers).cluster(&settings);
    assert_eq!(groups(&clusters(&[Some(1), None, Some(1)])), [vec![0, 1, 2]]);
    let strangers = [(0, 1, 9_000), (0, 2, -9_000), (1, 2, 2_000)];
    let apart = World::new(&strangers, &[Some(1), None, Some(1)]).cluster(&settings);
    assert_eq!(groups(&apart), [vec![0, 1], vec![2]]);
    assert_eq!(groups(&clusters(&[Some(1), None, None])), [vec![0, 1], vec![2]]);
}

#[test]
fn an_unproposed_pair_counts_as_the_scorer_says() {
    let mut world = World::new(&[(0, 1, 9_000), (1, 2, -2_000), (0, 2, 9_000)], &[None; 3]);
    world.pairs.retain(|pair| (pair.left, pair.right) != (0, 2));
    assert_eq!(groups(&world.cluster(&ClusterSettings::default())), [vec![0, 1, 2]]);
}

#[test]
fn the_same_identifier_on_different_people_is_a_conflict() {
    let world = World::new(&[(0, 1, -2_900)], &[Some(1), Some(1)]);
    let result = world.cluster(&ClusterSettings::default());
    assert_eq!(result.clusters.len(), 2);
    assert_eq!(reasons(&result), [DecisionReason::SharedIdentifier]);
}

#[test]
fn a_doubtful_pair_is_a_possible_match() {
    let result = World::new(&[(0, 1, -2_000)], &[None; 2]).cluster(&ClusterSettings::default());
    assert_eq!(result.clusters.len(), 2);
    let kinds: Vec<_> = result.decisions.iter().map(|decision| decision.kind).collect();
    assert_eq!(kinds, [DecisionKind::PossibleMatch]);
}

#[test]
fn what_identifiers_exclude_is_a_conflict_only_where_it_would_have_joined() {
    let decisions =
        |weight| World::new(&[(0, 1, weight)], &[Some(1), Some(2)]).cluster(&ClusterSettings::default()).decisions;
    assert_eq!(decisions(-500), []);
    let told = decisions(500);
    assert_eq!((told.len(), told[0].kind), (1, DecisionKind::Conflict));
    assert_eq!(told[0].reason, Some(DecisionReason::DifferentIdentifiers));
}

#[test]
fn what_identifiers_exclude_holds_no_component_together() {
    // The two in the middle exclude each other; their neighbors were never proposed, and would join.
    let mut world = World::new(&[(0, 1, 500), (1, 2, -500), (2, 3, 500), (0, 3, 500)], &[None, Some(1), Some(2), None]);
    world.pairs.retain(|pair| (pair.left, pair.right) != (0, 3));
    let result = world.cluster(&ClusterSettings::default());
    assert_eq!(groups(&result), [vec![0, 1], vec![2, 3]]);
    assert!(result.decisions.iter().all(|decision| decision.kind == DecisionKind::Join));
    assert_eq!(result.cuts.largest_component, 2);
}

#[test]
fn judgements_join_and_part_but_never_join_different_identifiers() {
    let judge = |left, right, same| Judgement { left, right, same };
    let weights = [(0, 1, 9_000), (2, 3, -20_000), (4, 5, -20_000)];
    let mut world = World::new(&weights, &[None, None, None, None, Some(1), Some(2)]);
    world.judgements = vec![judge(0, 1, false), judge(3, 2, true), judge(4, 5, true)];
    let result = world.cluster(&ClusterSettings::default());
    assert_eq!(groups(&result), [vec![0], vec![1], vec![2, 3], vec![4], vec![5]]);
    let expected = [DecisionReason::JudgedSame, DecisionReason::JudgedDifferent, DecisionReason::DifferentIdentifiers];
    assert_eq!(FxHashSet::from_iter(reasons(&result)), FxHashSet::from_iter(expected));
}

#[test]
fn a_judgement_joins_what_contradicts_itself() {
    let mut world = World::new(&[(0, 1, -20_000)], &[None; 2]);
    world.judgements = vec![Judgement { left: 1, right: 0, same: true }];
    let settings = ClusterSettings { veto_weight: -12_000, ..ClusterSettings::default() };
    let result = world.cluster(&settings);
    assert_eq!(groups(&result), [vec![0, 1]]);
    assert_eq!(reasons(&result), [DecisionReason::JudgedSame]);
}

#[test]
fn a_large_component_is_bounded_and_reported() {
    let chain: Vec<_> = (0..30).map(|i| (i, i + 1, 5_000)).collect();
    let settings = ClusterSettings { all_pairs_limit: 10, scored_per_record: 1, ..ClusterSettings::default() };
    let result = World::new(&chain, &[None; 31]).cluster(&settings);
    assert_eq!((result.cuts.large_components, result.cuts.largest_component), (1, 31));
    assert!(result.cuts.unscored_pairs > 0);
}

fn settings() -> impl Strategy<Value = ClusterSettings> {
    (prop_oneof![Just(2_u32), Just(6), Just(100)], 0_u32..4).prop_map(|(all_pairs_limit, scored_per_record)| {
        ClusterSettings { all_pairs_limit, scored_per_record, ..ClusterSettings::default() }
    })
}

prop_compose! {
    fn worlds()(size in 2_usize..24)(
        weights in prop::collection::vec((0..size as u32, 0..size as u32, -6_i32..12), 0..size * 3),
        proposed in prop::collection::vec(any::<bool>(), size * 3),
        identifiers in prop::collection::vec(prop::option::weighted(0.4, 0_u8..4), size),
        judged in prop::collection::vec((0..size as u32, 0..size as u32, any::<bool>()), 0..3),
        dated in prop::collection::vec(any::<bool>(), size),
    ) -> World {
        let sorted = weights.iter().filter(|(left, right, _)| left != right);
        let sorted: FxHashMap<(u32, u32), i32> =
            sorted.map(|&(left, right, bits)| ((left.min(right), left.max(right)), bits * 1_000)).collect();
        let mut list: Vec<_> = sorted.iter().map(|(&(left, right), &weight)| (left, right, weight)).collect();
        list.sort_unstable();
        let mut world = World::new(&list, &identifiers);
        let mut keep = proposed.iter();
        world.pairs.retain(|_| *keep.next().unwrap_or(&true));
        let judged = judged.into_iter().filter(|(left, right, _)| left != right);
        world.judgements = judged.map(|(left, right, same)| Judgement { left, right, same }).collect();
        world.dated = dated;
        world
    }
}

fn orders() -> impl Strategy<Value = (Vec<u32>, Vec<usize>)> {
    let positions = Just((0..24).collect::<Vec<u32>>()).prop_shuffle();
    let pairs = Just((0..72).collect::<Vec<usize>>()).prop_shuffle();
    (positions, pairs)
}

proptest! {
    #[test]
    fn the_order_of_records_and_pairs_changes_nothing(
        world in worlds(), (positions, pair_order) in orders(), settings in settings(),
    ) {
        let (mut positions, mut pair_order) = (positions, pair_order);
        positions.retain(|&p| (p as usize) < world.positions.len());
        pair_order.retain(|&p| p < world.pairs.len());
        let other = world.shuffled(positions, &pair_order);
        prop_assert_eq!(world.cluster(&settings), other.cluster(&settings));
    }

    #[test]
    fn decisions_lead_from_each_record_of_a_component_to_all_others(
        world in worlds(), settings in settings(), review_bits in -3_i32..3,
    ) {
        let settings = ClusterSettings { review_weight: 1_000 * review_bits, ..settings };
        let result = world.cluster(&settings);
        let mut pieces = components::DisjointSets::new(world.positions.len());
        for cluster in 0..result.clusters.len() {
            let members = result.clusters.members(cluster);
            members.iter().for_each(|&member| _ = pieces.unite(members[0], member));
        }
        result.decisions.iter().for_each(|decision| _ = pieces.unite(decision.left, decision.right));
        let same = world.judgements.iter().filter(|judgement| judgement.same).map(|judgement| (judgement.left, judgement.right));
        let identifier = |record: u32| world.identifiers[record as usize];
        let excludes = |a: Option<u8>, b: Option<u8>| a.is_some() && b.is_some() && a != b;
        let least = |pair: &ScoredPair| match excludes(identifier(pair.left), identifier(pair.right)) {
            true => settings.match_weight,
            false => settings.loose_weight,
        };
        let loose = world.pairs.iter().filter(|pair| pair.weight >= least(pair)).map(|pair| (pair.left, pair.right));
        for (left, right) in same.chain(loose) {
            prop_assert!(!pieces.unite(left, right), "{} and {}", left, right);
        }
    }

    #[test]
    fn a_constraint_is_told_only_where_it_refused_what_weighed_enough(world in worlds(), settings in settings()) {
        use DecisionReason::{Contradiction, DifferentIdentifiers, JudgedDifferent, WeakSupport};
        let world = World { judgements: world.judgements.into_iter().filter(|judgement| !judgement.same).collect(), ..world };
        let conflicts = world.cluster(&settings).decisions.into_iter().filter(|told| told.kind == DecisionKind::Conflict);
        for told in conflicts {
            let refused = [Contradiction, DifferentIdentifiers, JudgedDifferent, WeakSupport].map(Some).contains(&told.reason);
            prop_assert!(!refused || told.weight >= settings.match_weight, "{:?}", told);
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same(world in worlds(), settings in settings()) {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| world.cluster(&settings))
        };
        prop_assert_eq!(with(1), with(3));
    }

    #[test]
    fn every_record_is_in_exactly_one_cluster(world in worlds(), settings in settings()) {
        let result = world.cluster(&settings);
        let mut seen: Vec<u32> = groups(&result).concat();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..world.positions.len() as u32).collect::<Vec<_>>());
        for (c, members) in groups(&result).iter().enumerate() {
            prop_assert!(members.iter().all(|&record| result.clusters.of_records()[record as usize] == c as u32));
        }
    }

    #[test]
    fn no_cluster_holds_two_values_of_an_identifier_nor_a_judged_difference(
        world in worlds(), settings in settings(),
    ) {
        let result = world.cluster(&settings);
        for members in groups(&result) {
            let values: FxHashSet<u8> = members.iter().filter_map(|&r| world.identifiers[r as usize]).collect();
            prop_assert!(values.len() <= 1);
        }
        let of = result.clusters.of_records();
        for judgement in world.judgements.iter().filter(|judgement| !judgement.same) {
            prop_assert_ne!(of[judgement.left as usize], of[judgement.right as usize]);
        }
    }

    #[test]
    fn what_is_judged_the_same_is_one_cluster_where_no_constraint_refuses(world in worlds(), settings in settings()) {
        let mut world = World { identifiers: vec![None; world.identifiers.len()], ..world };
        world.judgements.retain(|judgement| judgement.same);
        let result = world.cluster(&settings);
        let of = result.clusters.of_records();
        for judgement in &world.judgements {
            prop_assert_eq!(of[judgement.left as usize], of[judgement.right as usize]);
        }
    }

    #[test]
    fn a_judgement_unites_two_whole_clusters_and_changes_nothing_else(world in worlds(), judged in (0_usize..24, 0_usize..24)) {
        let size = world.positions.len();
        let (left, right) = ((judged.0 % size) as u32, (judged.1 % size) as u32);
        let mut world = World { identifiers: vec![None; size], judgements: Vec::new(), ..world };
        world.pairs = world.weights.iter().map(|(&(left, right), &weight)| ScoredPair { left, right, weight }).collect();
        let settings = ClusterSettings::default();
        let before = world.cluster(&settings);
        let name = |cluster: u32| before.clusters.members(cluster as usize)[0];
        let first = |record: u32| name(before.clusters.of_records()[record as usize]);
        let united = [first(left), first(right)];
        let expected: Vec<u32> = (0..size as u32).map(|record| match first(record) {
            least if united.contains(&least) => united[0].min(united[1]),
            least => least,
        }).collect();
        world.judgements.extend((left != right).then_some(Judgement { left, right, same: true }));
        prop_assert_eq!(world.cluster(&settings).clusters, Clusters::from_least(&expected));
    }

    #[test]
    fn another_component_beside_it_changes_nothing(world in worlds(), beside in worlds()) {
        let settings = ClusterSettings::default();
        let shift = world.positions.len() as u32;
        let mut both = world.clone();
        both.positions.extend(beside.positions.iter().map(|position| position + shift));
        both.identifiers.extend(&beside.identifiers);
        both.dated.extend(&beside.dated);
        both.weights.extend(beside.weights.iter().map(|(&(l, r), &weight)| ((l + shift, r + shift), weight)));
        both.pairs.extend(beside.pairs.iter().map(|pair| ScoredPair {
            left: pair.left + shift,
            right: pair.right + shift,
            ..*pair
        }));
        let alone = groups(&world.cluster(&settings));
        prop_assert_eq!(&groups(&both.cluster(&settings))[..alone.len()], &alone[..]);
    }

    #[test]
    fn joins_account_for_the_clusters(world in worlds(), settings in settings()) {
        let result = world.cluster(&settings);
        let joins = result.decisions.iter().filter(|decision| decision.kind == DecisionKind::Join).count();
        prop_assert_eq!(joins + result.clusters.len(), world.positions.len());
    }
}
