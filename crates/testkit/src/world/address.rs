//! Where people live and companies have their seat.

use crate::chance::{Chance, mix};
use crate::vocabulary::{City, VOCABULARY};

/// Cities of Portugal: their "area code" is 0, their postal codes have seven digits.
const PORTUGAL: [City; 2] = [portuguese("Lisboa", 1000, 1990), portuguese("Porto", 4000, 4390)];

const fn portuguese(name: &'static str, first_cep: u32, last_cep: u32) -> City {
    City { name, region: "", area_code: 0, first_cep, last_cep, inhabitants: 500 }
}

/// An address as the post knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Rua, Avenida …
    pub street_kind: &'static str,
    /// The street's name without its kind.
    pub street: String,
    /// The number of the house.
    pub number: u32,
    /// Apartment, back house, shop; empty for most.
    pub complement: String,
    /// District.
    pub district: &'static str,
    /// Name of the city.
    pub city: &'static str,
    /// State; empty in Portugal.
    pub region: &'static str,
    /// `00000-000` in Brazil, `0000-000` in Portugal.
    pub postal_code: String,
    /// Telephone area code; 0 in Portugal.
    pub area_code: u32,
    /// ISO 3166.
    pub country: &'static str,
}

impl Address {
    /// An address in Brazil, in a large city more often than in a small one.
    pub fn in_brazil(seed: u64, chance: &mut Chance) -> Self {
        let city = VOCABULARY.cities.weights.pick(chance);
        Self::in_city(seed, city, chance)
    }

    /// An address in the city at this position of the list.
    pub fn in_city(seed: u64, position: usize, chance: &mut Chance) -> Self {
        let city = &VOCABULARY.cities.items[position];
        Self::on_a_street(seed, position as u64, city, "BR", chance)
    }

    /// An address in Portugal.
    pub fn in_portugal(seed: u64, chance: &mut Chance) -> Self {
        let position = chance.below(PORTUGAL.len() as u64);
        Self::on_a_street(seed, 1000 + position, &PORTUGAL[position as usize], "PT", chance)
    }

    /// The position of its city in the list of Brazilian cities; the first part of a city for the whole of it.
    pub fn city_position(&self) -> Option<usize> {
        VOCABULARY.cities.items.iter().position(|city| city.name == self.city)
    }

    /// A street has one postal code for every four hundred numbers, and a postal code lies in one district.
    fn on_a_street(seed: u64, city_number: u64, city: &City, country: &'static str, chance: &mut Chance) -> Self {
        let listed = VOCABULARY.streets.len() as u64;
        let street_number = chance.below(listed + 4 * city.inhabitants);
        let number = chance.between(1, 1800);
        let place = mix(seed ^ (city_number << 40) ^ (street_number << 8) ^ u64::from(number / 400));
        let prefix = city.first_cep + (place % u64::from(city.last_cep - city.first_cep + 1)) as u32;
        let suffix = (place >> 32) % 900;
        let district = mix(city_number << 20 | u64::from(prefix)) % VOCABULARY.districts.len() as u64;
        let (street_kind, street) = match VOCABULARY.streets.get(street_number as usize) {
            Some(&(kind, name)) => (kind, name.to_owned()),
            None => street_of_a_person(street_number),
        };
        Self {
            street_kind,
            street,
            number,
            complement: complement(chance),
            district: VOCABULARY.districts[district as usize],
            city: city.name,
            region: city.region,
            postal_code: match country {
                "PT" => format!("{prefix:04}-{suffix:03}"),
                _ => format!("{prefix:05}-{suffix:03}"),
            },
            area_code: city.area_code,
            country,
        }
    }
}

/// Most streets bear the name of some citizen; the same number is the same citizen in every city.
fn street_of_a_person(street_number: u64) -> (&'static str, String) {
    let chance = &mut Chance::new(0, "street", street_number);
    let names = &VOCABULARY.male;
    let given = names.items[names.weights.pick(chance)].text;
    let surnames = &VOCABULARY.surnames;
    let family = surnames.items[surnames.weights.pick(chance)].text;
    let title = chance.pick(&["", "", "", "", "Doutor ", "Professor ", "Coronel ", "Padre ", "Vereador "]);
    let kind = chance.pick(&["Rua", "Rua", "Rua", "Rua", "Avenida", "Travessa"]);
    (kind, format!("{title}{given} {family}"))
}

fn complement(chance: &mut Chance) -> String {
    match chance.below(10) {
        0 | 1 => format!("Apto {}", chance.between(1, 20) * 10 + chance.between(1, 4)),
        2 => {
            let block = chance.pick(&["A", "B", "C"]);
            format!("Bloco {block} Apto {}", chance.between(11, 94))
        }
        3 => chance.pick(&["Casa 2", "Fundos", "Casa", "Sobrado"]).to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postal_code_lies_in_its_city() {
        for number in 0..500 {
            let chance = &mut Chance::new(1, "test", number);
            let address = Address::in_brazil(1, chance);
            let prefix: u32 = address.postal_code[..5].parse().unwrap();
            let holds = |city: &&City| city.name == address.city && (city.first_cep..=city.last_cep).contains(&prefix);
            assert!(VOCABULARY.cities.items.iter().any(|city| holds(&city)), "{}", address.postal_code);
        }
    }

    #[test]
    fn a_street_keeps_its_postal_code() {
        let one = Address::in_city(1, 5, &mut Chance::new(1, "test", 0));
        let again = Address::in_city(1, 5, &mut Chance::new(1, "test", 0));
        assert_eq!(one, again);
    }
}
