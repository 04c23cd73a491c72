//! What two organizations have in common of domains and contacts.

use crate::organization::sites::SiteAgreement;
use crate::organization::telling::MOST;

/// The domains of two records, and how telling a phone and an e-mail address are that they share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared {
    pub(super) site: SiteAgreement,
    pub(super) phone: Option<i32>,
    pub(super) email: Option<i32>,
}

impl Shared {
    /// Whether there is any domain or contact in common.
    pub(super) fn anything(&self) -> bool {
        matches!(self.site, SiteAgreement::Shared { .. }) || self.phone.is_some() || self.email.is_some()
    }

    /// What names that are so telling may say at most for two records.
    ///
    /// Two of a common name that share a domain are as good as two of a rare name. A shared phone or e-mail address
    /// speaks for itself: here it takes away what the name says against them, and is not counted twice.
    pub(super) fn worth_of_names(&self, telling: i32) -> i32 {
        let of_site = match self.site {
            SiteAgreement::Shared { telling, .. } => telling,
            _ => i32::MIN,
        };
        let contacts = [self.phone, self.email].into_iter().flatten();
        telling.max(of_site).max(contacts.fold(of_site, i32::max).min(0))
    }
}

/// How telling a shared contact is; nothing is said against two records by sharing one.
pub(super) fn told(contact: Option<i32>) -> i32 {
    contact.unwrap_or(MOST).max(0)
}
