//! Agglomeration inside one component: the two clusters with the best mean join, unless a constraint refuses.

use super::components::Component;
use super::exclusive::{Identifier, Meeting, identifiers, meeting};
use super::judged::Judged;
use super::links::{Link, Offer, Pair};
use super::{CERTAIN, ClusterInput, ClusterSettings, DecisionReason, Found, PairDecision, weight_reaching};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use vinculo_records::DecisionKind;

/// The weight of the strongest pair, identifier included, from which two clusters that share one are one, in thousandths of
/// a bit.
const WITH_IDENTIFIER: i32 = 3_000;

/// Joins the records of a component into clusters.
pub(super) fn agglomerate(
    input: &ClusterInput<'_>,
    settings: &ClusterSettings,
    component: &Component,
    found: &mut Found,
) {
    if component.records.len() < 2 {
        return;
    }
    let mut agglomeration = Agglomeration::new(input, settings, component);
    agglomeration.link_pairs(&component.pairs);
    agglomeration.join_judged();
    agglomeration.join_best_first();
    agglomeration.finish(found);
}

#[derive(Default)]
struct Cluster<'a> {
    /// Records by place; empty once another cluster has absorbed this one.
    members: Vec<u32>,
    /// At most one identifier of a type, sorted; those of its kin among them.
    identifiers: Vec<Identifier<'a>>,
    /// The clusters that are one customer with this one by a judgement, sorted; empty for nearly all.
    kin: Vec<u32>,
    /// The link to every cluster with which a pair was scored; then all cross pairs were.
    links: FxHashMap<u32, Link>,
    /// How often this cluster has grown; an offer made before is void.
    age: u32,
}

impl<'a> Cluster<'a> {
    fn add_identifiers(&mut self, more: Vec<Identifier<'a>>) {
        self.identifiers.extend(more);
        self.identifiers.sort_unstable();
        self.identifiers.dedup();
    }
}

struct Agglomeration<'a, 'b> {
    input: &'b ClusterInput<'a>,
    settings: &'b ClusterSettings,
    records: &'b [u32],
    /// Clusters by the place of their least record.
    clusters: Vec<Cluster<'a>>,
    /// The cluster of each record.
    home: Vec<u32>,
    judged: Judged,
    offers: BinaryHeap<Offer>,
    decisions: Vec<PairDecision>,
    /// What a constraint refused and weights would not have joined.
    faint: Vec<PairDecision>,
    /// How many more unproposed pairs may be scored.
    budget: u64,
    unscored: u64,
}

impl<'a, 'b> Agglomeration<'a, 'b> {
    fn new(input: &'b ClusterInput<'a>, settings: &'b ClusterSettings, component: &'b Component) -> Self {
        let records = &component.records;
        let alone = |(place, &record): (usize, &u32)| Cluster {
            members: vec![place as u32],
            identifiers: identifiers(input.exclusive, input.positions[record as usize]),
            ..Cluster::default()
        };
        let all_pairs = records.len() <= settings.all_pairs_limit as usize;
        Self {
            input,
            settings,
            records,
            clusters: records.iter().enumerate().map(alone).collect(),
            home: (0..records.len() as u32).collect(),
            judged: Judged::new(input, records),
            offers: BinaryHeap::new(),
            decisions: Vec::new(),
            faint: Vec::new(),
            budget: if all_pairs { u64::MAX } else { u64::from(settings.scored_per_record) * records.len() as u64 },
            unscored: 0,
        }
    }

    /// Links single records: by all pairs in a small component, by the proposed ones in a large one.
    fn link_pairs(&mut self, pairs: &[(u32, u32, i32)]) {
        for &(left, right, weight) in pairs {
            self.link(left, right, self.link_of(left, right, weight));
        }
        if self.budget == u64::MAX {
            for left in 0..self.records.len() as u32 {
                for right in left + 1..self.records.len() as u32 {
                    if !self.clusters[left as usize].links.contains_key(&right) {
                        self.link(left, right, self.link_of(left, right, self.score(left, right)));
                    }
                }
            }
        }
        for left in 0..self.records.len() as u32 {
            self.offer_joins(left, |right| left < right);
        }
    }

    fn link(&mut self, left: u32, right: u32, link: Link) {
        self.clusters[left as usize].links.insert(right, link);
        self.clusters[right as usize].links.insert(left, link);
    }

    fn link_of(&self, left: u32, right: u32, weight: i32) -> Link {
        let is_dated = |place: u32| (self.input.dated)(self.records[place as usize]);
        Link::of_pair(left, right, weight, is_dated(left) && is_dated(right))
    }

    /// The weight of two records, the lesser rank first.
    fn score(&self, left: u32, right: u32) -> i32 {
        (self.input.score)(self.records[left.min(right) as usize], self.records[left.max(right) as usize])
    }

    /// Makes kin of what persons have judged the same, as far as neither identifiers nor other judgements refuse.
    fn join_judged(&mut self) {
        for (left, right) in std::mem::take(&mut self.judged.same) {
            let (a, b) = (self.home[left as usize], self.home[right as usize]);
            if self.are_one(a, b) {
                continue;
            }
            let pair = self.link_of(left, right, self.score(left, right)).strongest;
            match self.constraint(a, b) {
                Some(reason) => self.note(DecisionKind::Conflict, pair, Some(reason)),
                None => {
                    self.note(DecisionKind::Join, pair, Some(DecisionReason::JudgedSame));
                    let theirs = self.clusters[b as usize].identifiers.clone();
                    self.clusters[a as usize].add_identifiers(theirs);
                    let kin = [&[b], &*self.clusters[a as usize].kin, &*self.clusters[b as usize].kin].concat();
                    self.make_kin(a, kin);
                }
            }
        }
    }

    /// Makes one family of a cluster and these others, all of which share its identifiers from now on.
    fn make_kin(&mut self, a: u32, others: Vec<u32>) {
        let mut family = others;
        family.push(a);
        family.sort_unstable();
        family.dedup();
        let identifiers = self.clusters[a as usize].identifiers.clone();
        for &member in &family {
            let cluster = &mut self.clusters[member as usize];
            cluster.kin = family.iter().copied().filter(|kin| *kin != member).collect();
            cluster.identifiers.clone_from(&identifiers);
        }
    }

    /// The least cluster of a cluster's family.
    fn family(&self, a: u32) -> u32 {
        self.clusters[a as usize].kin.first().map_or(a, |&kin| kin.min(a))
    }

    fn are_one(&self, a: u32, b: u32) -> bool {
        a == b || self.clusters[a as usize].kin.contains(&b)
    }

    fn join_best_first(&mut self) {
        while let Some(offer) = self.offers.pop() {
            let (a, b) = (offer.left.0, offer.right.0);
            let (left, right) = (&self.clusters[a as usize], &self.clusters[b as usize]);
            if offer.ages != (left.age, right.age) || self.refusal(a, b).is_some() {
                continue;
            }
            if !self.are_one(a, b) {
                let strongest = left.links[&b].strongest;
                self.note(DecisionKind::Join, strongest, None);
            }
            self.merge(a, b);
        }
    }

    /// Why two clusters may not join, whatever the mean of their link.
    fn refusal(&self, a: u32, b: u32) -> Option<DecisionReason> {
        let contradicted = || {
            let link = self.clusters[a as usize].links.get(&b)?;
            (link.weakest <= self.settings.veto_weight).then_some(DecisionReason::Contradiction)
        };
        self.constraint(a, b).or_else(contradicted)
    }

    /// Why two clusters may not join, whatever a person says of two of their records.
    fn constraint(&self, a: u32, b: u32) -> Option<DecisionReason> {
        let (left, right) = (&self.clusters[a as usize], &self.clusters[b as usize]);
        if meeting(&left.identifiers, &right.identifiers) == Meeting::Different {
            return Some(DecisionReason::DifferentIdentifiers);
        }
        let (a, b) = (self.family(a), self.family(b));
        let families = |&(left, right): &(u32, u32)| {
            let (left, right) = (self.family(self.home[left as usize]), self.family(self.home[right as usize]));
            (left.min(right), left.max(right))
        };
        let is_judged = self.judged.different.iter().map(families).any(|families| families == (a.min(b), a.max(b)));
        is_judged.then_some(DecisionReason::JudgedDifferent)
    }

    /// Cluster `a` absorbs cluster `b`; every link of either becomes a link over all cross pairs.
    fn merge(&mut self, a: u32, b: u32) {
        let absorbed = std::mem::take(&mut self.clusters[b as usize]);
        self.clusters[b as usize].age = u32::MAX;
        let mut links = std::mem::take(&mut self.clusters[a as usize].links);
        links.remove(&b);
        self.complete_links(a, &mut links, &absorbed);
        for (&c, &link) in &links {
            let theirs = &mut self.clusters[c as usize].links;
            theirs.remove(&b);
            theirs.insert(a, link);
        }
        absorbed.members.iter().for_each(|&member| self.home[member as usize] = a);
        let grown = &mut self.clusters[a as usize];
        grown.links = links;
        grown.members.extend(absorbed.members);
        grown.add_identifiers(absorbed.identifiers);
        grown.age += 1;
        if !(grown.kin.is_empty() && absorbed.kin.is_empty()) {
            let kin = [&*grown.kin, &*absorbed.kin].concat().into_iter().filter(|kin| *kin != b).collect();
            self.make_kin(a, kin);
        }
        self.offer_joins(a, |_| true);
    }

    /// Adds the links of the absorbed cluster. A third cluster that only one of the two has met meets the other now;
    /// when the budget cannot pay for all such pairs of this join, they count as no match.
    fn complete_links(&mut self, a: u32, links: &mut FxHashMap<u32, Link>, absorbed: &Cluster<'_>) {
        let own: FxHashSet<u32> = links.keys().copied().collect();
        let mut unmet: Vec<(u32, &[u32])> = Vec::new();
        for (&c, &link) in absorbed.links.iter().filter(|(c, _)| **c != a) {
            match links.get_mut(&c) {
                Some(own) => own.add(link),
                None => {
                    links.insert(c, link);
                    unmet.push((c, &self.clusters[a as usize].members));
                }
            }
        }
        unmet.extend(own.iter().filter(|c| !absorbed.links.contains_key(c)).map(|&c| (c, &absorbed.members[..])));
        let pairs = |(c, members): &(u32, &[u32])| (members.len() * self.clusters[*c as usize].members.len()) as u64;
        let price: u64 = unmet.iter().map(pairs).sum();
        if price > self.budget {
            self.unscored += price;
            return;
        }
        for (c, members) in unmet {
            let theirs = &self.clusters[c as usize].members;
            let crossed = members.iter().flat_map(|&left| theirs.iter().map(move |&right| (left, right)));
            for (left, right) in crossed {
                let link = self.link_of(left, right, self.score(left, right));
                links.entry(c).and_modify(|sum| sum.add(link)).or_insert(link);
            }
        }
        if self.budget != u64::MAX {
            self.budget -= price;
        }
    }

    fn offer_joins(&mut self, a: u32, with: impl Fn(u32) -> bool) {
        for (&c, link) in self.clusters[a as usize].links.iter().filter(|(c, _)| with(**c)) {
            let (left, right) = (a.min(c), a.max(c));
            let cross_pairs = self.cross_pairs(left, right);
            if self.reaches_stop(link, cross_pairs) || self.are_told_one(left, right, link) {
                self.offers.push(Offer {
                    mean_probability: link.probability / cross_pairs,
                    mean_weight: link.weight.div_euclid(cross_pairs),
                    left: Reverse(left),
                    right: Reverse(right),
                    ages: (self.clusters[left as usize].age, self.clusters[right as usize].age),
                });
            }
        }
    }

    fn cross_pairs(&self, a: u32, b: u32) -> i64 {
        (self.clusters[a as usize].members.len() * self.clusters[b as usize].members.len()) as i64
    }

    fn reaches_stop(&self, link: &Link, cross_pairs: i64) -> bool {
        link.probability >= self.stop() * cross_pairs && self.dated_agree(link)
    }

    fn stop(&self) -> i64 {
        i64::from(self.settings.stop.min(CERTAIN))
    }

    /// Whether the records that state a day of birth agree by themselves: others may lie between two that contradict each
    /// other.
    fn dated_agree(&self, link: &Link) -> bool {
        link.dated.probability >= self.stop() * link.dated.pairs
    }

    /// Whether two clusters share an identifier, and some pair of theirs is surely one: how else their other records are
    /// spelled does not part them then.
    fn are_told_one(&self, a: u32, b: u32, link: &Link) -> bool {
        let (left, right) = (&self.clusters[a as usize], &self.clusters[b as usize]);
        link.strongest.weight >= WITH_IDENTIFIER.max(weight_reaching(self.settings.stop))
            && self.dated_agree(link)
            && meeting(&left.identifiers, &right.identifiers) == Meeting::Shared
    }

    fn note(&mut self, kind: DecisionKind, pair: Pair, reason: Option<DecisionReason>) {
        let decision = self.decision(kind, pair, reason);
        self.decisions.push(decision);
    }

    fn decision(&self, kind: DecisionKind, pair: Pair, reason: Option<DecisionReason>) -> PairDecision {
        PairDecision {
            kind,
            left: self.records[pair.left.0 as usize],
            right: self.records[pair.right.0 as usize],
            weight: pair.weight,
            reason,
        }
    }

    /// Hands over the clusters, and what is worth a look between those that stayed apart.
    fn finish(mut self, found: &mut Found) {
        for a in 0..self.clusters.len() as u32 {
            let links = self.clusters[a as usize].links.iter().filter(|(b, _)| a < **b && !self.are_one(a, **b));
            let apart: Vec<(u32, Link)> = links.map(|(&b, &link)| (b, link)).collect();
            for (b, link) in apart {
                self.note_apart(a, b, &link);
            }
        }
        for (place, &home) in (0..).zip(&self.home) {
            let first = self.family(home);
            if first != place {
                found.followers.push((self.records[place as usize], self.records[first as usize]));
            }
        }
        found.decisions.append(&mut self.decisions);
        found.faint.append(&mut self.faint);
        found.cuts.unscored_pairs += self.unscored;
    }

    /// Notes a conflict or a possible match between two clusters that stayed apart, if there is one.
    fn note_apart(&mut self, a: u32, b: u32, link: &Link) {
        let strong = link.strongest.weight >= self.settings.match_weight;
        let refusal = self.refusal(a, b);
        let (left, right) = (&self.clusters[a as usize], &self.clusters[b as usize]);
        let shared = meeting(&left.identifiers, &right.identifiers) == Meeting::Shared;
        if refusal.is_some() && strong {
            self.note(DecisionKind::Conflict, link.strongest, refusal);
        } else if refusal.is_some() {
            // Weights would not have joined them: nothing to see, unless their component needs the pair.
            self.faint.push(self.decision(DecisionKind::PossibleMatch, link.strongest, refusal));
        } else if shared {
            self.note(DecisionKind::Conflict, link.strongest, Some(DecisionReason::SharedIdentifier));
        } else if strong {
            self.note(DecisionKind::Conflict, link.strongest, Some(DecisionReason::WeakSupport));
        } else if link.strongest.weight >= self.settings.review_weight {
            self.note(DecisionKind::PossibleMatch, link.strongest, None);
        }
    }
}
