"""What asks the database runs on both; what asks none runs once. Which of them a test is, its fixtures say."""

from __future__ import annotations

import pytest
from postgresql import asks_the_database

from tsunagu_web.accounts.models import Staff


def test_control_who_asks_without_a_fixture_is_stopped(request: pytest.FixtureRequest) -> None:
    assert not asks_the_database(request.node)
    with pytest.raises(pytest.fail.Exception, match="would not run again on PostgreSQL"):
        Staff.objects.exists()


def test_who_asks_with_one_is_run_on_both(desk: None, request: pytest.FixtureRequest) -> None:
    assert asks_the_database(request.node)
    assert not Staff.objects.exists()


@pytest.mark.of_postgresql_alone
def test_what_postgresql_alone_has_is_run_there(request: pytest.FixtureRequest) -> None:
    assert asks_the_database(request.node)
