"""The description of the node's routes (OpenAPI 3.1): bodies, headers, and each refusal by its code and status.

It stands at docs/reference/node-openapi.json. What carries the signature is in node-messages; a description can say of
a header which form it has, and not that it was signed.
"""

from __future__ import annotations

from collections.abc import Iterable

from tsunagu.handover.manifest import ID as HANDOVER_ID
from tsunagu_node.described_shapes import DIGEST, IDENTIFIER, SCHEMAS, TEXT, Json, object_of
from tsunagu_node.refusals import STATUS

_ALWAYS = ("too_many_headers", "failed", "no_directory")
_SIGNED = (
    *_ALWAYS,
    *("malformed", "unsigned", "bad_signature", "unknown_key", "key_not_valid", "revoked_key", "clock"),
    *("other_certificate", "not_known", "replayed", "changed_body"),
)
_WITH_A_BODY = (*_SIGNED, "no_length", "too_large", "too_slow")
#: Of an address in whichever method, where there is no such route or it takes another method.
OF_NO_ROUTE = ("not_known", "not_this_method", "too_many_headers", "failed")
_OF_HANDOVERS = (
    ("POST", "/handovers"),
    ("GET", "/handovers"),
    ("POST", "/handovers/{id}/parts/{n}"),
    ("GET", "/handovers/{id}/parts/{n}"),
    ("POST", "/handovers/{id}/withdrawal"),
    ("POST", "/handovers/{id}/standing"),
)
#: (method, path) -> codes of its refusals.
CODES: dict[tuple[str, str], tuple[str, ...]] = {
    ("POST", "/answers"): (
        *_WITH_A_BODY,
        *("not_allowed", "not_now", "not_witnessed", "log_differs", "other_content", "not_kept", "being_answered"),
    ),
    ("GET", "/requests"): _SIGNED,
    ("POST", "/replies"): (*_WITH_A_BODY, "other_content"),
    ("POST", "/heads"): _WITH_A_BODY,
    ("GET", "/heads/{log}"): _SIGNED,
    ("GET", "/directory"): _SIGNED,
    ("POST", "/directory"): (*_WITH_A_BODY, "not_allowed", "not_now", "other_content"),
    ("GET", "/rows"): _SIGNED,
    ("POST", "/rows"): _WITH_A_BODY,
    ("POST", "/exchanges"): _WITH_A_BODY,
    ("GET", "/health"): _ALWAYS,
    **{way: (*_WITH_A_BODY, "not_allowed", "not_now", "not_this_method") for way in _OF_HANDOVERS},
}
_BYTES: Json = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def described() -> Json:
    """The whole description, the same bytes for the same code."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "tsunagu node",
            "version": "1",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": (
                "Every connection is TLS 1.3 with certificates on both sides, pinned in the directory. "
                "Requests are signed by RFC 9421, and so are answers and the refusals of who is known. "
                "An address that is not here answers `not_known`, another method of one that is here "
                "`not_this_method`. What is no HTTP, or one connection too many, is refused by the server itself, "
                "in plain text, with 400, 431 or 503. See node-messages."
            ),
        },
        "paths": {
            "/answers": {"post": _operation("POST", "/answers", _ANSWERS)},
            "/requests": {"get": _operation("GET", "/requests", _REQUESTS)},
            "/replies": {"post": _operation("POST", "/replies", _REPLIES)},
            "/heads": {"post": _operation("POST", "/heads", _HEADS)},
            "/heads/{log}": {"get": _operation("GET", "/heads/{log}", _HELD)},
            "/rows": {"get": _operation("GET", "/rows", _WANTED), "post": _operation("POST", "/rows", _ROWS)},
            "/exchanges": {"post": _operation("POST", "/exchanges", _EXCHANGES)},
            **_handovers(),
            "/directory": {
                "get": _operation("GET", "/directory", _NEWS),
                "post": _operation("POST", "/directory", _BRINGS),
            },
            "/health": {"get": _operation("GET", "/health", _HEALTH)},
        },
        "components": {"schemas": SCHEMAS},
    }


def _handovers() -> Json:
    """The routes of hand-overs of cases (handing.py)."""
    signed = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Signed"}}}}
    standing = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Standing"}}},
    }
    stands = _json("Standing", "How the hand-over stands there, with its receipts.")
    said: dict[tuple[str, str], Json] = {
        ("POST", "/handovers"): {
            "operationId": "offer",
            "summary": "A hand-over, offered by its signed manifest.",
            "requestBody": signed,
            "answer": stands,
        },
        ("GET", "/handovers"): {
            "operationId": "handovers",
            "summary": "Hand-overs that wait here for the organisation that signs.",
            "answer": _json("Handovers", "Manifests or withdrawals, each signed."),
        },
        ("POST", "/handovers/{id}/parts/{n}"): {
            "operationId": "sendPart",
            "summary": "A part, sealed to the receiver.",
            "parameters": _OF_A_PART,
            "requestBody": {"required": True, "content": _BYTES},
            "answer": stands,
        },
        ("GET", "/handovers/{id}/parts/{n}"): {
            "operationId": "fetchPart",
            "summary": "A part, for its receiver.",
            "parameters": _OF_A_PART,
            "answer": {"description": "Sealed.", "content": _BYTES},
        },
        ("POST", "/handovers/{id}/withdrawal"): {
            "operationId": "withdraw",
            "summary": "Takes a hand-over back.",
            "parameters": _OF_A_PART[:1],
            "requestBody": signed,
            "answer": stands,
        },
        ("POST", "/handovers/{id}/standing"): {
            "operationId": "standing",
            "summary": "How a hand-over that was fetched stands at its receiver's.",
            "parameters": _OF_A_PART[:1],
            "requestBody": standing,
            "answer": _json("Told", "Taken."),
        },
    }
    paths: Json = {}
    for (method, path), one in said.items():
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, one)
    return paths


def _operation(method: str, path: str, said: Json) -> Json:
    made = {key: value for key, value in said.items() if key != "answer"}
    made["parameters"] = [*said.get("parameters", []), *([] if path == "/health" else _PARAMETERS)]
    made["responses"] = {"200": said["answer"], **_refusals(CODES[method, path])}
    return made


def _refusals(codes: Iterable[str]) -> Json:
    """One response for each status, which names its codes."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUS[code], []).append(code)
    return {
        str(status): {
            "description": ", ".join(sorted(names)),
            "content": {
                "application/json": {
                    "schema": object_of({"code": {"enum": sorted(names)}, "what": TEXT, "to_do": TEXT}),
                }
            },
        }
        for status, names in sorted(by_status.items())
    }


def _header(name: str, pattern: str, description: str) -> Json:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": True, "schema": schema, "description": description}


def _json(name: str, description: str) -> Json:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _either(one: str, other: str, description: str) -> Json:
    schemas = [{"$ref": f"#/components/schemas/{name}"} for name in (one, other)]
    return {"description": description, "content": {"application/json": {"schema": {"oneOf": schemas}}}}


_PARAMETERS = [
    _header("tsunagu-agreement", "^[A-Za-z0-9._@:-]{1,160}$", "Id of the agreement; '-' where there is none."),
    _header("tsunagu-request", "^[A-Za-z0-9][A-Za-z0-9._-]{1,79}$", "Request id, the same in each try."),
    _header("content-digest", DIGEST, "SHA-256 of the body."),
    _header("signature-input", "^tsunagu=[ -~]+$", "What is signed, by RFC 9421, under the label tsunagu."),
    _header("signature", "^tsunagu=:[A-Za-z0-9+/]{86}==:$", "Ed25519, base64."),
]
_LOG: Json = {
    "name": "log",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": IDENTIFIER},
    "description": "The organisation whose log it is.",
}
_AFTER: Json = {
    "name": "after",
    "in": "query",
    "required": True,
    "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    "description": "Number of the last head that is known.",
}
_OF_A_PART: list[Json] = [
    {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": f"^{HANDOVER_ID.pattern}$"},
        "description": "The hand-over.",
    },
    {
        "name": "n",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "maximum": 999},
        "description": "Number of the part, from 0.",
    },
]
_ANSWERS: Json = {
    "operationId": "answer",
    "summary": "A signed request under an agreement, answered with manifest and sealed payload.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DataRequest"}}},
    },
    "answer": {"description": "4 and 8 bytes of lengths, manifest, sealed payload.", "content": _BYTES},
}
_REQUESTS: Json = {
    "operationId": "waiting",
    "summary": "Requests that wait in the mailbox for the organisation that signs.",
    "answer": _json("Waiting", "Each signed anew."),
}
_REPLIES: Json = {
    "operationId": "reply",
    "summary": "The reply to a request that was fetched.",
    "requestBody": {"required": True, "content": _BYTES},
    "answer": _json("Taken", "Kept; whether it was the first."),
}
_HEADS: Json = {
    "operationId": "countersign",
    "summary": "Heads of the sender's own log.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Heads"}}},
    },
    "answer": _json("Said", "A countersignature of the last head, or why there is none."),
}
_HELD: Json = {
    "operationId": "held",
    "summary": "What this node holds of an organisation's log; nothing where it is no witness of it.",
    "parameters": [_LOG, _AFTER],
    "answer": _json("Held", "Heads in order, each with this node's countersignature."),
}
_NEWS: Json = {
    "operationId": "directory",
    "summary": "The directory where it is newer than a version, else which version is here.",
    "parameters": [{**_AFTER, "description": "Version that is known."}],
    "answer": _either("Directory", "Which", "The file as its keeper signed it, or version and hash."),
}
_BRINGS: Json = {
    "operationId": "bringDirectory",
    "summary": "A directory, taken where its keeper signed it and it is newer than the one here.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Directory"}}},
    },
    "answer": _json("Which", "Version and hash of the directory that is here then."),
}
_WANTED: Json = {
    "operationId": "wanted",
    "summary": "Of which rows of the sender's own log this witness wants the hashes.",
    "answer": _json("Wanted", "Numbers of heads that it holds; the same ones until their rows were shown."),
}
_ROWS: Json = {
    "operationId": "showRows",
    "summary": "Hashes of rows of the sender's own log, computed from the rows.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rows"}}},
    },
    "answer": _json("Seen", "The first row that is not as it was signed; null where there is none."),
}
_EXCHANGES: Json = {
    "operationId": "exchanges",
    "summary": "Rows of the sender's log about exchanges with this node, and of which it wants this node's.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Exchanges"}}},
    },
    "answer": _json(
        "Exchanges", "The same of this node: rows of its log, and of which exchanges it wants the sender's."
    ),
}
_HEALTH: Json = {
    "operationId": "health",
    "summary": "Whether the node is there. Not signed.",
    "answer": _json("Health", "Ready, with the version of its directory."),
}
