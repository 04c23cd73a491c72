//! What makes two records one organization, as small worlds of records.

use super::*;
use crate::clustering::Exclusivity;
use crate::pipeline::Run;
use crate::plan::OrganizationUnit::{self, Company, Establishment};
use crate::plan::Settings;
use proptest::prelude::*;
use std::collections::BTreeSet;
use vinculo_records::Comparable::{City, Email, HouseNumber, OrganizationName as Name, Phone, Street, TaxId, Website};
use vinculo_records::{AttributeId, AttributeType, Attributes, ComparableRecords, Kind, ListColumn, RecordHash};

const INVENTORS: Comparable = Comparable::Custom(AttributeId(64), AttributeType::Set);
const COLUMNS: [Comparable; 9] = [Name, TaxId, Phone, Email, Website, Street, HouseNumber, City, INVENTORS];

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

#[test]
fn names_join_by_typing_error_order_missing_word_spelling_and_initials() {
    let cases = [
        ("supermercado pinheiral", "supermercado pinheirla", true),
        ("oficina mecanica bertoldi", "bertoldi oficina mecanica", true),
        ("construtora zanella engenharia", "construtora zanella", true),
        ("autopecas guarani", "auto pecas guarani", true),
        ("industria brasileira metais", "ibm", true),
        ("padaria xavante", "padaria kaiowa", false),
        ("mercado zorzi", "farmacia zanetti", false),
    ];
    for (left, right, expected) in cases {
        assert_eq!(are_one(&[(Name, left)], &[(Name, right)], Establishment), expected, "{left} and {right}");
    }
}

#[test]
fn a_match_threshold_that_is_set_by_hand_decides() {
    let likely: [Says<'_>; 2] = [&[(Name, "construtora zanella engenharia")], &[(Name, "construtora zanella")]];
    let doubtful: [Says<'_>; 2] = [&[(Name, "mercado zorzi")], &[(Name, "mercado zorzi frutas congeladas")]];
    let are_one = |records: &[Says<'_>], match_probability: f64| {
        let settings = Settings { join_probability: Some(match_probability), ..Settings::default() };
        let clusters = resolve_under(records, settings, &[0, 1]);
        clusters[0] == clusters[1]
    };
    assert!(are_one(&likely, 0.5) && !are_one(&likely, 0.999_999));
    assert!(!are_one(&doubtful, 0.999_999) && are_one(&doubtful, 0.001));
}

#[test]
fn a_shared_cnpj_joins_and_different_ones_never_do() {
    let one: Says<'_> = &[(Name, "loja girassol"), (TaxId, "cnpj:12345678000195")];
    let renamed: Says<'_> = &[(Name, "comercial tulipa"), (TaxId, "cnpj:12345678000195")];
    let other: Says<'_> = &[(Name, "loja girassol"), (TaxId, "cnpj:98765432000198")];
    assert!(are_one(one, renamed, Establishment));
    assert!(!are_one(one, other, Establishment));
    assert!(!are_one(one, other, Company));
}

#[test]
fn branches_are_apart_as_establishments_and_one_as_a_company() {
    let street = |number: &'static str| (HouseNumber, number);
    let seat: Says<'_> = &[
        (Name, "rede girassol"),
        (TaxId, "cnpj:12345678000195"),
        (Street, "rua|brasil"),
        street("10"),
        (City, "recife"),
    ];
    let branch: Says<'_> = &[
        (Name, "rede girassol"),
        (TaxId, "cnpj:12345678000276"),
        (Street, "avenida|norte"),
        street("99"),
        (City, "olinda"),
    ];
    assert!(!are_one(seat, branch, Establishment));
    assert!(are_one(seat, branch, Company));
}

#[test]
fn a_record_without_an_address_does_not_bridge_two_sites() {
    let here: Says<'_> = &[(Name, "rede girassol"), (Street, "rua|brasil"), (HouseNumber, "10"), (City, "recife")];
    let there: Says<'_> = &[(Name, "rede girassol"), (Street, "avenida|norte"), (HouseNumber, "99"), (City, "recife")];
    let nowhere: Says<'_> = &[(Name, "rede girassol")];
    let clusters = resolve(&[here, nowhere, there], Establishment, &[0, 1, 2]);
    assert_ne!(clusters[0], clusters[2]);
    assert_ne!(clusters[1], clusters[0], "nothing says which site it is");
    assert_ne!(clusters[1], clusters[2], "nothing says which site it is");
}

#[test]
fn a_direct_line_tells_a_branch_and_a_switchboard_does_not() {
    let site = |street: &'static str, number: &'static str, phones: &'static str| -> [(Comparable, &'static str); 4] {
        [(Name, "rede girassol"), (Street, street), (HouseNumber, number), (Phone, phones)]
    };
    let here = site("rua|brasil", "10", "558133330001|558133339999");
    let there = site("avenida|norte", "990", "558133330002|558133339999");
    let caller = |phone: &'static str| -> [(Comparable, &'static str); 2] { [(Name, "rede girassol"), (Phone, phone)] };
    let (direct, switchboard) = (caller("558133330002"), caller("558133339999"));
    let clusters = resolve(&[&here, &there, &direct, &switchboard], Establishment, &[0, 1, 2, 3]);
    assert_eq!(clusters[2], clusters[1]);
    assert!(clusters[3] != clusters[0] && clusters[3] != clusters[1]);
}

#[test]
fn a_name_that_many_bear_joins_nobody_and_a_rare_one_does() {
    let holder =
        |name: &'static str, id: &'static str| -> [(Comparable, &'static str); 2] { [(Name, name), (TaxId, id)] };
    let holders = [
        holder("estrela embalagens", "cnpj:12345678000195"),
        holder("estrela embalagens", "cnpj:22345678000195"),
        holder("estrela embalagens", "cnpj:32345678000195"),
        holder("xavante ferragens", "cnpj:42345678000195"),
    ];
    let unknown: [[(Comparable, &str); 1]; 2] = [[(Name, "estrela embalagens")], [(Name, "xavante ferragens")]];
    let records: Vec<Says<'_>> =
        holders.iter().map(|says| &says[..]).chain(unknown.iter().map(|says| &says[..])).collect();
    let clusters = resolve(&records, Establishment, &[0, 1, 2, 3, 4, 5]);
    assert!(!clusters[..3].contains(&clusters[4]));
    assert_eq!(clusters[5], clusters[3]);
}

#[test]
fn sister_companies_stay_apart_though_they_share_address_and_contacts() {
    let says = |name: &'static str| -> [(Comparable, &'static str); 5] {
        [
            (Name, name),
            (Phone, "558133334444"),
            (Website, "girassol.com.br"),
            (Street, "rua|brasil"),
            (HouseNumber, "10"),
        ]
    };
    let (shop, holding) = (says("girassol moveis"), says("girassol participacoes"));
    assert!(!are_one(&shop, &holding, Establishment));
    assert!(are_one(&shop, &says("moveis girassol"), Establishment));
}

#[test]
fn a_brand_beside_two_registered_names_joins_nobody() {
    let transport: Says<'_> = &[(Name, "girassol tulipa transportes|girassol tulipa"), (Phone, "558133330001")];
    let bakery: Says<'_> = &[(Name, "girassol tulipa confeitaria|girassol tulipa"), (Phone, "558199998888")];
    assert!(!are_one(transport, bakery, Establishment));
    assert!(are_one(transport, &[(Name, "transportes girassol tulipa")], Establishment));
}

#[test]
fn part_of_a_name_joins_only_where_records_say_no_more_or_agree_in_it() {
    let short: Says<'_> = &[(Name, "construtora zanella")];
    let long: Says<'_> = &[(Name, "construtora zanella engenharia")];
    let with_phone: Says<'_> = &[short[0], (Phone, "558133334444")];
    let with_mail: Says<'_> = &[long[0], (Email, "obras@zanella.com.br")];
    let with_both: Says<'_> = &[long[0], with_mail[1], with_phone[1]];
    assert!(are_one(short, long, Establishment));
    assert!(are_one(with_phone, long, Establishment), "one says nothing that could agree");
    assert!(!are_one(with_phone, with_mail, Establishment));
    assert!(are_one(with_phone, with_both, Establishment));
}

#[test]
fn a_shared_phone_is_counted_once() {
    let held = |id: &'static str| -> [(Comparable, &'static str); 2] { [(Name, "estrela embalagens"), (TaxId, id)] };
    let holders = ["cnpj:12345678000195", "cnpj:22345678000195", "cnpj:32345678000195"].map(held);
    let caller: Says<'_> = &[(Name, "estrela embalagens"), (Phone, "558133334444")];
    let mut records: Vec<Says<'_>> = holders.iter().map(|says| &says[..]).collect();
    records.extend([caller, caller]);
    let evidence = evidence_of_last_two(&records);
    let weight = |wanted| evidence.iter().find(|found| found.kind == wanted).unwrap().weight;
    assert_eq!(weight(EvidenceKind::Name), 0, "a name that many bear says nothing beside it");
    assert!(weight(EvidenceKind::Compared(crate::comparison::Comparison::Phone)) > 0);
}

#[test]
fn firms_whose_branches_add_to_their_name_teach_what_an_addition_says() {
    let said: Vec<[String; 2]> = (0..160)
        .map(|record| {
            let (firm, branch) = (record / 4, record % 4 / 2);
            let addition = if branch == 1 { " centro" } else { "" };
            let name = format!("girassol{firm}x moveis|moveis girassol{firm}x{addition}");
            [name, format!("cnpj:123456{firm:02}000{branch}95")]
        })
        .collect();
    let known: Vec<_> = said.iter().map(|[name, id]| [(Name, name.as_str()), (TaxId, id.as_str())]).collect();
    let seat: Says<'_> = &[(Name, "drogaria zanella|zanella")];
    let with_addition: Says<'_> = &[(Name, "drogaria zanella|zanella boa viagem")];
    let numbers = |known: &[Says<'_>]| {
        let evidence = evidence_of_last_two(&[known, &[seat, with_addition]].concat());
        evidence.iter().find(|found| found.kind == EvidenceKind::Numbers).map(|found| found.weight)
    };
    assert_eq!(numbers(&[]), Some(0));
    assert!(numbers(&known.iter().map(|says| &says[..]).collect::<Vec<_>>()) < Some(-1_500));
}

#[test]
fn a_number_in_the_name_tells_branches_apart() {
    let says = |name: &'static str| -> [(Comparable, &'static str); 2] { [(Name, name), (Phone, "558133334444")] };
    let (second, third) = (says("drogaria zanella filial 2"), says("drogaria zanella filial 3"));
    assert!(!are_one(&second, &third, Establishment));
    assert!(are_one(&second, &says("zanella drogaria filial 2"), Establishment));
}

#[test]
fn a_street_that_nobody_knew_is_no_other_site() {
    let says = |street: &'static str| -> [(Comparable, &'static str); 4] {
        [(Name, "drogaria zanella"), (Street, street), (HouseNumber, "10"), (City, "recife")]
    };
    assert!(are_one(&says("rua|brasil"), &says("nao|informado"), Establishment));
    assert!(!are_one(&says("rua|brasil"), &says("avenida|norte"), Establishment));
}

#[test]
fn contacts_make_up_for_a_name_that_is_only_partly_alike() {
    let one: Says<'_> = &[(Name, "girassol moveis"), (Phone, "558133334444"), (Website, "girassolmoveis.com.br")];
    let other: Says<'_> = &[
        (Name, "girassol moveis decoracoes recife"),
        (Phone, "558133334444"),
        (Email, "vendas@girassolmoveis.com.br"),
    ];
    assert!(are_one(one, other, Establishment));
    let open: Says<'_> = &[(Name, "girassol moveis"), (Email, "a@gmail.com")];
    let elsewhere: Says<'_> = &[(Name, "tulipa calcados"), (Email, "b@gmail.com")];
    assert!(!are_one(open, elsewhere, Establishment));
}

/// Loja Girassol 1, 2, 3 …: every pair of them shares a word.
fn girassol_shops(count: u32) -> ComparableRecords {
    let mut names = ListColumn::default();
    for shop in 0..count {
        names.push_value(&format!("girassol filial{shop}x"));
        names.end_record();
    }
    let hashes = (0..u128::from(count)).map(RecordHash).collect();
    ComparableRecords::new(Kind::Organization, hashes, vec![(Name, names)])
}

#[test]
fn records_that_say_the_same_come_together_however_many_they_are() {
    let count = 700;
    let mut names = ListColumn::default();
    let mut inventors = ListColumn::default();
    for record in 0..count {
        names.push_value("girassol moveis");
        names.end_record();
        inventors.push_value(&format!("inventor {record}"));
        inventors.end_record();
    }
    let hashes = (0..count).map(RecordHash).collect();
    let records = ComparableRecords::new(Kind::Organization, hashes, vec![(Name, names), (INVENTORS, inventors)]);
    let plan = ResolutionPlan::new(&records, &Settings::default(), &Attributes::default()).unwrap();
    let (_, resolution) = crate::pipeline::train_and_resolve(&plan, records.clone(), Run::default());
    assert!(resolution.clusters.iter().all(|cluster| *cluster == resolution.clusters[0]));
}

#[test]
fn what_the_bounds_of_blocking_cut_is_reported() {
    let records = girassol_shops(40);
    let report = |settings: Settings| {
        let plan = ResolutionPlan::new(&records, &settings, &Attributes::default()).unwrap();
        let (trained, resolution) = crate::pipeline::train_and_resolve(&plan, records.clone(), Run::default());
        assert_eq!(crate::pipeline::resolve(&plan, &trained.model, records.clone(), Run::default()), resolution);
        let rule = resolution.report.rules[0].clone();
        (rule.cut_keys > 0, rule.cut_records)
    };
    assert_eq!(report(Settings { pairs_per_record: Some(100), ..Settings::default() }), (false, 0));
    assert_eq!(report(Settings { pairs_per_record: Some(1), ..Settings::default() }), (true, 40));
    assert_eq!(report(Settings { block_limit: Some(10), ..Settings::default() }), (true, 40));
}

#[test]
fn evidence_adds_up_to_the_weight() {
    let mut names = ListColumn::default();
    for name in ["loja girassol", "loja girasol", "padaria lua"] {
        names.push_value(name);
        names.end_record();
    }
    let hashes = (0..3).map(RecordHash).collect();
    let records = ComparableRecords::new(Kind::Organization, hashes, vec![(Name, names)]);
    let plan =
        ResolutionPlan::derive(Kind::Organization, &[Name], &Settings::default(), &Attributes::default()).unwrap();
    let encoded = Encoded::new(&records);
    let (model, _) = train(&encoded, &plan, &[]);
    let organizations = Organizations::new(&encoded, &plan, &model);
    let evidence = organizations.explain(0, 1);
    assert_eq!(evidence[0].kind, EvidenceKind::Name);
    assert_eq!(evidence.iter().map(|found| found.weight).sum::<i32>(), organizations.weight(0, 1));
    assert!(organizations.weight(0, 1) > 0 && organizations.weight(0, 2) < 0);
}

#[test]
fn evidence_that_was_kept_as_levels_alone_is_named_again() {
    let text = Comparable::Custom(AttributeId(65), AttributeType::Text);
    let columns = [Name, TaxId, Phone, text].map(|what| {
        let mut column = ListColumn::default();
        for record in ["a", "a", "b", ""] {
            let value = match what {
                Name => format!("loja {record}"),
                TaxId if record == "b" => "cnpj:11222333000262".to_owned(),
                TaxId => "cnpj:11222333000181".to_owned(),
                _ => record.to_owned(),
            };
            (!record.is_empty()).then(|| column.push_value(&value));
            column.end_record();
        }
        (what, column)
    });
    let records = ComparableRecords::new(Kind::Organization, (0..4).map(RecordHash).collect(), columns.to_vec());
    let plan = ResolutionPlan::new(&records, &Settings::default(), &Attributes::default()).unwrap();
    let encoded = Encoded::new(&records);
    let (model, _) = train(&encoded, &plan, &[]);
    let organizations = Organizations::new(&encoded, &plan, &model);
    let counted = || model.frequencies.iter().map(|table| table.counted);
    let mut pieces = BTreeSet::new();
    for (a, b) in [(0, 1), (0, 2), (0, 3)] {
        let kinds: Vec<EvidenceKind> = organizations.explain(a, b).iter().map(|found| found.kind).collect();
        assert_eq!(evidence_kinds(counted(), kinds.len()), Some(kinds.clone()));
        pieces.insert(kinds.len());
    }
    assert_eq!(pieces, BTreeSet::from([1, 9, 10]), "other identifiers, no name, everything");
    assert_eq!(evidence_kinds(counted(), 4), None);
}

fn names() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "rede",
        "loja",
        "girassol",
        "girasol",
        "tulipa",
        "norte",
        "sul",
        "auto",
        "pecas",
        "autopecas",
    ]);
    prop::collection::vec(word, 1..4).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_order_of_records_changes_nothing(
        worlds in prop::collection::vec((names(), prop::option::of(0_u8..3), prop::option::of(0_u8..3)), 2..12),
        order in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let said: Vec<_> = worlds
            .iter()
            .zip(0..)
            .map(|((name, tax, phone), record)| (
                name.clone(),
                tax.map(|tax| format!("cnpj:1234567{tax}000195")),
                phone.map(|phone| format!("55813333444{phone}")),
                (record % 3).to_string(),
                format!("vendas@girassol{}.com.br", record % 4),
            ))
            .collect();
        let records: Vec<Vec<(Comparable, &str)>> = said
            .iter()
            .map(|(name, tax, phone, number, email)| {
                let mut says = vec![(Name, name.as_str())];
                if tax.is_none() {
                    says.extend([(Street, "rua|brasil"), (HouseNumber, number.as_str()), (Email, email.as_str())]);
                }
                says.extend(tax.as_deref().map(|tax| (TaxId, tax)));
                says.extend(phone.as_deref().map(|phone| (Phone, phone)));
                says
            })
            .collect();
        let records: Vec<Says<'_>> = records.iter().map(Vec::as_slice).collect();
        let straight: Vec<usize> = (0..records.len()).collect();
        let order: Vec<usize> = order.into_iter().filter(|&record| record < records.len()).collect();
        let first = resolve(&records, Establishment, &straight);
        prop_assert_eq!(&first, &resolve(&records, Establishment, &order));
        for (i, (_, tax, ..)) in said.iter().enumerate() {
            for (j, (_, other, ..)) in said.iter().enumerate().filter(|(j, _)| first[i] == first[*j]) {
                prop_assert!(tax.is_none() || other.is_none() || tax == other, "{i} and {j} hold two identifiers");
            }
        }
    }
}

/// What a record may say in each column.
const SAYINGS: [(Comparable, &[&str]); 9] = [
    (Name, &["rede girassol", "rede girassol filial 2", "girasol|loja tulipa", "loja tulipa filial 2", "loja tulipa"]),
    (TaxId, &["cnpj:12345670000195", "cnpj:12345671000195"]),
    (Phone, &["558133334440", "558133334441", "558133334440|558199998888", "33334440"]),
    (Email, &["vendas@girassol.com.br", "vendsa@girassol.com.br", "ana@gmail.com"]),
    (Website, &["girassol.com.br", "tulipa.com.br"]),
    (Street, &["rua|brasil", "rua|brazil", "avenida|norte"]),
    (HouseNumber, &["1", "2"]),
    (City, &["recife", "olinda"]),
    (INVENTORS, &["ana|rui", "rui|eva"]),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_pair_that_weighs_enough_is_ruled_out_beforehand(
        said in prop::collection::vec(prop::collection::vec(prop::option::of(0_usize..60), SAYINGS.len()), 2..10),
        is_company in any::<bool>(),
    ) {
        let saying = |(place, said): (usize, &Option<usize>)| {
            let (column, values) = SAYINGS[place];
            said.map(|said| (column, values[said % values.len()]))
        };
        let records: Vec<Vec<(Comparable, &str)>> =
            said.iter().map(|record| record.iter().enumerate().filter_map(saying).collect()).collect();
        let records: Vec<Says<'_>> = records.iter().map(Vec::as_slice).collect();
        let records_in = world(&records, &(0..records.len()).collect::<Vec<usize>>());
        let unit = if is_company { Company } else { Establishment };
        let settings = Settings { organization: unit, ..Settings::default() };
        let plan = ResolutionPlan::new(&records_in, &settings, &Attributes::default()).unwrap();
        let encoded = Encoded::new(&records_in);
        let (model, _) = train(&encoded, &plan, &[]);
        let Organizations { weigher, sets, .. } = Organizations::new(&encoded, &plan, &model);
        for (a, b) in (0..encoded.len() as u32).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let weight = weigher.weight(a, b, &sets);
            for least in [-20_000, -8_000, -3_000, 0, 5_000, 12_000] {
                let expected = Some(weight).filter(|weight| *weight >= least);
                prop_assert_eq!(weigher.weight_within(a, b, &sets, least), expected);
            }
        }
    }
}
