"""Laws that the table must keep however it grows; each is asked of every kind of child, by the decisions themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from access_cells import KINDS, all_cells, permits_in, purposes_to_ask, viewer_for, written_cells
from tsunagu_web.access import table
from tsunagu_web.access.decision import Subject, decide
from tsunagu_web.access.policy import may, may_see_reason
from tsunagu_web.access.table import PURPOSES, TABLE, permits_of
from tsunagu_web.access.terms import ALL_STATES, DOMAINS, Action, CaseState, Form, Label, Purpose, Role, Scope, Thing
from tsunagu_web.access.viewer import Viewer

# What is about one child; the others are about the desk, staff or the log.
ABOUT_THE_DESK = {
    Thing.ACCOUNT,
    Thing.ACCESS_LOG,
    Thing.SEARCH_WORDS,
    Thing.ACCESS_CHECK,
    Thing.EMERGENCY,
    Thing.CONFLICT,
    Thing.DECISION_OVERVIEW,
    Thing.ASSESSMENT_OVERVIEW,
    Thing.REPORT,
    Thing.LINK_REVIEW,  # of pairs of records, mostly of children who were not noticed
    Thing.BOARD,  # of pupils, mostly of children who were not noticed; they have no case and no page of the desk
    Thing.THRESHOLD,
    Thing.OFFER,  # of families, mostly of children who were not noticed, under a purpose that opens nothing else
    Thing.CRITERIA,  # sentences, limits and counts, of no child
}
ABOUT_A_CHILD = set(Thing) - ABOUT_THE_DESK
NAMES_A_CHILD = {Thing.NAME, Thing.HOUSEHOLD, Thing.KINSHIP, Thing.ADDRESS, Thing.SUPPRESSED_ADDRESS, Thing.NOTE}
SCREENING = {Thing.LEVEL, Thing.JUDGMENT, *(Thing(f"reason.{domain}") for domain in DOMAINS)}
IN_SCHOOL = (Role.VICE_PRINCIPAL, Role.CLASS_TEACHER, Role.SCHOOL_NURSE, Role.COUNSELLOR)
AT_SCHOOL = {Thing.WORKLIST, Thing.CHILD, Thing.NAME, Thing.LEVEL, Thing.WATCH, Thing.FACT_EDUCATION, Thing.ACCOUNT}
AT_SCHOOL |= {Thing.SIGHT, Thing.BOARD, Thing.THRESHOLD}
# What was sent to somebody is read by that person, and gives nothing else of the child.
RECEIVED = {Thing.REFERRAL}


def _things(role: Role, *forms: Form) -> set[Thing]:
    return {p.thing for p in TABLE[role] if p.form in (forms or tuple(Form))}


def _open(viewer: Viewer, thing: Thing, action: Action = Action.VIEW, form: Form = Form.FULL) -> set[str]:
    kinds = (kind for kind in KINDS if kind.label == Label.GENERAL)
    return {k.person_id for k in kinds if decide(viewer, thing, action, k.subject(), form).allowed}


def _viewers() -> Iterator[Viewer]:
    for role in Role:
        for purpose in purposes_to_ask(role):
            yield viewer_for(role, purpose)


def test_the_table_says_no_where_nothing_is_written() -> None:
    written = set(written_cells())
    anybody = Subject("granted-0-open-0", team="mine", school="101", classroom="101:5:1", case_state="open")
    for cell in all_cells():
        if cell in written:
            assert permits_in(cell), cell
        elif cell.thing is not Thing.ACCOUNT:
            assert permits_in(cell) == (), cell
            viewer = viewer_for(cell.role, cell.purpose)
            assert not decide(viewer, cell.thing, cell.action, anybody, cell.form).allowed, cell
    assert permits_of("somebody", "early_support", Thing.CHILD, Action.VIEW) == ()


def test_what_was_sent_is_open_to_its_addressee_wherever_the_case_stands_and_to_nobody_else() -> None:
    """The rows of what was sent are chosen by the addressee alone: a limit by state would be passed over."""
    found = [(role, p) for role, permits in TABLE.items() for p in permits if p.scope is Scope.ADDRESSED]
    assert len(found) > 8
    for role, permit in found:
        assert permit.thing in {Thing.REFERRAL, Thing.TRANSFER}, role
        assert (permit.action, permit.states) == (Action.REPLY, ALL_STATES), role
        # A case from elsewhere is taken on by whoever supports cases; a referral is answered whatever one is here for.
        asked_for = {Purpose.CASE_SUPPORT} if permit.thing is Thing.TRANSFER else set(PURPOSES[role])
        assert permit.purposes >= asked_for, role
    for role in {role for role, _ in found}:
        viewer = viewer_for(role, PURPOSES[role][0])
        opened = _open(viewer, Thing.REFERRAL, Action.REPLY)
        assert {person.split("-")[0] for person in opened} == {"addressed"}
        assert not any(person.startswith("addressed-1") for person in opened), "a block is stronger"
    every = {(role, p.action) for role, permits in TABLE.items() for p in permits if p.thing is Thing.REFERRAL}
    sending = {role for role, action in every if action is Action.DECIDE}
    assert sending == {Role.LEAD_WORKER, Role.SUPERVISOR}
    hands_over = {(role, p.action) for role, permits in TABLE.items() for p in permits if p.thing is Thing.TRANSFER}
    assert {role for role, action in hands_over if action is Action.APPROVE} == {Role.SUPERVISOR}
    assert {role for role, _ in hands_over} == {Role.LEAD_WORKER, Role.SUPERVISOR}


def test_without_a_purpose_only_the_own_account_is_open() -> None:
    for role in Role:
        for purpose in ("", *(set(Purpose) - set(PURPOSES[role]))):
            for thing in set(Thing) - {Thing.ACCOUNT}:
                for action in Action:
                    assert permits_of(role, purpose, thing, action) == ()
        assert permits_of(role, "", Thing.ACCOUNT, Action.USE)


@pytest.mark.parametrize("role", [Role.DATA_HOLDER, Role.SYSTEM_ADMINISTRATOR, Role.PUPIL])
def test_who_cares_for_data_or_machines_opens_nothing(role: Role) -> None:
    """But for the criteria, of no child, which a data officer takes to the city's folder once two approved them."""
    taken = {Thing.CRITERIA} if role is Role.DATA_HOLDER else set()
    assert _things(role) == {Thing.ACCOUNT} | taken
    assert {p.action for p in TABLE[role] if p.thing is Thing.CRITERIA} <= {Action.VIEW, Action.EXPORT}


def test_who_writes_criteria_approves_none_and_supports_nobody() -> None:
    """Limits are tried by somebody without any child; those who approve move none (decision 0031)."""
    found = {(role, p.action) for role, permits in TABLE.items() for p in permits if p.thing is Thing.CRITERIA}
    approving = {Role.OVERALL_MANAGER, Role.SUPERVISOR, Role.PRIVACY_OFFICER}
    assert {role for role, action in found if action is Action.EDIT} == {Role.ANALYST}
    assert {role for role, action in found if action is Action.APPROVE} == approving
    assert {role for role, action in found if action is Action.EXPORT} == {Role.DATA_HOLDER}
    assert {role for role, action in found if action is Action.VIEW} == {Role.ANALYST, Role.DATA_HOLDER, *approving}
    assert {action for _role, action in found} == {Action.VIEW, Action.EDIT, Action.APPROVE, Action.EXPORT}


def test_the_auditor_reads_the_log_and_no_child() -> None:
    assert _things(Role.AUDITOR) & ABOUT_A_CHILD == set()
    # Whose family somebody is, and from whom an address is protected, is not the auditor's either.
    assert Thing.CONFLICT not in _things(Role.AUDITOR)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PRIVACY_OFFICER])
def test_who_sees_under_a_pseudonym_names_nobody(role: Role) -> None:
    seen = _things(role, Form.FULL, Form.WORDS) & ABOUT_A_CHILD
    # To approve the release of an address is not to read it; grants are read by the number of the child.
    assert seen - {Thing.SUPPRESSED_ADDRESS, Thing.NOTIFIER, Thing.GRANT} == set()
    assert {p.action for p in TABLE[role] if p.thing is Thing.SUPPRESSED_ADDRESS} <= {Action.APPROVE}
    assert {p.action for p in TABLE[role] if p.thing is Thing.NOTIFIER} <= {Action.APPROVE, Action.REVIEW}
    assert _things(role, Form.PSEUDONYM) & NAMES_A_CHILD == set()


def test_a_page_that_names_no_form_gets_nothing_that_must_be_masked() -> None:
    for cell in written_cells():
        if cell.form is not Form.FULL:
            full = permits_in(replace(cell, form=Form.FULL))
            assert full == (), f"{cell}: the same act in full and masked"
            viewer = viewer_for(cell.role, cell.purpose)
            assert not may(viewer, cell.thing, cell.action)
            assert may(viewer, cell.thing, cell.action, form=cell.form)


AT_A_CONFERENCE = {Thing.CONFERENCE}


@pytest.mark.parametrize("role", IN_SCHOOL)
def test_a_school_learns_the_level_and_what_to_watch_only(role: Role) -> None:
    assert _things(role) <= AT_SCHOOL | AT_A_CONFERENCE | RECEIVED
    # What a conference says of a child is theirs while they attend, and only of the children of its agenda.
    assert {p.scope for p in TABLE[role] if p.thing in AT_A_CONFERENCE} == {Scope.GRANTED}
    others = [p for p in TABLE[role] if p.thing not in {Thing.ACCOUNT, *AT_A_CONFERENCE, *RECEIVED}]
    assert {p.scope for p in others} <= {Scope.SCHOOL, Scope.CLASSROOM}
    # It says that it saw a child, and does not read what others saw at home.
    assert {p.action for p in TABLE[role] if p.thing is Thing.SIGHT} <= {Action.EDIT}


@pytest.mark.parametrize("role", [Role.GUIDANCE_CENTRE_SUPERVISOR, Role.PARTNER, Role.OVERALL_MANAGER])
def test_outside_the_city_and_above_it_nobody_learns_what_the_criteria_made_of_a_child(role: Role) -> None:
    assert _things(role) & SCREENING == set()
    about_a_child = [p for p in TABLE[role] if p.thing in ABOUT_A_CHILD - RECEIVED]
    assert about_a_child
    assert {p.scope for p in about_a_child} == {Scope.GRANTED}


@pytest.mark.parametrize(
    ("role", "own"), [(Role.SCHOOL_SOCIAL_WORKER, "education"), (Role.PUBLIC_HEALTH_NURSE, "health")]
)
def test_a_partner_of_the_centre_reads_values_of_one_domain_and_the_rest_in_words(role: Role, own: str) -> None:
    viewer = Viewer(1, "staff:1", role, Purpose.EARLY_SUPPORT)
    for domain in DOMAINS:
        assert may(viewer, Thing(f"fact.{domain}")) == (domain == own)
        assert may_see_reason(viewer, [domain]) == (domain == own)
        assert may_see_reason(viewer, [domain], form=Form.WORDS)
    assert not may_see_reason(viewer, [own, "tax"])
    assert may_see_reason(viewer, [own, "tax"], form=Form.WORDS)
    assert not may_see_reason(viewer, [own, "police"], form=Form.WORDS)


def test_what_is_sealed_is_open_to_nobody_by_duty() -> None:
    sealed = [(role, p) for role, permits in TABLE.items() for p in permits if p.label is Label.SEALED]
    assert {role for role, p in sealed if p.thing in (Thing.NOTE, Thing.ATTACHMENT)} == {Role.SUPERVISOR}
    for _, permit in sealed:
        # The label of a protected address, or of who notified; asking, approving and reviewing show nothing.
        is_asked = permit.thing in (Thing.SUPPRESSED_ADDRESS, Thing.NOTIFIER) and permit.action is not Action.VIEW
        assert permit.scope is Scope.GRANTED or is_asked, permit


def test_no_school_partner_or_auditor_opens_a_child_in_an_emergency() -> None:
    asking = {
        role for role, permits in TABLE.items() for p in permits if p.thing is Thing.EMERGENCY and p.action == "request"
    }
    assert asking == {
        Role.LEAD_WORKER,
        Role.SUPERVISOR,
        Role.SCHOOL_SOCIAL_WORKER,
        Role.PUBLIC_HEALTH_NURSE,
        Role.GUIDANCE_CENTRE_SUPERVISOR,
        Role.OVERALL_MANAGER,
    }
    reviewing = {role for role, permits in TABLE.items() for p in permits if p.action is Action.REVIEW}
    assert reviewing == {Role.SUPERVISOR, Role.PRIVACY_OFFICER}


def test_what_leaves_the_desk_leaves_by_those_who_answer_for_it() -> None:
    exports = {(role, p.thing) for role, permits in TABLE.items() for p in permits if p.action is Action.EXPORT}
    plans = {(Role.LEAD_WORKER, Thing.PLAN), (Role.SUPERVISOR, Thing.PLAN)}
    marks = (Role.ANALYST, Thing.LINK_REVIEW)  # marks and verdicts for the next run, nothing of anybody
    approved = (Role.DATA_HOLDER, Thing.CRITERIA)  # what two approved, of no child
    letters = {(Role.LEAD_WORKER, Thing.OFFER), (Role.SUPERVISOR, Thing.OFFER)}  # to the family itself
    workers = (Role.LEAD_WORKER, Role.SUPERVISOR)
    papers = {(role, thing) for role in workers for thing in (Thing.NOTIFICATION, Thing.PROTECTION)}
    logs = (Role.AUDITOR, Thing.ACCESS_LOG)
    assert exports == {(Role.SUPERVISOR, Thing.WORKLIST), logs, marks, approved, *plans, *letters, *papers}


def test_who_offers_support_sees_nothing_else_of_the_child_meanwhile() -> None:
    """What may be claimed raises no level, and no level is seen where it is offered (decision 0033)."""
    offers = {(role, p.purposes, p.scope) for role, permits in TABLE.items() for p in permits if p.thing is Thing.OFFER}
    assert offers == {(role, frozenset({Purpose.OFFERING}), Scope.TEAM) for role in (Role.LEAD_WORKER, Role.SUPERVISOR)}
    beside = {p.thing for permits in TABLE.values() for p in permits if Purpose.OFFERING in p.purposes}
    assert beside == {Thing.OFFER, Thing.ACCOUNT, *RECEIVED}


def test_who_notified_is_viewed_by_nobody_and_opened_by_two_duties() -> None:
    """No cell reads it: it is asked for, agreed to, and looked at after an emergency (decision 0045)."""
    found = {(role, p.action) for role, permits in TABLE.items() for p in permits if p.thing is Thing.NOTIFIER}
    assert {action for _, action in found} == {Action.REQUEST, Action.APPROVE, Action.REVIEW}
    assert {role for role, action in found if action is Action.REQUEST} == {Role.LEAD_WORKER, Role.SUPERVISOR}
    for second in (Action.APPROVE, Action.REVIEW):
        assert {role for role, action in found if action is second} == {Role.SUPERVISOR, Role.PRIVACY_OFFICER}


def test_the_first_response_sees_who_the_child_is_and_nothing_that_was_computed() -> None:
    """Under its purpose: the child, who lives with it, who saw it, what is to be done, and what was told."""
    for role in (Role.LEAD_WORKER, Role.SUPERVISOR):
        opened = {p.thing for p in TABLE[role] if Purpose.PROTECTION in p.purposes}
        assert opened & (SCREENING | {Thing(f"fact.{domain}") for domain in DOMAINS}) == set()
        beside = {Thing.EMERGENCY, Thing.ACCOUNT, *RECEIVED}
        sees = {Thing.WORKLIST, Thing.CHILD, Thing.NAME, Thing.HOUSEHOLD, Thing.SIGHT, Thing.TASK}
        assert opened == beside | sees | {
            Thing.NOTIFICATION,
            Thing.URGENCY,
            Thing.INTAKE_MEETING,
            Thing.PROTECTION,
            Thing.NOTIFIER,
        }


def test_list_search_and_export_hold_no_child_whose_page_is_closed() -> None:
    for viewer in _viewers():
        page = _open(viewer, Thing.CHILD)
        assert _open(viewer, Thing.WORKLIST) in (page, set())
        assert _open(viewer, Thing.WORKLIST, Action.SEARCH) in (page, set())
        assert _open(viewer, Thing.WORKLIST, Action.EXPORT) <= page


def test_a_piece_of_a_record_is_open_only_where_the_page_is() -> None:
    for viewer in _viewers():
        page = _open(viewer, Thing.CHILD)
        for thing in ABOUT_A_CHILD - {Thing.WORKLIST}:
            # A family reads who looked at the own child, and no page of the desk.
            if viewer.role != Role.FAMILY:
                assert _open(viewer, thing) - _granted_reads(viewer) <= page, (viewer.role, thing)


def _granted_reads(viewer: Viewer) -> set[str]:
    """The privacy officer reads grants of all children by number: every one of them is known to that office."""
    return _open(viewer, Thing.GRANT) if viewer.role == Role.PRIVACY_OFFICER else set()


def test_who_writes_may_read_what_is_written() -> None:
    for viewer in _viewers():
        read_by_writers = (Thing.NOTE, Thing.ATTACHMENT, Thing.ASSESSMENT, Thing.KINSHIP, Thing.CASE, Thing.DECISION)
        for thing in (*read_by_writers, Thing.OUTREACH, Thing.REASSESSMENT):
            for action in (Action.EDIT, Action.DECIDE):
                unread = _open(viewer, thing, action) - _open(viewer, thing)
                # A case is opened by somebody who checks a notice, and read by those who then work on it.
                assert thing is Thing.CASE or unread == set(), (viewer.role, viewer.purpose, thing)
                assert all(CaseState.NOTICED.value in person for person in unread)


def test_nobody_writes_on_a_closed_or_transferred_case() -> None:
    for viewer in _viewers():
        # A notification comes whether the case is closed or there never was one (decision 0045).
        for thing in ABOUT_A_CHILD - {Thing.NOTIFICATION, Thing.URGENCY, Thing.INTAKE_MEETING, Thing.PROTECTION}:
            for action in (Action.EDIT, Action.DECIDE):
                done = [p for p in _open(viewer, thing, action) if "closed" in p or "transferred" in p]
                assert done == [], (viewer.role, viewer.purpose, thing)


def test_a_conflict_closes_everything_about_the_child() -> None:
    for cell in written_cells():
        viewer = viewer_for(cell.role, cell.purpose)
        for kind in KINDS:
            if kind.is_blocked:
                assert not decide(viewer, cell.thing, cell.action, kind.subject(), cell.form).allowed


def test_nobody_analyses_and_supports_the_same_child() -> None:
    viewer = viewer_for(Role.ANALYST, Purpose.ANALYSIS)
    opened = _open(viewer, Thing.WORKLIST, form=Form.PSEUDONYM)
    assert {person.split("-")[0] for person in opened} == {"nothing", "granted", "own", "addressed"}


def test_names_of_a_pair_are_read_by_who_decides_about_links_alone() -> None:
    """And that person names no child elsewhere, and works with none."""
    full = {role for role in Role if Thing.LINK_REVIEW in _things(role, Form.FULL)}
    assert full == {Role.ANALYST}
    assert _things(Role.ANALYST, Form.FULL) == {Thing.ACCOUNT, Thing.LINK_REVIEW, Thing.CRITERIA}
    assert {p.scope for p in TABLE[Role.LEAD_WORKER] if p.thing is Thing.LINK_REVIEW} == {Scope.TEAM}


def test_pupils_who_were_not_noticed_are_seen_by_those_who_are_with_them_every_day_alone() -> None:
    """Not by the centre, the social worker or the counsellor: they come to a child by a notice (decision 0019)."""
    found = {(role, p.scope) for role, permits in TABLE.items() for p in permits if p.thing is Thing.BOARD}
    assert found == {
        (Role.VICE_PRINCIPAL, Scope.SCHOOL),
        (Role.SCHOOL_NURSE, Scope.SCHOOL),
        (Role.CLASS_TEACHER, Scope.CLASSROOM),
    }
    boards = [p for permits in TABLE.values() for p in permits if p.thing is Thing.BOARD]
    assert {(p.action, p.form, p.purposes) for p in boards} == {
        (Action.VIEW, Form.FULL, frozenset({Purpose.SCHOOL_WATCH}))
    }
    setting = [(role, p.thing) for role, permits in TABLE.items() for p in permits
               if p.thing is Thing.THRESHOLD and p.action is Action.EDIT]  # fmt: skip
    assert setting == [(Role.VICE_PRINCIPAL, Thing.THRESHOLD)]


def test_purposes_and_roles_are_complete() -> None:
    assert set(TABLE) == set(PURPOSES) == set(Role)
    for role, permits in TABLE.items():
        assert PURPOSES[role]
        for permit in permits:
            assert permit.purposes & set(PURPOSES[role]), (role, permit)
            assert permit.states
            assert permit.scope is not Scope.NONE


def test_control_a_law_sees_a_table_that_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more row for the auditor, the partner and the teacher, and three laws fail."""
    lead = next(p for p in TABLE[Role.LEAD_WORKER] if p.thing is Thing.REASON_TAX)
    more = {role: (*TABLE[role], replace(lead, purposes=frozenset(PURPOSES[role]))) for role in Role}
    for module in (table, __import__(__name__)):
        monkeypatch.setattr(module, "TABLE", {**TABLE, **more})
    monkeypatch.setattr(table, "_CELLS", table._index())
    for law in (
        test_the_auditor_reads_the_log_and_no_child,
        lambda: test_outside_the_city_and_above_it_nobody_learns_what_the_criteria_made_of_a_child(Role.PARTNER),
        lambda: test_a_school_learns_the_level_and_what_to_watch_only(Role.CLASS_TEACHER),
        test_a_piece_of_a_record_is_open_only_where_the_page_is,
        lambda: test_who_cares_for_data_or_machines_opens_nothing(Role.DATA_HOLDER),
    ):
        with pytest.raises(AssertionError):
            law()
