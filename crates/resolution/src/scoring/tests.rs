//! What scoring promises.

use super::*;
use crate::encoding::mix;
use crate::model::{ComparisonWeights, log_weight};
use crate::plan::Settings;
use vinculo_records::{Attributes, Comparable, ComparableRecords, Kind, ListColumn, RecordHash};

#[test]
fn two_doubts_add_up() {
    assert_eq!(against_both(5_000, 5_000), 4_000);
    assert_eq!(against_both(5_000, 90_000), 5_000);
    for (chance, household) in [(5_300, 4_100), (-2_000, 9_500), (0, 1_499)] {
        let odds = 1.0 / ((-f64::from(chance) / 1e3).exp2() + (-f64::from(household) / 1e3).exp2());
        let found = f64::from(against_both(chance, household)) / 1e3;
        assert!((odds.log2() - found).abs() < 0.03, "{chance} {household}");
    }
}

#[test]
fn an_equal_value_never_weighs_less_than_a_different_one() {
    for comparison in [Comparison::GivenName, Comparison::BirthDate, Comparison::Email, Comparison::Address] {
        let kinds = comparison.levels();
        let weighed = kinds.iter().map(|level| LevelWeights {
            m: log_weight(level.m * 1e-3),
            u: log_weight(level.u),
            household: log_weight(level.u),
        });
        let weights = PlaceWeights::new(&ComparisonWeights { comparison, levels: weighed.collect() });
        let different = weights.evidence(kinds.len() as u8, 0);
        for level in (1..).zip(kinds).filter(|(_, kind)| kind.by_frequency).map(|(level, _)| level) {
            // A value that nearly all hold.
            let found = weights.evidence(level, -1);
            assert!(found.against_chance >= different.against_chance, "{comparison:?} {level}");
            assert!(found.against_household >= different.against_household, "{comparison:?} {level}");
            if comparison.level_name(level).starts_with("equal") && comparison == Comparison::Email {
                assert_eq!(found.against_chance, 0);
            }
        }
    }
}

/// Records of few words, so that every kind of likeness occurs; some lack a value, some have several.
fn records(count: u64) -> ComparableRecords {
    use Comparable::*;
    const WORDS: [&str; 12] =
        ["ana", "anna", "maria", "mario", "silva", "sylva", "souza", "s", "lima", "limeira", "costa", "de7"];
    let what = [Name, NameSound, NameGeneration, BirthDate, TaxId, TaxCode, Email, Phone, Street, HouseNumber];
    let what = [&what[..], &[PostalCode, City, Region, Sex, MotherName]].concat();
    let mut columns: Vec<ListColumn> = vec![ListColumn::default(); what.len()];
    for row in 0..count {
        let pick = |salt: u64, of: u64| mix(mix(row, salt), 11) % of;
        let word = |salt: u64| WORDS[pick(salt, 12) as usize];
        for (at, (what, column)) in what.iter().zip(&mut columns).enumerate() {
            let salt = at as u64 * 20;
            let values = match what {
                Name | NameSound => 1 + pick(7, 7),
                _ => [0, 1, 1, 1, 2, 3][pick(salt, 6) as usize],
            };
            for n in 0..values {
                let salt = salt + n + 1;
                column.push_value(&match what {
                    Name | NameSound | MotherName | Street => {
                        word(if *what == NameSound { n + 1 } else { salt }).to_owned()
                    }
                    BirthDate => {
                        format!("19{:02}{:02}{:02}", 70 + pick(salt, 3), 1 + pick(salt + 5, 3), 10 + pick(salt + 6, 3))
                    }
                    TaxId => format!("cpf:{:011}", 12_345_678_900 + pick(salt, 30)),
                    TaxCode | Phone => format!("1198765{:04}", pick(salt, 300)),
                    Email => format!("{}.{}{}@{}.com", word(salt), word(salt + 5), pick(salt + 6, 3), word(salt + 7)),
                    PostalCode | HouseNumber => format!("{}", 100 + pick(salt, 15)),
                    Sex => ["F", "M"][pick(salt, 2) as usize].to_owned(),
                    NameGeneration => ["filho", "neto"][pick(salt, 2) as usize].to_owned(),
                    _ => word(salt).to_owned(),
                });
            }
            column.end_record();
        }
    }
    let hashes = (0..count).map(|row| RecordHash::new("test", &row.to_string())).collect();
    ComparableRecords::new(Kind::Person, hashes, what.into_iter().zip(columns).collect())
}

#[test]
fn a_sketch_never_rules_out_what_reaches_the_weight() {
    let records = records(500);
    let plan = ResolutionPlan::new(&records, &Settings::default(), &Attributes::default()).unwrap();
    let encoded = Encoded::new(&records);
    let model = crate::training::train(&plan, &encoded, &[]).0.model;
    let scorer = Scorer::new(&plan, &model, &encoded);
    let mut ruled_out = 0;
    for least in [-3_000, 5_000, 20_000] {
        for a in 0..500 {
            let partners: Vec<u32> = (a + 1..500).collect();
            let mut told = 0;
            scorer.weights_from(a, &partners, least, |b, found| {
                let weight = scorer.weight(a, b);
                assert_eq!(found, (weight >= least).then_some(weight), "{a} {b}");
                told += 1;
            });
            assert_eq!(told, partners.len(), "every partner is told of once");
            let meeting = scorer.meeting(a);
            let bound = |b: &&u32| scorer.sketches.bound(&scorer, &meeting, **b, least);
            ruled_out += partners.iter().filter(|b| !bound(b).weight.may_reach(least)).count();
        }
    }
    assert!(ruled_out > 20_000, "sketches rule out {ruled_out}");
}
