"""A service whose clock, policy and answer a test sets, to ask for cards and to answer them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient

from cds_service import app
from cds_service.alerts.policy import Policy
from cds_service.app import create_app
from cds_service.config import Settings
from tests.support.service import PATH, PATIENT, FakeEngine, bundle, hook_request, post, resource

DAY = 86_400
SYSTEM = "urn:cds-service:override-reason"
Json = dict[str, Any]


@dataclass
class Clinic:
    """`now` is the ledger's clock, in seconds; each call is a new instance unless it says otherwise."""

    policy: Policy = field(default_factory=Policy)
    engine: FakeEngine = field(default_factory=FakeEngine)
    settings: Settings = field(default_factory=Settings)
    now: float = 1_790_000_000.0
    calls: int = 0

    def __post_init__(self) -> None:
        with patch.object(app.time, "time", lambda: self.now):
            self.client: FlaskClient = create_app(self.settings, self.engine, self.policy).test_client()

    def cards(self, user: str = "Practitioner/e1", patient: str = "p1", **more: Any) -> list[Json]:
        """What is shown to that user on that patient."""
        self.calls += 1
        instance = more.pop("instance", f"00000000-0000-4000-8000-{self.calls:012}")
        context = {"patientId": patient, "userId": user, **more.pop("context", {})}
        known = {**PATIENT, "id": patient, **more.pop("person", {})}
        prefetch = {"patient": known, "conditions": bundle(resource("Condition")), **more.pop("prefetch", {})}
        answer = post(self.client, PATH, hook_request(prefetch, hookInstance=instance, context=context, **more))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: list[Json] = answer.get_json()["cards"]
        return found

    def says(self, card: Json, code: str = "", system: str = SYSTEM, **more: Any) -> Any:
        """The answer to one item of feedback."""
        return self.feedback({"card": card["uuid"], **override(code, system), **more})

    def feedback(self, *items: Any) -> Any:
        return post(self.client, f"{PATH}/feedback", {"feedback": list(items)})

    def settles(self, *verdicts: str) -> None:
        """The first unsettled criteria of every arm become these: a material change."""
        self.engine.found = settled(self.engine.found, verdicts)


def override(code: str = "", system: str = SYSTEM) -> Json:
    reason = {"overrideReason": {"reason": {"system": system, "code": code}}} if code else {}
    return {"outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z", **reason}


def settled(found: Any, verdicts: tuple[str, ...]) -> Any:
    arms = []
    for arm in found.arms:
        left, criteria = list(verdicts), []
        for one in arm.criteria:
            if one.verdict == "unknown" and left:
                one = replace(one, verdict=left.pop(0), open=None, review=False, lean=None)
            criteria.append(one)
        arms.append(replace(arm, criteria=tuple(criteria)))
    return replace(found, arms=tuple(arms))
