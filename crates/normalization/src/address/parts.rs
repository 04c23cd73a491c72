//! An address taken apart.

use std::borrow::Cow;

/// An address in parts; a part that is not there is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressParts<'a> {
    /// The street with its type, and whatever was not understood.
    pub street: Cow<'a, str>,
    /// The number of the house, as [`super::house_number`] shows it.
    pub house_number: Cow<'a, str>,
    /// Apartment, floor, block.
    pub complement: &'a str,
    /// District.
    pub district: &'a str,
    /// City.
    pub city: &'a str,
    /// The abbreviation of a Brazilian state, or the region's text.
    pub region: &'a str,
    /// The postal code as it stands in the line.
    pub postal_code: &'a str,
}

impl<'a> AddressParts<'a> {
    /// The same with what another address has and this one has not.
    pub fn or(self, other: Self) -> Self {
        fn either<T: AsRef<str>>(one: T, other: T) -> T {
            if one.as_ref().is_empty() { other } else { one }
        }
        Self {
            street: either(self.street, other.street),
            house_number: either(self.house_number, other.house_number),
            complement: either(self.complement, other.complement),
            district: either(self.district, other.district),
            city: either(self.city, other.city),
            region: either(self.region, other.region),
            postal_code: either(self.postal_code, other.postal_code),
        }
    }
}
