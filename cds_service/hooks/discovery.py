"""The services and the trials' resource types into the discovery document of `GET /cds-services`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cds_service.hooks.keys import asked
from cds_service.hooks.services import SERVICES


def discovery(types: Iterable[str]) -> dict[str, Any]:
    """Every service with the same prefetch: what the trials read does not depend on the hook that called."""
    prefetch = {key.name: key.template for key in asked(types)}
    return {
        "services": [
            {
                "hook": service.hook,
                "title": service.title,
                "description": service.description,
                "id": service.id,
                "prefetch": prefetch,
                "usageRequirements": service.usage,
            }
            for service in SERVICES
        ]
    }
