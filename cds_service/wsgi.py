"""The environment's settings into the application that gunicorn serves (deploy/gunicorn.conf.py), with nothing of a request in its log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from cds_service.app import create_app
from cds_service.commands.serving import log_to_stderr, warn_of_store
from cds_service.commands.setting_up import engine_from_environ, settings_from_environ, tell
from cds_service.errors import SettingsError
from cds_service.observe.logs import event, filtered, kind_and_place
from cds_service.server import refuse_open_bind
from cds_service.warm_up import warmed

if TYPE_CHECKING:
    from flask import Flask

    from cds_service.config import Settings


def application() -> Flask:
    """As `cds-service serve` makes it. Ends the process with status 2 after telling what is wrong with the settings."""
    settings = read_settings()
    engine = engine_from_environ(settings=settings)
    if engine is None:
        sys.exit(2)
    log_to_stderr(settings.log)
    try:
        app = create_app(settings, warmed(engine))
    except SettingsError as error:
        _stop(error)
    warn_of_store(settings)
    return app


def read_settings() -> Settings:
    """The environment's, or the end with status 2."""
    return settings_from_environ() or sys.exit(2)


def renewed(app: Flask) -> Flask:
    """A new application, with the tenants and definitions read again; `app` itself where they are faulty, so that a reload never stops
    a service that works."""
    try:
        new = application()
    except (Exception, SystemExit) as error:
        event("reload-refused", logging.ERROR, error=type(error).__name__)
        return app
    event("reloaded")
    return new


def check_addresses(addresses: Iterable[object], settings: Settings) -> None:
    """Where callers are not checked nobody but this machine may reach the port, whatever --bind says."""
    for address in addresses:
        if isinstance(address, tuple):  # a path is a Unix socket
            try:
                refuse_open_bind(str(address[0]), settings.insecure or settings.tenants is not None)
            except SettingsError as error:
                _stop(error)


def _stop(error: SettingsError) -> NoReturn:
    tell(error)
    sys.exit(2)


class NoRequest(logging.Filter):
    """gunicorn quotes request lines, headers and messages of exceptions in its log; they can name a patient or hold a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        for start, says in _QUOTES.items():
            if str(record.msg).startswith(start):
                record.msg, record.args = says, ()
        if record.exc_info:
            error = record.exc_info[1]
            record.msg, record.args = f"{record.getMessage()}: {kind_and_place(error) if error else 'no exception'}", ()
            record.exc_info = record.exc_text = None
        return True


_QUOTES = {
    "Invalid request from": "a request that is no HTTP was refused",
    "Error handling request": "a request failed outside the application",
}


def quiet_gunicorn() -> None:
    """Adds the filter once, before the first request."""
    filtered("gunicorn.error", NoRequest())
