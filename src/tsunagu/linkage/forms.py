"""Rows with names as written -> rows with the forms that are compared, through dictionaries of distinct values."""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from tsunagu.engines.duck import Workbench
from tsunagu.normalise.dictionaries import (
    NONE_ELSEWHERE,
    Surnames,
    address_dictionary,
    kana_dictionary,
    name_dictionary,
)

#: Columns `make_forms` reads; all text but birth (DATE). Missing ones must be given as null columns.
WRITTEN_COLUMNS = ("name", "kana", "birth", "sex", "address", "postcode", "phone", "guardian")


def distinct_texts(bench: Workbench, table: str, columns: tuple[str, ...]) -> list[str]:
    """Every distinct non-blank value of some text columns of a table."""
    parts = " UNION ".join(f'SELECT "{c}" AS v FROM "{table}" WHERE "{c}" IS NOT NULL' for c in columns)
    values: list[str] = bench.table(f"SELECT v FROM ({parts}) WHERE trim(v) <> '' ORDER BY v")["v"].to_pylist()
    return values


def put_dictionaries(
    bench: Workbench, table: str, municipality: str = "", elsewhere: Surnames = NONE_ELSEWHERE
) -> None:
    """Makes the tables name_forms, kana_forms and address_forms for the values of one table.

    municipality  the city's own name, left out of addresses (addresses.own_municipality)
    elsewhere     surnames that split names written without a space, beside those that these values show
    """
    names = name_dictionary(distinct_texts(bench, table, ("name", "guardian")), elsewhere.kanji)
    bench.put("name_forms", names)
    kana_surnames = {v for v in names["surname_kana"].to_pylist() if v}
    bench.put("kana_forms", kana_dictionary(distinct_texts(bench, table, ("kana",)), kana_surnames, elsewhere.kana))
    bench.put("address_forms", address_dictionary(distinct_texts(bench, table, ("address",)), municipality))


def make_forms(bench: Workbench, table: str, out: str, keep: tuple[str, ...] = ()) -> None:
    """Makes `out`: the kept columns of `table` and every compared column (compare.COMPARED_COLUMNS).

    Also is_partial, order_sex and birth_order of the name; a partial name has no whole key. A name written in kana
    counts as a reading; a name in
    Latin letters stands in `latin` and in name_key.
    """
    kept = "".join(f't."{c}", ' for c in keep)
    bench.run(
        f"""
        CREATE OR REPLACE TABLE "{out}" AS
        SELECT {kept}
            CASE WHEN NOT coalesce(n.is_partial, false) THEN n.name_key END AS name_key,
            CASE WHEN n.script = 'latin' THEN n.name_key END AS latin,
            n.surname, n.given,
            coalesce(k.kana_key, CASE WHEN NOT n.is_partial THEN n.name_kana END) AS kana_key,
            coalesce(k.surname_kana, n.surname_kana) AS surname_kana,
            coalesce(k.given_kana, n.given_kana) AS given_kana,
            coalesce(k.sound, CASE WHEN NOT n.is_partial THEN n.name_sound END) AS sound,
            coalesce(k.surname_sound, n.surname_sound) AS surname_sound,
            coalesce(k.given_sound, n.given_sound) AS given_sound,
            t.birth, strftime(t.birth, '%Y%m%d') AS birth_text, t.sex, a.address_key, a.numbers, a.town,
            nullif(regexp_replace(t.postcode, '[^0-9]', '', 'g'), '') AS postcode,
            nullif(regexp_replace(t.phone, '[^0-9]', '', 'g'), '') AS phone,
            g.name_key AS guardian, coalesce(g.given, g.given_kana) AS guardian_given,
            coalesce(n.is_partial, false) AS is_partial, n.order_sex, coalesce(n.birth_order, 0) AS birth_order
        FROM "{table}" t
        LEFT JOIN name_forms n ON n.written = t.name
        LEFT JOIN kana_forms k ON k.written = t.kana
        LEFT JOIN address_forms a ON a.written = t.address
        LEFT JOIN name_forms g ON g.written = t.guardian
        """
    )
