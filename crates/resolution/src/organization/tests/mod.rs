//! What makes two records one organization, as small worlds of records.

mod joining;
mod whole;

use super::*;
use crate::clustering::Exclusivity;
use crate::pipeline::Run;
use crate::plan::OrganizationUnit::{self, Company, Establishment};
use crate::plan::Settings;
use proptest::prelude::*;
use std::collections::BTreeSet;
use vinculo_records::Comparable::{
    City, Email, HouseNumber, OrganizationName as Name, Phone, PostalCode, Region, Street, TaxId, Website,
};
use vinculo_records::{AttributeId, AttributeType, Attributes, ComparableRecords, Kind, ListColumn, RecordHash};

const INVENTORS: Comparable = Comparable::Custom(AttributeId(64), AttributeType::Set);
const REGISTER: Comparable = Comparable::Custom(AttributeId(65), AttributeType::Code);
const COLUMNS: [Comparable; 12] =
    [Name, TaxId, Phone, Email, Website, Street, HouseNumber, PostalCode, City, Region, INVENTORS, REGISTER];

/// A record: what it says in some columns, values separated by `|`.
type Says<'a> = &'a [(Comparable, &'a str)];

/// Names that nobody else in these tests has, so that words have a rarity.
const OTHERS: [&str; 12] = [
    "padaria aurora",
    "padaria central",
    "padaria lua nova",
    "mercado central",
    "mercado boa vista",
    "auto pecas rio",
    "auto pecas silva",
    "farmacia popular",
    "farmacia central",
    "transportes andrade",
    "transportes norte",
    "comercio alimentos vale",
];

/// The cluster of each record under an order of the records, by the record's place in `records`.
fn resolve(records: &[Says<'_>], unit: OrganizationUnit, order: &[usize]) -> Vec<u32> {
    resolve_under(records, Settings { organization: unit, ..Settings::default() }, order)
}

/// The records in an order, and others after them.
fn world(records: &[Says<'_>], order: &[usize]) -> ComparableRecords {
    let others: Vec<[(Comparable, &str); 1]> = OTHERS.map(|name| [(Name, name)]).to_vec();
    let all: Vec<Says<'_>> = records.iter().copied().chain(others.iter().map(|other| &other[..])).collect();
    let order: Vec<usize> = order.iter().copied().chain(records.len()..all.len()).collect();
    let column = |what: Comparable| {
        let mut column = ListColumn::default();
        for &record in &order {
            let said = all[record].iter().filter(|(column, _)| *column == what);
            said.flat_map(|(_, values)| values.split('|')).for_each(|value| column.push_value(value));
            column.end_record();
        }
        (what, column)
    };
    let hashes = order.iter().map(|&record| hash(record)).collect();
    ComparableRecords::new(Kind::Organization, hashes, COLUMNS.map(column).to_vec())
}

fn hash(record: usize) -> RecordHash {
    RecordHash(record as u128 * 7_919 % 1_009)
}

/// What speaks for and against the last two records being one.
fn evidence_of_last_two(records: &[Says<'_>]) -> Vec<OrganizationEvidence> {
    let straight: Vec<usize> = (0..records.len()).collect();
    let records_in = world(records, &straight);
    let plan = ResolutionPlan::new(&records_in, &Settings::default(), &Attributes::default()).unwrap();
    let encoded = Encoded::new(&records_in);
    let (model, _) = train(&encoded, &plan, &[]);
    let rank = |from_last: usize| encoded.rank(hash(records.len() - from_last)).unwrap();
    Organizations::new(&encoded, &plan, &model).explain(rank(2), rank(1))
}

fn resolve_under(records: &[Says<'_>], settings: Settings, order: &[usize]) -> Vec<u32> {
    let records_in = world(records, order);
    let plan = ResolutionPlan::new(&records_in, &settings, &Attributes::default()).unwrap();
    let encoded = Encoded::new(&records_in);
    let exclusive = [ExclusiveColumn {
        values: records_in.column(TaxId).unwrap(),
        exclusivity: match settings.organization {
            Establishment => Exclusivity::ByType,
            Company => Exclusivity::CompanyRoot,
        },
    }];
    let (model, _) = train(&encoded, &plan, &exclusive);
    let found = Organizations::new(&encoded, &plan, &model).resolve(&exclusive, &[], None);
    let cluster = |record| found.clustering.clusters.of_records()[encoded.rank(hash(record)).unwrap() as usize];
    (0..records.len()).map(cluster).collect()
}

fn are_one(left: Says<'_>, right: Says<'_>, unit: OrganizationUnit) -> bool {
    let clusters = resolve(&[left, right], unit, &[0, 1]);
    clusters[0] == clusters[1]
}
