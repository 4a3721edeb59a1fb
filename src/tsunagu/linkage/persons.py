"""Persons: a stable id for every cluster, what the register says of the person, and the person's facts."""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from datetime import date

import pyarrow as pa

from tsunagu.engines.duck import Workbench
from tsunagu.linkage.rules import Rules
from tsunagu.normalise.schoolyears import fiscal_year


def name_persons(bench: Workbench, previous: pa.Table | None) -> None:
    """Makes `person_ids` (c, person_id).

    The id is drawn from the anchor's holder and key, so it is the same in every run that sees the anchor; a cluster
    that holds keys of an earlier run keeps the earlier id (the cluster with most of its keys, where it was split).
    """
    bench.run(
        """
        CREATE TABLE keys_of AS
        SELECT DISTINCT c.c, r.holder, r.record_key, s.is_register,
            CASE WHEN r.record_key IS NULL THEN r.file || '#' || r.row ELSE r.holder || '|' || r.record_key END AS key
        FROM records r JOIN record_sigs USING (record_id) JOIN signatures s USING (sig)
        JOIN nodes USING (node) JOIN clustered c USING (n);
        CREATE TABLE anchors AS
        SELECT c, arg_min(key, rank || key) AS key FROM (
            SELECT c, key, CASE WHEN is_register THEN '0' WHEN record_key IS NOT NULL THEN '1' ELSE '2' END AS rank
            FROM keys_of) GROUP BY c;
        """
    )
    if previous is None or previous.num_rows == 0:
        bench.run("CREATE TABLE earlier (c INTEGER, person_id VARCHAR)")
    else:
        bench.put("previous", previous.select(["holder", "record_key", "person_id"]))
        bench.run(
            """
            CREATE TABLE claimed AS
            SELECT k.c, p.person_id, count(*) AS keys, bool_or(k.is_register) AS by_register
            FROM (SELECT DISTINCT c, holder, record_key, is_register FROM keys_of WHERE record_key IS NOT NULL) k
            JOIN (SELECT DISTINCT * FROM previous WHERE record_key IS NOT NULL) p USING (holder, record_key)
            GROUP BY k.c, p.person_id;
            CREATE TABLE earlier AS
            SELECT c, person_id FROM (
                SELECT *, row_number() OVER (PARTITION BY c ORDER BY by_register DESC, keys DESC, person_id) AS of_c,
                    row_number() OVER (PARTITION BY person_id ORDER BY by_register DESC, keys DESC, c) AS of_id
                FROM claimed) WHERE of_c = 1 AND of_id = 1
            """
        )
    # Two rows may carry one key (a mistyped number set apart): only the first keeps the plain id.
    bench.run(
        """
        CREATE TABLE person_ids AS
        WITH fresh AS (
            SELECT c, key, row_number() OVER (PARTITION BY key ORDER BY c) AS turn FROM anchors
        ), made AS (
            SELECT c, 'P' || left(sha256(CASE WHEN turn = 1 THEN key ELSE key || '#' || turn END), 16) AS person_id
            FROM fresh
        )
        SELECT c, CASE WHEN e.person_id IS NOT NULL THEN e.person_id
            WHEN m.person_id IN (SELECT person_id FROM earlier) THEN 'P' || left(sha256(m.person_id || '#' || c), 16)
            ELSE m.person_id END AS person_id
        FROM made m LEFT JOIN earlier e USING (c)
        """
    )


def make_persons(bench: Workbench, rules: Rules, on: date) -> pa.Table:
    """PERSONS rows as of a day; reads bench tables `records`, `facts`, `links_table`, `homes`."""
    year = fiscal_year(on)
    return bench.table(
        f"""
        WITH placed AS (
            SELECT l.person_id, r.*, h.home FROM links_table l JOIN records r USING (record_id)
            JOIN record_sigs USING (record_id) LEFT JOIN homes h USING (sig)
        ), register AS (
            SELECT person_id,
                min(resident_no) FILTER (resident_no IS NOT NULL) AS register_key,
                bool_or(state <> 'set_aside') AS is_read,
                arg_min(birth_date, record_id) FILTER (birth_date IS NOT NULL) AS birth_date,
                arg_min(sex, record_id) FILTER (sex IS NOT NULL) AS sex,
                arg_max(household_no, record_id) FILTER (household_no IS NOT NULL) AS household_no
            -- A row without a name tells of a move; alone (its number damaged) it is nobody's place in a household.
            FROM placed
            WHERE holder = '{rules.register}'
                AND (name IS NOT NULL OR (state = 'set_aside' AND resident_no IS NOT NULL))
            GROUP BY person_id
        ), others AS (
            SELECT person_id, {_commonest("birth_date")} AS birth_date, {_commonest("sex")} AS sex,
                {_commonest("home")} AS home, {_commonest("resident_no")} AS resident_no,
                bool_or(name IS NOT NULL) AS is_named
            FROM placed GROUP BY person_id
        ), moves AS (
            SELECT p.person_id,
                arg_max(f.label, f.at) FILTER (f.label IS NOT NULL AND f.at <= DATE '{on}') AS household,
                max(f.at) FILTER (f.text IN ('in', 'in_abroad')) AS moved_in,
                max(f.at) FILTER (f.text = 'out') AS moved_out
            FROM facts f JOIN placed p USING (record_id) WHERE f.item = 'move' AND f.state = 'known'
            GROUP BY p.person_id
        ), residence AS (
            SELECT p.person_id, min(f.at) AS resident_from, max(f.until) AS resident_until, true AS is_known
            FROM facts f JOIN placed p USING (record_id) WHERE f.item = 'residence' AND f.state = 'known'
            GROUP BY p.person_id
        ), schools AS (
            SELECT person_id, arg_min(school, record_id) AS school FROM placed
            WHERE holder = '{rules.roster}' AND fiscal_year = {year} AND school IS NOT NULL AND grade IS NOT NULL
            GROUP BY person_id
        ), ids AS (SELECT DISTINCT person_id FROM links_table)
        SELECT person_id, coalesce(r.register_key, o.resident_no) AS register_key,
            CASE WHEN r.person_id IS NULL THEN 'absent' WHEN r.is_read THEN 'read' ELSE 'set_aside' END
                AS register_state,
            coalesce(r.birth_date, o.birth_date) AS birth_date, coalesce(r.sex, o.sex) AS sex,
            CASE WHEN o.is_named OR r.person_id IS NOT NULL THEN coalesce(r.household_no, m.household, o.home) END
                AS household_id,
            CASE WHEN d.is_known THEN d.resident_from ELSE m.moved_in END AS resident_from,
            CASE WHEN d.is_known THEN d.resident_until
                WHEN m.moved_out > coalesce(m.moved_in, DATE '0001-01-01') THEN m.moved_out END AS resident_until,
            s.school, NULL::BOOLEAN AS in_scope
        FROM ids LEFT JOIN register r USING (person_id) LEFT JOIN others o USING (person_id)
        LEFT JOIN moves m USING (person_id) LEFT JOIN residence d USING (person_id)
        LEFT JOIN schools s USING (person_id)
        """
    )


def make_person_facts(bench: Workbench) -> pa.Table:
    """PERSON_FACTS: every fact with its person and the record's place."""
    return bench.table(
        "SELECT l.person_id, f.* EXCLUDE (record_id), r.holder, r.file, r.row"
        " FROM facts f JOIN links_table l USING (record_id) JOIN records r USING (record_id)"
    )


def _commonest(column: str) -> str:
    """SQL: the value most rows carry; of equals the first in order, never dependent on row order."""
    return f"mode({column} ORDER BY {column})"
