//! How a change is followed, in memory: what whoever keeps records in a store does with tables.

use crate::incremental::{Halvings, KeyLists, RecordKeys, edges, halvings, keys, resolve_part};
use crate::model::Model;
use crate::pipeline::{Resolution, Run, resolve};
use crate::plan::ResolutionPlan;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use vinculo_records::{Comparable, ComparableRecords, Decision, ListColumn, RecordHash};

/// What a record says, column by column.
pub(super) type Row = Vec<(Comparable, Vec<String>)>;

/// What happens to a record.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Put(u64, Row),
    Delete(u64),
    Judge(u64, u64, bool),
    /// Takes back a judgement by its number, if there are so many.
    Withdraw(usize),
}

/// Records of one kind and all that is known of them, under one model.
pub(super) struct Store<'a> {
    plan: &'a ResolutionPlan,
    model: &'a Model,
    rows: BTreeMap<RecordHash, Row>,
    keys: FxHashMap<RecordHash, RecordKeys>,
    members: FxHashMap<u64, BTreeSet<RecordHash>>,
    copies: FxHashMap<u64, BTreeSet<RecordHash>>,
    halvings: Halvings,
    judgements: Vec<(RecordHash, RecordHash, bool)>,
    clusters: FxHashMap<RecordHash, RecordHash>,
    decisions: Vec<Decision>,
}

pub(super) fn hash(record: u64) -> RecordHash {
    RecordHash::new("test", &record.to_string())
}

/// Clusters by record, and all decisions.
pub(super) type Answer = (BTreeMap<RecordHash, RecordHash>, Vec<Decision>);

fn answer(clusters: impl Iterator<Item = (RecordHash, RecordHash)>, mut decisions: Vec<Decision>) -> Answer {
    decisions.sort_by_key(|decision| (decision.left, decision.right, decision.kind as u8, decision.weight));
    (clusters.collect(), decisions)
}

impl<'a> Store<'a> {
    pub(super) fn new(plan: &'a ResolutionPlan, model: &'a Model) -> Self {
        Self {
            plan,
            model,
            rows: BTreeMap::new(),
            keys: FxHashMap::default(),
            members: FxHashMap::default(),
            copies: FxHashMap::default(),
            halvings: Halvings::default(),
            judgements: Vec::new(),
            clusters: FxHashMap::default(),
            decisions: Vec::new(),
        }
    }

    /// What stands, found change by change.
    pub(super) fn answer(&self) -> Answer {
        answer(self.clusters.iter().map(|(&record, &cluster)| (record, cluster)), self.decisions.clone())
    }

    /// What resolving everything at once says.
    pub(super) fn answer_of_all(&self) -> Answer {
        let all: Vec<RecordHash> = self.rows.keys().copied().collect();
        let found = resolve(self.plan, self.model, self.records(&all), Run { keys: true, ..self.run() });
        for listed in found.keys.iter().flat_map(KeyLists::iter) {
            let keys = &self.keys[&all[listed.position as usize]];
            assert_eq!((listed.content, listed.blocks), (keys.content, &*keys.blocks));
        }
        answer(all.iter().copied().zip(found.clusters), found.decisions)
    }

    /// How many blocks are halved.
    pub(super) fn halved(&self) -> usize {
        self.halvings.len()
    }

    /// Some records, as they are compared.
    pub(super) fn records(&self, of: &[RecordHash]) -> ComparableRecords {
        let mut columns: Vec<Comparable> = self.rows.values().flatten().map(|(what, _)| *what).collect();
        columns.sort_by_key(|what| format!("{what:?}"));
        columns.dedup();
        let column = |what: Comparable| {
            let mut column = ListColumn::default();
            for record in of {
                let said = self.rows[record].iter().filter(|(of, _)| *of == what);
                said.flat_map(|(_, values)| values).for_each(|value| column.push_value(value));
                column.end_record();
            }
            (what, column)
        };
        ComparableRecords::new(self.plan.kind, of.to_vec(), columns.into_iter().map(column).collect())
    }

    fn run(&self) -> Run<'_> {
        Run { judgements: &self.judgements, ..Run::default() }
    }

    /// Takes in what happened, and resolves what it touches.
    pub(super) fn apply(&mut self, events: &[Event]) {
        let changed = self.take(events);
        let mut part: FxHashSet<RecordHash> = changed.iter().copied().collect();
        // A judgement counts while both its records are there.
        part.extend(changed.iter().flat_map(|record| self.judged_with(*record)));
        // Only what changed may meet others than before, and the members of blocks of other sizes each other: what stood
        // together without them is found by what was decided.
        let mut open: Vec<RecordHash> = part.iter().copied().collect();
        let moved = self.move_keys(&changed);
        let mut found = self.ends_of_edges(&moved, &moved);
        found.extend(&moved);
        found.extend(self.partners(&open));
        found.extend(open.iter().flat_map(|record| self.copies_of(*record)));
        while !open.is_empty() {
            found.extend(open.iter().flat_map(|record| self.companions(*record)));
            found.retain(|record| part.insert(*record));
            open = std::mem::take(&mut found);
        }
        self.resolve(part);
    }

    /// The records that events changed.
    fn take(&mut self, events: &[Event]) -> Vec<RecordHash> {
        let mut changed = Vec::new();
        for event in events {
            match event {
                Event::Put(record, row) => {
                    self.rows.insert(hash(*record), row.clone());
                    changed.push(hash(*record));
                }
                Event::Delete(record) => {
                    self.rows.remove(&hash(*record));
                    changed.push(hash(*record));
                }
                Event::Judge(left, right, _) if left == right => {}
                Event::Judge(left, right, same) => {
                    self.judgements.push((hash(*left), hash(*right), *same));
                    changed.extend([hash(*left), hash(*right)]);
                }
                Event::Withdraw(number) if *number < self.judgements.len() => {
                    let (left, right, _) = self.judgements.remove(*number);
                    changed.extend([left, right]);
                }
                Event::Withdraw(_) => {}
            }
        }
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    fn copies_of(&self, record: RecordHash) -> Vec<RecordHash> {
        let content = self.keys.get(&record).map_or(0, |keys| keys.content);
        self.copies.get(&content).into_iter().flatten().copied().collect()
    }

    /// Gives changed records their new keys; returns all members of the blocks that are halved otherwise now.
    fn move_keys(&mut self, changed: &[RecordHash]) -> Vec<RecordHash> {
        let present: Vec<RecordHash> =
            changed.iter().copied().filter(|record| self.rows.contains_key(record)).collect();
        let new = keys(self.plan, self.model, &self.records(&present));
        let mut blocks: BTreeSet<u64> = BTreeSet::new();
        for record in changed {
            let Some(old) = self.keys.remove(record) else { continue };
            self.copies.entry(old.content).or_default().remove(record);
            old.blocks.iter().for_each(|block| _ = self.members.entry(*block).or_default().remove(record));
            blocks.extend(old.blocks);
        }
        for (record, new) in present.into_iter().zip(new) {
            if new.content != 0 {
                self.copies.entry(new.content).or_default().insert(record);
            }
            new.blocks.iter().for_each(|block| _ = self.members.entry(*block).or_default().insert(record));
            blocks.extend(&new.blocks);
            self.keys.insert(record, new);
        }
        let mut touched = Vec::new();
        for block in blocks {
            let members = &self.members[&block];
            let contents: BTreeSet<u64> = members.iter().map(|record| self.keys[record].content).collect();
            let now = halvings(self.model, block, contents.len());
            let then = if now > 0 { self.halvings.insert(block, now) } else { self.halvings.remove(&block) };
            if then.unwrap_or(0) != now {
                touched.extend(members);
            }
        }
        touched
    }

    /// The records with which one stood together, or was decided or judged together.
    fn companions(&self, record: RecordHash) -> Vec<RecordHash> {
        let mut found = self.judged_with(record);
        if let Some(cluster) = self.clusters.get(&record) {
            found.extend(self.clusters.iter().filter(|(_, of)| *of == cluster).map(|(other, _)| *other));
        }
        for decision in &self.decisions {
            found.extend(other_of((decision.left, decision.right), record));
        }
        found
    }

    fn judged_with(&self, record: RecordHash) -> Vec<RecordHash> {
        let judged = self.judgements.iter().map(|&(left, right, _)| (left, right));
        judged.filter_map(|pair| other_of(pair, record)).collect()
    }

    /// The records with which some stand together now.
    fn partners(&self, open: &[RecordHash]) -> Vec<RecordHash> {
        let asking: BTreeSet<RecordHash> =
            open.iter().copied().filter(|record| self.rows.contains_key(record)).collect();
        let blocks = asking.iter().flat_map(|record| &self.keys[record].blocks);
        let mut near: BTreeSet<RecordHash> = blocks.flat_map(|block| &self.members[block]).copied().collect();
        near.extend(&asking);
        let (near, asking): (Vec<_>, Vec<_>) = (near.into_iter().collect(), asking.into_iter().collect());
        self.ends_of_edges(&near, &asking)
    }

    /// The records at the ends of edges among some that one of the asking ones has.
    fn ends_of_edges(&self, near: &[RecordHash], asking: &[RecordHash]) -> Vec<RecordHash> {
        let mut near = near.to_vec();
        near.sort_unstable();
        near.dedup();
        let asked: Vec<u32> =
            (0..).zip(&near).filter(|(_, record)| asking.contains(record)).map(|(at, _)| at).collect();
        let found = edges(self.plan, self.model, &self.records(&near), &asked, &self.halvings);
        found.into_iter().flat_map(|(a, b, _)| [near[a as usize], near[b as usize]]).collect()
    }

    fn resolve(&mut self, part: FxHashSet<RecordHash>) {
        let present: Vec<RecordHash> = part.iter().copied().filter(|record| self.rows.contains_key(record)).collect();
        let Resolution { clusters, decisions, .. } =
            resolve_part(self.plan, self.model, &self.records(&present), &self.halvings, self.run());
        part.iter().for_each(|record| _ = self.clusters.remove(record));
        self.clusters.extend(present.into_iter().zip(clusters));
        self.decisions.retain(|decision| !part.contains(&decision.left) && !part.contains(&decision.right));
        self.decisions.extend(decisions);
    }
}

/// The other record of a pair that one is in.
fn other_of((left, right): (RecordHash, RecordHash), record: RecordHash) -> Option<RecordHash> {
    (left == record).then_some(right).or((right == record).then_some(left))
}
