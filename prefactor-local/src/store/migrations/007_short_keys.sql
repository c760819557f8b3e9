-- Keeps a digest of each idempotency key in place of the key, which took a third of the row.
--
-- `hash` is as before: of scope and key, and the next free number where two are equal. `digest` tells those apart. A row of the
-- layout before this one keeps its key, and its scope stands in `digest`: digests cannot be made in SQL.
CREATE TABLE idempotency_key (
    hash INTEGER PRIMARY KEY,
    digest INTEGER NOT NULL,
    key TEXT,
    span INTEGER,
    answer TEXT
) STRICT;
INSERT INTO idempotency_key SELECT hash, scope, key, span, answer FROM idempotency ORDER BY hash;
DROP TABLE idempotency;
ALTER TABLE idempotency_key RENAME TO idempotency;
