"""Numbers first: 宛名番号, 児童生徒番号, ログインID, seat in class, a holder's own numbers; each with a guard.

A number that agrees while given name and birth date both disagree is a mistyped number: the row is not joined by it,
goes on to the evidence passes, and is shown to a person.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from collections.abc import Sequence

from tsunagu.engines.duck import Workbench
from tsunagu.linkage.clusters import Clusters
from tsunagu.linkage.compare import CLEAR, Comparing, level_columns
from tsunagu.linkage.rules import Rules

_KINDS = {"pupil": "pupil_no", "login": "login_id", "seat": "seat", "own": "own_number", "res": "resident_no"}


def make_links(bench: Workbench, rules: Rules, comparing: Comparing = CLEAR) -> None:
    """Makes `links` (sig, node, owner, kind, is_contradicted) and moves contradicted signatures to nodes of their own.

    owner  node the number points to; kind 'own' checks a signature against the other rows of its own number
    """
    _make_owners(bench, rules)
    _make_references(bench, rules)
    bench.run(
        f"""
        CREATE TABLE claims AS
        SELECT sig, node, node AS owner, 'own' AS kind FROM signatures WHERE node NOT LIKE 'row:%'
        UNION ALL SELECT sig, node, owner, split_part(node, ':', 1) FROM signatures JOIN owners USING (node)
        UNION ALL SELECT sig, node, 'res:' || resident_no, 'res' FROM signatures
            WHERE resident_no IS NOT NULL AND node NOT LIKE 'res:%';
        -- A claim whose whole name stands in a reference needs no further look.
        CREATE TABLE reference_forms AS
        SELECT DISTINCT n.node AS owner, f.name_key AS key FROM "references" n JOIN forms f USING (sig)
        WHERE f.name_key IS NOT NULL;
        CREATE TABLE doubtable AS
        SELECT c.* FROM claims c
        ANTI JOIN (SELECT DISTINCT c.sig, c.owner, c.kind FROM claims c JOIN forms f USING (sig)
            JOIN reference_forms r ON r.owner = c.owner AND r.key = f.name_key) n USING (sig, owner, kind);
        CREATE TABLE known_names AS
        SELECT DISTINCT split_part(n.node, ':', 1) AS type, n.node, unnest([f.name_key, f.kana_key]) AS key, f.birth,
            s.school || '|' || s.fiscal_year || '|' || s.grade AS year_group
        FROM "references" n JOIN signatures s USING (sig) JOIN forms f USING (sig);
        CREATE TABLE judged AS
        SELECT sig, owner, kind, bool_or(given_level IS NULL OR given_level <> 'else') AS given_fits,
            bool_or(birth_level IS NULL OR birth_level IN ('equal', 'edit')) AS birth_fits
        FROM (
            SELECT c.sig, c.owner, c.kind, {level_columns([comparing.given, comparing.birth])}
            FROM doubtable c JOIN "references" n ON n.node = c.owner AND n.sig <> c.sig
            JOIN forms l ON l.sig = c.sig JOIN forms r ON r.sig = n.sig
        ) GROUP BY sig, owner, kind;
        -- The given name differs, and just this name belongs to another number of the same kind: a twin of the same
        -- day, or a class mate where the row has no birth date.
        CREATE TABLE elsewhere AS
        SELECT DISTINCT j.sig, j.owner FROM judged j JOIN forms f USING (sig) JOIN signatures s USING (sig)
        JOIN known_names e ON e.key IN (f.name_key, f.kana_key) AND e.node <> j.owner
            AND e.type = split_part(j.owner, ':', 1)
            AND (e.birth = f.birth OR (f.birth IS NULL AND j.kind IN ('seat', 'login', 'own')
                AND e.year_group = s.school || '|' || s.fiscal_year || '|' || s.grade))
        WHERE NOT j.given_fits;
        CREATE TABLE links AS
        SELECT c.sig, c.node, c.owner, c.kind,
            coalesce(NOT j.given_fits AND (NOT j.birth_fits OR e.sig IS NOT NULL), false) AS is_contradicted
        FROM claims c LEFT JOIN judged j USING (sig, owner, kind) LEFT JOIN elsewhere e USING (sig, owner);
        UPDATE signatures SET node = 'row:' || first_record
        WHERE sig IN (SELECT sig FROM links WHERE is_contradicted AND kind <> 'res');
        CREATE TABLE nodes AS
        SELECT node, (row_number() OVER (ORDER BY node) - 1)::INTEGER AS n FROM (
            SELECT node FROM signatures UNION SELECT owner FROM links WHERE NOT is_contradicted);
        DROP TABLE claims; DROP TABLE doubtable; DROP TABLE known_names; DROP TABLE judged; DROP TABLE elsewhere;
        DROP TABLE reference_forms
        """
    )


def start_clusters(bench: Workbench, rules: Rules, apart: Sequence[tuple[int, int]] = ()) -> Clusters:
    """Clusters of nodes united by numbers, but for those that a person decided apart."""
    slots: dict[int, set[str]] = {}
    per_person = ", ".join(f"'{h}'" for h in rules.one_number_per_person) or "''"
    per_year = ", ".join(f"'{h}'" for h in rules.one_row_per_year) or "''"
    anchored: set[int] = set()
    for n, slot in bench.rows(
        f"""
        SELECT DISTINCT n, slot FROM (
            SELECT node, 'register' AS slot FROM signatures WHERE is_register
            UNION ALL SELECT node, 'pupil@' || fiscal_year FROM signatures
                WHERE holder = '{rules.roster}' AND pupil_no IS NOT NULL AND fiscal_year IS NOT NULL
                    AND node NOT LIKE 'row:%'
            UNION ALL SELECT node, 'number@' || holder FROM signatures
                WHERE holder IN ({per_person}) AND node NOT LIKE 'row:%' AND node NOT LIKE 'res:%'
            UNION ALL SELECT node, 'year@' || holder || fiscal_year FROM signatures
                WHERE holder IN ({per_year}) AND fiscal_year IS NOT NULL AND node NOT LIKE 'row:%'
        ) JOIN nodes USING (node) ORDER BY n, slot
        """
    ):
        slots.setdefault(int(str(n)), set()).add(str(slot))
        if slot == "register":
            anchored.add(int(str(n)))
    count = int(str(bench.rows("SELECT count(*) FROM nodes")[0][0]))
    clusters = Clusters(count, {n: frozenset(s) for n, s in slots.items()}, anchored, apart)
    for one, other, kind, _ in bench.rows(_LINK_ROWS):
        clusters.unite(int(str(one)), int(str(other)), _KINDS[str(kind)])
    return clusters


_LINK_ROWS = """
    SELECT DISTINCT a.n, b.n, l.kind,
        CASE l.kind WHEN 'login' THEN 0 WHEN 'seat' THEN 1 WHEN 'own' THEN 2 ELSE 3 END AS place
    FROM links l JOIN signatures s USING (sig) JOIN nodes a ON a.node = s.node JOIN nodes b ON b.node = l.owner
    WHERE NOT l.is_contradicted AND a.n <> b.n ORDER BY place, a.n, b.n
"""


def _make_owners(bench: Workbench, rules: Rules) -> None:
    """Makes `owners` (node, owner): login, seat and roster id -> pupil number, where only one pupil claims it."""
    bench.run(
        f"""
        CREATE TABLE roster_rows AS SELECT * FROM signatures WHERE holder = '{rules.roster}' AND pupil_no IS NOT NULL;
        CREATE TABLE owners AS
        SELECT node, min(owner) AS owner FROM (
            SELECT 'login:' || login_id AS node, 'pupil:' || pupil_no AS owner FROM roster_rows
            UNION ALL SELECT 'own:' || holder || '|' || local_no, 'pupil:' || pupil_no FROM roster_rows
            UNION ALL SELECT 'seat:' || seat, 'pupil:' || pupil_no FROM roster_rows
            UNION ALL SELECT 'seat:' || seat, 'pupil:' || pupil_no FROM signatures
                WHERE pupil_no IS NOT NULL AND seat IS NOT NULL
                    AND seat NOT IN (SELECT seat FROM roster_rows WHERE seat IS NOT NULL)
            UNION ALL SELECT 'login:' || login_id, 'seat:' || seat FROM signatures
                WHERE login_id IS NOT NULL AND pupil_no IS NULL AND seat IS NOT NULL
                    AND login_id NOT IN (SELECT login_id FROM roster_rows WHERE login_id IS NOT NULL)
        ) WHERE node IS NOT NULL GROUP BY node HAVING count(DISTINCT owner) = 1
        """
    )


def _make_references(bench: Workbench, rules: Rules) -> None:
    """Makes `references` (node, sig): the signatures that speak for a number, the register's and roster's first."""
    bench.run(
        f"""
        CREATE TABLE "references" AS
        SELECT node, sig FROM (
            SELECT *, min(rank) OVER (PARTITION BY node) AS best,
                row_number() OVER (PARTITION BY node ORDER BY rank, records DESC, sig) AS place
            FROM (SELECT node, sig, records, CASE WHEN is_register THEN 0 WHEN holder = '{rules.roster}' THEN 1
                ELSE 2 END AS rank FROM signatures WHERE name IS NOT NULL OR birth_date IS NOT NULL)
        ) WHERE rank = best AND (rank < 2 OR place = 1)
        """
    )
