-- Keeps what the rest of the API is about: names that lead to an agent, who owns it, deployments with a pinned version,
-- quality, alerts, sensitive values, and objects that people administer.

ALTER TABLE account ADD COLUMN name TEXT NOT NULL DEFAULT 'local';
ALTER TABLE account ADD COLUMN inserted_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE account SET inserted_at = unixepoch() * 1000000, updated_at = unixepoch() * 1000000;

ALTER TABLE agent ADD COLUMN retired_at INTEGER;
ALTER TABLE agent ADD COLUMN owner_person_id TEXT;
ALTER TABLE agent ADD COLUMN risk_profile_id TEXT;
ALTER TABLE agent ADD COLUMN team_id TEXT;

-- The names under which agents were created or which people gave them. A version may rename its agent; a program that
-- registers by name only, without an identifier, is still the agent that it was.
CREATE TABLE agent_name (name TEXT PRIMARY KEY, agent_id TEXT NOT NULL) STRICT;
INSERT OR IGNORE INTO agent_name SELECT name, id FROM agent ORDER BY id;
INSERT OR IGNORE INTO agent_name
    SELECT content ->> 'name', agent_id FROM agent_version WHERE content ->> 'name' IS NOT NULL ORDER BY id;

ALTER TABLE agent_version ADD COLUMN agent_schema_version_id TEXT;
ALTER TABLE agent_deployment ADD COLUMN current_version_id TEXT;
ALTER TABLE agent_deployment ADD COLUMN inserted_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agent_deployment ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE agent_deployment SET
    inserted_at = coalesce((SELECT a.inserted_at FROM agent a WHERE a.id = agent_id), 0),
    updated_at = coalesce((SELECT a.inserted_at FROM agent a WHERE a.id = agent_id), 0);

-- Whether the start has come: one that comes after the finish is taken, a second one is not.
ALTER TABLE agent_instance ADD COLUMN was_started INTEGER NOT NULL DEFAULT 0;
UPDATE agent_instance SET was_started = status <> 'pending';
-- Since when nothing was heard of an active run, once that is long enough; and whether it was ended for that.
ALTER TABLE agent_instance ADD COLUMN silent_since INTEGER;
ALTER TABLE agent_instance ADD COLUMN ended_by_silence INTEGER NOT NULL DEFAULT 0;

CREATE TABLE quality (
    agent_instance_id TEXT NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    inserted_at INTEGER NOT NULL,
    PRIMARY KEY (agent_instance_id, name)
) STRICT;

CREATE TABLE alert (
    id TEXT PRIMARY KEY,
    agent_instance_id TEXT NOT NULL,
    name TEXT NOT NULL,
    severity TEXT NOT NULL,
    status TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- The values of the marks in the payload, as a JSON array.
    sensitive TEXT,
    payload_sensitive_encoding INTEGER NOT NULL,
    version INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    cleared_at INTEGER,
    inserted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_by_instance ON alert (agent_instance_id, name);

-- The values of the marks in a span's payload and result, as JSON arrays.
CREATE TABLE agent_span_sensitive (
    seq INTEGER PRIMARY KEY,
    payload TEXT,
    result_payload TEXT
) STRICT;

-- What belongs to a run or a span goes with it.
CREATE TRIGGER agent_instance_deleted AFTER DELETE ON agent_instance BEGIN
    DELETE FROM quality WHERE agent_instance_id = old.id;
    DELETE FROM alert WHERE agent_instance_id = old.id;
END;
CREATE TRIGGER agent_span_deleted AFTER DELETE ON agent_span BEGIN
    DELETE FROM agent_span_sensitive WHERE seq = old.seq;
END;

-- Environments, teams, people and risk profiles; `content` is a JSON object with the fields of the kind.
CREATE TABLE record (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    inserted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX record_by_kind ON record (kind, id);
INSERT INTO record
    SELECT environment_id, 'environment', 'local', '{"name":"local"}', unixepoch() * 1000000, unixepoch() * 1000000
    FROM account;
