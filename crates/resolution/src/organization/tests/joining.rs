//! Which evidence joins two organizations, and which keeps them apart.

use super::*;

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
fn in_one_street_another_number_is_another_site_where_the_postal_codes_differ_too() {
    let shop = |number: &'static str, code: &'static str| {
        [
            (Name, "rede girassol"),
            (Street, "avenida|brasil"),
            (HouseNumber, number),
            (PostalCode, code),
            (City, "recife"),
        ]
    };
    let one = shop("1500", "50000100");
    assert!(!are_one(&one, &shop("820", "51200330"), Establishment));
    assert!(are_one(&one, &shop("820", "51200330"), Company));
    for slip in [shop("1500", "51200330"), shop("820", "50000100"), shop("820", "50000101")] {
        assert!(are_one(&one, &slip, Establishment), "{slip:?}");
    }
}

#[test]
fn one_name_in_another_city_of_the_region_is_another_site() {
    let shop = |city: &'static str| [(Name, "rede girassol"), (City, city), (Region, "pe")];
    assert!(are_one(&shop("recife"), &shop("recife"), Establishment));
    assert!(are_one(&shop("petrolina"), &shop("petrolinas"), Establishment));
    assert!(!are_one(&shop("recife"), &shop("petrolina"), Establishment));
    assert!(are_one(&shop("recife"), &shop("petrolina"), Company));
}

#[test]
fn a_common_name_says_little_where_domains_tell_its_bearers_apart() {
    let sites: Vec<String> = (0..12).map(|shop| format!("loja{}.com.br", shop / 2)).collect();
    let shops: Vec<[(Comparable, &str); 2]> = sites.iter().map(|site| [(Name, "nova"), (Website, site)]).collect();
    let alone: [(Comparable, &str); 1] = [(Name, "nova")];
    let all: Vec<Says<'_>> = shops.iter().map(|shop| &shop[..]).chain([&alone[..], &alone[..]]).collect();
    let order: Vec<usize> = (0..all.len()).collect();
    let clusters = resolve(&all, Establishment, &order);
    assert!((0..12).all(|shop| clusters[shop] == clusters[shop / 2 * 2]));
    assert!((0..12).all(|shop| (clusters[shop] == clusters[0]) == (shop < 2)));
    assert!((0..12).all(|shop| clusters[shop] != clusters[12]));
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
fn two_firms_of_one_house_stay_apart_though_they_share_its_phone() {
    let says = |name: &'static str| -> [(Comparable, &'static str); 4] {
        [(Name, name), (Phone, "558133334444"), (Street, "rua|brasil"), (HouseNumber, "10")]
    };
    let (bar, inn) = (says("bar xavante"), says("pousada kaiowa"));
    assert!(!are_one(&bar, &inn, Establishment));
    let site = (Website, "xavante.com.br");
    assert!(are_one(&[&bar[..], &[site]].concat(), &[&inn[..], &[site]].concat(), Establishment), "under two names");
}

#[test]
fn strangers_that_prove_to_be_one_teach_that_firms_have_two_names() {
    let phones: Vec<String> = (0..60).map(|firm| format!("5581333344{firm:02}")).collect();
    let ids: Vec<String> = (0..60).map(|firm| format!("cnpj:123456{firm:02}000195")).collect();
    let names: Vec<String> = (0..120).map(|record| format!("zanella{record}x")).collect();
    let known: Vec<_> = (0..120)
        .map(|record| {
            let place = [(Street, "rua|brasil"), (HouseNumber, &phones[record / 2][8..])];
            [[(Name, &*names[record]), (Phone, &*phones[record / 2])], place]
                .concat()
                .into_iter()
                .chain([(TaxId, &*ids[record / 2])])
                .collect::<Vec<_>>()
        })
        .collect();
    let says = |name: &'static str| -> [(Comparable, &'static str); 4] {
        [(Name, name), (Phone, "558199998888"), (Street, "rua|norte"), (HouseNumber, "7")]
    };
    let strangers = [says("bar xavante"), says("pousada kaiowa")];
    let kinship = |known: &[Vec<(Comparable, &str)>]| {
        let all: Vec<Says<'_>> =
            known.iter().map(|says| &says[..]).chain(strangers.iter().map(|says| &says[..])).collect();
        evidence_of_last_two(&all).iter().find(|found| found.kind == EvidenceKind::Kinship).map(|found| found.weight)
    };
    assert!(kinship(&[]) < Some(-3_000));
    assert!(kinship(&known) > kinship(&[]));
}

#[test]
fn two_records_are_no_witnesses_in_their_own_case() {
    let says = |street: &'static str, number: &'static str| -> [(Comparable, &'static str); 4] {
        [(Name, "rede girassol"), (Phone, "558133334444"), (Street, street), (HouseNumber, number)]
    };
    let evidence = evidence_of_last_two(&[&says("rua|brasil", "10"), &says("avenida|norte", "99")]);
    let weight = |wanted| evidence.iter().find(|found| found.kind == wanted).unwrap().weight;
    assert!(weight(EvidenceKind::Name) > 3_000, "that the streets differ is told by the address alone");
    assert!(weight(EvidenceKind::Compared(crate::comparison::Comparison::Phone)) > 2_000);
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
