"""The store's cards and feedback: what one patient and one user were shown and said, and a new card of each verdict once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import and_, bindparam, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from cds_service.alerts.modes import Scope, modes_set
from cds_service.alerts.reasons import REASONS, reason_of
from cds_service.store.database import Database
from cds_service.store.patient_keys import PatientKeys
from cds_service.store.secret import Secret
from cds_service.store.tables import feedback, served

DAY = 86_400
_CARD = re.compile(r"[0-9A-Za-z-]{1,36}")
WARNING = "order-sign"  # its cards answer what the user just did: no cap counts them
_EVERYBODY = [one.code for one in REASONS if one.everybody]

# Statements are put together once: that costs more than asking them.
_HERE, _PATIENT, _USER = (served.c[name] == bindparam(name) for name in ("tenant", "patient", "user"))
_SHOWN = select(*[served.c[name] for name in ("card", "trial", "hook", "user", "verdict", "at")]).where(_HERE, _PATIENT)
# Of this patient what anybody said, and of other patients what this user said of all.
_SAID = (
    select(served.c.trial, served.c.user, feedback.c.reason, feedback.c.at)
    .join(feedback, feedback.c.card == served.c.card)
    .where(_HERE, or_(_PATIENT, and_(_USER, feedback.c.reason.in_(_EVERYBODY))))
)
_TODAY = select(func.count()).select_from(served).where(_HERE, _USER, served.c.at > bindparam("since"), served.c.hook != WARNING)

_SERVE = insert(served)


@dataclass(frozen=True, slots=True)
class Shown:
    """A card that was shown. `user` is a digest."""

    card: str
    trial: str
    hook: str
    user: str
    verdict: str
    at: int


@dataclass(frozen=True, slots=True)
class Said:
    """A reason for not following a card. `at` is when it came to us: a client's clock may be anything."""

    trial: str
    user: str
    code: str
    at: int


@dataclass(frozen=True, slots=True)
class Past:
    """All that counts for one patient and one user, as of `now` (seconds since 1970)."""

    patient: str
    user: str
    now: int
    shown: tuple[Shown, ...] = ()
    said: tuple[Said, ...] = ()
    today: int = 0  # cards this user saw within a day, warnings apart
    modes: dict[Scope, str] | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """A card about to be shown."""

    card: str
    trial: str
    definition: str
    hook: str
    verdict: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every method raises StoreDown, and then nothing may be shown: no card goes out that is not written down."""

    database: Database
    keys: PatientKeys = field(repr=False)
    secret: Secret = field(repr=False)
    now: Callable[[], float]

    def past(self, tenant: str, patient: str, user: str) -> Past:
        """In one transaction. Users without an id are one user: they share what they were shown."""
        keys = self.keys.patient_key(tenant, patient), self.keys.user_key(tenant, user)
        now = int(self.now())
        asked = {"tenant": tenant, "patient": keys[0], "user": keys[1]}
        with self.database.writing() as connection:
            return Past(
                *keys,
                now,
                shown=tuple(Shown(*row) for row in connection.execute(_SHOWN, asked)),
                said=tuple(Said(*row) for row in connection.execute(_SAID, asked) if reason_of(row.reason)),
                today=connection.execute(_TODAY, asked | {"since": now - DAY}).scalar_one(),
                modes=modes_set(connection),
            )

    def digest(self, verdict: str) -> str:
        return self.secret.digest("verdict", verdict)

    def serve(self, tenant: str, past: Past, card: Serving) -> bool:
        """Writes the card down; False where this user has seen this verdict on another card, or sees it right now. The same call answered
        twice is the same card."""
        if any(one.card == card.card for one in past.shown):
            return True
        values = {
            "tenant": tenant, "patient": past.patient, "user": past.user, "at": past.now, "card": card.card, "trial": card.trial,
            "definition": card.definition, "hook": card.hook, "verdict": card.verdict, "department": card.department[:128],
        }  # fmt: skip
        try:
            with self.database.writing() as connection:
                connection.execute(_SERVE, values)
        except IntegrityError:
            return self._is_ours(tenant, past, card.card)
        return True

    def _is_ours(self, tenant: str, past: Past, card: str) -> bool:
        """The same call, answered twice."""
        found = select(served.c.card).where(served.c.card == card, served.c.tenant == tenant, served.c.patient == past.patient)
        with self.database.writing() as connection:
            return connection.execute(found).first() is not None

    def trials_of(self, tenant: str, cards: Iterable[str]) -> dict[str, str]:
        """Card -> its trial, of those that this tenant was shown: nobody speaks to another's cards. What can be no card's id is not asked
        for: PostgreSQL refuses some of what JSON may hold."""
        ids = sorted({card for card in cards if _CARD.fullmatch(card)})
        found = select(served.c.card, served.c.trial).where(served.c.tenant == tenant, served.c.card.in_(ids))
        with self.database.writing() as connection:
            return {row.card: row.trial for row in connection.execute(found)}

    def record(self, rows: Iterable[dict[str, str | int]]) -> int:
        """Feedback, each once; how many were new."""
        new = 0
        for row in rows:
            try:
                with self.database.writing() as connection:
                    connection.execute(insert(feedback).values(**row, at=int(self.now())))
                new += 1
            except IntegrityError:
                continue
        return new
