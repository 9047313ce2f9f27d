"""The records that the mapping makes of one Condition."""

from __future__ import annotations

from fhir_mappings.inputs import Record
from tests.support.builders import Json, inputs_of


def record(resource: Json, name: str = "dx.sle") -> Record:
    """The one record of that concept."""
    (found,) = inputs_of(resource).records[name]
    return found


def none(resource: Json) -> bool:
    """Whether it is no record at all."""
    return not inputs_of(resource).records
