//! The lists that the world is drawn from; `data/README.md` tells where they come from.

use crate::chance::Weights;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A given name.
#[derive(Debug)]
pub struct GivenName {
    /// As it is written, with accents.
    pub text: &'static str,
    /// How many of a thousand million people of this sex bear it.
    pub share: u64,
    /// What friends call its bearers.
    pub nicknames: Vec<&'static str>,
}

/// A surname.
#[derive(Debug)]
pub struct Surname {
    /// As it is written, without a particle.
    pub text: &'static str,
    /// The particle that usually stands before it, if any.
    pub particle: Option<&'static str>,
    /// How many of a thousand million surnames are this one.
    pub share: u64,
}

/// A city, or a part of one with postal codes of its own.
#[derive(Debug)]
pub struct City {
    /// Its name.
    pub name: &'static str,
    /// Its state, as two letters; empty outside Brazil.
    pub region: &'static str,
    /// Its telephone area code; 0 outside Brazil.
    pub area_code: u32,
    /// The first five digits of its first postal code.
    pub first_cep: u32,
    /// The first five digits of its last postal code.
    pub last_cep: u32,
    /// Inhabitants, in thousands.
    pub inhabitants: u64,
}

/// Things to draw from, with their weights.
#[derive(Debug)]
pub struct Drawn<T> {
    /// The things.
    pub items: Vec<T>,
    /// How likely each is.
    pub weights: Weights,
}

/// All lists.
#[derive(Debug)]
pub struct Vocabulary {
    /// Given names of women.
    pub female: Drawn<GivenName>,
    /// Given names of men.
    pub male: Drawn<GivenName>,
    /// Surnames.
    pub surnames: Drawn<Surname>,
    /// Cities of Brazil.
    pub cities: Drawn<City>,
    /// Kind and name of streets that every city has.
    pub streets: Vec<(&'static str, &'static str)>,
    /// Districts that every city has.
    pub districts: Vec<&'static str>,
    /// Lines of trade.
    pub trades: Vec<&'static str>,
    /// Brands of companies.
    pub brands: Vec<&'static str>,
    /// Legal forms; the frequent ones stand several times.
    pub forms: Vec<&'static str>,
    /// What the name of a subsidiary adds to its parent's.
    pub subsidiaries: Vec<&'static str>,
}

/// The lists, read once.
pub static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(read);

fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        std::array::from_fn(|_| cells.next().expect("a list of the testkit lacks a column"))
    })
}

fn number(cell: &str) -> u64 {
    cell.parse().expect("a list of the testkit holds a bad number")
}

fn read() -> Vocabulary {
    let words = |role: &str| {
        rows::<2>(include_str!("../data/company_words.csv"))
            .filter(|[cell, _]| *cell == role)
            .map(|[_, word]| word)
            .collect()
    };
    Vocabulary {
        female: given_names("F"),
        male: given_names("M"),
        surnames: surnames(),
        cities: cities(),
        streets: rows::<2>(include_str!("../data/streets.csv")).map(|[kind, name]| (kind, name)).collect(),
        districts: rows::<1>(include_str!("../data/districts.csv")).map(|[name]| name).collect(),
        trades: words("trade"),
        brands: words("brand"),
        forms: words("form"),
        subsidiaries: words("subsidiary"),
    }
}

fn given_names(sex: &str) -> Drawn<GivenName> {
    let nicknames: HashMap<&str, Vec<&'static str>> = rows::<2>(include_str!("../data/nicknames.csv"))
        .map(|[name, nicknames]| (name, nicknames.split('|').collect()))
        .collect();
    let counted: Vec<(&'static str, u64)> = rows::<3>(include_str!("../data/given_names.csv"))
        .filter(|row| row[1] == sex)
        .map(|[text, _, count]| (text, number(count)))
        .collect();
    let weights = Weights::new(counted.iter().map(|&(_, count)| count));
    let items = counted.into_iter().map(|(text, count)| GivenName {
        text,
        share: count * 1_000_000_000 / weights.total(),
        nicknames: nicknames.get(text).cloned().unwrap_or_default(),
    });
    Drawn { items: items.collect(), weights }
}

fn surnames() -> Drawn<Surname> {
    let weighted: Vec<[&'static str; 3]> = rows(include_str!("../data/surnames.csv")).collect();
    let weights = Weights::new(weighted.iter().map(|row| number(row[2])));
    let items = weighted.into_iter().map(|[text, particle, weight]| Surname {
        text,
        particle: (!particle.is_empty()).then_some(particle),
        share: number(weight) * 1_000_000_000 / weights.total(),
    });
    Drawn { items: items.collect(), weights }
}

fn cities() -> Drawn<City> {
    let cities =
        rows::<6>(include_str!("../data/cities.csv")).map(|[name, region, area_code, first, last, weight]| City {
            name,
            region,
            area_code: number(area_code) as u32,
            first_cep: number(first) as u32,
            last_cep: number(last) as u32,
            inhabitants: number(weight),
        });
    let items: Vec<City> = cities.collect();
    let weights = Weights::new(items.iter().map(|city| city.inhabitants));
    Drawn { items, weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_read_whole() {
        let lists = &*VOCABULARY;
        assert_eq!(lists.female.items.len() + lists.male.items.len(), 1500);
        assert_eq!(lists.surnames.items.len(), 810);
        assert!(lists.cities.items.iter().all(|city| city.first_cep <= city.last_cep));
        for words in [&lists.trades, &lists.brands, &lists.forms, &lists.subsidiaries] {
            assert!(!words.is_empty());
        }
    }

    #[test]
    fn every_nickname_belongs_to_a_name_of_the_list() {
        let known: usize = rows::<2>(include_str!("../data/nicknames.csv")).count();
        let names = VOCABULARY.female.items.iter().chain(&VOCABULARY.male.items);
        let found: std::collections::HashSet<_> =
            names.filter(|name| !name.nicknames.is_empty()).map(|name| name.text).collect();
        assert_eq!(found.len(), known);
    }
}
