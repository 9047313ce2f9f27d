"""An exported folder of FHIR NDJSON and a trial into counts, lists and a report: the hook's own evaluation over a whole hospital."""
