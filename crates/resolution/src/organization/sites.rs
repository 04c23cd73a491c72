//! Internet domains of organizations: their websites and the domains of their e-mail addresses.

use super::telling::{Shared, TellingTable, Worth};
use crate::comparison::frequency::email_domain;
use crate::comparison::{Counted, Frequencies};
use crate::encoding::{Encoded, stable_hash};
use vinculo_records::Comparable;

/// Domains under which anybody has a mailbox.
const OPEN_TO_ALL: [&str; 22] = [
    "aol.com",
    "bol.com.br",
    "gmail.com",
    "globo.com",
    "globomail.com",
    "gmx.de",
    "gmx.net",
    "hotmail.com",
    "hotmail.com.br",
    "icloud.com",
    "ig.com.br",
    "live.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "outlook.com.br",
    "proton.me",
    "sapo.pt",
    "terra.com.br",
    "uol.com.br",
    "yahoo.com",
    "yahoo.com.br",
];

/// A domain of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    /// The hash of the domain's own name, without what stands behind it: `loja.com` and `loja.com.br` are one.
    pub(super) name: u64,
    /// Whether the record states it as its website.
    pub(super) stated: bool,
    /// Base-2 logarithm of how often the domain occurs, in thousandths of a bit.
    chance: i32,
    /// How telling it is that two records share it.
    telling: Worth,
}

/// The domains of all records, by rank.
#[derive(Debug)]
pub(super) struct Sites {
    offsets: Vec<u32>,
    sites: Vec<Site>,
}

/// How the domains of two records compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SiteAgreement {
    /// Nothing to compare.
    Missing,
    /// A domain in common: how often it occurs, as a logarithm, and how telling it is; in thousandths of a bit.
    Shared {
        /// Of the rarest common domain.
        chance: i32,
        /// Of the same one.
        telling: i32,
    },
    /// Domains, and none in common; whether both state them as their websites.
    Different(bool),
}

impl Sites {
    pub(super) fn new(records: &Encoded, frequencies: Frequencies<'_>) -> Self {
        let mut sites = Self { offsets: vec![0], sites: Vec::new() };
        let table = |counted| frequencies.of(counted);
        let websites = records
            .column(Comparable::Website)
            .map(|column| sites_of_values(records, column, table(Counted::Value(Comparable::Website)), true));
        let mail = [Comparable::Email, Comparable::SharedEmail].map(|what| {
            let column = records.column(what)?;
            Some((column, sites_of_values(records, column, table(Counted::EmailDomain), false)))
        });
        let website_column = records.column(Comparable::Website);
        for rank in 0..records.len() as u32 {
            let from = sites.sites.len();
            if let (Some(column), Some(of_value)) = (website_column, &websites) {
                sites.sites.extend(records.values(rank, column).iter().filter_map(|&value| of_value[value as usize]));
            }
            for (column, of_value) in mail.iter().flatten() {
                sites.sites.extend(records.values(rank, *column).iter().filter_map(|&value| of_value[value as usize]));
            }
            sites.sites[from..].sort_unstable();
            sites.offsets.push(sites.sites.len() as u32);
        }
        sites
    }

    /// Learns how telling each domain is.
    pub(super) fn set_telling(&mut self, table: &TellingTable) {
        self.sites.iter_mut().for_each(|site| site.telling = table.worth(Shared::Site, site.name));
    }

    /// The domains of a record.
    pub(super) fn of(&self, rank: u32) -> &[Site] {
        &self.sites[self.offsets[rank as usize] as usize..self.offsets[rank as usize + 1] as usize]
    }

    /// Compares the domains of two records, which may be witnesses of how telling they are.
    pub(super) fn compare(&self, a: u32, b: u32, witnesses: bool) -> SiteAgreement {
        let (a, b) = (self.of(a), self.of(b));
        let pairs = a.iter().flat_map(|left| b.iter().map(move |right| (left, right)));
        let shared = pairs.filter(|(left, right)| left.name == right.name);
        match shared.map(|(left, right)| (left.chance.max(right.chance), left.telling.to(witnesses))).min() {
            Some((chance, telling)) => SiteAgreement::Shared { chance, telling },
            None if a.is_empty() || b.is_empty() => SiteAgreement::Missing,
            None => SiteAgreement::Different(a.iter().any(|site| site.stated) && b.iter().any(|site| site.stated)),
        }
    }
}

/// The domain of each value of a column; none for an open one.
fn sites_of_values(
    records: &Encoded,
    column: usize,
    table: Option<&crate::comparison::FrequencyTable>,
    stated: bool,
) -> Vec<Option<Site>> {
    let site = |value: &[u8]| {
        let domain = if stated { value } else { email_domain(value) };
        let chance = table.map_or(0, |table| table.get(stable_hash(domain)));
        let open = OPEN_TO_ALL.iter().any(|open| open.as_bytes() == domain);
        let name = domain.split(|&byte| byte == b'.').next().unwrap_or_default();
        (!open && !name.is_empty()).then(|| Site { name: stable_hash(name), stated, chance, telling: Worth::MOST })
    };
    records.dictionary(column).iter().map(site).collect()
}
