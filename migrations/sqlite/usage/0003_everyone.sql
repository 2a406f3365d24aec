-- Rows of everyone, which have neither key nor consumer, stand beside those of keys (src/core/usage/rollup.h).

-- Chunks that hold such rows; 839299365868340225 is core::kEveryone.
CREATE INDEX chunk_of_everyone ON chunk (level, folded, bucket_max) WHERE state = 1 AND key_max = 839299365868340225;

-- There until the chunks of earlier versions have got theirs (src/stores/sqlite/usage_everyone.cc).
CREATE TABLE without_everyone (id INTEGER PRIMARY KEY);

-- What is missing of each level: rows of buckets before `oldest` may have been deleted.
CREATE TABLE level_floor (
  level  INTEGER PRIMARY KEY,
  oldest INTEGER NOT NULL
);
INSERT INTO level_floor VALUES (0, 0), (1, 0), (2, 0), (3, 0);

-- Records whose time was not believed: older than a week, or ahead of the clock here.
CREATE TABLE clamped (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  past   INTEGER NOT NULL,
  future INTEGER NOT NULL
);
INSERT INTO clamped VALUES (1, 0, 0);
