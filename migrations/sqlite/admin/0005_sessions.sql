-- Browsers that are signed in. Of the secret that a browser holds only the SHA-256 is kept.
CREATE TABLE sessions (
  id           TEXT PRIMARY KEY,
  user         TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  secret_hash  BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  network      TEXT NOT NULL,
  user_agent   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user, created_at DESC);
