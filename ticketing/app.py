"""The composition root: what the process is made of, in explicit lists."""

from pathlib import Path

from flask import Flask, Response
from flask_babel import Babel
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import ticketing.models  # noqa: F401 - the mapper must know every table before the first query
from ticketing import texts
from ticketing.boxoffice import api as boxoffice_api
from ticketing.boxoffice import (
    comps_web,
    guests_api,
    halls_web,
    keys_web,
    money_web,
    places_web,
    plan_editor_web,
    refund_rules_web,
    samples_web,
    shift_web,
    style_web,
    vouchers_web,
)
from ticketing.boxoffice import web as boxoffice_web
from ticketing.catalogue import plans_web, posters_web
from ticketing.door import api as door_api
from ticketing.door import devices_web, rush_web, standby_web
from ticketing.door import web as door_web
from ticketing.foundation import limits, web
from ticketing.foundation.api import answer
from ticketing.foundation.clock import Clock, SystemClock
from ticketing.foundation.config import Environment, Settings, load_settings
from ticketing.foundation.db import Database
from ticketing.foundation.i18n import language, say, say_number
from ticketing.foundation.mail import FileMailer, Mailer, SmtpMailer
from ticketing.foundation.mail_sending import MailSender
from ticketing.foundation.migrations import require_ready
from ticketing.foundation.openapi import document
from ticketing.foundation.pages import date_filters, install_pages
from ticketing.foundation.pdf import install_print_fonts
from ticketing.foundation.pictures import install_painter
from ticketing.foundation.security import CodeVault, KeyMaker
from ticketing.inventory.live import RememberedLive
from ticketing.reports import door_web as door_web_reports
from ticketing.reports import settlement_web
from ticketing.reports.metrics import metrics_text
from ticketing.sales import api as sales_api
from ticketing.sales import callbacks, returns_api, screenings_api, transfers_api, voucher_api
from ticketing.sales import edge as sales_edge
from ticketing.sales.fiscal.files import FileRegister
from ticketing.sales.fiscal.port import FiscalRegister
from ticketing.sales.hold_turn import HoldTurn
from ticketing.sales.payments.demo import NAME as DEMO
from ticketing.sales.payments.demo import DemoGateway
from ticketing.sales.payments.port import Capture, Gateway, Gateways
from ticketing.sales.payments.stripe import NAME as STRIPE
from ticketing.sales.payments.stripe import StripeGateway, open_client
from ticketing.sales.shop import (
    apple_service,
    basket,
    calendars,
    checkout,
    demo_bank,
    entry,
    film,
    friend,
    odds,
    order,
    own_links,
    planner,
    printing,
    programme,
    receipt,
    reminders,
    returning,
    screening,
    sending,
    share,
    site,
    sitemap,
    wallets,
)
from ticketing.sales.shop.attachments import order_attachments
from ticketing.sales.unchanged import UnchangedPlaces
from ticketing.staff import mail_web, sessions
from ticketing.staff import web as staff_web
from ticketing.staff.edge import token_staff
from ticketing.tickets.wallet.apns import ApplePushes
from ticketing.tickets.wallet.pushing import PassPusher

VERSION = "0.1.0"
# An address may be a whole family or a box office behind one router; a login belongs to one person.
LIMITS = {
    "sign_in_address": "30/minute",
    "sign_in_login": "6/minute; 40/hour",
    "hold": "60/minute; 600/hour",
    "order": "30/minute; 200/hour",
    "pair": "20/minute",
    "guests": "10/minute; 60/hour",
    "transfer": "20/hour",
    "voucher": "10/minute; 60/hour",
    "own_link": "6/minute; 30/hour",
    "contact": "20/hour",
    "callback_refused": "60/minute",
    "wallet": "30/minute; 200/hour",
    "wallet_log": "20/minute",
}
_ROOT = Path(__file__).resolve().parents[1]
_MOST_BODY = 2 * 1024 * 1024


def make_runtime(settings: Settings, clock: Clock | None = None, *, gives_way: bool = False) -> web.Runtime:
    """Return what a process of these settings holds; `gives_way`: nobody waits for what it writes."""
    mailer: Mailer
    mailer = SmtpMailer(settings.smtp_url) if settings.smtp_url else FileMailer(settings.data_dir / "mail")
    return web.Runtime(
        settings=settings,
        database=Database(settings.database_url, gives_way=gives_way),
        clock=clock or SystemClock(),
        keys=KeyMaker(settings.secret_key),
        vault=CodeVault(settings.code_keys),
        mailer=mailer,
    )


def make_gateways(runtime: web.Runtime) -> Gateways:
    """Return the gateways, first the one for new payments: the demo bank never in production."""
    settings = runtime.settings
    gateways: dict[str, Gateway] = {}
    if settings.stripe_secret_key is not None:
        gateways[STRIPE] = StripeGateway(
            client=open_client(settings.stripe_secret_key),
            webhook_secret=settings.stripe_webhook_secret or "",
            clock=runtime.clock,
            capture_mode=Capture(settings.stripe_capture),
            live="_live_" in settings.stripe_secret_key,
        )
    if settings.environment is not Environment.PRODUCTION:
        gateways[DEMO] = DemoGateway(runtime.database, runtime.clock, settings.base_url)
    return gateways


def make_register(runtime: web.Runtime) -> FiscalRegister:
    """Return the fiscal register: without a provider's adapter, files for the bookkeeper."""
    return FileRegister(runtime.settings.data_dir / "fiscal")


def pass_pusher(runtime: web.Runtime) -> PassPusher | None:
    """Return what tells phones that passes of theirs changed; None without the papers for Apple Wallet."""
    wallet = runtime.settings.apple_wallet
    return None if wallet is None else PassPusher(runtime.database, ApplePushes(wallet))


def mail_sender(app: Flask) -> MailSender:
    """Return the way from an app's postbox to its mail server, or to files."""
    here: web.Runtime = app.extensions["kassa"]
    return MailSender(
        database=here.database, mailer=here.mailer, vault=here.vault, attach=order_attachments(app)
    )


def create_app(
    settings: Settings | None = None,
    clock: Clock | None = None,
    gateways: Gateways | None = None,
    *,
    gives_way: bool = False,
) -> Flask:
    """Return the web application; `gateways` instead of those of the settings.

    Raises ConfigurationError when the database does not fit.
    """
    settings = settings or load_settings()
    runtime = make_runtime(settings, clock, gives_way=gives_way)
    require_ready(runtime.database, settings.environment)
    runtime.database.close()  # gunicorn may fork after this: no connection may be inherited
    app = web.WebApp(__name__, static_folder=str(_ROOT / "static"), template_folder=str(_ROOT / "templates"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=_MOST_BODY,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
    )
    if settings.trusted_proxies:
        # Limits go by the buyer's address, which a proxy in front says in X-Forwarded-For.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    app.jinja_env.undefined = StrictUndefined
    app.url_map.converters.update(web.CONVERTERS)
    web.install(app, runtime)
    available = make_gateways(runtime) if gateways is None else gateways
    calls = sales_edge.gateways(runtime, available)
    live = RememberedLive(runtime.database)
    holds = HoldTurn(runtime.database, runtime.clock)
    sales_edge.install(app, sales_edge.SalesDesk(calls, next(iter(available), None), live, holds))
    app.wsgi_app = UnchangedPlaces(app.wsgi_app, live, runtime.clock, settings)  # type: ignore[method-assign]
    Babel(app, locale_selector=language)
    # In place of its own, which looks for the request and its language several times a sentence.
    app.jinja_env.install_gettext_callables(say, say_number, newstyle=True)  # type: ignore[attr-defined]
    web.harden(app, settings)
    web.register_errors(app, texts.ERRORS)
    sessions.install(app)
    limits.install(app, LIMITS, enabled=settings.limits)
    apis = (
        screenings_api.blueprint,
        sales_api.blueprint,
        returns_api.blueprint,
        transfers_api.blueprint,
        voucher_api.blueprint,
        callbacks.blueprint,
        boxoffice_api.blueprint,
        guests_api.blueprint,
        door_api.blueprint,
        apple_service.blueprint,
    )
    install_pages(app, *apis, reminders.blueprint)
    install_print_fonts(app)
    install_painter(app)
    date_filters(app, site.zone)
    site.install_shop(app)
    planner.install_planner(app)
    pages = (
        staff_web.blueprint,
        mail_web.blueprint,
        boxoffice_web.blueprint,
        money_web.blueprint,
        shift_web.blueprint,
        refund_rules_web.blueprint,
        places_web.blueprint,
        vouchers_web.blueprint,
        comps_web.blueprint,
        halls_web.blueprint,
        plan_editor_web.blueprint,
        devices_web.blueprint,
        keys_web.blueprint,
        rush_web.blueprint,
        samples_web.blueprint,
        door_web.blueprint,
        door_web_reports.blueprint,
        settlement_web.blueprint,
        style_web.blueprint,
    )
    shop = (
        programme.blueprint,
        film.blueprint,
        screening.blueprint,
        planner.blueprint,
        basket.blueprint,
        checkout.blueprint,
        order.blueprint,
        entry.blueprint,
        standby_web.blueprint,
        calendars.blueprint,
        printing.blueprint,
        receipt.blueprint,
        returning.blueprint,
        reminders.blueprint,
        own_links.blueprint,
        sending.blueprint,
        friend.blueprint,
        wallets.blueprint,
        odds.blueprint,
        sitemap.blueprint,
        share.blueprint,
        posters_web.blueprint,
        plans_web.blueprint,
        demo_bank.blueprint,
    )
    for blueprint in (*apis, *pages, *shop):
        app.register_blueprint(blueprint)
    _add_operations(app)
    return app


def _add_operations(app: Flask) -> None:
    @app.get("/healthz")
    @web.allow("public")
    def healthz() -> Response:
        """Tell that the process answers."""
        return answer({"status": "ok"})

    @app.get("/readyz")
    @web.allow("public")
    def readyz() -> Response:
        """Tell that the database answers too."""
        with web.runtime().database.reading() as session:
            session.connection().exec_driver_sql("SELECT 1")
        return answer({"status": "ok"})

    @app.get("/metrics")
    @web.allow("public", "staff:manager")
    def metrics() -> Response:
        """Tell the operator's monitoring how things stand; in production only with a manager's token."""
        here = web.runtime()
        if not here.settings.is_demo:
            token_staff()
        with here.database.reading() as session:
            text = metrics_text(session, here.clock.now())
        return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/api/v1/openapi.json")
    @web.allow("public")
    def openapi() -> Response:
        """Describe the API."""
        return answer(document(app, "Kassa", VERSION))
