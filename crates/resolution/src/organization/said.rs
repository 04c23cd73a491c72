//! What records say of their names and domains, in the words of a model.

use super::names::Names;
use super::own_names::OwnNames;
use super::sites::Sites;
use crate::comparison::Frequencies;
use crate::encoding::{Encoded, both};

/// Names and domains of all records: counting needs them, and so does weighing.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) names: Names,
    pub(super) own_names: OwnNames,
    pub(super) sites: Sites,
}

impl Said {
    /// What records say, their names being read already; the frequencies tell how common a domain is.
    pub(super) fn new(records: &Encoded, names: Names, frequencies: Frequencies<'_>) -> Self {
        let own_names = || OwnNames::new(records, &names);
        let (own_names, sites) = both(records.len(), own_names, || Sites::new(records, frequencies));
        Self { own_names, sites, names }
    }
}
