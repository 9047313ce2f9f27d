"""A tenant and an id of the EHR into the key under which rows are about one patient or user, and that tells nobody who that is."""

from __future__ import annotations

from dataclasses import dataclass, field

from cds_service.store.secret import Secret


@dataclass(frozen=True, slots=True)
class PatientKeys:
    """The same patient of the same tenant has the same key for as long as the site's secret stays; of two tenants never."""

    patients: Secret = field(repr=False)
    users: Secret = field(repr=False)

    @classmethod
    def of(cls, secret: Secret) -> PatientKeys:
        return cls(secret.derived("patient-key"), secret.derived("user-key"))

    def patient_key(self, tenant: str, patient: str) -> str:
        """64 hexadecimal digits; `Patient/id`, an absolute reference and the bare id give one key."""
        return self.patients.digest(tenant, _bare(patient, "Patient/"))

    def user_key(self, tenant: str, user: str) -> str:
        """64 hexadecimal digits. The type stays in: `Practitioner/1` and `PractitionerRole/1` may be two people."""
        return self.users.digest(tenant, user.strip())


def _bare(reference: str, marker: str) -> str:
    text = reference.strip()
    return text.rpartition(marker)[2].partition("/")[0] if marker in text else text
