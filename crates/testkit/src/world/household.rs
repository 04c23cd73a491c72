//! Households: singles, couples, parents and children, with what they share.

use super::address::Address;
use super::contact;
use super::naming::{self, FamilyName, PersonName, Sex};
use super::{Entity, MEMBERS_MAX, workplace};
use crate::chance::{Chance, Weights, spread};
use crate::day::{Day, Moment};
use crate::identifiers;
use crate::settings::Settings;
use std::sync::LazyLock;

/// A person, as she or he truly is.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who it is.
    pub entity: Entity,
    /// Woman or man.
    pub sex: Sex,
    /// The name of today.
    pub name: PersonName,
    /// The surnames of before the marriage, and when they changed.
    pub maiden: Option<(Vec<FamilyName>, Moment)>,
    /// Day of birth.
    pub birth: Day,
    /// The mother's whole name.
    pub mother: String,
    /// The CPF; the NIF of a Portuguese. Digits only.
    pub tax_id: String,
    /// The mobile number of today, digits only.
    pub mobile: String,
    /// The mobile number of before the household moved.
    pub previous_mobile: String,
    /// E-mail addresses, the main one first; none for some.
    pub emails: Vec<String>,
    /// The phone of the place where the person works, for the few who give it.
    pub work_phone: Option<String>,
}

/// People who live together.
#[derive(Debug, Clone)]
pub struct Household {
    /// The members, parents first; at most [`MEMBERS_MAX`].
    pub members: Vec<Person>,
    /// Where they live.
    pub home: Address,
    /// The landline of today, if they have one.
    pub landline: Option<String>,
    /// Where they lived before, with the landline of there, and when they moved.
    pub previous: Option<(Address, Option<String>, Moment)>,
}

/// Birth years of adults: first year of five, weight by the age pyramid of the census of 2022, in tenths of a percent.
const PYRAMID: [(u32, u64); 13] = [
    (1940, 22),
    (1945, 30),
    (1950, 42),
    (1955, 55),
    (1960, 66),
    (1965, 76),
    (1970, 85),
    (1975, 96),
    (1980, 108),
    (1985, 107),
    (1990, 106),
    (1995, 108),
    (2000, 99),
];
static PYRAMID_WEIGHTS: LazyLock<Weights> = LazyLock::new(|| Weights::new(PYRAMID.iter().map(|&(_, weight)| weight)));
/// The youngest customers were born in this year.
const YOUNGEST: u32 = 2010;
/// Of a thousand households, those in Portugal.
const PORTUGUESE: u32 = 4;

impl Household {
    /// The household of this number.
    pub fn at(settings: &Settings, number: u64) -> Self {
        let chance = &mut Chance::new(settings.seed, "household", number);
        let home = if chance.hits(PORTUGUESE) {
            Address::in_portugal(settings.seed, chance)
        } else {
            Address::in_brazil(settings.seed, chance)
        };
        let previous = chance.hits(settings.rates.moved).then(|| previous_home(settings, number, &home, chance));
        let landline = chance.hits(450).then(|| contact::landline(home.area_code, 2 * number));
        let mut building = Building {
            settings,
            number,
            home: &home,
            moved_from: previous.as_ref().map_or(home.area_code, |(address, _, _)| address.area_code),
            members: Vec::new(),
        };
        building.people(chance);
        let mut members = building.members;
        share_contacts(settings, &mut members, chance);
        Self { members, home, landline, previous }
    }
}

/// Most people move within their city; a few keep the address in another one.
fn previous_home(
    settings: &Settings,
    number: u64,
    home: &Address,
    chance: &mut Chance,
) -> (Address, Option<String>, Moment) {
    let address = match home.city_position() {
        Some(city) if chance.hits(750) => Address::in_city(settings.seed, city, chance),
        _ => Address::in_brazil(settings.seed, chance),
    };
    let landline = chance.hits(500).then(|| contact::landline(address.area_code, 2 * number + 1));
    (address, landline, moment(chance))
}

fn moment(chance: &mut Chance) -> Moment {
    Moment(chance.between(Moment::FIRST.0, Moment::LAST.0))
}

/// Some families give one mobile number, or one e-mail address, for several of them.
fn share_contacts(settings: &Settings, members: &mut [Person], chance: &mut Chance) {
    let Some((first, others)) = members.split_first_mut() else {
        return;
    };
    for other in others {
        if chance.hits(settings.rates.shared_contact) {
            other.mobile.clone_from(&first.mobile);
        }
        if chance.hits(settings.rates.shared_contact / 2) {
            other.emails.clone_from(&first.emails);
        }
    }
}

/// A household whose members are being drawn.
struct Building<'a> {
    settings: &'a Settings,
    number: u64,
    home: &'a Address,
    moved_from: u32,
    members: Vec<Person>,
}

impl Building<'_> {
    /// Draws who lives here: 36 % alone, 20 % couples, 36 % families with children, 8 % mothers with children.
    fn people(&mut self, chance: &mut Chance) {
        let composition = chance.below(100);
        let year = PYRAMID[PYRAMID_WEIGHTS.pick(chance)].0 + chance.between(0, 4);
        match composition {
            0..36 => {
                let sex = chance.pick(&[Sex::Female, Sex::Male]);
                self.adult(sex, year, chance);
            }
            36..56 => self.couple(year, chance),
            56..92 => {
                let year = year.min(1990);
                self.couple(year, chance);
                self.children(year, chance);
            }
            _ => {
                let year = year.min(1990);
                self.adult(Sex::Female, year, chance);
                self.children(year, chance);
            }
        }
    }

    fn adult(&mut self, sex: Sex, birth_year: u32, chance: &mut Chance) {
        let mut name = if chance.hits(self.settings.rates.namesake) {
            self.name_of_another(sex, chance)
        } else {
            naming::person_name(sex, naming::family_names(chance), chance)
        };
        if sex == Sex::Male && chance.hits(25) {
            name.suffix = Some(chance.pick(&["Filho", "Júnior", "Neto"]));
        }
        let mother_family = vec![naming::family_name(chance), name.family[0].clone()];
        let mother = naming::person_name(Sex::Female, mother_family, chance).whole();
        let birth = birthday(birth_year, chance);
        self.join(sex, name, birth, mother, chance);
    }

    /// A whole name out of a small stock, so that strangers bear it too.
    fn name_of_another(&self, sex: Sex, chance: &mut Chance) -> PersonName {
        let number = chance.below(1 + self.settings.population() / 400);
        let stock = &mut Chance::new(self.settings.seed, "namesakes", number);
        naming::person_name(sex, naming::family_names(stock), stock)
    }

    fn couple(&mut self, birth_year: u32, chance: &mut Chance) {
        self.adult(Sex::Male, birth_year, chance);
        let wife_year = (birth_year + chance.between(0, 8)).saturating_sub(3).min(2004);
        self.adult(Sex::Female, wife_year, chance);
        let [husband, wife] = &mut self.members[..] else {
            return;
        };
        let taken = husband.name.family.last().expect("everybody has a surname").clone();
        if chance.hits(self.settings.rates.married_name) {
            let maiden = wife.name.family.clone();
            if maiden.len() > 1 && chance.hits(500) {
                wife.name.family.pop();
            }
            wife.name.family.push(taken);
            wife.maiden = Some((maiden, moment(chance)));
        }
    }

    fn children(&mut self, parent_year: u32, chance: &mut Chance) {
        let rates = self.settings.rates;
        let family = self.family_of_children();
        let mother = self.members.iter().find(|member| member.sex == Sex::Female);
        let mother = mother.map(|mother| mother.name.whole()).unwrap_or_default();
        let count = 1 + chance.below(3).min(chance.below(4));
        let twins = chance.hits(rates.twins);
        let count = if twins { count.max(2) } else { count };
        let mut juniors = u32::from(chance.hits(rates.junior));
        for child in 0..count {
            let sex = chance.pick(&[Sex::Female, Sex::Male]);
            let first_twin = (twins && child == 1).then(|| self.members.last().cloned()).flatten();
            let (name, birth) = match (first_twin, self.members.first()) {
                (Some(twin), _) => (naming::twin_name(sex, &twin.name, chance), twin.birth),
                (None, Some(father)) if sex == Sex::Male && father.sex == Sex::Male && juniors > 0 => {
                    juniors = 0;
                    let mut name = father.name.clone();
                    name.suffix = Some(chance.pick(&["Filho", "Júnior", "Júnior"]));
                    (name, birthday(child_year(parent_year, chance), chance))
                }
                _ => {
                    let birth = birthday(child_year(parent_year, chance), chance);
                    (naming::person_name(sex, family.clone(), chance), birth)
                }
            };
            self.join(sex, name, birth, mother.clone(), chance);
        }
    }

    /// One surname of the mother's own, then the father's; the mother's where she is alone.
    fn family_of_children(&self) -> Vec<FamilyName> {
        let last = |person: &Person| person.name.family.last().cloned();
        let own = |person: &Person| {
            let own = person.maiden.as_ref().map_or(&person.name.family, |(maiden, _)| maiden);
            own.last().cloned()
        };
        match &self.members[..] {
            [father, mother] => own(mother).into_iter().chain(last(father)).collect(),
            [mother] => mother.name.family.clone(),
            _ => Vec::new(),
        }
    }

    fn join(&mut self, sex: Sex, name: PersonName, birth: Day, mother: String, chance: &mut Chance) {
        let number = self.number * MEMBERS_MAX + self.members.len() as u64;
        let portuguese = self.home.country == "PT";
        let workplace_near = chance.below(1 + self.settings.population() / 4);
        let works = chance.hits(20).then(|| workplace(self.settings, workplace_near)).flatten();
        self.members.push(Person {
            entity: Entity::Person(number),
            sex,
            maiden: None,
            birth,
            mother,
            tax_id: if portuguese {
                identifiers::nif(200_000_000 / 10 + spread(number, 10_000_000) as u32)
            } else {
                identifiers::cpf(spread(number, 1_000_000_000) as u32)
            },
            mobile: contact::mobile(self.home.area_code, 2 * number),
            previous_mobile: contact::mobile(self.moved_from, 2 * number + 1),
            emails: emails(&name, birth.year, self.settings.population(), chance),
            work_phone: works.map(|group| group.switchboard),
            name,
        });
    }
}

fn emails(name: &PersonName, birth_year: u32, population: u64, chance: &mut Chance) -> Vec<String> {
    let count = match chance.below(100) {
        0..8 => 0,
        8..78 => 1,
        _ => 2,
    };
    (0..count).map(|_| contact::email(name, birth_year, population, chance)).collect()
}

fn child_year(parent_year: u32, chance: &mut Chance) -> u32 {
    (parent_year + chance.between(20, 36)).min(YOUNGEST)
}

fn birthday(year: u32, chance: &mut Chance) -> Day {
    let month = chance.between(1, 12);
    let last = match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    Day { year, month, day: chance.between(1, last) }
}
