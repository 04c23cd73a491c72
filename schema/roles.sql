-- The roles of readers. Idempotent; whoever may create roles can run it once for the whole server, and then again in
-- the project's database.
DO $$
DECLARE reader text;
BEGIN
    FOREACH reader IN ARRAY ARRAY['vinculo_crm_reader', 'vinculo_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = reader) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', reader);
            EXCEPTION
                -- Another database of the server was prepared at the same moment.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON SCHEMA crm, audit, vinculo FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA crm, audit, vinculo FROM PUBLIC;
GRANT USAGE ON SCHEMA crm TO vinculo_crm_reader, vinculo_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA crm TO vinculo_crm_reader, vinculo_auditor;
GRANT USAGE ON SCHEMA audit TO vinculo_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO vinculo_auditor;
