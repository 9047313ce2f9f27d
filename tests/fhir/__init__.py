"""Calls to other machines: what a FHIR server gives, and all that it may do wrong."""
