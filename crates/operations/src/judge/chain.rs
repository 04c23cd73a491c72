//! What judgements in force say together: who is the same as whom, through whom, and what would contradict it.

use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use vinculo_records::{JudgementKind, RecordId};
use vinculo_store::{Judgement, JudgementSubject};

/// The judgements in force about pairs.
pub(super) struct Judged<'a> {
    same: FxHashMap<RecordId, Vec<(RecordId, &'a Judgement)>>,
    different: Vec<(RecordId, RecordId, &'a Judgement)>,
}

/// Records that are the same as one, each with the last step that leads to it.
pub(super) struct Group<'a> {
    steps: FxHashMap<RecordId, Option<(RecordId, &'a Judgement)>>,
    order: Vec<RecordId>,
}

impl<'a> Judged<'a> {
    pub(super) fn new(in_force: &'a [Judgement]) -> Self {
        let mut judged = Self { same: FxHashMap::default(), different: Vec::new() };
        for judgement in in_force {
            let JudgementSubject::Pair { left, right } = &judgement.subject else { continue };
            let (left, right) = (left.record, right.record);
            if judgement.kind == JudgementKind::Same {
                judged.same.entry(left).or_default().push((right, judgement));
                judged.same.entry(right).or_default().push((left, judgement));
            } else {
                judged.different.push((left, right, judgement));
            }
        }
        judged
    }

    /// All that were judged the same as a record, directly or through others, the nearest first; itself among them.
    pub(super) fn group(&self, record: RecordId) -> Group<'a> {
        let mut group = Group { steps: FxHashMap::from_iter([(record, None)]), order: vec![record] };
        let mut open = VecDeque::from([record]);
        while let Some(at) = open.pop_front() {
            for &(next, judgement) in self.same.get(&at).into_iter().flatten() {
                group.steps.entry(next).or_insert_with(|| {
                    open.push_back(next);
                    group.order.push(next);
                    Some((at, judgement))
                });
            }
        }
        group
    }

    /// The judgements by which the two are the same; none where they are not.
    pub(super) fn sameness(&self, left: RecordId, right: RecordId) -> Option<Vec<&'a Judgement>> {
        self.group(left).way_to(right)
    }

    /// The judgements by which the two are different, were they not judged now: one that says so of two records, and those
    /// by which these are the same as the two; none where nothing says so.
    pub(super) fn difference(&self, left: RecordId, right: RecordId) -> Option<Vec<&'a Judgement>> {
        let (of_left, of_right) = (self.group(left), self.group(right));
        let chains = self.different.iter().filter_map(|&(one, other, judgement)| {
            let there = of_left.way_to(one).zip(of_right.way_to(other));
            let (mut chain, back) = there.or_else(|| of_left.way_to(other).zip(of_right.way_to(one)))?;
            chain.push(judgement);
            chain.extend(back.into_iter().rev());
            Some(chain)
        });
        chains.min_by_key(Vec::len)
    }
}

impl<'a> Group<'a> {
    /// The records, the nearest first.
    pub(super) fn records(&self) -> &[RecordId] {
        &self.order
    }

    /// The judgements that lead to a record, in their order; none where none do.
    pub(super) fn way_to(&self, record: RecordId) -> Option<Vec<&'a Judgement>> {
        let mut way = Vec::new();
        let mut step = self.steps.get(&record)?;
        while let Some((from, judgement)) = step {
            way.push(*judgement);
            step = &self.steps[from];
        }
        way.reverse();
        Some(way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use vinculo_records::RunId;
    use vinculo_store::NamedRecord;

    fn judgement(id: i64, kind: JudgementKind, left: i64, right: i64) -> Judgement {
        let record = |id: i64| NamedRecord { record: RecordId(id), source: "crm".into(), source_key: id.to_string() };
        Judgement {
            id,
            kind,
            subject: JudgementSubject::pair(record(left), record(right)),
            supersedes: None,
            superseded_by: None,
            run: RunId(1),
            actor: "ana".into(),
            reason: "she said so".into(),
            judged_at: DateTime::UNIX_EPOCH,
        }
    }

    fn ids(chain: Option<Vec<&Judgement>>) -> Option<Vec<i64>> {
        chain.map(|chain| chain.iter().map(|judgement| judgement.id).collect())
    }

    #[test]
    fn sameness_leads_through_others_and_the_shortest_way_is_told() {
        use JudgementKind::{Different, Same};
        let in_force = [
            judgement(1, Same, 1, 2),
            judgement(2, Same, 2, 3),
            judgement(3, Same, 3, 4),
            judgement(4, Same, 4, 1),
            judgement(5, Different, 5, 6),
        ];
        let judged = Judged::new(&in_force);
        let same = |left, right| ids(judged.sameness(RecordId(left), RecordId(right)));
        assert_eq!(same(3, 1), Some(vec![2, 1]));
        assert_eq!(same(4, 1), Some(vec![4]));
        assert_eq!((same(1, 1), same(1, 5), same(5, 6)), (Some(vec![]), None, None));
        assert_eq!(judged.group(RecordId(1)).records().len(), 4);
    }

    #[test]
    fn a_difference_holds_for_all_that_are_the_same_as_either() {
        use JudgementKind::{Different, Same};
        let in_force = [
            judgement(1, Same, 1, 2),
            judgement(2, Different, 2, 3),
            judgement(3, Same, 3, 4),
            judgement(4, Same, 4, 5),
        ];
        let judged = Judged::new(&in_force);
        let different = |left, right| ids(judged.difference(RecordId(left), RecordId(right)));
        assert_eq!(different(2, 3), Some(vec![2]));
        assert_eq!(different(1, 5), Some(vec![1, 2, 3, 4]));
        assert_eq!(different(5, 1), Some(vec![4, 3, 2, 1]));
        assert_eq!((different(1, 2), different(1, 9)), (None, None));
    }
}
