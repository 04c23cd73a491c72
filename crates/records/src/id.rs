//! Ids, one type per kind of thing, so that none is mistaken for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A source of the project: one name in `vinculo.yaml`, for ever.
    SourceId(i16)
);
id!(
    /// One call of a command that reads or decides.
    RunId(i64)
);
id!(
    /// What one run read from one source; sealed or refused as a whole.
    DeliveryId(i64)
);
id!(
    /// One row of a source, whatever its versions say.
    RecordId(i64)
);
id!(
    /// One immutable state of a source record.
    VersionId(i64)
);
id!(
    /// A customer; lasts as long as the customer does, then redirects.
    CustomerId(Uuid)
);
