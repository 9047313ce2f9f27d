"""The ids of tokens that were used, until they expire: each is good once over all processes that share the store."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from cds_service.store.database import Database
from cds_service.store.secret import Secret
from cds_service.store.tables import used_tokens

_SWEEP = 1000  # ids between two removals of expired ones
_USED = insert(used_tokens)
SLACK = 86_400  # seconds beyond: a clock that jumps ahead and back must not make used tokens new


@dataclass(frozen=True, slots=True)
class StoredReplay:
    """Atomic by the table's primary key: of two processes that see one token, one inserts its row."""

    database: Database
    secret: Secret
    now: Callable[[], float]
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def is_new(self, iss: str, jti: str, until: int) -> bool:
        """Whether this id was not used before; it is held until that second. Raises StoreDown."""
        digest = self.secret.digest(iss, jti)
        if next(self._count) % _SWEEP == 0:
            self._forget_expired()
        try:
            with self.database.writing() as connection:
                connection.execute(_USED, {"digest": digest, "until": until})
        except IntegrityError:
            return False
        return True

    def _forget_expired(self) -> None:
        with self.database.writing() as connection:
            connection.execute(delete(used_tokens).where(used_tokens.c.until < int(self.now()) - SLACK))
