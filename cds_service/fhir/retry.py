"""A server's Retry-After, or its silence on that, into how long to wait before asking again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from cds_service.bodies import BodyError, read_json
from cds_service.errors import Refused, Unavailable
from cds_service.security.outbound import Answer
from fhir_mappings.shapes import as_dicts, as_text

# What another try may bring; any other status is an answer.
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
# IssueType of R4: all that is repeated of what a server says, since its other words may name a patient.
_WORDS = (
    "business-rule code-invalid conflict deleted duplicate exception expired extension forbidden incomplete informational invalid "
    "invariant lock-error login multiple-matches no-store not-found not-supported processing required security structure suppressed "
    "throttled timeout too-costly too-long transient unknown value"
)
ISSUE_CODES = frozenset(_WORDS.split())
# Those by which a server says that another try may do, whatever the status: `transient` and what stands beneath it.
_TRANSIENT_CODES = frozenset({"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"})


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that Retry-After asks for, as a number or as a date; None where it says nothing that can be understood."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return float(said)
    try:
        return max(parsedate_to_datetime(said).timestamp() - now, 0.0)
    except (ValueError, OverflowError, OSError):
        return None


def is_transient(status: int, outcome: object) -> bool:
    """Whether a refusal may pass: by its status, or by the OperationOutcome that came with it (Bulk Data, "Response - Error")."""
    if status in TRANSIENT:
        return True
    issues = as_dicts(outcome.get("issue")) if isinstance(outcome, dict) else []
    return bool(issues) and all(as_text(one.get("code")) in _TRANSIENT_CODES for one in issues)


def json_of(answer: Answer) -> Any:
    """The JSON of an answer, or None."""
    try:
        return read_json(answer.body)
    except BodyError:
        return None


@dataclass
class Backoff:
    """Ever longer waits where the server asks for none: doubled from `first` to `most`, each between half of that and all of it, so
    that many clients do not come back together. What the server asks for is kept to, up to `longest`."""

    draw: Callable[[], float]  # from [0, 1)
    first: float = 5.0
    most: float = 300.0
    longest: float = 3600.0
    _times: int = field(default=0, init=False)

    def wait(self, asked: float | None) -> float:
        """Seconds; `asked` is what Retry-After said."""
        own = min(self.first * float(1 << min(self._times, 20)), self.most)
        self._times += 1
        if asked is not None:
            return min(max(asked, 0.1), self.longest)  # `0` is no leave to ask without a pause
        return own * (0.5 + self.draw() / 2)

    def restart(self) -> None:
        self._times = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """Clock, sleep and chance from outside, so that tests need none of them."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = lambda: 0.5


def again(call: Callable[[], Answer], attempts: int, backoff: Backoff, timing: Timing) -> Answer:
    """The first answer that is not transient, or the last. Raises what the last call raises; what our own settings refuse, at once."""
    for _ in range(attempts - 1):
        asked = None
        try:
            answer = call()
            if not is_transient(answer.status, json_of(answer)):
                return answer
            asked = retry_after(answer.headers, timing.now())
        except Refused:
            raise
        except Unavailable:
            pass
        timing.sleep(backoff.wait(asked))
    return call()
