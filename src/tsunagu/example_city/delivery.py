"""A delivery in the making: files in their forms, the slip, and the truth about every damaged row and lost fact."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from random import Random
from typing import IO

from tsunagu.errors import SourceError
from tsunagu.example_city.calendar import Calendar
from tsunagu.example_city.faults import Layout, Level
from tsunagu.example_city.letters import DATE_FORMS, KANA_FORMS, full_width
from tsunagu.example_city.people import Person
from tsunagu.example_city.sheets import Form, Lost, Sheet
from tsunagu.example_city.workbook import put

CODECS = ("cp932", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "euc_jp", "shift_jis_2004")
_MARKS = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}
_WRITES = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}
_HEAVY_CODECS = ("cp932", "cp932", "cp932", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "euc_jp")
_HEAVY_DATES = ("iso", "slashed", "packed", "era_dots", "era_padded", "era_words")


@dataclass(frozen=True)
class Forms:
    """What the caller chooses: faults, and per file (a glob over `holder/file`) the encoding and the date form."""

    faults: Level = "usual"
    encodings: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a codec or date form nobody knows."""
        for chosen, known, what in ((self.encodings, CODECS, "encoding"), (self.dates, tuple(DATE_FORMS), "date form")):
            for pattern, word in chosen.items():
                if word not in known:
                    raise SourceError(
                        f"{what} {word!r} is not one the example city can write",
                        where=pattern,
                        to_do=f"Choose one of: {', '.join(known)}.",
                    )


class Delivery:
    """Opens the files of a delivery under `out`/extracts and keeps the account that becomes `out`/truth."""

    def __init__(self, out: Path, calendar: Calendar, forms: Forms, rng: Random, *, children: int) -> None:
        self.calendar = calendar
        self._out, self._forms, self._rng = out, forms, rng
        self.files = 0
        self.rows = 0
        self.bad_rows: list[tuple[str, int, str, str, str, str, str]] = []
        self.lost: list[tuple[str, str, str, str, str]] = []
        self._slip: list[tuple[str, str, str, int]] = []
        self._seen: set[tuple[str, str]] = set()
        # A column of numbers can be told for what it is only when it is long enough.
        holders = ("jifu", "shugaku_enjo", "hoiku") if children >= 600 else ("hoiku",)
        self._slip_holder = rng.choice(holders) if forms.faults != "none" else ""
        self.slipped_into = ""
        (out / "extracts").mkdir(parents=True, exist_ok=True)
        (out / "truth").mkdir(parents=True, exist_ok=True)
        self._records_file = (out / "truth" / "records.csv").open("w", encoding="utf-8", newline="")
        self._records = csv.writer(self._records_file)
        self._records.writerow(
            ("department", "file", "record_key", "person_id", "is_child", "name_written", "birth_true_in_record")
        )
        self.records = 0

    # --- files -----------------------------------------------------------------------------------------------------

    def date_form(self, path: str, default: str) -> Callable[[date], str]:
        """How this file writes dates."""
        for pattern, word in self._forms.dates.items():
            if fnmatch(path, pattern):
                return DATE_FORMS[word]
        if self._forms.faults == "heavy" and self._rng.random() < 0.4:
            return DATE_FORMS[self._rng.choice(_HEAVY_DATES)]
        return DATE_FORMS[default]

    @contextmanager
    def sheet(
        self, path: str, layout: Layout, codec: str, *, year: int | None = None,
        words: Mapping[int, tuple[str, ...]] | None = None, swaps: tuple[tuple[int, int], ...] = (),
    ) -> Iterator[Sheet]:  # fmt: skip
        """A delimited file of a holder. words and swaps say what changes from one fiscal year to the next."""
        target = self._out / "extracts" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as sink:
            layout, slipped = self._with_slipped(path, layout)
            form, stated = self._form(path, layout, codec, year, words=words or {}, swaps=swaps)
            sheet = Sheet(
                path, path.split("/", maxsplit=1)[0], sink, layout, form,
                level=self._forms.faults, rng=self._rng, ledger=self, slipped=slipped,
            )  # fmt: skip
            yield sheet
            sheet.close()
        self._count(sheet.path, sheet.holder, stated, sheet.rows)

    @contextmanager
    def archive(self, path: str) -> Iterator[Archive]:
        """A zip of several CSV files."""
        target = self._out / "extracts" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
            yield Archive(self, book, path)

    def _with_slipped(self, path: str, layout: Layout) -> tuple[Layout, Callable[[str], str] | None]:
        """The first file of the chosen holder carries a column that must never be stored."""
        if self.slipped_into or path.split("/", maxsplit=1)[0] != self._slip_holder:
            return layout, None
        self.slipped_into = path
        heavy = self._forms.faults == "heavy"
        word = self._rng.choice(("個人番号", "マイナンバー", "整理番号")) if heavy else "個人番号"
        form = self._rng.choice((str, full_width, _grouped)) if heavy else str
        return replace(layout, header=(*layout.header, word)), form

    def _form(
        self, path: str, layout: Layout, codec: str, year: int | None, *,
        words: Mapping[int, tuple[str, ...]], swaps: tuple[tuple[int, int], ...],
    ) -> tuple[Form, str]:  # fmt: skip
        rng, heavy = self._rng, self._forms.faults == "heavy"
        stated = codec
        for pattern, word in self._forms.encodings.items():
            if fnmatch(path, pattern):
                codec = stated = word
                break
        else:
            if heavy:
                codec = rng.choice(_HEAVY_CODECS)
                stated = codec if rng.random() < 0.7 else "cp932"
        order = list(range(len(layout.header)))
        header = list(layout.header)
        if year is not None:
            for at, choices in words.items():
                header[at] = choices[(year - 2025) % len(choices)]
            if year % 2 == 0:
                for first, second in swaps:
                    order[first], order[second] = order[second], order[first]
            if heavy and rng.random() < 0.5:
                rng.shuffle(order)
        kana = rng.choice(KANA_FORMS) if heavy and rng.random() < 0.35 else None
        newline = "\n" if heavy and rng.random() < 0.25 else "\r\n"
        return Form(_WRITES.get(codec, codec), _MARKS.get(codec, b""), newline, tuple(order),
                    tuple(header[at] for at in order), kana), stated  # fmt: skip

    def _count(self, path: str, holder: str, stated: str, rows: int) -> None:
        self._slip.append((path, holder, stated, rows))
        self.files += 1
        self.rows += rows

    # --- the account -----------------------------------------------------------------------------------------------

    def record(
        self, sheet: Sheet, key: str, person: Person, written: str, birth: date | None = None, *, group: str = ""
    ) -> None:
        """Note whose record a key is, once per file or group of files that share a key."""
        self.note_record((group or sheet.path, sheet.path, sheet.holder), key, person, written, birth)

    def note_record(
        self, where: tuple[str, str, str], key: str, person: Person, written: str, birth: date | None
    ) -> None:
        """The same for files that are no sheets (spreadsheets). where is group, path, holder."""
        group, path, holder = where
        if (group, key) in self._seen:
            return
        self._seen.add((group, key))
        self.records += 1
        self._records.writerow((holder, path, key, person.person_id, int(person.is_child), written, birth or ""))

    def bad(self, sheet: Sheet, line: int, fault: tuple[str, str], key: str, person: Person | None) -> None:
        """Note a row that is no clean data row."""
        self.note_bad(sheet.path, line, fault, key, person)

    def note_bad(self, path: str, line: int, fault: tuple[str, str], key: str, person: Person | None) -> None:
        """The same for files that are no sheets (spreadsheets)."""
        person_id = person.person_id if person is not None else ""
        holder = path.split("/", maxsplit=1)[0]
        self.bad_rows.append((path, line, fault[0], fault[1], holder, key, person_id))

    def lose(self, sheet: Sheet, lost: Lost, disposition: str) -> None:
        """Note a fact that cannot be known."""
        self.lost.append((lost.person.person_id, lost.item, lost.period, disposition, sheet.path))

    def open_binary(self, path: str) -> IO[bytes]:
        """Open a file of the delivery that is no sheet."""
        target = self._out / "extracts" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("wb")

    def count_workbook(self, path: str, rows: int) -> None:
        """Note a spreadsheet on the slip."""
        self._count(path, path.split("/", maxsplit=1)[0], "xlsx", rows)

    @property
    def level(self) -> Level:
        """How much is damaged."""
        return self._forms.faults

    def finish(self) -> None:
        """Write the slip and the truth about damage."""
        self._records_file.close()
        on = self.calendar.on.isoformat()
        slip = [("ファイル", "所管", "文字コード", "明細件数", "抽出基準日")]
        lines = [*slip, *((path, holder, codec, str(rows), on) for path, holder, codec, rows in self._slip)]
        text = "".join(",".join(line) + "\r\n" for line in lines)
        (self._out / "extracts" / "送付票.csv").write_bytes(text.encode())
        head = ("file", "physical_line", "kind", "disposition", "department", "record_key", "person_id")
        write_table(self._out / "truth" / "bad_rows.csv", head, sorted(self.bad_rows))
        head_lost = ("person_id", "item", "period", "disposition", "file")
        write_table(self._out / "truth" / "lost.csv", head_lost, sorted(set(self.lost)))


class Archive:
    """A zip in the making; its members are sheets like any other."""

    def __init__(self, delivery: Delivery, book: zipfile.ZipFile, path: str) -> None:
        self._delivery, self._book, self._path = delivery, book, path

    @contextmanager
    def sheet(self, name: str, layout: Layout) -> Iterator[Sheet]:
        """A member; OneRoster is UTF-8 with fixed header words and order."""
        sink = io.BytesIO()
        form = Form("utf-8", b"", "\r\n", tuple(range(len(layout.header))), layout.header)
        path = f"{self._path}!{name}"
        delivery = self._delivery
        sheet = Sheet(
            path, self._path.split("/")[0], sink, layout, form, level=delivery.level, rng=delivery._rng, ledger=delivery
        )
        yield sheet
        sheet.close()
        put(self._book, name, sink.getvalue())
        delivery._count(path, sheet.holder, "utf-8", sheet.rows)

    def text(self, name: str, content: str) -> None:
        """A member that is not on the slip (the manifest)."""
        put(self._book, name, content.encode())


def _grouped(number: str) -> str:
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


def write_table(path: Path, head: tuple[str, ...], rows: Iterable[Sequence[object]]) -> None:
    """A plain UTF-8 table of the truth."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(head)
        out.writerows(rows)
