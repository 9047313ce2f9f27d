"""A request keeps the id that a proxy gave it where it is one; the caller's trace is logged, nothing else of headers."""

from __future__ import annotations

import re

import pytest

from cds_service.observe.request_ids import request_id, trace_id
from tests.support.service import client

UUID = "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("given", ["0123456789abcdef" * 2, UUID, UUID.upper()])
def test_a_well_formed_id_is_kept(given: str) -> None:
    """nginx's form and a UUID."""
    assert client().get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", [None, "", "p1", "MRN-12345", "a" * 31, "g" * 32, UUID + "x", UUID + "\t", "Smith"])
def test_anything_else_gets_an_id_of_ours(given: str | None) -> None:
    """It could hold anything."""
    found = request_id(given)
    assert found != given
    assert re.fullmatch("[0-9a-f]{32}", found)
    assert request_id(given) != found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"cc-{TRACE}-00f067aa0ba902b7-01-what-will-be", TRACE),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", None),
        (TRACE, None),
        (None, None),
    ],
)
def test_the_trace_of_a_traceparent(given: str | None, found: str | None) -> None:
    """W3C Trace Context: valid ids only; a later version's longer header is read as far as it is known."""
    assert trace_id(given) == found
