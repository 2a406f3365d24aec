-- Usage: what decision records come to. Times are seconds since 1970 where not said otherwise; latency is a serialised
-- core::Histogram of microseconds; key_id '' means that there was no key.

-- One row per span of time (width 1 s or 60 s) × key × route × tier × method × status class.
CREATE TABLE rollup (
  width        INTEGER NOT NULL,
  bucket       INTEGER NOT NULL,
  key_id       TEXT    NOT NULL,
  route        INTEGER NOT NULL,
  tier         INTEGER NOT NULL,
  method       INTEGER NOT NULL,
  status_class INTEGER NOT NULL,
  requests     INTEGER NOT NULL,
  allowed      INTEGER NOT NULL,
  rate_limited INTEGER NOT NULL,
  unauthorized INTEGER NOT NULL,
  errors       INTEGER NOT NULL,
  bytes_in     INTEGER NOT NULL,
  bytes_out    INTEGER NOT NULL,
  cost         INTEGER NOT NULL,
  latency      BLOB    NOT NULL,
  PRIMARY KEY (width, bucket, key_id, route, tier, method, status_class)
) WITHOUT ROWID;

-- One key's minutes without reading everybody's.
CREATE INDEX rollup_minutes_of_key ON rollup (key_id, bucket) WHERE width = 60;

-- Since the log began, per key and endpoint.
CREATE TABLE key_total (
  key_id       TEXT    NOT NULL,
  route        INTEGER NOT NULL,
  method       INTEGER NOT NULL,
  requests     INTEGER NOT NULL,
  allowed      INTEGER NOT NULL,
  rate_limited INTEGER NOT NULL,
  unauthorized INTEGER NOT NULL,
  errors       INTEGER NOT NULL,
  bytes_in     INTEGER NOT NULL,
  bytes_out    INTEGER NOT NULL,
  cost         INTEGER NOT NULL,
  latency      BLOB    NOT NULL,
  last_used_ns INTEGER NOT NULL,
  PRIMARY KEY (key_id, route, method)
) WITHOUT ROWID;

-- Since the log began, all together: one row.
CREATE TABLE grand_total (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  requests     INTEGER NOT NULL,
  allowed      INTEGER NOT NULL,
  rate_limited INTEGER NOT NULL,
  unauthorized INTEGER NOT NULL,
  errors       INTEGER NOT NULL,
  bytes_in     INTEGER NOT NULL,
  bytes_out    INTEGER NOT NULL,
  cost         INTEGER NOT NULL
);
INSERT INTO grand_total VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0);

-- What the references in route, tier and limit columns mean.
CREATE TABLE name (
  kind INTEGER NOT NULL,
  ref  INTEGER NOT NULL,
  text TEXT    NOT NULL,
  PRIMARY KEY (kind, ref)
) WITHOUT ROWID;

-- How far each ring is stored: a sequence below stored_through is never added again. Ring ids keep their bits.
CREATE TABLE ring (
  ring_id        INTEGER PRIMARY KEY,
  stored_through INTEGER NOT NULL,
  lost           INTEGER NOT NULL,
  last_batch_ns  INTEGER NOT NULL
);
