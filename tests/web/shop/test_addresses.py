"""Addresses and sentences that are kept must be those that Flask and Babel would give."""

from uuid import UUID

import pytest
from flask import Flask, url_for
from flask_babel import gettext, ngettext

from tests.support.kassa import Kassa
from ticketing.foundation.i18n import LANGUAGES, say, say_number, speaking

ID = UUID(int=7)
# What pages ask for: with and without words of their own, one of which looks like another.
ASKED = (
    ("programme.show", {}),
    ("programme.show", {"language": "ru"}),
    ("programme.show", {"section": "1"}),
    ("programme.show", {"section": 1}),
    ("programme.show", {"section": True}),
    ("programme.show", {"section": ["a", "b"]}),
    ("programme.show", {"section": "Ә & b"}),
    ("programme.show", {"section": None}),
    ("programme.show", {"_anchor": "s01"}),
    ("programme.show", {"_external": True}),
    ("programme.show", {"_external": True, "_scheme": "https"}),
    ("screening.show", {"code": "s06"}),
    (".show", {"code": "s06"}),
    ("sales_api.renew", {"hold": ID}),
    ("sales_api.release", {"hold": ID, "_method": "DELETE"}),
    ("static", {"filename": "dist/app.js"}),
)


@pytest.mark.parametrize("root", ["", "/tickets"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_addresses_are_flasks(kassa: Kassa, root: str, method: str) -> None:
    for _again in range(2):
        for language in LANGUAGES:
            for path in (f"/{language}/screenings/s06", f"/{language}/"):
                with kassa.app.test_request_context(path, base_url=f"http://door{root}", method=method):
                    for endpoint, values in ASKED:
                        if endpoint == ".show" and path.endswith("/"):
                            continue
                        asked = dict(values)
                        assert url_for(endpoint, **asked) == Flask.url_for(kassa.app, endpoint, **asked)


def test_another_language_for_a_while_has_other_addresses(kassa: Kassa) -> None:
    with kassa.app.test_request_context("/kk/"):
        assert url_for("programme.show") == "/kk/"
        with speaking("ru"):
            assert url_for("programme.show") == "/ru/"
        assert url_for("programme.show") == "/kk/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_templates_are_those_of_the_program(kassa: Kassa, language: str) -> None:
    one, many = "%(num)d refund is under way", "%(num)d refunds are under way"
    with kassa.app.test_request_context(f"/{language}/"):
        for sentence in ("My plan", "Whole hall", "nobody translates this"):
            assert say(sentence) == gettext(sentence)
        for number in range(25):
            assert say_number(one, many, number) % {"num": number} == ngettext(one, many, number)
