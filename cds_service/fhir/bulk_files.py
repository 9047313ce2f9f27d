"""One file of a manifest into a file on disk that is whole: fetched again where it is not, put in its place when it is."""

from __future__ import annotations

from pathlib import Path

from cds_service.errors import Refused, Unavailable
from cds_service.fhir.bulk_calls import Calls, words
from cds_service.fhir.bulk_lines import DiskError, Received, Receiver
from cds_service.fhir.bulk_manifest import File
from cds_service.fhir.retry import is_transient, json_of, retry_after
from cds_service.security.outbound import Answer, SinkError

_EXPIRED = (401, 403, 404, 410)


class Expired(Unavailable):
    """The file's URL is good no longer; a fresh manifest may name another."""


def receive(calls: Calls, file: File, needs_token: bool | None, path: Path) -> Received:
    """Raises Expired, Unavailable, DiskError. What is at `path` is a whole file, whenever the process dies."""
    backoff, digests = calls.backoff(), set[str]()
    reason, asked = "", None
    for attempt in range(calls.source.attempts):
        if attempt:
            calls.timing.sleep(backoff.wait(asked))
        receiver, asked = Receiver(path.with_name(f"{path.name}.part"), file.type), None
        try:
            answer = calls.pour(file.url, needs_token, receiver)
            if answer.status == 200:
                received = receiver.finish()
                if _fits(received, file) or received.sha256 in digests:
                    receiver.keep(path)
                    return received
                digests.add(received.sha256)
                reason = f"has {received.lines} lines where the server says {file.count}"
            else:
                reason, asked = _refusal(answer), retry_after(answer.headers, calls.timing.now())
        except (DiskError, Refused, Expired):
            raise
        except (Unavailable, SinkError) as error:
            if isinstance(error, _Final):
                raise
            reason = str(error)
        finally:
            receiver.close()
    raise Unavailable(reason)


class _Final(Unavailable):
    """Asking again would bring the same."""


def _fits(received: Received, file: File) -> bool:
    """The same content twice with another count than the server's: then its count is wrong, or the file lacks something. It is kept, and
    its type is not whole."""
    return file.count is None or received.lines == file.count


def _refusal(answer: Answer) -> str:
    """Why the file may come later. Raises Expired or Unavailable where it will not."""
    if is_transient(answer.status, json_of(answer)):
        return words(answer)
    if answer.status in _EXPIRED:
        raise Expired(f"the file can't be had any more ({words(answer)})")
    raise _Final(f"the file can't be had ({words(answer)})")
