-- Keeps how many spans a run has lost, and lets what the page keeps of a run go with it.

CREATE TABLE run_loss (agent_instance_id TEXT PRIMARY KEY, spans INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TRIGGER agent_instance_page_deleted AFTER DELETE ON agent_instance BEGIN
    DELETE FROM run_loss WHERE agent_instance_id = old.id;
    DELETE FROM run_tag WHERE agent_instance_id = old.id;
    DELETE FROM span_usage WHERE agent_instance_id = old.id;
END;
