"""What FHIR servers are asked for, always through security.outbound."""
