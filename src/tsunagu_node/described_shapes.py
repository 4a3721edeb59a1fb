"""The shapes of what nodes say to each other, as JSON schemas of the description."""

from __future__ import annotations

from typing import Any

from tsunagu.audit.heads import FORMAT as HEAD
from tsunagu.audit.witness import FORMAT as COUNTERSIGNATURE
from tsunagu.handover.manifest import ID as HANDOVER_ID
from tsunagu.handover.passage import STANDING_FORM, WAITING_FORM
from tsunagu.purposes.agreement import GRANULARITIES, OLDEST
from tsunagu.purposes.named import STATED
from tsunagu.purposes.request import FORM as REQUEST
from tsunagu.purposes.request import MOST_NAMED
from tsunagu_node.directory import PINS
from tsunagu_node.exchanges_wire import FORM as EXCHANGES
from tsunagu_node.exchanges_wire import LONGEST_ROW
from tsunagu_node.exchanges_wire import MOST as MOST_EXCHANGES
from tsunagu_node.exchanges_wire import MOST_ROWS as MOST_OF_EXCHANGE
from tsunagu_node.heads_wire import FORM as HEADS
from tsunagu_node.heads_wire import KINDS as OF_HEADS
from tsunagu_node.heads_wire import MOST
from tsunagu_node.mailbox import MOST as WAITING
from tsunagu_node.rows_wire import FORM as ROWS
from tsunagu_node.rows_wire import KINDS as OF_ROWS
from tsunagu_node.witnessed_rows import MOST as MOST_ROWS

Json = dict[str, Any]
IDENTIFIER = "^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$"
HASH = "^[0-9a-f]{64}$"
DIGEST = "^sha-256=:[A-Za-z0-9+/]{43}=:$"
#: Keys of an organisation in the directory, and how many of them there are at least.
KEYS_LISTED = {"signing_keys": 1, "sealing_keys": 1, "head_keys": 0}
TEXT: Json = {"type": "string", "minLength": 1}
KEY_NAME: Json = {"type": "string", "pattern": "^[0-9a-f]{16}$"}
MOMENT: Json = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}
NUMBER: Json = {"type": "integer", "minimum": 0, "maximum": (1 << 53) - 1}
EXCHANGE: Json = {
    "type": "string",
    "pattern": HASH,
    "description": "SHA-256 of `agreement:` with the agreement's id, a line feed, and the request id.",
}


def object_of(properties: Json) -> Json:
    """An object with all of these properties, and none besides."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def several(name: str, least: int) -> Json:
    """A list of at least so many of the shape of that name."""
    return {"type": "array", "minItems": least, "items": {"$ref": f"#/components/schemas/{name}"}}


SCHEMAS: Json = {
    "Asked": object_of(
        {
            "id": {"type": "string", "pattern": IDENTIFIER},
            "version": {"type": "string", "minLength": 1},
            "sha256": {"type": "string", "pattern": HASH},
        }
    ),
    "Cohort": object_of(
        {name: {"type": "integer", "minimum": 0, "maximum": OLDEST} for name in ("age_from", "age_to")}
    ),
    "DataRequest": object_of(
        {
            "form": {"const": REQUEST},
            "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "agreement": {"type": "string", "pattern": IDENTIFIER},
            "agreement_sha256": {"type": "string", "pattern": HASH},
            "requester": {"type": "string", "pattern": IDENTIFIER},
            "holder": {"type": "string", "pattern": IDENTIFIER},
            "purpose": {"type": "string", "pattern": IDENTIFIER},
            "granularity": {"enum": sorted(GRANULARITIES)},
            "wanted": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Asked"}},
            "cohort": {"$ref": "#/components/schemas/Cohort"},
            "on": {"type": "string", "format": "date"},
            "asked_by": {"type": "string", "pattern": "^[a-z]{1,16}:[0-9]{1,10}$"},
            "named": {
                "type": "array",
                "maxItems": MOST_NAMED,
                "uniqueItems": True,
                "items": {"type": "string", "pattern": HASH},
            },
            "reason": {"type": "string", "enum": ["", *STATED]},
        }
    ),
    "Waiting": object_of(
        {
            "requests": {
                "type": "array",
                "maxItems": WAITING,
                "items": object_of(
                    {
                        "url": TEXT,
                        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                        "body": {"type": "string", "contentEncoding": "base64"},
                    }
                ),
            }
        }
    ),
    "Taken": object_of({"taken": {"const": True}, "first": {"type": "boolean"}}),
    "Heads": object_of(
        {
            "form": {"const": HEADS},
            "more": {"type": "boolean"},
            "heads": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST,
                "items": {"type": "string", "description": f"A line of {HEAD}."},
            },
        }
    ),
    "Said": {
        "oneOf": [
            object_of(
                {
                    "form": {"const": HEADS},
                    "countersignature": {"type": "string", "description": f"A line of {COUNTERSIGNATURE}."},
                }
            ),
            object_of(
                {
                    "form": {"const": HEADS},
                    "fault": object_of(
                        {
                            "kind": {"enum": sorted(OF_HEADS)},
                            "row": {"type": "integer", "minimum": 0},
                            "known": {"type": "integer", "minimum": 0},
                        }
                    ),
                }
            ),
        ]
    },
    "Wanted": object_of(
        {
            "form": {"const": ROWS},
            "more": {"type": "boolean"},
            "wanted": {"type": "array", "maxItems": MOST_ROWS, "items": NUMBER},
        }
    ),
    "Rows": object_of(
        {
            "form": {"const": ROWS},
            "rows": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_ROWS,
                "items": object_of(
                    {
                        "number": NUMBER,
                        "hashes": {
                            "type": "string",
                            "contentEncoding": "base64",
                            "description": "SHA-256 of the body of each row under the head, one after the other.",
                        },
                    }
                ),
            },
        }
    ),
    "Seen": object_of(
        {
            "form": {"const": ROWS},
            "fault": {
                "oneOf": [
                    {"type": "null"},
                    object_of({"kind": {"enum": sorted(OF_ROWS)}, "row": NUMBER, "known": NUMBER}),
                ]
            },
        }
    ),
    "Exchanges": object_of(
        {
            "form": {"const": EXCHANGES},
            "told": {
                "type": "array",
                "maxItems": MOST_EXCHANGES,
                "items": object_of(
                    {
                        "exchange": EXCHANGE,
                        "rows": {
                            "type": "array",
                            "maxItems": MOST_OF_EXCHANGE,
                            "items": object_of(
                                {
                                    "number": {**NUMBER, "minimum": 1},
                                    "body": {"type": "string", "maxLength": LONGEST_ROW},
                                }
                            ),
                        },
                    }
                ),
            },
            "wanted": {"type": "array", "maxItems": MOST_EXCHANGES, "items": EXCHANGE},
        }
    ),
    "Held": object_of(
        {
            "form": {"const": HEADS},
            "more": {"type": "boolean"},
            "held": {
                "type": "array",
                "maxItems": MOST,
                "items": object_of({"head": {"type": "string"}, "countersignature": {"type": "string"}}),
            },
        }
    ),
    "Signed": object_of(
        {
            "content": {"type": "object"},
            "signature": object_of({"key": TEXT, "value": {"type": "string", "contentEncoding": "base64"}}),
        }
    ),
    "Standing": object_of(
        {
            "form": {"const": STANDING_FORM},
            "handover": {"type": "string", "pattern": f"^{HANDOVER_ID.pattern}$"},
            "manifest_sha256": {"type": "string", "pattern": HASH},
            "next": {"type": "integer", "minimum": 0, "maximum": 1_000},
            "receipts": {"type": "array", "items": {"$ref": "#/components/schemas/Signed"}},
        }
    ),
    "Handovers": object_of(
        {"form": {"const": WAITING_FORM}, "handovers": {"type": "array", "items": {"type": "object"}}}
    ),
    "Told": object_of({"taken": {"const": True}}),
    "Which": object_of({"version": {"type": "integer", "minimum": 1}, "sha256": {"type": "string", "pattern": HASH}}),
    "DatedKey": object_of(
        {
            "id": KEY_NAME,
            "key": {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"},
            "valid_from": {"type": "string", "format": "date"},
            "valid_until": {"type": "string", "format": "date"},
        }
    ),
    "Organisation": object_of(
        {
            "id": {"type": "string", "pattern": IDENTIFIER},
            "ja": TEXT,
            "en": TEXT,
            "endpoint": {"type": "string"},
            **{name: several("DatedKey", least) for name, least in KEYS_LISTED.items()},
            "pins": {
                "type": "array",
                "minItems": 1,
                "items": object_of({"of": {"enum": list(PINS)}, "sha256": {"type": "string", "pattern": HASH}}),
            },
        }
    ),
    "Directory": object_of(
        {
            "version": {"type": "integer", "minimum": 1, "maximum": 1_000_000_000},
            "issued_at": MOMENT,
            "valid_until": MOMENT,
            "organisations": several("Organisation", 1),
            "revoked": {"type": "array", "items": object_of({"key": KEY_NAME, "at": MOMENT})},
            "signature": object_of({"key": KEY_NAME, "value": {"type": "string", "pattern": "^[A-Za-z0-9+/]{86}==$"}}),
        }
    ),
    "Health": object_of({"ready": {"const": True}, "directory": {"type": "integer", "minimum": 1}}),
}
