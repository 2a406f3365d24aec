-- Keys that were asked for with an Idempotency-Key, so that asking again makes no second one. Neither that text nor the
-- document is kept, only their SHA-256, and of the key nothing but its id.
CREATE TABLE creations (
  caller     TEXT NOT NULL,
  mark       BLOB NOT NULL CHECK (length(mark) = 32),
  document   BLOB NOT NULL CHECK (length(document) = 32),
  key_id     TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (caller, mark)
) STRICT, WITHOUT ROWID;

CREATE INDEX creations_by_expiry ON creations (expires_at);
