"""A Case, and its Evaluation where it comes to one, into the first reason not to show a card: the table is the order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cds_service.alerts.contact import is_test_patient, no_contact
from cds_service.alerts.ledger import DAY, WARNING, Past, Said
from cds_service.alerts.policy import Policy, TrialSite
from cds_service.alerts.reasons import reason_of
from cds_service.alerts.visit import Visit
from cds_service.criteria.evaluation import Evaluation
from fhir_mappings.chart import Chart
from fhir_mappings.inputs import Inputs
from fhir_mappings.shapes import Json

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial


@dataclass(frozen=True, slots=True)
class Case:
    """One patient, one trial, one user, now."""

    trial: Trial
    policy: Policy
    mode: str
    hook: str
    visit: Visit
    chart: Chart
    flags: tuple[Json, ...]  # the patient's Flags, which no criterion reads
    whole: frozenset[str]  # the prefetch keys whose search came back whole
    inputs: Callable[[], Inputs]  # mapped when first asked for
    past: Past
    as_of: date
    zone: ZoneInfo

    @property
    def said(self) -> Iterable[Said]:
        return [one for one in self.past.said if one.trial == self.trial.id]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: `verdict` is a digest, `open` how many criteria are not settled, `card` its id."""

    evaluation: Evaluation
    verdict: str
    open: int
    card: str


Suppressor = tuple[str, Callable[[Case], bool]]


def closed(trial: Trial, mode: str, site: TrialSite, today: date) -> str:
    """Why nobody is asked for this trial here, whoever the patient is; or ''. Then no chart is read."""
    reasons = (
        ("mode-off", mode == "off"),
        ("trial-not-open", not trial.open),
        ("no-place", site.places_left == 0),
        ("site-not-participating", not site.participating),
        ("over", site.until is not None and today > site.until),
    )
    return next((code for code, holds in reasons if holds), "")


def _in_trial(case: Case) -> bool:
    """Whatever the subject's status: the study team knows this patient already."""
    registry = (case.trial.registry.system, case.trial.registry.value)
    return any(registry in one.identifiers for one in case.inputs().participations)


def _replaced(case: Case) -> bool:
    person = case.inputs().person
    return person.replaced or not person.active


def _answered(suppressed: str) -> Callable[[Case], bool]:
    """Whether somebody gave a reason that holds back under this code, and still does."""
    return lambda case: any(_holds(one, case) for one in case.said if _suppresses(one) == suppressed)


def _suppresses(said: Said) -> str:
    reason = reason_of(said.code)
    return reason.suppressed if reason else ""


def _holds(said: Said, case: Case) -> bool:
    reason = reason_of(said.code)
    if reason is None or not (reason.everyone or said.user == case.past.user):
        return False
    days = reason.days(case.policy.limits)
    return days is None or case.past.now < said.at + days * DAY


def _wrong_class(case: Case) -> bool:
    """A site that names the classes to show in wants silence in all others, and where the class is not known."""
    wanted, found = case.policy.encounter_classes, case.visit.classes
    return bool(found & case.policy.encounter_classes_off) or bool(wanted and not wanted & found)


def _wrong_specialty(case: Case) -> bool:
    return bool(case.policy.specialties and not case.policy.specialties & case.visit.specialties)


BEFORE: tuple[Suppressor, ...] = (
    ("not-a-clinician", lambda case: case.visit.is_layman),
    ("deceased", lambda case: case.inputs().person.deceased),
    ("replaced", _replaced),
    ("test-patient", lambda case: is_test_patient(case.chart, case.policy)),
    ("do-not-contact", lambda case: no_contact(case.chart, case.flags, case.policy, case.as_of, case.zone)),
    ("contact-unknown", lambda case: not case.policy.do_not_contact_keys <= case.whole),
    ("in-this-trial", _in_trial),
    ("patient-declined", _answered("patient-declined")),
    ("not-appropriate", _answered("not-appropriate")),
    ("already-approached", _answered("already-approached")),
    ("user-opted-out", _answered("user-opted-out")),
    ("not-my-patient", _answered("not-my-patient")),
    ("not-now", _answered("not-now")),
    ("encounter-class", _wrong_class),
    ("specialty", _wrong_specialty),
)


def held_before(case: Case) -> str:
    """The first reason that needs no evaluation, or ''. Nobody who said no is evaluated again."""
    return next((code for code, holds in BEFORE if holds(case)), "")


def _unsuitable(case: Case, result: Result) -> str:
    """Holds and statuses are their own codes; `ineligible-now` and `needs-data` among them."""
    found = result.evaluation
    if found.holds:
        return found.holds[0].code
    return "" if found.status == "potentially-eligible" else found.status


def _is_repeat(case: Case, result: Result) -> bool:
    mine = [one for one in case.past.shown if one.user == case.past.user and one.trial == case.trial.id]
    return any(one.verdict == result.verdict and one.card != result.card for one in mine)


def _shown_enough(case: Case, result: Result) -> bool:
    limits = case.policy.limits
    since = case.past.now - limits.patient_days * DAY
    shown = [one for one in case.past.shown if one.trial == case.trial.id and one.hook != WARNING and one.at > since]
    return _counts(case, result) and len(shown) >= limits.patient_cards


def _seen_enough(case: Case, result: Result) -> bool:
    return _counts(case, result) and case.past.today >= case.policy.limits.user_cards


def _counts(case: Case, result: Result) -> bool:
    """A warning answers what the user just did; a card shown before under this id is the same card."""
    return case.hook != WARNING and all(one.card != result.card for one in case.past.shown)


def _not_in_pilot(case: Case) -> bool:
    policy, visit = case.policy, case.visit
    return case.mode == "pilot" and visit.user not in policy.pilot_users and not visit.departments & policy.pilot_departments


AFTER: tuple[tuple[str, Callable[[Case, Result], bool]], ...] = (
    ("too-many-open", lambda case, result: result.open > case.policy.limits.most_open),
    ("already-shown", _is_repeat),
    ("patient-cap", _shown_enough),
    ("user-cap", _seen_enough),
    # Last, so that the log of a silent or a pilot phase counts just what would be shown to everybody.
    ("mode-silent", lambda case, result: case.mode == "silent"),
    ("not-in-pilot", lambda case, result: _not_in_pilot(case)),
)


def held_after(case: Case, result: Result) -> str:
    """The first reason that the evaluation or the ledger gives, or ''."""
    return _unsuitable(case, result) or next((code for code, holds in AFTER if holds(case, result)), "")
