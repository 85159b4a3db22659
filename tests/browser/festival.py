"""Starting the demo festival on a real server, for tests and for the manual's pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.live import Live
from tests.support.calls import OverHttp
from tests.support.server import Server
from ticketing.app import make_runtime
from ticketing.demo_run import load_demo
from ticketing.foundation.config import load_settings


def load_festival(url: str, folder: Path) -> None:
    """Put the demo festival and its accounts into a migrated, empty database."""
    here = make_runtime(load_settings({"TICKETING_DATABASE_URL": url, "TICKETING_DATA_DIR": str(folder)}))
    load_demo(here)
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
