"""A question into a cited answer. Reads the archive that `ingest` makes; never writes to a generation."""
