//! Patience with other sessions: a transaction that met another one is repeated as a whole.

use crate::connection::chance;
use crate::error::StoreError;
use std::time::Duration;

/// How often a transaction is tried again.
const REPETITIONS: u32 = 6;
/// A lock that did not come was waited for long already.
const REPETITIONS_AFTER_WAITING: u32 = 1;
/// The first pause; each later one may be twice as long.
const PAUSE: Duration = Duration::from_millis(20);

/// How much patience one transaction has left.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    repeated: u32,
}

impl Patience {
    /// Whether a transaction that failed so should be tried again; waits for a while before it says yes.
    ///
    /// Deadlocks (40P01), serialization failures (40001) and locks that did not come (55P03) are nobody's fault, and the
    /// server has rolled everything back.
    pub(crate) async fn allows(&mut self, error: &StoreError) -> bool {
        let limit = match error {
            StoreError::Database { code, .. } if code == "55P03" => REPETITIONS_AFTER_WAITING,
            error if error.is_contention() => REPETITIONS,
            _ => 0,
        };
        if self.repeated >= limit {
            return false;
        }
        // Those who met would meet again if they waited equally long.
        let longest = PAUSE * 2_u32.pow(self.repeated);
        tokio::time::sleep(longest.mul_f64(chance() as f64 / u64::MAX as f64)).await;
        self.repeated += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn repetitions(code: &str) -> u32 {
        let error = StoreError::Database { doing: "testing", code: code.into(), constraint: None };
        let mut patience = Patience::default();
        while patience.allows(&error).await {}
        patience.repeated
    }

    #[tokio::test]
    async fn only_what_another_session_caused_is_repeated_and_not_for_ever() {
        assert_eq!(repetitions("40001").await, REPETITIONS);
        assert_eq!(repetitions("40P01").await, REPETITIONS);
        assert_eq!(repetitions("55P03").await, REPETITIONS_AFTER_WAITING);
        assert_eq!(repetitions("23505").await, 0);
        let lost = StoreError::Connection { doing: "testing", reason: "gone".into() };
        assert!(!Patience::default().allows(&lost).await, "a commit may have come through");
    }
}
