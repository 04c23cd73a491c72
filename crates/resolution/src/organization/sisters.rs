//! Sister companies: a name in part, a switchboard and an address in common, and another line of business.

use super::evidence::{EvidenceKind, OrganizationEvidence};
use super::names::NameMatch;
use crate::comparison::MISSING;

/// How much of each name the other lacks, in thousandths, from where names may be those of sister companies, and from
/// where they surely are.
const SISTER_FROM: i32 = 80;
const SISTER_CERTAIN: i32 = 240;
/// Names of which less is found are those of strangers, not of sisters.
const SISTER_COMMON_MIN: i32 = 200;
const SISTER: i32 = -6_000;

/// What the names of two records say.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameEvidence {
    pub(super) found: NameMatch,
    /// The weight of the likeness, whatever the names are.
    pub(super) plain: i32,
    /// How telling the two names are.
    pub(super) telling: i32,
}

/// What the contacts and the address of two records say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Together(i32);

impl Together {
    /// Notes the weight of a contact or an address, if it speaks for one company.
    pub(super) fn note(&mut self, weight: i32) {
        self.0 += weight.max(0);
    }
}

impl NameEvidence {
    /// What contacts and an address in common are worth where each name has words of its own: nothing, and they speak
    /// against one company. Where both records say more than their names and nothing of it is common, part of a name is
    /// not enough either, though only one has words of its own.
    pub(super) fn sisters(self, together: Together, strangers: bool) -> OrganizationEvidence {
        let [lesser, greater] = self.found.lacking;
        // A name of two that are in touch may be short for the other.
        let lacking = if together.0 > 0 { lesser } else { greater };
        let share = (lacking as i32 - SISTER_FROM) * 1_000 / (SISTER_CERTAIN - SISTER_FROM);
        let share = share.clamp(0, 1_000);
        let are_kin = self.found.greater() as i32 >= SISTER_COMMON_MIN;
        let level = match share > 0 && are_kin {
            true if together.0 > 0 => 1,
            true if strangers => 2,
            _ => MISSING,
        };
        let weight = if level == MISSING { 0 } else { (SISTER - together.0) * share / 1_000 };
        OrganizationEvidence { kind: EvidenceKind::Sisters, level, weight }
    }
}
