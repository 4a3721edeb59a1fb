"""`tsunagu agreement ...`: data-sharing agreements, from the draft to what may be relied on."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tsunagu.cli.agreeing import agreeable
from tsunagu.cli.agreement_words import words_for
from tsunagu.cli.arguments import CityFolder, day
from tsunagu.cli.tables import replace_text
from tsunagu.errors import PurposeError, SourceError, StateError
from tsunagu.keys import (
    AGREEMENTS,
    name_of,
    new_signing_key,
    public_text,
    read_public_key,
    read_signing_key,
    require_key_file,
)
from tsunagu.purposes.agreement import SIDES, SharingAgreement, as_mapping, read_agreement
from tsunagu.purposes.canonical import read_object
from tsunagu.purposes.page import page
from tsunagu.purposes.signatures import findings, require_another_key, require_unsigned, sign
from tsunagu.purposes.signed_page import signed_by, warning
from tsunagu.text.tomlfile import nearest

app = typer.Typer(no_args_is_help=True, help="Data-sharing agreements: write, read, sign and check them.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The agreement, agreements/NAME.json.")]

HolderKey = Annotated[Path | None, typer.Option(help="The public key that you hold of the holder.")]
RequesterKey = Annotated[Path | None, typer.Option(help="The public key that you hold of the requester.")]
WordsOf = Annotated[
    Path | None, typer.Option("--city", help="The city folder whose words are shown. Default: the node's beside FILE.")
]
NamesOf = Annotated[
    Path | None,
    typer.Option("--directory", help="The directory with the names of organisations. Default: the node's beside FILE."),
]

#: Every key, and nothing that could stand for a decision.
_DRAFT: dict[str, object] = {
    "id": "",
    "version": 1,
    "replaces": "",
    "holder": "",
    "requester": "",
    "purpose": "",
    "legal_basis": [{"law": "", "provision": "", "reference": "", "decided_by": "", "decided_on": ""}],
    "granularity": "",
    "wanted": [{"id": "", "version": "", "sha256": "", "values": []}],
    "cohort": {"age_from": None, "age_to": None},
    "about": "",
    "named_per_mille": None,
    "cadence": "",
    "rows_at_most": None,
    "minimum_cell": None,
    "rounding": "",
    "retention_months": None,
    "onward_use": [],
    "roles": [],
    "suppression": "",
    "join_set": "",
    "valid_from": "",
    "valid_until": "",
    "signatures": [],
}


@app.command()
def new(
    file: File,
    of: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="The version in force: its next version is drafted.")
    ] = None,
) -> None:
    """Writes a draft: an empty one, or the next version of an agreement, without signatures.

    Example: tsunagu agreement new agreements/attendance.json
    """
    content = _DRAFT
    if of is not None:
        before = _read(of)
        content = as_mapping(replace(before, version=before.version + 1, replaces=before.hash, signatures=()))
    _write(file, content, is_new=True)
    typer.echo(f"{file} is a draft. Fill it in, then read it as the signers will: tsunagu agreement show {file}")


@app.command()
def wanted(
    city: CityFolder,
    extracts: Annotated[str, typer.Option(help="The holder's extracts, with commas between.")],
    granularity: Annotated[
        str, typer.Option(help="What is agreed: item, indicator, aggregate, linkage or residents.")
    ] = "indicator",
    named: Annotated[
        bool, typer.Option("--named", help="With item: who the persons are whom a request names.")
    ] = False,
    into: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Writes it into this draft, in place of what stands there.")
    ] = None,
) -> None:
    """Prints what can be agreed of a holder's extracts, ready for `wanted`: version, hash and bands that decide.

    Example: tsunagu agreement wanted examples/hinode-city --extracts gakumu,school_roster,shukketsu
    """
    found = agreeable(city, [one.strip() for one in extracts.split(",") if one.strip()], granularity, named=named)
    for id, holders in found.shared.items():
        typer.echo(f"left out: {id}, which rests on items of {', '.join(holders)} too", err=True)
    listed = [{"id": w.id, "version": w.version, "sha256": w.sha256, "values": list(w.values)} for w in found.wanted]
    if into is None:
        typer.echo('"wanted": [')
        typer.echo(",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in listed))
        typer.echo("],")
        return
    draft = _draft(into)
    about = "named" if named else draft.get("about") or "cohort"
    _write(into, {**draft, "granularity": granularity, "about": about, "wanted": listed})
    typer.echo(f"{len(listed)} lines stand in {into}. Take out what is not needed, then: tsunagu agreement show {into}")


@app.command()
def show(
    file: File,
    holder_key: HolderKey = None,
    requester_key: RequesterKey = None,
    city: WordsOf = None,
    directory: NamesOf = None,
) -> None:
    """The page that a signer reads, in Japanese, and who has signed it; a signature of another text is told first.

    Example: tsunagu agreement show agreements/attendance.json
    """
    agreement = _read(file)
    keys = _keys(holder_key, requester_key)
    shown = page(agreement, words_for(file, city, directory))
    typer.echo(warning(agreement, keys) + shown + "\n" + signed_by(agreement, keys), nl=False)


@app.command("sign")
def sign_it(
    file: File,
    side: Annotated[str, typer.Option(help="Who signs: holder or requester.")],
    key: Annotated[Path, typer.Option(help="The organisation's key; with a node, its keys/signing.key.")],
    new_key: Annotated[bool, typer.Option("--new-key", help="Make the key: the organisation has none yet.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="In place of this side's signature, whose key was revoked.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="The page has been read; do not ask.")] = False,
    city: WordsOf = None,
    directory: NamesOf = None,
) -> None:
    """Shows the page, asks, and signs the agreement for one side.

    Example: tsunagu agreement sign agreements/attendance.json --side holder --key keys/signing.key
    """
    if side not in SIDES:
        raise SourceError(f"there is no side '{side}'", where="--side", to_do=nearest(side, SIDES))
    agreement = _read(file)
    if not again:
        require_unsigned(agreement, side)
    if new_key and key.exists():
        raise StateError("the key is there already", where=str(key), to_do="Leave --new-key out; no key is replaced.")
    if not new_key:
        require_key_file(key, "Where the organisation has none yet, give --new-key.")
    if again:
        if new_key:
            raise SourceError("--again goes with a key that is there", where="--new-key", to_do="Leave --new-key out.")
        require_another_key(agreement, side, read_signing_key(key, AGREEMENTS).public_key())
    typer.echo(warning(agreement, {}) + page(agreement, words_for(file, city, directory)))
    if not yes and not typer.confirm("上の内容に署名しますか / Sign what stands above?"):
        raise StateError("nothing was signed", where=str(file), to_do="Sign when the page says what was decided.")
    private = new_signing_key(key, AGREEMENTS) if new_key else read_signing_key(key, AGREEMENTS)
    made = sign(agreement, side, private, again=again)
    public = key.with_name(f"{key.name}.pub")
    replace_text(public, public_text(private.public_key()))
    _write(file, as_mapping(made))
    typer.echo(f"Signed by the {side} with the key {name_of(private.public_key())}; its public half is {public}.")


@app.command()
def check(
    file: File,
    holder_key: HolderKey = None,
    requester_key: RequesterKey = None,
    before: Annotated[Path | None, typer.Option(metavar="FILE", help="The version that this one replaces.")] = None,
    on: Annotated[
        dt.date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The day that counts. Default: today.")
    ] = None,
) -> None:
    """Says whether the agreement may be relied on, and what is to be said of it.

    Example: tsunagu agreement check agreements/attendance.json --holder-key keys/school-board.key.pub
    --requester-key keys/child-centre.key.pub
    """
    agreement = _read(file)
    keys = _keys(holder_key, requester_key)
    found = findings(
        agreement,
        keys,
        on or dt.datetime.now().astimezone().date(),
        before=_read(before) if before is not None else None,
    )
    for one in found:
        typer.echo(f"{'stops' if one.stops else 'note'}: {one.what}")
    if any(one.stops for one in found):
        raise PurposeError(
            "the agreement may not be relied on",
            where=str(file),
            to_do="Settle what stops it. Changed content is a new version: tsunagu agreement new --from FILE.",
        )
    typer.echo(f"{agreement.id} version {agreement.version} may be relied on: {agreement.hash}")


def _keys(holder: Path | None, requester: Path | None) -> dict[str, Ed25519PublicKey]:
    """Side -> the key that was given for it."""
    given = {"holder": holder, "requester": requester}
    return {side: read_public_key(path, AGREEMENTS) for side, path in given.items() if path is not None}


def _read(path: Path) -> SharingAgreement:
    return read_agreement(_bytes(path), str(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"the agreement cannot be read ({error.strerror})", where=str(path), to_do="Check its path and permissions."
        ) from error


def _draft(path: Path) -> dict[str, object]:
    """A draft as it stands, empty fields and all; StateError where somebody has signed it."""
    read = read_object(_bytes(path), str(path))
    if set(read) != set(_DRAFT):
        raise SourceError("this is no draft of an agreement", where=str(path), to_do="Make one: tsunagu agreement new.")
    if read["signatures"]:
        raise StateError(
            "the agreement is signed", where=str(path), to_do="Draft its next version: tsunagu agreement new --from."
        )
    return read


def _write(path: Path, content: dict[str, object], *, is_new: bool = False) -> None:
    if is_new and path.exists():
        raise StateError(
            "the file is there already", where=str(path), to_do="Name another file; no agreement is written over."
        )
    replace_text(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
