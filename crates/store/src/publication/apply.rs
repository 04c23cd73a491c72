//! From rows that the server has received to the tables that tools read, by set-based statements.

use super::{EndedCustomer, Publication, RowsWritten};
use crate::copy::{RowEncoder, copy_in};
use crate::customer_row::copy_columns;
use crate::error::{Doing, Result, StoreError};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;
use vinculo_records::CustomerId;

/// The differences, in temporary tables. The first customers go to their table at once: their numbers in the feed need
/// nothing added, since it is empty.
#[derive(Debug)]
pub(super) struct Staged {
    is_first: bool,
    customers: u64,
}

const COPY_FIRST: &str = concat!("COPY crm.customer (", copy_columns!(), ") FROM STDIN BINARY");
const COPY_INCOMING: &str = concat!("COPY incoming_customer (", copy_columns!(), ") FROM STDIN BINARY");
const KEEP_REPLACED: &str = concat!(
    "INSERT INTO vinculo.customer_history (",
    copy_columns!(),
    ", to_publication) SELECT ",
    copy_columns!(),
    ", $1 FROM crm.customer WHERE customer_id IN (
         SELECT customer_id FROM incoming_customer WHERE version > 1 UNION ALL SELECT customer_id FROM ended_customer)"
);
const WRITE_INCOMING: &str =
    concat!("INSERT INTO crm.customer (", copy_columns!(), ") SELECT ", copy_columns!(), " FROM incoming_customer");

impl Staged {
    pub(super) async fn stage(
        connection: &mut PgConnection,
        publication: &Publication<'_>,
        is_first: bool,
    ) -> Result<Self> {
        let doing = "sending customers";
        sqlx::raw_sql(
            "CREATE TEMPORARY TABLE incoming_customer (LIKE crm.customer) ON COMMIT DROP;
             CREATE TEMPORARY TABLE incoming_member (record_id bigint, customer_id uuid, change bigint) ON COMMIT DROP;
             CREATE TEMPORARY TABLE ended_customer (customer_id uuid, successor uuid) ON COMMIT DROP",
        )
        .execute(&mut *connection)
        .await
        .doing(doing)?;
        let into = if is_first { COPY_FIRST } else { COPY_INCOMING };
        let customers = copy_in(connection, into, publication.customers, doing).await?;
        stage_members(connection, publication).await?;
        stage_ended(connection, publication.ended).await?;
        if !is_first {
            // The statements that follow join these tables; without statistics they would be taken for small ones.
            sqlx::raw_sql("ANALYZE incoming_customer, incoming_member, ended_customer")
                .execute(connection)
                .await
                .doing(doing)?;
        }
        Ok(Self { is_first, customers })
    }

    pub(super) async fn apply(
        &self,
        connection: &mut PgConnection,
        publication: &Publication<'_>,
        head: i64,
    ) -> Result<RowsWritten> {
        let mut rows = RowsWritten::default();
        if self.is_first {
            rows.created = self.customers;
            rows.joined = first_members(connection, publication).await?;
            check_first(connection, publication, &rows).await?;
            return Ok(rows);
        }
        rows.updated = replace_customers(connection, publication, head).await?;
        rows.created = self.customers - rows.updated;
        rows.ended = publication.ended.len() as u64;
        rows.redirects = redirect(connection, publication).await?;
        (rows.left, rows.joined) = move_members(connection, publication, head).await?;
        Ok(rows)
    }

    /// Looks once more at everything that the publication touched; what does not hold is rolled back.
    pub(super) async fn check(&self, connection: &mut PgConnection) -> Result<()> {
        const CHECKS: [(&str, &str); 5] = [
            (
                "a customer's record count is not how many records it has",
                "SELECT EXISTS (SELECT FROM incoming_customer i WHERE i.record_count <>
                     (SELECT count(*) FROM crm.customer_source m WHERE m.customer_id = i.customer_id))",
            ),
            (
                "a customer's change is not told by its entry of the feed",
                "SELECT EXISTS (SELECT FROM incoming_customer i
                     LEFT JOIN crm.customer_change c ON c.change_seq = i.change_seq AND c.customer_id = i.customer_id
                         AND c.version = i.version
                     WHERE c.change_seq IS NULL)",
            ),
            (
                "a record came to a customer whose row does not tell of it",
                "SELECT EXISTS (SELECT FROM incoming_member m LEFT JOIN incoming_customer c USING (customer_id)
                     WHERE c.customer_id IS NULL)",
            ),
            (
                "a customer that has ended still has records",
                "SELECT EXISTS (SELECT FROM ended_customer e JOIN crm.customer_source m USING (customer_id))",
            ),
            (
                "a redirect leads to a customer that is not published",
                "SELECT EXISTS (SELECT FROM ended_customer e LEFT JOIN crm.customer c ON c.customer_id = e.successor
                     WHERE e.successor IS NOT NULL AND c.customer_id IS NULL)",
            ),
        ];
        for (what, query) in CHECKS {
            let is_broken: bool =
                sqlx::query_scalar(query).fetch_one(&mut *connection).await.doing("checking a publication")?;
            if is_broken {
                return Err(StoreError::Inconsistent { what });
            }
        }
        Ok(())
    }
}

async fn stage_members(connection: &mut PgConnection, publication: &Publication<'_>) -> Result<()> {
    let doing = "sending memberships";
    let mut rows = RowEncoder::new(3);
    for member in publication.joined {
        rows.row().int8(member.record.0).uuid(member.customer.0.as_u128()).int8(member.change);
    }
    let statement = "COPY incoming_member (record_id, customer_id, change) FROM STDIN BINARY";
    copy_in(connection, statement, &[rows.finish(doing)?], doing).await?;
    Ok(())
}

async fn stage_ended(connection: &mut PgConnection, ended: &[EndedCustomer]) -> Result<()> {
    let (ids, successors): (Vec<Uuid>, Vec<Option<Uuid>>) =
        final_successors(ended)?.into_iter().map(|(id, successor)| (id.0, successor.map(|id| id.0))).unzip();
    sqlx::query("INSERT INTO ended_customer SELECT * FROM unnest($1::uuid[], $2::uuid[])")
        .bind(ids)
        .bind(successors)
        .execute(connection)
        .await
        .doing("sending ended customers")?;
    Ok(())
}

/// Where a successor ends in the same publication, its own successor takes its place: one step, whatever happened.
fn final_successors(ended: &[EndedCustomer]) -> Result<Vec<(CustomerId, Option<CustomerId>)>> {
    let successors: HashMap<CustomerId, Option<CustomerId>> =
        ended.iter().map(|ended| (ended.id, ended.successor)).collect();
    ended
        .iter()
        .map(|ended| {
            let mut successor = ended.successor;
            // No chain without a circle is longer than this.
            for _ in 0..=successors.len() {
                match successor.and_then(|id| successors.get(&id)) {
                    Some(next) => successor = *next,
                    None => return Ok((ended.id, successor)),
                }
            }
            Err(StoreError::Inconsistent { what: "customers that ended stand for each other in a circle" })
        })
        .collect()
}

async fn first_members(connection: &mut PgConnection, publication: &Publication<'_>) -> Result<u64> {
    let written = sqlx::query(
        "INSERT INTO crm.customer_source (source, source_key, customer_id, record_id, updated_at, change_seq)
         SELECT s.name, r.source_key, i.customer_id, i.record_id, $1, i.change
         FROM incoming_member i
         JOIN vinculo.source_record r USING (record_id)
         JOIN vinculo.source s USING (source_id)",
    )
    .bind(publication.published_at)
    .execute(connection)
    .await
    .doing("writing memberships")?;
    Ok(written.rows_affected())
}

async fn check_first(connection: &mut PgConnection, publication: &Publication<'_>, rows: &RowsWritten) -> Result<()> {
    let records: i64 = sqlx::query_scalar("SELECT coalesce(sum(record_count), 0)::bigint FROM crm.customer")
        .fetch_one(connection)
        .await
        .doing("checking a publication")?;
    let nothing_to_end =
        publication.ended.is_empty() && publication.left.is_empty() && publication.ended_decisions.is_empty();
    let what = if records.unsigned_abs() != rows.joined {
        "the customers' record counts are not how many records they have"
    } else if rows.joined != publication.joined.len() as u64 {
        "a membership names a record that does not exist"
    } else if rows.created != publication.changes.len() as u64 {
        "each new customer needs one entry of the feed"
    } else if !nothing_to_end {
        "nothing is published that could end"
    } else {
        return Ok(());
    };
    Err(StoreError::Inconsistent { what })
}

/// Earlier states go to the history; returns how many customers were replaced.
async fn replace_customers(connection: &mut PgConnection, publication: &Publication<'_>, head: i64) -> Result<u64> {
    let doing = "writing customers";
    sqlx::query(
        "UPDATE incoming_customer i SET change_seq = i.change_seq + $1, created_at = coalesce(
             (SELECT c.created_at FROM crm.customer c WHERE c.customer_id = i.customer_id AND c.version = i.version - 1),
             i.created_at)",
    )
    .bind(head)
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    let replacing: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM incoming_customer i
         JOIN crm.customer c ON c.customer_id = i.customer_id AND c.version = i.version - 1 AND c.kind = i.kind",
    )
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    let changed: i64 = sqlx::query_scalar("SELECT count(*) FROM incoming_customer WHERE version > 1")
        .fetch_one(&mut *connection)
        .await
        .doing(doing)?;
    let kept = sqlx::query(KEEP_REPLACED)
        .bind(publication.number)
        .execute(&mut *connection)
        .await
        .doing("writing the history of customers")?
        .rows_affected();
    if replacing != changed || kept != changed.unsigned_abs() + publication.ended.len() as u64 {
        return Err(StoreError::Inconsistent {
            what: "a customer was to be changed or ended that is not published in the version before",
        });
    }
    sqlx::query(
        "DELETE FROM crm.customer WHERE customer_id IN (
             SELECT customer_id FROM incoming_customer WHERE version > 1 UNION ALL SELECT customer_id FROM ended_customer)",
    )
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query(WRITE_INCOMING).execute(connection).await.doing(doing)?;
    Ok(changed.unsigned_abs())
}

/// Ids that ended lead to their successors, and so does every id that led to them.
async fn redirect(connection: &mut PgConnection, publication: &Publication<'_>) -> Result<u64> {
    let doing = "writing redirects";
    let moved = sqlx::query(
        "UPDATE crm.customer_redirect r SET customer_id = e.successor, redirected_at = $1
         FROM ended_customer e WHERE r.customer_id = e.customer_id AND e.successor IS NOT NULL",
    )
    .bind(publication.published_at)
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query("DELETE FROM crm.customer_redirect r USING ended_customer e WHERE r.customer_id = e.customer_id")
        .execute(&mut *connection)
        .await
        .doing(doing)?;
    let new = sqlx::query(
        "INSERT INTO crm.customer_redirect (old_customer_id, customer_id, reason, redirected_at)
         SELECT customer_id, successor, 'merged', $1 FROM ended_customer WHERE successor IS NOT NULL",
    )
    .bind(publication.published_at)
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(moved.rows_affected() + new.rows_affected())
}

/// Returns how many memberships were removed and how many were set.
async fn move_members(connection: &mut PgConnection, publication: &Publication<'_>, head: i64) -> Result<(u64, u64)> {
    let doing = "writing memberships";
    let left: Vec<i64> = publication.left.iter().map(|record| record.0).collect();
    check_former_customers(connection, &left).await?;
    let removed = sqlx::query("DELETE FROM crm.customer_source WHERE record_id = ANY($1)")
        .bind(&left)
        .execute(&mut *connection)
        .await
        .doing(doing)?
        .rows_affected();
    let set = sqlx::query(
        "INSERT INTO crm.customer_source AS m (source, source_key, customer_id, record_id, updated_at, change_seq)
         SELECT s.name, r.source_key, i.customer_id, i.record_id, $1, $2 + i.change
         FROM incoming_member i
         JOIN vinculo.source_record r USING (record_id)
         JOIN vinculo.source s USING (source_id)
         ON CONFLICT (source, source_key) DO UPDATE
         SET customer_id = excluded.customer_id, updated_at = excluded.updated_at, change_seq = excluded.change_seq",
    )
    .bind(publication.published_at)
    .bind(head)
    .execute(connection)
    .await
    .doing(doing)?
    .rows_affected();
    if removed != left.len() as u64 || set != publication.joined.len() as u64 {
        return Err(StoreError::Inconsistent { what: "a membership names a record that is not there" });
    }
    Ok((removed, set))
}

/// A customer that loses a record is another one afterwards, or none.
async fn check_former_customers(connection: &mut PgConnection, left: &[i64]) -> Result<()> {
    let forgotten: bool = sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT FROM (SELECT record_id FROM incoming_member UNION ALL SELECT unnest($1::bigint[])) moving
             JOIN crm.customer_source m USING (record_id)
             LEFT JOIN incoming_customer i ON i.customer_id = m.customer_id
             LEFT JOIN ended_customer e ON e.customer_id = m.customer_id
             WHERE i.customer_id IS NULL AND e.customer_id IS NULL)",
    )
    .bind(left)
    .fetch_one(connection)
    .await
    .doing("checking a publication")?;
    if forgotten {
        return Err(StoreError::Inconsistent { what: "a record left a customer whose row does not tell of it" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> CustomerId {
        CustomerId(Uuid::from_u128(n))
    }

    fn ended(n: u128, successor: Option<u128>) -> EndedCustomer {
        EndedCustomer { id: id(n), successor: successor.map(id) }
    }

    #[test]
    fn a_chain_of_successors_becomes_one_step() {
        let chain = [ended(1, Some(2)), ended(2, Some(3)), ended(4, None), ended(5, Some(4))];
        let expected = vec![(id(1), Some(id(3))), (id(2), Some(id(3))), (id(4), None), (id(5), None)];
        assert_eq!(final_successors(&chain).unwrap(), expected);
    }

    #[test]
    fn a_circle_of_successors_is_refused() {
        assert!(final_successors(&[ended(1, Some(2)), ended(2, Some(1))]).is_err());
    }
}
