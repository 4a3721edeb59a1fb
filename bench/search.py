"""Search over a made-up city: the desk's own index of grams beside the index each database brings of its own.

The same texts, the same questions, the same limit to the people a viewer may see, in one process per database; the
answers are compared, and a difference fails the run. The floor is FTS5 (unicode61 over spaced bigrams) on SQLite and
tsvector 'simple' with GIN on PostgreSQL, each asked in bare SQL. Prints the ratio and writes bench/results-search.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATABASES = ("sqlite", "postgresql")
GOAL_RATIO = 2.0
# What a note is put together from: when, who, what, and how it ends.
_PARTS = """
{day}、 朝の電話で、 家庭訪問の折に、 窓口で、 連絡帳に、 夕方、 面談の場で、 会議のあとに、 放課後に、 月曜に、
健診の席で、 卒業式の前に、 夏休みの終わりに、 雨の日に、 運動会の練習中に、

母より 父より 祖母の{family}さんより 担任の{teacher}先生から 養護教諭から 民生委員の{family}さんから
主任児童委員より 本人から 学童の指導員より 保健師の{teacher}から スクールカウンセラーより 兄から 近隣の方から
主治医より 教頭先生から 相談員の{friend}へ 里親会より 叔母から 小児科の看護師より 給食室から

{name}さんが{n}日続けて休んでいる 朝食をとらずに登校している 腹痛を訴えて保健室へ来た
友だちの{friend}さんとけんかをした 弟の世話で眠れていない 給食費の未納が{n}か月になった 就学援助の申込みを希望
転居を考えている 提出物が滞りがち 表情が明るくなった 歯の治療が進んでいない 眼鏡が合っていない 算数の補習に参加
体重が{n}か月で減った 放課後児童クラブを退会したい 傘を持たずに帰った 夜間に一人で過ごしている
習い事の月謝に困っている 上靴が小さい 部活動を休みがち 進路の三者面談を延期 通院の同行を頼みたい
妹の保育園の送迎が難しい 携帯電話の料金を滞納 欠席の連絡が遅れる 図書室で落ち着いて過ごせた
水筒を忘れる日が増えた 笑顔で{teacher}先生に話しかけた 祖父の介護を手伝っている 冬服の準備がない

との話。 と聞く。 そうだ。 ため、次回も様子を見る。 とのこと。折り返し連絡する。 と相談あり。記録を残す。
と報告を受けた。 ので、窓口を案内した。 と言い、涙ぐんだ。 らしい。事実を確かめる。 とメモあり。
と心配している。
"""


def main() -> int:
    """Measures each database in a process of its own, prints and writes the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=60_000)
    options.add_argument("--notes", type=int, default=200_000)
    options.add_argument("--questions", type=int, default=200)
    options.add_argument("--database", choices=DATABASES)
    options.add_argument("--out", type=Path, default=HERE / "results-search.json")
    arguments = options.parse_args()
    if arguments.database:
        print(json.dumps(measure(arguments.people, arguments.notes, arguments.questions)))
        return 0
    results = {name: _in_a_process(name, arguments) for name in DATABASES}
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for name, result in results.items():
        for kind in ("people", "notes"):
            r = result[kind]
            print(
                f"{name}, {r['texts']:,} {kind}: ours p50 {r['ours_ms']['p50']} p95 {r['ours_ms']['p95']} ms, "
                f"floor p50 {r['floor_ms']['p50']} p95 {r['floor_ms']['p95']} ms, p95 ratio {r['ratio_p95']} "
                f"(goal {GOAL_RATIO}); {r['differing']} answers differ"
            )
        print(f"{name}: index {result['ours_mb']} MB, floor's index {result['floor_mb']} MB")
    return 1 if any(r[kind]["differing"] for r in results.values() for kind in ("people", "notes")) else 0


def _in_a_process(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    sys.path.insert(0, str(HERE.parent / "tests" / "web"))
    from postgresql import a_cluster

    command = [sys.executable, __file__, "--database", name]
    command += [f"--{part}={getattr(arguments, part)}" for part in ("people", "notes", "questions")]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TSUNAGU_DESK": folder}
        environment.pop("TSUNAGU_DATABASE_URL", None)
        if name == "sqlite":
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        else:
            with a_cluster() as address:
                environment["TSUNAGU_DATABASE_URL"] = address
                done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def measure(people: int, notes: int, questions: int) -> dict[str, Any]:
    """Fills one database, asks both indexes the same, and compares time, size and answers."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tsunagu_web.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from tsunagu_web.access.reach import the_program

    call_command("migrate", verbosity=0)
    with the_program():
        return _measured(people, notes, questions)


def _measured(people: int, notes: int, questions: int) -> dict[str, Any]:
    from django.db import connection

    from tsunagu_web.search import services
    from tsunagu_web.search.models import Kind
    from tsunagu_web.search.services import count_anew, index_documents

    services._BATCH = 5_000  # a whole city at once: each page of the index is met less often
    rng = random.Random(20261125)
    made = list(_people(rng, people))
    _write_children(made)
    _write_notes_rows(made, notes, rng)
    before = _size(connection)
    began = time.perf_counter()
    index_documents(Kind.PERSON, ((pk, f"{name}\n{kana}") for pk, name, kana in made))
    _say(f"{people:,} people indexed in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    written = [_note(rng, made) for _ in range(notes)]
    index_documents(Kind.NOTE, enumerate(written, start=1))
    count_anew()
    _say(f"{notes:,} notes indexed in {time.perf_counter() - began:.0f} s")
    _tidy(connection)
    ours = _size(connection) - before
    _build_floor(connection)
    _tidy(connection)
    result: dict[str, Any] = {
        "ours_mb": round(ours / 2**20),
        "floor_mb": round((_size(connection) - before - ours) / 2**20),
        "signs_per_note": round(statistics.mean(map(len, written))),
    }
    result["people"] = _compare(connection, Kind.PERSON, _name_questions(rng, made, questions), people)
    result["notes"] = _compare(connection, Kind.NOTE, _note_questions(rng, written, questions), notes)
    return result


def _compare(connection: Any, kind: Any, questions: list[str], texts: int) -> dict[str, Any]:
    times: dict[str, list[float]] = {"ours": [], "floor": []}
    differing = 0
    for turn, words in enumerate([questions[0], *questions]):
        ways: list[tuple[str, Callable[[], Any]]] = [
            ("ours", lambda words=words: _ask_ours(kind, words)),
            ("floor", lambda words=words: _ask_floor(connection, kind, words)),
        ]
        answers = {}
        for name, ask in ways if turn % 2 else reversed(ways):
            began = time.perf_counter()
            answers[name] = ask()
            if turn:  # the first round warms both
                times[name].append((time.perf_counter() - began) * 1000)
                if os.environ.get("BENCH_SAYS_SLOW") and times[name][-1] > 80:
                    _say(f"{name} {times[name][-1]:.0f} ms, {answers[name][0]} found: {words}")
        differing += answers["ours"] != answers["floor"]
    result = {f"{name}_ms": _percentiles(values) for name, values in times.items()}
    ratio = result["ours_ms"]["p95"] / result["floor_ms"]["p95"]
    return {"texts": texts, **result, "ratio_p95": round(ratio, 2), "questions": len(questions), "differing": differing}


def _percentiles(values: list[float]) -> dict[str, float]:
    cut = statistics.quantiles(values, n=20)
    return {"p50": round(cut[9], 2), "p95": round(cut[18], 2), "max": round(max(values), 2)}


def _ask_ours(kind: Any, words: str) -> tuple[int, list[Any]]:
    """As a page does: how many there are, and the first 25."""
    from tsunagu.text.search import asked
    from tsunagu_web.cases.models import Child, Judgment
    from tsunagu_web.search.models import Kind
    from tsunagu_web.search.queries import found

    people = Child.objects.filter(team="intake")
    rows = people if kind is Kind.PERSON else Judgment.objects.filter(child__team="intake")
    hits = found(rows, asked(words), kind)
    first = [pk if kind is Kind.PERSON else f"{pk:09}" for pk in hits.order_by("-pk").values_list("pk", flat=True)[:25]]
    return hits.count(), first


def _ask_floor(connection: Any, kind: Any, words: str) -> tuple[int, list[Any]]:
    """The same with the database's own index, in bare SQL."""
    from tsunagu.text.search import asked

    question = asked(words)
    where, values = ["t.kind = %s", "c.team = 'intake'"], [int(kind)]
    for forms in question.words:
        where.append("(" + " OR ".join(["t.text LIKE %s"] * len(forms)) + ")")
        values += [f"%{form}%" for form in forms]
    spelled = [[_tokens(form) for form in forms] for forms in question.words]
    if connection.vendor == "sqlite":
        match = " AND ".join(
            "(" + " OR ".join("(" + " AND ".join(f'"{t}"' for t in tokens) + ")" for tokens in forms) + ")"
            for forms in spelled
            if all(forms)
        )
        where.append("t.id IN (SELECT rowid FROM floor_fts WHERE floor_fts MATCH %s)")
    else:
        match = " & ".join(
            "(" + " | ".join("(" + " & ".join(f"'{t}'" for t in tokens) + ")" for tokens in forms) + ")"
            for forms in spelled
            if all(forms)
        )
        where.append("f.grams @@ %s::tsquery")
    joined = " JOIN floor_fts f USING (id)" if connection.vendor == "postgresql" else ""
    rows = "floor_own o JOIN cases_child c USING (person_id) JOIN search_searchtext t USING (id)"
    source = f"FROM {rows}{joined} WHERE {' AND '.join(where)}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {source}", [*values, match])
        count = cursor.fetchone()[0]
        cursor.execute(f"SELECT o.own {source} ORDER BY o.own DESC LIMIT 25", [*values, match])
        return count, [own for (own,) in cursor.fetchall()]


def _build_floor(connection: Any) -> None:
    from tsunagu_web.cases.models import Judgment
    from tsunagu_web.search.models import SearchText

    person_of = dict(Judgment.objects.values_list("pk", "child_id"))
    owns = [
        (pk, own_id, own_id) if kind == 1 else (pk, f"{int(own_id):09}", person_of[int(own_id)])
        for pk, kind, own_id in SearchText.objects.values_list("pk", "kind", "own_id")
    ]

    rows = SearchText.objects.order_by("pk").values_list("pk", "text").iterator(chunk_size=5_000)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE floor_own (id integer PRIMARY KEY, own varchar(40), person_id varchar(40))")
        cursor.execute("BEGIN")
        for start in range(0, len(owns), 300):
            some = owns[start : start + 300]
            places = ", ".join(["(%s, %s, %s)"] * len(some))
            cursor.execute(f"INSERT INTO floor_own VALUES {places}", [value for row in some for value in row])
        cursor.execute("COMMIT")
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE VIRTUAL TABLE floor_fts USING fts5(grams, content='', detail=none, "
                "tokenize='unicode61 remove_diacritics 0')"
            )
            insert = "INSERT INTO floor_fts (rowid, grams) VALUES (%s, %s)"
        else:
            cursor.execute("CREATE TABLE floor_fts (id bigint PRIMARY KEY, grams tsvector)")
            insert = "INSERT INTO floor_fts VALUES (%s, to_tsvector('simple', %s))"
        cursor.execute("BEGIN")
        batch: list[tuple[int, str]] = []
        for pk, text in rows:
            batch.append((pk, " ".join(_tokens(text))))
            if len(batch) == 5_000:
                cursor.executemany(insert, batch)
                batch = []
        cursor.executemany(insert, batch)
        cursor.execute("COMMIT")
        if connection.vendor == "postgresql":
            cursor.execute("CREATE INDEX floor_gin ON floor_fts USING gin (grams) WITH (fastupdate = off)")


def _tokens(form: str) -> list[str]:
    """Spaced bigrams; the parser of PostgreSQL splits letters from others, so each stands as its number there."""
    from tsunagu.text.search import grams

    return [f"g{gram.encode().hex()}" for gram in sorted(grams(form))]


def _size(connection: Any) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _tidy(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM" if connection.vendor == "postgresql" else "SELECT 1")
        cursor.execute("ANALYZE")


def _people(rng: random.Random, count: int) -> Iterator[tuple[str, str, str]]:
    from tsunagu.example_city.given_names import draw_given_name
    from tsunagu.example_city.surnames import draw_surname

    for number in range(count):
        surname = draw_surname(rng)
        given = draw_given_name(rng, rng.choice((1, 2)), 2014)
        yield f"P{number:016x}", f"{surname.kanji} {given.kanji}", f"{surname.kana} {given.kana}"


def _write_children(made: list[tuple[str, str, str]]) -> None:
    import datetime as dt

    from tsunagu_web.cases.models import Child
    from tsunagu_web.people.models import Person

    day = dt.date(2026, 9, 30)
    people = (Person(person_id=pk, name=name, kana=kana, known_from=day) for pk, name, kana in made)
    Person.objects.bulk_create(people, batch_size=5_000)
    fields: dict[str, Any] = {
        "is_listed": True, "level": "見守り", "level_at_most": "見守り", "level_rank": 3, "strength": 0,
        "is_known_before": False, "first_noticed_on": day, "known_from": day,
    }  # fmt: skip
    Child.objects.bulk_create((Child(person_id=pk, kana=kana, **fields) for pk, _, kana in made), batch_size=5_000)


def _person_texts(made: list[tuple[str, str, str]]) -> Iterator[Any]:
    from tsunagu_web.search.services import Text

    return (Text(pk, pk, 0, f"{name}\n{kana}") for pk, name, kana in made)


def _note(rng: random.Random, made: list[tuple[str, str, str]]) -> str:
    def sentence() -> str:
        words = {
            "name": rng.choice(made)[1].split()[1], "n": rng.randint(2, 20),
            "day": f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日", "teacher": rng.choice(made)[1].split()[0],
            "friend": rng.choice(made)[1].split()[0], "family": rng.choice(made)[1].split()[0],
        }  # fmt: skip
        return "".join(rng.choice(part.split()) for part in _PARTS.split("\n\n")).format(**words)

    return "".join(sentence() for _ in range(rng.choice((1, 2, 3, 4))))


def _write_notes_rows(made: list[tuple[str, str, str]], count: int, rng: random.Random) -> None:
    """A row for each note, about one of the people; the desk's judgments stand in for them."""
    from tsunagu_web.cases.models import Judgment

    rows = (
        Judgment(
            pk=number + 1, child_id=rng.choice(made)[0], judgment=f"n{number}", level="0", at_least="0", at_most="0"
        )
        for number in range(count)
    )  # fmt: skip
    Judgment.objects.bulk_create(rows, batch_size=5_000)


def _name_questions(rng: random.Random, made: list[tuple[str, str, str]], count: int) -> list[str]:
    from tsunagu.text.romaji import latin_of

    questions = []
    for turn in range(count):
        _, name, kana = rng.choice(made)
        ways = (
            name.split()[0], name, name.replace(" ", ""), kana.split()[0], kana[:3], name.split()[1],
            kana.replace(" ", "")[-3:], latin_of(kana.split()[0]),
        )  # fmt: skip
        questions.append(ways[turn % len(ways)])
    return [q if len(q) > 1 else q + "田" for q in questions]


def _note_questions(rng: random.Random, written: list[str], count: int) -> list[str]:
    from tsunagu.text.search import asked, grams

    questions: list[str] = []
    while len(questions) < count:
        text = rng.choice(written)
        start, size = rng.randrange(len(text) - 8), (2, 2, 3, 4, 8)[len(questions) % 5]
        part = text[start : start + size]
        words = asked(part).words
        if words and all(grams(form) for forms in words for form in forms) and "、" not in part and "。" not in part:
            questions.append(part)
    return questions


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
