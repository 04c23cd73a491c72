//! The invented world as it truly is: households and groups of companies, each a function of (seed, number).
//!
//! Nothing here is wrong or missing: errors come when a system records what it was told (see `recording`).

pub mod address;
pub mod company;
pub mod contact;
pub mod household;
pub mod naming;

use crate::chance::Chance;
use crate::settings::Settings;
use company::Group;
use household::Household;
use std::fmt;

/// Who a record truly speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// A person, by number.
    Person(u64),
    /// An establishment of a company, by number.
    Organization(u64),
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(number) => write!(f, "P{number:07}"),
            Self::Organization(number) => write!(f, "O{number:07}"),
        }
    }
}

/// What is generated as a whole, because its members have things in common.
#[derive(Debug)]
pub enum Unit {
    /// People who live together.
    Household(Box<Household>),
    /// A company with its branches and subsidiaries.
    Group(Box<Group>),
}

/// How many members a unit may have: entity numbers are `unit * MEMBERS_MAX + position`.
pub const MEMBERS_MAX: u64 = 8;

impl Unit {
    /// The unit of this number. Any of them can be had without those before it.
    pub fn at(settings: &Settings, number: u64) -> Self {
        if is_group(settings, number) {
            Self::Group(Box::new(Group::at(settings, number)))
        } else {
            Self::Household(Box::new(Household::at(settings, number)))
        }
    }
}

fn is_group(settings: &Settings, number: u64) -> bool {
    Chance::new(settings.seed, "kind of unit", number).hits(settings.organizations)
}

/// A company where somebody may work: the first group at or after this number, if there is one near.
fn workplace(settings: &Settings, number: u64) -> Option<Group> {
    const NEAR: u64 = 64;
    let group = (number..number + NEAR).find(|&number| is_group(settings, number))?;
    Some(Group::at(settings, group))
}
