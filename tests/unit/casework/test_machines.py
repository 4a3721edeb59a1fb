"""Laws of the tables of steps: nothing is out of reach, nothing without an end, and two people where it matters."""

from __future__ import annotations

import pytest

from tsunagu.casework.machines import (
    CASE,
    INTAKE_MEETING,
    MACHINES,
    NOT_YET,
    NOTIFICATION,
    PLAN,
    REFERRAL,
    STANDING,
    TRANSFER,
    Machine,
)

EACH = pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda m: m.name)


def _reached(machine: Machine, start: str) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for move in machine.moves_from(waiting.pop()):
            if move.target not in found:
                found.add(move.target)
                waiting.append(move.target)
    return found


@EACH
def test_it_begins_in_one_way_at_its_first_state(machine: Machine) -> None:
    assert [m.target for m in machine.moves_from(NOT_YET)] == [machine.initial]


@EACH
def test_every_state_is_reached_and_every_step_knows_its_states(machine: Machine) -> None:
    assert _reached(machine, machine.initial) == set(machine.states)
    assert {m.source for m in machine.moves} <= {NOT_YET, *machine.states}


@EACH
def test_from_everywhere_some_end_is_in_reach(machine: Machine) -> None:
    # A closed case can be reopened, a finished task taken up again: an end is where the work may rest.
    rest = {s for s in machine.states if not machine.moves_from(s)} | {"closed", "done"}
    for state in machine.states:
        assert _reached(machine, state) & rest, state


@EACH
def test_one_name_means_one_step_from_a_state(machine: Machine) -> None:
    for state in ("", *machine.states):
        names = [m.name for m in machine.moves_from(state)]
        assert len(names) == len(set(names)), state


@pytest.mark.parametrize(
    ("machine", "name", "source"),
    [
        (CASE, "close", "closure_proposed"),
        (CASE, "approve_plan", "approval"),
        (PLAN, "approve", "submitted"),
        (REFERRAL, "accept", "sent"),
        (TRANSFER, "send", "draft"),
        (NOTIFICATION, "end_notification", "checking"),
        (INTAKE_MEETING, "confirm_meeting", "written_down"),
    ],
)
def test_two_people_take_the_steps_that_bind_a_family(machine: Machine, name: str, source: str) -> None:
    move = machine.move(name, source)
    assert move is not None
    assert move.by_another


def test_no_case_is_closed_in_one_step() -> None:
    assert {m.source for m in CASE.moves if m.target == "closed"} == {"closure_proposed"}


def test_the_program_alone_never_closes_approves_or_decides() -> None:
    alone = {(m.name, m.target) for machine in MACHINES.values() for m in machine.moves if m.by_program}
    assert alone == {
        ("begin_review", "review"),
        ("expire", "expired"),
        ("set", "open"),
        ("finish", "done"),
        ("start", "due"),
    }


def test_what_access_asks_follows_each_stage() -> None:
    assert set(STANDING) == set(CASE.states)
    assert set(STANDING.values()) == {"open", "closed", "transferred"}
