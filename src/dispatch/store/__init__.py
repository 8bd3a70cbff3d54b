"""The truth: schema, migrations and named queries, one file a noun; SQLite and PostgreSQL by one code path."""
