"""What the service remembers between calls, in SQLite or PostgreSQL."""
