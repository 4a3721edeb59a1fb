"""An agreement between two invented offices, and keys of their own."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tsunagu.purposes.agreement import SharingAgreement, read_agreement
from tsunagu.purposes.signatures import sign

ON = dt.date(2026, 10, 1)
HOLDER = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
REQUESTER = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
KEYS = {"holder": HOLDER.public_key(), "requester": REQUESTER.public_key()}

CONTENT: dict[str, Any] = {
    "id": "A-2026-014",
    "version": 1,
    "replaces": "",
    "holder": "school-board",
    "requester": "child-centre",
    "purpose": "early-support",
    "legal_basis": [
        {
            "law": "個人情報の保護に関する法律",
            "provision": "61-3",
            "reference": "R8-014",
            "decided_by": "瑞野市教育委員会",
            "decided_on": "2026-09-01",
        }
    ],
    "granularity": "indicator",
    "wanted": [
        {"id": "absent_total", "version": "2026.1.0", "sha256": "a" * 64, "values": ["0-9", "10-29", "30+"]},
        {"id": "late_total", "version": "2026.1.0", "sha256": "b" * 64, "values": ["0-9", "10+"]},
    ],
    "cohort": {"age_from": 6, "age_to": 15},
    "about": "cohort",
    "named_per_mille": 0,
    "cadence": "monthly",
    "rows_at_most": 12000,
    "minimum_cell": 10,
    "rounding": "midpoint_6",
    "retention_months": 13,
    "onward_use": [],
    "roles": ["manager", "caseworker"],
    "suppression": "withhold_address",
    "join_set": "J-2026-03",
    "valid_from": "2026-10-01",
    "valid_until": "2027-09-30",
    "signatures": [],
}


def content(**changed: object) -> dict[str, Any]:
    """The agreement as JSON values, some of them changed."""
    return {**copy.deepcopy(CONTENT), **changed}


def as_file(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode("utf-8")


def an_agreement(**changed: object) -> SharingAgreement:
    """The agreement as read, without signatures."""
    return read_agreement(as_file(content(**changed)), "agreement.json")


def signed(agreement: SharingAgreement | None = None) -> SharingAgreement:
    """The agreement with both signatures."""
    return sign(sign(agreement or an_agreement(), "holder", HOLDER), "requester", REQUESTER)
