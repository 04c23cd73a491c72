//! What blocking promises of candidate pairs.

use super::*;
use crate::comparison::Frequencies;
use crate::encoding::{Encoded, mix};
use crate::model::RuleLimits;
use crate::pipeline::{Run, train_and_resolve};
use crate::plan::{ResolutionPlan, RuleSettings, Settings};
use proptest::prelude::*;
use std::collections::BTreeSet;
use vinculo_records::{Attributes, Comparable, ComparableRecords, Kind, ListColumn, RecordHash};

/// Records with some phones and cities each, taken from a handful so that blocks arise.
fn encoded(rows: &[(Vec<u8>, u8)]) -> Encoded {
    Encoded::new(&records(rows))
}

fn records(rows: &[(Vec<u8>, u8)]) -> ComparableRecords {
    let (mut phones, mut cities) = (ListColumn::default(), ListColumn::default());
    for (held, city) in rows {
        held.iter().for_each(|phone| phones.push_value(&format!("1190000000{}", phone % 10)));
        phones.end_record();
        cities.push_value(&format!("city{city}"));
        cities.end_record();
    }
    let hashes = (0..rows.len()).map(|n| RecordHash::new("test", &n.to_string())).collect();
    let columns = vec![(Comparable::Phone, phones), (Comparable::City, cities)];
    ComparableRecords::new(Kind::Person, hashes, columns)
}

/// A plan that finds records by phone, refined by city, and by city.
fn plan() -> ResolutionPlan {
    let rule = |on: &str, refine: &[&str]| RuleSettings {
        on: vec![on.into()],
        refine: refine.iter().map(|part| (*part).into()).collect(),
    };
    let settings =
        Settings { blocking: Some(vec![rule("phone", &["city"]), rule("city", &[])]), ..Settings::default() };
    let filled = [Comparable::Phone, Comparable::City];
    ResolutionPlan::derive(Kind::Person, &filled, &settings, &Attributes::default()).unwrap()
}

fn pairs(records: &Encoded, limits: &[RuleLimits], ranks: &[u32]) -> (Vec<(u32, u32)>, Vec<RuleReport>) {
    let plan = plan();
    let parts = KeyParts::new(&plan.rules, records, Frequencies::default());
    let blocks = Blocks::new(&plan, limits, &parts, records, ranks, None);
    let visit = |pairs: &mut Vec<(u32, u32)>, a: u32, partners: &[u32]| pairs.extend(partners.iter().map(|b| (a, *b)));
    let (found, counts) = visit_candidates(&blocks, Vec::new, |_| true, visit);
    let found = found.concat();
    for a in 0..records.len() as u32 {
        for b in a + 1..records.len() as u32 {
            assert_eq!(
                blocks.has_pair(a, b),
                found.contains(&(a, b)),
                "a pair is told to be a candidate exactly if it is"
            );
        }
    }
    (found, blocks.reports(&counts))
}

fn all_ranks(records: &Encoded) -> Vec<u32> {
    (0..records.len() as u32).collect()
}

proptest! {
    #[test]
    fn a_pair_is_proposed_once_and_whenever_it_shares_a_key(
        rows in prop::collection::vec((prop::collection::vec(0u8..10, 0..3), 0u8..6), 2..40),
        left_out in 0u32..40,
    ) {
        let records = encoded(&rows);
        let limits = vec![RuleLimits { limit: 1_000, ..RuleLimits::default() }; 2];
        let ranks: Vec<u32> = all_ranks(&records).into_iter().filter(|rank| *rank != left_out).collect();
        let (found, reports) = pairs(&records, &limits, &ranks);
        let once: BTreeSet<(u32, u32)> = found.iter().copied().collect();
        prop_assert_eq!(once.len(), found.len(), "a pair at most once");
        prop_assert_eq!(reports.iter().map(|rule| rule.pairs).sum::<u64>(), found.len() as u64);
        let row = |rank: u32| &rows[records.positions()[rank as usize] as usize];
        let mut by_phone = 0;
        for &a in &ranks {
            for &b in ranks.iter().filter(|b| **b > a) {
                let shares_phone = row(a).0.iter().any(|phone| row(b).0.contains(phone));
                by_phone += u64::from(shares_phone);
                prop_assert_eq!(once.contains(&(a, b)), row(a).1 == row(b).1 || shares_phone);
            }
        }
        prop_assert_eq!(reports[0].pairs, by_phone, "a pair belongs to the first rule that proposes it");
        prop_assert!(once.iter().all(|(a, b)| *a != left_out && *b != left_out));
    }
}

/// The plan for records that are found by phone, refined by city.
fn plan_by_phone(records: &ComparableRecords, block_limit: u32) -> ResolutionPlan {
    let by_phone = RuleSettings { on: vec!["phone".into()], refine: vec!["city".into()] };
    let settings = Settings { blocking: Some(vec![by_phone]), block_limit: Some(block_limit), ..Settings::default() };
    ResolutionPlan::new(records, &settings, &Attributes::default()).unwrap()
}

#[test]
fn an_oversized_block_is_refined_before_it_is_cut() {
    // One phone for all; twenty cities with three records each, but one city with thirty.
    let city = |n: u8| if n < 60 { n / 3 } else { 99 };
    let rows: Vec<(Vec<u8>, u8)> = (0..90).map(|n| (vec![1], city(n))).collect();
    let records = records(&rows);
    let plan = plan_by_phone(&records, 25);
    let encoded = Encoded::new(&records);
    let parts = KeyParts::new(&plan.rules, &encoded, Frequencies::default());
    let (limits, _) = Blocks::explore(&plan, &parts, &encoded, &all_ranks(&encoded));
    assert_eq!(limits[0].oversized.iter().map(Vec::len).collect::<Vec<_>>(), [1], "what is refined last is halved");
    assert_eq!(limits[0].pairs, 60 + 2 * 15 * 14 / 2);
}

/// Candidate pairs under limits that the records teach, and what was cut.
fn learned_pairs(records: &Encoded, plan: &ResolutionPlan) -> (BTreeSet<(u32, u32)>, Vec<RuleReport>) {
    let parts = KeyParts::new(&plan.rules, records, Frequencies::default());
    let (_, blocks) = Blocks::explore(plan, &parts, records, &all_ranks(records));
    let visit = |pairs: &mut Vec<(u32, u32)>, a: u32, partners: &[u32]| pairs.extend(partners.iter().map(|b| (a, *b)));
    let (found, counts) = visit_candidates(&blocks, Vec::new, |_| true, visit);
    (found.into_iter().flatten().collect(), blocks.reports(&counts))
}

/// So many records of one phone in one city, each with a further phone of its own.
fn sharing_a_phone(count: u64) -> ComparableRecords {
    let (mut phones, mut cities) = (ListColumn::default(), ListColumn::default());
    for record in 0..count {
        phones.push_value("11900000001");
        phones.push_value(&format!("119{:08}", 50_000_000 + record));
        phones.end_record();
        cities.push_value("city");
        cities.end_record();
    }
    let hashes = (0..count).map(|n| RecordHash::new("test", &n.to_string())).collect();
    let columns = vec![(Comparable::Phone, phones), (Comparable::City, cities)];
    ComparableRecords::new(Kind::Person, hashes, columns)
}

#[test]
fn a_telling_block_that_stays_too_large_is_halved_and_the_rest_of_its_pairs_is_counted() {
    let records = sharing_a_phone(600);
    let (found, reports) = learned_pairs(&Encoded::new(&records), &plan_by_phone(&records, 25));
    let linked: BTreeSet<u32> = found.iter().flat_map(|&(a, b)| [a, b]).collect();
    assert_eq!(linked.len(), 600, "no record is left out");
    assert_eq!(reports[0].pairs + reports[0].cut_pairs, 600 * 599 / 2);
    // Five halvings make parts of about nineteen.
    assert!((5_000..7_500).contains(&reports[0].pairs), "{}", reports[0].pairs);
}

#[test]
fn a_block_that_says_little_and_stays_too_large_is_left_out() {
    let records = sharing_a_phone(600);
    let left_out = |refine: &[&str]| {
        let refine = refine.iter().map(|part| (*part).to_owned()).collect();
        let by_city = RuleSettings { on: vec!["city".into()], refine };
        let settings = Settings { blocking: Some(vec![by_city]), block_limit: Some(25), ..Settings::default() };
        let plan = ResolutionPlan::new(&records, &settings, &Attributes::default()).unwrap();
        let (found, reports) = learned_pairs(&Encoded::new(&records), &plan);
        (found.len(), reports[0].oversized_keys, reports[0].cut_records)
    };
    assert_eq!(left_out(&["birth_year"]), (0, 1, 600));
    assert_eq!(left_out(&[]), (0, 1, 0), "a value that is looked at where it is rare, and no loss where it is common");
}

#[test]
fn a_block_that_the_model_did_not_foresee_is_bounded() {
    let records = Encoded::new(&sharing_a_phone(500));
    let limits = vec![RuleLimits { limit: 20, ..RuleLimits::default() }; 2];
    let (found, reports) = pairs(&records, &limits, &all_ranks(&records));
    assert!(found.len() < 500 * 40);
    assert!(reports.iter().all(|rule| rule.cut_pairs > 0));
}

/// How many of so many equal records, among others that differ, are in the cluster of the first.
fn copies_in_one_cluster(copies: u64, others: u64, partitions: u32) -> usize {
    use Comparable::{BirthDate, Email, Name, NameSound, Phone, TaxId};
    let mut columns: [ListColumn; 6] = Default::default();
    for row in 0..copies + others {
        let pick = |salt: u64, of: u64| if row < copies { salt } else { mix(row, salt) % of };
        let (given, family) = (format!("g{}a", pick(1, 300)), format!("f{}o", pick(2, 900)));
        let birth = format!("{}{:02}{:02}", 1950 + pick(3, 50), 1 + pick(4, 12), 1 + pick(5, 28));
        let person = pick(6, 90_000_000);
        columns[0].push_value(&given);
        columns[0].push_value(&family);
        columns[1].push_value(&given);
        columns[1].push_value(&family);
        columns[2].push_value(&birth);
        columns[3].push_value(&format!("cpf:{person:011}"));
        columns[4].push_value(&format!("x{person}@mail.com"));
        columns[5].push_value(&format!("55119{person:08}"));
        columns.iter_mut().for_each(ListColumn::end_record);
    }
    let hashes = (0..copies + others).map(|n| RecordHash::new("test", &n.to_string())).collect();
    let columns = [Name, NameSound, BirthDate, TaxId, Email, Phone].into_iter().zip(columns).collect();
    let records = ComparableRecords::new(Kind::Person, hashes, columns);
    let plan = ResolutionPlan::new(&records, &Settings::default(), &Attributes::default()).unwrap();
    let (_, found) = train_and_resolve(&plan, records.clone(), Run { partitions, ..Run::default() });
    let copies = &found.clusters[..copies as usize];
    copies.iter().filter(|cluster| **cluster == copies[0]).count()
}

#[test]
fn a_customer_with_more_copies_than_a_block_may_have_is_one_customer() {
    assert_eq!(copies_in_one_cluster(450, 2_000, 1), 450);
    assert_eq!(copies_in_one_cluster(3_000, 2_000, 3), 3_000);
}

#[test]
fn few_records_have_thirty_pairs_each_many_as_many_as_their_kind_needs_and_a_plan_may_say_otherwise() {
    let columns = vec![(Comparable::Name, ListColumn::default())];
    let none = ComparableRecords::new(Kind::Person, Vec::new(), columns);
    let plan = |pairs_per_record| {
        let settings = Settings { pairs_per_record, ..Settings::default() };
        ResolutionPlan::new(&none, &settings, &Attributes::default()).unwrap()
    };
    assert_eq!(pairs_allowed(&plan(None), 1_000), 30_000);
    assert_eq!(pairs_allowed(&plan(None), 1_000_000), 8_000_000);
    assert_eq!(pairs_allowed(&plan(Some(5)), 1_000), 5_000);
}

/// Many records with phones and cities, a few of them shared by too many.
fn many() -> Encoded {
    let (mut phones, mut cities) = (ListColumn::default(), ListColumn::default());
    for n in 0..20_000_u32 {
        let shared = if n % 4 == 0 { n % 7 } else { n / 3 };
        phones.push_value(&format!("11{:08}", shared.wrapping_mul(7_919)));
        phones.end_record();
        cities.push_value(&format!("city{}", n % 900));
        cities.end_record();
    }
    let hashes = (0..20_000).map(|n| RecordHash::new("test", &n.to_string())).collect();
    let columns = vec![(Comparable::Phone, phones), (Comparable::City, cities)];
    Encoded::new(&ComparableRecords::new(Kind::Person, hashes, columns))
}

#[test]
fn many_records_have_the_same_candidates_in_the_same_order_on_any_number_of_threads() {
    let records = many();
    let plan = plan();
    let parts = KeyParts::new(&plan.rules, &records, Frequencies::default());
    let found = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (limits, blocks) = Blocks::explore(&plan, &parts, &records, &all_ranks(&records));
            let visit = |pairs: &mut Vec<(u32, u32)>, a: u32, partners: &[u32]| {
                pairs.extend(partners.iter().map(|b| (a, *b)));
            };
            (limits, visit_candidates(&blocks, Vec::new, |_| true, visit))
        })
    };
    let alone = found(1);
    assert!(alone.1.0.len() > 1 && alone.1.1.iter().all(|pairs| *pairs > 0), "several tasks, and pairs of each rule");
    for threads in [2, 5] {
        assert!(found(threads) == alone, "{threads} threads");
    }
}

#[test]
fn a_sieve_changes_no_block_of_any_record() {
    let records = many();
    let plan = plan();
    let parts = KeyParts::new(&plan.rules, &records, Frequencies::default());
    let (limits, _) = Blocks::explore(&plan, &parts, &records, &all_ranks(&records));
    assert!(limits.iter().any(|limits| !limits.oversized.is_empty()), "some keys are oversized");
    let [sieved, searched] = [records.len(), 1].map(|records| Memberships::new(&plan.rules, &limits, &parts, records));
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for rank in all_ranks(&records) {
        sieved.of(rank, &mut one);
        searched.of(rank, &mut other);
        assert_eq!(one, other);
    }
}
