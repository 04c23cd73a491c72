-- Models, decisions, publications, and the customers that tools read.

CREATE SCHEMA crm;
COMMENT ON SCHEMA crm IS 'Customers, for CRM and BI tools: read it freely, write nothing.';

CREATE TABLE vinculo.model (
    model_version bigint PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('person', 'organization')),
    run_id bigint NOT NULL REFERENCES vinculo.run,
    digest uuid NOT NULL,
    body jsonb NOT NULL
);
COMMENT ON TABLE vinculo.model IS 'Models by which records were compared; a version is never altered.';
COMMENT ON COLUMN vinculo.model.model_version IS 'Number of the model.';
COMMENT ON COLUMN vinculo.model.kind IS 'Kind of customer that it resolves: person or organization.';
COMMENT ON COLUMN vinculo.model.run_id IS 'Run that trained it.';
COMMENT ON COLUMN vinculo.model.digest IS 'Hash of the model; the same training again makes no new version.';
COMMENT ON COLUMN vinculo.model.body IS 'The plan and the frozen weights.';

CREATE TABLE vinculo.publication (
    publication bigint PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES vinculo.run,
    models bigint[] NOT NULL,
    first_change bigint NOT NULL,
    last_change bigint NOT NULL,
    counts jsonb NOT NULL,
    published_at timestamptz NOT NULL
);
COMMENT ON TABLE vinculo.publication IS 'Publications; each is one transaction that wrote differences only.';
COMMENT ON COLUMN vinculo.publication.publication IS 'Number of the publication, dense from 1.';
COMMENT ON COLUMN vinculo.publication.run_id IS 'Run that published.';
COMMENT ON COLUMN vinculo.publication.models IS 'Models that decided.';
COMMENT ON COLUMN vinculo.publication.first_change IS 'Its first entry in the change feed; one more than the last when it has none.';
COMMENT ON COLUMN vinculo.publication.last_change IS 'Its last entry in the change feed.';
COMMENT ON COLUMN vinculo.publication.counts IS 'Rows written, table by table.';
COMMENT ON COLUMN vinculo.publication.published_at IS 'When it was published.';

CREATE TABLE vinculo.feed_head (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    last_change bigint NOT NULL DEFAULT 0
);
INSERT INTO vinculo.feed_head DEFAULT VALUES;
COMMENT ON TABLE vinculo.feed_head IS 'Last number of the change feed; its lock puts publications in the order of their commits.';
COMMENT ON COLUMN vinculo.feed_head.single IS 'There is one row.';
COMMENT ON COLUMN vinculo.feed_head.last_change IS 'Last number that was given.';

CREATE TABLE vinculo.decision (
    decision_id bigint PRIMARY KEY,
    left_record bigint NOT NULL,
    right_record bigint NOT NULL,
    model_version bigint NOT NULL,
    from_publication bigint NOT NULL,
    to_publication bigint,
    weight integer NOT NULL,
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 3),
    levels bytea NOT NULL,
    reason text
);
CREATE INDEX decision_left ON vinculo.decision (left_record);
CREATE INDEX decision_right ON vinculo.decision (right_record);
COMMENT ON TABLE vinculo.decision IS 'What was decided about pairs of records, with the evidence: levels and weights, never values.';
COMMENT ON COLUMN vinculo.decision.decision_id IS 'Number of the decision.';
COMMENT ON COLUMN vinculo.decision.left_record IS 'The record with the lesser hash.';
COMMENT ON COLUMN vinculo.decision.right_record IS 'The record with the greater hash.';
COMMENT ON COLUMN vinculo.decision.model_version IS 'Model that weighed the pair.';
COMMENT ON COLUMN vinculo.decision.from_publication IS 'Publication since which it has been in force.';
COMMENT ON COLUMN vinculo.decision.to_publication IS 'Publication that ended it; none while it is in force.';
COMMENT ON COLUMN vinculo.decision.weight IS 'Match weight, in thousandths of a bit.';
COMMENT ON COLUMN vinculo.decision.kind IS '1 join, 2 conflict, 3 possible match.';
COMMENT ON COLUMN vinculo.decision.levels IS 'Level of each comparison, a byte each, in the order of the plan.';
COMMENT ON COLUMN vinculo.decision.reason IS 'Why a conflict was refused; none for other kinds.';

CREATE TABLE crm.customer (
    customer_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('person', 'organization')),
    name text,
    full_name text,
    given_name text,
    middle_name text,
    family_name text,
    birth_date date,
    sex text,
    mother_name text,
    legal_name text,
    trade_name text,
    website text,
    tax_id text,
    email text,
    phone text,
    address text,
    street text,
    house_number text,
    complement text,
    district text,
    city text,
    region text,
    postal_code text,
    country text,
    tax_ids text[] NOT NULL,
    emails text[] NOT NULL,
    phones text[] NOT NULL,
    attributes jsonb NOT NULL,
    record_count integer NOT NULL CHECK (record_count > 0),
    version integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    change_seq bigint NOT NULL,
    publication bigint NOT NULL,
    content_hash uuid NOT NULL,
    lineage_versions bigint[] NOT NULL,
    lineage smallint[] NOT NULL
);
CREATE INDEX customer_tax_id ON crm.customer (tax_id);
CREATE INDEX customer_email ON crm.customer (email);
CREATE INDEX customer_phone ON crm.customer (phone);
-- Few customers have a second value, so these cost little; a query must repeat the condition to use them.
CREATE INDEX customer_tax_ids ON crm.customer USING gin (tax_ids) WITH (fastupdate = off) WHERE cardinality(tax_ids) > 1;
CREATE INDEX customer_emails ON crm.customer USING gin (emails) WITH (fastupdate = off) WHERE cardinality(emails) > 1;
CREATE INDEX customer_phones ON crm.customer USING gin (phones) WITH (fastupdate = off) WHERE cardinality(phones) > 1;
COMMENT ON TABLE crm.customer IS 'Customers: one row for each person or organization, the best of all that its records say.';
COMMENT ON COLUMN crm.customer.customer_id IS 'Lasting id; when the customer is merged into another, crm.customer_redirect leads from it to the other.';
COMMENT ON COLUMN crm.customer.kind IS 'person or organization.';
COMMENT ON COLUMN crm.customer.name IS 'Name to show, there whenever the customer has any: the full name, its parts, the legal or the trade name.';
COMMENT ON COLUMN crm.customer.full_name IS 'Whole name of a person.';
COMMENT ON COLUMN crm.customer.given_name IS 'Given name or names of a person.';
COMMENT ON COLUMN crm.customer.middle_name IS 'Middle name or names of a person.';
COMMENT ON COLUMN crm.customer.family_name IS 'Family name or names of a person.';
COMMENT ON COLUMN crm.customer.birth_date IS 'Day of birth.';
COMMENT ON COLUMN crm.customer.sex IS 'Sex as the source states it: F, M or X.';
COMMENT ON COLUMN crm.customer.mother_name IS 'Whole name of the person''s mother.';
COMMENT ON COLUMN crm.customer.legal_name IS 'Registered name of an organization.';
COMMENT ON COLUMN crm.customer.trade_name IS 'Name under which an organization trades.';
COMMENT ON COLUMN crm.customer.website IS 'Website of an organization, as a bare host name.';
COMMENT ON COLUMN crm.customer.tax_id IS 'Tax identifier: CPF, CNPJ, NIF, or another code.';
COMMENT ON COLUMN crm.customer.email IS 'E-mail address.';
COMMENT ON COLUMN crm.customer.phone IS 'Phone number, in E.164 form where it is a valid one.';
COMMENT ON COLUMN crm.customer.address IS 'Whole address in one line.';
COMMENT ON COLUMN crm.customer.street IS 'Street, with its type.';
COMMENT ON COLUMN crm.customer.house_number IS 'Number of the house in its street.';
COMMENT ON COLUMN crm.customer.complement IS 'Apartment, floor, block.';
COMMENT ON COLUMN crm.customer.district IS 'District or neighborhood.';
COMMENT ON COLUMN crm.customer.city IS 'City or town.';
COMMENT ON COLUMN crm.customer.region IS 'State or province, as its code where it is known.';
COMMENT ON COLUMN crm.customer.postal_code IS 'Postal code, without punctuation.';
COMMENT ON COLUMN crm.customer.country IS 'Country, as an ISO 3166 code of two letters where it is known.';
COMMENT ON COLUMN crm.customer.tax_ids IS 'All tax identifiers, the best first. Indexed for: cardinality(tax_ids) > 1 AND tax_ids @> ARRAY[…]; the best one is found by tax_id.';
COMMENT ON COLUMN crm.customer.emails IS 'All e-mail addresses, the best first. Indexed for: cardinality(emails) > 1 AND emails @> ARRAY[…]; the best one is found by email.';
COMMENT ON COLUMN crm.customer.phones IS 'All phone numbers, the best first. Indexed for: cardinality(phones) > 1 AND phones @> ARRAY[…]; the best one is found by phone.';
COMMENT ON COLUMN crm.customer.attributes IS 'Attributes that the project declares: text each, a list for a set.';
COMMENT ON COLUMN crm.customer.record_count IS 'How many source records speak of this customer.';
COMMENT ON COLUMN crm.customer.version IS 'Number of this state of the customer, from 1; earlier ones stand in audit.customer_history.';
COMMENT ON COLUMN crm.customer.created_at IS 'When the customer was first published.';
COMMENT ON COLUMN crm.customer.updated_at IS 'When this state was published.';
COMMENT ON COLUMN crm.customer.change_seq IS 'Entry of crm.customer_change that tells of this state.';
COMMENT ON COLUMN crm.customer.publication IS 'Publication that wrote this state.';
COMMENT ON COLUMN crm.customer.content_hash IS 'Hash of the golden values, their lineage and the customer''s records.';
COMMENT ON COLUMN crm.customer.lineage_versions IS 'Source record versions that gave any value.';
COMMENT ON COLUMN crm.customer.lineage IS 'An element a value: position in lineage_versions (from 0) × 16 + rule, -1 for none; audit.value_lineage reads it.';

CREATE TABLE crm.customer_source (
    source text COLLATE "C" NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    customer_id uuid NOT NULL,
    record_id bigint NOT NULL UNIQUE,
    updated_at timestamptz NOT NULL,
    change_seq bigint NOT NULL,
    PRIMARY KEY (source, source_key)
);
CREATE INDEX customer_source_customer ON crm.customer_source (customer_id);
COMMENT ON TABLE crm.customer_source IS 'Which customer each source record speaks of; every current record stands here once.';
COMMENT ON COLUMN crm.customer_source.source IS 'Name of the source.';
COMMENT ON COLUMN crm.customer_source.source_key IS 'Key of the record in its source; a composite one is a JSON array.';
COMMENT ON COLUMN crm.customer_source.customer_id IS 'The customer.';
COMMENT ON COLUMN crm.customer_source.record_id IS 'Number of the source record.';
COMMENT ON COLUMN crm.customer_source.updated_at IS 'When the record came to this customer.';
COMMENT ON COLUMN crm.customer_source.change_seq IS 'Entry of crm.customer_change that tells of it.';

CREATE TABLE crm.customer_redirect (
    old_customer_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    reason text NOT NULL,
    redirected_at timestamptz NOT NULL
);
CREATE INDEX customer_redirect_customer ON crm.customer_redirect (customer_id);
COMMENT ON TABLE crm.customer_redirect IS 'Ids that no longer stand for a customer themselves; always one step to a living one, which has most of the records of the id.';
COMMENT ON COLUMN crm.customer_redirect.old_customer_id IS 'The id that was.';
COMMENT ON COLUMN crm.customer_redirect.customer_id IS 'The customer that stands for it now.';
COMMENT ON COLUMN crm.customer_redirect.reason IS 'Why, in a word: merged.';
COMMENT ON COLUMN crm.customer_redirect.redirected_at IS 'When it came to lead to this customer.';

CREATE TABLE crm.customer_change (
    change_seq bigint PRIMARY KEY,
    customer_id uuid NOT NULL,
    other_customer_id uuid,
    published_at timestamptz NOT NULL,
    version integer NOT NULL,
    change text NOT NULL CHECK (change IN ('created', 'updated', 'merged', 'split', 'ended'))
);
COMMENT ON TABLE crm.customer_change IS 'The change feed: dense and in the order of commits. Keep the last number you saw and ask for greater ones.';
COMMENT ON COLUMN crm.customer_change.change_seq IS 'Number of the entry, from 1 without a gap.';
COMMENT ON COLUMN crm.customer_change.customer_id IS 'The customer that changed.';
COMMENT ON COLUMN crm.customer_change.other_customer_id IS 'For merged, the customer that it went into; for split, the one that it came from.';
COMMENT ON COLUMN crm.customer_change.published_at IS 'When it was published.';
COMMENT ON COLUMN crm.customer_change.version IS 'Version of the customer after the change; its last one when it is merged or ended.';
COMMENT ON COLUMN crm.customer_change.change IS 'created, updated, merged, split or ended. Each id whose answer changes has an entry: merged tells too that an id which led elsewhere leads to other_customer_id now; split and created, that a former id stands for a customer again.';

CREATE TABLE vinculo.customer_history (
    LIKE crm.customer INCLUDING COMMENTS,
    to_publication bigint NOT NULL,
    PRIMARY KEY (customer_id, version)
);
COMMENT ON TABLE vinculo.customer_history IS 'Earlier states of customers, those that have ended among them.';
COMMENT ON COLUMN vinculo.customer_history.to_publication IS 'Publication that replaced this state.';

CREATE TABLE vinculo.former_customer (
    customer_id uuid PRIMARY KEY,
    kind text NOT NULL,
    version integer NOT NULL,
    records bigint[] NOT NULL
);
COMMENT ON TABLE vinculo.former_customer IS 'Ids that stand for no customer now: crm.customer_redirect says where they lead; those that it does not name have ended.';
COMMENT ON COLUMN vinculo.former_customer.customer_id IS 'The id that was.';
COMMENT ON COLUMN vinculo.former_customer.kind IS 'person or organization.';
COMMENT ON COLUMN vinculo.former_customer.version IS 'Its last version, which stands in the history.';
COMMENT ON COLUMN vinculo.former_customer.records IS 'Records that it had last, the one that it had longest first. The id leads where most of them are, and comes back when they come apart from the others.';
