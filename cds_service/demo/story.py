"""A story and a day into one made-up patient: Patient resource, background and what the story tells, as a Bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cds_service.demo.background import background
from cds_service.demo.records import Json, demo_identifier
from cds_service.demo.sheet import Habit, Sheet

FITS, OPEN, NOT_NOW, NEVER, ELSEWHERE = "potentially-eligible", "needs-data", "ineligible-now", "ineligible", "out-of-scope"

_ORDINARY = Habit()


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """`shows`: what this chart shows, in one sentence; `expected`: by arm, the status that the engine gives."""

    id: str
    name: str
    shows: str
    expected: Mapping[str, str]
    bundle: Json


@dataclass(frozen=True, slots=True)
class Story:
    """`age` in years on the evaluation day, with the next birthday in `birthday_in` days; `more` goes into the Patient."""

    id: str
    given: str
    shows: str
    expected: Mapping[str, str]
    tell: Callable[[Sheet], None]
    gender: str = "female"
    age: int = 38
    birthday_in: int = 120
    habit: Habit = _ORDINARY
    more: Mapping[str, Any] = field(default_factory=dict)


def patient_of(story: Story, as_of: date) -> DemoPatient:
    sheet = Sheet(story.id, as_of, story.habit)
    sheet.add(_person(story, as_of))
    background(sheet)
    story.tell(sheet)
    bundle = {"resourceType": "Bundle", "id": story.id, "type": "collection", "entry": sheet.entries}
    return DemoPatient(story.id, f"Demo, {story.given}", story.shows, dict(story.expected), bundle)


def _person(story: Story, as_of: date) -> Json:
    return {
        "resourceType": "Patient",
        "id": story.id,
        "identifier": [demo_identifier(story.id)],
        "active": True,
        "name": [{"use": "official", "family": "Demo", "given": [story.given], "text": f"Demo, {story.given}"}],
        "gender": story.gender,
        "birthDate": years_before(as_of + timedelta(days=story.birthday_in), story.age + 1).isoformat(),
        **story.more,
    }


def years_before(day: date, years: int) -> date:
    """The same day of an earlier year; 29 February becomes the 28th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap_day else day.day)
