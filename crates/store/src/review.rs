//! What a person should look at: decisions in force, with the customers that their records belong to.

use crate::connection::Store;
use crate::customer_state::kind_from_name;
use crate::decision::{DecisionRecord, decision_kind, decision_record};
use crate::error::{Doing, Result, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};
use vinculo_records::{CustomerId, DecisionKind, Kind};

/// A decision in force, with the customers of its two records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionForReview {
    /// The decision.
    pub decision: DecisionRecord,
    /// The customer of the left record.
    pub left: CustomerAtStake,
    /// The customer of the right record: of a join, the same.
    pub right: CustomerAtStake,
}

/// A customer that another answer would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomerAtStake {
    /// Its id.
    pub id: CustomerId,
    /// How many records it has.
    pub records: i32,
}

/// How many decisions in force are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionCount {
    /// What was decided.
    pub decision: DecisionKind,
    /// Kind of the records.
    pub kind: Kind,
    /// Why conflicts were refused; `judged_same` of joins that a person judged.
    pub reason: Option<String>,
    /// How many.
    pub count: u64,
}

/// Adds names and customers to the decisions of a `chosen` before it.
const WITH_CUSTOMERS: &str = "
    SELECT d.*, lm.source AS left_source, lm.source_key AS left_key, lm.customer_id AS left_customer,
        lc.record_count AS left_count, rm.source AS right_source, rm.source_key AS right_key,
        rm.customer_id AS right_customer, rc.record_count AS right_count
    FROM chosen d
    JOIN crm.customer_source lm ON lm.record_id = d.left_record
    JOIN crm.customer_source rm ON rm.record_id = d.right_record
    JOIN crm.customer lc ON lc.customer_id = lm.customer_id
    JOIN crm.customer rc ON rc.customer_id = rm.customer_id";

/// Decisions of the kinds `$1` that keep two customers apart, and wait for a person. A judgement between any records of the
/// two settles them: "different" as long as it is in force; "same" until a resolution has followed it, since two customers
/// that are apart even then need another look.
const WAITING: &str = "
    WITH settled AS (
        SELECT least(l.customer_id, r.customer_id) AS one, greatest(l.customer_id, r.customer_id) AS other
        FROM vinculo.judgement j
        JOIN crm.customer_source l ON l.record_id = j.left_record
        JOIN crm.customer_source r ON r.record_id = j.right_record
        WHERE NOT EXISTS (SELECT FROM vinculo.judgement s WHERE s.supersedes = j.judgement_id)
            AND (j.kind = 'different' OR j.kind = 'same' AND j.judgement_id
                > (SELECT coalesce(max(last_judgement), 0) FROM vinculo.run))
    ), chosen AS (
        SELECT d.* FROM vinculo.decision d
        JOIN crm.customer_source l ON l.record_id = d.left_record
        JOIN crm.customer_source r ON r.record_id = d.right_record
        WHERE d.to_publication IS NULL AND d.kind = ANY($1) AND d.reason IS DISTINCT FROM 'judged_different'
            AND l.customer_id <> r.customer_id
            AND NOT EXISTS (
                SELECT FROM settled s
                WHERE s.one = least(l.customer_id, r.customer_id) AND s.other = greatest(l.customer_id, r.customer_id)
            )
    )";

impl Store {
    /// Decisions of these kinds that keep two customers apart and wait for a person, the most consequential first: those
    /// that would bring together the most pairs of records, then the strongest.
    pub async fn decisions_by_consequence(&self, kinds: &[DecisionKind], limit: u32) -> Result<Vec<DecisionForReview>> {
        let kinds: Vec<i16> = kinds.iter().map(|kind| *kind as i16).collect();
        let statement = format!(
            "{WAITING}
             {WITH_CUSTOMERS}
             ORDER BY lc.record_count::bigint * rc.record_count DESC, d.weight DESC, d.decision_id
             LIMIT $2"
        );
        let query = sqlx::query(AssertSqlSafe(statement)).bind(kinds).bind(i64::from(limit));
        let rows = query.fetch_all(&self.pool).await.doing("reading decisions for review")?;
        rows.iter().map(for_review).collect()
    }

    /// How many decisions of these kinds wait for a person, by kind of record and reason; of each kind the most frequent
    /// first.
    pub async fn count_waiting(&self, kinds: &[DecisionKind]) -> Result<Vec<DecisionCount>> {
        let kinds: Vec<i16> = kinds.iter().map(|kind| *kind as i16).collect();
        let statement = format!("{WAITING} {}", counted("chosen d", "true"));
        let query = sqlx::query_as(AssertSqlSafe(statement)).bind(kinds);
        counts(query.fetch_all(&self.pool).await.doing(COUNTING)?)
    }

    /// Decisions of one kind about records of one kind that no person has judged, those first whose weight is nearest to `weight` (thousandths of a
    /// bit; [`i32::MAX`] for the strongest first).
    pub async fn decisions_near(
        &self,
        decision: DecisionKind,
        kind: Kind,
        weight: i32,
        limit: u32,
    ) -> Result<Vec<DecisionForReview>> {
        let statement = format!(
            "WITH chosen AS (
                 SELECT f.* FROM vinculo.decision f JOIN vinculo.model m USING (model_version)
                 WHERE f.to_publication IS NULL AND f.kind = $1 AND m.kind = $2
                     AND coalesce(f.reason, '') NOT IN ('judged_same', 'judged_different')
                 ORDER BY abs(f.weight - $3::bigint), f.decision_id LIMIT $4
             )
             {WITH_CUSTOMERS}
             ORDER BY abs(d.weight - $3::bigint), d.decision_id"
        );
        let query = sqlx::query(AssertSqlSafe(statement))
            .bind(decision as i16)
            .bind(kind.name())
            .bind(i64::from(weight))
            .bind(i64::from(limit));
        let rows = query.fetch_all(&self.pool).await.doing("reading decisions for review")?;
        rows.iter().map(for_review).collect()
    }

    /// How many decisions in force there are of each kind, by kind of record and reason; of each the most frequent first.
    pub async fn count_decisions(&self) -> Result<Vec<DecisionCount>> {
        let query = sqlx::query_as(AssertSqlSafe(counted("vinculo.decision d", "d.to_publication IS NULL")));
        counts(query.fetch_all(&self.pool).await.doing(COUNTING)?)
    }
}

const COUNTING: &str = "counting decisions";

/// The statement that counts decisions by kind, kind of record and reason.
fn counted(decisions: &str, which: &str) -> String {
    format!(
        "SELECT d.kind, m.kind, d.reason, count(*) FROM {decisions} JOIN vinculo.model m USING (model_version)
         WHERE {which}
         GROUP BY d.kind, m.kind, d.reason ORDER BY d.kind, count(*) DESC, d.reason, m.kind DESC"
    )
}

fn counts(rows: Vec<(i16, String, Option<String>, i64)>) -> Result<Vec<DecisionCount>> {
    let count = |(decision, kind, reason, count): (i16, String, Option<String>, i64)| {
        Some(DecisionCount {
            decision: decision_kind(decision)?,
            kind: kind_from_name(&kind)?,
            reason,
            count: count.unsigned_abs(),
        })
    };
    rows.into_iter().map(count).collect::<Option<_>>().ok_or(StoreError::Unexpected { doing: COUNTING })
}

fn for_review(row: &PgRow) -> Result<DecisionForReview> {
    let doing = "reading decisions for review";
    let customer = |id: &str, records: &str| -> Result<CustomerAtStake> {
        Ok(CustomerAtStake {
            id: CustomerId(row.try_get(id).doing(doing)?),
            records: row.try_get(records).doing(doing)?,
        })
    };
    Ok(DecisionForReview {
        decision: decision_record(row)?,
        left: customer("left_customer", "left_count")?,
        right: customer("right_customer", "right_count")?,
    })
}
