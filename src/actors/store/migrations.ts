// The database's shape, one numbered step after another, forward only. A step that has been released is never edited: the
// next change is the next step. `user_version` in the file says how many have been taken.

export const migrations: readonly string[] = [
  // 1
  `
  CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    project    TEXT NOT NULL,
    run        TEXT NOT NULL,
    model      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX sessions_by_project ON sessions (project, updated_at);
  CREATE INDEX sessions_by_run ON sessions (run);

  CREATE TABLE messages (
    session    TEXT NOT NULL REFERENCES sessions (id),
    position   INTEGER NOT NULL,
    id         TEXT NOT NULL UNIQUE,
    body       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (session, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE approvals (
    project    TEXT NOT NULL,
    tool       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project, tool)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE input_history (
    id         INTEGER PRIMARY KEY,
    project    TEXT NOT NULL,
    text       TEXT NOT NULL
  ) STRICT;
  CREATE INDEX input_history_by_project ON input_history (project, id);

  CREATE TABLE process_state (
    run        TEXT NOT NULL,
    process    TEXT NOT NULL,
    state      TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (run, process)
  ) STRICT, WITHOUT ROWID;
  `,
  // 2: which process a session's run belongs to
  `
  ALTER TABLE sessions ADD COLUMN pid INTEGER;
  ALTER TABLE sessions ADD COLUMN pid_started TEXT NOT NULL DEFAULT '';
  `,
  // 3
  `
  CREATE TABLE aliases (
    project    TEXT NOT NULL,
    name       TEXT NOT NULL,
    expansion  TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (project, name)
  ) STRICT, WITHOUT ROWID;

  -- Rows are only ever added: see audit/audit.ts.
  CREATE TABLE audit (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL,
    at         INTEGER NOT NULL,
    project    TEXT NOT NULL,
    run        TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    previous   TEXT NOT NULL,
    hash       TEXT NOT NULL,
    UNIQUE (run, id)
  ) STRICT;
  CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
    WHEN NEW.seq <= (SELECT MAX(seq) FROM audit)
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

  -- A line typed again takes the place of the older one.
  DELETE FROM input_history WHERE id NOT IN (SELECT MAX(id) FROM input_history GROUP BY project, text);
  CREATE UNIQUE INDEX input_history_by_text ON input_history (project, text);

  CREATE TABLE notifications (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    project    TEXT NOT NULL,
    run        TEXT NOT NULL,
    source     TEXT NOT NULL,
    category   TEXT NOT NULL,
    body       TEXT NOT NULL
  ) STRICT;
  CREATE INDEX notifications_by_project ON notifications (project, id);
  `,
  // 4: what servers offer, which tools were known as what; conversations have names, can be forked, removed and searched
  `
  CREATE TABLE server_lists (
    origin     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    server     TEXT NOT NULL,
    items      TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (origin, kind)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX server_lists_by_server ON server_lists (server);

  CREATE TABLE tool_fingerprints (
    project     TEXT NOT NULL,
    tool        TEXT NOT NULL,
    -- As it was when it was seen first, or as the user has accepted it since.
    fingerprint TEXT NOT NULL,
    since       INTEGER NOT NULL,
    definition  TEXT NOT NULL,
    -- As it was when it was seen last; its definition is empty while it is the same.
    seen        TEXT NOT NULL,
    seen_since  INTEGER NOT NULL,
    seen_definition TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project, tool)
  ) STRICT, WITHOUT ROWID;

  -- Empty: given before tools had fingerprints, and so for no tool as it is now.
  ALTER TABLE approvals ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';

  ALTER TABLE sessions ADD COLUMN name TEXT;
  -- 'print': a run of one answer.
  ALTER TABLE sessions ADD COLUMN kind TEXT NOT NULL DEFAULT 'chat';
  -- 'making' and 'removing': there for nobody.
  ALTER TABLE sessions ADD COLUMN state TEXT NOT NULL DEFAULT 'whole';
  ALTER TABLE sessions ADD COLUMN forked_from TEXT;
  ALTER TABLE sessions ADD COLUMN cost REAL NOT NULL DEFAULT 0;
  CREATE INDEX sessions_by_name ON sessions (name) WHERE name IS NOT NULL;
  CREATE INDEX sessions_unfinished ON sessions (state) WHERE state <> 'whole';

  -- With a number of its own for each message, which the index of its words refers to.
  CREATE TABLE numbered_messages (
    seq        INTEGER PRIMARY KEY,
    session    TEXT NOT NULL REFERENCES sessions (id),
    position   INTEGER NOT NULL,
    id         TEXT NOT NULL UNIQUE,
    body       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (session, position)
  ) STRICT;
  INSERT INTO numbered_messages (session, position, id, body, created_at)
    SELECT session, position, id, body, created_at FROM messages ORDER BY created_at, session, position;
  DROP TABLE messages;
  ALTER TABLE numbered_messages RENAME TO messages;

  -- The words alone, for the text is in messages. An index that keeps no text cannot come to disagree with it: a row is deleted
  -- from it by its number. The first 64 KB of a message are searched, once it grows no more.
  CREATE VIRTUAL TABLE message_texts USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
  );
  -- What is deleted goes with the next merges, and calls for none of its own: that would hold up the Store for a second.
  INSERT INTO message_texts (message_texts, rank) VALUES ('deletemerge', 0);
  CREATE TRIGGER messages_inserted AFTER INSERT ON messages
    WHEN json_valid(NEW.body) AND NEW.body ->> 'status' NOT IN ('streaming', 'waiting', 'running')
    BEGIN
      INSERT INTO message_texts (rowid, text) VALUES (NEW.seq, substr(NEW.body ->> 'text', 1, 65536));
    END;
  CREATE TRIGGER messages_changed AFTER UPDATE OF body ON messages
    WHEN json_valid(NEW.body) AND NEW.body ->> 'status' NOT IN ('streaming', 'waiting', 'running')
    BEGIN
      DELETE FROM message_texts WHERE rowid = NEW.seq;
      INSERT INTO message_texts (rowid, text) VALUES (NEW.seq, substr(NEW.body ->> 'text', 1, 65536));
    END;
  CREATE TRIGGER messages_deleted AFTER DELETE ON messages
    BEGIN
      DELETE FROM message_texts WHERE rowid = OLD.seq;
    END;
  INSERT INTO message_texts (rowid, text)
    SELECT seq, substr(body ->> 'text', 1, 65536) FROM messages
    WHERE json_valid(body) AND body ->> 'status' NOT IN ('streaming', 'waiting', 'running');
  `,
  // 5: what a conversation has of its own, its newest summary found without reading it, what goes with messages
  `
  ALTER TABLE sessions ADD COLUMN context TEXT NOT NULL DEFAULT '{}';
  -- Of the input, what providers read from their caches.
  ALTER TABLE sessions ADD COLUMN cached_tokens INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX messages_summaries ON messages (session, position) WHERE json_valid(body) AND body ->> 'role' = 'summary';

  -- What goes with messages, once each however many carry it; in parts, so that none holds up the Store.
  CREATE TABLE attachments (
    hash       TEXT NOT NULL,
    part       INTEGER NOT NULL,
    data       BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (hash, part)
  ) STRICT;
  CREATE TABLE attachment_uses (
    hash       TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    PRIMARY KEY (hash, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX attachment_uses_by_message ON attachment_uses (seq);
  CREATE TRIGGER attachments_with_message AFTER INSERT ON messages
    WHEN instr(NEW.body, '"attachments"') AND json_valid(NEW.body)
    BEGIN
      INSERT INTO attachment_uses (hash, seq)
        SELECT DISTINCT value ->> 'hash', NEW.seq FROM json_each(NEW.body, '$.attachments')
        WHERE value ->> 'hash' IS NOT NULL;
    END;
  -- What a message carries only ever grows, until it goes itself.
  CREATE TRIGGER attachments_with_changed_message AFTER UPDATE OF body ON messages
    WHEN instr(NEW.body, '"attachments"') AND json_valid(NEW.body)
    BEGIN
      -- OR IGNORE would be overruled by the statement that fires this.
      INSERT INTO attachment_uses (hash, seq)
        SELECT DISTINCT value ->> 'hash', NEW.seq FROM json_each(NEW.body, '$.attachments')
        WHERE value ->> 'hash' IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM attachment_uses WHERE hash = value ->> 'hash' AND seq = NEW.seq);
    END;
  CREATE TRIGGER attachments_without_message AFTER DELETE ON messages
    BEGIN
      DELETE FROM attachment_uses WHERE seq = OLD.seq;
    END;
  CREATE TRIGGER attachments_of_nobody AFTER DELETE ON attachment_uses
    WHEN NOT EXISTS (SELECT 1 FROM attachment_uses WHERE hash = OLD.hash)
    BEGIN
      DELETE FROM attachments WHERE hash = OLD.hash;
    END;
  `,
  // 6: what the catalog was asked, which sequences of agents served which goal, and what came of it
  `
  CREATE TABLE agent_queries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    timestamp  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    project    TEXT NOT NULL,
    method     TEXT NOT NULL,
    capability TEXT,
    role       TEXT,
    context    TEXT,
    -- The whole question as JSON; absent where something of it was hidden.
    params     TEXT,
    agents_returned TEXT NOT NULL, -- JSON array of ids
    cache_hit  INTEGER NOT NULL,
    duration_ms REAL NOT NULL
  ) STRICT;
  CREATE INDEX idx_agent_queries_timestamp ON agent_queries (timestamp);
  CREATE INDEX idx_agent_queries_capability ON agent_queries (capability);
  CREATE INDEX idx_agent_queries_project ON agent_queries (project, id);

  CREATE TABLE orchestration_patterns (
    id         TEXT PRIMARY KEY,
    project    TEXT NOT NULL,
    goal       TEXT NOT NULL,
    -- The goal as two of them are the same.
    goal_key   TEXT NOT NULL,
    agent_sequence  TEXT NOT NULL, -- JSON array
    dependencies    TEXT NOT NULL, -- JSON object
    parallel_groups TEXT NOT NULL, -- JSON array
    success_count   INTEGER NOT NULL DEFAULT 0,
    failure_count   INTEGER NOT NULL DEFAULT 0,
    avg_duration_ms REAL NOT NULL DEFAULT 0,
    duration_samples INTEGER NOT NULL DEFAULT 0,
    avg_tokens_saved REAL NOT NULL DEFAULT 0,
    token_samples   INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (project, goal_key)
  ) STRICT;
  CREATE INDEX idx_patterns_goal ON orchestration_patterns (goal);
  CREATE INDEX idx_patterns_project ON orchestration_patterns (project, updated_at);
  CREATE INDEX idx_patterns_project_id ON orchestration_patterns (project, id);

  CREATE TABLE decision_history (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id    TEXT UNIQUE NOT NULL,
    project    TEXT NOT NULL,
    task_description TEXT NOT NULL,
    agents_used TEXT NOT NULL, -- JSON array
    result     TEXT NOT NULL CHECK (result IN ('success', 'failure', 'partial')),
    duration_ms INTEGER,
    tokens_saved INTEGER,
    -- The pattern that was followed.
    pattern_id TEXT,
    timestamp  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  ) STRICT;
  CREATE INDEX idx_decision_history_timestamp ON decision_history (timestamp);
  CREATE INDEX idx_decision_history_result ON decision_history (result);
  `,
  // 7: who may ask over HTTP
  `
  CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- SHA-256 of the key, which is kept nowhere.
    hash       TEXT NOT NULL UNIQUE,
    scopes     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name) WHERE revoked_at IS NULL;
  `,
];
