//! Companies: a parent with its branches, subsidiaries beside it, one switchboard for all.

use super::address::Address;
use super::{Entity, MEMBERS_MAX, contact, naming};
use crate::chance::{Chance, spread};
use crate::identifiers;
use crate::settings::Settings;
use crate::vocabulary::VOCABULARY;

/// An establishment of a company: what has a CNPJ of its own.
#[derive(Debug, Clone)]
pub struct Establishment {
    /// Which it is.
    pub entity: Entity,
    /// The registered name, the same for all establishments of a company.
    pub legal_name: String,
    /// The name over the door.
    pub trade_name: String,
    /// All fourteen characters.
    pub tax_id: String,
    /// Its seat.
    pub address: Address,
    /// Phones, the direct one first; the group's switchboard for those that have none.
    pub phones: Vec<String>,
    /// Mailboxes of roles and of people.
    pub emails: Vec<String>,
    /// The group's website, if it has one.
    pub website: Option<String>,
}

/// A company with its branches, and subsidiaries with roots of their own.
#[derive(Debug, Clone)]
pub struct Group {
    /// Headquarters first, then branches, then subsidiaries; at most [`MEMBERS_MAX`].
    pub establishments: Vec<Establishment>,
    /// The phone that everybody in the group gives.
    pub switchboard: String,
}

impl Group {
    /// The group of this number.
    pub fn at(settings: &Settings, number: u64) -> Self {
        let chance = &mut Chance::new(settings.seed, "group", number);
        let seat = Address::in_brazil(settings.seed, chance);
        let mut group = Self { establishments: Vec::new(), switchboard: contact::landline(seat.area_code, 2 * number) };
        let identity = Identity::draw(number, chance);
        let branches = match chance.below(100) {
            0..78 => 0,
            78..90 => 1,
            90..96 => 2,
            _ => chance.between(3, 5) as u16,
        };
        for establishment in 1..=1 + branches {
            let address = match establishment {
                1 => seat.clone(),
                _ => branch_address(settings, &seat, chance),
            };
            let names = (identity.legal_name(), identity.trade_name(establishment, &address, chance));
            let tax_id = identifiers::cnpj(&root(number, 0), establishment);
            group.open(&identity, names, tax_id, address, chance);
        }
        for subsidiary in 1..=u64::from(chance.hits(100)) + u64::from(chance.hits(25)) {
            let trade_name = format!("{} {}", identity.core, chance.pick(&VOCABULARY.subsidiaries));
            let together = chance.hits(500);
            let address = if together { seat.clone() } else { branch_address(settings, &seat, chance) };
            let tax_id = identifiers::cnpj(&root(number, subsidiary), 1);
            group.open(&identity, (format!("{trade_name} Ltda"), trade_name), tax_id, address, chance);
        }
        group
    }

    fn open(
        &mut self,
        identity: &Identity,
        (legal_name, trade_name): (String, String),
        tax_id: String,
        address: Address,
        chance: &mut Chance,
    ) {
        let number = identity.number * MEMBERS_MAX + self.establishments.len() as u64;
        let phones = match chance.below(10) {
            0..4 => vec![self.switchboard.clone()],
            4..7 => vec![contact::landline(address.area_code, 2 * number + 1), self.switchboard.clone()],
            _ => vec![contact::mobile(address.area_code, 2 * number), self.switchboard.clone()],
        };
        self.establishments.push(Establishment {
            entity: Entity::Organization(number),
            legal_name,
            trade_name,
            tax_id,
            address,
            phones,
            emails: identity.emails(chance),
            website: identity.website.clone(),
        });
    }
}

fn branch_address(settings: &Settings, seat: &Address, chance: &mut Chance) -> Address {
    match seat.city_position() {
        Some(city) if chance.hits(500) => Address::in_city(settings.seed, city, chance),
        _ => Address::in_brazil(settings.seed, chance),
    }
}

/// The company's eight characters. One in twenty was registered after July 2026 and has a letter among them.
fn root(number: u64, subsidiary: u64) -> String {
    const LETTERS: [char; 4] = ['A', 'C', 'K', 'X'];
    let company = number * 4 + subsidiary;
    if number % 20 == 7 {
        let letter = LETTERS[(number / 20 % 4) as usize];
        let digits = format!("{:07}", spread(company, 10_000_000));
        format!("{}{letter}{}", &digits[..2], &digits[2..])
    } else {
        format!("{:08}", spread(company, 100_000_000))
    }
}

/// What the establishments of a group have in common.
struct Identity {
    number: u64,
    core: String,
    trade: &'static str,
    form: &'static str,
    domain: String,
    website: Option<String>,
    free_mail: Option<String>,
}

impl Identity {
    fn draw(number: u64, chance: &mut Chance) -> Self {
        let core = core(chance);
        let trade = chance.pick(&VOCABULARY.trades);
        let words = core.split(' ').map(contact::ascii_word).collect::<String>();
        let of_trade = contact::ascii_word(trade.split(' ').next().unwrap_or(trade));
        let domain = match chance.below(3) {
            0 => format!("{words}{of_trade}{}.com.br", number % 1000),
            1 => format!("{of_trade}{words}{}.com.br", number % 1000),
            _ => format!("{words}{number}.com.br"),
        };
        let has_site = chance.hits(550);
        let free_mail = chance.hits(350).then(|| format!("{words}{number}@gmail.com"));
        Self {
            number,
            core,
            trade,
            form: chance.pick(&VOCABULARY.forms),
            website: has_site.then(|| format!("www.{domain}")),
            domain,
            free_mail,
        }
    }

    fn legal_name(&self) -> String {
        format!("{} {} {}", self.core, self.trade, self.form)
    }

    /// Branches are told apart by their district or number, or not at all.
    fn trade_name(&self, establishment: u16, address: &Address, chance: &mut Chance) -> String {
        let short = format!("{} {}", self.trade.split(' ').next().unwrap_or(self.trade), self.core);
        match (establishment, chance.below(3)) {
            (1, 0) => self.core.clone(),
            (2.., 0) => format!("{short} {}", address.district),
            (2.., 1) => format!("{short} Filial {establishment}"),
            _ => short,
        }
    }

    fn emails(&self, chance: &mut Chance) -> Vec<String> {
        const MAILBOXES: [&str; 7] = ["contato", "vendas", "financeiro", "compras", "nfe", "adm", "comercial"];
        let mut emails: Vec<String> = self.free_mail.iter().cloned().collect();
        for _ in 0..=chance.below(2) {
            let mailbox = match chance.below(3) {
                0 => contact::ascii_word(naming::given_name(naming::Sex::Female, chance).text),
                _ => chance.pick(&MAILBOXES).to_owned(),
            };
            emails.push(format!("{mailbox}@{}", self.domain));
        }
        emails
    }
}

/// A brand, or the surnames of the owners.
fn core(chance: &mut Chance) -> String {
    match chance.below(10) {
        0..5 => chance.pick(&VOCABULARY.brands).to_owned(),
        5 | 6 => {
            let brand = chance.pick(&VOCABULARY.brands);
            format!("{brand} {}", bare(&naming::family_name(chance).text))
        }
        7 => bare(&naming::family_name(chance).text).to_owned(),
        8 => {
            let [one, other] = [naming::family_name(chance), naming::family_name(chance)];
            format!("{} & {}", bare(&one.text), bare(&other.text))
        }
        _ => format!("Irmãos {}", bare(&naming::family_name(chance).text)),
    }
}

/// The surname without its particle.
fn bare(family: &str) -> &str {
    family.split_once(' ').map_or(family, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Rates;
    use std::collections::HashSet;

    #[test]
    fn branches_share_the_root_and_subsidiaries_do_not() {
        let settings = Settings { seed: 1, records: 10_000, organizations: 1000, rates: Rates::REALISTIC };
        let (mut branches, mut subsidiaries, mut lettered, mut ids) = (0, 0, 0, HashSet::new());
        for number in 0..500 {
            let group = Group::at(&settings, number);
            let headquarters = &group.establishments[0];
            lettered += usize::from(!headquarters.tax_id.bytes().all(|c| c.is_ascii_digit()));
            for establishment in &group.establishments {
                assert!(identifiers::is_valid_cnpj(&establishment.tax_id), "{}", establishment.tax_id);
                assert!(ids.insert(establishment.tax_id.clone()));
                let same_root = establishment.tax_id[..8] == headquarters.tax_id[..8];
                branches += usize::from(same_root && establishment.tax_id[8..12] != *"0001");
                subsidiaries += usize::from(!same_root);
                assert!(establishment.phones.contains(&group.switchboard));
            }
        }
        assert!(branches > 100 && subsidiaries > 20 && lettered == 25, "{branches} {subsidiaries} {lettered}");
    }
}
