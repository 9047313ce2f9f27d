"""Numbered tasks into their saved results: in parallel processes, each once, from where an earlier run was stopped."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from tqdm import tqdm

from cds_service.cohort.work import Work


class Working(Protocol):
    """What a task is handed: hashable, and small enough for another process."""

    @property
    def work(self) -> Work: ...


T = TypeVar("T", bound=Working)


class Crew:
    """The processes of a run, started once and only if there is something to share."""

    def __init__(self, workers: int, quiet: bool) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._quiet = quiet
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def every(self, tools: T, task: Callable[[T, int], None], name: str, numbers: Iterable[int]) -> list[dict[str, Any]]:
        """The results of a task for all numbers; those that an earlier run left are not computed again."""
        numbers = list(numbers)
        left = [number for number in numbers if not tools.work.has(f"{name}/{number}.json")]
        with tqdm(total=len(numbers), initial=len(numbers) - len(left), desc=name, unit="part", disable=self._quiet or None) as bar:
            for _ in self._done(partial(_run, tools, task), left):
                bar.update()
        return [tools.work.load(f"{name}/{number}.json") for number in numbers]

    def _done(self, run: partial[None], numbers: list[int]) -> Iterator[None]:
        if min(self._workers, len(numbers)) <= 1:
            yield from map(run, numbers)
            return
        if self._pool is None:
            # Forked processes share the engine that is built already; elsewhere than on Linux forking is not safe.
            gc.collect()
            gc.freeze()  # else each collection looks through the engine again, and writes to pages that the processes share
            context = get_context("fork" if sys.platform == "linux" else "spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _ends_with, (os.getpid(),))
        for future in as_completed([self._pool.submit(run, number) for number in numbers]):
            yield future.result()


def _ends_with(parent: int) -> None:
    """In a worker: when the run is killed nobody is left waiting for work, with copies of records in memory."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run(tools: T, task: Callable[[T, int], None], number: int) -> None:
    """In a worker: the tools that it made before, with their caches, if they are of the same plan."""
    task(_MADE.setdefault(tools, tools), number)


_MADE: dict[Any, Any] = {}


def total(parts: Iterable[dict[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in parts:
        found.update(part)
    return found
