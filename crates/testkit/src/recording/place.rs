//! Addresses as they are written.

use crate::chance::Chance;
use crate::errors::{codes, typing};
use crate::settings::Rates;
use crate::world::address::Address;

/// An address in parts, as written; empty texts for what is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenPlace {
    /// Street with its kind.
    pub street: String,
    /// Number.
    pub number: String,
    /// Apartment and the like.
    pub complement: String,
    /// District.
    pub district: String,
    /// City.
    pub city: String,
    /// State.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
}

impl WrittenPlace {
    /// Street, number, complement and district in one line: `R. das Flores, 12 Apto 31 - Centro`.
    pub fn line(&self) -> String {
        let mut line = self.street.clone();
        for (before, part) in [(", ", &self.number), (" ", &self.complement), (" - ", &self.district)] {
            if !part.is_empty() {
                line.push_str(before);
                line.push_str(part);
            }
        }
        line
    }

    /// Changes all texts that somebody typed.
    pub fn change(&mut self, change: impl Fn(&str) -> String) {
        for text in [&mut self.street, &mut self.complement, &mut self.district, &mut self.city] {
            *text = change(text);
        }
    }
}

/// The address as somebody writes it.
pub fn written(address: &Address, rates: &Rates, chance: &mut Chance) -> WrittenPlace {
    let kind = if chance.hits(380) { abbreviated(address.street_kind) } else { address.street_kind };
    let mut place = WrittenPlace {
        street: format!("{kind} {}", address.street),
        number: match chance.below(100) {
            0..3 => "s/n".into(),
            3..6 => String::new(),
            _ => address.number.to_string(),
        },
        complement: written_complement(&address.complement, chance),
        district: if chance.hits(200) { String::new() } else { address.district.to_owned() },
        city: address.city.to_owned(),
        region: address.region.to_owned(),
        postal_code: address.postal_code.clone(),
    };
    if chance.hits(rates.address_typing) {
        place.street = typing::mistyped(&place.street, chance);
    }
    if chance.hits(rates.address_typing / 3) {
        place.city = typing::mistyped(&place.city, chance);
    }
    if chance.hits(rates.address_typing / 3) {
        place.number = typing::wrong_digit(&place.number, chance);
    }
    match chance.below(100) {
        0..35 => place.postal_code = place.postal_code.replace('-', ""),
        35..45 => place.postal_code.clear(),
        _ => {}
    }
    if chance.hits(rates.address_typing / 2) {
        place.postal_code = typing::wrong_digit(&place.postal_code, chance);
    } else if place.postal_code.starts_with('0') && chance.hits(rates.zeros_lost / 2) {
        place.postal_code.remove(0);
    }
    if chance.hits(8) {
        place.street = chance.pick(&codes::TEXT_PLACEHOLDERS).to_owned();
    }
    place
}

fn abbreviated(street_kind: &'static str) -> &'static str {
    match street_kind {
        "Rua" => "R.",
        "Avenida" => "Av.",
        "Travessa" => "Tv.",
        "Alameda" => "Al.",
        "Praça" => "Pça.",
        "Rodovia" => "Rod.",
        "Estrada" => "Estr.",
        other => other,
    }
}

fn written_complement(complement: &str, chance: &mut Chance) -> String {
    match chance.below(10) {
        0..2 => String::new(),
        2..4 => complement.replace("Apto", "ap").replace("Bloco", "bl"),
        4 => complement.replace("Apto", "Apartamento"),
        _ => complement.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_fits_one_line() {
        let place = WrittenPlace {
            street: "R. das Flores".into(),
            number: "12".into(),
            district: "Centro".into(),
            ..WrittenPlace::default()
        };
        assert_eq!(place.line(), "R. das Flores, 12 - Centro");
    }
}
