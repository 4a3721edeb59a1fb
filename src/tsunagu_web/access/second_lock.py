"""The second lock: PostgreSQL itself gives no row of a child out of reach, also where a page forgot to filter.

One list says how each table reaches the child; `migrate` lays the policies from it, and `serve` refuses without them.
SQLite has no such lock: there the filters of `querysets.py` stand alone. For whom the lock is open: `reach.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import ProgrammingError, connection, transaction

from tsunagu.errors import StateError
from tsunagu_web.access.reach import SETTING

CHILD = "cases_child"
PUPIL = "boards_pupil"  # noticed or not, so no child leads to it: its own columns say who may (decision 0019)
OFFERED = "offers_offeredchild"  # the same (decision 0033)


@dataclass(frozen=True)
class Step:
    """One table on the way: entered by a column, left by another; the last one is left by none."""

    table: str
    by: str
    leave: str = ""


@dataclass(frozen=True)
class Way:
    """How a row reaches a row that is itself locked: from its column over the steps, the last one a locked table.

    start  what is compared in place of the column, where the column holds more than one kind of number
    only   which rows of the table have this way; empty for all of them
    is_set  the children in reach by their keys (not by a state alone) are gathered once and each row is looked up
            among them, in place of a look at the child of each row: for a table of which one statement asks thousands
            of rows out of reach
    """

    column: str
    steps: tuple[Step, ...] = (Step(CHILD, "person_id"),)
    start: str = ""
    only: str = ""
    is_set: bool = False


@dataclass(frozen=True)
class Locked:
    """A table of rows about a child; a row is given when one of its ways ends at a row that is given, or when it was
    sent to the viewer.

    sent  the condition under which a row has left for the person in its column `to_id`; empty where rows are not sent
    """

    table: str
    ways: tuple[Way, ...]
    sent: str = ""


# A text of the search is a child's (1) or a note's (2).
IS_A_CHILDS, IS_A_NOTES = (f'"search_searchtext"."kind" = {kind}' for kind in (1, 2))
OF_A_NOTE = f'CASE WHEN {IS_A_NOTES} THEN "search_searchtext"."own_id"::bigint END'
# A step is about a child, and about the referral that it moved.
OF_A_REFERRAL = 'CASE WHEN "steps_step"."machine" = \'referral\' THEN "steps_step"."subject" END'
OF_AN_OFFER = 'CASE WHEN "steps_step"."machine" = \'offer\' THEN "steps_step"."subject" END'

# Once per statement, and never unknown: without it, no row is asked for what only a city's reach needs.
REACHES_A_CITY = "(SELECT access_reach('city') IS NOT NULL)"
BY_CHILD = (Way("child_id"),)
BY_TRANSFER = (Way("transfer_id", (Step("transfers_transfer", "id"),)),)
BY_NOTIFICATION = (Way("notification_id", (Step("guidance_centre_notification", "id"),)),)
BY_MEETING = (Way("meeting_id", (Step("guidance_centre_meeting", "id"),)),)
BY_REFERRAL = (Way("referral_id", (Step("referrals_referral", "id"),)),)
# Everybody who is or was in a household of the child; the row's own number is its way in.
BY_HOUSEHOLD = Way(
    "person_id",
    (
        Step("people_membership", "person_id", "household"),
        Step("people_membership", "household", "person_id"),
        Step(CHILD, "person_id"),
    ),
)
BY_KINSHIP = Way("person_id", (Step("people_kinship", "relative_id", "person_id"), Step(CHILD, "person_id")))
# Every table of the desk stands here or below; a table may reach only those before it, so no policy asks for itself.
LOCKED = (
    Locked(CHILD, ()),
    Locked(PUPIL, ()),
    Locked(OFFERED, ()),
    Locked("offers_finding", (Way("child_id", (Step(OFFERED, "person_id"),)),)),
    Locked("offers_offer", (Way("person_id", (Step(OFFERED, "person_id"),)),)),
    Locked("cases_judgment", BY_CHILD),
    Locked("cases_reason", BY_CHILD),
    Locked("cases_decision", BY_CHILD),
    Locked("cases_voice", BY_CHILD),
    Locked("cases_case", BY_CHILD),
    Locked("people_kinship", (Way("person_id"),)),
    Locked("people_person", (Way("person_id"), BY_HOUSEHOLD, BY_KINSHIP)),
    Locked("people_version", (Way("person_id"), BY_HOUSEHOLD, BY_KINSHIP)),
    Locked("cases_fact", (Way("person_id"), BY_HOUSEHOLD)),
    Locked("addresses_releaserequest", (Way("person_id"),)),
    Locked("referrals_referral", BY_CHILD, sent='"referrals_referral"."state" <> \'draft\''),
    Locked("referrals_referralcontent", BY_REFERRAL),
    Locked("referrals_reply", BY_REFERRAL),
    Locked("transfers_transfer", BY_CHILD),
    Locked("transfers_transfercontent", BY_TRANSFER),
    Locked("transfers_received", BY_CHILD),
    Locked("guidance_centre_notification", BY_CHILD),
    Locked("guidance_centre_told", BY_NOTIFICATION),
    Locked("guidance_centre_notifierrequest", BY_NOTIFICATION),
    Locked("guidance_centre_sheetdraft", BY_NOTIFICATION),
    Locked("guidance_centre_answeredsheet", BY_NOTIFICATION),
    Locked("guidance_centre_urgencyview", (Way("answered_id", (Step("guidance_centre_answeredsheet", "id"),)),)),
    Locked("guidance_centre_meeting", BY_CHILD),
    Locked("protection_protection", BY_CHILD),
    Locked("protection_hearing", BY_CHILD),
    Locked("guidance_centre_meetingminutes", BY_MEETING),
    Locked("guidance_centre_meetingseat", BY_MEETING),
    Locked(
        "steps_step",
        (
            Way("person_id"),
            Way("subject", (Step("referrals_referral", "id"),), start=OF_A_REFERRAL),
            Way("subject", (Step("offers_offer", "id"),), start=OF_AN_OFFER),
        ),
    ),
    Locked("notes_note", BY_CHILD),
    Locked("notes_noteversion", (Way("note_id", (Step("notes_note", "id"),)),)),
    Locked("notes_attachment", BY_CHILD),
    Locked("tasks_task", BY_CHILD),
    Locked("reminders_about", BY_CHILD),
    Locked("conferences_agendaitem", BY_CHILD),
    Locked("conferences_minute", (Way("item_id", (Step("conferences_agendaitem", "id"),)),)),
    Locked("assessment_assessment", BY_CHILD),
    Locked("assessment_conclusion", (Way("assessment_id", (Step("assessment_assessment", "id"),)),)),
    Locked("assessment_draft", BY_CHILD),
    Locked("plans_supportplan", BY_CHILD),
    Locked("plans_plancontent", (Way("plan_id", (Step("plans_supportplan", "id"),)),)),
    Locked("plans_goal", (Way("content_id", (Step("plans_plancontent", "id"),)),)),
    Locked("plans_service", (Way("content_id", (Step("plans_plancontent", "id"),)),)),
    *(
        Locked(f"outreach_{name}", BY_CHILD)
        for name in ("contact", "contactrule", "sightconfirmation", "takenback", "reassessment", "changedfact")
    ),
    Locked(
        "search_searchtext",
        (
            # A frequent name is that of thousands of children, of whom all but some are out of reach.
            Way("own_id", only=IS_A_CHILDS, is_set=True),
            Way("own_id", only=f"{IS_A_CHILDS} AND {REACHES_A_CITY}"),
            Way("own_id", (Step("notes_note", "id"),), start=OF_A_NOTE, only=IS_A_NOTES),
        ),
    ),
)
EXEMPT: Mapping[str, str] = {
    "access_grant": "read to learn who the viewer is, before anything can be in reach; holds a number, no record",
    "access_conflict": "read to learn who the viewer is, before anything can be in reach; holds a number, no record",
    "access_team": "of staff, not of children",
    "access_duty": "of staff, not of children",
    "accounts_staff": "of staff, not of children",
    "accounts_failedlogin": "of staff, not of children",
    "accounts_signin": "of staff, not of children",
    "accounts_mailchoice": "of staff, not of children",
    "reminders_reminder": "kinds and days for one member of staff; the child stands in a table of its own",
    "reminders_mail": "which mails to staff wait, of no child",
    "people_membership": "the way from a child to its household, which would ask for itself; numbers and no name",
    "audit_eventperson": "the log's index of numbers; who may read it is the audit's own question",
    "audit_contentsalt": "the log's own, of no child",
    "audit_issuedhead": "the log's own, of no child",
    "audit_event": "one chain, proved as a whole; who may read it is the audit's own question",
    "addresses_addressrow": "sealed, and found by a keyed hash only: no row says whose it is",
    "addresses_registerrow": "sealed, and found by a keyed hash only: no row says whose it is",
    "addresses_sealedtable": "sealed as a whole, with a key that is not in the database",
    "guidance_centre_sheetversion": "the questions of a sheet, of no child",
    "guidance_centre_draft": "sealed as a whole, with a key that is not in the database; read by its writer alone",
    "guidance_centre_sealednotifier": "sealed, and found by a keyed hash only: no row says of which notification",
    "link_review_linkpair": "sealed; mostly of persons who are no children at the desk; the room itself asks who may",
    "link_review_linkdecision": "marks and codes of pairs, mostly of persons who are no children at the desk",
    "criteria_namelesstable": "sealed as a whole, without names or numbers of children, joined with nothing",
    "criteria_draft": "a version of the criteria and counts, of no child",
    "criteria_verdict": "what staff said of a version of the criteria, of no child",
    "boards_schoolday": "on which days a school has records at all, of no child",
    "boards_schoolthresholds": "figures that a school has chosen for its boards, of no child",
    "search_posting": "numbers of pairs of signs and of texts; the texts themselves are locked",
    "search_frequency": "how often pairs of signs occur, of no child",
    "search_searchterms": "sealed words of a search, of no child; the log's own question",
    "steps_allowedstep": "which steps exist at all, of no child",
    "worklist_savedfilter": "codes of filters and a name, of no child; what it finds is asked anew each time",
    "conferences_conference": "when and where staff meet, of no child",
    "conferences_attendee": "of staff, not of children",
    "assessment_formversion": "the questions of a form, of no child",
    "cases_taking": "when a run was taken in, of no child",
    "cases_run": "what a run says of itself, of no child",
}

NAME = "second_lock"
_REACH = f"""
CREATE OR REPLACE FUNCTION access_reach(section text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT (nullif(current_setting('{SETTING}', true), '')::jsonb ->> section)::text[]
$$"""
# (column of the child, its section of the reach), the likeliest first.
_KEYS = (("team", "team"), ("school", "school"), ("classroom", "classroom"), ("person_id", "person"))
_OLDER_SHAPE = ("42703", "42P01")  # a column, a table that is not there
_FOUND = f"""
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
       (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid), pg_get_expr(p.polqual, c.oid),
       obj_description(p.oid, 'pg_policy')
FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = '{NAME}'
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND (p.oid IS NOT NULL OR c.relname = ANY(%s))
"""  # noqa: S608  # a name of this module


def policy_of(locked: Locked) -> str:
    """The condition under which PostgreSQL gives, takes or changes a row of the table."""
    own = {CHILD: _is_in_reach, PUPIL: _is_a_pupil_in_reach, OFFERED: _is_offered_in_reach}.get(locked.table)
    near = own() if own else " OR ".join(_way(locked.table, way) for way in locked.ways)
    near += f" OR {_is_sent_to_the_viewer(locked)}" if locked.sent else ""
    return f"(SELECT 'yes' = ANY (access_reach('all'))) OR ({near})"


def lift() -> None:
    """Takes the policies off, so that a migration can read and alter the tables; `lay` puts them on again.

    Row-level security stays on: a role that does not own the tables reads nothing meanwhile.
    """
    if connection.vendor != "postgresql":
        return
    with _as_owner(), transaction.atomic(), connection.cursor() as cursor:
        for table in _found():
            cursor.execute(f'DROP POLICY IF EXISTS {NAME} ON "{table}"')
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')


def lay() -> None:
    """Puts the policies on as the list says; nothing to do when they are. StateError for a role that may not."""
    wrong = faults()
    if not wrong:
        return
    listed = {locked.table: locked for locked in LOCKED}
    existing = _found()
    with _as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REACH)
        for table in wrong:
            if table in existing:
                cursor.execute(f'DROP POLICY IF EXISTS {NAME} ON "{table}"')
                if table in listed:
                    _lay_on(table, policy_of(listed[table]))


def faults() -> list[str]:
    """Tables on which the lock is not as the list says, in alphabetical order; on SQLite none."""
    if connection.vendor != "postgresql":
        return []
    listed = {locked.table: policy_of(locked) for locked in LOCKED}
    found = _found()
    missing = set(listed) - set(found)
    return sorted(missing | {t for t, row in found.items() if t not in listed or not _is_as_laid(listed[t], *row)})


def require_held() -> None:
    """StateError when the lock does not hold for the role of this connection, or is not laid."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        is_superuser, passes_by = cursor.fetchone()
    if is_superuser or passes_by:
        raise StateError(
            "the desk's role in PostgreSQL is a superuser" if is_superuser else "the desk's role has BYPASSRLS",
            where="TSUNAGU_DATABASE_URL",
            to_do="Give the desk a role of its own, NOSUPERUSER NOBYPASSRLS (docs/how-to/run-on-postgresql.md). "
            "For a demonstration with invented people only: TSUNAGU_SECOND_LOCK=off.",
        )
    if wrong := faults():
        raise StateError(
            f"the second lock is missing or changed on {', '.join(wrong)}",
            where="TSUNAGU_DATABASE_URL",
            to_do="Run `python -m tsunagu_web migrate` as the role that owns the tables; it lays the lock anew.",
        )


def _section(name: str) -> str:
    # In a SELECT of its own it is read once per statement, not once per row.
    return f"((SELECT access_reach('{name}'))::text[])"


def _is_in_reach() -> str:
    near = [f"case_state = ANY {_section('city')}"]
    near += [f"({column} || ' ' || case_state) = ANY {_section(section)}" for column, section in _KEYS]
    return f"person_id <> ALL {_section('blocked')} AND ({' OR '.join(near)})"


def _is_a_pupil_in_reach() -> str:
    return _by_keys("pupil", ("school", "school"), ("classroom", "classroom"), ("person_id", "person"))


def _is_offered_in_reach() -> str:
    return _by_keys("offer", ("team", "team"), ("person_id", "person"))


def _by_keys(what: str, *keys: tuple[str, str]) -> str:
    """A row of somebody who need not be noticed, by its own columns."""
    near = [f"{column} = ANY {_section(f'{what}_{section}')}" for column, section in keys]
    return f"person_id <> ALL {_section('blocked')} AND ({' OR '.join(near)})"


def _is_sent_to_the_viewer(locked: Locked) -> str:
    to, child = (f'"{locked.table}"."{column}"' for column in ("to_id", "child_id"))
    is_mine = f"{to}::text = ANY {_section('addressed')} AND {child} <> ALL {_section('blocked')}"
    return f"({is_mine} AND {locked.sent})"


def _way(table: str, way: Way) -> str:
    condition = f'"{table}"."{way.column}" IN ({_in_reach()})' if way.is_set else _one_row(table, way)
    return f"({way.only} AND {condition})" if way.only else condition


def _in_reach() -> str:
    """The numbers of the children in reach by a key; whether each of them is, their own policy says.

    The keys are said once more without the state, as columns: those the database finds by an index.
    """
    keys = " OR ".join(f"{column} = ANY ({_without_state(section)})" for column, section in _KEYS)
    return f'SELECT person_id FROM "{CHILD}" WHERE {keys}'  # noqa: S608  # names of this module


def _without_state(section: str) -> str:
    key = "regexp_replace(key, ' [^ ]*$', '')"
    return f"ARRAY(SELECT DISTINCT {key} FROM unnest({_section(section)}) AS key)::text[]"  # noqa: S608  # as above


def _one_row(table: str, way: Way) -> str:
    first, *more = way.steps
    joined, before = f'"{first.table}" AS s0', first
    for number, step in enumerate(more, start=1):
        joined += f' JOIN "{step.table}" AS s{number} ON s{number}."{step.by}" = s{number - 1}."{before.leave}"'
        before = step
    start = way.start or f'"{table}"."{way.column}"'
    # One row and no EXISTS: for many rows the planner would first read every child and membership of the city, to ask
    # the rows of one child against them (measured: 81 ms in place of 2 for a child's facts among 6,000 children).
    return f'(SELECT true FROM {joined} WHERE s0."{first.by}" = {start} LIMIT 1) IS TRUE'  # noqa: S608  # as the list


@contextmanager
def _as_owner() -> Iterator[None]:
    try:
        yield
    except ProgrammingError as error:
        raise StateError(
            f"the second lock cannot be changed ({type(error).__name__})",
            where="TSUNAGU_DATABASE_URL",
            to_do="Run `migrate` as the role that owns the tables (docs/how-to/run-on-postgresql.md).",
        ) from error


def _lay_on(table: str, policy: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
            cursor.execute(f'CREATE POLICY {NAME} ON "{table}" USING ({policy})')
            stored = _found()[table][2]
            cursor.execute(f"COMMENT ON POLICY {NAME} ON \"{table}\" IS '{_mark(policy, stored)}'")
    except ProgrammingError as error:
        # Tables brought back to an older shape have no such column yet: `serve` refuses until they are of today.
        if getattr(error.__cause__, "sqlstate", "") not in _OLDER_SHAPE:
            raise


def _mark(policy: str, stored: str) -> str:
    """Ties what the list says to what the database made of it: a policy changed by hand is then found."""
    return hashlib.sha256(f"{_REACH}\n{policy}\n{stored}".encode()).hexdigest()


def _is_as_laid(policy: str, is_on: bool, policies: int, stored: str, mark: str) -> bool:
    # A second policy would open rows beside the lock.
    return is_on and policies == 1 and mark == _mark(policy, stored)


def _found() -> dict[str, tuple[bool, int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, [[locked.table for locked in LOCKED]])
        return {table: (is_on, policies, stored or "", mark or "") for table, is_on, policies, stored, mark in cursor}
