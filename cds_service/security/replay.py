"""The ids of tokens that were used, until they expire: each is good once in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable

_SWEEP = 1000  # ids between two looks for expired ones
_SLACK = 86_400  # seconds beyond: a clock that jumps ahead and back must not make used tokens new


class Replay:
    """Atomic; holds no token. Of several processes each has its own: behind more than one, a token is good once in each."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._used: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def is_new(self, iss: str, jti: str, until: int) -> bool:
        """Whether this id was not used before; it is held until that second."""
        with self._lock:
            if (iss, jti) in self._used:
                return False
            self._used[iss, jti] = until
            if len(self._used) % _SWEEP == 0:
                self._used = {key: end for key, end in self._used.items() if end > self._now() - _SLACK}
            return True
