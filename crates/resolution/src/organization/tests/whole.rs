//! What holds for any organizations: their number, their order, bounds, and how evidence adds up.

use super::*;
use crate::evaluation::completeness;

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
fn what_two_records_alone_share_makes_them_candidates() {
    let shared: [Says<'_>; 6] = [
        &[(TaxId, "cnpj:12345678000195")],
        &[(Street, "rua|boa|vista")],
        &[(PostalCode, "50000100")],
        &[(City, "faro")],
        &[(INVENTORS, "b lima")],
        &[(REGISTER, "jc 35 2")],
    ];
    for shared in shared {
        let [one, other] = ["loja girassol", "comercial tulipa"].map(|name| [&[(Name, name)], shared].concat());
        let records = world(&[&one, &other], &[0, 1]);
        let plan = ResolutionPlan::new(&records, &Settings::default(), &Attributes::default()).unwrap();
        let model = crate::pipeline::train(&plan, &records).model;
        let mut entities = vec![None; records.len()];
        entities[..2].fill(Some(0));
        assert_eq!(completeness(&plan, &model, &records, &entities).candidates, 1, "{shared:?}");
    }
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
