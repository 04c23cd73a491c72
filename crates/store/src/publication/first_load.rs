//! The first publication: indexes are set aside while the rows come, and built when all are there.

use super::{Headway, Tell};
use crate::error::{Doing, Result};
use sqlx::{AssertSqlSafe, PgConnection};

/// Indexes that were dropped, each with the statement that makes it again. What is never rebuilt is rolled back.
#[derive(Debug)]
pub(super) struct SetAside {
    rebuild: Vec<String>,
}

impl SetAside {
    /// Drops the indexes and keys of the tables that a publication fills. Their definitions are the catalog's own, so
    /// that they stand in the migrations alone.
    pub(super) async fn take(connection: &mut PgConnection) -> Result<Self> {
        let doing = "setting indexes aside";
        let statements: Vec<(String, String)> = sqlx::query_as(
            "WITH filled (relation) AS (
                 VALUES ('crm.customer'::regclass), ('crm.customer_source'), ('crm.customer_change'),
                     ('vinculo.decision')
             )
             SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', relation, conname),
                 format('ALTER TABLE %s ADD CONSTRAINT %I %s', relation, conname, pg_get_constraintdef(oid))
             FROM filled JOIN pg_constraint ON conrelid = relation AND contype IN ('p', 'u')
             UNION ALL
             SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
             FROM filled JOIN pg_index ON indrelid = relation
             WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        )
        .fetch_all(&mut *connection)
        .await
        .doing(doing)?;
        let mut rebuild = Vec::new();
        for (drop, create) in statements {
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *connection).await.doing(doing)?;
            rebuild.push(create);
        }
        // Before version 18 the server builds indexes over lists by one process, the others by several: those come first,
        // while there are keys to write on another core.
        rebuild.sort_by_key(|create| !create.contains(" USING gin "));
        Ok(Self { rebuild })
    }

    /// Builds the indexes, and tells the planner how the columns that the next publication joins by are filled. The
    /// server looks at the others by itself soon; to look at all of them here would cost thrice as much.
    pub(super) async fn rebuild(self, connection: &mut PgConnection, tell: Tell<'_>) -> Result<()> {
        let doing = "building indexes";
        tell(Headway::Indexes(self.rebuild.len() as u64));
        for create in self.rebuild {
            sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *connection).await.doing(doing)?;
            tell(Headway::Index);
        }
        sqlx::raw_sql(
            "ANALYZE crm.customer (customer_id, tax_id, email, phone), crm.customer_source (customer_id),
                 vinculo.decision (left_record, right_record)",
        )
        .execute(connection)
        .await
        .doing(doing)?;
        Ok(())
    }
}
