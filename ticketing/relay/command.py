"""`python -m ticketing relay`: starts the relay under gunicorn, which takes this process over."""

import os
import sys
from pathlib import Path
from socket import gethostname
from urllib.parse import urlsplit

import click
from cryptography import x509

from ticketing.relay.picture import picture_lines
from ticketing.tickets.qr import link_modules

_THREADS = 32
_LONGEST_NAME = 40
_HTTPS = "443"
_OF_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option("--upstream", required=True, help="The server's address: https://…")
@click.option("--bind", default="0.0.0.0:8443", show_default=True, help="Where phones find the relay.")
@click.option("--name", default=gethostname, show_default="this machine's", help="What phones call it.")
@click.option("--address", help="What phones open: https://…  [default: the certificate's first name]")
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
def relay(
    upstream: str,
    bind: str,
    name: str,
    address: str | None,
    certificate: Path | None,
    key: Path | None,
    data: Path,
) -> None:
    """Stand between the phones of a venue and the server, and share who is in while it is away."""
    server = checked_address("--upstream", upstream)
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together")
    secure = [] if certificate is None else ["--certfile", str(certificate), "--keyfile", str(key)]
    if not secure and bind.rpartition(":")[0] not in _OF_THIS_MACHINE:
        click.echo("without --certificate the page works in browsers of this machine alone", err=True)
    here = address and checked_address("--address", address)
    _show_page(here or address_of(bind, certificate))
    called = name.strip()[:_LONGEST_NAME] or "relay"
    made = f"ticketing.relay.app:create_relay({server!r}, {str(data.absolute())!r}, {called!r})"
    # One process: what it knows of the uplink, and the queue of its threads, are its own.
    options = ["--bind", bind, "--workers", "1", "--worker-class", "gthread", "--threads", str(_THREADS)]
    quiet = ["--no-control-socket", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, *quiet, *secure, made]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - our own program, and no shell


def checked_address(option: str, address: str) -> str:
    """Return an address without a slash at its end.

    Raises click's UsageError for one that is not https: phones' tokens travel there. On this machine http
    will do.
    """
    parts = urlsplit(address)
    plain_here = parts.scheme == "http" and parts.hostname in _OF_THIS_MACHINE
    if not parts.hostname or not (parts.scheme == "https" or plain_here) or parts.path.strip("/"):
        message = f"{option} must be an https:// address, without a path"
        raise click.UsageError(message)
    return address.rstrip("/")


def address_of(bind: str, certificate: Path | None) -> str | None:
    """Return what phones open, as far as bind and certificate tell; None when they do not.

    Raises click's UsageError for a file that is no certificate.
    """
    host, _, port = bind.rpartition(":")
    if certificate is None:
        return f"http://{bind}" if host in _OF_THIS_MACHINE else None
    try:
        extensions = x509.load_pem_x509_certificate(certificate.read_bytes()).extensions
        found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except ValueError as error:
        raise click.UsageError("--certificate is not a certificate in PEM") from error
    except x509.ExtensionNotFound:
        return None
    names = [name for name in found.get_values_for_type(x509.DNSName) if "*" not in name]
    return f"https://{names[0]}{'' if port == _HTTPS else f':{port}'}" if names else None


def _show_page(address: str | None) -> None:
    """Show a picture that leads a phone to the relay's own page, where it is paired."""
    if address is None:
        click.echo("give --address for a picture that leads phones here", err=True)
        return
    page = f"{address}/scanner/"
    for line in picture_lines(link_modules(page)):
        click.secho(line, fg="black", bg="bright_white")
    click.echo(f"Phones open {page} and are paired there with the eight letters from Scanners.")
