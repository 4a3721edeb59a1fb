"""The verbs of the command line."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from tsunagu import __version__
from tsunagu.audit.proof import head_text, read_head, verify_file
from tsunagu.audit.report import require_whole, whole_line
from tsunagu.cli import agreement, evaluating
from tsunagu.cli.adopt import adopt_bundle
from tsunagu.cli.arguments import AsJson, CityFolder, DeskFolder, FinishedRun, day
from tsunagu.cli.desk import desk
from tsunagu.cli.node import ToldByTheNode, node
from tsunagu.cli.nodes_run import Asking, run_nodes
from tsunagu.cli.patterns import Pattern
from tsunagu.cli.progress import progress
from tsunagu.cli.tables import read_any_table, read_columns, write_any_table, write_text
from tsunagu.cli.totp import code_of
from tsunagu.cli.trying import backtest, check, curve, explain, plan, stability
from tsunagu.engines.bench import Engine, require_engine
from tsunagu.errors import SourceError, StateError, TsunaguError
from tsunagu.from_holders import HolderCounts
from tsunagu.linkage.tables import link_tables
from tsunagu.linkage.train import train_records
from tsunagu.linkage.weights import read_model
from tsunagu.municipality import load_city, require_approved
from tsunagu.pipeline import Counts, Order, run_city
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run, require_place
from tsunagu.sources.delivery import read_delivery, require_extracts

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Connects what a city's departments each know of a child, so that help arrives in time.",
)
desk_app = typer.Typer(
    no_args_is_help=True,
    help="The desk: where staff read, decide and are recorded.",
    epilog="All commands of the desk, as staff-add and audit-head: python -m tsunagu_web --help",
)
audit_app = typer.Typer(no_args_is_help=True, help="The access log: prove that nobody changed it.")
app.add_typer(desk_app, name="desk")
app.add_typer(audit_app, name="audit")
app.add_typer(agreement.app, name="agreement")
app.add_typer(evaluating.app, name="evaluate")


@app.command(
    "node", context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
def node_(context: typer.Context) -> None:
    """A holder's node: keeps its department's data, and answers what is agreed. Its commands: tsunagu node --help.

    Example: tsunagu node serve school-board/HOLDER.toml
    """
    raise typer.Exit(node(context.args or ["--help"]))


@app.command()
def run(
    city: CityFolder,
    on: Annotated[dt.date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The as-of date of the delivery.")],
    out: Annotated[Path, typer.Option(help="The run folder to write; it must not exist.")],
    extracts: Annotated[Path | None, typer.Option(help="The folder with the departments' extracts.")] = None,
    nodes: Annotated[
        Path | None,
        typer.Option(metavar="HOLDER.toml", help="In place of extracts: this node asks the holders, as agreed."),
    ] = None,
    as_if: Annotated[
        dt.date | None,
        typer.Option(
            parser=day, metavar="YYYY-MM-DD", help="With --nodes, for demonstrations: as if it were this day."
        ),
    ] = None,
    despite_alarms: Annotated[
        str,
        typer.Option(
            metavar="REASON",
            help="With --nodes: reason to use answers of holders though there is an alarm about their log; kept for "
            "ever.",
        ),
    ] = "",
    key: Annotated[Path | None, typer.Option(help="Key file for the names; made beside OUT if there is none.")] = None,
    address_key: Annotated[
        Path | None,
        typer.Option(help="Key file for the addresses, another one; made if it is not there. Left away: no addresses."),
    ] = None,
    previous: Annotated[Path | None, typer.Option(help="An earlier run folder: who was known before.")] = None,
    link_decisions: Annotated[
        Path | None, typer.Option(help="What people decided about doubtful pairs: the file that the desk wrote.")
    ] = None,
    criteria: Annotated[
        Path | None, typer.Option(help="Another criteria file than the one in force, to be tried.")
    ] = None,
    force: Annotated[str, typer.Option(help="Reason to run on a day other than the delivery's; kept for ever.")] = "",
    engine: Annotated[
        Engine,
        typer.Option(help="Where the children are screened: duckdb or spark. No city needs spark."),
    ] = Engine.DUCKDB,
    as_json: AsJson = False,
) -> None:
    """Extracts to run folder.

    Example: tsunagu run examples/hinode-city --extracts demo/3000/extracts --on 2026-09-30 --out runs/2026-09
    """
    require_place(out)
    if (extracts is None) == (nodes is None):
        raise SourceError("one source must be named", to_do="Give --extracts FOLDER, or --nodes HOLDER.toml.")
    if nodes is None and despite_alarms:
        raise SourceError("--despite-alarms says nothing of a run on extracts", to_do="Leave it out, or give --nodes.")
    loaded = load_city(city, criteria, with_programmes=nodes is None)
    if criteria is None:  # another file is a trial, and says so in the manifest
        require_approved(city, loaded.criteria_path, loaded.criteria)
    earlier = open_run(previous) if previous else None
    # All that can be refused at once is, before a key is made: a key that lies there is never taken away again.
    if extracts is not None:
        require_extracts(extracts)
    require_engine(engine)
    names_file = key or out.absolute().parent / "identity.key"
    if address_key is not None and address_key.absolute() == names_file.absolute():
        raise _one_key(address_key)
    names_key = _key(names_file, "the names")
    own_key = _key(address_key, "the addresses") if address_key else None
    if own_key == names_key and address_key is not None:
        raise _one_key(address_key)
    if nodes is not None:
        given: dict[str, object] = {"--address-key": address_key, "--link-decisions": link_decisions, "--force": force}
        given["--engine"] = engine is not Engine.DUCKDB
        if useless := [name for name, value in given.items() if value]:
            raise SourceError(
                f"{useless[0]} says nothing where holders answer themselves", to_do="Leave it out, or run on extracts."
            )
        asking = Asking(on, as_if, despite_alarms)
        typer.echo(_said(run_nodes(loaded, nodes, out, asking, names_key, earlier), as_json=as_json))
        return
    assert extracts is not None  # one source is named, as was asked above
    order = Order(
        extracts=extracts,
        on=on,
        out=out,
        key=names_key,
        address_key=own_key,
        previous=earlier,
        force_reason=force,
        link_decisions=link_decisions,
        engine=engine,
    )
    with progress(quiet=as_json) as report:
        counts = run_city(loaded, order, report)
    typer.echo(_said(counts, as_json=as_json))


@app.command()
def link(
    left: Annotated[Path, typer.Argument(help="A table: CSV or Parquet.")],
    right: Annotated[Path, typer.Argument(help="The other table.")],
    columns: Annotated[Path, typer.Option(help="TOML file: which column of each side is the name, the birth date …")],
    out: Annotated[Path, typer.Option(help="The answer: CSV or Parquet, row numbers and weights only.")],
    model: Annotated[Path | None, typer.Option(help="A link model; default: the one that comes with tsunagu.")] = None,
) -> None:
    """Links any two tables, one to one.

    Example: tsunagu link nursery.csv register.csv --columns columns.toml --out pairs.csv
    """
    roles = read_columns(columns)
    tables = read_any_table(left), read_any_table(right)
    pairs = link_tables(*tables, roles, model=read_model(model) if model else None)
    write_any_table(pairs, out)
    typer.echo(f"{tables[0].num_rows:,} and {tables[1].num_rows:,} rows: {pairs.num_rows:,} pairs ({out})")


@app.command()
def train(
    city: CityFolder,
    extracts: Annotated[Path, typer.Option(help="A delivery whose records mostly carry the register's number.")],
    on: Annotated[
        dt.date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The day of training, for the file's reader.")
    ],
    out: Annotated[Path, typer.Option(help="The model file to write; it must not exist.")],
    seed: Annotated[int, typer.Option(help="Draws the random pairs; the same seed gives the same model.")] = 1,
) -> None:
    """Counts a link model on a delivery's own records; a run only reads it.

    Example: tsunagu train examples/hinode-city --extracts demo/3000/extracts --on 2026-09-30 --out model.json
    """
    if out.exists():
        raise StateError("the file is already there", where=str(out), to_do="Choose another name with --out.")
    read = load_city(city)
    with progress() as report:
        delivery = read_delivery(
            extracts, read.sources, read.catalogue, on, lambda _f, done, of: report("reading", done, of)
        )
        report("counting", 0, 0)
        model = train_records(delivery.records, read.link_rules, seed=seed, on=on.isoformat())
    write_text(out, model.as_json())
    typer.echo(f"A model was counted on {model.trained['settled_pairs']:,} settled pairs: {out}")


for verb in (check, plan, backtest, explain, curve, stability):
    app.command()(verb)


@app.command()
def adopt(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The archive that the desk gave.")],
    city: CityFolder,
) -> None:
    """Puts criteria that two people approved at the desk in force in a city folder.

    Example: tsunagu adopt three-judgments-2026.1.1.zip examples/hinode-city
    """
    held = adopt_bundle(bundle, city)
    typer.echo(f"In force: {held.name}, which takes the place of {held.supersedes}; {held.cases} cases of it hold.")


@app.command()
def demo(
    children: Annotated[int, typer.Option(min=30, max=60_000, help="Children of the example city.")] = 3000,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one.")] = 8000,
    city: Annotated[Path, typer.Option(help="The example city's folder.")] = Path("examples/hinode-city"),
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its files.")] = Path("demo"),
    stop: Annotated[bool, typer.Option("--stop", help="Stop once the desk has answered.")] = False,
    pattern: Annotated[
        Pattern, typer.Option(help="Who holds the data: together, or distributed: every department at its own node.")
    ] = Pattern.TOGETHER,
) -> None:
    """Makes the example city, runs the whole flow, and opens the desk.

    Example: tsunagu demo --children 300
    """
    from tsunagu.cli.demo import open_demo

    raise typer.Exit(open_demo(children=children, port=port, city=city, folder=folder, stop=stop, pattern=pattern))


@desk_app.command("serve")
def desk_serve(
    folder: DeskFolder,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port on 127.0.0.1.")] = 8000,
) -> None:
    """Serves the desk on 127.0.0.1.

    Example: tsunagu desk serve --folder desk
    """
    _require_desk(folder)
    raise typer.Exit(desk(["serve", "--port", str(port)], folder=folder))


@desk_app.command("intake")
def desk_intake(
    run_folder: FinishedRun,
    key: Annotated[Path, typer.Option(help="The key file of that run.")],
    folder: DeskFolder,
) -> None:
    """Takes a run folder into the desk; the same one again changes nothing.

    Example: tsunagu desk intake runs/2026-09 --key runs/identity.key --folder desk
    """
    raise typer.Exit(desk(["intake", str(run_folder), "--key", str(key)], folder=folder))


@desk_app.command("totp")
def desk_totp(
    secret: Annotated[str, typer.Argument(metavar="SECRET", help="A secret that demo printed; never a real one.")],
) -> None:
    """Prints the code an authenticator app would show now for a demonstration's secret.

    Example: tsunagu desk totp GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
    """
    typer.echo(code_of(secret, at=int(time.time())))


@audit_app.command("verify")
def audit_verify(
    log: Annotated[Path | None, typer.Argument(metavar="[LOG]", help="An exported log (JSON lines).")] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="The desk's folder: verify its database.", envvar="TSUNAGU_DESK")
    ] = None,
    head: Annotated[Path | None, typer.Option(help="A head kept elsewhere: shows a cut-off log.")] = None,
    heads: Annotated[Path | None, typer.Option(help="The folder of signed heads: names each rewritten row.")] = None,
    public_key: Annotated[
        Path | None, typer.Option(help="The public key of the heads; default: the one in their folder.")
    ] = None,
    save_head: Annotated[Path | None, typer.Option(help="Save the head of a whole log, to keep elsewhere.")] = None,
) -> None:
    """Proves an access log, row by row; every bad row is named.

    Example: tsunagu audit verify --folder demo/3000/desk
    """
    if log is None:
        if folder is None:
            raise SourceError("no log is named", to_do="Name an exported log, or the desk's folder with --folder.")
        _require_desk(folder)
        given = {"--head": head, "--heads": heads, "--public-key": public_key, "--save-head": save_head}
        named = [word for option, path in given.items() if path for word in (option, str(path))]
        raise typer.Exit(desk(["audit-verify", *named], folder=folder))
    verdict, compared = verify_file(log, read_head(head) if head else None, heads=heads, key=public_key)
    require_whole(verdict, where=str(log))
    if save_head:
        write_text(save_head, head_text(verdict.head))
    typer.echo(whole_line(verdict, heads=compared))


@audit_app.command("export")
def audit_export(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The file to write (JSON lines).")],
    folder: DeskFolder,
) -> None:
    """Writes the desk's log to a file that can be verified anywhere.

    Example: tsunagu audit export log.jsonl --folder demo/3000/desk
    """
    _require_desk(folder)
    raise typer.Exit(desk(["audit-export", str(log)], folder=folder))


@app.command()
def version() -> None:
    """Prints the version."""
    typer.echo(__version__)


def main() -> None:
    """The console script: an error a person can act on is one message and its own exit code."""
    try:
        app(standalone_mode=True)
    except ToldByTheNode as error:
        sys.exit(error.exit_code)
    except TsunaguError as error:
        sys.stderr.write(error.message() + "\n")
        sys.exit(error.exit_code)


def _said(counts: Counts | HolderCounts, *, as_json: bool) -> str:
    return json.dumps(counts.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(counts.lines())


def _require_desk(folder: Path) -> None:
    # The desk makes its folder when it starts; a check must not make one where there is none.
    if not folder.is_dir() or not (os.environ.get("TSUNAGU_DATABASE_URL") or (folder / "desk.sqlite3").exists()):
        raise StateError(
            "there is no desk here",
            where=str(folder),
            to_do="Name the desk's folder with --folder; a new one begins with tsunagu desk intake.",
        )


def _one_key(path: Path) -> StateError:
    # Who may open the names must not thereby open the addresses.
    return StateError(
        "names and addresses are to have one key",
        where=str(path),
        to_do="Name another file with --address-key; it is made if it is not there.",
    )


def _key(path: Path, what: str) -> bytes:
    if path.exists():
        return read_key(path)
    key = create_key(path)
    sys.stderr.write(f"A new key for {what} was made: {path}\n  Keep it apart from the run folder.\n")
    return key
