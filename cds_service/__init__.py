"""A CDS Hooks service that says which patients may fit a clinical trial, with the evidence and what is missing."""

__version__ = "0.1.0"
