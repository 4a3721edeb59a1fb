"""Holders that share no number are linked over tokens as they are in clear text. Everybody here is invented."""

# ruff: noqa: E501 - a record in one line reads like the row it stands for

from __future__ import annotations

import hashlib
import io
from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest
from test_link_delivery import MODEL, RULES, a_record, a_resident, link

from canary import hits
from keyed import GROUP, KEY, Made, answers, keyed_parts, link_parts, people, source_records, tokens
from tsunagu.errors import SourceError
from tsunagu.linkage.keyed import KeyedRecords, keyed_records
from tsunagu.linkage.keyed_links import Resolver, link_keyed
from tsunagu.linkage.keyed_values import LinkageTokens, link_id_key, linkage_key
from tsunagu.linkage.weights import Model
from tsunagu.purposes.tokens import LinkKey, Tokens, join_key
from tsunagu.records.keyed_tables import KEYED_FORMS, KEYED_NEIGHBOURS, KEYED_SIGNATURES

BORN = date(2018, 4, 2)
AOI = a_resident("101", "松野 葵", "マツノ アオイ", BORN)
HARUTO = a_resident(
    "102",
    "遠野 陽翔",
    "トオノ ハルト",
    date(2016, 11, 23),
    household_no="501",
    address="瑞野市若葉一丁目3番地の9",
    guardian_name="遠野 渚",
)
REGISTER = [AOI, HARUTO]
WITH_FATHER = [*REGISTER, a_resident("103", "松野 太一", "マツノ タイチ", date(1985, 7, 7))]


def a_pupil(key: str, **cells: Any) -> dict[str, Any]:
    return a_record("gakumu", key, local_no=key, **cells)


def linked(*pupils: dict[str, Any], register: list[dict[str, Any]] | None = None) -> list[tuple[str, str | None]]:
    """What the school is told of its pupils."""
    rows = [*(register or REGISTER), *pupils]
    made = keyed_parts(rows, RULES)
    return answers(made, link_parts(made, rows, RULES, MODEL))["gakumu"]


def link_id(number: str) -> str:
    return link_id_key(KEY, GROUP).link_id(f"person of {number}")


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"name": "松野　葵", "kana": "ﾏﾂﾉ ｱｵｲ", "birth_date": BORN}, id="written another way"),
        pytest.param({"name": "松野葵", "birth_date": BORN, "address": "若葉５－１２－４"}, id="no space, an address"),
        pytest.param({"kana": "まつの　あおい", "birth_date": BORN}, id="a reading alone"),
        pytest.param({"name": "松野 葵", "kana": "マツノ アオイ", "birth_date": date(2018, 4, 3), "sex": "1", "address": "若葉5-12-4"}, id="a slip in the birth date"),
        pytest.param({"name": "松野 葵", "sex": "1", "address": "若葉5-12-4", "age_years": 8, "age_on": date(2026, 9, 1)}, id="an age instead of a birth date"),
        pytest.param({"name": "松野 〓", "birth_date": BORN, "sex": "1", "address": "若葉5-12-4"}, id="a sign nobody can read"),
        pytest.param({"kana": "マツノ アオ", "birth_date": BORN, "sex": "1", "address": "若葉5-12-4"}, id="a reading cut short"),
        pytest.param({"name": "アオイちゃん", "guardian_name": "松野 太一", "address": "若葉5-12-4"}, id="a pet name and the guardian"),
        pytest.param({"name": "松野（長男）", "guardian_name": "松野 太一", "address": "若葉5-12-4"}, id="the eldest son of the guardian"),
    ],
)  # fmt: skip
def test_one_child_is_found_without_a_shared_number(cells: dict[str, Any]) -> None:
    rows = [*WITH_FATHER, a_pupil("7", **cells)]
    clear = link(rows).links["person_id"].to_pylist()
    assert clear[-1] == clear[0], "the clear text finds the child"
    assert linked(a_pupil("7", **cells), register=WITH_FATHER) == [("linked", link_id("101"))]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"name": "松野 茜", "kana": "マツノ アカネ", "birth_date": BORN, "address": "若葉5-12-4"}, id="another given name"),
        pytest.param({"name": "松野 葵", "birth_date": date(2011, 12, 25)}, id="another birth date"),
        pytest.param({"name": "名取 暁", "birth_date": date(2012, 1, 1)}, id="nobody of the register"),
    ],
)  # fmt: skip
def test_another_child_is_not_taken_for_it(cells: dict[str, Any]) -> None:
    (told,) = linked(a_pupil("7", **cells), register=WITH_FATHER)
    assert told[0] in ("not_found", "doubtful")
    assert told[1] is None


def test_a_pupil_who_may_be_either_of_two_namesakes_is_doubtful() -> None:
    namesake = a_resident(
        "104",
        "松野 葵",
        "マツノ アオイ",
        BORN,
        household_no="502",
        address="瑞野市若葉二丁目1番地の1",
        guardian_name="松野 渚",
    )
    told = linked(a_pupil("7", name="松野 葵", kana="マツノ アオイ", birth_date=BORN), register=[*REGISTER, namesake])
    assert told == [("doubtful", None)]


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        pytest.param({"name": "松野 葵", "birth_date": date(2018, 4, 3), "address": "若葉5-12-4"}, "linked", id="one sign of the birth date differs"),
        pytest.param({"name": "松野 葵", "birth_date": date(2018, 5, 13), "address": "若葉5-12-4"}, "doubtful", id="three signs of it differ"),
        pytest.param({"name": "アオイちゃん", "guardian_name": "松野 太一", "address": "若葉5-12-4"}, "linked", id="a pet name"),
        pytest.param({"name": "アオちゃん", "guardian_name": "松野 太一", "address": "若葉5-12-4"}, "linked", id="a short pet name"),
        pytest.param({"name": "アカちゃん", "guardian_name": "松野 太一", "address": "若葉5-12-4"}, "doubtful", id="another's pet name"),
        pytest.param({"name": "松野（長男）", "guardian_name": "松野 太一", "address": "若葉5-12-4"}, "linked", id="the eldest son"),
        pytest.param({"name": "松野（次男）", "guardian_name": "松野 太一", "address": "若葉5-12-4"}, "doubtful", id="a second son"),
    ],
)  # fmt: skip
def test_passes_and_the_guardians_home_find_a_child_without_the_model(cells: dict[str, Any], state: str) -> None:
    rows = [*WITH_FATHER, a_pupil("7", **cells)]
    made = keyed_parts(rows, RULES)
    told = answers(made, link_parts(made, rows, RULES, Model({}, MODEL.cuts, {})))["gakumu"]
    assert told == [(state, link_id("101") if state == "linked" else None)]


@pytest.mark.parametrize(("age", "number"), [(8, "101"), (15, "104")])
def test_an_age_tells_two_of_one_name_apart(age: int, number: str) -> None:
    cousin = a_resident(
        "104", "松野 葵", "マツノ アオイ", date(2011, 5, 5), household_no="502", guardian_name="松野 渚"
    )
    pupil = a_pupil("7", name="松野 葵", address="若葉5-12-4", age_years=age, age_on=date(2026, 9, 1))
    assert linked(pupil, register=[*REGISTER, cousin]) == [("linked", link_id(number))]


def test_two_holders_are_told_one_link_id_that_outlives_the_round() -> None:
    rows = [
        *REGISTER,
        a_pupil("7", name="松野 葵", birth_date=BORN),
        a_record("boshi", "9", local_no="9", kana="マツノ アオイ", birth_date=BORN),
    ]
    made = keyed_parts(rows, RULES)
    told = answers(made, link_parts(made, rows, RULES, MODEL))
    assert told["gakumu"] == told["boshi"] == [("linked", link_id("101"))]
    assert link_id_key(KEY, "elsewhere").link_id("person of 101") != link_id("101")
    assert link_id_key(LinkKey(bytes(32)), GROUP).link_id("person of 101") != link_id("101")


def test_who_has_the_key_of_a_round_cannot_make_link_ids_nor_tokens_of_another_round() -> None:
    mine = linkage_key(KEY, GROUP, "2026-10")
    assert mine.value not in (KEY.value, link_id_key(KEY, GROUP).value, linkage_key(KEY, GROUP, "2027-04").value)
    assert mine.value.hex() not in repr((mine, LinkageTokens(mine)))
    assert repr(mine.value) not in repr(mine)


def test_each_holder_is_told_of_its_own_numbers_alone() -> None:
    rows = [*REGISTER, a_pupil("7", name="松野 葵", birth_date=BORN), a_pupil("8", name="名取 暁", birth_date=BORN)]
    made = keyed_parts(rows, RULES)
    table = link_parts(made, rows, RULES, MODEL).answers["gakumu"]
    assert table.column_names == ["number", "state", "link_id"]
    assert table["number"].to_pylist() == [0, 1]
    assert sorted(table["state"].to_pylist()) == ["linked", "not_found"]


def test_another_key_links_nobody() -> None:
    rows = [*REGISTER, a_pupil("7", name="松野 葵", kana="マツノ アオイ", birth_date=BORN, resident_no="101")]
    same, other = keyed_parts(rows, RULES), keyed_parts(rows, RULES, {"gakumu": LinkKey(bytes(32))})
    assert answers(same, link_parts(same, rows, RULES, MODEL))["gakumu"] == [("linked", link_id("101"))]
    assert answers(other, link_parts(other, rows, RULES, MODEL))["gakumu"] == [("not_found", None)]


def test_a_name_without_a_space_is_parted_by_the_registers_surnames_unread() -> None:
    given = {"name": "松野葵", "birth_date": BORN, "guardian_name": "別野 太一"}
    forms = {
        told: keyed_parts([*REGISTER, a_pupil("7", **given)], RULES, told=told)["gakumu"][0].forms
        for told in (True, False)
    }
    assert forms[True]["given"].to_pylist() == [tokens().of("given", "葵")]
    assert forms[False]["given"].to_pylist() == [None]


CANARY = "鵺野"
SECRETS = {
    "surname": CANARY, "given": "禰豆", "reading": "ヌエノネズ", "address": "隠里7-77-7", "number": "98765432109",
    "birth": "20180402", "guardian": "鵺野鵺丸", "login": "nue-no-login-4711", "household": "88877766655",
}  # fmt: skip


def a_secret_part() -> KeyedRecords:
    row = a_pupil(
        "4711471147", name=f"{CANARY} 禰豆", kana="ヌエノ ネズ", birth_date=BORN, address="隠里7-77-7", resident_no="98765432109",
        guardian_name="鵺野 鵺丸", login_id="nue-no-login-4711", household_no="88877766655", class_name="鵺組", file="gakumu/隠れ台帳.csv",
    )  # fmt: skip
    return keyed_parts([*REGISTER, row], RULES)["gakumu"][0]


def bytes_of(part: KeyedRecords) -> bytes:
    kept = io.BytesIO()
    for table in (part.signatures, part.forms, part.neighbours):
        with pa.ipc.new_stream(kept, table.schema) as stream:
            stream.write_table(table)
    return kept.getvalue()


@pytest.mark.parametrize("secret", [*SECRETS.values(), "鵺組", "隠れ台帳", "4711471147"])
def test_neither_a_value_nor_its_hash_without_the_key_is_sent(secret: str) -> None:
    sent = bytes_of(a_secret_part())
    assert hits(secret, sent) == []
    for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s"):
        digest = hashlib.new(name, secret.encode()).digest()
        assert digest not in sent
        assert digest.hex().encode() not in sent


def test_what_would_be_sent_in_clear_is_found_by_the_same_look() -> None:
    part = a_secret_part()
    clear = KeyedRecords(
        "gakumu", part.signatures, part.forms.append_column("name", pa.array([CANARY])), part.neighbours
    )
    assert hits(CANARY, bytes_of(clear))
    hashed = [hashlib.sha256(CANARY.encode()).digest()]
    unkeyed = part.forms.append_column("name", pa.array(hashed, pa.binary(32)))
    assert hashed[0] in bytes_of(KeyedRecords("gakumu", part.signatures, unkeyed, part.neighbours))


def test_no_row_tells_how_long_a_name_is() -> None:
    rows = [
        *REGISTER,
        a_pupil("7", name="一 乙", kana="イ オ", birth_date=BORN),
        a_pupil("8", name="勅使河原 左衛門之助", kana="テシガワラ サエモンノスケ", birth_date=BORN),
        a_pupil("9", name="MARIA CLARA DOS SANTOS", birth_date=BORN),
    ]
    part = keyed_parts(rows, RULES)["gakumu"][0]
    table = KEYED_NEIGHBOURS.check(part.neighbours)
    sizes = {
        (kind, len(own), len(moved))
        for kind, own, moved in zip(*(table[c].to_pylist() for c in ("kind", "own", "moved")), strict=True)
    }
    assert len(sizes) == len({kind for kind, _, _ in sizes}) > 5
    assert {t.type for s in (KEYED_SIGNATURES, KEYED_FORMS) for t in s.schema} <= {
        pa.binary(32),
        pa.int32(),
        pa.bool_(),
    }


def test_the_order_of_rows_changes_neither_what_is_sent_nor_the_answer() -> None:
    pupils = [
        a_pupil(str(i), name=f"松野 {g}", kana=f"マツノ {k}", birth_date=BORN)
        for i, (g, k) in enumerate([("葵", "アオイ"), ("茜", "アカネ"), ("葵", "アオイ"), ("渚", "ナギサ")])
    ]
    forth, back = [*REGISTER, *pupils], [*reversed(REGISTER), *reversed(pupils)]
    one, other = keyed_parts(forth, RULES), keyed_parts(back, RULES)
    for holder in one:
        assert bytes_of(one[holder][0]) == bytes_of(other[holder][0])
    told = answers(one, link_parts(one, forth, RULES, MODEL))["gakumu"]
    assert answers(other, link_parts(other, back, RULES, MODEL))["gakumu"] == told[::-1]


def test_rows_that_say_the_same_are_sent_once_and_answered_each() -> None:
    pupil = a_pupil("7", name="松野 葵", birth_date=BORN)
    rows = [*REGISTER, pupil, pupil, pupil]
    made = keyed_parts(rows, RULES)
    assert made["gakumu"][0].signatures.num_rows == 1
    assert answers(made, link_parts(made, rows, RULES, MODEL))["gakumu"] == [("linked", link_id("101"))] * 3


def test_ranks_of_surnames_tell_the_commonest_to_who_has_tokens_and_nothing_to_who_has_answers() -> None:
    """The register's holder could match ranks, and holds the key anyway; a requester has tokens of link ids alone."""
    surnames = ["佐藤"] * 9 + ["鈴木"] * 5 + ["高橋"] * 2
    rows = [
        a_resident(str(200 + i), f"{s} {'葵茜渚蓮樹'[i % 5]}", "サト アオイ", date(2018, 1, 1 + i), household_no=str(i))
        for i, s in enumerate(surnames)
    ]
    made = keyed_parts(rows, RULES)
    by_rank = [token for token, _ in Counter(made["jumin"][0].forms["surname"].to_pylist()).most_common()]
    assert by_rank == [tokens().of("surname", s) for s in ("佐藤", "鈴木", "高橋")]
    links = link_parts(made, rows, RULES, MODEL)
    answered = links.answers["jumin"]["link_id"].to_pylist()
    exported = list(Tokens(join_key(KEY, "A-1", "early-support"), "2026-10").of(answered))
    assert set(Counter(exported).values()) == {1}
    assert not any(token in bytes_of(made["jumin"][0]) for token in exported)


def test_tokens_of_linkage_join_with_no_answer_even_under_equal_names() -> None:
    for names in (("hinode", "2026-10"), ("round", "hinode"), ("domain", "surname")):
        answer = Tokens(join_key(KEY, *names), "2026-10")
        assert next(answer.of(["松野"])) != tokens().of("surname", "松野")


def test_a_holders_own_number_means_nothing_beside_anothers() -> None:
    rows = [*REGISTER, a_pupil("7", name="名取 暁"), a_record("boshi", "7", local_no="7", name="名取 暁")]
    made = keyed_parts(rows, RULES)
    own = {h: part.signatures["local_no"].to_pylist() for h, (part, _) in made.items() if h != "jumin"}
    assert own["gakumu"] != own["boshi"]
    assert None not in (*own["gakumu"], *own["boshi"])
    register = made["jumin"][0].signatures
    assert register["own_key"].to_pylist() == register["resident_no"].to_pylist()


def test_what_the_register_keeps_in_clear_stays_with_its_holder() -> None:
    made = keyed_parts([*REGISTER, a_pupil("7", name="名取 暁")], RULES)
    assert made["jumin"][1].born is not None
    assert made["gakumu"][1].born is made["gakumu"][1].heads is None
    assert hits("2018-04-02", bytes_of(made["jumin"][0])) == []
    assert not any(
        pa.types.is_date(f.type) for s in (KEYED_SIGNATURES, KEYED_FORMS, KEYED_NEIGHBOURS) for f in s.schema
    )


def test_a_holder_speaks_of_its_own_records_alone() -> None:
    with pytest.raises(SourceError, match="of 2 holders"):
        keyed_records(source_records([AOI, a_pupil("7")]), tokens(), rules=RULES, municipality="")
    rows = [*REGISTER, a_pupil("7", name="松野 葵", birth_date=BORN)]
    made = keyed_parts(rows, RULES)
    school = made["gakumu"][0]
    beyond = school.signatures.set_column(0, "number", pa.array([1], pa.int32()))
    with pytest.raises(SourceError, match="numbers of the records"):
        _link(made, [made["jumin"][0], KeyedRecords("gakumu", beyond, school.forms, school.neighbours)])
    with pytest.raises(SourceError, match="one of each holder"):
        _link(made, [made["jumin"][0], school, school])
    with pytest.raises(SourceError, match="one of each holder"):
        _link(made, [school])


def _link(made: Made, parts: list[KeyedRecords]) -> None:
    link_keyed(
        Resolver(tokens(), link_id_key(KEY, GROUP), made["jumin"][1], {}),
        parts,
        MODEL,
        rules=RULES,
        on=date(2026, 9, 30),
    )


def test_records_that_are_nobodys_of_the_register_may_still_be_one_person() -> None:
    stranger = {"name": "名取 暁", "kana": "ナトリ アキラ", "birth_date": date(2012, 1, 1)}
    rows = [*REGISTER, a_pupil("7", **stranger), a_record("boshi", "9", local_no="9", **stranger)]
    made = keyed_parts(rows, RULES)
    found = people(made, link_parts(made, rows, RULES, MODEL))
    assert found["gakumu"] == found["boshi"]
    assert found["gakumu"][0] not in found["jumin"]
