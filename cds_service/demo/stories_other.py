"""Stories of charts that are not about the three diseases, and of records that are closed."""

from __future__ import annotations

from cds_service.demo import screening as shared
from cds_service.demo.sheet import Habit, Sheet
from cds_service.demo.stories_sle import only
from cds_service.demo.story import ELSEWHERE, FITS, NEVER, Story


def _nothing(_: Sheet) -> None:
    """The background alone."""


STORIES = (
    Story(
        "healthy", "Anton", "A healthy person.", only(ELSEWHERE), _nothing, gender="male", age=34,
        habit=Habit(problems=("allergic-rhinitis", "myopia"), at_risk=False),
    ),
    Story("backache", "Berta", "Common problems only.", only(ELSEWHERE), _nothing, age=53,
        habit=Habit(problems=("backache", "hypertension", "lipids"), at_risk=False)),
    Story("deceased", "Clara", "Died; the chart is complete.", {"sle": NEVER}, shared.active_lupus, more={"deceasedBoolean": True}),
    Story(
        "replaced-record", "Doris", "The record was merged into another one: it is held back.",
        only(FITS), shared.active_lupus, more={"link": [{"other": {"reference": "Patient/sle-complete"}, "type": "replaced-by"}]},
    ),
)  # fmt: skip
