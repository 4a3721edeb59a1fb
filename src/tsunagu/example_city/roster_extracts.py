"""Extracts of the school board: the register of school age, and the OneRoster archive of each year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from tsunagu.example_city.calendar import label
from tsunagu.example_city.delivery import Archive, Delivery
from tsunagu.example_city.faults import Layout
from tsunagu.example_city.people import Person, School
from tsunagu.example_city.places import CITY, as_register
from tsunagu.example_city.schools import lives_here_within, source_id
from tsunagu.example_city.sheets import Sheet
from tsunagu.example_city.spelling import full_kana, name_in, written
from tsunagu.example_city.surnames import draw_surname

_AGE = Layout(
    ("学齢簿番号", "宛名番号", "氏名", "フリガナ", "生年月日", "性別", "住所", "保護者氏名", "保護者続柄",
     "就学校コード", "学年",
     "就学区分", "入学年月日", "備考"),
    key=0, zeros=(1,), dates=(4,), sex=5, kana=3, codes=(), text=13, cut=3,
)  # fmt: skip
_KINDS = {"M": "01", "P": "02", "S": "03", "N": "09"}


def register_of_school_age(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """学齢簿_Ryy: grades 1-9 of all schools who lived here in that year."""
    for year, (first, last) in sorted(delivery.calendar.years.items()):
        path = f"gakumu/学齢簿_{label(year)}.csv"
        day = delivery.date_form(path, "packed")
        words = {2: ("氏名", "児童生徒氏名", "児童氏名")}
        with delivery.sheet(path, _AGE, "utf-8", year=year, words=words, swaps=((4, 5), (7, 8))) as sheet:
            for person in children:
                child = person.child
                if child is None or not 1 <= child.grade(year) <= 9 or not lives_here_within(person, first, last):
                    continue
                grade = child.grade(year)
                seat = child.seats.get(year)
                guardian = child.guardian or person
                entered = date(year - (grade - 1 if grade <= 6 else grade - 7), 4, 1)
                left = person.out_date is not None
                name = name_in(person, "school" if rng.random() < 0.2 else "", "　", rng)
                sheet.row(
                    [child.register_no, person.atena, name, full_kana(person, ""), day(person.birth), str(person.sex),
                     as_register(person.household.address), written(guardian, "").joined(),
                     "父" if guardian.sex == 1 else "母", seat.school.code if seat is not None else "", str(grade),
                     _KINDS[child.school_kind], day(entered), "転出" if left else ""],
                    child.register_no, person, (), person.birth,
                )  # fmt: skip
                delivery.record(sheet, child.register_no, person, name, person.birth)


_ORGS = Layout(
    ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"), kinds=("-",)
)
_SESSIONS = Layout(
    (
        "sourcedId",
        "status",
        "dateLastModified",
        "title",
        "type",
        "startDate",
        "endDate",
        "parentSourcedId",
        "schoolYear",
    ),
    kinds=("-",),
)
_COURSES = Layout(
    ("sourcedId", "status", "dateLastModified", "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId",
     "subjects", "subjectCodes"), kinds=("-",),
)  # fmt: skip
_CLASSES = Layout(
    ("sourcedId", "status", "dateLastModified", "title", "grades", "courseSourcedId", "classCode", "classType",
     "location",
     "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods", "metadata.jp.specialNeeds"),
     kinds=("-",),
)  # fmt: skip
_USERS = Layout(
    ("sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName", "familyName",
     "middleName",
     "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password", "userMasterIdentifier",
     "preferredGivenName", "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns",
     "metadata.jp.kanaGivenName", "metadata.jp.kanaFamilyName", "metadata.jp.kanaMiddleName", "metadata.jp.homeClass"),
    kinds=("duplicate",),
)  # fmt: skip
_ENROLMENTS = Layout(
    ("sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary",
     "beginDate", "endDate", "metadata.jp.ShussekiNo", "metadata.jp.PublicFlg"), kinds=("duplicate",),
)  # fmt: skip
_DEMOGRAPHICS = Layout(
    ("sourcedId", "status", "dateLastModified", "birthDate", "sex"), dates=(3,), sex=4, kinds=("wrongsex", "future")
)
_MANIFEST = "".join(
    line + "\r\n"
    for line in ("propertyName,value", "manifest.version,1.0", "oneroster.version,1.2", "file.orgs,bulk",
                 "file.academicSessions,bulk", "file.courses,bulk", "file.classes,bulk", "file.users,bulk",
                 "file.enrollments,bulk", "file.demographics,bulk", "source.systemName,校務支援")
)  # fmt: skip


def rosters(delivery: Delivery, children: Sequence[Person], schools: Sequence[School], rng: Random) -> None:
    """oneroster_YYYY.zip for each fiscal year."""
    district = source_id(rng)
    for year in sorted(delivery.calendar.years):
        path = f"school_roster/oneroster_{year}.zip"
        pupils = sorted(
            (p for p in children if p.child is not None and year in p.child.seats), key=lambda p: _place(p, year)
        )
        with delivery.archive(path) as archive:
            _roster(delivery, archive, year, pupils, rng, schools=schools, district=district)


def _place(person: Person, year: int) -> tuple[int, int, int, int]:
    assert person.child is not None
    seat = person.child.seats[year]
    return seat.school.index, seat.grade, seat.room, seat.number


def _roster(
    delivery: Delivery, archive: Archive, year: int, pupils: list[Person], rng: Random,
    *, schools: Sequence[School], district: str,
) -> None:  # fmt: skip
    archive.text("manifest.csv", _MANIFEST)
    with archive.sheet("orgs.csv", _ORGS) as sheet:
        sheet.row([district, "", "", f"{CITY}教育委員会", "district", "279991", ""], district)
        for school in schools:
            sheet.row([school.source_id, "", "", school.name, "school", school.code, district], school.source_id)
    session, course = source_id(rng), source_id(rng)
    with archive.sheet("academicSessions.csv", _SESSIONS) as sheet:
        sheet.row([session, "", "", f"令和{year - 2018}年度", "schoolYear", f"{year}-04-01", f"{year + 1}-03-31", "",
                   str(year + 1)], session)  # fmt: skip
    with archive.sheet("courses.csv", _COURSES) as sheet:
        sheet.row([course, "", "", session, "ホームルーム", "", "", district, "", ""], course)
    rooms: dict[tuple[int, int, int], str] = {}
    with archive.sheet("classes.csv", _CLASSES) as sheet:
        for person in pupils:
            index, grade, room, _ = _place(person, year)
            if (index, grade, room) in rooms:
                continue
            rooms[(index, grade, room)] = code = source_id(rng)
            shown = grade - 6 if schools[index].junior else grade
            sheet.row([code, "", "", f"{shown}年{room}組", _grade(grade), course, f"{shown}-{room}", "homeroom", "",
                       schools[index].source_id, session, "", "", "", "false"], code)  # fmt: skip
    with archive.sheet("users.csv", _USERS) as sheet:
        for person in pupils:
            _user(delivery, sheet, year, person, rooms[_place(person, year)[:3]])
        for number, school in enumerate(_staff(schools, len(rooms)), 1):
            name, login = draw_surname(rng), f"t{number:05}"
            code = source_id(rng)
            sheet.row([code, "", "", "true", login, "", "先生", name.kanji, "", "", "", "", "", "", "", "", "", "",
                "", "",
                       school.source_id, "", "センセイ", name.kana, "", ""], code)  # fmt: skip
    with archive.sheet("enrollments.csv", _ENROLMENTS) as sheet:
        for person in pupils:
            assert person.child is not None
            seat = person.child.seats[year]
            sheet.row([source_id(rng), "", "", rooms[_place(person, year)[:3]], seat.school.source_id,
                seat.source_id, "student",
                       "true", f"{year}-04-01", "", str(seat.number), "true"], seat.source_id, person)  # fmt: skip
    with archive.sheet("demographics.csv", _DEMOGRAPHICS) as sheet:
        for person in pupils:
            assert person.child is not None
            user = person.child.seats[year].source_id
            sheet.row([user, "", "", person.birth.isoformat(), "male" if person.sex == 1 else "female"], user,
                person, (),
                      person.birth)  # fmt: skip


def _grade(grade: int) -> str:
    return f"P{grade}" if grade <= 6 else f"J{grade - 6}"


def _staff(schools: Sequence[School], rooms: int) -> list[School]:
    return [schools[number % len(schools)] for number in range(rooms)]


def _user(delivery: Delivery, sheet: Sheet, year: int, person: Person, room: str) -> None:
    assert person.child is not None
    seat = person.child.seats[year]
    name = written(person, "school")
    family, given = (name.family, name.given) if name.given else tuple(name.family.split(" ", 1))
    sheet.row(
        [seat.source_id, "", "", "true", seat.login, f"{{LDAP:{seat.login}}}", given, family, "", seat.student_no,
         f"{seat.login}@example.ed.jp", "", "", "", _grade(seat.grade), "", "", "", "", "", seat.school.source_id, "",
         name.given_kana, name.family_kana, "", room],
        seat.source_id, person,
    )  # fmt: skip
    text = family + given if name.given else name.family
    delivery.record(sheet, seat.source_id, person, text, person.birth)
