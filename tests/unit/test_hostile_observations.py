"""Any JSON in any element of an Observation or a DiagnosticReport: Results and issues, never an exception."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.observations import UCUM, Json, coded, mapped, observation, report

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats()
    | st.sampled_from(["", "1:80", "<5", "g/dL", "2026", "final", UCUM, "Patient/p1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "unit", "code", "coding", "text", "low"]), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = (
    "status", "focus", "effectiveDateTime", "effectivePeriod", "effectiveTiming", "issued", "identifier", "interpretation",
    "referenceRange", "valueQuantity", "valueString", "valueRatio", "valueCodeableConcept", "valueDateTime", "valueInteger",
    "valueBoolean", "dataAbsentReason", "component", "hasMember", "conclusion", "conclusionCode", "result", "meta",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6), st.sampled_from(["718-7", "8061-4", "2106-3", "64084-7", "88020-3"]))
def test_no_shape_raises(fields: Json, code: str) -> None:
    """Whatever stands where, reading gives Results and issues, never an exception."""
    part = {"code": coded(code), **{name: value for name, value in fields.items() if name != "meta"}}
    mapped(observation(code, fields), observation("8061-4", id="o2", component=[part]), report(code=coded(code), **fields))
