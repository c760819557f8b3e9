-- Stores a span in about a kilobyte and lets every list answer from an index.
--
-- Instants become microseconds since 1970. Payloads move to a table of their own, so that drawing a run
-- reads no payload. Instances count their spans as they arrive. Answers to repeated requests are no longer
-- stored for spans, whose rows say the same, and the table of keys becomes an ordinary one.

DROP INDEX agent_instance_by_agent;
DROP INDEX agent_span_by_instance;
ALTER TABLE agent RENAME TO old_agent;
ALTER TABLE agent_version RENAME TO old_agent_version;
ALTER TABLE agent_schema_version RENAME TO old_agent_schema_version;
ALTER TABLE span_type RENAME TO old_span_type;
ALTER TABLE agent_deployment RENAME TO old_agent_deployment;
ALTER TABLE agent_instance RENAME TO old_agent_instance;
ALTER TABLE agent_span RENAME TO old_agent_span;

CREATE TABLE agent (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    external_identifier TEXT,
    inserted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE agent_version (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    external_identifier TEXT NOT NULL,
    content TEXT NOT NULL,
    inserted_at INTEGER NOT NULL,
    UNIQUE (agent_id, external_identifier)
) STRICT;

CREATE TABLE agent_schema_version (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    external_identifier TEXT NOT NULL,
    content TEXT NOT NULL,
    inserted_at INTEGER NOT NULL,
    UNIQUE (agent_id, external_identifier)
) STRICT;

-- Titles of the span types in a schema version, taken out so that creating a span parses no schema.
CREATE TABLE span_type (
    agent_schema_version_id TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (agent_schema_version_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_deployment (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    UNIQUE (agent_id, environment_id)
) STRICT;

CREATE TABLE agent_instance (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    agent_version_id TEXT NOT NULL,
    agent_schema_version_id TEXT,
    agent_deployment_id TEXT NOT NULL,
    status TEXT NOT NULL,
    purpose TEXT NOT NULL,
    external_identifier TEXT,
    termination_reason TEXT,
    started_at INTEGER,
    finished_at INTEGER,
    inserted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Kept by the writer with every span, so that a list of runs counts nothing.
    spans_pending INTEGER NOT NULL DEFAULT 0,
    spans_active INTEGER NOT NULL DEFAULT 0,
    spans_complete INTEGER NOT NULL DEFAULT 0,
    spans_failed INTEGER NOT NULL DEFAULT 0,
    spans_cancelled INTEGER NOT NULL DEFAULT 0,
    -- When the last span was created or finished here.
    last_span_at INTEGER,
    UNIQUE (agent_id, external_identifier)
) STRICT;

CREATE INDEX agent_instance_by_agent ON agent_instance (agent_id, status);
CREATE INDEX agent_instance_by_status ON agent_instance (status);

CREATE TABLE agent_span (
    -- The order of arrival; also the row of the payload and of the text index.
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    agent_instance_id TEXT NOT NULL,
    parent_span_id TEXT,
    schema_name TEXT NOT NULL,
    status TEXT NOT NULL,
    sensitive_encoding INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    inserted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Ends with `seq`, as every index does: the spans of one run in the order of their arrival.
CREATE INDEX agent_span_by_instance ON agent_span (agent_instance_id);
CREATE INDEX agent_span_failed ON agent_span (agent_instance_id) WHERE status = 'failed';

CREATE TABLE agent_span_payload (
    seq INTEGER PRIMARY KEY,
    payload TEXT NOT NULL,
    result_payload TEXT
) STRICT;

-- Which spans hold a word, in their name, payload or result. It keeps neither the texts nor positions,
-- which would double the file. `rowid` is the span's `seq`.
CREATE VIRTUAL TABLE span_text USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 2'
);

-- Spans whose words are not in the index yet. The writer indexes them when it has nothing else to do.
CREATE TABLE span_text_pending (seq INTEGER PRIMARY KEY) STRICT;

INSERT INTO agent SELECT id, name, description, external_identifier,
    unixepoch(substr(inserted_at, 1, 19)) * 1000000 + CAST(substr(inserted_at, 21, 6) AS INTEGER),
    unixepoch(substr(updated_at, 1, 19)) * 1000000 + CAST(substr(updated_at, 21, 6) AS INTEGER) FROM old_agent;
INSERT INTO agent_version SELECT id, agent_id, external_identifier, content,
    unixepoch(substr(inserted_at, 1, 19)) * 1000000 + CAST(substr(inserted_at, 21, 6) AS INTEGER) FROM old_agent_version;
INSERT INTO agent_schema_version SELECT id, agent_id, external_identifier, content,
    unixepoch(substr(inserted_at, 1, 19)) * 1000000 + CAST(substr(inserted_at, 21, 6) AS INTEGER) FROM old_agent_schema_version;
INSERT INTO span_type SELECT * FROM old_span_type;
INSERT INTO agent_deployment SELECT * FROM old_agent_deployment;
INSERT INTO agent_span (id, agent_instance_id, parent_span_id, schema_name, status, sensitive_encoding,
    started_at, finished_at, inserted_at, updated_at)
SELECT id, agent_instance_id, parent_span_id, schema_name, status, sensitive_encoding,
    unixepoch(substr(started_at, 1, 19)) * 1000000 + CAST(substr(started_at, 21, 6) AS INTEGER),
    unixepoch(substr(finished_at, 1, 19)) * 1000000 + CAST(substr(finished_at, 21, 6) AS INTEGER),
    unixepoch(substr(inserted_at, 1, 19)) * 1000000 + CAST(substr(inserted_at, 21, 6) AS INTEGER),
    unixepoch(substr(updated_at, 1, 19)) * 1000000 + CAST(substr(updated_at, 21, 6) AS INTEGER)
    FROM old_agent_span ORDER BY rowid;
INSERT INTO agent_span_payload SELECT s.seq, o.payload, o.result_payload
    FROM agent_span s JOIN old_agent_span o ON o.id = s.id ORDER BY s.seq;
INSERT INTO span_text_pending SELECT seq FROM agent_span;
INSERT INTO agent_instance
SELECT i.id, i.agent_id, i.agent_version_id, i.agent_schema_version_id, i.agent_deployment_id, i.status, i.purpose,
    i.external_identifier, i.termination_reason,
    unixepoch(substr(i.started_at, 1, 19)) * 1000000 + CAST(substr(i.started_at, 21, 6) AS INTEGER),
    unixepoch(substr(i.finished_at, 1, 19)) * 1000000 + CAST(substr(i.finished_at, 21, 6) AS INTEGER),
    unixepoch(substr(i.inserted_at, 1, 19)) * 1000000 + CAST(substr(i.inserted_at, 21, 6) AS INTEGER),
    unixepoch(substr(i.updated_at, 1, 19)) * 1000000 + CAST(substr(i.updated_at, 21, 6) AS INTEGER),
    count(s.seq) FILTER (WHERE s.status = 'pending'),
    count(s.seq) FILTER (WHERE s.status = 'active'),
    count(s.seq) FILTER (WHERE s.status = 'complete'),
    count(s.seq) FILTER (WHERE s.status = 'failed'),
    count(s.seq) FILTER (WHERE s.status = 'cancelled'),
    max(s.updated_at)
    FROM old_agent_instance i LEFT JOIN agent_span s ON s.agent_instance_id = i.id
    GROUP BY i.id ORDER BY i.rowid;

DROP TABLE old_agent_span;
DROP TABLE old_agent_instance;
DROP TABLE old_agent_deployment;
DROP TABLE old_span_type;
DROP TABLE old_agent_schema_version;
DROP TABLE old_agent_version;
DROP TABLE old_agent;

-- The first answer to a request that carried a key. `hash` is of `scope` and `key`, and the next free number
-- where two are equal; `scope` is of the caller's token and the endpoint: the file must not hold a secret that
-- may also open the hosted platform. A request about a span is answered again with the span, all others with
-- the stored text. Keys of the layout before this one are forgotten: their numbers cannot be made in SQL.
DROP TABLE idempotency;
CREATE TABLE idempotency (
    hash INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    key TEXT NOT NULL,
    span INTEGER,
    answer TEXT
) STRICT;
