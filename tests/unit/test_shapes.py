"""The readers of raw JSON give the value where the shape is right and an empty one where it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_mappings import shapes

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["coding", "code", "system", "text", "display"]), inner),
    max_leaves=8,
)
CODED = {"coding": [{"system": "s", "code": "c", "display": "d"}], "text": "t"}


@given(ANY_JSON)
def test_no_json_raises(value: Any) -> None:
    """Every reader has an answer for every value."""
    assert isinstance(shapes.as_dict(value), dict)
    assert isinstance(shapes.as_dicts(value), list)
    assert isinstance(shapes.label(value), str)
    assert all(code for _, code, _ in shapes.codings(value))
    assert all(shapes.words(value))
    assert shapes.as_text(value) != ""
    number, status = shapes.as_number(value), shapes.status_of(value)
    assert number is None or number.is_finite()
    assert status is None or status.strip() == status


@pytest.mark.parametrize(
    ("value", "found"),
    [({"a": 1}, {"a": 1}), ([3, {"a": 1}, {"b": 2}], {"a": 1}), ([], {}), ("a", {}), (None, {})],
)
def test_an_object_may_come_as_an_array(value: Any, found: Any) -> None:
    """The first object counts."""
    assert shapes.as_dict(value) == found


def test_an_array_may_come_as_an_object() -> None:
    """A lone object is an array of one; what is no object is passed over."""
    assert shapes.as_dicts({"a": 1}) == [{"a": 1}]
    assert shapes.as_dicts([{"a": 1}, "b", None]) == [{"a": 1}]
    assert shapes.as_dicts("b") == []


@pytest.mark.parametrize(("value", "found"), [("entered-in-error ", "entered-in-error"), ("  ", None), ("", None), (7, None)])
def test_a_text_is_stripped(value: Any, found: str | None) -> None:
    """A trailing blank was seen in a status; an empty text is none."""
    assert shapes.as_text(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (2.5, Decimal("2.5")),
        (0.1, Decimal("0.1")),
        (7, Decimal(7)),
        (Decimal("1.10"), Decimal("1.10")),
        (True, None),
        ("7", None),
        (float("nan"), None),
        (float("inf"), None),
        pytest.param(10**5000, None, id="5001 digits"),
    ],
)
def test_a_number_is_exactly_what_is_written(value: Any, found: Decimal | None) -> None:
    """0.1 is one tenth; NaN, infinities, booleans and text are no numbers."""
    assert shapes.as_number(value) == found


def test_codings_may_lack_all_but_a_code() -> None:
    """A coding without code says nothing; without system it has the empty one."""
    concept = {"coding": [{"code": "c"}, {"system": "s"}, "x", {"system": "s", "code": " c2 ", "display": "d"}]}
    assert list(shapes.codings(concept)) == [("", "c", None), ("s", "c2", "d")]


def test_words_are_the_text_then_the_displays() -> None:
    """Of one concept or of several."""
    assert shapes.words([CODED, {"text": "u"}, {"text": 7}]) == ["t", "d", "u"]


@pytest.mark.parametrize(
    ("concept", "name"),
    [(CODED, "t"), ({"coding": [{"code": "c", "display": "d"}]}, "d"), ({"coding": [{"code": "c"}]}, "c"), (None, "(no code)")],
)
def test_a_concept_is_called_by_its_best_name(concept: Any, name: str) -> None:
    """Text, else display, else code."""
    assert shapes.label(concept) == name


@pytest.mark.parametrize(
    ("status", "code"),
    [({"coding": [{"code": "active"}]}, "active"), ("active ", "active"), ({"text": "Active"}, None), (None, None), (7, None)],
)
def test_a_status_may_be_a_plain_string(status: Any, code: str | None) -> None:
    """As in DSTU2."""
    assert shapes.status_of(status) == code


def test_a_concept_is_told_by_its_words_and_codings() -> None:
    """Equal ones have one key; another text, code, system or display another."""
    coding = {"system": "s", "code": "c", "display": "d"}
    same = [{"text": "t", "coding": [coding]}, {"coding": [coding | {"version": "1"}], "text": "t"}]
    others = [{"text": "u", "coding": [coding]}, {"text": "t"}, {}, *({"text": "t", "coding": [coding | {name: "x"}]} for name in coding)]
    assert shapes.concept_key(same[0]) == shapes.concept_key(same[1])
    assert len({shapes.concept_key(one) for one in (*same, *others)}) == 1 + len(others)


@pytest.mark.parametrize("odd", [None, "x", [], {"coding": {}}, {"coding": ["c"]}, {"coding": [{"code": []}]}, {"text": {}}])
def test_an_odd_concept_has_no_key(odd: Any) -> None:
    """So that nothing found out about one is taken for another's."""
    assert shapes.concept_key(odd) is None
