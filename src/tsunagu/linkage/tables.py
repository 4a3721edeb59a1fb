"""Any two tables: which row of the left is the same person as which row of the right.

Unique keys first, strongest first; then the model on what is left, within blocks; each row is used once.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.errors import SourceError
from tsunagu.linkage.compare import (
    ADDRESS,
    BIRTH,
    COMPARED_COLUMNS,
    GIVEN,
    PHONE,
    SEX,
    SURNAME,
    level_columns,
    total_weight,
    weight_columns,
)
from tsunagu.linkage.forms import WRITTEN_COLUMNS, make_forms, put_dictionaries
from tsunagu.linkage.weights import Model, read_model
from tsunagu.normalise.addresses import own_municipality
from tsunagu.text.dates import read_moment

#: What a columns file may name for each side.
ROLES = ("name", "surname", "given", "kana", "surname_kana", "given_kana", "birth_date", "sex", "address", "postcode",
         "phone")  # fmt: skip
_COMPARISONS = (SURNAME, GIVEN, BIRTH, SEX, ADDRESS, PHONE)

PAIRS = pa.schema(
    [
        ("left_row", pa.int64()),
        ("right_row", pa.int64()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("decided_by", pa.string()),
    ]
)

# Keys that settle a pair when they are unique on both sides, and columns that share a block on the residue.
_PASSES = (
    ("name_birth", ("name_key", "birth")),
    ("kana_birth", ("kana_key", "birth")),
    ("given_birth_address", ("given", "birth", "address_key")),
)
_BLOCKS = (
    ("name_key", "birth"), ("kana_key", "birth"), ("given", "birth"), ("given_sound", "birth"),
    ("name_key", "postcode"), ("name_key", "town"), ("kana_key", "address_key"), ("sound", "town"),
    ("given", "address_key"), ("given_sound", "address_key"), ("birth", "address_key"), ("birth", "phone"),
    ("given_sound", "phone"), ("surname_sound", "birth", "sex"), ("name_key", "birth_year"),
    ("sound", "birth_year", "sex"), ("given", "surname_sound", "birth_month", "sex"),
)  # fmt: skip
# A block larger than this says that its key does not tell people apart; its pairs are found by other keys.
_BLOCK_LIMIT = 2500


@dataclass(frozen=True)
class Columns:
    """Which column of each table plays which role (ROLES -> column name)."""

    left: Mapping[str, str]
    right: Mapping[str, str]


def default_model() -> Model:
    """The model that comes with the program, trained on generated children."""
    with resources.as_file(resources.files("tsunagu.linkage") / "default-model.json") as path:
        return read_model(path)


def link_tables(left: pa.Table, right: pa.Table, columns: Columns, *, model: Model | None = None) -> pa.Table:
    """Pairs of rows that are the same person, one to one; columns PAIRS, ordered by left_row.

    left, right   any tables; all columns named in `columns` are read as text or dates
    model         weights and cuts; default: the model that comes with the program
    gives         left_row and right_row count from 0; weight in bits, probability of a match
    raises        SourceError when a named column does not exist or no name column is given
    """
    model = model or default_model()
    with workbench() as bench:
        put_forms(bench, left, right, columns)
        _settle_by_keys(bench, model)
        _settle_residue(bench, model)
        return bench.table(
            "SELECT left_row, right_row, weight, round(1 / (1 + pow(2, -weight)), 9) AS probability, decided_by"
            " FROM settled ORDER BY left_row"
        ).cast(PAIRS)


def put_forms(bench: Workbench, left: pa.Table, right: pa.Table, columns: Columns) -> None:
    """Makes tables `l` and `r` (row, compared columns, shares of name parts) on the bench."""
    written = pa.concat_tables(
        [_written(left, columns.left, "left"), _written(right, columns.right, "right")]
    ).combine_chunks()
    bench.put("written", written)
    put_dictionaries(bench, "written", own_municipality(written["address"].to_pylist()))
    make_forms(bench, "written", "forms", keep=("side", "row"))
    for part in ("surname", "given"):
        bench.run(
            f"CREATE TABLE {part}_shares AS SELECT {part}, count(*) / sum(count(*)) OVER () AS share"
            f" FROM forms WHERE {part} IS NOT NULL GROUP BY {part}"
        )
    names = ", ".join(f"f.{name}" for name, _ in COMPARED_COLUMNS)
    for side in ("l", "r"):
        bench.run(
            f"CREATE TABLE {side} AS SELECT f.row, {names}, year(f.birth) AS birth_year, month(f.birth) AS birth_month,"
            " s.share AS surname_share, g.share AS given_share"
            " FROM forms f LEFT JOIN surname_shares s USING (surname) LEFT JOIN given_shares g USING (given)"
            f" WHERE f.side = '{side}'"
        )


def score_pairs(bench: Workbench, model: Model, pairs: str, out: str) -> None:
    """Makes `out`: the pairs of a table (left_row, right_row) with level and weight columns and their sum `bits`."""
    bench.run(
        f"""
        CREATE OR REPLACE TABLE "{out}" AS
        SELECT *, {total_weight(_COMPARISONS)} AS bits FROM (
            SELECT *, {weight_columns(model, _COMPARISONS)} FROM (
                SELECT p.left_row, p.right_row, l.surname_share, l.given_share, {level_columns(_COMPARISONS)}
                FROM "{pairs}" p JOIN l ON l.row = p.left_row JOIN r ON r.row = p.right_row))
        """
    )


def _settle_by_keys(bench: Workbench, model: Model) -> None:
    """Makes `settled` from keys that are unique on both sides and that the model does not contradict."""
    bench.run(
        "CREATE TABLE settled (left_row BIGINT, right_row BIGINT, weight DOUBLE, decided_by VARCHAR);"
        " CREATE TABLE prior AS SELECT NULL::DOUBLE AS bits"
    )
    for name, key in _PASSES:
        columns = ", ".join(key)
        filled = " AND ".join(f"{c} IS NOT NULL" for c in key)
        unique = "SELECT {c}, min(row) AS {s}_row FROM {s} WHERE {f} GROUP BY {c} HAVING count(*) = 1"
        bench.run(
            "CREATE OR REPLACE TABLE by_key AS SELECT l_row AS left_row, r_row AS right_row FROM"
            f" ({unique.format(c=columns, s='l', f=filled)}) JOIN ({unique.format(c=columns, s='r', f=filled)})"
            f" USING ({columns}) WHERE l_row NOT IN (SELECT left_row FROM settled)"
            " AND r_row NOT IN (SELECT right_row FROM settled)"
        )
        if name == "name_birth":
            _set_prior(bench)
        score_pairs(bench, model, "by_key", "scored")
        bench.run(
            f"INSERT INTO settled SELECT left_row, right_row, bits + (SELECT bits FROM prior), '{name}' FROM scored"
            f" WHERE bits + (SELECT bits FROM prior) >= {_bits(0.99)} AND {_NO_TWINS}"
        )


# Same day, same family, same home, another given name: a twin, whatever the sum says.
_NO_TWINS = "coalesce(given_level, '') <> 'else'"


def _set_prior(bench: Workbench) -> None:
    """Prior odds that two random rows are one person, in bits: from the first pass, which finds most of them."""
    bench.run(
        "CREATE OR REPLACE TABLE prior AS SELECT log2(greatest((SELECT count(*) FROM by_key), 1) / 0.9"
        " / ((SELECT count(*) FROM l) * (SELECT count(*) FROM r))) AS bits"
    )


def _settle_residue(bench: Workbench, model: Model) -> None:
    """Adds to `settled` the mutual best pairs of the rows that no key settled."""
    for side, column in (("l", "left_row"), ("r", "right_row")):
        bench.run(f"CREATE TABLE open_{side} AS SELECT * FROM {side} WHERE row NOT IN (SELECT {column} FROM settled)")
    bench.run("CREATE TABLE candidates (left_row BIGINT, right_row BIGINT)")
    for key in _BLOCKS:
        columns = ", ".join(key)
        bench.run(
            f"INSERT INTO candidates SELECT l.row, r.row FROM open_l l JOIN open_r r USING ({columns})"
            f" SEMI JOIN (SELECT {columns} FROM open_l GROUP BY {columns} HAVING count(*) <= {_BLOCK_LIMIT}) b"
            f" USING ({columns})"
        )
    bench.run("CREATE TABLE distinct_pairs AS SELECT DISTINCT left_row, right_row FROM candidates")
    score_pairs(bench, model, "distinct_pairs", "scored")
    bench.run(
        "CREATE OR REPLACE TABLE scored AS SELECT left_row, right_row, bits + (SELECT bits FROM prior) AS weight"
        f" FROM scored WHERE bits + (SELECT bits FROM prior) >= {_bits(model.cuts.link)} AND {_NO_TWINS}"
    )
    # Mutual best, again and again: taking a pair frees the second choices of both. Ties are left to a person.
    while bench.rows("SELECT count(*) FROM scored")[0][0]:
        bench.run(
            f"""
            CREATE OR REPLACE TABLE best AS
            WITH ranked AS (
                SELECT *,
                    max(weight) OVER (PARTITION BY left_row) AS left_best,
                    max(weight) OVER (PARTITION BY right_row) AS right_best,
                    count(*) FILTER (near) OVER (PARTITION BY left_row) AS left_near,
                    count(*) FILTER (near) OVER (PARTITION BY right_row) AS right_near
                FROM (
                    SELECT *, weight > max(weight) OVER (PARTITION BY left_row) - {model.cuts.margin}
                        OR weight > max(weight) OVER (PARTITION BY right_row) - {model.cuts.margin} AS near
                    FROM scored
                )
            )
            SELECT left_row, right_row, weight FROM ranked
            WHERE weight = left_best AND weight = right_best AND left_near = 1 AND right_near = 1
            """
        )
        if not bench.rows("SELECT count(*) FROM best")[0][0]:
            break
        bench.run(
            "INSERT INTO settled SELECT left_row, right_row, weight, 'model' FROM best;"
            " DELETE FROM scored WHERE left_row IN (SELECT left_row FROM best)"
            " OR right_row IN (SELECT right_row FROM best)"
        )


def _bits(probability: float) -> float:
    """Log odds in bits."""
    return float(pc.log2(pa.scalar(probability / (1 - probability))).as_py())


def _written(table: pa.Table, roles: Mapping[str, str], side: str) -> pa.Table:
    """One side in forms.WRITTEN_COLUMNS with `side` (l, r) and `row`."""
    for role, column in roles.items():
        if role not in ROLES or column not in table.column_names:
            wrong = f"role '{role}' is not known" if role not in ROLES else f"the table has no column '{column}'"
            raise SourceError(
                wrong,
                where=f"columns of the {side} table",
                to_do=f"Roles are {', '.join(ROLES)}; columns here are {', '.join(table.column_names)}.",
            )
    if not {"name", "surname", "given", "kana", "given_kana"} & set(roles):
        raise SourceError(
            "no column with a name is given",
            where=f"columns of the {side} table",
            to_do="Give name, or surname and given, or kana.",
        )
    texts = {role: _text(table[column]) for role, column in roles.items()}
    nothing = pa.nulls(table.num_rows, pa.string())
    name = texts.get("name", _joined(texts.get("surname"), texts.get("given"), nothing))
    kana = texts.get("kana", _joined(texts.get("surname_kana"), texts.get("given_kana"), nothing))
    made = {
        "name": name,
        "kana": kana,
        "birth": _days(table[roles["birth_date"]]) if "birth_date" in roles else pa.nulls(table.num_rows, pa.date32()),
        "sex": _sexes(texts["sex"]) if "sex" in texts else nothing,
        "address": texts.get("address", nothing),
        "postcode": texts.get("postcode", nothing),
        "phone": texts.get("phone", nothing),
        "guardian": nothing,
    }
    return pa.table(
        {
            "side": pa.array([side[0]] * table.num_rows, pa.string()),
            "row": pa.array(range(table.num_rows), pa.int64()),
            **{name: made[name] for name in WRITTEN_COLUMNS},
        }
    )


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = column.cast(pa.string())
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), None, text)


def _joined(first: pa.ChunkedArray | None, second: pa.ChunkedArray | None, nothing: pa.Array) -> pa.ChunkedArray:
    """Surname and given name with a space between; the one that is given where only one is."""
    if first is None or second is None:
        return first if first is not None else second if second is not None else nothing
    both = pc.binary_join_element_wise(first, second, " ", null_handling="skip")
    return pc.if_else(pc.equal(both, ""), None, both)


def _days(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dates of any known form; distinct values are read once, unreadable ones are null."""
    if pa.types.is_date(column.type):
        return column.cast(pa.date32())
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.date32(), safe=False)
    return _mapped(column.cast(pa.string()), lambda v: read_moment(v).day, pa.date32())


def _sexes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    words = {"男": "1", "男性": "1", "m": "1", "male": "1", "女": "2", "女性": "2", "f": "2", "female": "2"}
    return _mapped(column, lambda v: words.get(v.strip().lower(), v.strip()), pa.string())


def _mapped(column: pa.ChunkedArray, read: object, type_: pa.DataType) -> pa.ChunkedArray:
    encoded = pa.chunked_array([column.combine_chunks().dictionary_encode()]).combine_chunks()
    values: list[date | datetime | str | None] = [read(v) for v in encoded.dictionary.to_pylist()]  # type: ignore[operator]
    return pc.take(pa.array(values, type_), encoded.indices)
