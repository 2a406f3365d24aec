-- A page of keys costs the same in whatever order they are listed. A key that never expires comes after those that do.
CREATE INDEX keys_by_name ON keys (name COLLATE NOCASE, id);
CREATE INDEX keys_by_tier_and_id ON keys (tier, id);
CREATE INDEX keys_by_consumer ON keys (consumer, id);
CREATE INDEX keys_by_expiry ON keys (coalesce(expires_at, 9223372036854775807), id);
DROP INDEX keys_by_tier;
