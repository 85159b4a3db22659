"""The default register: each receipt is a JSON file for the bookkeeper's program. It gives no fiscal sign."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ticketing.sales.fiscal.port import FiscalDocument, Registered

NAME = "files"


class FileRegister:
    """Writes `000042-sale.json` into a folder. A file is whole or not there, also after a power cut.

    A number can come to another document: in another edition, or when a restore lost receipts. Both stay.
    """

    name = NAME

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def register(self, document: FiscalDocument, /) -> Registered | None:
        """Keep the document; the same one again finds its file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{document.number:06}-{document.kind}.json"
        if path.exists() and not _is_of(path, document):
            path = path.with_stem(f"{path.stem}-{document.id}")
        if not path.exists():
            self._write(path, _as_json(document))
        return Registered(register="", sign="", operator="", check_url="")

    def _write(self, path: Path, text: str) -> None:
        # Of this process alone: two workers that write the same receipt must not share a half-written file.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _is_of(path: Path, document: FiscalDocument) -> bool:
    return bool(json.loads(path.read_text(encoding="utf-8"))["id"] == str(document.id))


def _as_json(document: FiscalDocument) -> str:
    fields: dict[str, Any] = asdict(document)
    fields.update(id=str(document.id), at=document.at.isoformat())
    return json.dumps(fields, ensure_ascii=False, indent=2) + "\n"
