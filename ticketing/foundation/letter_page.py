"""A letter as HTML: one template, made without a request, since the worker serves none."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ticketing.foundation.letters import Letter

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "mail"


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    return environment.get_template("letter.jinja")


def letter_html(letter: Letter) -> str:
    """Return the HTML part. Styles are inline: mail programs know nothing else."""
    return _template().render(letter=letter)
