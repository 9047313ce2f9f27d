"""A tenant's `alerts` settings into its Policy: limits, filters, whom not to ask, and what holds for each trial there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from cds_service.security.fields import Faults, date_of, members_of, one_of, texts_of, whole_of
from cds_service.security.tenants import MODES

HTEST = "http://terminology.hl7.org/CodeSystem/v3-ActReason|HTEST"


@dataclass(frozen=True, slots=True)
class Limits:
    """Whole numbers that keep cards few. WHY says what each is for."""

    patient_cards: int = 3
    patient_days: int = 90
    user_cards: int = 5
    most_open: int = 30
    declined_days: int = 365
    does_not_fit_days: int = 180
    approached_days: int = 180
    not_now_days: int = 30


WHY: Mapping[str, str] = {
    "patient_cards": "cards on one patient for one trial, to anybody, within `patient_days`: by then the study team has had its chance",
    "patient_days": "the span of `patient_cards`: about one visit to a clinic and the next",
    "user_cards": "cards one user sees in 24 hours: referrals fall faster with exposure than answers do",
    "most_open": "criteria still open on a card: with more the record says too little to bother anybody",
    "declined_days": "after `patient-declined`: a year later they may be asked again, by the study team's rules",
    "does_not_fit_days": "after `does-not-fit`: half a year, since much of what excludes passes with time",
    "approached_days": "after `already-approached`: the answer is on its way to the study team",
    "not_now_days": "after `not-now`, for that user and patient",
}
_MOST = {"patient_days": 3650, "most_open": 200, "declined_days": 36_500, "does_not_fit_days": 36_500, "approached_days": 36_500}


@dataclass(frozen=True, slots=True)
class TrialSite:
    """What a tenant says of one trial: whether it takes part and until which day, whom to call, and places that it knows to be taken."""

    mode: str = "on"
    participating: bool = True
    contact: str = ""
    places_left: int | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Empty filters let everything through. Codes are `system|code`, references `Type/id`."""

    limits: Limits = field(default_factory=Limits)
    trials: Mapping[str, TrialSite] = field(default_factory=dict)
    encounter_classes: frozenset[str] = frozenset()  # shown in these alone
    encounter_classes_off: frozenset[str] = frozenset({"EMER"})  # there nobody has time for a trial
    specialties: frozenset[str] = frozenset()  # of the encounter's serviceType
    pilot_users: frozenset[str] = frozenset()
    pilot_departments: frozenset[str] = frozenset()  # the encounter's location or serviceProvider
    do_not_contact_flags: frozenset[str] = frozenset()  # active Flags of this code
    do_not_contact_keys: frozenset[str] = frozenset()  # prefetch keys without which, whole, nobody is asked
    do_not_contact_extensions: frozenset[str] = frozenset()  # URLs on Patient, valueBoolean true or any code
    test_patients: frozenset[str] = frozenset({HTEST})  # tags and security labels of Patient.meta
    override_reasons: Mapping[str, str] = field(default_factory=dict)  # the site's own code -> ours

    def of(self, trial: str) -> TrialSite:
        return self.trials.get(trial, _EVERYWHERE)


DEMO = Policy(limits=Limits(patient_cards=1000, user_cards=1000))  # made-up patients, and one visitor who looks at all of them
_EVERYWHERE = TrialSite()
_TEXTS = tuple(one.name for one in fields(Policy) if one.type == "frozenset[str]")


def read_policy(held: object, place: str, faults: Faults, reasons: frozenset[str]) -> Policy:
    """Every fault is noted, and an unknown member is one: a misspelt limit must not be no limit. `reasons`: our own override codes."""
    known = {*_TEXTS, "limits", "trials", "override_reasons"}
    members = members_of(held, known, place, faults)
    return Policy(
        limits=_limits(members.get("limits", {}), f"{place}.limits", faults),
        trials=_trials(members.get("trials", {}), f"{place}.trials", faults),
        override_reasons=_reasons(members.get("override_reasons", {}), f"{place}.override_reasons", faults, reasons),
        **{name: texts_of(members, name, place, faults) for name in _TEXTS if name in members},
    )


def _limits(held: object, place: str, faults: Faults) -> Limits:
    members, defaults = members_of(held, set(WHY), place, faults), Limits()
    return Limits(**{name: whole_of(members, name, getattr(defaults, name), _MOST.get(name, 1000), place, faults) for name in WHY})


def _trials(held: object, place: str, faults: Faults) -> Mapping[str, TrialSite]:
    if not isinstance(held, dict):
        faults.add(place, "expected trials by their id")
        return {}
    return {str(name): _trial(one, f"{place}.{name}", faults) for name, one in held.items()}


def _trial(one: object, place: str, faults: Faults) -> TrialSite:
    held = members_of(one, {"mode", "participating", "contact", "places_left", "until"}, place, faults)
    mode, contact, left = one_of(held, "mode", "on", MODES, place, faults), held.get("contact", ""), held.get("places_left")
    if not isinstance(contact, str) or len(contact) > 120 or "\n" in contact:
        faults.add(f"{place}.contact", "expected one line of at most 120 characters")
        contact = ""
    if left is not None and (isinstance(left, bool) or not isinstance(left, int) or left < 0):
        faults.add(f"{place}.places_left", "expected a whole number")
        left = None
    return TrialSite(mode, _truth(held, "participating", place, faults), contact, left, date_of(held, "until", place, faults))


def _truth(held: Mapping[str, Any], name: str, place: str, faults: Faults) -> bool:
    value = held.get(name, True)
    if not isinstance(value, bool):
        faults.add(f"{place}.{name}", "expected true or false")
        return True
    return value


def _reasons(held: object, place: str, faults: Faults, known: frozenset[str]) -> Mapping[str, str]:
    if not isinstance(held, dict):
        faults.add(place, "expected the site's `system|code` with one of ours each")
        return {}
    for name, ours in held.items():
        if ours not in known:
            faults.add(f"{place}.{name}", f"expected one of {', '.join(sorted(known))}")
    return {str(name): str(ours) for name, ours in held.items()}
