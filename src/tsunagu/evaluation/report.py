"""The figures of one run against one truth folder, as data and as lines to read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tsunagu.evaluation.judgment_truth import JudgmentFigures, found_judgments, judgment_figures
from tsunagu.evaluation.linkage_truth import LinkageFigures, linkage_figures
from tsunagu.evaluation.row_truth import RowFigures, row_figures
from tsunagu.evaluation.truth_files import read_truth
from tsunagu.runs.folder import RunFolder


@dataclass(frozen=True)
class Evaluation:
    rows: RowFigures
    linkage: LinkageFigures
    judgments: JudgmentFigures

    def as_json(self) -> dict[str, object]:
        """Counts and ratios; no key of any person."""
        link, judged, rows = self.linkage, self.judgments, self.rows
        return {
            "rows": {
                "rows": rows.rows,
                "accounted": rows.accounted,
                "damaged_right": sum(rows.right.values()),
                "damaged_wrong": sum(rows.wrong.values()),
                "wrong": sorted(rows.places),
            },
            "linkage": {
                "records_of_children": link.records,
                "missing_records": link.missing,
                "true_pairs": link.true_pairs,
                "found_pairs": link.found_pairs,
                "right_pairs": link.right_pairs,
                "precision": link.precision,
                "recall": link.recall,
                "f1": link.f1,
            },
            "judgments": {
                "compared": judged.compared,
                "equal": judged.equal,
                "absent": judged.absent,
                "extra": judged.extra,
                "differing_fields": dict(sorted(judged.differing.items())),
                "touched_by_lost_fact": judged.touched,
                "touched_equal": judged.touched_equal,
            },
        }

    def lines(self) -> list[str]:
        """The same in a few lines for a person."""
        link, judged, rows = self.linkage, self.judgments, self.rows
        right, wrong = sum(rows.right.values()), sum(rows.wrong.values())
        return [
            f"rows       {rows.accounted:,} of {rows.rows:,} accounted for",
            f"damaged    {right:,} of {right + wrong:,} rows where they must be",
            f"linkage    F1 {_ratio(link.f1)}, precision {_ratio(link.precision)}, recall {_ratio(link.recall)} "
            f"({link.records:,} records of children, {link.missing:,} missing)",
            f"judgments  {judged.equal:,} of {judged.compared:,} children equal in every field "
            f"({judged.absent:,} absent, {judged.extra:,} extra; "
            f"touched by a lost fact: {judged.touched_equal:,} of {judged.touched:,} equal)",
        ]

    @property
    def is_all_right(self) -> bool:
        """The bar of the project: all rows, F1 >= 0.985 at precision >= 0.999, every untouched child equal.

        Children whom the truth does not list (a mother of seventeen) are counted beside it, not held against a run.
        """
        link = self.linkage
        return (
            self.rows.rows == self.rows.accounted
            and not self.rows.wrong
            and (link.f1 or 0) >= 0.985
            and (link.precision or 0) >= 0.999
            and self.judgments.equal == self.judgments.compared
        )


def evaluate(run: RunFolder, truth: Path) -> Evaluation:
    """The figures of a run folder against a truth folder; SourceError when a truth file is missing."""
    records = run.table("records").select(["holder", "record_key", "person_id", "file", "row"]).to_pylist()
    files = run.manifest["inputs"]
    persons = run.table("persons").select(["person_id", "register_key"]).to_pylist()
    return Evaluation(
        rows=row_figures(
            read_truth(truth, "bad_rows.csv"),
            read=((r["file"], r["row"]) for r in records),
            quarantined=run.table("quarantine").to_pylist(),
            named={name: entry["named_lines"] for name, entry in files.items()},
            rows=sum(entry["rows"] for entry in files.values()),
            accounted=sum(sum(entry["dispositions"].values()) for entry in files.values()),
        ),
        linkage=linkage_figures(
            read_truth(truth, "records.csv"), ((r["holder"], r["record_key"], r["person_id"]) for r in records)
        ),
        judgments=judgment_figures(
            read_truth(truth, "judgments.csv"),
            found_judgments(
                run.table("judgments").to_pylist(),
                run.table("reasons").select(["person_id", "kind", "code"]).to_pylist(),
                {p["person_id"]: p["register_key"] for p in persons if p["register_key"]},
            ),
        ),
    )


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.5f}"
