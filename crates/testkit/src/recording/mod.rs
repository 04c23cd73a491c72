//! What a system holds of a person or a company: some truth, some of it old, some missing, some wrong.

pub mod habits;
pub mod organization;
pub mod person;
pub mod place;

use crate::chance::Chance;
use crate::day::{Day, Moment};
use crate::errors::names::WrittenName;
use crate::settings::Settings;
use crate::world::{Entity, Unit};
use habits::Habits;
use place::WrittenPlace;

/// One record of one system, before it is put into that system's format. An empty text is a missing value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who it truly speaks of.
    pub entity: Entity,
    /// A person's name.
    pub name: WrittenName,
    /// An organization's registered name.
    pub legal_name: String,
    /// An organization's trade name.
    pub trade_name: String,
    /// The tax identifier, with or without points.
    pub tax_id: String,
    /// The day of birth, which no calendar need have.
    pub birth: Option<Day>,
    /// F, M or nothing.
    pub sex: &'static str,
    /// The mother's name.
    pub mother: String,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Phone numbers, as written.
    pub phones: Vec<String>,
    /// An organization's website.
    pub website: String,
    /// The address.
    pub place: WrittenPlace,
    /// When it was last written.
    pub updated_at: Moment,
}

impl Entry {
    /// Whether it speaks of an organization.
    pub fn is_organization(&self) -> bool {
        matches!(self.entity, Entity::Organization(_))
    }

    /// The name in one line: a person's whole name, an organization's registered one.
    pub fn whole_name(&self) -> String {
        if self.is_organization() { self.legal_name.clone() } else { self.name.whole() }
    }
}

/// Everything that these systems hold of this unit, with the position of the system.
pub fn entries_of(settings: &Settings, number: u64, systems: &[Habits]) -> Vec<(usize, Entry)> {
    let mut entries = Vec::new();
    let unit = Unit::at(settings, number);
    let chance = &mut Chance::new(settings.seed, "recording", number);
    match &unit {
        Unit::Household(household) => {
            for member in 0..household.members.len() {
                // Not everybody in a household is a customer.
                if !chance.hits(if member < 2 { 720 } else { 560 }) {
                    continue;
                }
                for (system, habits) in systems.iter().enumerate() {
                    for _ in 0..habits.persons.draw(chance) {
                        let entry = person::record(household, member, habits, &settings.rates, chance);
                        entries.push((system, entry));
                    }
                }
            }
        }
        Unit::Group(group) => {
            for establishment in &group.establishments {
                for (system, habits) in systems.iter().enumerate() {
                    for _ in 0..habits.organizations.draw(chance) {
                        let entry = organization::record(establishment, habits, &settings.rates, chance);
                        entries.push((system, entry));
                    }
                }
            }
        }
    }
    entries
}

/// Whether a value is missing: by the system's habit, or by the settings on top of it.
fn missing(habit: u32, settings: u32, chance: &mut Chance) -> bool {
    chance.hits(habit) || chance.hits(settings)
}
