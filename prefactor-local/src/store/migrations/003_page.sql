-- Lets the trace page sum up tokens, filter by tag, show what a run was asked, and keep prices.

-- What model calls used, by run. Read from payloads and results as they arrive.
CREATE TABLE span_usage (
    agent_instance_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    model TEXT,
    input INTEGER,
    output INTEGER,
    cached INTEGER,
    cost REAL,
    PRIMARY KEY (agent_instance_id, seq)
) STRICT, WITHOUT ROWID;

-- The tags of a run, from the payload of a span without a parent.
CREATE TABLE run_tag (
    agent_instance_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (agent_instance_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_tag_by_tag ON run_tag (tag);

-- The first of them holds the question of a run.
CREATE INDEX agent_span_root ON agent_span (agent_instance_id) WHERE parent_span_id IS NULL;

-- US dollars for a million tokens of the models whose names begin so, as the user looked them up on a day.
CREATE TABLE price (
    model TEXT PRIMARY KEY,
    input REAL NOT NULL,
    cached REAL,
    output REAL NOT NULL,
    as_of TEXT NOT NULL
) STRICT, WITHOUT ROWID;
