"""Every check of the doctor, in the order of its report; a further check is a further line."""

from __future__ import annotations

from cds_service.doctor import knowledge, network, remembered, setup
from cds_service.doctor.model import Check

CHECKS = (
    Check("settings", setup.settings),
    Check("callers", setup.callers),
    Check("tenants", setup.tenants),
    Check("alerts", setup.alerts),
    Check("keys", setup.keys),
    Check("tokens", setup.tokens),
    Check("files", setup.files),
    Check("store", remembered.store),
    Check("packages", setup.packages),
    Check("definitions", knowledge.definitions),
    Check("terminology", knowledge.terminology),
    Check("concept maps", knowledge.concept_maps),
    Check("network", network.servers, network=True),
)
