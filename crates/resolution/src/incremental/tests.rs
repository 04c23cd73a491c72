//! What is found change by change is what resolving everything finds, whatever happens in whatever order.

use super::driver::{Event, Row, Store, hash};
use super::*;
use crate::encoding::mix;
use crate::evaluation::completeness;
use crate::pipeline::{resolve, train};
use crate::plan::{KeyPart, Settings};
use proptest::prelude::*;
use std::sync::LazyLock;
use vinculo_records::Comparable::{
    BirthDate, City, Email, HouseNumber, Name, NameSound, OrganizationName, Phone, PostalCode, Street, TaxId,
};
use vinculo_records::{Attributes, RecordHash};

/// What a record says, as numbers of values; 0 for nothing.
type Says = [u8; 8];

const GIVEN: [&str; 8] = ["ana", "anna", "maria", "joao", "carlos", "carlo", "rita", "bruno"];
const FAMILY: [&str; 8] = ["silva", "sylva", "souza", "lima", "costa", "rocha", "alves", "gomes"];
const SHOPS: [&str; 8] = ["girassol", "girasol", "tulipa", "zanella", "guarani", "pinheiral", "aurora", "bertoldi"];
const TRADES: [&str; 4] = ["moveis", "padaria", "autopecas", "farmacia"];

fn value(number: u8, text: impl Fn(u64) -> String) -> Vec<String> {
    (number > 0).then(|| text(u64::from(number))).into_iter().collect()
}

fn word(words: &[&str], number: u8) -> Vec<String> {
    value(number, |number| words[(number as usize - 1) % words.len()].to_owned())
}

fn contacts(says: Says) -> Row {
    vec![
        (
            Phone,
            [value(says[4], |n| format!("55119800000{n:02}")), value(says[7], |n| format!("55119800001{n:02}"))]
                .concat(),
        ),
        (City, word(&["recife", "olinda"], says[6])),
        (PostalCode, value(says[6], |n| format!("5000{n:04}"))),
    ]
}

fn person(says: Says) -> Row {
    let name = [word(&GIVEN, says[0]), word(&FAMILY, says[1]), word(&FAMILY, says[2])].concat();
    let mut row = contacts(says);
    row.extend([
        (NameSound, name.clone()),
        (Name, name),
        (BirthDate, value(says[3], |n| format!("19{:02}0{}1{}", 50 + n, 1 + n % 9, n % 7))),
        (TaxId, value(says[5], |n| format!("cpf:{:011}", n * 104_729))),
        (Email, value(says[7], |n| format!("x{n}@mail.com"))),
    ]);
    row
}

fn organization(says: Says) -> Row {
    let name = [word(&SHOPS, says[0]), word(&TRADES, says[1])].concat().join(" ");
    let mut row = contacts(says);
    row.extend([
        (OrganizationName, if name.is_empty() { Vec::new() } else { vec![name] }),
        (Street, word(&["brasil", "norte", "chile"], says[2])),
        (HouseNumber, value(says[3], |n| n.to_string())),
        (TaxId, value(says[5], |n| format!("cnpj:{n:08}000195"))),
        (Email, value(says[7], |n| format!("vendas@loja{n}.com"))),
    ]);
    row
}

/// A plan and a model for records as they are drawn here.
struct World {
    plan: ResolutionPlan,
    model: Model,
    row: fn(Says) -> Row,
}

impl World {
    /// Trains on so many records with two copies of a person or shop each, under a block limit.
    fn new(kind: Kind, block_limit: u32, all_pairs_limit: u32) -> Self {
        let row = match kind {
            Kind::Person => person,
            Kind::Organization => organization,
        };
        let says = |record: u64| -> Says {
            let pick = |place: u64| {
                let same = mix(mix(record / 2, place), 1) % 40;
                if mix(mix(record, place), 2).is_multiple_of(6) { 0 } else { 1 + same as u8 }
            };
            std::array::from_fn(|place| pick(place as u64))
        };
        let rows: Vec<Row> = (0..300).map(|record| row(says(record))).collect();
        let columns = rows[0].iter().enumerate().map(|(at, (what, _))| {
            let mut column = vinculo_records::ListColumn::default();
            for row in &rows {
                row[at].1.iter().for_each(|value| column.push_value(value));
                column.end_record();
            }
            (*what, column)
        });
        let records = ComparableRecords::new(kind, (0..300).map(hash).collect(), columns.collect());
        let settings = Settings { block_limit: Some(block_limit), ..Settings::default() };
        let mut plan = ResolutionPlan::new(&records, &settings, &Attributes::default()).unwrap();
        plan.clustering.all_pairs_limit = all_pairs_limit;
        let model = train(&plan, &records).model;
        Self { plan, model, row }
    }

    fn events(&self, drawn: &[Drawn]) -> Vec<Event> {
        let event = |drawn: &Drawn| match *drawn {
            Drawn::Put(record, says) => Event::Put(u64::from(record), (self.row)(says)),
            Drawn::Delete(record) => Event::Delete(u64::from(record)),
            Drawn::Judge(left, right, same) => Event::Judge(u64::from(left), u64::from(right), same),
            Drawn::Withdraw(number) => Event::Withdraw(usize::from(number)),
        };
        drawn.iter().map(event).collect()
    }
}

static WORLDS: LazyLock<[World; 6]> = LazyLock::new(|| {
    [
        World::new(Kind::Person, 2, 100),
        World::new(Kind::Person, 5, 4),
        World::new(Kind::Person, 400, 100),
        World::new(Kind::Organization, 2, 4),
        World::new(Kind::Organization, 6, 100),
        World::new(Kind::Organization, 400, 100),
    ]
});

/// An event before it is known of which kind its records are.
#[derive(Debug, Clone, Copy)]
enum Drawn {
    Put(u8, Says),
    Delete(u8),
    Judge(u8, u8, bool),
    Withdraw(u8),
}

const RECORDS: u8 = 24;

/// What several records say word for word: much, little, and what nobody is found by.
const COPIED: [Says; 7] = [
    [1, 2, 1, 2, 1, 1, 1, 1],
    [1, 2, 1, 2, 1, 0, 1, 0],
    [2, 1, 0, 3, 90, 0, 0, 0],
    [1, 1, 0, 0, 0, 0, 0, 0],
    [2, 1, 0, 0, 1, 0, 0, 0],
    [0, 0, 0, 0, 2, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 2, 0],
];

fn says() -> impl Strategy<Value = Says> {
    // Few values, so that blocks grow and neighbors join.
    let of = |most: u8| prop_oneof![1 => Just(0), 4 => 1..=most];
    let own = [of(4), of(3), of(2), of(3), of(3), of(3), of(2), of(3)].prop_map(|says| says);
    prop_oneof![2 => own.boxed(), 1 => prop::sample::select(COPIED.to_vec()).boxed()]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    prop_oneof![
        12 => (0..RECORDS, says()).prop_map(|(record, says)| Drawn::Put(record, says)),
        3 => (0..RECORDS).prop_map(Drawn::Delete),
        2 => (0..RECORDS, 0..RECORDS, any::<bool>()).prop_map(|(left, right, same)| Drawn::Judge(left, right, same)),
        1 => (0_u8..3).prop_map(Drawn::Withdraw),
    ]
}

fn runs() -> impl Strategy<Value = Vec<Vec<Drawn>>> {
    let first = prop::collection::vec((0..RECORDS, says()).prop_map(|(record, says)| Drawn::Put(record, says)), 0..30);
    let later = prop::collection::vec(prop::collection::vec(drawn(), 1..6), 1..5);
    (first, later).prop_map(|(first, later)| [vec![first], later].concat())
}

/// So many cases in the suite, or as many as `PROPTEST_CASES` says.
fn cases(of_suite: u32) -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(of_suite),
    }
}

#[test]
fn a_block_that_grows_past_its_limit_is_halved_and_shrinks_again() {
    for world in &*WORLDS {
        let mut store = Store::new(&world.plan, &world.model);
        let strangers: Vec<Drawn> = (0..80).map(|n| Drawn::Put(n, [1 + n % 8, 1 + n / 8, 0, n, 90, 0, 0, 0])).collect();
        let mut most = 0;
        for one in &strangers {
            store.apply(&world.events(&[*one]));
            most = most.max(store.halved());
        }
        // Under the least limits nobody meets another by the phone number any more.
        assert_eq!(store.answer(), store.answer_of_all());
        // They share a phone number.
        let limit = match &world.model.organizations {
            Some(organizations) => organizations.blocks.limit,
            None => {
                let by_phone = world.plan.rules.iter().position(|rule| rule.parts == [KeyPart::Phone]);
                world.model.blocks[by_phone.unwrap()].limit
            }
        };
        assert_eq!(most > 0, limit < 80, "a limit of {limit}");
        for n in 0..80 {
            store.apply(&[Event::Delete(n)]);
        }
        assert_eq!(store.halved(), 0);
        assert!(store.answer().0.is_empty());
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn whatever_happens_a_part_at_a_time_ends_as_everything_at_once(runs in runs(), world in 0..6_usize) {
        let world = &WORLDS[world];
        let mut store = Store::new(&world.plan, &world.model);
        for run in runs {
            store.apply(&world.events(&run));
            prop_assert_eq!(store.answer(), store.answer_of_all());
        }
    }

}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn small_worlds_are_clustered_as_the_definition_says(says in prop::collection::vec(says(), 1..10), organizations: bool) {
        let world = &WORLDS[if organizations { 5 } else { 2 }];
        let mut store = Store::new(&world.plan, &world.model);
        let put: Vec<Drawn> = (0..).zip(says).map(|(record, says)| Drawn::Put(record, says)).collect();
        store.apply(&world.events(&put));
        let all: Vec<RecordHash> = store.answer().0.into_keys().collect();
        prop_assert_eq!(store.answer().0, definition::clusters(&world.plan, &world.model, &store.records(&all)));
    }

    #[test]
    fn true_pairs_are_looked_for_among_the_pairs_that_are_visited(
        mut says in prop::collection::vec(says(), 2..RECORDS as usize), world in 0..6_usize,
    ) {
        // Copies are not visited: one stands for all.
        says.sort_unstable();
        says.dedup();
        let world = &WORLDS[world];
        let mut store = Store::new(&world.plan, &world.model);
        let put: Vec<Drawn> = (0..).zip(&says).map(|(record, says)| Drawn::Put(record, *says)).collect();
        store.apply(&world.events(&put));
        let all: Vec<RecordHash> = store.answer().0.into_keys().collect();
        let records = store.records(&all);
        let found = completeness(&world.plan, &world.model, &records, &vec![Some(1); all.len()]);
        let contents: FxHashSet<u64> =
            keys(&world.plan, &world.model, &records).iter().map(|keys| keys.content).filter(|content| *content != 0).collect();
        prop_assume!(contents.len() == all.len());
        let report = resolve(&world.plan, &world.model, records, Run::default()).report;
        prop_assert_eq!(found.candidates, report.rules.iter().map(|rule| rule.pairs).sum::<u64>());
        prop_assert_eq!(found.pairs, (all.len() * (all.len() - 1) / 2) as u64);
    }

    #[test]
    fn a_judgement_that_is_withdrawn_leaves_no_trace(
        first in prop::collection::vec(says(), 2..24), judged in (0..RECORDS, 0..RECORDS), same: bool, world in 0..6_usize,
    ) {
        let world = &WORLDS[world];
        let mut store = Store::new(&world.plan, &world.model);
        let put: Vec<Drawn> = (0..).zip(first).map(|(record, says)| Drawn::Put(record, says)).collect();
        store.apply(&world.events(&put));
        let before = store.answer();
        store.apply(&world.events(&[Drawn::Judge(judged.0, judged.1, same)]));
        store.apply(&world.events(&[Drawn::Withdraw(0)]));
        prop_assert_eq!(store.answer(), before);
    }
}
