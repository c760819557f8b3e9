CREATE TABLE account (
    id TEXT PRIMARY KEY,
    environment_id TEXT NOT NULL,
    partition INTEGER NOT NULL
) STRICT;

CREATE TABLE agent (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    external_identifier TEXT,
    inserted_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE agent_version (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agent (id),
    external_identifier TEXT NOT NULL,
    content TEXT NOT NULL,
    inserted_at TEXT NOT NULL,
    UNIQUE (agent_id, external_identifier)
) STRICT;

CREATE TABLE agent_schema_version (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agent (id),
    external_identifier TEXT NOT NULL,
    content TEXT NOT NULL,
    inserted_at TEXT NOT NULL,
    UNIQUE (agent_id, external_identifier)
) STRICT;

-- Titles of the span types in a schema version, taken out so that creating a span parses no schema.
CREATE TABLE span_type (
    agent_schema_version_id TEXT NOT NULL REFERENCES agent_schema_version (id),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (agent_schema_version_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_deployment (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agent (id),
    environment_id TEXT NOT NULL,
    UNIQUE (agent_id, environment_id)
) STRICT;

CREATE TABLE agent_instance (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agent (id),
    agent_version_id TEXT NOT NULL REFERENCES agent_version (id),
    agent_schema_version_id TEXT REFERENCES agent_schema_version (id),
    agent_deployment_id TEXT NOT NULL REFERENCES agent_deployment (id),
    status TEXT NOT NULL,
    purpose TEXT NOT NULL,
    external_identifier TEXT,
    termination_reason TEXT,
    started_at TEXT,
    finished_at TEXT,
    inserted_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (agent_id, external_identifier)
) STRICT;

CREATE INDEX agent_instance_by_agent ON agent_instance (agent_id, status);

CREATE TABLE agent_span (
    id TEXT PRIMARY KEY,
    agent_instance_id TEXT NOT NULL REFERENCES agent_instance (id),
    parent_span_id TEXT REFERENCES agent_span (id),
    schema_name TEXT NOT NULL,
    status TEXT NOT NULL,
    payload TEXT NOT NULL,
    result_payload TEXT,
    sensitive_encoding INTEGER NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    inserted_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX agent_span_by_instance ON agent_span (agent_instance_id, status);

-- The first answer to a request that carried a key. The caller is a fingerprint of its token: the file
-- must not hold a secret that may also open the hosted platform.
CREATE TABLE idempotency (
    caller INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    key TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (caller, endpoint, key)
) STRICT, WITHOUT ROWID;
