"""Who may see what, said by example. Every role, address and cell is asked in the test_access_*.py beside this one."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from routes import all_routes, routes_with_a_policy

from builders import a_child, a_household, an_id, many_absences, on_the_register, public_assistance, tax_unknown
from tsunagu_web.access.policy import PUBLIC, may_see_fact, may_see_reason
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Role
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child

PEOPLE = [
    *a_household(
        a_child("例川 あおい", "レイカワ アオイ", level="重点支援", reasons=(many_absences(), tax_unknown())),
        a_child("例川 はる", "レイカワ ハル", school=None, school_name=None, grade=-1, reasons=(on_the_register(),)),
    ),
    a_child("例田 ソラ", "レイタ ソラ", school="201", household="6", level="見守り"),
    a_child("例本 みお", "レイモト ミオ", household="7", reasons=(public_assistance(),), first_reason="P1"),
]
# What no vice-principal may read anywhere: a word of every reason, item and department outside the school's own.
FORBIDDEN_AT_SCHOOL = (
    "生活保護",
    "課税",
    "要対協",
    "要保護",
    "健診",
    "予防接種",
    "福祉事務所",
    "税務",
    "児童扶養",
    "例川 さくら",
)


def test_only_signing_in_and_the_language_are_public() -> None:
    assert {route.path for route in all_routes() if route.policy == PUBLIC} == {
        "login/",
        "login/second-factor/",
        "login/new-password/",
        "login/set-up/",
        "login/recovery-codes/",
        "language/",
    }


def test_nobody_sees_anything_without_logging_in(intake: Callable[..., object]) -> None:
    intake(*PEOPLE)
    for route in routes_with_a_policy():
        url = route.url(PEOPLE[0].person_id)
        for answer in (Client().get(url), Client().post(url)):
            if url.startswith("/api/"):
                assert answer.status_code == 401, url
                assert answer.json()["code"] == "not_signed_in", url
                continue
            assert answer.status_code == 302, url
            assert answer["Location"].startswith("/login/"), url


def test_a_vice_principal_reads_the_level_and_what_to_watch_only(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*PEOPLE)
    client = as_role(Role.VICE_PRINCIPAL)
    pages = [client.get("/children/"), client.post("/children/search/", {"words": "例"})]
    pages += [client.get(f"/children/{an_id(name)}/") for name in ("例川 あおい", "例本 みお")]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert [word for word in FORBIDDEN_AT_SCHOOL if word in text] == []
        assert "11日欠席" not in text
        assert "権限により非表示" in text
    assert "登校の様子" in pages[2].content.decode()
    assert "重点支援" in pages[2].content.decode()


def test_what_another_purpose_would_show_is_not_blamed_on_the_role(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*PEOPLE)
    Child.objects.update(case_state="open")
    address = f"/children/{PEOPLE[0].person_id}/"

    def cases_card(purpose: str) -> str:
        client = as_role(purpose=purpose)
        client.post("/language/", {"language": "en", "next": "/"})
        text = client.get(address).content.decode()
        return text[text.index('<h2 id="case">') :].partition("</section>")[0]

    assert "Hidden for your role and purpose" in cases_card("early_support")
    assert "Hidden" not in cases_card("case_support"), "the same role sees it for the other purpose"


def test_whether_a_child_has_hidden_reasons_stays_hidden_too(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    """Two children of one school, one with a welfare reason and one without: the pages differ in the name alone."""
    intake(
        a_child("例一 はる", "レイ", person_id=an_id("same"), household="1", reasons=(many_absences(),)),
        a_child(
            "例二 はる",
            "レイ",
            person_id=an_id("else"),
            household="2",
            reasons=(many_absences(), public_assistance(), tax_unknown()),
        ),
    )
    client = as_role(Role.VICE_PRINCIPAL)

    def page(name: str, id: str) -> str:
        text = client.get(f"/children/{id}/").content.decode()
        text = text[text.index("<main") : text.index("</main>")]
        return text.replace(name, "NAME").replace(id, "ID")

    assert page("例一 はる", an_id("same")) == page("例二 はる", an_id("else"))


def test_the_address_is_nowhere(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(*PEOPLE)
    client = as_role(Role.SUPERVISOR)
    text = client.get(f"/children/{PEOPLE[0].person_id}/").content.decode()
    assert "若葉" not in text
    assert "住所：権限により非表示" in text
    from django.db import connection

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "若葉" not in repr(cursor.fetchall()), table


def test_a_domain_the_table_does_not_know_is_seen_by_nobody() -> None:
    for role in Role:
        viewer = Viewer(1, "staff:1", role, PURPOSES[role][0])
        assert not may_see_fact(viewer, "police")
        assert not may_see_reason(viewer, [])
        assert not may_see_reason(viewer, ["education", "police"])
