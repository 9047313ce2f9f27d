"""Why a clinician does not follow a card: the codes offered with it, and what each keeps from being shown, to whom and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.alerts.policy import Limits

SYSTEM = "urn:cds-service:override-reason"
OTHER = "other"  # a reason that is not ours, and that the site has not mapped onto one
NONE = "none"  # overridden without a reason


@dataclass(frozen=True, slots=True)
class Reason:
    """`everyone`: holds for all users; `everybody`: for all patients. `limit` names the days of Limits; '' is for good."""

    code: str
    display: str
    suppressed: str  # the code under which later cards are held back
    everyone: bool
    everybody: bool = False
    limit: str = ""

    def days(self, limits: Limits) -> int | None:
        return int(getattr(limits, self.limit)) if self.limit else None


DOES_NOT_FIT = Reason("does-not-fit", "Does not fit", "not-appropriate", everyone=True, limit="does_not_fit_days")
REASONS = (
    Reason("patient-declined", "Patient declined", "patient-declined", everyone=True, limit="declined_days"),
    DOES_NOT_FIT,
    Reason("not-appropriate", "Not appropriate for this patient", "not-appropriate", everyone=True),
    Reason("already-approached", "Already approached", "already-approached", everyone=True, limit="approached_days"),
    Reason("not-my-patient", "Not my patient", "not-my-patient", everyone=False),
    Reason("not-for-me", "Do not show me this trial", "user-opted-out", everyone=False, everybody=True),
    Reason("not-now", "Not now", "not-now", everyone=False, limit="not_now_days"),
)  # fmt: skip
BY_CODE = {one.code: one for one in REASONS}
CODES = frozenset(BY_CODE)
MAX_CRITERIA = 4  # reasons that name a criterion: a longer list is not read


def reason_of(code: str) -> Reason | None:
    """`does-not-fit.SLE-6` is `does-not-fit`, and names the criterion that fails."""
    return BY_CODE.get(code.partition(".")[0])


def offered(criteria: Mapping[str, str]) -> list[dict[str, str]]:
    """The card's `overrideReasons`: the criteria most open to judgement (id -> words) each with its own, then the general ones."""
    own = [_coding(f"{DOES_NOT_FIT.code}.{name}", words) for name, words in list(criteria.items())[:MAX_CRITERIA]]
    return [*own, *(_coding(one.code, one.display) for one in REASONS)]


def _coding(code: str, display: str) -> dict[str, str]:
    return {"system": SYSTEM, "code": code, "display": display}
