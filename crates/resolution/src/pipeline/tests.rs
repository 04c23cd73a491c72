//! The promises of the whole engine, on small invented worlds.

use super::*;
use crate::plan::Settings;
use rayon::ThreadPoolBuilder;
use std::collections::HashMap;
use vinculo_records::{Attributes, DecisionKind, Kind, ListColumn};

const GIVEN: [&str; 12] =
    ["ana", "maria", "joao", "carlos", "lucia", "pedro", "rita", "bruno", "clara", "diego", "elisa", "fabio"];
const FAMILY: [&str; 14] = [
    "silva", "souza", "lima", "costa", "rocha", "alves", "gomes", "barros", "dias", "melo", "nunes", "pinto", "ramos",
    "teles",
];

/// A person's record: key, words of the name, birth date, phone, tax identifier.
#[derive(Debug, Clone)]
struct Row {
    key: u64,
    name: Vec<String>,
    birth: String,
    phone: String,
    tax: String,
}

/// A world of people with two records each, the second one with an error now and then.
fn world(people: u64) -> Vec<Row> {
    let mut rows = Vec::new();
    for person in 0..people {
        let pick = |salt: u64, of: u64| crate::encoding::mix(person, salt) % of;
        let name = vec![
            GIVEN[pick(1, 12) as usize].to_owned(),
            FAMILY[pick(2, 14) as usize].to_owned(),
            FAMILY[pick(3, 14) as usize].to_owned(),
        ];
        let row = Row {
            key: person * 2,
            name,
            birth: format!("{}{:02}{:02}", 1950 + pick(4, 50), 1 + pick(5, 12), 1 + pick(6, 28)),
            phone: format!("55119{:08}", pick(7, 90_000_000)),
            tax: format!("cpf:{:011}", pick(8, 90_000_000_000)),
        };
        let mut second = row.clone();
        second.key += 1;
        match pick(9, 4) {
            0 => second.name.truncate(2),
            1 => second.name[1].insert(1, 'x'),
            2 => second.tax.clear(),
            _ => second.phone.clear(),
        }
        rows.extend([row, second]);
    }
    rows
}

fn records(rows: &[Row]) -> ComparableRecords {
    let column = |values: &dyn Fn(&Row) -> Vec<String>| {
        let mut column = ListColumn::default();
        for row in rows {
            values(row).iter().filter(|value| !value.is_empty()).for_each(|value| column.push_value(value));
            column.end_record();
        }
        column
    };
    let columns = vec![
        (Comparable::Name, column(&|row| row.name.clone())),
        (Comparable::BirthDate, column(&|row| vec![row.birth.clone()])),
        (Comparable::Phone, column(&|row| vec![row.phone.clone()])),
        (Comparable::TaxId, column(&|row| vec![row.tax.clone()].into_iter().filter(|tax| is_typed(tax)).collect())),
        (Comparable::TaxCode, column(&|row| vec![row.tax.clone()].into_iter().filter(|tax| !is_typed(tax)).collect())),
    ];
    let hashes = rows.iter().map(|row| RecordHash::new("test", &row.key.to_string())).collect();
    ComparableRecords::new(Kind::Person, hashes, columns)
}

/// Whether a tax identifier is a valid one.
fn is_typed(tax: &str) -> bool {
    tax.starts_with("cpf:")
}

fn plan_for(records: &ComparableRecords, settings: &Settings) -> ResolutionPlan {
    ResolutionPlan::new(records, settings, &Attributes::default()).unwrap()
}

/// Which cluster each record is in, and all decisions: what must never change.
fn answer(rows: &[Row], run: Run<'_>) -> (Model, HashMap<u64, RecordHash>, Vec<Decision>) {
    let records = records(rows);
    let plan = plan_for(&records, &Settings::default());
    let (trained, resolution) = train_and_resolve(&plan, records.clone(), run);
    let clusters = rows.iter().map(|row| row.key).zip(resolution.clusters).collect();
    (trained.model, clusters, resolution.decisions)
}

#[test]
fn two_records_of_a_person_find_each_other() {
    let rows = world(400);
    let (_, clusters, _) = answer(&rows, Run::default());
    let together = |person: u64| clusters[&(person * 2)] == clusters[&(person * 2 + 1)];
    assert!((0..400).filter(|person| together(*person)).count() >= 396);
    let names: std::collections::HashSet<_> = clusters.values().collect();
    assert!(names.len() >= 396, "different people stay apart: {}", names.len());
}

#[test]
fn a_file_about_one_person_is_one_customer() {
    let person = world(1).remove(0);
    let rows: Vec<Row> = (0..12)
        .map(|key| {
            let mut row = Row { key, ..person.clone() };
            match key % 4 {
                0 => row.name[1].insert(1, 'x'),
                1 => row.phone.clear(),
                2 => row.birth.replace_range(7..8, "0"),
                _ => row.name.truncate(2),
            }
            row
        })
        .collect();
    let (_, clusters, _) = answer(&rows, Run::default());
    assert!(clusters.values().all(|cluster| *cluster == clusters[&0]));
}

#[test]
fn an_identifier_that_different_people_share_makes_them_no_customer() {
    let mut rows = world(300);
    let shared = rows[0].tax.clone();
    rows.iter_mut().step_by(2).take(12).for_each(|row| row.tax.clone_from(&shared));
    let (_, clusters, _) = answer(&rows, Run::default());
    let apart: std::collections::HashSet<_> = (0..12).map(|person| clusters[&(2 * person)]).collect();
    assert_eq!(apart.len(), 12);
}

#[test]
fn a_code_that_many_write_for_want_of_an_identifier_joins_nobody() {
    let mut rows = world(300);
    rows.iter_mut().step_by(2).take(40).for_each(|row| row.tax = "12345678900".to_owned());
    let (_, clusters, _) = answer(&rows, Run::default());
    let apart: std::collections::HashSet<_> = (0..40).map(|person| clusters[&(2 * person)]).collect();
    assert_eq!(apart.len(), 40);
}

#[test]
fn equal_records_are_one_from_the_start_unless_a_person_has_told_them_apart() {
    let mut rows = world(200);
    let copy = |of: usize, key: u64, rows: &[Row]| Row { key, ..rows[of].clone() };
    rows.extend((0..700).map(|n| copy(0, 1_000 + n, &rows)).collect::<Vec<_>>());
    let (model, clusters, decisions) = answer(&rows, Run::default());
    assert!((0..700).all(|n| clusters[&(1_000 + n)] == clusters[&0]));
    let joins = decisions.iter().filter(|decision| decision.kind == DecisionKind::Join).count();
    assert_eq!(joins, rows.len() - clusters.values().collect::<std::collections::HashSet<_>>().len());

    let hash = |key: u64| RecordHash::new("test", &key.to_string());
    let judgements = [(hash(1_000), hash(1_001), false)];
    let records = records(&rows);
    let plan = plan_for(&records, &Settings::default());
    let found = resolve(&plan, &model, records.clone(), Run { judgements: &judgements, ..Run::default() });
    let of = |key: u64| found.clusters[rows.iter().position(|row| row.key == key).unwrap()];
    assert_ne!(of(1_000), of(1_001));
    assert_eq!((2..700).filter(|n| of(1_000 + n) == of(0)).count(), 698);
}

#[test]
fn equal_records_that_say_too_little_stay_apart() {
    let mut rows = world(300);
    let only_name =
        |key| Row { key, name: vec!["ana".into(), "silva".into()], birth: "".into(), phone: "".into(), tax: "".into() };
    rows.extend((5_000..5_020).map(only_name));
    let (_, clusters, _) = answer(&rows, Run::default());
    let apart: std::collections::HashSet<_> = (5_000..5_020).map(|key| clusters[&key]).collect();
    assert_eq!(apart.len(), 20);
}

#[test]
fn a_resolution_lists_what_each_record_is_found_by_and_where_the_records_of_decisions_stand() {
    let records = records(&world(300));
    let plan = plan_for(&records, &Settings::default());
    let (trained, resolution) = train_and_resolve(&plan, records.clone(), Run { keys: true, ..Run::default() });
    let expected = crate::incremental::keys(&plan, &trained.model, &records);
    let lists = resolution.keys.unwrap();
    let mut found: Vec<_> = lists.iter().collect();
    found.sort_unstable_by_key(|listed| listed.position);
    assert_eq!(found.len(), expected.len());
    for ((listed, keys), position) in found.iter().zip(&expected).zip(0..) {
        assert_eq!((listed.position, listed.content, listed.blocks), (position, keys.content, &*keys.blocks));
    }
    assert_eq!(resolution.decisions.len(), resolution.decided.len());
    for (decision, positions) in resolution.decisions.iter().zip(&resolution.decided) {
        assert_eq!([decision.left, decision.right], positions.map(|position| records.hashes()[position as usize]));
    }
}

#[test]
fn order_threads_and_partitions_do_not_change_the_answer() {
    let rows = world(900);
    let expected = answer(&rows, Run::default());
    let mut shuffled = rows.clone();
    shuffled.sort_by_key(|row| crate::encoding::mix(row.key, 77));
    for threads in [1, 2] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for partitions in [1, 2, 7] {
            let run = Run { partitions, ..Run::default() };
            let found = pool.install(|| answer(&shuffled, run));
            assert_eq!(found.0.digest(), expected.0.digest(), "{threads} threads");
            assert!(found == expected, "{threads} threads, {partitions} partitions");
        }
    }
}

#[test]
fn a_model_that_is_kept_gives_the_same_answer() {
    let rows = world(200);
    let records = records(&rows);
    let plan = plan_for(&records, &Settings::default());
    let (trained, resolution) = train_and_resolve(&plan, records.clone(), Run::default());
    let kept: Model = serde_json::from_str(&serde_json::to_string(&trained.model).unwrap()).unwrap();
    assert_eq!(kept.digest(), trained.model.digest());
    assert_eq!(resolve(&plan, &kept, records.clone(), Run::default()), resolution);
}

#[test]
fn different_valid_identifiers_never_share_a_customer() {
    let mut rows = world(300);
    // Everybody has a third record with somebody else's identifier, otherwise the same.
    for person in 0..300 {
        let mut third = rows[person as usize * 2].clone();
        third.key = 10_000 + person;
        third.tax = format!("cpf:{:011}", 17 * person + 5);
        rows.push(third);
    }
    let (_, clusters, decisions) = answer(&rows, Run::default());
    let mut held: HashMap<RecordHash, &str> = HashMap::new();
    for row in rows.iter().filter(|row| !row.tax.is_empty()) {
        let first = held.entry(clusters[&row.key]).or_insert(&row.tax);
        assert_eq!(*first, row.tax);
    }
    let conflicts = decisions.iter().filter(|decision| decision.kind == DecisionKind::Conflict);
    assert!(conflicts.filter(|decision| decision.reason == "different_identifiers").count() > 200);
}

#[test]
fn a_value_that_all_share_is_bounded_and_reported() {
    let mut rows = world(1_500);
    rows.iter_mut().for_each(|row| row.phone = "5511900000000".to_owned());
    let records = records(&rows);
    let settings = Settings { pairs_per_record: Some(10), block_limit: Some(50), ..Settings::default() };
    let plan = plan_for(&records, &settings);
    let (trained, resolution) = train_and_resolve(&plan, records.clone(), Run::default());
    assert_eq!(resolve(&plan, &trained.model, records.clone(), Run::default()), resolution);
    let phone = resolution.report.rules.iter().find(|rule| rule.rule == "phone").unwrap();
    assert_eq!(phone.oversized_keys, 1);
    assert!(phone.pairs < 3_000 * 50);
}

#[test]
fn a_block_that_outgrows_its_model_is_bounded_in_any_order() {
    let few = records(&world(100));
    let plan = plan_for(&few, &Settings::default());
    let model = train(&plan, &few).model;
    let mut rows = world(700);
    rows.iter_mut().for_each(|row| row.phone = "5511900000000".to_owned());
    let grown = resolve(&plan, &model, records(&rows), Run::default());
    let cut: u64 = grown.report.rules.iter().map(|rule| rule.cut_pairs).sum();
    assert!(cut > 0);
    rows.reverse();
    let mut reversed = resolve(&plan, &model, records(&rows), Run::default());
    reversed.clusters.reverse();
    let last = reversed.clusters.len() as u32 - 1;
    reversed.decided.iter_mut().flatten().for_each(|position| *position = last - *position);
    assert_eq!(reversed, grown);
}

#[test]
fn few_and_empty_records_are_no_trouble() {
    for people in [0, 1, 2] {
        let (_, clusters, _) = answer(&world(people), Run::default());
        assert_eq!(clusters.len() as u64, people * 2);
    }
    let empty = Row { key: 1, name: Vec::new(), birth: String::new(), phone: String::new(), tax: String::new() };
    let second = Row { key: 2, ..empty.clone() };
    let (_, clusters, _) = answer(&[empty, second], Run::default());
    assert_ne!(clusters[&1], clusters[&2], "records that say nothing are nobody's");
}

#[test]
fn an_explanation_adds_up_to_the_weight() {
    let rows = world(300);
    let records = records(&rows);
    let plan = plan_for(&records, &Settings::default());
    let (trained, resolution) = train_and_resolve(&plan, records.clone(), Run::default());
    let attributes = Attributes::default();
    for decision in resolution.decisions.iter().take(50) {
        let (left, right) = (decision.left, decision.right);
        let waterfall = crate::explanation::explain(&plan, &trained.model, &records, &attributes, right, left).unwrap();
        let steps: i32 = waterfall.steps.iter().map(|step| step.weight).sum();
        assert_eq!(waterfall.prior + steps + waterfall.household, decision.weight);
        assert_eq!(waterfall.weight, decision.weight);
        assert_eq!(waterfall.steps.len(), decision.levels.len());
        let levels = decision.levels.iter().zip(&plan.comparisons).zip(&waterfall.steps);
        for ((&level, comparison), step) in levels {
            assert_eq!(step.missing, level == crate::comparison::MISSING);
            assert!(step.missing || step.level == comparison.level_name(level), "a decision has its own pair's levels");
        }
    }
}
