"""Every fault the service tells of in its own words, as one tree of errors with the HTTP status each answers with.

    ServiceError
    ├── SettingsError              the environment's settings can't be used; the service does not start
    ├── Unavailable                another machine gave no usable answer; what needed it is unknown
    │   └── Refused                the site's own settings do not let it be asked; asking again brings nothing
    └── RequestError         400   what was asked can't be read
        ├── BodyError        400   the body is not the JSON it should be
        ├── Unauthorized     401   the caller is not known; why stands in the log only
        ├── Forbidden        403   the caller is known, and may not do this
        ├── NotFound         404   no such trial, service or path
        ├── MissingData      412   the minimum of the prefetch is not there (CDS Hooks, 412 Precondition Failed)
        ├── TooLarge         413   the body is larger than the site allows
        ├── MediaError       415   the body is encoded or labelled as something else than JSON
        └── StoreDown        503   the store can't be reached; a hook then answers without cards

No error holds anything of a patient: they name an element, a line or a key, never a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where (an element's path); `place` may be empty."""

    text: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


def unreadable(error: Exception, form: str) -> str:
    """Why a file could not be read as what it should be, and where; without anything of its content."""
    if isinstance(error, OSError):
        return _FILES.get(type(error), error.strerror or type(error).__name__)
    mark = getattr(error, "problem_mark", None)  # of PyYAML's errors
    where = f", at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"can't be read as {form}: {type(error).__name__}{where}"


_FILES: dict[type[OSError], str] = {
    FileNotFoundError: "no such file",
    PermissionError: "this account may not read it",
    IsADirectoryError: "is a folder, not a file",
}


class ServiceError(Exception):
    """The root: anything the service reports by itself."""


class SettingsError(ServiceError):
    """A setting is missing, unknown or not understood."""


class Unavailable(ServiceError):
    """Another machine could not be asked or gave nothing usable. Its text names no URL and nothing that was sent or received."""


class Refused(Unavailable):
    """The URL, or an address that it leads to, is not one that the site's settings allow."""


class RequestError(ServiceError):
    """A request that can't be answered. `code` is the OperationOutcome's issue type."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class BodyError(RequestError):
    """The body is not JSON, or not JSON of the expected frame."""

    code = "structure"


class Unauthorized(RequestError):
    """The caller could not be verified. `reason` is for the log; the answer says nothing of it (checklist 61)."""

    status = 401
    code = "login"

    def __init__(self, reason: str) -> None:
        super().__init__(Problem("a valid bearer token is needed"))
        self.reason = reason


class Forbidden(RequestError):
    """The caller's token is good for other things."""

    status = 403
    code = "forbidden"

    def __init__(self, scope: str) -> None:
        super().__init__(Problem(f"the token's scopes do not include '{scope}'"))


class NotFound(RequestError):
    """Nothing stands under that name."""

    status = 404
    code = "not-found"


class MissingData(RequestError):
    """The data without which no answer makes sense were not given."""

    status = 412
    code = "processing"


class TooLarge(RequestError):
    """The body has more bytes than the service takes."""

    status = 413
    code = "too-long"


class MediaError(RequestError):
    """The body's Content-Type or Content-Encoding is not one the service reads."""

    status = 415
    code = "not-supported"


class StoreDown(RequestError):
    """The store can't be reached or written. `reason` is for the log: the kind of fault alone."""

    status = 503
    code = "transient"

    def __init__(self, reason: str) -> None:
        super().__init__(Problem("the store can't be reached"))
        self.reason = reason
