"""What was looked at, by whom and why, as FHIR AuditEvents in a chain that shows when it was tampered with."""
