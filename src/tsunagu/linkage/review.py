"""The pairs that a person must look at, and what the desk needs to show them."""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from tsunagu.engines.duck import Workbench
from tsunagu.linkage.clusters import Clusters
from tsunagu.linkage.compare import PERSON, difference_columns, level_columns, named_fields
from tsunagu.linkage.decided import Decided, Placed, mark_pairs
from tsunagu.linkage.marks import Marks
from tsunagu.records.decided_pairs import MarkedPair
from tsunagu.records.stage_tables import REVIEW

#: Questions about decisions, and all of them: the first that a pair has is the one that is asked.
OF_DECISIONS = ("decisions_disagree", "against_decision")
QUESTIONS = (*OF_DECISIONS, "number_contradicted", "twins", "namesakes", "weak")


def make_review(bench: Workbench, decided: Decided, marks: Marks | None) -> tuple[pa.Table, list[MarkedPair]]:
    """REVIEW rows, and with marks the same pairs marked.

    Doubtful pairs of the model, numbers that names and birth dates contradict, and decisions that meet evidence or each
    other. With marks each pair is asked once, and what a decision settles is not asked again. Both in one order.
    """
    found = bench.table(
        """
        WITH placed AS (
            SELECT s.first_record, n.n, p.person_id
            FROM signatures s JOIN nodes n USING (node) JOIN clustered c USING (n) JOIN person_ids p USING (c)
        ), firsts AS (
            SELECT n, min(first_record) AS first_record FROM placed
            WHERE n IN (SELECT a FROM doubtful UNION SELECT b FROM doubtful) GROUP BY n
        ), pairs AS (
            SELECT fa.first_record AS l, fb.first_record AS r, weight AS match_weight, agrees, differs, question,
                place_weight
            FROM doubtful d JOIN firsts fa ON fa.n = d.a JOIN firsts fb ON fb.n = d.b
            UNION ALL
            SELECT s.first_record, min(rs.first_record), NULL, names.kind_name, 'given,birth', 'number_contradicted', 0
            FROM links k JOIN signatures s USING (sig) JOIN "references" f ON f.node = k.owner
            JOIN signatures rs ON rs.sig = f.sig
            JOIN (VALUES ('res', 'resident_no'), ('login', 'login_id'), ('seat', 'seat'), ('own', 'own_number'))
                AS names(kind, kind_name) USING (kind)
            WHERE k.is_contradicted AND rs.sig <> s.sig GROUP BY s.first_record, k.owner, names.kind_name
            UNION ALL SELECT l, r, NULL, agrees, differs, question, 0 FROM unfollowed
        )
        SELECT q.l AS left_record, q.r AS right_record, q.place_weight,
            lr.holder AS left_holder, lr.file AS left_file, lr.row AS left_row, lp.person_id AS left_person_id,
            rr.holder AS right_holder, rr.file AS right_file, rr.row AS right_row, rp.person_id AS right_person_id,
            q.match_weight, q.agrees, q.differs, q.question
        FROM (SELECT DISTINCT * FROM pairs) q
        JOIN placed lp ON lp.first_record = q.l JOIN placed rp ON rp.first_record = q.r
        JOIN (SELECT record_id, holder, file, row FROM records) lr ON lr.record_id = q.l
        JOIN (SELECT record_id, holder, file, row FROM records) rr ON rr.record_id = q.r
        WHERE lp.person_id <> rp.person_id OR q.question IN ('number_contradicted', 'against_decision')
        """
    ).sort_by([(name, "ascending") for name in (*REVIEW.order, "question")])
    marked: list[MarkedPair] = []
    if marks is not None:
        asked = _asked(mark_pairs(bench, marks, found), decided)
        found, marked = found.take(pa.array(sorted(asked), pa.int64())), [asked[i] for i in sorted(asked)]
    return REVIEW.sorted(found.drop_columns(["left_record", "right_record", "place_weight"])), marked


def _asked(marked: Sequence[MarkedPair], decided: Decided) -> dict[int, MarkedPair]:
    """The pairs that are asked, by their place in the list: each once, for its strongest question."""
    settled = {p.decision.pair for p in decided.placed if p.decision.verdict != "cannot_tell"}
    asked: dict[str, int] = {}
    for i, pair in sorted(enumerate(marked), key=lambda place: (QUESTIONS.index(place[1].question), place[0])):
        if pair.question in OF_DECISIONS or pair.pair not in settled:
            asked.setdefault(pair.pair, i)
    return {i: marked[i] for i in asked.values()}


def put_unfollowed(bench: Workbench, decided: Decided, refused: Sequence[Placed], clusters: Clusters) -> None:
    """Makes `unfollowed` (l, r, agrees, differs, question): decisions against which evidence or others speak."""
    rows = [(p.left_record, p.right_record, "decisions_disagree") for p in refused]
    rows += [
        (p.left_record, p.right_record, "against_decision")
        for p in decided.of("different")
        if p.left == p.right or (min(p.left, p.right), max(p.left, p.right)) in clusters.held_apart
    ]
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    kinds = (pa.int32(), pa.int32(), pa.string())
    table = {name: pa.array(c, t) for name, c, t in zip(("l", "r", "question"), columns, kinds, strict=True)}
    bench.put("unfollowed_pairs", pa.table(table))
    bench.run(
        f"""
        CREATE TABLE unfollowed AS
        SELECT l, r, question, {named_fields(PERSON, "= false")} AS agrees, {named_fields(PERSON, "= true")} AS differs
        FROM (SELECT l, r, question, {difference_columns(PERSON)} FROM (
            SELECT u.l, u.r, u.question, {level_columns(PERSON)} FROM unfollowed_pairs u
            JOIN record_sigs ls ON ls.record_id = u.l JOIN forms l ON l.sig = ls.sig
            JOIN record_sigs rs ON rs.record_id = u.r JOIN forms r ON r.sig = rs.sig)
            GROUP BY l, r, question)
        """
    )
