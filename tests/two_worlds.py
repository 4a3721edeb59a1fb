"""Two worlds that differ in nothing but a hidden address, and what may be compared of them."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from django.db import transaction
from django.http import HttpResponseBase

World = TypeVar("World")
ADDRESS_KEY = bytes(range(64, 128))
#: The hidden address of the first world and of the second: another place, another length.
HIDDEN = ("瑞野市星影台三丁目77番地の5", "瑞野市月見坂一丁目2番地の9 つきみハイツ 1203号")
# Marks drawn anew, moments, and numbers of staff to choose from, which PostgreSQL's sequences do not take back.
_MARKS = re.compile(
    rb'(csrfmiddlewaretoken" value=")[^"]*|name="form" value="[^"]*|\d{1,2}:\d{2}(?=<)|name="until" value="[^"]*'
    rb'|<option value="(?:[a-z-]+:)?\d+"|type="checkbox" name="staff" value="\d+"'
)
_HEADER = "管理番号,宛名番号,氏名,区分,開始日,終了日,状態,相手方氏名,相手方住所,前住所,備考"


def two_worlds(make: Callable[[str], World]) -> tuple[World, World]:
    """The same made twice, once with each hidden address."""
    first, second = (make(address) for address in HIDDEN)
    return first, second


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is as if it had never been: each world begins with the same database."""
    around = transaction.atomic()
    # As in the desk's own fixture: a commit of the desk's own inside is then not refused.
    around._from_testcase = True  # type: ignore[attr-defined]
    with around:
        yield
        transaction.set_rollback(True)


def comparable(answer: HttpResponseBase) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body, without the marks that differ from one request to the next."""
    body = answer.content if hasattr(answer, "content") else b"".join(answer)  # type: ignore[arg-type,call-overload]  # one or the other
    headers = sorted((k, v) for k, v in answer.headers.items() if k not in ("Date",))
    return answer.status_code, headers, _MARKS.sub(b"", body)


def a_list(path: Path, *rows: tuple[str, str], age_s: float = 60, ends: str = "R99.3.31") -> Path:
    """The register department's own list with these resident numbers and other parties, written a while ago."""
    lines = [_HEADER, *(f"00101,{number:0>10},例,本人,R8.1.1,{ends},継続,{other},,," for number, other in rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(line + "\r\n" for line in lines).encode("cp932"))
    then = dt.datetime.now(tz=dt.UTC).timestamp() - age_s
    os.utime(path, (then, then))
    return path


def a_delivery(folder: Path, hidden: str, *, protected: Sequence[int] = (2,)) -> Path:
    """Extracts of a mother and her child at the hidden address, and of another family; both children are noticed.

    protected  which residents the list names: 1 the child, 2 the mother
    """
    born = {1: "H28.04.02", 2: "S60.05.05", 3: "H28.06.06"}
    people = [
        (1, "例田　はる", "ﾚｲﾀﾞ ﾊﾙ", "2", "子", "5796047", hidden),
        (2, "例田　みどり", "ﾚｲﾀﾞ ﾐﾄﾞﾘ", "2", "世帯主", "5796047", hidden),
        (3, "例川　そら", "ﾚｲｶﾜ ｿﾗ", "1", "子", "5796048", "瑞野市若葉五丁目12番地の4"),
    ]
    register = ["宛名番号,世帯番号,氏名,氏名カナ,生年月日,性別,続柄,住所,消除日,支援措置区分"]
    register += [
        f"{n:010},{home},{name},{kana},{born[n]},{sex},{rel},{at},,0" for n, name, kana, sex, rel, home, at in people
    ]
    moves = ["宛名番号,異動連番,異動事由,異動日,届出日,前住所,後住所,前世帯番号,後世帯番号"]
    moves += [f"0000000002,1,転居,R07.03.20,R07.03.20,瑞野市泉町五丁目10番地の13,{hidden},5796001,5796047"]
    council = ["台帳番号,児童氏名,フリガナ,生年月日,区分,登録日,終結日,主担当機関,最終目視確認日,支援方針"]
    council += [
        f"要{n:05},{name},{kana},{born[n]},要保護児童,R8.4.1,,,,"
        for n, name, kana in ((1, "例田　はる", "レイダ　ハル"), (3, "例川　そら", "レイカワ　ソラ"))
    ]
    files = {
        "jumin/JUKI_KIHON.csv": register,
        "jumin/JUKI_IDO.csv": moves,
        "youtaikyo/要対協進行管理台帳.csv": council,
    }
    for path, lines in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes("".join(line + "\r\n" for line in lines).encode("cp932"))
    a_list(folder / "shien_sochi" / "支援措置対象者一覧.csv", *((str(n), "例村　剛") for n in protected))
    return folder
