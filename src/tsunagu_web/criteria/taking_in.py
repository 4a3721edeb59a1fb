"""Taking over a run's indicators for the editor: without names, sealed as one with the room's own key."""

from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
from django.conf import settings

from tsunagu.evaluation.nameless import nameless_of
from tsunagu.runs.crypt import decrypt, encrypt, padded, read_key, unpadded
from tsunagu.runs.folder import RunFolder
from tsunagu.screening.carried import restored
from tsunagu_web.criteria.models import NamelessTable


def nameless_table_of(folder: RunFolder) -> NamelessTable | None:
    """The run's table, sealed; None for a run that carries no criteria, or some that this program no longer reads."""
    if folder.criteria is None:
        return None
    criteria, mistakes = restored(folder.criteria)
    if mistakes:
        return None
    sink, run = io.BytesIO(), str(folder.manifest["seal"])
    pq.write_table(nameless_of(folder, criteria), sink, compression="zstd")
    sealed = encrypt(_key(), padded(sink.getvalue()), bound_to=run.encode())
    return NamelessTable(run=run, carried=json.dumps(folder.criteria, ensure_ascii=False, default=str), sealed=sealed)


def replace_table(made: NamelessTable | None) -> None:
    """Puts it in place of the former run's, in the caller's transaction; None leaves nothing of it."""
    NamelessTable.objects.all().delete()
    if made is not None:
        made.save(force_insert=True)


def opened(row: NamelessTable) -> bytes:
    """The table's bytes (Parquet); PurposeError with another key."""
    return unpadded(decrypt(_key(), bytes(row.sealed), bound_to=row.run.encode(), where="criteria"))


def _key() -> bytes:
    return read_key(settings.ENVIRONMENT.criteria_key)
