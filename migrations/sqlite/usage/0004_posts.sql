-- What tells the repetition of an event, or of a post of events, from a new one. Hashes; times are ns since 1970.

CREATE TABLE post (
  caller     TEXT    NOT NULL,
  mark       BLOB    NOT NULL,
  document   BLOB    NOT NULL,
  events     INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (caller, mark)
) WITHOUT ROWID;
CREATE INDEX post_expires ON post (expires_at);

CREATE TABLE event_id (
  id         BLOB    PRIMARY KEY,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX event_id_expires ON event_id (expires_at);

-- Events have a ring of their own, as gateways' workers have.
CREATE TABLE event_ring (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  ring_id INTEGER NOT NULL
);
INSERT INTO event_ring VALUES (1, random());

-- What posts added, as batches of that ring, until it is in the request log as well.
CREATE TABLE unconfirmed_post (
  through INTEGER PRIMARY KEY,  -- the sequence after its last record
  batch   BLOB NOT NULL
);
