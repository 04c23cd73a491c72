//! What the likeness of two names means beside all else. Sister companies have part of the name, a switchboard and an address
//! in common, and another line of business; strangers of one house have the switchboard and the address, and nothing of the
//! name; where nothing else agrees, names are alone.

use super::evidence::{EvidenceKind, OrganizationEvidence};
use super::names::NameMatch;
use super::names_alone::NamesAlone;
use super::sites::SiteAgreement;
use crate::comparison::MISSING;

/// How much of each name the other lacks, in thousandths, from where names may be those of sister companies, and from
/// where they surely are.
const SISTER_FROM: i32 = 80;
const SISTER_CERTAIN: i32 = 240;
/// Names of which less is found are those of strangers, not of sisters.
const SISTER_COMMON_MIN: u32 = 200;
const SISTER: i32 = -6_000;
/// What a city or a postal code says at most: where no more agrees, names are alone.
const A_PLACE: i32 = 1_000;

/// What the names of two records say.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameEvidence {
    pub(super) found: NameMatch,
    /// The weight of the likeness, whatever the names are.
    pub(super) plain: i32,
    /// How telling the two names are.
    pub(super) telling: i32,
}

/// What speaks for two records being one, beside their names.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Together {
    /// The weight of contacts, domains and address.
    in_touch: i32,
    /// The weight of all else.
    other: i32,
    share_site: bool,
    share_contact: bool,
    share_house: bool,
}

impl Together {
    pub(super) fn note_site(&mut self, site: SiteAgreement, weight: i32) {
        self.share_site = matches!(site, SiteAgreement::Shared { .. });
        self.in_touch += weight.max(0);
    }

    pub(super) fn note_contact(&mut self, weight: i32) {
        self.share_contact |= weight > 0;
        self.in_touch += weight.max(0);
    }

    pub(super) fn note_address(&mut self, weight: i32) {
        self.share_house |= weight > A_PLACE;
        self.in_touch += weight.max(0);
    }

    pub(super) fn note_other(&mut self, weight: i32) {
        self.other += weight.max(0);
    }

    /// Whether nothing but a place speaks for it.
    pub(super) fn is_nothing(self) -> bool {
        self.in_touch + self.other <= A_PLACE && !self.share_site
    }

    /// Whether they share a contact and a house, as two firms of one building do. Whoever has one website is no stranger.
    fn is_neighbours(self) -> bool {
        self.share_contact && self.share_house && !self.share_site
    }
}

/// What stands beside the names of two records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside {
    pub(super) together: Together,
    /// Whether both records say more than their names.
    pub(super) say_more: bool,
    /// What names without anything in common say.
    pub(super) strangers: i32,
    /// What names say alone, where nothing else agrees.
    pub(super) alone: NamesAlone,
}

impl NameEvidence {
    /// What the likeness of the names means beside what else agrees.
    ///
    /// Contacts and an address in common are worth nothing where each name has words of its own, and they speak against one
    /// company. Where both records say more than their names and nothing of it is common, part of a name is not enough
    /// either, though only one has words of its own. Names that have nothing in common say what such have shown, and names
    /// that are all that agrees what names alone say.
    pub(super) fn kinship(self, beside: Beside) -> OrganizationEvidence {
        let Beside { together, say_more, strangers, alone } = beside;
        let [lesser, greater] = self.found.lacking;
        // A name of two that are in touch may be short for the other.
        let are_in_touch = together.in_touch > 0;
        let lacking = if are_in_touch { lesser } else { greater };
        let share = (lacking as i32 - SISTER_FROM) * 1_000 / (SISTER_CERTAIN - SISTER_FROM);
        let share = share.clamp(0, 1_000);
        let sisters = (SISTER - together.in_touch) * share / 1_000;
        let are_kin = self.found.are_kin();
        let (level, weight) = match are_in_touch {
            true if are_kin && share > 0 => (1, sisters),
            true if !are_kin && strangers < 0 && together.is_neighbours() => (3, strangers),
            false if are_kin && share > 0 && say_more => (2, sisters),
            _ => (MISSING, 0),
        };
        let alone = if together.is_nothing() { alone.against(self.found.score(), self.plain) } else { 0 };
        let (level, weight) = if alone < weight { (4, alone) } else { (level, weight) };
        OrganizationEvidence { kind: EvidenceKind::Kinship, level, weight }
    }
}

impl NameMatch {
    /// Whether two names have something in common.
    pub(super) fn are_kin(self) -> bool {
        self.greater() >= SISTER_COMMON_MIN
    }
}
