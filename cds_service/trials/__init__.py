"""The trial definitions shipped with the service, one YAML file a trial."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def shipped() -> dict[str, Path]:
    """Definition files by trial id (the file's name)."""
    folder = Path(str(files(__package__)))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
