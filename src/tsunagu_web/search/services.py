"""Keeping texts to be searched: given by a room in the transaction of its own write, and gone with what they were of.

Two writers of one text wait for each other at its row. The counts of common grams are made anew now and then, outside
of any other write, so that writers of different texts never wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import TypeVar
from zlib import crc32

from django.db import connection, models, transaction
from django.db.models import Count

from tsunagu.text.search import grams, searched_text
from tsunagu_web.search.models import Frequency, Kind, Posting, SearchText

Row = TypeVar("Row", bound=models.Model)
Item = TypeVar("Item")
_BATCH = 500
_ROWS = 450  # every SQLite takes 999 values in one statement
_INSERT = "INSERT INTO search_posting (gram, document) VALUES ROWS"
_UPDATE = """
UPDATE search_searchtext SET text = new.column1 FROM (VALUES ROWS) AS new WHERE search_searchtext.id = new.column2
"""
# The lowest bits of a stored gram are its kind, so that the lists of one kind never grow by another.
_ABOVE_KIND = 0x7FFFFFF8
_COMMON = 200  # a gram in fewer texts is rare enough to begin with, and needs no count
_KEPT_S = 900  # for so long a process goes on with the counts it read


def index_document(kind: Kind, own_id: object, text: str) -> None:
    """Keeps one text to be searched, in place of what was kept of it before.

    own_id  primary key of the row it comes from
    text    lines are texts of their own (a name, its reading, an alias); never an address
    """
    index_documents(kind, [(own_id, text)])


def index_documents(kind: Kind, texts: Iterable[tuple[object, str]]) -> int:
    """The same for many; gives their number. Inside the caller's transaction they stand or fall with its write."""
    count = 0
    with transaction.atomic():
        for batch in _batches(texts):
            written = {str(own_id): text for own_id, text in batch}
            _write(kind, written, _places(kind, written))
            count += len(batch)
    return count


def remove_documents(kind: Kind, own_ids: Iterable[object]) -> int:
    """Takes texts out of the index, with every posting; gives how many there were."""
    count = 0
    with transaction.atomic():
        for batch in _batches(own_ids):
            kept = SearchText.objects.filter(kind=kind, own_id__in=[str(own_id) for own_id in batch])
            count += _remove(kind, list(kept.select_for_update().order_by("pk")))
    return count


def replace_all(
    kind: Kind,
    rows: models.QuerySet[Row],
    as_text: Callable[[Row], str],
    progress: Callable[[int], object] = lambda _count: None,
) -> int:
    """Makes the index of one kind anew from the rows themselves; gives the number of texts.

    rows      every row of the kind that is to be found
    progress  is told after each batch how many texts are done

    Each batch is a transaction of its own, so that the desk goes on meanwhile, and what was done stays done when the
    command is killed: run it again. A row is read only after its place in the index was locked, so a change made at
    the same time is never overwritten by what stood there before.
    """
    count = 0
    for batch in _keys(rows):
        with transaction.atomic():
            places = _places(kind, [str(pk) for pk in batch])
            texts = {str(row.pk): as_text(row) for row in rows.filter(pk__in=batch)}
            _write(kind, texts, places, is_anew=True)
            _remove(kind, [place for own_id, place in places.items() if own_id not in texts])
            count += len(texts)
        progress(count)
    _remove_strangers(kind, rows)
    count_anew()
    return count


def count_anew() -> None:
    """Counts the common grams anew, since a search begins with the rarest of what was typed.

    The database counts its own, without which it goes through a whole city to find two children.
    """
    common = Posting.objects.values("gram").annotate(n=Count("document")).filter(n__gte=_COMMON).order_by("gram")
    # Counted before the transaction begins, so that nobody waits for it.
    made = [Frequency(gram=row["gram"], texts=row["n"]) for row in common]
    with transaction.atomic():
        Frequency.objects.all().delete()
        Frequency.objects.bulk_create(made, batch_size=_BATCH)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _common_grams.cache_clear()


def common_grams() -> Mapping[int, int]:
    """In how many texts each common gram stood when they were counted, read once in a while and not for each search."""
    return _common_grams(int(time.monotonic() // _KEPT_S))


@lru_cache(maxsize=1)
def _common_grams(_while: int) -> Mapping[int, int]:
    return dict(Frequency.objects.values_list("gram", "texts"))


def grams_of(kind: Kind, form: str) -> frozenset[int]:
    """The grams of a searched text or of a form of what was typed, as they are stored for a kind.

    Two grams may share a number, about once in a city: a text is then looked at in vain, and not found.
    """
    return frozenset(crc32(gram.encode()) & _ABOVE_KIND | kind for gram in grams(form))


def _places(kind: Kind, own_ids: Iterable[str]) -> dict[str, SearchText]:
    """The rows of these texts, made where there was none, and locked until the transaction ends."""
    asked = sorted(own_ids)
    rows = SearchText.objects.filter(kind=kind, own_id__in=asked).order_by("pk")
    new = set(asked) - set(rows.values_list("own_id", flat=True))
    empty = [SearchText(kind=kind, own_id=own_id, text="") for own_id in sorted(new)]
    SearchText.objects.bulk_create(empty, ignore_conflicts=True)
    return {row.own_id: row for row in rows.select_for_update()}


def _write(kind: Kind, texts: Mapping[str, str], places: Mapping[str, SearchText], *, is_anew: bool = False) -> None:
    """Writes what changed; is_anew: the postings of every text, whatever the index said of it before."""
    changed: list[tuple[str, int]] = []
    postings: list[tuple[int, int]] = []
    for own_id, text in texts.items():
        place, searched = places[own_id], searched_text(text)
        before, after = grams_of(kind, place.text), grams_of(kind, searched)
        if is_anew:
            _forget(place.pk, before | after)
            before = frozenset()
        elif place.text == searched:
            continue
        _forget(place.pk, before - after)
        postings += [(gram, place.pk) for gram in after - before]
        changed.append((searched, place.pk))
    # A note has a hundred grams: as objects they would take longer than as rows. In the order of the index.
    _run_with_rows(_INSERT, sorted(postings))
    _run_with_rows(_UPDATE, changed)


def _run_with_rows(statement: str, rows: Iterable[tuple[object, object]]) -> None:
    """Runs a statement with many rows at a time; they go beside it, and ROWS becomes places for them."""
    with connection.cursor() as cursor:
        for some in _batches(rows, _ROWS):
            cursor.execute(statement.replace("ROWS", ", ".join(["(%s, %s)"] * len(some))), list(chain(*some)))


def _remove(kind: Kind, places: list[SearchText]) -> int:
    for place in places:
        _forget(place.pk, grams_of(kind, place.text))
    SearchText.objects.filter(pk__in=[place.pk for place in places]).delete()
    return len(places)


def _forget(document: int, old: frozenset[int]) -> None:
    if old:
        Posting.objects.filter(document=document, gram__in=old).delete()


def _remove_strangers(kind: Kind, rows: models.QuerySet[Row]) -> None:
    """Takes out the texts whose row is gone, and the postings whose text is gone."""
    for batch in _keys(SearchText.objects.filter(kind=kind)):
        with transaction.atomic():
            places = list(SearchText.objects.select_for_update().filter(pk__in=batch).order_by("pk"))
            there = rows.filter(pk__in=[place.own_id for place in places]).values_list("pk", flat=True)
            known = {str(pk) for pk in there}
            _remove(kind, [place for place in places if place.own_id not in known])
    # Nothing leaves any behind; where something did, one reading of the whole finds them.
    lost = Posting.objects.exclude(document__in=SearchText.objects.values("pk")).values_list("document", flat=True)
    for document in set(lost):
        Posting.objects.filter(document=document).delete()


def _keys(rows: models.QuerySet[Row]) -> Iterator[list[object]]:
    """The primary keys in order, a batch at a time, each asked for when the one before it is done."""
    ordered = rows.order_by("pk").values_list("pk", flat=True)
    batch = list(ordered[:_BATCH])
    while batch:
        yield batch
        batch = list(ordered.filter(pk__gt=batch[-1])[:_BATCH])


def _batches(items: Iterable[Item], size: int = _BATCH) -> Iterator[list[Item]]:
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        yield batch
