"""Which URLs are of a place that the site's file names."""

from __future__ import annotations

import pytest

from cds_service.security.places import place_of

BASE = place_of("https://fhir.example.org/r4/")


@pytest.mark.parametrize(
    "url",
    [
        "https://fhir.example.org/r4", "https://fhir.example.org/r4/", "https://FHIR.example.org:443/r4/Patient/1",
        "https://fhir.example.org/r4?_getpages=1", "HTTPS://fhir.example.org/r4/Condition?patient=1",
    ],
)  # fmt: skip
def test_what_is_under_the_base_is_held(url: str) -> None:
    """However scheme, host and the default port are spelt."""
    assert BASE.holds(place_of(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://fhir.example.org/", "https://fhir.example.org/r4x/Patient/1", "https://fhir.example.org/other/r4", "https://fhir.example.org:8443/r4",
        "https://fhir.example.org.evil.org/r4", "https://evil.org/r4", "https://fhir.example.org./r4", "https://fhir.example.org/R4",
    ],
)  # fmt: skip
def test_another_origin_or_path_is_not(url: str) -> None:
    """A host may serve several hospitals under several paths."""
    assert not BASE.holds(place_of(url))


@pytest.mark.rule("19")
@pytest.mark.parametrize(
    "url",
    [
        "http://fhir.example.org/r4", "ftp://fhir.example.org/r4", "https://user@fhir.example.org/r4", "https://a:b@fhir.example.org/r4",
        "https://fhir.example.org@evil.org/r4", "https://fhir.example.org\\@evil.org/r4", "https://fhir.example.org/r4/../admin",
        "https://fhir.example.org/r4/%2e%2e/admin", "https://fhir.example.org/r4/..%2fadmin", "https://fhir.example.org/r4/..%5cadmin",
        "https://fhir.example.org/r4#@evil.org", "https://fhir.example.org:x/r4", "https://fhir.example.org:99999/r4", "https:///r4",
        "//evil.org/r4",
        "/r4/Patient", "", "https://fhir.example.org/r4\r\nX: y", "https://fhir.example.org/r4 x", "https://[::1/r4", "file:///etc/passwd",
        "https://f\u0127ir.example.org/r4", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_no_place(url: str) -> None:
    """And the reason does not quote it."""
    with pytest.raises(ValueError, match=r"^(holds|is|expected)") as told:
        place_of(url)
    assert "evil" not in str(told.value)


@pytest.mark.rule("19")
@pytest.mark.parametrize("url", ["http://localhost:8080/r4", "http://127.0.0.1/r4", "http://[::1]:1/r4"])
def test_http_is_for_this_machine_only(url: str) -> None:
    """Where a site names such a URL itself."""
    assert place_of(url).at("::1") in ("http://[::1]:8080", "http://[::1]", "http://[::1]:1")
