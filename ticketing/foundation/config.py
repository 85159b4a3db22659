"""Settings from the environment. docs/operations.md names every one of them."""

import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from ticketing.foundation.wallet_settings import (
    AppleWallet,
    GoogleWallet,
    WalletSettingsError,
    apple_wallet,
    google_wallet,
)


class Environment(StrEnum):
    """`demo` plays a bank and invents its own secrets; `production` refuses to."""

    DEMO = "demo"
    PRODUCTION = "production"


class ConfigurationError(Exception):
    """The environment cannot be run with; the message is for the operator."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an operator may set."""

    database_url: str
    data_dir: Path
    environment: Environment
    secret_key: bytes
    base_url: str
    smtp_url: str | None
    mail_pdf: bool
    stripe_secret_key: str | None
    stripe_webhook_secret: str | None
    stripe_capture: str
    apple_wallet: AppleWallet | None
    google_wallet: GoogleWallet | None
    code_keys: tuple[str, ...]
    limits: bool
    trusted_proxies: int
    host: str
    port: int
    web_concurrency: int

    @property
    def is_demo(self) -> bool:
        """Tell whether the demo gateway and the training clock may be offered."""
        return self.environment is Environment.DEMO


ENVIRONMENT_NAMES = (
    "TICKETING_DATABASE_URL",
    "TICKETING_DATA_DIR",
    "TICKETING_ENV",
    "TICKETING_SECRET_KEY",
    "TICKETING_BASE_URL",
    "TICKETING_SMTP_URL",
    "TICKETING_MAIL_PDF",
    "TICKETING_CODE_KEYS",
    "TICKETING_LIMITS",
    "TICKETING_TRUSTED_PROXIES",
    "TICKETING_APPLE_PASS_TYPE",
    "TICKETING_APPLE_TEAM",
    "TICKETING_APPLE_CERTIFICATE_FILE",
    "TICKETING_APPLE_KEY_FILE",
    "TICKETING_APPLE_KEY_PASSWORD_FILE",
    "TICKETING_APPLE_WWDR_FILE",
    "TICKETING_GOOGLE_WALLET_ISSUER",
    "TICKETING_GOOGLE_WALLET_ACCOUNT_FILE",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_CAPTURE",
    "HOST",
    "PORT",
    "WEB_CONCURRENCY",
)
_MINIMUM_SECRET = 32
_LAST_PORT = 65535


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the settings. Raises ConfigurationError that says which variable is wrong and why."""
    environment = _environment(environ.get("TICKETING_ENV", "demo"))
    data_dir = Path(environ.get("TICKETING_DATA_DIR") or "var").absolute()
    host = environ.get("HOST") or "127.0.0.1"
    port = _number(environ, "PORT", 8000, most=_LAST_PORT)
    if environment is Environment.PRODUCTION:
        secret, code_keys = _production_secrets(environ)
    else:
        data_dir.mkdir(parents=True, exist_ok=True)
        secret = environ.get("TICKETING_SECRET_KEY") or kept_secret(data_dir / "secret.key")
        code_keys = environ.get("TICKETING_CODE_KEYS") or kept_secret(data_dir / "code.key")
    limits = _switch(environ, "TICKETING_LIMITS", "off" if environment is Environment.DEMO else "on")
    stripe_key, stripe_secret = _stripe(environ, environment)
    stripe_capture = environ.get("STRIPE_CAPTURE") or "automatic"
    if stripe_capture not in ("automatic", "manual"):
        raise ConfigurationError("STRIPE_CAPTURE must be automatic or manual")
    try:
        apple, google = apple_wallet(environ), google_wallet(environ)
    except WalletSettingsError as error:
        raise ConfigurationError(str(error)) from None
    return Settings(
        database_url=environ.get("TICKETING_DATABASE_URL") or f"sqlite:///{data_dir / 'kassa.db'}",
        data_dir=data_dir,
        environment=environment,
        secret_key=secret.encode(),
        base_url=_base_url(environ, environment, host, port),
        smtp_url=_smtp_url(environ, environment),
        mail_pdf=_switch(environ, "TICKETING_MAIL_PDF", "off"),
        stripe_secret_key=stripe_key,
        stripe_webhook_secret=stripe_secret,
        stripe_capture=stripe_capture,
        apple_wallet=apple,
        google_wallet=google,
        code_keys=tuple(key.strip() for key in code_keys.split(",") if key.strip()),
        limits=limits,
        trusted_proxies=_number(environ, "TICKETING_TRUSTED_PROXIES", 0, least=0, most=9),
        host=host,
        port=port,
        web_concurrency=_number(environ, "WEB_CONCURRENCY", 2, most=64),
    )


def kept_secret(path: Path) -> str:
    """Return the secret in `path`, made on first use. Two processes that start together get the same one."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(urlsafe_b64encode(secrets.token_bytes(32)).decode())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text().strip()


def _environment(value: str) -> Environment:
    try:
        return Environment(value)
    except ValueError:
        raise ConfigurationError("TICKETING_ENV must be demo or production") from None


def _production_secrets(environ: Mapping[str, str]) -> tuple[str, str]:
    secret = environ.get("TICKETING_SECRET_KEY", "")
    if len(secret) < _MINIMUM_SECRET:
        raise ConfigurationError("TICKETING_SECRET_KEY must be set to at least 32 characters in production")
    code_keys = environ.get("TICKETING_CODE_KEYS", "")
    if not code_keys:
        raise ConfigurationError("TICKETING_CODE_KEYS must be set in production")
    return secret, code_keys


def _base_url(environ: Mapping[str, str], environment: Environment, host: str, port: int) -> str:
    url = (environ.get("TICKETING_BASE_URL") or f"http://{host}:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigurationError(
            "TICKETING_BASE_URL must be a web address such as https://tickets.example.kz"
        )
    if environment is Environment.PRODUCTION and parts.scheme != "https":
        raise ConfigurationError("TICKETING_BASE_URL must start with https:// in production")
    return url


def _smtp_url(environ: Mapping[str, str], environment: Environment) -> str | None:
    url = environ.get("TICKETING_SMTP_URL") or None
    if url is None and environment is Environment.PRODUCTION:
        raise ConfigurationError("TICKETING_SMTP_URL must be set in production: buyers need their mails")
    if url is not None and urlsplit(url).scheme not in ("smtp", "smtps"):
        raise ConfigurationError("TICKETING_SMTP_URL must look like smtp://user:password@host:587")
    return url


def _stripe(environ: Mapping[str, str], environment: Environment) -> tuple[str | None, str | None]:
    """Return the keys of Stripe: both or, in the demo, none; and never a live one in the demo."""
    key = (environ.get("STRIPE_SECRET_KEY") or "").strip() or None
    secret = (environ.get("STRIPE_WEBHOOK_SECRET") or "").strip() or None
    if environment is Environment.PRODUCTION and (key is None or secret is None):
        raise ConfigurationError(
            "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET must be set in production: without the second, "
            "notifications of payments could be forged"
        )
    if (key is None) != (secret is None):
        raise ConfigurationError("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET go together: set both or none")
    if key is not None and not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        raise ConfigurationError("STRIPE_SECRET_KEY must be a secret or restricted key: sk_… or rk_…")
    if secret is not None and not secret.startswith("whsec_"):
        raise ConfigurationError("STRIPE_WEBHOOK_SECRET must be the endpoint's signing secret: whsec_…")
    if key is not None and environment is Environment.DEMO and "_live_" in key:
        raise ConfigurationError("STRIPE_SECRET_KEY is live: the demo must not take real money")
    return key, secret


def _switch(environ: Mapping[str, str], name: str, default: str) -> bool:
    value = environ.get(name) or default
    if value not in ("on", "off"):
        message = f"{name} must be on or off"
        raise ConfigurationError(message)
    return value == "on"


def _number(environ: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        message = f"{name} must be a whole number from {least} to {most}"
        raise ConfigurationError(message)
    return int(text)
