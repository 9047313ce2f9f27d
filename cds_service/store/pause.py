"""A store that did not answer in time into a moment in which nobody asks it: else every call would wait as long as the first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_PAUSE = 5  # seconds; then one call asks again


def never(_fault: BaseException | None) -> bool:
    return False


@dataclass(slots=True)
class Pause:
    """Shared by the threads of a process. `kept_waiting` tells a fault of the driver that was a wait given up from others."""

    kept_waiting: Callable[[BaseException | None], bool] = never
    now: Callable[[], float] = time.monotonic
    _until: float = float("-inf")

    @property
    def holds(self) -> bool:
        return self.now() < self._until

    def after(self, fault: BaseException) -> None:
        """`fault` is SQLAlchemy's, with the driver's own in it."""
        if self.kept_waiting(getattr(fault, "orig", None)):
            self._until = self.now() + _PAUSE
