-- Tokens that people made. The file holds a hash of each: who reads the file cannot use them.
CREATE TABLE api_token (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the token, which is random and long, so it needs no salt.
    hash BLOB NOT NULL UNIQUE,
    -- The short fingerprint that a request is known by once its token was accepted.
    caller INTEGER NOT NULL,
    token_scope TEXT NOT NULL,
    -- Of a token that stands for one agent in one environment.
    agent_id TEXT,
    environment_id TEXT,
    agent_deployment_id TEXT,
    status TEXT NOT NULL,
    expires_at INTEGER,
    inserted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX api_token_by_caller ON api_token (caller);

-- What the server remembers about itself: `development_token` and `development_agent_id`, which it prints at start,
-- and `tokens_are_checked` from the first token on that somebody made.
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
