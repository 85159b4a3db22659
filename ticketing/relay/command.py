"""`python -m ticketing relay`: starts the relay under gunicorn, which takes this process over."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

_THREADS = 32
_OF_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option("--upstream", required=True, help="The server's address: https://…")
@click.option("--bind", default="0.0.0.0:8443", show_default=True, help="Where phones find the relay.")
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM file.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM file.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="TICKETING_DATA_DIR",
    default="var",
    show_default=True,
    help="The folder for relay.db.",
)
def relay(upstream: str, bind: str, certificate: Path | None, key: Path | None, data: Path) -> None:
    """Stand between the phones of a venue and the server, and share who is in while it is away."""
    server = checked_upstream(upstream)
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together")
    secure = [] if certificate is None else ["--certfile", str(certificate), "--keyfile", str(key)]
    if not secure and bind.rpartition(":")[0] not in _OF_THIS_MACHINE:
        click.echo("without --certificate the page works in browsers of this machine alone", err=True)
    made = f"ticketing.relay.app:create_relay({server!r}, {str(data.absolute())!r})"
    # One process: what it knows of the uplink, and the queue of its threads, are its own.
    options = ["--bind", bind, "--workers", "1", "--worker-class", "gthread", "--threads", str(_THREADS)]
    quiet = ["--no-control-socket", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, *quiet, *secure, made]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - our own program, and no shell


def checked_upstream(address: str) -> str:
    """Return the server's address without a slash at its end.

    Raises click's UsageError for one that is not https: phones' tokens travel there. On this machine http
    will do.
    """
    parts = urlsplit(address)
    plain_here = parts.scheme == "http" and parts.hostname in _OF_THIS_MACHINE
    if not parts.hostname or not (parts.scheme == "https" or plain_here) or parts.path.strip("/"):
        raise click.UsageError("--upstream must be the server's https:// address, without a path")
    return address.rstrip("/")
