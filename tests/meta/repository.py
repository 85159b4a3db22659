"""The repository's own files, for tests that read the sources."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICKETING = ROOT / "ticketing"
_MADE_BY_TOOLS = {
    ".git", ".venv", ".venv-node", ".make", "node_modules", "dist", "var", "output", "__pycache__",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache",
}  # fmt: skip
_NOT_TEXT = {".png", ".mo", ".ttf", ".woff2", ".wasm", ".xlsx", ".pdf", ".jpg", ".webp", ".pyc", ".db"}


def texts(*suffixes: str) -> Iterator[Path]:
    """Yield the repository's text files, or those with one of `suffixes`."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in _MADE_BY_TOOLS]
        for name in files:
            path = Path(folder, name)
            if path.suffix not in _NOT_TEXT and (not suffixes or path.suffix in suffixes):
                yield path


def modules(folder: Path = TICKETING) -> dict[str, ast.Module]:
    """Return the parsed Python modules of a folder by their path in the repository."""
    return {name(path): ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py"))}


def name(path: Path) -> str:
    """Return a file's path as it is written in messages."""
    return path.relative_to(ROOT).as_posix()
