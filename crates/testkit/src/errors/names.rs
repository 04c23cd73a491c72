//! Names of people as they are shortened, swapped, decorated and mistyped.

use super::typing;
use crate::chance::Chance;
use crate::settings::Rates;
use crate::world::naming::{FamilyName, PersonName, Sex};

/// A person's name as somebody wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenName {
    /// Sr., Dra. … or nothing.
    pub title: &'static str,
    /// The given names, or what stands in their place.
    pub given: String,
    /// The surnames, each with its particle.
    pub family: Vec<String>,
    /// Filho, Júnior or Neto, or an abbreviation of it, or nothing.
    pub suffix: &'static str,
    /// `SOBRENOME, Nome`.
    pub comma: bool,
}

impl WrittenName {
    /// All of it in one line.
    pub fn whole(&self) -> String {
        let family = self.family_line();
        let parts: [&str; 3] = match self.comma && !family.is_empty() {
            true => [&format!("{family},"), self.title, &self.given],
            false => [self.title, &self.given, &family],
        };
        let written: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        written.join(" ")
    }

    /// Surnames and suffix in one line.
    pub fn family_line(&self) -> String {
        let suffix = (!self.suffix.is_empty()).then_some(self.suffix);
        self.family.iter().map(String::as_str).chain(suffix).collect::<Vec<_>>().join(" ")
    }

    /// Changes all parts that somebody typed.
    pub fn change(&mut self, change: impl Fn(&str) -> String) {
        self.given = change(&self.given);
        for family in &mut self.family {
            *family = change(family);
        }
    }
}

/// The name of this person as somebody writes it, over the surnames that were hers or his then.
pub fn written(
    name: &PersonName,
    family: &[FamilyName],
    sex: Sex,
    maternal: &str,
    rates: &Rates,
    chance: &mut Chance,
) -> WrittenName {
    let mut written = WrittenName {
        title: if chance.hits(rates.title) { title(sex, chance) } else { "" },
        given: given(name, rates, chance),
        family: family.iter().map(|family| family.text.clone()).collect(),
        suffix: suffix(name, rates, chance),
        comma: chance.hits(rates.comma_form),
    };
    shorten_family(&mut written.family, rates, chance);
    if chance.hits(rates.surname_added) {
        written.family.insert(0, maternal.to_owned());
    }
    if chance.hits(rates.name_typing) {
        written.given = typing::mistyped(&written.given, chance);
    }
    for family in &mut written.family {
        if chance.hits(rates.name_typing) {
            *family = typing::mistyped(family, chance);
        }
    }
    if chance.hits(rates.name_swapped) && !written.family.is_empty() {
        let given = std::mem::take(&mut written.given);
        written.given = written.family.join(" ");
        written.family = vec![given];
    }
    if chance.hits(rates.mojibake) {
        written.change(typing::mojibake);
    }
    written
}

fn title(sex: Sex, chance: &mut Chance) -> &'static str {
    match sex {
        Sex::Female => chance.pick(&["Sra.", "Dra.", "Profa.", "D.", "Dona"]),
        Sex::Male => chance.pick(&["Sr.", "Dr.", "Prof.", "Seu", "Pe."]),
    }
}

fn given(name: &PersonName, rates: &Rates, chance: &mut Chance) -> String {
    let (first, second) = (name.given[0], name.given.get(1).copied());
    if chance.hits(rates.nickname) && !name.nicknames.is_empty() {
        return chance.pick(name.nicknames).to_owned();
    }
    let Some(second) = second else {
        return first.to_owned();
    };
    if chance.hits(rates.second_name_dropped) {
        return first.to_owned();
    }
    if chance.hits(rates.initial) {
        // `M. Aparecida` as often as `Maria A.`
        return if chance.hits(500) {
            format!("{} {second}", initial(first))
        } else {
            format!("{first} {}", initial(second))
        };
    }
    format!("{first} {second}")
}

fn initial(word: &str) -> String {
    let word = word.rsplit(' ').next().unwrap_or(word);
    word.chars().next().map(|first| format!("{first}.")).unwrap_or_default()
}

fn suffix(name: &PersonName, rates: &Rates, chance: &mut Chance) -> &'static str {
    match name.suffix {
        None => "",
        Some(_) if chance.hits(rates.suffix_dropped) => "",
        Some("Júnior") => chance.pick(&["Júnior", "Junior", "Jr", "Jr."]),
        Some("Filho") => chance.pick(&["Filho", "Filho", "F."]),
        Some(suffix) => suffix,
    }
}

/// The middle surnames are left out or cut to initials first, the last one seldom.
fn shorten_family(family: &mut Vec<String>, rates: &Rates, chance: &mut Chance) {
    if family.len() > 1 && chance.hits(rates.surname_dropped) {
        let last = family.len() - 1;
        let dropped = if chance.hits(250) { last } else { chance.below(last as u64) as usize };
        family.remove(dropped);
    }
    if family.len() > 1 && chance.hits(rates.initial) {
        let middle = chance.below(family.len() as u64 - 1) as usize;
        family[middle] = initial(&family[middle]);
    }
    for name in family {
        // Particles are lost more easily than anything.
        if let Some((_, bare)) = name.split_once(' ').filter(|_| chance.hits(80 + rates.name_typing)) {
            *name = bare.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::naming;

    fn somebody(number: u64) -> PersonName {
        let chance = &mut Chance::new(1, "test", number);
        naming::person_name(Sex::Female, naming::family_names(chance), chance)
    }

    fn no_errors() -> Rates {
        Rates {
            title: 0,
            nickname: 0,
            second_name_dropped: 0,
            initial: 0,
            surname_dropped: 0,
            surname_added: 0,
            name_typing: 0,
            name_swapped: 0,
            comma_form: 0,
            suffix_dropped: 0,
            mojibake: 0,
            ..Rates::HARD
        }
    }

    #[test]
    fn without_errors_names_lose_nothing_but_particles() {
        for number in 0..300 {
            let name = somebody(number);
            let chance = &mut Chance::new(2, "test", number);
            let written = written(&name, &name.family, Sex::Female, "Prado", &no_errors(), chance).whole();
            let words = |text: &str| -> Vec<String> {
                let particle = |word: &&str| ["da", "de", "do", "dos", "das"].contains(word);
                text.split(' ').filter(|word| !particle(word)).map(str::to_owned).collect()
            };
            assert_eq!(words(&written), words(&name.whole()));
        }
    }

    #[test]
    fn the_surname_may_come_first() {
        let written = WrittenName {
            given: "Ana".into(),
            family: vec!["da Silva".into()],
            suffix: "",
            title: "Dra.",
            comma: true,
        };
        assert_eq!(written.whole(), "da Silva, Dra. Ana");
    }

    #[test]
    fn everybody_keeps_a_name() {
        for number in 0..2000 {
            let name = somebody(number);
            let chance = &mut Chance::new(3, "test", number);
            let written = written(&name, &name.family, Sex::Female, "Prado", &Rates::HARD, chance);
            assert!(!written.given.is_empty() && !written.family.is_empty(), "{written:?}");
        }
    }
}
