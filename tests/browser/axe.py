"""axe-core in a page: what it finds wrong for people who cannot see, hear or point well."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page

_SCRIPT = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def bring_axe(context: BrowserContext) -> None:
    """Give every page of a profile axe; unlike a script element this needs no hole in the policy."""
    context.add_init_script(path=_SCRIPT)


def violations(page: Page, name: str) -> list[str]:
    """Return each rule that the page breaks, with the elements.

    By night only the contrast is looked at: nothing else differs from the day.
    """
    page.wait_for_load_state()
    found = page.evaluate(
        "axe.run(matchMedia('(prefers-color-scheme: dark)').matches ? { runOnly: ['color-contrast'] } : {})"
        ".then(({ violations }) => violations)"
    )
    return [
        "; ".join(
            [f"{name}: {rule['id']}, {rule['help']}", *(node["html"][:160] for node in rule["nodes"][:3])]
        )
        for rule in found
    ]
