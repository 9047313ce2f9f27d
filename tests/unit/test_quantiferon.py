"""The parts of a QuantiFERON panel make a result where the laboratory gave none (spec E-23)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Positivity
from tests.support.observations import Json, coded, mapped, observation, ucum


def panel(nil: Any = 0.05, mitogen: Any = 9.5, *antigens: Any, **fields: Any) -> list[Json]:
    """The parts of a QuantiFERON panel; a part given as None is left out."""
    tubes = antigens or (0.8,)
    parts = [("71776-9", nil, "Nil"), ("71774-4", mitogen, "Mitogen-Nil")]
    parts += [("64084-7", one, f"TB{n}-Nil" if len(tubes) > 1 else "TB Ag-Nil") for n, one in enumerate(tubes, 1)]
    read = [(code, one if isinstance(one, dict) else ucum(one, "[IU]/mL"), name) for code, one, name in parts if one is not None]
    return [observation(coded(code, text=name), value, fields, id=f"q{n}") for n, (code, value, name) in enumerate(read)]


@pytest.mark.parametrize(
    ("parts", "reading"),
    [
        (panel(), Positivity.POS),
        (panel(0.05, 9.5, 0.35), Positivity.POS),
        (panel(0.05, 9.5, 0.34), Positivity.NEG),
        (panel(0.05, 9.5, 0.1, 0.5), Positivity.POS),
        (panel(0.05, 9.5, 0.1, 0.2), Positivity.NEG),
        (panel(4.0, 9.5, 0.9), Positivity.NEG),
        (panel(4.0, 9.5, 1.0), Positivity.POS),
        (panel(8.0, 9.5, 2.0), Positivity.POS),
        (panel(8.1, 9.5, 9.0), Positivity.BORDERLINE),
        (panel(0.05, 0.4, 0.1), Positivity.BORDERLINE),
        (panel(0.05, 0.4, 0.8), Positivity.POS),
        (panel(0.05, ucum(10, "[IU]/mL", comparator=">"), 0.1), Positivity.NEG),
        (panel(0.05, ucum(0.6, "[IU]/mL", comparator="<"), 0.1), None),
        (panel(0.05, 9.5, ucum(0.5, "[IU]/mL", comparator="<")), None),
        (panel(None), None),
        (panel(0.05, None), None),
        (panel(0.05, 9.5, 0.1, None), None),
        ([*panel(), observation("71776-9", ucum(0.9, "[IU]/mL"), id="other")], None),
        (panel(status="preliminary"), None),
        (panel(effectiveDateTime=None), None),
        ([*panel(), observation("71773-6", valueString="Indeterminate", id="said")], Positivity.BORDERLINE),
    ],
)
def test_quantiferon(parts: list[Json], reading: Positivity | None) -> None:
    """The parts make a result only where all are there and the laboratory gave none (spec E-23)."""
    results = mapped(*parts)[0].get("lab.igra", ())
    assert [one.positivity for one in results] == ([] if reading is None else [reading])


def test_an_unreadable_interpretation_does_not_stand_in_the_way() -> None:
    """A laboratory's result that says nothing leaves room for the computed one."""
    parts = [*panel(), observation("71773-6", valueString="see parts", id="said")]
    assert Positivity.POS in {one.positivity for one in mapped(*parts)[0]["lab.igra"]}
    computed = mapped(*panel())[0]["lab.igra"][0]
    assert computed.origin.display == "IGRA positive (computed: antigen minus nil 0.8 [IU]/mL)"
