"""A question for counts, and those asked before, into whether it may be asked now.

The counts of nearly the same people, one number taken from the other, can tell of a single one, however each is suppressed. So a site
answers only so many different questions in 30 days; the same question again has the same answer and tells nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select

from cds_service.cohort.purpose import FEASIBILITY, PurposeError
from cds_service.cohort.work import digest_of, fingerprint
from cds_service.store.opening import Store
from cds_service.store.tables import cohort_questions

DAYS = 30
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Question:
    """All that the counts depend on: `parts` as texts, and the files of definitions and concept maps by their content."""

    source: Path | str
    parts: tuple[str, ...]
    files: tuple[Path, ...] = ()

    def digest(self, store: Store) -> str:
        """Keyed: the table tells nobody what was asked."""
        given = (str(self.source), *self.parts, digest_of(self.files), *map(str, _content(self.source)))
        return store.secret.digest("cohort question", *given)


def _content(source: Path | str) -> Iterable[list[object]]:
    """What the folder holds now; of another path than this machine's its name alone is known."""
    folder = Path(source)
    return fingerprint(sorted(path for path in folder.rglob("*") if path.is_file())) if folder.is_dir() else ()


def allow(store: Store, question: Question, most: int, now: int) -> None:
    """Remembers the question. Raises PurposeError where it is one too many, StoreDown."""
    digest = question.digest(store)
    with store.database.writing() as connection:
        asked = _asked(connection, now)
        if digest in asked:
            return
        if len(asked) >= most:
            free = sorted(asked.values())[len(asked) - most] + DAYS * _DAY
            again = datetime.fromtimestamp(free, UTC).strftime("%Y-%m-%d %H:%M UTC")
            raise PurposeError(
                f"{len(asked)} different questions were asked here in the last {DAYS} days; the differences of many counts could tell of "
                f"single patients. The next may be asked from {again} on. Purposes other than {FEASIBILITY} are not limited"
            )
        connection.execute(insert(cohort_questions).values(digest=digest, at=now))


def _asked(connection: Connection, now: int) -> dict[str, int]:
    """Once more asked, a question counts from when it was first asked, until it has left the window: then it is a new one."""
    connection.execute(cohort_questions.delete().where(cohort_questions.c.at <= now - DAYS * _DAY))
    return {row.digest: row.at for row in connection.execute(select(cohort_questions.c.digest, cohort_questions.c.at))}
