-- To whom a key belongs, for reports and bills; empty where nobody said.
ALTER TABLE keys ADD COLUMN consumer TEXT NOT NULL DEFAULT '';
