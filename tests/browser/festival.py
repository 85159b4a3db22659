"""Starting the demo festival on a real server, for tests and for the manual's pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.live import Live
from tests.support.calls import OverHttp
from tests.support.great_hall import with_great_hall
from tests.support.server import Server
from ticketing.app import make_runtime
from ticketing.boxoffice.programme import apply_programme
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.shift import shift_weeks
from ticketing.demo_run import DEMO_PROGRAMME, load_demo
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.config import load_settings


def load_festival(url: str, folder: Path) -> None:
    """Put the demo festival and its accounts into a migrated, empty database."""
    here = make_runtime(load_settings({"TICKETING_DATABASE_URL": url, "TICKETING_DATA_DIR": str(folder)}))
    load_demo(here)
    here.database.close()


def load_great_hall(url: str, folder: Path) -> None:
    """Add a hall of 3,000 seats, and a screening in it, to the demo festival."""
    here = make_runtime(load_settings({"TICKETING_DATABASE_URL": url, "TICKETING_DATA_DIR": str(folder)}))
    now = here.clock.now()
    with here.database.transaction() as session:
        programme = shift_weeks(parse_programme(DEMO_PROGRAMME), now.date())
        apply_programme(session, with_great_hall(programme), SYSTEM, now)
    here.database.close()


@contextmanager
def running(url: str, folder: Path) -> Iterator[Live]:
    """Run Kassa with its worker on a free port."""
    with Server(url, folder) as server:
        server.start(worker=True)
        here = Live(server=server, call=OverHttp(server.port), runtime=make_runtime(server.settings()))
        yield here
        here.call.close()
        here.runtime.database.close()
