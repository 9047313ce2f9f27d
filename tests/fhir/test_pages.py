"""Pages are followed to the end, on the tenant's own server only, and where that is not possible the type is partial."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.hooks.prefetch import chart_of_prefetch
from fhir_mappings.inputs import State
from tests.support.faulty_server import HTML, broken, faulty, json, status
from tests.support.fhir_site import Hospital, conditions, page
from tests.support.service import PATIENT, Json, bundle, outcome, resource

PARTIAL, WHOLE = State.PARTIAL, State.WHOLE


def found(site: Hospital, prefetch: Json | None = None) -> tuple[int, State]:
    """(how many Conditions there are in the chart, how whole they are)."""
    chart = chart_of_prefetch(site.completed(prefetch).prefetch, "p1")
    return len(chart.of("Condition")), chart.sources["Condition"].state


def paged(site: Hospital, count: int, link: str, total: int | None = None) -> None:
    """So many pages of two Conditions each, the links as given."""
    more = {} if total is None else {"total": total}
    for number in range(1, count + 1):
        target = "Condition" if number == 1 else f"Condition?page={number}"
        url = link.format(base=site.base, n=number + 1) if number < count else None
        site.says(target, page(*conditions(2 * number, 2), next_=url, **more))


@pytest.mark.rule("26")
@pytest.mark.parametrize("link", ["{base}/Condition?page={n}", "Condition?page={n}", "/r4/Condition?page={n}", "?page={n}"])
def test_pages_are_read_to_the_end(site: Hospital, link: str) -> None:
    """Absolute links and relative ones."""
    paged(site, 5, link, total=10)
    assert found(site) == (10, WHOLE)


def test_a_link_to_the_base_itself(site: Hospital) -> None:
    """As HAPI pages."""
    site.says("Condition", page(*conditions(1), next_=f"{site.base}?_getpages=a1&_bundletype=searchset"))
    site.server.replies["/r4?_getpages=a1&_bundletype=searchset"] = page(*conditions(2))
    assert found(site) == (2, WHOLE)


def test_fewer_than_the_total_is_not_all(site: Hospital) -> None:
    """Though there is no further page."""
    paged(site, 2, "Condition?page={n}", total=5)
    assert found(site) == (4, PARTIAL)


@pytest.mark.parametrize("reply", [status(401), status(429), status(500), HTML, broken(bundle()), json(outcome()), json([])])
def test_what_was_read_before_a_fault_is_kept(site: Hospital, reply: Any) -> None:
    """As a part."""
    paged(site, 4, "Condition?page={n}")
    site.says("Condition?page=3", reply)
    assert found(site) == (4, PARTIAL)


@pytest.mark.rule("21", "26")
@pytest.mark.parametrize(
    "link",
    ["https://evil.example.org/r4/Condition?page=2", "http://127.0.0.1:{other}/r4/Condition?page=2", "//127.0.0.1:{other}/r4/Condition",
     "/other/Condition?page=2", "../Condition?page=2",
     "http://a@127.0.0.1:{port}/r4/Condition?page=2", "file:///etc/passwd", "http://[x", "",
     "http://127.0.0.1:{port}/r4/../other", "http://127.0.0.1:{port}/r4/%2e%2e/other", "http://169.254.169.254/latest/meta-data"],
)  # fmt: skip
def test_a_page_elsewhere_is_not_asked_for(site: Hospital, link: str) -> None:
    """The token would go with it."""
    with faulty() as other:
        site.says("Condition", page(*conditions(1, 2), next_=link.format(other=other.port, port=site.server.port)))
        assert found(site) == (2, PARTIAL)
        assert other.connections == 0
    assert all(one.target.startswith("/r4/") and "page" not in one.target for one in site.server.asked)


def test_pages_that_go_in_a_circle_end(site: Hospital) -> None:
    """Each is asked for once."""
    site.says("Condition", page(*conditions(1), next_="Condition?page=2"))
    site.says("Condition?page=2", page(*conditions(2), next_="Condition?page=3"))
    site.says("Condition?page=3", page(*conditions(3), next_="Condition?page=2"))
    assert found(site) == (3, PARTIAL)
    assert site.targets("Condition?page") == ["Condition?page=2", "Condition?page=3"]


def test_pages_without_end_have_a_limit(site: Hospital) -> None:
    """The tenant's."""
    site.limits(pages=3)
    paged(site, 9, "Condition?page={n}")
    assert found(site) == (6, PARTIAL)
    assert len(site.targets("Condition")) == 3


def test_just_as_many_pages_as_allowed_are_all(site: Hospital) -> None:
    """The limit is not one too few."""
    site.limits(pages=3)
    paged(site, 3, "Condition?page={n}")
    assert found(site) == (6, WHOLE)


def given(link: str, **more: Any) -> Json:
    return {"patient": PATIENT, "conditions": bundle(*conditions(1, 2), link=[{"relation": "next", "url": link}], **more)}


@pytest.mark.rule("26")
def test_a_prefetch_that_has_more_is_completed(site: Hospital) -> None:
    """Its further pages are fetched, and itself not again (checklist 26)."""
    site.says("Condition?page=2", page(*conditions(3, 2)))
    assert found(site, given(f"{site.base}/Condition?page=2", total=4)) == (4, WHOLE)
    assert site.targets("Condition") == ["Condition?page=2"]


def test_also_under_a_key_of_the_sites_own(site: Hospital) -> None:
    """As resources are found under any key."""
    site.says("Procedure?page=2", page(resource("Procedure", "2")))
    own = bundle(resource("Procedure", "1"), link=[{"relation": "next", "url": "Procedure?page=2"}])
    chart = chart_of_prefetch(site.completed({"surgery": own}).prefetch, "p1")
    assert len(chart.of("Procedure")) == 2


def test_a_prefetch_that_has_more_elsewhere_stays_a_part(site: Hospital) -> None:
    """And what it holds is used."""
    assert found(site, given("https://evil.example.org/Condition?page=2")) == (2, PARTIAL)


@pytest.mark.rule("26")
def test_without_leave_a_prefetch_that_has_more_stays_as_it_is(site: Hospital) -> None:
    """Nothing is lost of it."""
    prefetch = given(f"{site.base}/Condition?page=2")
    assert site.completed(prefetch, access_token=None).prefetch == prefetch


def test_a_prefetch_that_is_broken_is_told_to_the_client(site: Hospital) -> None:
    """Not hidden by fetching: it is the client's own."""
    broken_one = {"resourceType": "Bundle", "entry": [7], "link": [{"relation": "next", "url": "Condition?page=2"}]}
    assert site.completed({"patient": PATIENT, "conditions": broken_one}).prefetch["conditions"] == broken_one
