"""A hospital with a FHIR server for every test here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.fhir_site import Hospital, hospital


@pytest.fixture
def site() -> Iterator[Hospital]:
    with hospital() as running:
        yield running
