"""Records -> signatures (distinct identities) and nodes (the numbers by which holders know a person).

Attendance rows repeat one identity every month; everything after this module works on distinct ones.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

import pyarrow as pa

from tsunagu.engines.duck import Workbench
from tsunagu.linkage.forms import make_forms, put_dictionaries
from tsunagu.linkage.rules import Rules
from tsunagu.normalise.addresses import own_municipality
from tsunagu.normalise.dictionaries import NONE_ELSEWHERE, Surnames

_IDENTITY = (
    "holder", "resident_no", "household_no", "pupil_no", "login_id", "local_no", "school", "fiscal_year", "grade",
    "class_name", "class_number", "name", "kana", "alias", "birth_date", "age_years", "age_on", "sex", "relation",
    "address", "guardian_name", "guardian2_name", "guardian_resident_no", "guardian_birth_date",
)  # fmt: skip


def make_signatures(bench: Workbench, records: pa.Table, rules: Rules) -> None:
    """Makes the tables a delivery is linked by.

    signatures   sig, node, first_record, written identity columns, is_register (a row of the register's persons)
    record_sigs  record_id, sig
    forms        sig, the compared columns; a 通称名 and a second guardian give further rows
    """
    collect_signatures(bench, records, rules)
    register = bench.table(
        "SELECT DISTINCT address FROM signatures WHERE is_register AND address IS NOT NULL ORDER BY address"
    )
    make_signature_forms(bench, own_municipality(register["address"].to_pylist()))
    make_homes(bench)


def collect_signatures(bench: Workbench, records: pa.Table, rules: Rules) -> None:
    """Makes `records`, `signatures` and `record_sigs` of make_signatures."""
    bench.put("records", records)
    columns = ", ".join(_IDENTITY)
    same = ", ".join(f"any_value({c}) AS {c}" for c in (*_IDENTITY, "own_key"))
    # Two 64-bit hashes stand for the identity: joining 25 nullable columns back costs ten times as much.
    # A record key that names the year is a number per year; the child keeps the part before it.
    bench.run(
        f"""
        CREATE TABLE identified AS
        SELECT *, hash({columns}, own_key) AS h1, hash('again', own_key, {columns}) AS h2 FROM (
            SELECT record_id, {columns}, CASE WHEN fiscal_year IS NOT NULL AND class_number IS NULL
                THEN regexp_replace(record_key, '\\|' || fiscal_year || '$', '') ELSE record_key END AS own_key
            FROM records);
        CREATE TABLE signatures AS
        SELECT (row_number() OVER (ORDER BY first_record) - 1)::INTEGER AS sig, *,
            coalesce(holder = '{rules.register}' AND resident_no IS NOT NULL AND name IS NOT NULL, false)
                AS is_register,
            {node_of(rules)} AS node
        FROM (
            SELECT *, school || '|' || fiscal_year || '|' || grade || '-' || class_name || '-' || class_number AS seat
            FROM (SELECT h1, h2, {same}, min(record_id) AS first_record, count(*) AS records FROM identified
                GROUP BY h1, h2)
        );
        CREATE TABLE record_sigs AS
        SELECT i.record_id, s.sig FROM identified i JOIN signatures s USING (h1, h2);
        DROP TABLE identified
        """
    )


def node_of(rules: Rules) -> str:
    """SQL over rows of signatures: the number by which the holder knows the person, with its kind before it."""
    return f"""
            CASE WHEN pupil_no IS NOT NULL THEN 'pupil:' || pupil_no
                WHEN login_id IS NOT NULL THEN 'login:' || login_id
                WHEN resident_no IS NOT NULL AND (holder = '{rules.register}' OR own_key = resident_no)
                    THEN 'res:' || resident_no
                WHEN local_no IS NOT NULL THEN 'own:' || holder || '|' || local_no
                WHEN seat IS NOT NULL THEN 'seat:' || seat
                WHEN own_key IS NOT NULL THEN 'own:' || holder || '|' || own_key
                ELSE 'row:' || first_record END"""


def make_signature_forms(bench: Workbench, municipality: str, elsewhere: Surnames = NONE_ELSEWHERE) -> None:
    """Makes `forms` of make_signatures from `signatures`.

    municipality  the city's own name, left out of addresses (addresses.own_municipality)
    elsewhere     surnames that are known from other records than these
    """
    bench.run(
        """
        CREATE TABLE written AS
        SELECT sig, name, kana, birth_date AS birth, sex, address, NULL::VARCHAR AS postcode,
            NULL::VARCHAR AS phone, guardian_name AS guardian FROM signatures
        UNION ALL SELECT sig, alias, kana, birth_date, sex, address, NULL, NULL, guardian_name FROM signatures
            WHERE alias IS NOT NULL
        UNION ALL SELECT sig, name, kana, birth_date, sex, address, NULL, NULL, guardian2_name FROM signatures
            WHERE guardian2_name IS NOT NULL
        """
    )
    put_dictionaries(bench, "written", municipality, elsewhere)
    make_forms(bench, "written", "forms", keep=("sig",))
    # 通称名 has no reading of its own in the register: the reading belongs to the name in Latin letters.
    bench.run(
        "UPDATE forms SET kana_key = NULL, surname_kana = NULL, given_kana = NULL, sound = NULL,"
        " surname_sound = NULL, given_sound = NULL FROM signatures s JOIN name_forms n ON n.written = s.alias"
        " WHERE forms.sig = s.sig AND n.script = 'kanji' AND forms.name_key = n.name_key AND s.alias <> s.name"
    )


def make_homes(bench: Workbench) -> None:
    """Makes `homes` (sig, home): the register household a signature points to, where it is certain.

    The register's own rows; a guardian's number; a guardian's name with birth date, or at an address, or beside a
    child of the written name; each only where exactly one household fits.
    """
    bench.run(
        """
        CREATE TABLE members AS
        SELECT DISTINCT s.household_no, s.resident_no, f.name_key, f.kana_key, f.given, f.given_kana, f.birth,
            f.address_key
        FROM signatures s JOIN forms f USING (sig) WHERE s.is_register AND s.household_no IS NOT NULL;
        CREATE TABLE adults AS
        SELECT DISTINCT household_no, unnest([name_key, kana_key]) AS key, birth, address_key FROM members;
        CREATE TABLE asking AS
        SELECT DISTINCT f.sig, f.guardian, s.guardian_birth_date, f.address_key, f.name_key, f.given, f.given_kana,
            f.birth
        FROM forms f JOIN signatures s USING (sig) WHERE f.guardian IS NOT NULL AND NOT s.is_register;
        CREATE TABLE possible_homes AS
        SELECT DISTINCT a.sig, h.household_no, 1 AS way FROM asking a
            JOIN adults h ON h.key = a.guardian AND h.birth = a.guardian_birth_date
        UNION ALL SELECT DISTINCT a.sig, h.household_no, 2 FROM asking a
            JOIN adults h ON h.key = a.guardian AND h.address_key = a.address_key
        UNION ALL SELECT DISTINCT a.sig, h.household_no, 3 FROM asking a
            JOIN members m ON m.birth = a.birth AND (m.given = a.given OR m.given_kana = a.given_kana)
            JOIN adults h ON h.key = a.guardian AND h.household_no = m.household_no
        UNION ALL SELECT DISTINCT a.sig, h.household_no, 4 FROM asking a
            JOIN members m ON m.name_key = a.name_key AND a.birth IS NULL
            JOIN adults h ON h.key = a.guardian AND h.household_no = m.household_no;
        CREATE TABLE homes AS
        SELECT DISTINCT sig, household_no AS home FROM signatures WHERE household_no IS NOT NULL AND is_register
        UNION
        SELECT s.sig, min(m.household_no) FROM signatures s JOIN members m ON m.resident_no = s.guardian_resident_no
            GROUP BY s.sig HAVING count(DISTINCT m.household_no) = 1
        UNION
        SELECT sig, min(household_no) FROM possible_homes GROUP BY sig, way HAVING count(DISTINCT household_no) = 1
        """
    )
