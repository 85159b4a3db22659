"""Staff's pages of mails: how far each is, what it says, sending it again."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ticketing.foundation.forms import query_line
from ticketing.foundation.postbox import MailState, opened
from ticketing.foundation.web import allow, runtime
from ticketing.staff import mailbox
from ticketing.staff.frame import staff_pages
from ticketing.staff.mailbox import MailFilter
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("mails", __name__, "/staff/mails")
_MOST_TEXT = 254


@blueprint.get("")
@allow("staff:boxoffice")
def index() -> ResponseReturnValue:
    """List the mails, and what could not be done at all."""
    here = runtime()
    wanted = MailFilter(
        state=_state(query_line("state")),
        text=query_line("about", _MOST_TEXT),
        before=_uuid(query_line("before")),
    )
    with here.database.reading() as session:
        return render_template(
            "staff/mails.html",
            page=mailbox.mail_page(session, wanted),
            counts=mailbox.counts(session),
            dead=mailbox.dead_letters(session),
            wanted=wanted,
            done=query_line("done"),
            states=list(MailState),
            by_smtp=here.settings.smtp_url is not None,
        )


@blueprint.get("/<uuid:mail>")
@allow("staff:boxoffice")
def show(mail: UUID) -> ResponseReturnValue:
    """Show one mail as text; with a mail server, without the keys of its links: the reader has those."""
    here = runtime()
    with here.database.reading() as session:
        entry = mailbox.the_mail(session, mail)
        text = opened(entry, here.vault).to_text()
    if here.settings.smtp_url is not None:
        text = mailbox.without_secrets(text)
    return render_template("staff/mail.html", mail=entry, text=text, done=query_line("done"))


@blueprint.post("/<uuid:mail>/again")
@allow("staff:boxoffice")
def again(mail: UUID) -> ResponseReturnValue:
    """Send a mail once more."""
    here = runtime()
    with here.database.transaction() as session:
        mailbox.send_mail_again(session, mail, current_actor(), here.clock.now())
    return redirect(url_for("mails.show", mail=mail, done="queued"), 303)


@blueprint.post("/effects/<uuid:effect>/again")
@allow("staff:boxoffice")
def effect_again(effect: UUID) -> ResponseReturnValue:
    """Try once more what was given up; the worker does it in a moment."""
    here = runtime()
    with here.database.transaction() as session:
        mailbox.try_effect_again(session, effect, current_actor(), here.clock.now())
    return redirect(url_for("mails.index", done="waits"), 303)


def _state(text: str) -> str:
    return text if text in list(MailState) else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
