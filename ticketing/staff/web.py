"""Staff pages that belong to no feature: signing in, the audit trail."""

import json
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.foundation.errors import DomainError, RateLimitedError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.limits import count_address, limits
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.staff.accounts import Role
from ticketing.staff.accounts import sign_in as check_password
from ticketing.staff.errors import SignInRefusedError
from ticketing.staff.frame import staff_pages
from ticketing.staff.queries import AuditFilter, audit_page, object_kinds
from ticketing.staff.sessions import current_actor, end_session, signed_in, start_session

blueprint = staff_pages("staff", __name__, "/staff")
blueprint.add_app_template_filter(lambda value: json.dumps(value, ensure_ascii=False, indent=1), "in_json")

_OWN_PATHS = ("/staff/", "/boxoffice/")
_MOST_PASSWORD = 1000
# The first page of each role, by the name of its view: features above this one are not imported here.
_FIRST_PAGES = {
    Role.MANAGER: "boxoffice.desk",
    Role.BOXOFFICE: "boxoffice.desk",
    Role.USHER: "devices.list_scanners",
}


@blueprint.get("/")
@allow("staff")
def home() -> ResponseReturnValue:
    """Go to the first page that the role may see."""
    return redirect(url_for(_FIRST_PAGES[Role(current_actor().role)]), 303)


@blueprint.get("/sign-in")
@allow("public")
def sign_in() -> ResponseReturnValue:
    """Ask for login and password."""
    if signed_in() is not None:
        return redirect(_own_path(request.args.get("next")), 303)
    return render_template("staff/sign_in.html", login="", refusal="", wanted=request.args.get("next", ""))


@blueprint.post("/sign-in")
@allow("public")
def sign_in_now() -> ResponseReturnValue:
    """Sign in, or say that login and password don't go together."""
    login, here = form_line("login"), runtime()
    try:
        count_address("sign_in_address")
        limits().count("sign_in_login", login.strip().lower())
        with here.database.reading() as session:
            account = check_password(session, login, request.form.get("password", "")[:_MOST_PASSWORD])
    except (SignInRefusedError, RateLimitedError) as refusal:
        return _refused_sign_in(login, refusal)
    start_session(account, here.clock.now())
    return redirect(_own_path(request.form.get("next")), 303)


@blueprint.post("/sign-out")
@allow("staff")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    end_session()
    return redirect(url_for("staff.sign_in"), 303)


@blueprint.get("/audit")
@allow("staff:manager")
def audit() -> ResponseReturnValue:
    """Show who did what, newest first."""
    wanted = AuditFilter(
        kind=query_line("kind"),
        about=query_line("about"),
        actor=query_line("actor"),
        before=_uuid(request.args.get("before")),
    )
    with runtime().database.reading() as session:
        page, kinds = audit_page(session, wanted), object_kinds(session)
    return render_template("staff/audit.html", page=page, wanted=wanted, kinds=kinds)


def _refused_sign_in(login: str, refusal: DomainError) -> ResponseReturnValue:
    page = render_template(
        "staff/sign_in.html",
        login=login,
        refusal=refusal_text(refusal),
        wanted=request.form.get("next", ""),
    )
    return make_response(page, refusal.status)


def _own_path(wanted: str | None) -> str:
    """Return where to go after signing in: only our own staff pages, never another site."""
    path = wanted or ""
    own = path.startswith(_OWN_PATHS) and path.isascii() and path.isprintable() and "\\" not in path
    return path if own else url_for("staff.home")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
