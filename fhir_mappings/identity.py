"""A resource into the names it is found by: its id, its address, its business identifiers, or its content."""

from __future__ import annotations

import hashlib
import json
import re

from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text

_LARGEST = 10**18  # a number beyond it is no id or version
_LOCAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+/[^/|#?\s]+)(?:/_history/[^/]+)?(?:\|.*)?$")

_UUID = re.compile(r"urn:uuid:([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})")


def local_reference(text: str) -> str | None:
    """`Type/id` of a relative, absolute or versioned reference; None for urn:uuid and anything else."""
    found = _LOCAL.search(text)
    return found.group(1) if found else None


def uuid_reference(text: str) -> str | None:
    """The UUID of a urn:uuid, as it is written; None for anything else."""
    found = _UUID.fullmatch(text)
    return found.group(1) if found else None


def token(value: object) -> str | None:
    """An id, a version or an identifier's value, which some systems write as a number."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST else None


def identifier_key(identifier: Json) -> str | None:
    """What an Identifier is looked up by; None without a value."""
    value = token(identifier.get("value"))
    return f"identifier:{as_text(identifier.get('system')) or ''}|{value}" if value else None


def cite(resource: Json, identity: str | None, full_url: str | None) -> str:
    """`Type/id`, else the entry's address, else a name made of the content. `identity` is the resource's id as a token."""
    if identity:
        return f"{resource['resourceType']}/{identity}"
    return full_url or f"{resource['resourceType']}/?{digest(resource)}"


def digest(resource: Json) -> str:
    """A stable name for a resource's content, so that order does not matter."""
    return hashlib.sha256("\n".join(_spelled(name, resource[name]) for name in sorted(resource)).encode()).hexdigest()[:12]


def _spelled(name: str, value: object) -> str:
    try:
        return json.dumps({name: value}, sort_keys=True, default=str)
    except (RecursionError, ValueError):  # nested deeper, or a number longer, than can be written: its name must do
        return json.dumps(name)


def keys(resource: Json, identity: str | None, full_url: str | None) -> list[str]:
    """What else than its citation leads to it: its address, the id that only the address tells, its business identifiers."""
    found = [full_url] if full_url else []
    if full_url and identity is None and (local := local_reference(full_url)):
        found.append(local)
    if "identifier" in resource:
        found += [key for one in as_dicts(resource["identifier"]) if (key := identifier_key(one))]
    return found


def age(resource: Json, version: str | None) -> tuple[int, str]:
    """What tells the newer of two versions of a resource: the version where it is a number, then the date."""
    text = version or ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else -1
    return number, as_text(as_dict(resource.get("meta")).get("lastUpdated")) or ""


def linked(patient: Json, kind: str) -> frozenset[str]:
    """The other records of a person that a Patient links to: `replaces` what was merged into it, `seealso` what stands beside it."""
    links = (one for one in as_dicts(patient.get("link")) if as_text(one.get("type")) == kind)
    named = (local_reference(as_text(as_dict(one.get("other")).get("reference")) or "") for one in links)
    return frozenset(one for one in named if one)


def identifies(identifier: Json, patient: Json) -> bool | None:
    """Whether an identifier is one of the patient's; None where the patient has none of its system to compare with."""
    own = [one for one in as_dicts(patient.get("identifier")) if identifier_key(one)]
    if any(identifier_key(one) == identifier_key(identifier) for one in own):
        return True
    return False if any(as_text(one.get("system")) == as_text(identifier.get("system")) for one in own) else None
