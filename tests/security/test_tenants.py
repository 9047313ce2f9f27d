"""The tenants file: what it sets, and every fault of it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.errors import SettingsError
from cds_service.security.tenants import load_tenants
from tests.support import tokens as t
from tests.support.certificates import authority


def file(folder: Path, **more: Any) -> Path:
    issuer = {"iss": t.ISS, "audiences": [t.AUD], "jwks": {"keys": [t.rsa_jwk()]}, **more.pop("issuer", {})}
    tenant = {"id": "general", "issuers": [issuer], "fhir_servers": ["https://fhir.example.org/r4"], **more}
    path = folder / "tenants.yaml"
    path.write_text(yaml.safe_dump({"tenants": [tenant]}), "utf-8")
    return path


@pytest.mark.rule("58")
def test_a_tenant_is_read(tmp_path: Path) -> None:
    """With the defaults that need no thought: RS384 and ES384, 15 minutes, one minute of clocks."""
    (one,) = load_tenants(file(tmp_path))
    assert (one.id, one.mode, one.fhir_servers) == ("general", "on", ("https://fhir.example.org/r4",))
    (issuer,) = one.issuers
    assert (issuer.algorithms, issuer.lifetime, issuer.skew) == ({"RS384", "ES384"}, 900, 60)
    assert list(issuer.keys.keys) == ["rsa-1"]


@pytest.mark.rule("58")
@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"issuer": {"algorithms": ["HS256"]}}, "'HS256' is not one of"),
        ({"issuer": {"audiences": []}}, "needs `audiences`"),
        ({"issuer": {"jku": "http://ehr.example.org/keys"}}, "expected an https URL"),
        ({"issuer": {"jwks": None}}, "needs `jwks`, its public keys, or `jku`"),
        ({"issuer": {"jwks": "x"}}, "no JSON Web Key Set"),
        ({"issuer": {"jku": "https://10.1.2.3/keys"}}, "is private; if it is the hospital's own"),
        ({"fhir_servers": ["http://127.0.0.1:8090/r4"]}, "is loopback; if it is the hospital's own"),
        ({"fhir_servers": ["http://localhost:8090/r4"]}, "is loopback"),
        ({"fhir_servers": ["https://169.254.169.254/r4"], "networks": ["10.0.0.0/8"]}, "link-local"),
        ({"networks": ["0.0.0.0/0"]}, "is not within a private or loopback network"),
        ({"networks": ["10.1.2.3/8"]}, "has host bits set"),
        ({"networks": "10.0.0.0/8"}, "expected a list"),
        ({"ca": "no-such-file.pem"}, "no file of certificates in PEM that this account may read"),
        ({"ca": __file__}, "no file of certificates"),
        ({"fhir": {"deadline": 60}}, "seconds from 0.1 to 10"),
        ({"fhir": {"concurrency": 0}}, "from 1 to 16"),
        ({"fhir": {"pages": True}}, "from 1 to 100"),
        ({"fhir": {"timeout": 2}}, "unknown member 'timeout'"),
        ({"fhir": None}, "expected members"),
        ({"issuer": {"jwks": {"keys": []}}}, "no usable key: it is empty"),
        ({"issuer": {"lifetime": 86400}}, "from 1 to 3600"),
        ({"issuer": {"audience": "x"}}, "unknown member 'audience'"),
        ({"fhir_servers": ["https://user:secret@fhir.example.org"]}, "without user information"),
        ({"mode": "loud"}, "expected one of off, silent, pilot, on"),
        ({"id": ""}, "needs `id`"),
    ],
)
def test_a_fault_is_told_with_its_place(more: dict[str, Any], problem: str, tmp_path: Path) -> None:
    """The service does not start on a file that it does not understand whole."""
    with pytest.raises(SettingsError) as told:
        load_tenants(file(tmp_path, **more))
    assert problem in str(told.value)
    assert "tenants.yaml: " in str(told.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Not one a start."""
    with pytest.raises(SettingsError) as told:
        load_tenants(file(tmp_path, mode="loud", issuer={"lifetime": 0, "audiences": []}))
    assert len(str(told.value).splitlines()) == 3


@pytest.mark.parametrize("text", ["", "tenants: []", "tenants: [7]", "a: [", "- x"])
def test_what_is_no_tenants_file_is_refused(text: str, tmp_path: Path) -> None:
    """Also an empty one: no tenants would mean that nobody is checked."""
    path = tmp_path / "tenants.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError):
        load_tenants(path)


@pytest.mark.parametrize(
    ("text", "place"),
    [("tenants:\n- id: secret\n\tname: y\n", "line 3, column 1"), ("a:\n  - b: 1\n    c: secret\n   d: 2\n", "line 4, column 4")],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, place: str, tmp_path: Path) -> None:
    """And with nothing of what stands there."""
    path = tmp_path / "tenants.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as told:
        load_tenants(path)
    assert place in str(told.value)
    assert "secret" not in str(told.value)


def test_a_tenant_may_give_its_keys_place_its_networks_and_its_limits(tmp_path: Path) -> None:
    """Keys by `jku` alone, private addresses by network, its own authority, and how long and wide a fetch may be."""
    authority(tmp_path, "fhir.hospital.example")
    more = {
        "issuer": {"jwks": None, "jku": "https://10.2.1.1/keys"},
        "fhir_servers": ["http://localhost:8090/r4"],
        "networks": ["10.2.0.0/16", "127.0.0.0/8"],
        "ca": str(tmp_path / "authority.pem"),
        "fhir": {"deadline": 0.5, "concurrency": 2, "pages": 3},
    }
    (one,) = load_tenants(file(tmp_path, **more))
    assert (one.issuers[0].jku, dict(one.issuers[0].keys.keys)) == ("https://10.2.1.1/keys", {})
    assert (one.fhir.deadline, one.fhir.concurrency, one.fhir.pages) == (0.5, 2, 3)
    reach = one.reach("http://localhost:8090/r4")
    assert (list(map(str, reach.networks)), reach.ca) == (["10.2.0.0/16", "127.0.0.0/8"], more["ca"])
    assert [place.at(place.host) for place in reach.places] == ["http://localhost:8090"]


@pytest.mark.rule("60")
@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [(["north"], ["south"], True), (["north"], ["north", "south"], False), (["north"], [], False), ([], [], False)],
)
def test_hospitals_of_one_issuer_need_claims_of_their_own(first: list[str], second: list[str], is_one: bool, tmp_path: Path) -> None:
    """Else a token could be either's."""
    issuer = {"iss": t.ISS, "audiences": [t.AUD], "jwks": {"keys": [t.rsa_jwk()]}}
    both = [
        {"id": name, "issuers": [issuer | ({"tenant_claims": claims} if claims else {})]} for name, claims in (("a", first), ("b", second))
    ]
    path = tmp_path / "tenants.yaml"
    path.write_text(yaml.safe_dump({"tenants": both}), "utf-8")
    if is_one:
        assert [one.id for one in load_tenants(path)] == ["a", "b"]
    else:
        with pytest.raises(SettingsError, match=r"issuer and audience .* stands twice"):
            load_tenants(path)
