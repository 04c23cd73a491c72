//! How people are named: given names by the census, compound ones, surnames with their particles.

use crate::chance::Chance;
use crate::vocabulary::{GivenName, Surname, VOCABULARY};

/// The two sexes that Brazilian forms know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// A woman.
    Female,
    /// A man.
    Male,
}

impl Sex {
    /// `F` or `M`.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
        }
    }
}

/// A surname as its bearer writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyName {
    /// With its particle: `da Silva`.
    pub text: String,
    /// How many of a thousand million surnames are this one.
    pub share: u64,
}

/// A person's whole name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// One or two given names, the first one first.
    pub given: Vec<&'static str>,
    /// One to four surnames, the one from the father last.
    pub family: Vec<FamilyName>,
    /// Filho, Júnior or Neto.
    pub suffix: Option<&'static str>,
    /// What friends call the bearer.
    pub nicknames: &'static [&'static str],
    /// How many of a thousand million bear the first given name.
    pub given_share: u64,
}

impl PersonName {
    /// All of it, with single spaces.
    pub fn whole(&self) -> String {
        let mut whole = self.given.join(" ");
        for part in self.family.iter().map(|family| family.text.as_str()).chain(self.suffix) {
            whole.push(' ');
            whole.push_str(part);
        }
        whole
    }
}

const SECOND_OF_WOMEN: [&str; 24] = [
    "Aparecida",
    "Aparecida",
    "de Fátima",
    "da Conceição",
    "das Graças",
    "de Lourdes",
    "do Carmo",
    "José",
    "Eduarda",
    "Clara",
    "Luiza",
    "Cristina",
    "Cristina",
    "Regina",
    "Helena",
    "Paula",
    "Carolina",
    "Beatriz",
    "Vitória",
    "Lúcia",
    "Julia",
    "Cecília",
    "Alice",
    "Maria",
];
const SECOND_OF_MEN: [&str; 20] = [
    "Carlos",
    "Henrique",
    "Henrique",
    "Antônio",
    "Pedro",
    "Paulo",
    "Luiz",
    "Eduardo",
    "Augusto",
    "Roberto",
    "Fernando",
    "Gabriel",
    "Miguel",
    "Vitor",
    "César",
    "Victor",
    "Felipe",
    "José",
    "Ricardo",
    "Aparecido",
];
/// Given names that seldom stand alone.
const SELDOM_ALONE: [&str; 9] = ["Maria", "Ana", "José", "João", "Luiz", "Luís", "Pedro", "Antônio", "Carlos"];

/// Draws a given name by the census.
pub fn given_name(sex: Sex, chance: &mut Chance) -> &'static GivenName {
    let names = match sex {
        Sex::Female => &VOCABULARY.female,
        Sex::Male => &VOCABULARY.male,
    };
    &names.items[names.weights.pick(chance)]
}

/// Draws a whole name over these surnames.
pub fn person_name(sex: Sex, family: Vec<FamilyName>, chance: &mut Chance) -> PersonName {
    over(given_name(sex, chance), sex, family, chance)
}

/// The name of the second of two twins: often one that begins as the first one's.
pub fn twin_name(sex: Sex, first: &PersonName, chance: &mut Chance) -> PersonName {
    let mut given = given_name(sex, chance);
    let initial = first.given[0].chars().next();
    for _ in 0..12 {
        let alike = given.text.chars().next() == initial;
        if alike && given.text != first.given[0] {
            break;
        }
        given = given_name(sex, chance);
    }
    over(given, sex, first.family.clone(), chance)
}

fn over(first: &'static GivenName, sex: Sex, family: Vec<FamilyName>, chance: &mut Chance) -> PersonName {
    let compound = if SELDOM_ALONE.contains(&first.text) { 650 } else { 220 };
    let mut given = vec![first.text];
    if chance.hits(compound) {
        let second = match sex {
            Sex::Female => chance.pick(&SECOND_OF_WOMEN),
            Sex::Male => chance.pick(&SECOND_OF_MEN),
        };
        given.extend((second != first.text).then_some(second));
    }
    PersonName { given, family, suffix: None, nicknames: &first.nicknames, given_share: first.share }
}

/// Draws a surname, with its particle where the family writes it.
pub fn family_name(chance: &mut Chance) -> FamilyName {
    let surnames = &VOCABULARY.surnames;
    let surname: &Surname = &surnames.items[surnames.weights.pick(chance)];
    let text = match surname.particle {
        Some(particle) if chance.hits(450) => format!("{particle} {}", surname.text),
        _ => surname.text.to_owned(),
    };
    FamilyName { text, share: surname.share }
}

/// Draws the surnames of somebody whose parents are not in the world: one to four, two for most.
pub fn family_names(chance: &mut Chance) -> Vec<FamilyName> {
    let count = match chance.below(100) {
        0..16 => 1,
        16..80 => 2,
        80..97 => 3,
        _ => 4,
    };
    let mut names: Vec<FamilyName> = Vec::with_capacity(count);
    while names.len() < count {
        let name = family_name(chance);
        // Somebody whose parents bear one surname has it once.
        if names.iter().all(|known| known.share != name.share) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_to_four_surnames_and_some_are_compound() {
        let chance = &mut Chance::new(1, "test", 0);
        let mut compound = 0;
        for _ in 0..1000 {
            let family = family_names(chance);
            assert!((1..=4).contains(&family.len()));
            compound += usize::from(person_name(Sex::Female, family, chance).given.len() == 2);
        }
        assert!((250..600).contains(&compound), "{compound}");
    }

    #[test]
    fn frequent_names_are_frequent() {
        let chance = &mut Chance::new(1, "test", 0);
        let marias = (0..5000).filter(|_| given_name(Sex::Female, chance).text == "Maria").count();
        let expected =
            VOCABULARY.female.items.iter().find(|name| name.text == "Maria").unwrap().share * 5000 / 1_000_000_000;
        assert!(marias.abs_diff(expected as usize) < 200, "{marias} {expected}");
    }
}
