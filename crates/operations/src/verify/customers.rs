//! Every customer beside its records, some thousands at a time.

use super::golden::{Golden, golden};
use super::{CheckReport, Rule, keys, models};
use crate::error::OperationError;
use crate::judge::Judgements;
use crate::population::{Population, Sources};
use crate::publish::GoldenRules;
use crate::resolve::comparables;
use crate::session::Session;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use uuid::Uuid;
use vinculo_project::OrganizationUnit;
use vinculo_records::{
    Comparable, ComparableRecords, CustomerId, Kind, NormalizedView, RecordId, Standard, SurvivorshipRule,
};
use vinculo_store::verify::{Found, Snapshot, StoredCustomer, StoredMember, StoredValue};
use vinculo_store::{Model, NearbyRecord};

const GOLDEN: Rule = Rule {
    name: "golden_values",
    says: "The values of a customer, their lineage and their rules are those that its records give today.",
    of: "customers",
    names: "customer",
};
const SAID: Rule = Rule {
    name: "values_are_said",
    says: "Every value of a customer is said by the very version that its lineage names.",
    of: "values",
    names: "customer",
};
const JOINED: Rule = Rule {
    name: "customers_are_joined",
    says: "The records of a customer are held together by joins in force, and no join leads out of it.",
    of: "customers",
    names: "customer",
};
const IDENTIFIERS: Rule = Rule {
    name: "one_identifier_each",
    says: "No customer has records with two different valid values of an exclusive identifier.",
    of: "customers",
    names: "customer",
};
pub(super) const RULES: &[Rule] = &[GOLDEN, SAID, JOINED, IDENTIFIERS, keys::RULE];

/// Customers that are looked at together.
const BATCH: u32 = 4_000;
const CNPJ_ROOT: usize = "cnpj:".len() + 8;

/// What was found so far.
#[derive(Default)]
struct Findings {
    golden: Found,
    said: Found,
    joined: Found,
    identifiers: Found,
    found: Found,
}

/// What is wrong with one customer.
#[derive(Default)]
struct Verdict {
    /// Whether its golden values are others; none where they were not worked out.
    golden: Option<bool>,
    said: u64,
    unsaid: u64,
    apart: bool,
    /// Whether its records have two values of an exclusive identifier; none where they are not those that it was made of.
    excluded: Option<bool>,
}

struct Walk<'a> {
    session: &'a Session,
    sources: Sources<'a>,
    rules: GoldenRules,
    /// Exclusive identifiers of each kind.
    exclusive: [Vec<Comparable>; 2],
    /// Whether what is published follows the present settings and judgements.
    follows_settings: bool,
}

/// Looks at all customers.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn check(
    session: &Session,
    snapshot: &mut Snapshot,
    models: &[(Kind, Model)],
    deep: bool,
) -> Result<Vec<CheckReport>, OperationError> {
    let indexes = keys::indexes(snapshot, models).await?;
    let project = &session.bench.project;
    let rows = snapshot.sources().await?;
    let last = snapshot.last_resolution().await?;
    let judgements = Judgements::read(&session.store).await?;
    let follows_settings = last.is_some_and(|last| {
        last.program_version == env!("CARGO_PKG_VERSION")
            && settings_of(&last.config) == settings_of(&project.config_json())
            && last.judgement == judgements.last()
    });
    let walk = Walk {
        session,
        sources: Sources::read(session, &rows, &judgements).await?,
        rules: GoldenRules::new(project, &rows)?,
        exclusive: Kind::ALL.map(|kind| exclusive(kind, models)),
        follows_settings,
    };
    let mut findings = Findings::default();
    let mut after = CustomerId(Uuid::nil());
    loop {
        let customers = snapshot.customers(after, BATCH).await?;
        let Some(last) = customers.last() else { break };
        after = last.id;
        let ids: Vec<CustomerId> = customers.iter().map(|customer| customer.id).collect();
        let members = snapshot.members(&ids).await?;
        let records: Vec<RecordId> = members.iter().map(|member| member.record).collect();
        let joins = snapshot.joins(&records).await?;
        let batch = session.compute(|| walk.place(&members));
        for index in indexes.iter().filter(|_| follows_settings) {
            let published = batch.published(index.kind());
            index.check(session, snapshot, &published, deep, &mut findings.found).await?;
        }
        findings.add(&customers, session.compute(|| walk.look_at(&customers, &batch, &joins)));
    }
    Ok(findings.reports(follows_settings))
}

/// The settings that golden values hang on, as `vinculo.yaml` has them.
fn settings_of(config: &Value) -> Vec<Value> {
    let trusts = config["sources"].as_object().into_iter().flatten().map(|(name, source)| (name, &source["trust"]));
    let trusts: serde_json::Map<String, Value> = trusts.map(|(name, trust)| (name.clone(), trust.clone())).collect();
    let own = ["country", "attributes", "resolution", "survivorship"].map(|key| config[key].clone());
    own.into_iter().chain([Value::Object(trusts)]).collect()
}

/// The exclusive identifiers by which the newest model of a kind resolved.
fn exclusive(kind: Kind, models: &[(Kind, Model)]) -> Vec<Comparable> {
    let newest = models.iter().rev().filter(|(of, _)| *of == kind).find_map(|(_, model)| models::read(model));
    newest.map_or_else(Vec::new, |frozen| frozen.plan.exclusive)
}

impl Findings {
    fn add(&mut self, customers: &[StoredCustomer], verdicts: Vec<Verdict>) {
        for (customer, verdict) in customers.iter().zip(verdicts) {
            let id = customer.id.0;
            if let Some(is_other) = verdict.golden {
                note(&mut self.golden, id, is_other);
            }
            self.said.looked_at += verdict.said;
            if verdict.unsaid > 0 {
                self.said.add(id);
            }
            note(&mut self.joined, id, verdict.apart);
            if let Some(is_excluded) = verdict.excluded {
                note(&mut self.identifiers, id, is_excluded);
            }
        }
    }

    fn reports(self, follows_settings: bool) -> Vec<CheckReport> {
        let waiting = self.joined.looked_at - self.golden.looked_at;
        let note = if !follows_settings {
            Some(
                "vinculo.yaml, the program or a judgement is another than at the last resolution; `vinculo run` first"
                    .to_owned(),
            )
        } else if waiting > 0 {
            Some(format!("{waiting} customers have records that the next run publishes"))
        } else {
            None
        };
        vec![
            CheckReport::new(GOLDEN, self.golden, note),
            CheckReport::new(SAID, self.said, None),
            CheckReport::new(JOINED, self.joined, None),
            CheckReport::new(IDENTIFIERS, self.identifiers, None),
            CheckReport::new(keys::RULE, self.found, None),
        ]
    }
}

fn note(found: &mut Found, id: Uuid, is_broken: bool) {
    found.looked_at += 1;
    if is_broken {
        found.add(id);
    }
}

/// A member of a customer and its place in the population of its kind; none where it has no values.
type Placed<'a> = (&'a StoredMember, Option<(Kind, u32)>);

/// The records of some customers, in the columns of their kinds.
struct Batch<'a> {
    populations: [Population; 2],
    of_customer: FxHashMap<CustomerId, Vec<Placed<'a>>>,
}

impl Batch<'_> {
    /// The records of a kind of which customers were made as they are now.
    fn published(&self, kind: Kind) -> Population {
        let members = self.of_customer.values().flatten().filter(|(member, _)| member.is_published);
        let mut places: Vec<u32> =
            members.filter_map(|(_, place)| place.filter(|(of, _)| *of == kind).map(|(_, place)| place)).collect();
        places.sort_unstable();
        self.populations[kind as usize].select(&places)
    }
}

impl Walk<'_> {
    fn place<'m>(&self, members: &'m [StoredMember]) -> Batch<'m> {
        let mut populations = Kind::ALL.map(Population::new);
        let mut of_customer: FxHashMap<CustomerId, Vec<Placed<'m>>> = FxHashMap::default();
        for member in members {
            let place = member.normalized.as_ref().and_then(|normalized| {
                let nearby = NearbyRecord {
                    record: member.record,
                    version: member.version,
                    source: member.source,
                    source_key: member.source_key.clone(),
                    normalized: normalized.clone(),
                };
                self.sources.take(&nearby, &mut populations)
            });
            of_customer.entry(member.customer).or_default().push((member, place));
        }
        Batch { populations, of_customer }
    }

    fn look_at(
        &self,
        customers: &[StoredCustomer],
        Batch { populations, of_customer }: &Batch<'_>,
        joins: &[(RecordId, RecordId)],
    ) -> Vec<Verdict> {
        let mut joined: FxHashMap<RecordId, Vec<RecordId>> = FxHashMap::default();
        joins.iter().for_each(|(left, right)| joined.entry(*left).or_default().push(*right));
        let compared = [0, 1].map(|kind| comparables(&self.session.bench.project, &populations[kind]));
        let none = Vec::new();
        customers
            .par_iter()
            .map(|customer| {
                let members = of_customer.get(&customer.id).unwrap_or(&none);
                let kind = customer.kind as usize;
                Verdict {
                    apart: is_apart(members, &joined),
                    excluded: is_published(members).then(|| self.is_excluded(customer.kind, members, &compared[kind])),
                    ..self.values(customer, members, &populations[kind])
                }
            })
            .collect()
    }

    fn values(&self, customer: &StoredCustomer, members: &[Placed<'_>], population: &Population) -> Verdict {
        let mut verdict = Verdict::default();
        // What does not fit together is told by a check of its own.
        let Some(stored) = customer.values(&self.rules.attributes) else { return verdict };
        let places: Vec<u32> = places(customer.kind, members);
        let of_version: FxHashMap<_, _> =
            places.iter().map(|&place| (population.versions[place as usize], place as usize)).collect();
        for value in stored.iter().filter(|_| is_published(members)) {
            // A version that is no longer current has no normalized values to look at.
            let Some(&place) = of_version.get(&value.version) else { continue };
            verdict.said += 1;
            verdict.unsaid += u64::from(!is_said(value, population.packed.get(place)));
        }
        if self.follows_settings && is_published(members) {
            let (hash, golden) = golden(&self.rules, population, &places);
            let stored: Vec<Golden> =
                stored.into_iter().map(|value| (value.attribute, value.text, value.version, value.rule)).collect();
            let is_other = places.len() != members.len() || hash != customer.content_hash || golden != stored;
            verdict.golden = Some(is_other);
        }
        verdict
    }

    fn is_excluded(&self, kind: Kind, members: &[Placed<'_>], compared: &ComparableRecords) -> bool {
        let of_root = kind == Kind::Organization
            && self.session.bench.project.resolution.organization == OrganizationUnit::Company;
        self.exclusive[kind as usize].iter().any(|what| {
            let Some(column) = compared.column(*what) else { return false };
            let mut known: FxHashMap<&str, &str> = FxHashMap::default();
            places(kind, members).into_iter().any(|place| {
                let mut own: Vec<(&str, &str)> = column
                    .get(place as usize)
                    .map(|text| match (text.split_once(':'), what) {
                        (Some(("cnpj", _)), Comparable::TaxId) if of_root => {
                            ("cnpj", &text[..text.len().min(CNPJ_ROOT)])
                        }
                        (Some((of_type, _)), Comparable::TaxId) => (of_type, text),
                        _ => ("", text),
                    })
                    .collect();
                own.sort_unstable();
                own.dedup();
                // A record that names two values of a type names none.
                let twice: FxHashSet<&str> =
                    own.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0).collect();
                own.retain(|(of_type, _)| !twice.contains(of_type));
                own.into_iter().any(|(of_type, value)| *known.entry(of_type).or_insert(value) != value)
            })
        })
    }
}

/// Whether the customer was made of just these versions of its records.
fn is_published(members: &[Placed<'_>]) -> bool {
    members.iter().all(|(member, _)| member.is_published)
}

/// The places of those members that are of this kind.
fn places(kind: Kind, members: &[Placed<'_>]) -> Vec<u32> {
    members.iter().filter_map(|(_, place)| place.filter(|(of, _)| *of == kind).map(|(_, place)| place)).collect()
}

/// Whether joins do not hold all these records together, or lead elsewhere.
fn is_apart(members: &[Placed<'_>], joined: &FxHashMap<RecordId, Vec<RecordId>>) -> bool {
    let places: FxHashMap<RecordId, usize> =
        members.iter().enumerate().map(|(place, (member, _))| (member.record, place)).collect();
    let mut group: Vec<usize> = (0..members.len()).collect();
    let mut groups = members.len();
    for (left, rights) in places.keys().filter_map(|left| Some((left, joined.get(left)?))) {
        for right in rights {
            let Some(&right) = places.get(right) else { return true };
            let (one, other) = (group[places[left]], group[right]);
            if one != other {
                group.iter_mut().filter(|group| **group == other).for_each(|group| *group = one);
                groups -= 1;
            }
        }
    }
    groups > 1
}

const NAMES: [Standard; 7] = [
    Standard::Name,
    Standard::FullName,
    Standard::GivenName,
    Standard::MiddleName,
    Standard::FamilyName,
    Standard::LegalName,
    Standard::TradeName,
];

/// Whether a record says a value; of a name that is made of others, whether it says all its words.
fn is_said(value: &StoredValue, view: NormalizedView<'_>) -> bool {
    let is_name = |attribute| NAMES.iter().any(|name| attribute == (*name).into());
    if view.values().any(|said| said.attribute == value.attribute && said.text == value.text) {
        return true;
    }
    if !is_name(value.attribute) {
        return false;
    }
    let names: Vec<&str> = view.values().filter(|said| is_name(said.attribute)).map(|said| said.text).collect();
    if value.rule == SurvivorshipRule::Derived as u8 {
        let words: FxHashSet<&str> = names.iter().flat_map(|name| name.split_whitespace()).collect();
        return value.text.split_whitespace().all(|word| words.contains(word));
    }
    // The name to show is a name under another heading.
    value.attribute == Standard::Name.into() && names.contains(&value.text.as_str())
}
