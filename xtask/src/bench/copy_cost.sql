-- What Postgres alone needs for the tables of a run: one backend loads them once more into empty tables of the same
-- definition, from files in the binary format of COPY, builds the same indexes afterwards, and commits each table.
SET max_parallel_maintenance_workers = 0;
-- As the sessions of the program do.
SET wal_compression = lz4;
CREATE SCHEMA yardstick;
CREATE TABLE yardstick.cost (
    place text, name text, written bigint, copy_seconds float8, index_seconds float8, commit_seconds float8, bytes bigint
);

-- The files, one a table, in the folder of the server: it may write there whoever runs it.
DO $$
DECLARE
    place text; name text; written bigint;
BEGIN
    FOR place, name IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('vinculo', 'crm') LOOP
        EXECUTE format('SELECT count(*) FROM %I.%I', place, name) INTO written;
        IF written >= 1000 THEN
            EXECUTE format('COPY %I.%I TO %L (FORMAT binary)', place, name,
                current_setting('data_directory') || '/yardstick.' || name);
            INSERT INTO yardstick.cost (place, name, written) VALUES (place, name, written);
        END IF;
    END LOOP;
END $$;
CHECKPOINT;

DO $$
DECLARE
    source record; index_of_it text; begun timestamptz; copied timestamptz; indexed timestamptz;
BEGIN
    FOR source IN SELECT place, name FROM yardstick.cost ORDER BY place DESC, name LOOP
        EXECUTE format('CREATE TABLE yardstick.%I (LIKE %I.%I INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION)',
            source.name, source.place, source.name);
        COMMIT;
        begun := clock_timestamp();
        EXECUTE format('COPY yardstick.%I FROM %L (FORMAT binary)', source.name,
            current_setting('data_directory') || '/yardstick.' || source.name);
        copied := clock_timestamp();
        FOR index_of_it IN SELECT indexdef FROM pg_indexes WHERE schemaname = source.place AND tablename = source.name LOOP
            EXECUTE regexp_replace(index_of_it, ' ON [^ ]+ USING ', format(' ON yardstick.%I USING ', source.name));
        END LOOP;
        indexed := clock_timestamp();
        COMMIT;
        UPDATE yardstick.cost SET
            copy_seconds = extract(epoch FROM copied - begun),
            index_seconds = extract(epoch FROM indexed - copied),
            commit_seconds = extract(epoch FROM clock_timestamp() - indexed),
            bytes = pg_total_relation_size(format('yardstick.%I', source.name)::regclass)
        WHERE cost.place = source.place AND cost.name = source.name;
    END LOOP;
END $$;

SELECT place || '.' || name AS name, written AS rows, bytes, copy_seconds, index_seconds, commit_seconds
FROM yardstick.cost ORDER BY copy_seconds + index_seconds + commit_seconds DESC;
