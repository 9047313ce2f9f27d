"""What the operator sees: logs, request ids, metrics and readiness; nothing in it can name a patient."""
