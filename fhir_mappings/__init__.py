"""FHIR R4 resources of one patient in, typed criteria inputs out."""
