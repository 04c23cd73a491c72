//! The kinds of evidence, in the order in which they are told.

use crate::comparison::{Comparison, Counted};
use vinculo_records::Comparable;

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    /// The names.
    Name,
    /// Numbers in the names, or a further name that says more on one side: what tells branches apart.
    Numbers,
    /// Websites and the domains of e-mail addresses.
    Website,
    /// What the likeness of the names means beside all else that agrees, or does not.
    Kinship,
    /// What their sets share.
    Sets,
    /// A comparison as persons have it.
    Compared(Comparison),
}

impl EvidenceKind {
    /// What a level means, where levels are no shares and no levels of a comparison.
    pub fn level_name(self, level: u8) -> &'static str {
        let names: &[&str] = match self {
            Self::Website => &["shared", "two websites", "two domains"],
            Self::Numbers => &["equal", "different", "a further name that says more"],
            Self::Kinship => &["sisters in touch", "sisters at most", "two firms of one house", "names alone"],
            _ => &[],
        };
        usize::from(level).checked_sub(1).and_then(|at| names.get(at)).copied().unwrap_or("unknown")
    }
}

/// What one kind of evidence adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationEvidence {
    /// What was looked at.
    pub kind: EvidenceKind,
    /// For names and sets the likeness in tenths, from 1 on; else the level of the comparison; 0 for missing.
    pub level: u8,
    /// What it adds, in thousandths of a bit.
    pub weight: i32,
}

/// The comparisons that organizations share with persons; of declared attributes those whose values were counted.
pub(super) fn comparisons(counted: impl IntoIterator<Item = Counted>) -> Vec<Comparison> {
    let mut comparisons = vec![Comparison::TaxId, Comparison::Email, Comparison::Phone, Comparison::Address];
    comparisons.extend(counted.into_iter().filter_map(|counted| match counted {
        Counted::Value(Comparable::Custom(id, attribute_type)) => Some(Comparison::Custom(id, attribute_type)),
        _ => None,
    }));
    comparisons.truncate(crate::comparison::COMPARISONS_MAX);
    comparisons
}

/// Which kinds so many pieces of evidence are, in the order in which a model that counted these values hands them over;
/// `None` for a number that it never hands over.
pub fn evidence_kinds(counted: impl IntoIterator<Item = Counted>, pieces: usize) -> Option<Vec<EvidenceKind>> {
    if pieces == 1 {
        // Other identifiers of establishments say it all.
        return Some(vec![EvidenceKind::Compared(Comparison::TaxId)]);
    }
    let mut kinds = vec![EvidenceKind::Name, EvidenceKind::Numbers, EvidenceKind::Website, EvidenceKind::Sets];
    kinds.extend(comparisons(counted).into_iter().map(EvidenceKind::Compared));
    if pieces > kinds.len() {
        // Where both have a name.
        kinds.push(EvidenceKind::Kinship);
    }
    (kinds.len() == pieces).then_some(kinds)
}
