//! How each system records: whom it knows, what it asks for, what it leaves out.

use crate::chance::Chance;

/// How many records a system has of one customer: of a thousand customers, those with none, one, two, three, the rest
/// four.
#[derive(Debug, Clone, Copy)]
pub struct Repeats(pub [u32; 4]);

impl Repeats {
    /// A system that does not know this kind of customer.
    pub const NONE: Self = Self([1000, 0, 0, 0]);

    /// How many records of one customer.
    pub fn draw(self, chance: &mut Chance) -> u32 {
        let mut point = chance.below(1000) as u32;
        for (count, share) in self.0.into_iter().enumerate() {
            if point < share {
                return count as u32;
            }
            point -= share;
        }
        4
    }
}

/// A system's habits. Rates are of a thousand records and say what is left empty.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// The name of the source.
    pub name: &'static str,
    /// How many records of a person.
    pub persons: Repeats,
    /// How many records of an organization.
    pub organizations: Repeats,
    /// Records without a tax identifier.
    pub no_tax_id: u32,
    /// Records without a day of birth.
    pub no_birth: u32,
    /// Records without sex.
    pub no_sex: u32,
    /// Records without the mother's name.
    pub no_mother: u32,
    /// Records without an e-mail address.
    pub no_email: u32,
    /// Records without a phone.
    pub no_phone: u32,
    /// Records without an address.
    pub no_place: u32,
    /// Records in capital letters without accents.
    pub capitals: u32,
    /// Records without accents.
    pub no_accents: u32,
}

/// The shop's customer relations: sales people type into many fields, seldom check, and keep companies beside persons.
pub const CRM: Habits = Habits {
    name: "crm",
    persons: Repeats([360, 560, 75, 5]),
    organizations: Repeats([420, 520, 60, 0]),
    no_tax_id: 220,
    no_birth: 300,
    no_sex: 150,
    no_mother: 700,
    no_email: 250,
    no_phone: 100,
    no_place: 120,
    capitals: 40,
    no_accents: 200,
};

/// The accounts: companies that are sent invoices.
pub const ERP: Habits = Habits {
    name: "erp",
    persons: Repeats::NONE,
    organizations: Repeats([100, 800, 90, 10]),
    no_tax_id: 30,
    no_birth: 1000,
    no_sex: 1000,
    no_mother: 1000,
    no_email: 300,
    no_phone: 150,
    no_place: 20,
    capitals: 500,
    no_accents: 200,
};

/// The web shop: people type their own data, and check it better than anybody.
pub const WEBSHOP: Habits = Habits {
    name: "webshop",
    persons: Repeats([400, 520, 70, 10]),
    organizations: Repeats::NONE,
    no_tax_id: 80,
    no_birth: 350,
    no_sex: 1000,
    no_mother: 1000,
    no_email: 5,
    no_phone: 80,
    no_place: 150,
    capitals: 30,
    no_accents: 250,
};

/// The points of sale: a name and perhaps a CPF on the receipt, typed in a hurry, in capitals.
pub const PDV: Habits = Habits {
    name: "pdv",
    persons: Repeats([420, 420, 120, 30]),
    organizations: Repeats([750, 230, 20, 0]),
    no_tax_id: 330,
    no_birth: 550,
    no_sex: 1000,
    no_mother: 1000,
    no_email: 700,
    no_phone: 280,
    no_place: 450,
    capitals: 1000,
    no_accents: 0,
};

/// One register that several systems were poured into without a look: for benchmarks.
pub const REGISTER: Habits = Habits {
    name: "register",
    persons: Repeats([0, 360, 310, 190]),
    organizations: Repeats([0, 420, 300, 180]),
    no_tax_id: 380,
    no_birth: 220,
    no_sex: 1000,
    no_mother: 1000,
    no_email: 330,
    no_phone: 180,
    no_place: 150,
    capitals: 300,
    no_accents: 300,
};
