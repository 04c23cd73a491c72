//! How telling a shared value is: of the pairs of records that share it and say who they are, how many are one.
//!
//! A value proves itself. Two records of one rare name are one firm; of two that are called `Estrela Embalagens` nobody
//! knows. A direct line belongs to one branch, a switchboard to all of them. Among the records that share a value some
//! state a tax identifier, the number of their house or a website, and these say how often sharing it means being one:
//!
//! `W(v) = log2((same + p) ∕ (other + 1 − p))`, with `p` the share of the same among values that as many records hold.

use super::contrasts::{Contrast, ContrastCounts, ContrastWeights, Contrasts};
use super::said::Said;
use crate::comparison::phone::tail;
use crate::encoding::{Encoded, both, mix, stable_hash};
use crate::hash_list;
use crate::model::log_weight;
use crate::packed_list;
use crate::plan::OrganizationUnit;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vinculo_records::Comparable;

/// The weight of a value that nothing speaks against, and of the most telling one, in thousandths of a bit.
pub(super) const MOST: i32 = 5_600;
/// The least weight of a value.
const LEAST: i32 = -6_000;
/// How many pairs, all but a fiftieth of them the same, are believed before any was seen.
const BELIEVED: u64 = 20;
const BELIEVED_SAME: u64 = 980;
/// How many of so many strangers with a contact and an address in common are believed one.
const BELIEVED_ONE: u64 = 5;
/// What a contact and an address are worth together against names that have nothing in common, in thousandths of a bit.
const CONTACT_AND_ADDRESS: i32 = 3_000;
/// Of the records that share a value so many are looked at, those with the least hashes.
const SHARING_MAX: usize = 48;
const CNPJ: &[u8] = b"cnpj:";
const CNPJ_ROOT: usize = CNPJ.len() + 8;

/// What is shared; values of different kinds never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shared {
    Name,
    Phone,
    Email,
    Site,
}

const KINDS: usize = 4;
/// Groups of values by how many records hold them: 2 and 3, 4 to 7 …
const SIZES: usize = 9;

/// What it means to share a value, and to share none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellingTable {
    /// The values that are less telling than they might be, by key.
    #[serde(with = "packed_list")]
    values: Vec<(u64, Worth)>,
    /// What tells records of one name apart.
    apart: ContrastWeights,
    /// What names without anything in common say where contacts agree, in thousandths of a bit.
    strangers: i32,
}

/// How telling it is to share a value, in thousandths of a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Worth {
    to_all: i32,
    /// For two records that state who they are. They are no witnesses in their own case: where nobody else is, they are told
    /// what other values of the kind have shown.
    to_witnesses: i32,
}

impl Worth {
    /// Of a value that nothing speaks against.
    pub(super) const MOST: Self = Self { to_all: MOST, to_witnesses: MOST };

    /// The worth to two records, which may state who they are.
    pub(super) fn to(self, witnesses: bool) -> i32 {
        if witnesses { self.to_witnesses } else { self.to_all }
    }
}

/// A value that a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Holding {
    kind: u8,
    hash: u64,
    rank: u32,
}

/// Pairs of records that share a value and state who they are.
#[derive(Debug, Clone, Copy, Default)]
struct Pairs {
    same: u64,
    all: u64,
    /// What those that share a name differ in.
    apart: ContrastCounts,
    strangers: Strangers,
}

/// Pairs of records at one place whose names have nothing in common, though they share a contact, and who state tax
/// identifiers: two firms of one building, or a firm under its registered and its trade name.
#[derive(Debug, Clone, Copy, Default)]
struct Strangers {
    same: u64,
    all: u64,
}

impl TellingTable {
    pub(super) fn train(records: &Encoded, said: &Said, unit: OrganizationUnit) -> Self {
        let who = || (Identities::new(records, said, unit), Contrasts::new(records, said));
        let ((identities, contrasts), values) = both(records.len(), who, || Holdings::new(records, said));
        let mut all: Vec<Holding> = values.all().collect();
        all.par_sort_unstable();
        let mut groups: Vec<&[Holding]> = all.chunk_by(|a, b| (a.kind, a.hash) == (b.kind, b.hash)).collect();
        groups.retain(|group| group.len() > 1);
        let counted: Vec<(&[Holding], Pairs)> =
            groups.into_par_iter().map(|group| (group, count_pairs(group, &identities, &values, &contrasts))).collect();
        let mut shares = [[(BELIEVED * BELIEVED_SAME, BELIEVED); SIZES]; KINDS];
        let mut apart = ContrastCounts::believed();
        let strangers = counted.iter().map(|(_, pairs)| pairs.strangers).fold(Strangers::default(), Strangers::add);
        for (group, pairs) in counted.iter().filter(|(_, pairs)| pairs.all > 0) {
            let (sum, count) = &mut shares[usize::from(group[0].kind)][size(group.len())];
            *sum += 1_000 * pairs.same / pairs.all;
            *count += 1;
            apart.add(&pairs.apart);
        }
        let weight = |(group, pairs): &(&[Holding], Pairs)| {
            let (sum, count) = shares[usize::from(group[0].kind)][size(group.len())];
            (key(group[0].kind, group[0].hash), pairs.worth(sum as f64 / count as f64 / 1_000.0))
        };
        let mut values: Vec<(u64, Worth)> =
            counted.par_iter().map(weight).filter(|(_, worth)| *worth != Worth::MOST).collect();
        values.par_sort_unstable();
        Self { values, apart: apart.weights(), strangers: strangers.weight() }
    }

    /// What tells records of one name apart.
    pub(super) fn apart(&self) -> ContrastWeights {
        self.apart
    }

    /// What names without anything in common say where contacts agree, in thousandths of a bit.
    pub(super) fn strangers(&self) -> i32 {
        self.strangers
    }

    /// How telling a value is.
    pub(super) fn worth(&self, kind: Shared, hash: u64) -> Worth {
        let key = key(kind as u8, hash);
        hash_list::find(&self.values, key, |entry| entry.0).map_or(Worth::MOST, |entry| entry.1)
    }
}

fn key(kind: u8, hash: u64) -> u64 {
    mix(hash, u64::from(kind))
}

fn size(records: usize) -> usize {
    (records.ilog2() as usize - 1).min(SIZES - 1)
}

impl Pairs {
    fn worth(self, share: f64) -> Worth {
        let weight = |same: u64, other: u64| {
            (log_weight(same as f64 + share) - log_weight(other as f64 + 1.0 - share)).clamp(LEAST, MOST)
        };
        let to_all = weight(self.same, self.all - self.same);
        Worth { to_all, to_witnesses: if self.all == 1 { weight(0, 0) } else { to_all } }
    }
}

impl Strangers {
    fn add(self, more: Self) -> Self {
        Self { same: self.same + more.same, all: self.all + more.all }
    }

    /// What is left of a contact and an address where the names have nothing in common.
    fn weight(self) -> i32 {
        let (same, other) = (self.same + BELIEVED_ONE, self.all - self.same + BELIEVED - BELIEVED_ONE);
        (log_weight(same as f64) - log_weight(other as f64) - CONTACT_AND_ADDRESS).clamp(LEAST, 0)
    }
}

/// The values of all records that may be shared, by rank; those of a record by kind and hash.
struct Holdings {
    offsets: Vec<u32>,
    values: Vec<(u8, u64)>,
}

impl Holdings {
    fn new(records: &Encoded, said: &Said) -> Self {
        let Said { names, own_names: own, sites } = said;
        let meanings: Vec<u64> = (0..names.len() as u32).into_par_iter().map(|name| names.meaning(name)).collect();
        let phone = records.column(Comparable::Phone);
        let emails = [Comparable::Email, Comparable::SharedEmail].map(|what| records.column(what));
        let mut all = Self { offsets: vec![0], values: Vec::new() };
        for rank in 0..records.len() as u32 {
            let from = all.values.len();
            all.values.extend(own.of(rank).iter().map(|&name| (Shared::Name as u8, meanings[name as usize])));
            all.values.extend(sites.of(rank).iter().map(|site| (Shared::Site as u8, site.name)));
            if let Some(column) = phone {
                let number = |&value: &u32| phone_hash(records.dictionary(column).bytes(value));
                all.values
                    .extend(records.values(rank, column).iter().map(|value| (Shared::Phone as u8, number(value))));
            }
            for column in emails.into_iter().flatten() {
                let address = |&value: &u32| records.dictionary(column).hash(value);
                all.values
                    .extend(records.values(rank, column).iter().map(|value| (Shared::Email as u8, address(value))));
            }
            all.values[from..].sort_unstable();
            all.offsets.push(all.values.len() as u32);
        }
        all
    }

    fn of(&self, rank: u32) -> &[(u8, u64)] {
        &self.values[self.offsets[rank as usize] as usize..self.offsets[rank as usize + 1] as usize]
    }

    fn all(&self) -> impl ParallelIterator<Item = Holding> {
        (0..self.offsets.len() as u32 - 1).into_par_iter().flat_map_iter(|rank| {
            let of_record = self.of(rank).chunk_by(|one, other| one == other);
            of_record.map(move |same| Holding { kind: same[0].0, hash: same[0].1, rank })
        })
    }

    /// Whether two records share a value of a kind; nothing where one states none.
    fn share(&self, a: u32, b: u32, kind: usize) -> Option<bool> {
        let of = |rank: u32| self.of(rank).iter().filter(move |(own, _)| usize::from(*own) == kind);
        (of(a).next().is_some() && of(b).next().is_some()).then(|| of(a).any(|one| of(b).any(|other| one == other)))
    }
}

/// Counts the pairs of one name among the records that share a value.
fn count_pairs(group: &[Holding], identities: &Identities, values: &Holdings, contrasts: &Contrasts<'_>) -> Pairs {
    let mut pairs = Pairs::default();
    let of_names = group[0].kind == Shared::Name as u8;
    // Whoever shares an e-mail address shares its domain as well.
    let by_site = of_names || group[0].kind == Shared::Phone as u8;
    let sharing = &group[..group.len().min(SHARING_MAX)];
    for (at, one) in sharing.iter().enumerate() {
        for other in &sharing[at + 1..] {
            let (a, b) = (one.rank as usize, other.rank as usize);
            let stated = identities.are_one(a, b);
            let Some(same) = stated.or_else(|| by_site.then(|| identities.share_site(a, b)).flatten()) else {
                continue;
            };
            if !of_names && values.share(one.rank, other.rank, Shared::Name as usize) == Some(false) {
                if let Some(same) = identities.are_one_by_code_in_one_house(a, b)
                    && contrasts.are_strangers(one.rank, other.rank)
                {
                    pairs.strangers = pairs.strangers.add(Strangers { same: u64::from(same), all: 1 });
                }
                continue;
            }
            pairs.all += 1;
            pairs.same += u64::from(same);
            if of_names {
                let mut shown = contrasts.shown(one.rank, other.rank);
                if stated.is_none() {
                    // Websites cannot show what they have told.
                    for of_domains in [Contrast::Sites, Contrast::Emails] {
                        shown[of_domains as usize] = None;
                    }
                }
                pairs.apart.count(same, shown);
            }
        }
    }
    pairs
}

/// A phone number is known by its last digits.
pub(super) fn phone_hash(number: &[u8]) -> u64 {
    stable_hash(tail(number))
}

/// In which ways each record says who it is.
#[derive(Debug)]
pub(super) struct Witnesses(Vec<u8>);

impl Witnesses {
    pub(super) fn new(records: &Encoded, said: &Said, unit: OrganizationUnit) -> Self {
        let Identities { tax, house, street, site } = Identities::new(records, said, unit);
        let ways = |rank: usize| {
            let said = [tax[rank], house[rank], street[rank], site[rank]].map(|who| u8::from(who != UNSAID));
            said.into_iter().fold(0, |ways, said| ways << 1 | said)
        };
        Self((0..records.len()).map(ways).collect())
    }

    /// Whether two records say it in one way, so that they tell whether they are one.
    pub(super) fn are_witnesses(&self, a: u32, b: u32) -> bool {
        self.0[a as usize] & self.0[b as usize] != 0
    }
}

/// Who each record says it is: by tax identifier, else by its house number or street, else by its website.
struct Identities {
    tax: Vec<u64>,
    house: Vec<u64>,
    street: Vec<u64>,
    site: Vec<u64>,
}

/// Stands for a record that does not say.
const UNSAID: u64 = 0;

impl Identities {
    fn new(records: &Encoded, said: &Said, unit: OrganizationUnit) -> Self {
        let part: fn(&[u8]) -> &[u8] = match unit {
            OrganizationUnit::Establishment => |id| id,
            OrganizationUnit::Company => |id| if id.starts_with(CNPJ) { &id[..id.len().min(CNPJ_ROOT)] } else { id },
        };
        let of_values = |what: Comparable, hash: &dyn Fn(&[u32], usize) -> u64| -> Vec<u64> {
            let Some(column) = records.column(what) else {
                return vec![UNSAID; records.len()];
            };
            (0..records.len() as u32).map(|rank| hash(records.values(rank, column), column)).collect()
        };
        let only = |values: &[u32], column: usize| match values {
            &[value] => stable_hash(part(records.dictionary(column).bytes(value))),
            _ => UNSAID,
        };
        let all = |values: &[u32], _| values.iter().fold(UNSAID, |hash, &word| mix(hash, u64::from(word)));
        let place = |what, hash: &dyn Fn(&[u32], usize) -> u64| match unit {
            OrganizationUnit::Establishment => of_values(what, hash),
            // The branches of a company are one, wherever they are.
            OrganizationUnit::Company => vec![UNSAID; records.len()],
        };
        let site = |rank| {
            let sites = said.sites.of(rank);
            let is_one = sites.iter().all(|site| site.name == sites[0].name);
            sites.iter().find(|site| is_one && site.stated).map_or(UNSAID, |site| site.name)
        };
        Self {
            tax: of_values(Comparable::TaxId, &only),
            house: place(Comparable::HouseNumber, &all),
            street: place(Comparable::Street, &all),
            site: (0..records.len() as u32).map(site).collect(),
        }
    }

    /// Whether two records say that they are one; nothing if one of them does not say.
    fn are_one(&self, a: usize, b: usize) -> Option<bool> {
        let compare = |who: &[u64]| (who[a] != UNSAID && who[b] != UNSAID).then(|| who[a] == who[b]);
        compare(&self.tax).or_else(|| match (compare(&self.house), compare(&self.street)) {
            (None, street) => street,
            (house, street) => house.max(street),
        })
    }

    /// Whether two records of one house state one tax identifier; nothing where one states none, or another house.
    fn are_one_by_code_in_one_house(&self, a: usize, b: usize) -> Option<bool> {
        let says = |who: &[u64]| who[a] != UNSAID && who[b] != UNSAID;
        let in_one_house = says(&self.house) && self.house[a] == self.house[b] && self.street[a] == self.street[b];
        (in_one_house && says(&self.tax)).then(|| self.tax[a] == self.tax[b])
    }

    /// Whether they state one website; nothing if one of them states none, or has further domains.
    fn share_site(&self, a: usize, b: usize) -> Option<bool> {
        (self.site[a] != UNSAID && self.site[b] != UNSAID).then(|| self.site[a] == self.site[b])
    }
}
