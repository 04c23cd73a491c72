//! What of a report should make one careful.

use super::intake::SourceIntake;
use super::quality::AttributeQuality;
use super::resolution::KindReport;
use serde::Serialize;
use vinculo_records::Kind;

/// From this share of rejected rows on, a delivery is worth a look.
const REJECTED: f64 = 0.01;
/// Below this validity an attribute of a source is worth a look …
const VALIDITY: f64 = 0.9;
/// … if so many records have it.
const VALIDITY_RECORDS: u64 = 20;
/// Attributes of doubtful validity that are told of.
const VALIDITY_TOLD: usize = 4;
/// Below this estimate a threshold or blocking is worth a look.
const ESTIMATE: f64 = 0.95;
/// Below this many records first beliefs rule the weights.
const FEW_RECORDS: u64 = 1_000;
/// From this share of the records on, what a bound left out is worth a look.
const CUT: f64 = 0.01;
/// From this share of the records on, a group that pairs hold together is worth a look …
const LARGE_GROUP: f64 = 0.05;
/// … if it has so many.
const LARGE_GROUP_RECORDS: u64 = 1_000;
/// A customer of so many records is worth a look.
const LARGE_CUSTOMER: u64 = 30;

/// Something that should make one careful.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "caution", rename_all = "snake_case")]
pub enum Caution {
    /// Nothing has been resolved.
    NothingResolved,
    /// The last delivery of a source does not count.
    RefusedDelivery {
        /// The source.
        source: String,
    },
    /// A source brought many rows that could not be read.
    RejectedRows {
        /// The source.
        source: String,
        /// Rows rejected.
        rejected: u64,
        /// Rows read.
        read: u64,
    },
    /// Many values of an attribute are flagged.
    DoubtfulValues {
        /// The source.
        source: String,
        /// The attribute.
        attribute: String,
        /// Records whose values are all flagged.
        flagged: u64,
        /// Records that have any value.
        filled: u64,
    },
    /// The training did not come to rest.
    NotConverged {
        /// Of which kind of record.
        kind: Kind,
    },
    /// The model is due to be trained anew.
    RetrainingDue {
        /// Of which kind of record.
        kind: Kind,
    },
    /// So few records that the weights are mostly first beliefs.
    FewRecords {
        /// Of which kind of record.
        kind: Kind,
        /// Records.
        records: u64,
    },
    /// The threshold is expected to join too much.
    LowPrecision {
        /// Of which kind of record.
        kind: Kind,
        /// The estimate.
        precision: f64,
    },
    /// The threshold is expected to miss too much.
    LowRecall {
        /// Of which kind of record.
        kind: Kind,
        /// The estimate.
        recall: f64,
    },
    /// Blocking is expected to miss matches.
    MissedByBlocking {
        /// Of which kind of record.
        kind: Kind,
        /// The share of the expected matches that it proposed.
        completeness: f64,
    },
    /// Bounds left pairs out.
    CutPairs {
        /// Of which kind of record.
        kind: Kind,
        /// Records that a rule did not compare, summed over the rules.
        records: u64,
        /// Pairs between groups that were not scored.
        unscored_pairs: u64,
    },
    /// Doubtful pairs hold a large part of all records together.
    LargeGroup {
        /// Of which kind of record.
        kind: Kind,
        /// Records of the largest group.
        records: u64,
    },
    /// A customer has very many records.
    LargeCustomer {
        /// Of which kind of record.
        kind: Kind,
        /// Records of the largest.
        records: u64,
    },
}

/// The cautions of a report: intake first, then one kind after the other.
pub(super) fn cautions(sources: &[SourceIntake], quality: &[AttributeQuality], kinds: &[KindReport]) -> Vec<Caution> {
    let mut cautions = Vec::new();
    if kinds.is_empty() {
        cautions.push(Caution::NothingResolved);
    }
    sources.iter().for_each(|source| of_source(source, &mut cautions));
    of_quality(quality, &mut cautions);
    for kind in kinds {
        of_training(kind, &mut cautions);
        of_estimates(kind, &mut cautions);
        of_bounds(kind, &mut cautions);
    }
    cautions
}

fn of_source(source: &SourceIntake, cautions: &mut Vec<Caution>) {
    let Some(last) = &source.last else { return };
    let (rejected, read) = (last.counts.rejected, last.counts.read);
    if last.state == "refused" {
        cautions.push(Caution::RefusedDelivery { source: source.source.clone() });
    } else if rejected as f64 > REJECTED * read as f64 {
        cautions.push(Caution::RejectedRows { source: source.source.clone(), rejected, read });
    }
}

/// The attributes of the least validity.
fn of_quality(quality: &[AttributeQuality], cautions: &mut Vec<Caution>) {
    let mut doubtful: Vec<(f64, &AttributeQuality)> = quality
        .iter()
        .filter(|quality| quality.sound + quality.flagged >= VALIDITY_RECORDS)
        .filter_map(|quality| Some((quality.validity().filter(|validity| *validity < VALIDITY)?, quality)))
        .collect();
    doubtful.sort_by(|a, b| a.0.total_cmp(&b.0));
    cautions.extend(doubtful.into_iter().take(VALIDITY_TOLD).map(|(_, quality)| Caution::DoubtfulValues {
        source: quality.source.clone(),
        attribute: quality.attribute.clone(),
        flagged: quality.flagged,
        filled: quality.sound + quality.flagged,
    }));
}

fn of_training(report: &KindReport, cautions: &mut Vec<Caution>) {
    let kind = report.kind;
    let training = report.model.as_ref().and_then(|model| model.training.as_ref());
    if training.is_some_and(|training| !training.converged) {
        cautions.push(Caution::NotConverged { kind });
    }
    if report.retraining_due {
        cautions.push(Caution::RetrainingDue { kind });
    }
    if report.is_trained() && report.records < FEW_RECORDS {
        cautions.push(Caution::FewRecords { kind, records: report.records });
    }
}

fn of_estimates(report: &KindReport, cautions: &mut Vec<Caution>) {
    let kind = report.kind;
    let low = |estimate: Option<f64>| estimate.filter(|estimate| *estimate < ESTIMATE);
    let in_force = report.estimate.as_ref().map(|estimate| estimate.in_force);
    if let Some(precision) = low(in_force.and_then(|in_force| in_force.precision)) {
        cautions.push(Caution::LowPrecision { kind, precision });
    }
    if let Some(recall) = low(in_force.and_then(|in_force| in_force.recall)) {
        cautions.push(Caution::LowRecall { kind, recall });
    }
    if let Some(completeness) = low(report.blocking_completeness) {
        cautions.push(Caution::MissedByBlocking { kind, completeness });
    }
}

fn of_bounds(report: &KindReport, cautions: &mut Vec<Caution>) {
    let kind = report.kind;
    let records: u64 = report.rules.iter().map(|rule| rule.cut_records).sum();
    if records as f64 > CUT * report.records as f64 || report.unscored_pairs > 0 {
        cautions.push(Caution::CutPairs { kind, records, unscored_pairs: report.unscored_pairs });
    }
    let group = report.largest_component;
    if group >= LARGE_GROUP_RECORDS && group as f64 > LARGE_GROUP * report.records as f64 {
        cautions.push(Caution::LargeGroup { kind, records: group });
    }
    if let Some(largest) = report.sizes.last().filter(|size| size.records >= LARGE_CUSTOMER) {
        cautions.push(Caution::LargeCustomer { kind, records: largest.records });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::estimate::Histogram;
    use crate::report::intake::DeliveryIntake;
    use crate::report::resolution::SizeCount;
    use chrono::DateTime;
    use std::collections::BTreeMap;
    use vinculo_store::DeliveryCounts;

    fn source(state: &'static str, read: u64, rejected: u64) -> SourceIntake {
        let counts = DeliveryCounts { read, rejected, ..DeliveryCounts::default() };
        let last = DeliveryIntake {
            delivery: 1,
            run: 1,
            source: "crm".into(),
            state,
            opened_at: DateTime::UNIX_EPOCH,
            counts,
            flagged_values: 0,
            problem: None,
        };
        SourceIntake { source: "crm".into(), records: read - rejected, last: Some(last) }
    }

    fn quality(sound: u64, flagged: u64) -> AttributeQuality {
        let (source, attribute) = ("crm".into(), "email".into());
        AttributeQuality { source, attribute, records: 1_000, sound, flagged, flags: BTreeMap::new() }
    }

    /// Records of which all is well.
    fn sound_kind() -> KindReport {
        KindReport {
            kind: Kind::Person,
            records: 50_000,
            customers: 40_000,
            joins: 10_000,
            conflicts: 0,
            possible_matches: 0,
            cut_values: 0,
            unscored_pairs: 0,
            largest_component: 5,
            rules: Vec::new(),
            model: None,
            estimate: Histogram { from: 10, pairs: vec![0, 90, 10], below: 0 }.estimate(5.0),
            weights: Histogram::default(),
            blocking_completeness: Some(0.99),
            sizes: vec![SizeCount { records: 2, customers: 10_000 }],
            conflict_reasons: Vec::new(),
            review: Vec::new(),
            retraining_due: false,
        }
    }

    #[test]
    fn what_is_usual_is_no_reason_for_caution() {
        let sources = [source("sealed", 1_000, 3)];
        assert_eq!(cautions(&sources, &[quality(990, 10), quality(1, 9)], &[sound_kind()]), []);
    }

    #[test]
    fn nothing_resolved_is_said_first() {
        let found = cautions(&[source("refused", 10, 0)], &[], &[]);
        assert_eq!(found, [Caution::NothingResolved, Caution::RefusedDelivery { source: "crm".into() }]);
    }

    #[test]
    fn bad_intake_is_told_with_its_numbers() {
        let found = cautions(&[source("sealed", 100, 2)], &[quality(80, 20)], &[sound_kind()]);
        let (source, attribute) = (String::from("crm"), String::from("email"));
        let rejected = Caution::RejectedRows { source: source.clone(), rejected: 2, read: 100 };
        assert_eq!(found, [rejected, Caution::DoubtfulValues { source, attribute, flagged: 20, filled: 100 }]);
    }

    #[test]
    fn each_bound_and_estimate_has_its_caution() {
        let kind = Kind::Person;
        let cases = [
            (KindReport { retraining_due: true, ..sound_kind() }, Caution::RetrainingDue { kind }),
            (
                KindReport { blocking_completeness: Some(0.9), ..sound_kind() },
                Caution::MissedByBlocking { kind, completeness: 0.9 },
            ),
            (
                KindReport { unscored_pairs: 7, ..sound_kind() },
                Caution::CutPairs { kind, records: 0, unscored_pairs: 7 },
            ),
            (KindReport { largest_component: 9_000, ..sound_kind() }, Caution::LargeGroup { kind, records: 9_000 }),
            (
                KindReport { sizes: vec![SizeCount { records: 90, customers: 1 }], ..sound_kind() },
                Caution::LargeCustomer { kind, records: 90 },
            ),
        ];
        for (report, expected) in cases {
            assert_eq!(cautions(&[], &[], &[report]), [expected]);
        }
        let doubtful = Histogram { from: 0, pairs: vec![0, 100, 0], below: 0 }.estimate(0.0);
        let found = cautions(&[], &[], &[KindReport { estimate: doubtful, ..sound_kind() }]);
        assert!(matches!(found[..], [Caution::LowPrecision { .. }]), "{found:?}");
    }
}
