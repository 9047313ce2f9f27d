"""Fetching from a FHIR server that nobody of this project wrote."""
