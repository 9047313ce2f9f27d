"""The bytes of a file as a server sends them into NDJSON on disk: unpacked, its lines counted, its type and its end checked."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from cds_service.errors import ServiceError, Unavailable
from cds_service.security.outbound import SinkError

MOST_BYTES = 50_000_000_000  # of one file, unpacked; servers cut their files at megabytes
_STEP = 1 << 20  # bytes that are unpacked at a time, so that a bomb is small here too
_LONGEST = 10_000_000  # bytes of a line that are held to look at; what is longer is counted only
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


class DiskError(SinkError, ServiceError):
    """The file can't be written."""


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived. `foreign`: lines of another type than the manifest said."""

    bytes: int
    lines: int
    sha256: str
    foreign: int = 0


@dataclass
class Receiver:
    """A sink that writes to `path`, which is removed where the file is no whole one. Packed or not is seen from its first bytes: servers
    say it in a header, or send packed files as they are."""

    path: Path
    type: str
    most: int = MOST_BYTES
    _size: int = field(default=0, init=False)
    _lines: int = field(default=0, init=False)
    _foreign: int = field(default=0, init=False)
    _head: bytes = field(default=b"", init=False)
    _rest: bytes = field(default=b"", init=False)
    _long: bool = field(default=False, init=False)
    _begun: bool = field(default=False, init=False)
    _unpack: Any = field(default=None, init=False)
    _digest: Any = field(default_factory=sha256, init=False)
    _stream: Any = field(default=None, init=False)

    def __call__(self, data: bytes) -> None:
        if not self._begun:
            self._head += data
            if len(self._head) < len(_GZIP):
                return
            data = self._begin()
        self._feed(data)

    def finish(self) -> Received:
        """What the file holds. Raises Unavailable where it is cut off, DiskError where it can't be written."""
        if not self._begun:
            self._feed(self._begin())
        if self._unpack is not None and not self._unpack.eof:
            raise Unavailable("the packed file is cut off")
        if self._rest.strip() or self._long:
            if self._long or not _is_json(self._rest):
                raise Unavailable("the file is cut off in its last line")
            self._line(self._rest)
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise DiskError(f"{self.path.name}: {error.strerror}") from None
        return Received(self._size, self._lines, self._digest.hexdigest(), self._foreign)

    def keep(self, path: Path) -> None:
        """Puts the file in its place, in one step."""
        self._stream.close()
        self.path.replace(path)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self.path.unlink(missing_ok=True)

    def _begin(self) -> bytes:
        self._begun, head = True, self._head
        self._unpack = zlib.decompressobj(wbits=31) if head.startswith(_GZIP) else None
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise DiskError(f"{self.path.name}: {error.strerror}") from None
        self._stream = os.fdopen(descriptor, "wb")
        return head

    def _feed(self, data: bytes) -> None:
        if self._unpack is None:
            self._write(data)
            return
        try:
            self._unpacked(data)
        except zlib.error:
            raise SinkError("the packed file is damaged") from None

    def _unpacked(self, data: bytes) -> None:
        while True:
            part = self._unpack.decompress(data, _STEP)
            self._write(part)
            if self._unpack.eof:  # a packed file may have several members
                data = self._unpack.unused_data
                if not data:
                    return
                self._unpack = zlib.decompressobj(wbits=31)
                continue
            data = self._unpack.unconsumed_tail
            if not data:  # the end of a packed file comes after all that was in it, so nothing is left inside
                return

    def _write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self.most:
            raise SinkError(f"the file has more than {self.most} bytes")
        self._digest.update(data)
        try:
            self._stream.write(data)
        except OSError as error:
            raise DiskError(f"{self.path.name}: {error.strerror}") from None
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) > _LONGEST:
            self._rest, self._long = self._rest[:64], True

    def _line(self, line: bytes) -> None:
        clean = line.removeprefix(_BOM).strip()
        if clean or self._long:
            self._lines += 1
            self._foreign += not self._long and not self._is_own(clean)
        self._long = False

    def _is_own(self, line: bytes) -> bool:
        """What can't be read is no other type: the cohort run counts it, and knows whose record it leaves incomplete."""
        if line.startswith(b'{"resourceType":"%b"' % self.type.encode()):
            return True
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            return True
        return not isinstance(value, dict) or value.get("resourceType") == self.type


def pieces_of(path: Path) -> Iterator[bytes]:
    """The lines of a file, each with its ending; one that is too long to hold comes in pieces, of which none can be read."""
    with path.open("rb") as stream:
        while data := stream.readline(_LONGEST):
            yield data


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line.removeprefix(_BOM).strip())
    except orjson.JSONDecodeError:
        return False
    return True
