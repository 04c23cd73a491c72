//! Taking back the last publication, as a new one: what stood before it is in the histories, so the server works out the
//! differences itself.

use super::differences::{Staged, look_at_tables};
use super::{Change, Heading, Published, lock_feed, make_room, take_memory, write_account};
use crate::connection::{Store, commit};
use crate::customer_row::copy_columns;
use crate::error::{Doing, Result, StoreError};
use chrono::{DateTime, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres};
use vinculo_records::RunId;

/// A publication that is to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undo {
    /// Its number: it must be the last one.
    pub publication: i64,
    /// The run that takes it back; none only counts what would change.
    pub run: Option<RunId>,
    /// When it is taken back.
    pub published_at: DateTime<Utc>,
}

/// What taking back a publication did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// What was published; nothing where it was only counted.
    pub published: Published,
    /// How many customers changed in which way.
    pub changes: Vec<(Change, u64)>,
    /// How many customers there are then.
    pub customers: u64,
}

impl Store {
    /// Takes back the last publication in one transaction, as the next one. Customers have the values, records and ids
    /// that they had before it, each in a new version; ids that began with it end; decisions and redirects are as they
    /// were. Source records stay as they are.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when it is not the last one, [`StoreError::Inconsistent`] when what stood before it is not
    /// known: nothing is written then.
    pub async fn undo(&self, undo: &Undo) -> Result<Undone> {
        let doing = "taking back a publication";
        let mut transaction = self.begin(doing).await?;
        take_memory(&mut transaction).await?;
        make_room(&mut transaction).await?;
        // What is worked out stands only while nobody else publishes.
        lock_feed(&mut transaction, undo.publication + 1, 0).await?;
        let staged = stage(&mut transaction, undo).await?;
        let changes = count_changes(&mut transaction).await?;
        let customers = count_customers(&mut transaction).await?;
        let mut published = Published::default();
        if let Some(run) = undo.run {
            published = write(&mut transaction, undo, run, &staged).await?;
            commit(transaction, doing).await?;
        }
        Ok(Undone { published, changes, customers })
    }
}

async fn write(connection: &mut PgConnection, undo: &Undo, run: RunId, staged: &Staged) -> Result<Published> {
    let number = undo.publication + 1;
    let published_at = undo.published_at;
    let heading = Heading { number, run, models: &[], published_at, takes_back: Some(undo.publication) };
    let (head, mut rows) = staged.apply(connection, &heading, &[]).await?;
    give_back_records(connection).await?;
    (rows.decisions, rows.ended_decisions) = turn_decisions(connection, undo.publication).await?;
    forget_basis(connection).await?;
    let last_change = head + rows.changes as i64;
    let published = Published { publication: Some(number), first_change: head + 1, last_change, rows };
    write_account(connection, &heading, &published).await?;
    Ok(published)
}

/// Each id that the publication told of: the state that stood before it, if it was a living customer then; what it
/// becomes, and by which entry among those that follow. The living come first, as in every publication.
const TAKEN_BACK: &str = "
    INSERT INTO taken_back (customer_id, change, other_customer_id, version, restores, place)
    SELECT c.customer_id, c.change, c.other_customer_id, c.version, h.version,
        row_number() OVER (ORDER BY h.version IS NULL, c.change_seq)
    FROM vinculo.publication p
    JOIN crm.customer_change c ON c.change_seq BETWEEN p.first_change AND p.last_change
    LEFT JOIN vinculo.customer_history h ON h.customer_id = c.customer_id AND h.to_publication = p.publication
        AND h.version = CASE WHEN c.change IN ('merged', 'ended') THEN c.version ELSE c.version - 1 END
    WHERE p.publication = $1";

const MEMBERS: &str = "
    INSERT INTO incoming_member (source, source_key, customer_id, record_id, updated_at, change_seq)
    SELECT s.name, r.source_key, m.customer_id, m.record_id, $2, t.place
    FROM taken_back t
    JOIN vinculo.membership_history m ON m.customer_id = t.customer_id AND m.to_publication = $1
    JOIN vinculo.source_record r ON r.record_id = m.record_id
    JOIN vinculo.source s ON s.source_id = r.source_id";

/// Records that came with the publication, and belonged to nobody before.
const LEAVING: &str = "
    INSERT INTO leaving_record
    SELECT m.record_id
    FROM vinculo.publication p
    CROSS JOIN taken_back t
    JOIN crm.customer_source m ON m.customer_id = t.customer_id AND m.change_seq >= p.first_change
    WHERE p.publication = $1 AND NOT EXISTS (SELECT FROM incoming_member i WHERE i.record_id = m.record_id)";

const CUSTOMERS: &str = concat!(
    "INSERT INTO incoming_customer (",
    copy_columns!(),
    ") SELECT ",
    copy_columns!(),
    " FROM vinculo.customer_history
     WHERE (customer_id, version) IN (SELECT customer_id, restores FROM taken_back WHERE restores IS NOT NULL)"
);

const RENEW: &str = "
    UPDATE incoming_customer i
    SET version = t.version + 1, updated_at = $2, publication = $1 + 1, change_seq = t.place
    FROM taken_back t WHERE t.customer_id = i.customer_id";

/// An id that began with the publication leads to the customer that has most of its records now; of equal ones, to that
/// of the record that it had first. Every other one leads where it led before.
const FORMER: &str = "
    INSERT INTO former_id (customer_id, leads_to)
    SELECT t.customer_id,
        CASE WHEN t.version = 1 AND t.change IN ('created', 'split') THEN n.customer_id ELSE before.led_to END
    FROM vinculo.publication p
    CROSS JOIN taken_back t
    LEFT JOIN (
        SELECT DISTINCT ON (began) began, customer_id FROM (
            SELECT m.customer_id AS began, i.customer_id, count(*) AS records, min(m.record_id) AS first
            FROM crm.customer_source m JOIN incoming_member i USING (record_id) GROUP BY 1, 2
        ) shared
        ORDER BY began, records DESC, first
    ) n ON n.began = t.customer_id
    LEFT JOIN LATERAL (
        SELECT c.other_customer_id AS led_to FROM crm.customer_change c
        WHERE c.customer_id = t.customer_id AND c.change IN ('merged', 'ended') AND c.change_seq < p.first_change
        ORDER BY c.change_seq DESC LIMIT 1
    ) before ON true
    WHERE p.publication = $1 AND t.restores IS NULL";

/// What the feed will say of each. A customer that had gone into another one comes out of it again, if that one lives.
const BECOMES: &str = "
    UPDATE taken_back b SET
        becomes = CASE
            WHEN t.restores IS NULL THEN CASE WHEN f.leads_to IS NULL THEN 'ended' ELSE 'merged' END
            WHEN t.change = 'updated' THEN 'updated'
            WHEN o.customer_id IS NULL THEN 'created'
            ELSE 'split'
        END,
        toward = coalesce(f.leads_to, o.customer_id)
    FROM taken_back t
    LEFT JOIN former_id f ON f.customer_id = t.customer_id
    LEFT JOIN taken_back o ON o.customer_id = t.other_customer_id AND o.restores IS NOT NULL AND t.change = 'merged'
        AND t.restores IS NOT NULL
    WHERE b.place = t.place";

const CHANGES: &str = "
    INSERT INTO incoming_change (change_seq, customer_id, other_customer_id, published_at, version, change)
    SELECT place, customer_id, toward, $1, CASE WHEN restores IS NULL THEN version ELSE version + 1 END, becomes
    FROM taken_back";

/// Works out the differences between what stands and what stood before.
async fn stage(connection: &mut PgConnection, undo: &Undo) -> Result<Staged> {
    let doing = "working out what stood before";
    sqlx::raw_sql(
        "CREATE TEMPORARY TABLE taken_back (customer_id uuid, change text, other_customer_id uuid, version integer,
             restores integer, place bigint, becomes text, toward uuid) ON COMMIT DROP",
    )
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    let number = undo.publication;
    put(connection, sqlx::query(TAKEN_BACK).bind(number)).await?;
    // Whatever is joined with each other may be everything that there is, and have come a moment ago: the planner must know.
    sqlx::raw_sql("ANALYZE taken_back, vinculo.membership_history, vinculo.customer_history")
        .execute(&mut *connection)
        .await
        .doing(doing)?;
    let members = put(connection, sqlx::query(MEMBERS).bind(number).bind(undo.published_at)).await?;
    sqlx::raw_sql("ANALYZE incoming_member").execute(&mut *connection).await.doing(doing)?;
    let leaving = put(connection, sqlx::query(LEAVING).bind(number)).await?;
    let customers = put(connection, sqlx::query(CUSTOMERS)).await?;
    put(connection, sqlx::query(RENEW).bind(number).bind(undo.published_at)).await?;
    let former = put(connection, sqlx::query(FORMER).bind(number)).await?;
    sqlx::raw_sql("ANALYZE former_id").execute(&mut *connection).await.doing(doing)?;
    put(connection, sqlx::query(BECOMES)).await?;
    let changes = put(connection, sqlx::query(CHANGES).bind(undo.published_at)).await?;
    look_at_tables(connection).await?;
    check_members(connection).await?;
    Ok(Staged { customers, members, changes, decisions: 0, leaving, former })
}

async fn put(connection: &mut PgConnection, statement: Query<'_, Postgres, PgArguments>) -> Result<u64> {
    Ok(statement.execute(connection).await.doing("working out what stood before")?.rows_affected())
}

/// A publication of a program that kept no history of memberships cannot be taken back.
async fn check_members(connection: &mut PgConnection) -> Result<()> {
    let unknown: bool = sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT FROM (
                 SELECT customer_id, record_count::bigint AS records FROM incoming_customer
                 UNION ALL
                 SELECT customer_id, -1 FROM incoming_member
                 WHERE customer_id IN (SELECT customer_id FROM incoming_customer)
                 UNION ALL
                 SELECT m.customer_id, -1 FROM crm.customer_source m
                 WHERE m.customer_id IN (SELECT customer_id FROM incoming_customer)
                     AND NOT EXISTS (SELECT FROM incoming_member n WHERE n.record_id = m.record_id)
                     AND NOT EXISTS (SELECT FROM leaving_record l WHERE l.record_id = m.record_id)
             ) counted
             GROUP BY customer_id HAVING sum(records) <> 0)",
    )
    .fetch_one(connection)
    .await
    .doing("checking what stood before")?;
    if unknown {
        let what = "it is not known who had which records before: an earlier version of the program published that";
        return Err(StoreError::Inconsistent { what: what.into() });
    }
    Ok(())
}

/// How many customers there will be: those that there are, less those that begin with the publication, and those that come
/// back.
async fn count_customers(connection: &mut PgConnection) -> Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM crm.customer)
             - (SELECT count(*) FROM taken_back JOIN crm.customer USING (customer_id) WHERE restores IS NULL)
             + (SELECT count(*) FROM taken_back t WHERE restores IS NOT NULL
                    AND NOT EXISTS (SELECT FROM crm.customer c WHERE c.customer_id = t.customer_id))",
    )
    .fetch_one(connection)
    .await
    .doing("counting customers")?;
    Ok(count.unsigned_abs())
}

async fn count_changes(connection: &mut PgConnection) -> Result<Vec<(Change, u64)>> {
    let doing = "counting changes";
    let counts: Vec<(String, i64)> = sqlx::query_as("SELECT becomes, count(*) FROM taken_back GROUP BY 1 ORDER BY 1")
        .fetch_all(connection)
        .await
        .doing(doing)?;
    let change = |(name, count): (String, i64)| Some((Change::from_name(&name)?, count.unsigned_abs()));
    counts.into_iter().map(change).collect::<Option<_>>().ok_or(StoreError::Unexpected { doing })
}

/// A former id that had come back is former again, with the records that it was former with: those of its last state that
/// was no such return taken back.
async fn give_back_records(connection: &mut PgConnection) -> Result<()> {
    sqlx::query(
        "UPDATE vinculo.former_customer f SET records = had.records
         FROM (
             SELECT t.customer_id, (
                 SELECT array_agg(m.record_id ORDER BY m.from_publication, m.record_id)
                 FROM vinculo.membership_history m
                 WHERE m.customer_id = t.customer_id AND m.to_publication = (
                     SELECT h.to_publication FROM vinculo.customer_history h
                     WHERE h.customer_id = t.customer_id AND h.version < t.version
                         AND (h.version = 1 OR NOT EXISTS (SELECT FROM vinculo.publication p
                             WHERE p.publication = h.to_publication AND p.takes_back = h.publication))
                     ORDER BY h.version DESC LIMIT 1)
             ) AS records
             FROM taken_back t
             WHERE t.restores IS NULL AND t.change IN ('created', 'split') AND t.version > 1
         ) had
         WHERE f.customer_id = had.customer_id AND had.records IS NOT NULL",
    )
    .execute(connection)
    .await
    .doing("writing former customers")?;
    Ok(())
}

/// What is published is no longer what the last resolution said, so the next one starts from all records. Their keys stay,
/// by which they are found.
async fn forget_basis(connection: &mut PgConnection) -> Result<()> {
    sqlx::query("UPDATE vinculo.key_base SET rules = 'null'")
        .execute(connection)
        .await
        .doing("forgetting what was resolved")?;
    Ok(())
}

/// Ends the decisions of the publication, and puts those that it ended in force again, under new numbers: no decision is
/// altered that was in force once. Returns how many of each, those in force again first.
async fn turn_decisions(connection: &mut PgConnection, publication: i64) -> Result<(u64, u64)> {
    let doing = "writing decisions";
    let ended = sqlx::query("UPDATE vinculo.decision SET to_publication = $1 + 1 WHERE from_publication = $1")
        .bind(publication)
        .execute(&mut *connection)
        .await
        .doing(doing)?
        .rows_affected();
    let first: i64 = sqlx::query_scalar(
        "UPDATE vinculo.counter SET next_decision_id = next_decision_id + again.count
         FROM (SELECT count(*) AS count FROM vinculo.decision WHERE to_publication = $1) again
         RETURNING next_decision_id - again.count",
    )
    .bind(publication)
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    let again = sqlx::query(
        "INSERT INTO vinculo.decision
             (decision_id, left_record, right_record, model_version, from_publication, weight, kind, levels, reason)
         SELECT $2 - 1 + row_number() OVER (ORDER BY decision_id), left_record, right_record, model_version, $1 + 1,
             weight, kind, levels, reason
         FROM vinculo.decision WHERE to_publication = $1",
    )
    .bind(publication)
    .bind(first)
    .execute(connection)
    .await
    .doing(doing)?
    .rows_affected();
    Ok((again, ended))
}
