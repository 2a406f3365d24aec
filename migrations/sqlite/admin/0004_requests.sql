-- Requests with an Idempotency-Key, so that asking again does nothing again: of any that changes something, where
-- 0002 knew those for a new key alone. Neither that text nor what was asked for is kept, only their SHA-256, and of
-- what was changed nothing but its name.
CREATE TABLE requests (
  caller     TEXT NOT NULL,
  mark       BLOB NOT NULL CHECK (length(mark) = 32),
  target     BLOB NOT NULL CHECK (length(target) = 32),  -- of method and path
  document   BLOB NOT NULL CHECK (length(document) = 32),
  changed    TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (caller, mark)
) STRICT, WITHOUT ROWID;

CREATE INDEX requests_by_expiry ON requests (expires_at);

-- SHA-256 of "POST /api/admin/keys".
INSERT INTO requests (caller, mark, target, document, changed, expires_at)
SELECT caller, mark, x'b3ec1ea2a7d31fcd841d6b640d8c138249c07b07173197410477694e5837ed03', document, key_id, expires_at
FROM creations;

DROP TABLE creations;
