//! What is generated: how much, from which seed, and with how many errors.

/// What the world and its records are made from; the same settings give the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Chooses among the possible worlds.
    pub seed: u64,
    /// How many records in all.
    pub records: u64,
    /// How many of a thousand units (a household, a group of companies) are companies.
    pub organizations: u32,
    /// How often what goes wrong.
    pub rates: Rates,
}

impl Settings {
    /// How many people the world has, roughly: what decides how many digits an e-mail address needs.
    pub fn population(&self) -> u64 {
        self.records / 2 + 100
    }
}

/// How many of a thousand cases go wrong, each in its way. Rates of families are of households.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Households that moved, with new phone numbers.
    pub moved: u32,
    /// Wives who took the husband's surname at a known date.
    pub married_name: u32,
    /// Brothers or sisters born on one day.
    pub twins: u32,
    /// First sons who bear the father's whole name.
    pub junior: u32,
    /// Adults who bear exactly the name of strangers, beside those whom chance makes namesakes.
    pub namesake: u32,
    /// Households that use one mobile phone, or one e-mail address, for several members.
    pub shared_contact: u32,
    /// Typing errors in a given name, in each surname, in a company's name.
    pub name_typing: u32,
    /// A surname left out.
    pub surname_dropped: u32,
    /// A surname more, one that the person has from the mother and seldom uses.
    pub surname_added: u32,
    /// The second given name left out.
    pub second_name_dropped: u32,
    /// A given name or middle surname cut to its initial.
    pub initial: u32,
    /// A nickname in place of the given name.
    pub nickname: u32,
    /// Given and family name swapped.
    pub name_swapped: u32,
    /// `SOBRENOME, Nome`.
    pub comma_form: u32,
    /// Filho, Júnior or Neto left out.
    pub suffix_dropped: u32,
    /// A title before the name.
    pub title: u32,
    /// A name cut after thirty characters.
    pub truncated: u32,
    /// Text read in the wrong encoding by a system before.
    pub mojibake: u32,
    /// Day and month swapped.
    pub date_swapped: u32,
    /// One digit of a date wrong; a few of these days no calendar has.
    pub date_digit: u32,
    /// 01/01/1900.
    pub date_placeholder: u32,
    /// One digit of a tax identifier wrong, or two transposed; its check digits then never hold.
    pub tax_id_digit: u32,
    /// 000.000.000-00 and the like.
    pub tax_id_placeholder: u32,
    /// The valid CPF of somebody else in the household.
    pub tax_id_of_another: u32,
    /// Leading zeros lost, of identifiers that have them.
    pub zeros_lost: u32,
    /// One digit of a phone number wrong.
    pub phone_digit: u32,
    /// The ninth digit or the area code missing.
    pub phone_short: u32,
    /// (00) 0000-0000 and the like.
    pub phone_placeholder: u32,
    /// A typing error in an e-mail address.
    pub email_typing: u32,
    /// naotem@email.com and the like.
    pub email_placeholder: u32,
    /// A typing error in a street, a city or a district; a wrong number or postal code.
    pub address_typing: u32,
    /// Values missing on top of each source's own habits.
    pub missing: u32,
}

impl Rates {
    /// What a well-run shop has: the demo.
    pub const REALISTIC: Self = Self {
        moved: 120,
        married_name: 250,
        twins: 60,
        junior: 90,
        namesake: 12,
        shared_contact: 180,
        name_typing: 35,
        surname_dropped: 130,
        surname_added: 8,
        second_name_dropped: 110,
        initial: 40,
        nickname: 15,
        name_swapped: 8,
        comma_form: 12,
        suffix_dropped: 150,
        title: 15,
        truncated: 10,
        mojibake: 3,
        date_swapped: 8,
        date_digit: 12,
        date_placeholder: 8,
        tax_id_digit: 12,
        tax_id_placeholder: 8,
        tax_id_of_another: 2,
        zeros_lost: 250,
        phone_digit: 12,
        phone_short: 60,
        phone_placeholder: 10,
        email_typing: 15,
        email_placeholder: 12,
        address_typing: 40,
        missing: 0,
    };

    /// Where simple rules fail: many errors, large families, shared phones, moved people, missing identifiers.
    pub const HARD: Self = Self {
        moved: 260,
        married_name: 400,
        twins: 150,
        junior: 150,
        namesake: 25,
        shared_contact: 400,
        name_typing: 110,
        surname_dropped: 220,
        surname_added: 25,
        second_name_dropped: 200,
        initial: 80,
        nickname: 50,
        name_swapped: 35,
        comma_form: 25,
        suffix_dropped: 250,
        title: 35,
        truncated: 25,
        mojibake: 8,
        date_swapped: 30,
        date_digit: 50,
        date_placeholder: 25,
        tax_id_digit: 40,
        tax_id_placeholder: 25,
        tax_id_of_another: 4,
        zeros_lost: 300,
        phone_digit: 40,
        phone_short: 130,
        phone_placeholder: 30,
        email_typing: 60,
        email_placeholder: 30,
        address_typing: 130,
        missing: 20,
    };
}
