"""The API's tests talk to a whole Kassa through Flask's test client."""

from collections.abc import Iterator

import pytest

from tests.database import DatabaseFactory
from tests.support.kassa import (
    Kassa,
    copy_database,
    copy_festival,
    festival_template,
    kassa,
    template_of,
    whole_festival,
)
from tests.web.api.targets import Target, open_target

__all__ = ["copy_festival", "festival_template", "kassa", "whole_festival"]


@pytest.fixture(scope="module")
def reader(whole_festival: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kassa]:
    """Kassa with the whole demo festival, for tests that change nothing."""
    here = Kassa(whole_festival, tmp_path_factory.mktemp("reader"))
    before = here.fingerprint()
    yield here
    assert here.fingerprint() == before
    here.close()


@pytest.fixture(scope="module")
def target(
    backend: str, databases: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """One small screening, bought from: few rows, so that all of them can be compared after each request."""
    template = template_of(databases, backend, {"s02", "s10"})
    url = copy_database(databases, backend, template)
    opened = open_target(url, tmp_path_factory.mktemp("target"))
    yield opened
    assert opened.kassa.broken_invariants() == []
    opened.kassa.close()
    databases.drop(url)
