-- The right to write, with the token that fences off whoever lost it.

CREATE TABLE vinculo.lease (
    name text PRIMARY KEY,
    token bigint NOT NULL DEFAULT 0,
    command text,
    actor text,
    process bigint,
    sessions text,
    backend_pid integer,
    backend_start timestamptz,
    taken_at timestamptz,
    heartbeat_at timestamptz,
    -- Makes the token part of a key: a commit that locks the row FOR KEY SHARE then stops a takeover, not a heartbeat.
    UNIQUE (name, token)
);
INSERT INTO vinculo.lease (name) VALUES ('write');
COMMENT ON TABLE vinculo.lease IS 'Who may write: one command at a time, as long as it shows that it lives.';
COMMENT ON COLUMN vinculo.lease.name IS 'What it gives the right to: write.';
COMMENT ON COLUMN vinculo.lease.token IS 'Number of this holder. Every commit of the holder checks it, so that nothing is written by one that lost the lease.';
COMMENT ON COLUMN vinculo.lease.command IS 'Command that holds it; none while nobody does.';
COMMENT ON COLUMN vinculo.lease.actor IS 'Who called the command.';
COMMENT ON COLUMN vinculo.lease.process IS 'Its process, on its machine.';
COMMENT ON COLUMN vinculo.lease.sessions IS 'Application name of its sessions in this server.';
COMMENT ON COLUMN vinculo.lease.backend_pid IS 'Session that shows that it lives; the lease is free once that is gone.';
COMMENT ON COLUMN vinculo.lease.backend_start IS 'When this session began, since numbers of sessions come again.';
COMMENT ON COLUMN vinculo.lease.taken_at IS 'When it was taken.';
COMMENT ON COLUMN vinculo.lease.heartbeat_at IS 'Last sign of life; the lease is free when it is older than a minute.';
