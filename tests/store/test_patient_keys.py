"""Keys of patients and users: the same for the same person of one tenant, and telling nobody who that is."""

from __future__ import annotations

import re

import pytest

from cds_service.store.patient_keys import PatientKeys
from cds_service.store.secret import Secret

SECRET = Secret(b"k" * 32)
KEYS = PatientKeys.of(SECRET)


def test_a_key_has_one_length_and_does_not_hold_the_id() -> None:
    """64 hexadecimal digits, however long the id."""
    for identifier in ("1", "e" * 190):
        assert re.fullmatch(r"[0-9a-f]{64}", KEYS.patient_key("general", identifier))


@pytest.mark.parametrize("written", ["p1", " p1 ", "Patient/p1", "https://ehr.example.org/R4/Patient/p1", "Patient/p1/_history/3"])
def test_every_way_to_write_an_id_gives_one_key(written: str) -> None:
    """Hooks send the bare id, Bundles a reference: a patient's events are found under one key."""
    assert KEYS.patient_key("general", written) == KEYS.patient_key("general", "p1")


def test_tenants_and_secrets_do_not_meet() -> None:
    """The same id of another hospital, or under another site's secret, is another key."""
    other = PatientKeys.of(Secret(b"x" * 32))
    keys = [KEYS.patient_key("a", "p1"), KEYS.patient_key("b", "p1"), other.patient_key("a", "p1"), KEYS.patient_key("a", "p2")]
    assert len(set(keys)) == 4


def test_uses_of_the_secret_do_not_meet() -> None:
    """A patient's key is no user's and no token's, whatever they are called; a user's type tells two people apart."""
    same = ("general", "1")
    assert len({KEYS.patient_key(*same), KEYS.user_key(*same), SECRET.digest(*same), SECRET.derived("x").digest(*same)}) == 4
    assert KEYS.user_key("general", "Practitioner/1") != KEYS.user_key("general", "PractitionerRole/1")


def test_nothing_of_the_secret_is_printed() -> None:
    """Neither of a key's parts stands in what a traceback could show."""
    assert "kkkk" not in repr(KEYS)
    assert repr(KEYS) == "PatientKeys()"
