"""A holder's own records as tokens, so that they can be linked within its link group without names leaving it.

What is sent (KeyedRecords) and what stays (Kept) are two objects. The register's holder, which links (keyed_links.py),
makes its own in the same way.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.errors import SourceError
from tsunagu.linkage.keyed_values import KnownTokens, LinkageTokens
from tsunagu.linkage.neighbours import KINDS, heads, neighbours
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.signatures import collect_signatures, make_signature_forms
from tsunagu.normalise.dictionaries import NONE_ELSEWHERE, Surnames
from tsunagu.records.answer_tables import TOKEN
from tsunagu.records.keyed_tables import KEYED_FORMS, KEYED_NEIGHBOURS, KEYED_SIGNATURES
from tsunagu.text.kana import is_kana

# Columns of one domain have equal tokens for equal values; only those that linkage compares with each other share one.
_SIGNATURE_DOMAINS = {
    "resident_no": "resident", "household_no": "household", "pupil_no": "pupil", "login_id": "login",
    "local_no": "own", "own_key": "own", "seat": "seat", "school": "school", "fiscal_year": "fiscal year",
    "grade": "grade", "birth_date": "birth", "age": "age", "guardian_resident_no": "resident",
    "guardian_birth_date": "birth",
}  # fmt: skip
_FORM_DOMAINS = {
    "name_key": "name", "latin": "name", "surname": "surname", "given": "given", "kana_key": "name",
    "surname_kana": "surname kana", "given_kana": "given kana", "sound": "sound", "surname_sound": "surname sound",
    "given_sound": "given sound", "birth": "birth", "sex": "sex", "address_key": "address", "numbers": "numbers",
    "town": "town", "guardian": "name", "guardian_given": "given", "order_sex": "sex", "birth_order": "birth order",
}  # fmt: skip
# A birth date with month and day changed about is a birth date.
_NEIGHBOUR_DOMAINS = {"birth_parts": ("parts of birth", "birth"), "age": ("parts of birth", "")}
# House numbers of fewer signs tell no two houses apart.
_NUMBERS_FROM = 4
_NOT_SAID = bytes(32)


@dataclass(frozen=True)
class KeyedRecords:
    """What one holder sends to the register's holder: KEYED_SIGNATURES, KEYED_FORMS, KEYED_NEIGHBOURS."""

    holder: str
    signatures: pa.Table = field(repr=False)
    forms: pa.Table = field(repr=False)
    neighbours: pa.Table = field(repr=False)


@dataclass(frozen=True)
class Kept:
    """What stays with the holder.

    numbers  record_id, number: which of its records each number of KeyedRecords names
    born     token of birth, day; heads: kind, value, heads (tokens): of the register alone, for its holder to link by
    """

    numbers: pa.Table = field(repr=False)
    born: pa.Table | None = field(default=None, repr=False)
    heads: pa.Table | None = field(default=None, repr=False)


def surnames_of(register: KeyedRecords, tokens: LinkageTokens) -> Surnames:
    """The surnames of the register as tokens, for holders that write names without a space to part them by.

    Whoever has the key of the round can learn by trying which surnames the city has. Linkage works without, a little
    worse.
    """

    def known(column: str) -> KnownTokens:
        values = pc.unique(register.forms[column].drop_null()).to_pylist()
        return KnownTokens(tokens, _FORM_DOMAINS[column], frozenset(values))

    return Surnames(known("surname"), known("surname_kana"))


def keyed_records(
    records: pa.Table,
    tokens: LinkageTokens,
    *,
    rules: Rules,
    municipality: str,
    surnames: Surnames = NONE_ELSEWHERE,
    threads: int | None = None,
) -> tuple[KeyedRecords, Kept]:
    """One holder's records as tokens, and what the holder keeps to read the answer.

    records       SOURCE_RECORDS of one holder
    municipality  the city's own name as the register writes it, left out of addresses (addresses.own_municipality)
    surnames      surnames_of the register, where the link group wants holders to have them
    raises        SourceError where the records are not of one holder
    """
    holders = pc.unique(records["holder"]).to_pylist()
    if len(holders) != 1:
        raise SourceError(
            f"the records are of {len(holders)} holders",
            to_do="Each holder makes tokens of its own records, and of no others.",
        )
    (holder,) = holders
    with workbench(threads=threads) as bench:
        collect_signatures(bench, records, rules)
        make_signature_forms(bench, municipality, surnames)
        signatures = bench.table(_SIGNATURES)
        forms = bench.table(_forms())
        keyed = _keyed(signatures, _SIGNATURE_DOMAINS, tokens, ("sig", "node", "is_named", "records"))
        keyed = _with_own_numbers(keyed, signatures, tokens, holder)
        keyed_forms = _keyed(forms, _FORM_DOMAINS, tokens, ("sig", "is_partial"))
        keyed_forms = _with_guardians(keyed_forms, forms, tokens)
        numbers = _numbers(keyed, keyed_forms, tokens)
        sent = KeyedRecords(
            holder,
            KEYED_SIGNATURES.sorted(_numbered_signatures(keyed, numbers)),
            _sorted_forms(_numbered_forms(keyed_forms, numbers)),
            KEYED_NEIGHBOURS.sorted(_neighbours(bench, signatures, forms, tokens)),
        )
        places = bench.table("SELECT record_id, sig FROM record_sigs ORDER BY record_id")
        of_record = pc.take(numbers, places["sig"])
        kept = pa.table({"record_id": places["record_id"], "number": of_record})
        is_register = holder == rules.register
        return sent, Kept(kept, *(_of_the_register(bench, tokens) if is_register else ()))


_SIGNATURES = """
    SELECT sig, node, name IS NOT NULL AS is_named, records, resident_no, household_no, pupil_no, login_id, local_no,
        own_key, seat, school, fiscal_year, grade, strftime(birth_date, '%Y%m%d') AS birth_date,
        CASE WHEN age_on IS NOT NULL THEN age_years || '|' || age_on END AS age,
        guardian_resident_no, strftime(guardian_birth_date, '%Y%m%d') AS guardian_birth_date
    FROM signatures ORDER BY sig
"""


def _forms() -> str:
    replaced = {
        "birth": "birth_text AS birth",
        "numbers": f"CASE WHEN length(numbers) >= {_NUMBERS_FROM} THEN numbers END AS numbers",
        "birth_order": "nullif(birth_order, 0) AS birth_order",
    }
    columns = ", ".join(replaced.get(c, c) for c in _FORM_DOMAINS)
    return f"SELECT sig, is_partial, {columns} FROM forms ORDER BY sig"


def _keyed(table: pa.Table, domains: Mapping[str, str], tokens: LinkageTokens, kept: tuple[str, ...]) -> pa.Table:
    columns = {name: table[name] for name in kept}
    return pa.table(columns | {name: tokens.column(domain, table[name]) for name, domain in domains.items()})


def _with_own_numbers(keyed: pa.Table, signatures: pa.Table, tokens: LinkageTokens, holder: str) -> pa.Table:
    """Numbers that a holder gives itself say nothing beside another holder's; a record key may be 宛名番号 itself."""
    own = {c: tokens.column(f"own number of {holder}", signatures[c]) for c in ("local_no", "own_key")}
    is_resident = pc.fill_null(pc.equal(signatures["own_key"], signatures["resident_no"]), False)
    own["own_key"] = pc.if_else(is_resident.combine_chunks(), keyed["resident_no"].combine_chunks(), own["own_key"])
    for name, column in own.items():
        keyed = keyed.set_column(keyed.column_names.index(name), name, column)
    return keyed


def _with_guardians(keyed: pa.Table, forms: pa.Table, tokens: LinkageTokens) -> pa.Table:
    """A guardian's given name stands in kanji or in kana, each in its own domain."""
    texts = forms["guardian_given"].to_pylist()
    made = [
        None if text is None else tokens.of(_FORM_DOMAINS["given_kana" if is_kana(text) else "given"], text)
        for text in texts
    ]
    return keyed.set_column(keyed.column_names.index("guardian_given"), "guardian_given", pa.array(made, TOKEN))


def _numbers(keyed: pa.Table, forms: pa.Table, tokens: LinkageTokens) -> pa.Array:
    """The number of each signature: its place among the hashes of all that is said. What says the same is one."""
    said_by_form: dict[int, list[bytes]] = defaultdict(list)
    for sig, said in zip(forms["sig"].to_pylist(), _rows(forms, _FORM_DOMAINS, "is_partial"), strict=True):
        said_by_form[sig].append(said)
    hashes = [
        tokens.once("identity", said + b"".join(sorted(set(said_by_form[sig]))))
        for sig, said in zip(keyed["sig"].to_pylist(), _rows(keyed, _SIGNATURE_DOMAINS, "is_named"), strict=True)
    ]
    places = {made: place for place, made in enumerate(sorted(set(hashes)))}
    return pa.array([places[made] for made in hashes], pa.int32())


def _rows(table: pa.Table, domains: Mapping[str, str], flag: str) -> list[bytes]:
    columns = [table[name].to_pylist() for name in domains]
    said = (b"".join(_NOT_SAID if t is None else t for t in row) for row in zip(*columns, strict=True))
    return [tokens + bytes([is_so]) for tokens, is_so in zip(said, table[flag].to_pylist(), strict=True)]


def _numbered_signatures(keyed: pa.Table, numbers: pa.Array) -> pa.Table:
    """One row of each number, with its place among those of one number of the holder; how many rows is not told."""
    count: Counter[int] = Counter()
    node_of: dict[int, str] = {}
    first: dict[int, int] = {}
    for i, (number, node, records) in enumerate(
        zip(numbers.to_pylist(), keyed["node"].to_pylist(), keyed["records"].to_pylist(), strict=True)
    ):
        count[number] += records
        node_of.setdefault(number, node)
        first.setdefault(number, i)
    of_node: dict[str, list[int]] = defaultdict(list)
    for number, node in node_of.items():
        of_node[node].append(number)
    place = {
        number: p
        for numbers_ in of_node.values()
        for p, number in enumerate(sorted(numbers_, key=lambda n: (-count[n], n)))
    }
    rows = keyed.take(pa.array(list(first.values()), pa.int64())).drop_columns(["sig", "node", "records"])
    rows = rows.append_column("number", pa.array(list(first), pa.int32()))
    return rows.append_column("place", pa.array([place[n] for n in first], pa.int32()))


def _numbered_forms(forms: pa.Table, numbers: pa.Array) -> pa.Table:
    numbered = forms.append_column("number", pc.take(numbers, forms["sig"])).drop_columns(["sig"])
    return numbered.group_by(numbered.column_names, use_threads=False).aggregate([])


def _sorted_forms(forms: pa.Table) -> pa.Table:
    # All columns, so that equal tables have equal bytes whatever the order of the rows they were made of.
    rest = [c for c in KEYED_FORMS.names if c not in KEYED_FORMS.order]
    return KEYED_FORMS.check(forms).sort_by([(c, "ascending") for c in (*KEYED_FORMS.order, *rest)])


def _neighbours(bench: Workbench, signatures: pa.Table, forms: pa.Table, tokens: LinkageTokens) -> pa.Table:
    kinds, values, own, moved = [], [], [], []
    for kind, about in KINDS.items():
        table, domains = (signatures, _SIGNATURE_DOMAINS) if kind == "age" else (forms, _FORM_DOMAINS)
        texts = sorted(pc.unique(table[about.column].drop_null()).to_pylist())
        own_domain, moved_domain = _NEIGHBOUR_DOMAINS.get(kind, (f"near {kind}", f"near {kind}"))
        for text, (of_own, of_moved) in neighbours(bench, kind, texts).items():
            kinds.append(kind)
            values.append(tokens.of(domains[about.column], text))
            own.append(tokens.filled(own_domain, of_own, text, about.own))
            moved.append(tokens.filled(moved_domain, of_moved, text, about.moved))
    columns = [pa.array(kinds), pa.array(values, TOKEN), pa.array(own, pa.list_(TOKEN))]
    return pa.table([*columns, pa.array(moved, pa.list_(TOKEN))], names=KEYED_NEIGHBOURS.names)


def _of_the_register(bench: Workbench, tokens: LinkageTokens) -> tuple[pa.Table, pa.Table]:
    """What the register's holder needs of its own clear text: when who was born, and how given names begin."""
    born = bench.table("SELECT DISTINCT birth_text, birth FROM forms WHERE birth IS NOT NULL ORDER BY birth")
    days = pa.table({"birth": tokens.column("birth", born["birth_text"]), "born": born["birth"]})
    kinds, values, begun = [], [], []
    for column in ("given", "given_kana"):
        domain = _FORM_DOMAINS[column]
        for (text,) in bench.rows(f"SELECT DISTINCT {column} FROM forms WHERE {column} IS NOT NULL ORDER BY 1"):
            kinds.append(column)
            values.append(tokens.of(domain, str(text)))
            begun.append([tokens.of(domain, head) for head in heads(str(text))])
    heads_of = [pa.array(kinds, pa.string()), pa.array(values, TOKEN), pa.array(begun, pa.list_(TOKEN))]
    return days, pa.table(heads_of, names=["kind", "value", "heads"])
