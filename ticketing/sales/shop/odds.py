"""Pages that every shop has: terms, robots.txt, the browser's little picture."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from ticketing.foundation.web import allow, runtime
from ticketing.sales.refund_policies import festival_policy
from ticketing.sales.shop.refund_wording import policy_sentences
from ticketing.sales.shop.site import site

blueprint = Blueprint("odds", __name__)
_DAY_SECONDS = 24 * 3600
_CLOSED = (
    "/*/basket",
    "/*/plan",
    "/*/checkout",
    "/*/orders/",
    "/*/tickets/",
    "/*/standby",
    "/demo-bank/",
    "/staff/",
    "/boxoffice/",
    "/api/",
)


@blueprint.get("/<language:language>/terms")
@allow("public")
def terms() -> ResponseReturnValue:
    """Show the terms of purchase and refund, as the festival's settings make them."""
    festival = site().festival
    policy = festival_policy(festival)
    page = render_template(
        "shop/terms.html",
        festival=festival,
        refund_rule=policy_sentences(policy, festival.currency),
        whole_price=policy.self_service and not policy.fee_percent and not policy.fee_minor,
    )
    return Response(page)


@blueprint.get("/robots.txt")
@allow("public")
def robots() -> ResponseReturnValue:
    """Tell search engines what is nobody's business but the buyer's."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED)]
    lines.append(f"Sitemap: {runtime().settings.base_url}{url_for('sitemap.show')}")
    return _kept(Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


@blueprint.get("/favicon.svg")
@blueprint.get("/favicon.ico")
@allow("public")
def favicon() -> ResponseReturnValue:
    """Return the brand mark; browsers that ask for the old name take the new kind of picture too."""
    return _kept(Response(render_template("_macros/favicon.svg"), content_type="image/svg+xml"))


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={_DAY_SECONDS}"
    return response
