-- Who changed what. An entry is written in the transaction of its change, and never altered: each hash is over the one
-- before and the entry itself (src/codec/audit).
CREATE TABLE audit (
  seq     INTEGER PRIMARY KEY,
  time    INTEGER NOT NULL,  -- whole milliseconds
  actor   TEXT NOT NULL,
  via     TEXT NOT NULL,
  network TEXT NOT NULL,
  action  TEXT NOT NULL,
  object  TEXT NOT NULL,
  before  TEXT NOT NULL,     -- JSON; empty: nothing was there
  after   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  hash    BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_by_object ON audit (object, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);

CREATE TRIGGER audit_is_not_altered BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is not altered'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is not shortened'); END;
