//! From rows that the server has received to the tables that tools read, by set-based statements.

use super::{Heading, MANY_ROWS, Publication, RowsWritten, Tell, former, members};
use crate::copy::{EncodedRows, Target};
use crate::customer_row::copy_columns;
use crate::error::{Doing, Result, StoreError};
use sqlx::PgConnection;

/// The differences, in temporary tables. The first customers go to their table at once: their numbers in the feed need
/// nothing added, since it is empty.
#[derive(Debug)]
pub(super) struct Staged {
    pub(super) is_first: bool,
    pub(super) customers: u64,
    pub(super) members: u64,
}

const FIRST: Target = Target { table: "crm.customer", columns: copy_columns!() };
const INCOMING: Target = Target { table: "incoming_customer", columns: copy_columns!() };
const KEEP_REPLACED: &str = concat!(
    "INSERT INTO vinculo.customer_history (",
    copy_columns!(),
    ", to_publication) SELECT ",
    copy_columns!(),
    ", $1 FROM crm.customer WHERE customer_id IN (
         SELECT customer_id FROM incoming_customer WHERE version > 1 UNION ALL SELECT customer_id FROM former_id)"
);
const WRITE_INCOMING: &str =
    concat!("INSERT INTO crm.customer (", copy_columns!(), ") SELECT ", copy_columns!(), " FROM incoming_customer");

impl Staged {
    pub(super) async fn stage(
        connection: &mut PgConnection,
        publication: &Publication<'_>,
        is_first: bool,
        tell: Tell<'_>,
    ) -> Result<Self> {
        let doing = "sending customers";
        make_tables(connection).await?;
        let into = if is_first { FIRST } else { INCOMING };
        let customers = super::send(connection, into, publication.customers, tell, doing).await?;
        let members = members::stage(connection, publication, is_first, tell).await?;
        former::stage(connection, publication.former).await?;
        if is_first {
            check_first(connection, publication, members).await?;
        } else if publication.rows() >= MANY_ROWS {
            look_at_tables(connection).await?;
        }
        Ok(Self { is_first, customers, members })
    }

    pub(super) async fn apply(
        &self,
        connection: &mut PgConnection,
        heading: &Heading<'_>,
        head: i64,
    ) -> Result<RowsWritten> {
        let mut rows = RowsWritten::default();
        if self.is_first {
            rows.created = self.customers;
            rows.joined = self.members;
            return Ok(rows);
        }
        rows.ended = former::keep_records(connection).await?;
        rows.returned = former::take_back(connection).await?;
        rows.updated = replace_customers(connection, heading.number, head, &rows).await?;
        rows.created = self.customers - rows.updated - rows.returned;
        rows.redirects = former::redirect(connection, heading.published_at).await?;
        (rows.left, rows.joined) = members::write(connection, heading.number, head).await?;
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
                "SELECT EXISTS (SELECT FROM former_id f JOIN crm.customer_source m USING (customer_id))",
            ),
            (
                "a redirect leads to a customer that is not published",
                "SELECT EXISTS (SELECT FROM former_id f LEFT JOIN crm.customer c ON c.customer_id = f.leads_to
                     WHERE f.leads_to IS NOT NULL AND c.customer_id IS NULL)
                 OR EXISTS (SELECT FROM former_id f JOIN crm.customer_redirect r ON r.customer_id = f.customer_id)",
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

/// Makes the tables that differences come into. They are the session's: who publishes record after record finds them again,
/// empty, and the catalog is not written each time.
pub(super) async fn make_tables(connection: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql(
        "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_customer (LIKE crm.customer) ON COMMIT DELETE ROWS;
         CREATE TEMPORARY TABLE IF NOT EXISTS incoming_member (LIKE crm.customer_source) ON COMMIT DELETE ROWS;
         CREATE TEMPORARY TABLE IF NOT EXISTS leaving_record (record_id bigint) ON COMMIT DELETE ROWS;
         CREATE TEMPORARY TABLE IF NOT EXISTS former_id (customer_id uuid, leads_to uuid) ON COMMIT DELETE ROWS",
    )
    .execute(connection)
    .await
    .doing("making room for differences")?;
    Ok(())
}

/// Tells the planner how many differences there are: without statistics the tables would be taken for small ones by the
/// statements that join them.
pub(super) async fn look_at_tables(connection: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("ANALYZE incoming_customer, incoming_member, leaving_record, former_id")
        .execute(connection)
        .await
        .doing("looking at the differences")?;
    Ok(())
}

async fn check_first(connection: &mut PgConnection, publication: &Publication<'_>, joined: u64) -> Result<()> {
    let records: i64 = sqlx::query_scalar("SELECT coalesce(sum(record_count), 0)::bigint FROM crm.customer")
        .fetch_one(connection)
        .await
        .doing("checking a publication")?;
    let nothing_to_end =
        publication.former.is_empty() && publication.left.is_empty() && publication.ended_decisions.is_empty();
    let created: u64 = publication.customers.iter().map(EncodedRows::count).sum();
    let what = if records.unsigned_abs() != joined {
        "the customers' record counts are not how many records they have"
    } else if created != publication.changes.len() as u64 {
        "each new customer needs one entry of the feed"
    } else if !nothing_to_end {
        "nothing is published that could end"
    } else {
        return Ok(());
    };
    Err(StoreError::Inconsistent { what })
}

/// Earlier states go to the history; returns how many customers were replaced.
async fn replace_customers(connection: &mut PgConnection, number: i64, head: i64, rows: &RowsWritten) -> Result<u64> {
    let doing = "writing customers";
    // A customer that comes back was created when it was first published.
    sqlx::query(
        "UPDATE incoming_customer i SET change_seq = i.change_seq + $1, created_at = coalesce(
             (SELECT c.created_at FROM crm.customer c WHERE c.customer_id = i.customer_id AND c.version = i.version - 1),
             (SELECT h.created_at FROM vinculo.customer_history h
              WHERE h.customer_id = i.customer_id AND h.version = i.version - 1),
             i.created_at)",
    )
    .bind(head)
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    let (replacing, changed): (i64, i64) = sqlx::query_as(
        "SELECT count(c.customer_id), count(*) FROM incoming_customer i
         LEFT JOIN crm.customer c ON c.customer_id = i.customer_id AND c.version = i.version - 1 AND c.kind = i.kind
         WHERE i.version > 1",
    )
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    let replacing = replacing.unsigned_abs();
    let kept = sqlx::query(KEEP_REPLACED)
        .bind(number)
        .execute(&mut *connection)
        .await
        .doing("writing the history of customers")?
        .rows_affected();
    if changed.unsigned_abs() != replacing + rows.returned || kept != replacing + rows.ended {
        return Err(StoreError::Inconsistent {
            what: "a customer was to be changed or ended that is not published in the version before",
        });
    }
    sqlx::query(
        "DELETE FROM crm.customer WHERE customer_id IN (
             SELECT customer_id FROM incoming_customer WHERE version > 1 UNION ALL SELECT customer_id FROM former_id)",
    )
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query(WRITE_INCOMING).execute(connection).await.doing(doing)?;
    Ok(replacing)
}
