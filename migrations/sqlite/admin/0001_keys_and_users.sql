-- Keys, tiers and users. Times are nanoseconds since 1970, UTC.

-- One counter for all changes of keys and tiers: each change takes the next number, in its own transaction. It is the
-- order in which gateways follow the changes, and each row's ETag.
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counters (name, value) VALUES ('revision', 0);

CREATE TABLE tiers (
  name              TEXT PRIMARY KEY,
  title             TEXT NOT NULL,
  refill_micro      INTEGER NOT NULL,
  max_burst         INTEGER NOT NULL,
  tokens_per_window INTEGER NOT NULL,
  built_in          INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  limit_revision    INTEGER NOT NULL,
  revision          INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  id                TEXT PRIMARY KEY,
  name              TEXT NOT NULL,
  prefix            TEXT NOT NULL,
  tier              TEXT NOT NULL REFERENCES tiers (name),
  -- The key's own limit: all three, or none.
  refill_micro      INTEGER,
  max_burst         INTEGER,
  tokens_per_window INTEGER,
  state             INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  expires_at        INTEGER,
  -- SHA-256 of the secret, never the secret; the old one while a rotation's grace lasts.
  secret_hash       BLOB NOT NULL CHECK (length(secret_hash) = 32),
  secret_last4      TEXT NOT NULL,
  secret_until      INTEGER,
  old_secret_hash   BLOB CHECK (length(old_secret_hash) = 32),
  old_secret_last4  TEXT,
  old_secret_until  INTEGER,
  limit_revision    INTEGER NOT NULL,
  revision          INTEGER NOT NULL UNIQUE
) STRICT;

CREATE INDEX keys_newest_first ON keys (created_at DESC, id DESC);
CREATE INDEX keys_by_tier ON keys (tier);

-- What is no more, so that followers hear of it. A row goes when its name comes back.
CREATE TABLE removals (
  revision INTEGER PRIMARY KEY,
  kind     TEXT NOT NULL CHECK (kind IN ('key', 'tier')),
  name     TEXT NOT NULL,
  UNIQUE (kind, name)
) STRICT;

CREATE TABLE users (
  name          TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  role          TEXT NOT NULL,
  token_version INTEGER NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tokens that were ended early; forgotten once they would have expired anyway.
CREATE TABLE revoked_tokens (
  jti        TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);
