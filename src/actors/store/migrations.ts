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
  // 4: what servers offer, and which tools were known as what
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
    -- As it was when it was seen last.
    seen        TEXT NOT NULL,
    seen_since  INTEGER NOT NULL,
    PRIMARY KEY (project, tool)
  ) STRICT, WITHOUT ROWID;

  -- Empty: given before tools had fingerprints, and so for no tool as it is now.
  ALTER TABLE approvals ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
  `,
];
