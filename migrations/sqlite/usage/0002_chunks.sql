-- Roll-ups as chunks: many rows in one value, written once (src/core/usage/chunk.h). What version 1 kept row by row, in
-- rollup and key_total, is turned into chunks when the file is opened (src/stores/sqlite/usage_convert.cc).

CREATE TABLE chunk (
  id         INTEGER PRIMARY KEY,
  level      INTEGER NOT NULL,  -- its rows are of 0: a second, 1: a minute, 2: an hour, 3: a day, 4: all of time
  state      INTEGER NOT NULL,  -- 0: being written, 1: in force, 2: to be deleted, 3: damaged and set aside
  folded     INTEGER NOT NULL,  -- 1: its rows are part of the next level as well
  bucket_min INTEGER NOT NULL,
  bucket_max INTEGER NOT NULL,
  key_min    INTEGER NOT NULL,  -- core::key_number
  key_max    INTEGER NOT NULL,
  rows       INTEGER NOT NULL
);
CREATE INDEX chunk_in_force ON chunk (level, folded, bucket_max) WHERE state = 1;
CREATE INDEX chunk_not_in_force ON chunk (state) WHERE state <> 1;

-- Apart from the above, so that choosing chunks and changing their state touches none of it.
CREATE TABLE chunk_data (
  id   INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);
