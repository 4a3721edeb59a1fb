"""A OneRoster zip: users joined with what the other members know of them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import deliveries as d

ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades,"
    "primaryOrgSourcedId,metadata.jp.kanaGivenName,metadata.jp.kanaFamilyName,metadata.jp.homeClass"
)
ENROLLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate,"
    "metadata.jp.ShussekiNo"
)
ROSTER = "school_roster/oneroster_2026.zip"
PUPIL, TEACHER = "aa-1", "aa-9"


def a_roster(**members: str) -> dict[str, bytes]:
    """A roster of one elementary and one junior high school, a pupil in each, and a teacher."""
    usual = {
        "manifest.csv": "propertyName,value\nmanifest.version,1.0\n",
        "orgs.csv": f"{ORGS}\no0,,,瑞野市教育委員会,district,279991,\no1,,,瑞野市立東小学校,school,001101,o0\n"
        "o2,,,瑞野市立第一中学校,school,002103,o0\n",
        "academicSessions.csv": "sourcedId,status,title,schoolYear\ns1,,令和8年度,2027\n",
        "courses.csv": "sourcedId,status,title\nc1,,ホームルーム\n",
        "classes.csv": "sourcedId,status,title,grades,classCode,schoolSourcedId\nk1,,3年2組,P3,3-2,o1\n"
        "k2,,1年1組,J1,1-1,o2\n",
        "users.csv": f"{USERS}\n{PUPIL},,,true,u00010001,,葵,森,,00010001,P3,o1,アオイ,モリ,k1\n"
        "aa-2,,,true,u04000002,,樹,林,,04000002,J1,o2,イツキ,ハヤシ,k2\n"
        f"{TEACHER},,,true,t0001,,花,谷,,,,o1,ハナ,タニ,\n",
        "enrollments.csv": f"{ENROLLMENTS}\ne1,,,k1,o1,{PUPIL},student,true,2026-04-01,,15\n"
        f"e2,,,k2,o2,aa-2,student,true,2026-04-01,,3\ne9,,,k1,o1,{TEACHER},teacher,true,,,\n",
        "demographics.csv": f"sourcedId,status,dateLastModified,birthDate,sex\n{PUPIL},,,2017-05-01,female\n"
        "aa-2,,,2013-06-02,male\n",
    }
    return {ROSTER: d.as_zip({**usual, **{f"{name}.csv": text for name, text in members.items()}})}


def test_a_pupils_row_knows_reading_birth_class_and_number(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, a_roster())
    rows = d.records_of(
        got, "file", "record_key", "name", "kana", "birth_date", "sex", "school", "grade", "class_name", "class_number"
    )
    assert (
        f"{ROSTER}!users.csv",
        PUPIL,
        "森\u3000葵",
        "モリ\u3000アオイ",
        date(2017, 5, 1),
        "2",
        "1101",
        3,
        "2",
        15,
    ) in rows
    assert ("aa-2", 7, "1", 3) in [(r[1], *r[7:]) for r in rows if r[0].endswith("users.csv")]


def test_rows_of_enrollments_and_demographics_are_records_of_the_same_user(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, a_roster())
    keys = d.records_of(got, "file", "record_key", "local_no", "fiscal_year")
    for member in ("users.csv", "enrollments.csv", "demographics.csv"):
        assert (f"{ROSTER}!{member}", PUPIL, PUPIL, 2026) in keys


def test_a_pupil_is_on_the_roster_and_a_teacher_is_counted_only(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, a_roster())
    facts = d.facts_of(got, "roster")
    assert [(f["key"], f["at"], f["text"], f["number"], f["label"], f["state"]) for f in facts] == [
        (PUPIL, date(2026, 4, 1), "municipal", 3, "1101", "known"),
        ("aa-2", date(2026, 4, 1), "municipal", 7, "2103", "known"),
    ]
    kept = d.records_of(got, "record_key", "name", "kana", "login_id", "pupil_no", "school", "birth_date")
    assert [set(row[1:]) for row in kept if row[0] == TEACHER] == [{None}, {None}]


def test_members_that_describe_no_person_are_read_and_give_no_record(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, a_roster())
    status = {a.file.split("!")[1]: (a.status, a.read) for a in got.accounts if a.file.startswith(ROSTER)}
    assert status["orgs.csv"] == ("reference", 3)
    assert status["classes.csv"] == ("reference", 2)
    assert status["manifest.csv"] == ("reference", 1)
    assert status["users.csv"] == ("read", 3)
    assert {f.split("!")[1] for (f,) in d.records_of(got, "file")} == {
        "users.csv",
        "enrollments.csv",
        "demographics.csv",
    }


def test_a_missing_member_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    members = a_roster()
    with zipfile.ZipFile(io.BytesIO(members[ROSTER])) as container:
        kept = {n: container.read(n) for n in container.namelist() if n != "demographics.csv"}
    got = d.delivered(tmp_path, {ROSTER: d.as_zip(kept)})
    assert d.account_of(got, f"{ROSTER}!demographics.csv").reason == "member_missing"
    assert [f["state"] for f in d.facts_of(got, "roster")] == ["known", "known"]


def test_a_member_nobody_knows_is_named(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, a_roster(results="sourcedId\nx\n"))
    assert d.account_of(got, f"{ROSTER}!results.csv").status == "not_understood"


def test_a_pupil_without_readable_grade_is_on_the_roster_unknown(tmp_path: Path) -> None:
    users = f"{USERS}\n{PUPIL},,,true,u00010001,,葵,森,,00010001,??,o1,アオイ,モリ,k1\n"
    (fact,) = d.facts_of(d.delivered(tmp_path, a_roster(users=users)), "roster")
    assert (fact["state"], fact["text"], fact["number"]) == ("unknown", None, None)


def test_a_cut_users_row_may_be_a_pupils(tmp_path: Path) -> None:
    users = f"{USERS}\n{PUPIL},,,true,u00010001,,葵,森,,00010001,P3,o1,アオイ,モリ,k1\naa-3,,,true,u000\n"
    facts = d.facts_of(d.delivered(tmp_path, a_roster(users=users)), "roster")
    assert [(f["key"], f["state"]) for f in facts] == [(PUPIL, "known"), ("aa-3", "set_aside")]


def test_a_pupil_who_left_is_on_no_roster_and_a_later_enrolment_counts(tmp_path: Path) -> None:
    users = (
        f"{USERS}\n{PUPIL},,,true,u00010001,,葵,森,,00010001,P3,o1,アオイ,モリ,k1\n"
        "aa-2,tobedeleted,,true,u04000002,,樹,林,,04000002,J1,o2,イツキ,ハヤシ,k2\n"
    )
    enrollments = (
        f"{ENROLLMENTS}\ne1,,,k2,o1,{PUPIL},student,true,2026-04-01,2026-06-30,15\n"
        f"e2,,,k1,o1,{PUPIL},student,true,2026-07-01,,31\n"
    )
    got = d.delivered(tmp_path, a_roster(users=users, enrollments=enrollments))
    assert [f["key"] for f in d.facts_of(got, "roster")] == [PUPIL]
    user = next(r for r in got.records.to_pylist() if r["file"].endswith("users.csv") and r["record_key"] == PUPIL)
    assert (user["class_name"], user["class_number"]) == ("2", 31)


def test_other_files_find_schools_by_name_and_count_junior_grades_from_7(tmp_path: Path) -> None:
    header = ["来室日時", "学校名", "年組番", "氏名", "性別", "主訴", "処置", "備考"]
    rows = [
        ["2026/05/01 9:00", "瑞野市立東小学校", "3-2-15", "森葵", "女", "頭痛", "休養", ""],
        ["2026/05/01 9:10", "瑞野市立第一中学校", "1-1-3", "林樹", "男", "頭痛", "休養", ""],
        ["2026/05/01 9:20", "どこかの学校", "1-1-3", "林樹", "男", "頭痛", "休養", ""],
    ]
    files = {**a_roster(), "hokenshitsu/保健室来室記録_R08.csv": d.as_csv(header, rows)}
    got = d.delivered(tmp_path, files)
    visits = [r[1:] for r in d.records_of(got, "holder", "record_key", "school", "grade") if r[0] == "hokenshitsu"]
    assert visits == [
        ("瑞野市立東小学校|2026|3-2-15", "1101", 3),
        ("瑞野市立第一中学校|2026|1-1-3", "2103", 7),
        ("どこかの学校|2026|1-1-3", None, None),
    ]
    assert got.schools == {"1101": "瑞野市立東小学校", "2103": "瑞野市立第一中学校"}


def test_a_mood_file_belongs_to_the_school_in_its_name(tmp_path: Path) -> None:
    header = ["日付", "ログインID", "表示名", "学年", "組", "番号", "天気", "回答時刻"]
    text = d.as_csv(header, [["2026-06-01", "u00010001", "森 葵", "3", "2", "15", "雨", "8:12"]])
    got = d.delivered(
        tmp_path, {**a_roster(), "kokoro/東小学校_心の天気.csv": text, "kokoro/北小学校_心の天気.csv": text + "\n"}
    )
    facts = d.facts_of(got, "mood")
    assert [(f["label"], f["at"], f["text"], f["state"]) for f in facts] == [
        ("北小学校", date(2026, 6, 1), "rainy", "known"),
        ("1101", date(2026, 6, 1), "rainy", "known"),
    ]
    kept = [r for r in d.records_of(got, "holder", "school", "fiscal_year", "grade") if r[0] == "kokoro"]
    assert kept == [("kokoro", None, 2026, None), ("kokoro", "1101", 2026, 3)]
