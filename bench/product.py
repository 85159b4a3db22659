"""The product as it runs in earnest: durable databases, web processes, a worker that gives way to them."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from sqlalchemy import text

from bench.machine import cpu_times
from bench.world import World, load_world
from tests.database import DURABLE, PostgresServer
from tests.support.server import Server
from ticketing.foundation.migrations import upgrade

# As `make run` starts it: the app is loaded once and shared by the processes that serve.
_PRELOAD = "--preload"
_WORKER_NICENESS = 10
_DATABASE = "kassa_bench"
# The worker has come to the end of what there was when it took less than this of a second's CPU.
_AT_REST_SECONDS, _MOST_SETTLING_SECONDS = 0.1, 300


@dataclass(frozen=True, kw_only=True)
class Product:
    """A started product with its world; process ids are those of the roots of process trees."""

    backend: str
    world: World
    server: Server
    database: tuple[int, ...]
    database_version: str

    @property
    def app(self) -> tuple[int, int]:
        """Return the first web process, whose children serve, and the worker."""
        web, worker = self.server.process_ids
        return web, worker

    def backlog(self) -> int:
        """Return how many effects the worker has not come to yet."""
        waiting = text("SELECT count(*) FROM outbox WHERE done_at IS NULL AND dead_at IS NULL")
        with self.world.runtime.database.reading() as session:
            return int(session.scalar(waiting) or 0)

    def restart_seconds(self) -> float:
        """Stop, start again, and return how long it took until it was ready."""
        self.server.stop()
        begin = time.perf_counter()
        self.server.start(_PRELOAD)
        seconds = time.perf_counter() - begin
        self.server.stop()
        start(self.server)
        _settle(self)
        return seconds


def start(server: Server) -> None:
    """Start web processes and worker."""
    server.start(_PRELOAD, worker=True)
    os.setpriority(os.PRIO_PROCESS, server.process_ids[-1], _WORKER_NICENESS)


@contextmanager
def running(backend: str, folder: Path) -> Iterator[Product]:
    """Load the world into a new database, start everything on it, and end it all afterwards."""
    with new_database(backend, folder) as (url, roots), Server(url, folder) as server:
        upgrade(url)
        world = load_world(server.settings())
        world.runtime.database.close()
        start(server)
        product = Product(
            backend=backend,
            world=world,
            server=server,
            database=roots,
            database_version=_version(world, backend),
        )
        try:
            _settle(product)
            yield product
        finally:
            world.runtime.database.close()


def _settle(product: Product) -> None:
    """Wait until all is done that loading and starting have left: whole halls' receipts, vacuuming, imports.

    A database in use has been vacuumed; PostgreSQL would come to it in the middle of the first scenario.
    """
    for _ in range(_MOST_SETTLING_SECONDS):
        before = cpu_times(*product.app, product.database)
        time.sleep(1)
        used = cpu_times(*product.app, product.database).since(before).worker
        if used < _AT_REST_SECONDS and not product.backlog():
            break
    else:
        raise TimeoutError("the worker does not come to rest")
    if product.backend == "postgres":
        engine = product.world.runtime.database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


@contextmanager
def new_database(backend: str, folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the URL of a new, empty, durable database with the process ids of its server, if it has one."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'kassa.db'}", ()
        return
    server = PostgresServer(DURABLE)
    try:
        server.start()
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_DATABASE)))
        yield server.url(_DATABASE), (server.process_id,)
    finally:
        server.stop()


def _version(world: World, backend: str) -> str:
    query = "SELECT sqlite_version()" if backend == "sqlite" else "SHOW server_version"
    with world.runtime.database.reading() as session:
        return f"{backend} {session.scalar(text(query))}"
