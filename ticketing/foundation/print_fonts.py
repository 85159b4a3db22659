"""The letters of printed documents: parsed once a process, cut to what a document says at the cost of a copy.

fpdf2 parses and cuts its fonts with fontTools anew in every document, which is nine tenths of a ticket's CPU.
Our own fonts (static/print_fonts.py) are plain TrueType without hints, where a cut is: keep each glyph's
number, leave out the outlines that are not used.
"""

import copy
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from fontTools.ttLib import TTFont
from fontTools.ttLib.sfnt import SFNTWriter
from fpdf import FPDF
from fpdf.fonts import Glyph, SubsetMap, TTFFont
from fpdf.output import CIDSystemInfo, OutputProducer, PDFFont, PDFFontStream
from fpdf.syntax import Name, PDFArray, PDFContentStream

FONT = "Golos Text"
_WEIGHTS = {"": "400", "B": "700"}
_KEPT_AS_THEY_ARE = ("hhea", "hmtx", "maxp")
# fpdf2's widths are in thousandths of the size.
_EM = 1000
_LOCA_FORMAT_AT, _LONG_LOCA = 50, 1
_MOST_IN_A_BLOCK = 100
_CMAP_HEAD = (
    "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
    "/CIDSystemInfo\n<</Registry (Adobe)\n/Ordering (UCS)\n/Supplement 0\n>> def\n"
    "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
    "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
)
_CMAP_TAIL = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"


class _Letters(SubsetMap):
    """The letters of one document. fpdf2's own keeps every document alive in a cache of its class."""

    def pick(self, unicode: int) -> int | None:  # type: ignore[override]
        """Return the code of a character, which the document has from now on."""
        glyph = self.get_glyph(unicode=unicode)
        if glyph is None and unicode not in self.font.missing_glyphs:
            self.font.missing_glyphs.append(unicode)
        return self.pick_glyph(glyph)

    def get_glyph(self, *found: Any, **asked: Any) -> Glyph | None:  # type: ignore[override]
        """Return the glyph of a character."""
        return SubsetMap.get_glyph.__wrapped__(self, *found, **asked)


@dataclass(frozen=True)
class _Face:
    """One weight: fpdf2's description of it, never used itself, and the tables that a PDF needs."""

    template: TTFFont
    tables: Mapping[str, bytes]
    # Where each glyph's outline begins in `glyf`, and where the last one ends.
    places: tuple[int, ...]
    parts: Mapping[int, frozenset[int]]

    def for_document(self, number: int) -> TTFFont:
        """Return the font as the `number`th of a new document."""
        font = copy.copy(self.template)
        font.i = number
        font.missing_glyphs = []
        font.desc = copy.copy(self.template.desc)
        font.subset = _Letters(font)
        return font

    def cut(self, wanted: Iterable[int]) -> bytes:
        """Return a font file with the outlines of these glyphs alone; each glyph keeps its number."""
        kept = {0, *wanted}
        kept |= {part for glyph in kept for part in self.parts.get(glyph, ())}
        outlines, ends = bytearray(), [0]
        for glyph, (begin, end) in enumerate(zip(self.places, self.places[1:], strict=False)):
            if glyph in kept:
                outlines += self.tables["glyf"][begin:end]
            ends.append(len(outlines))
        head = bytearray(self.tables["head"])
        struct.pack_into(">h", head, _LOCA_FORMAT_AT, _LONG_LOCA)
        file = BytesIO()
        writer = SFNTWriter(file, 3 + len(_KEPT_AS_THEY_ARE))
        writer["head"] = bytes(head)
        for name in _KEPT_AS_THEY_ARE:
            writer[name] = self.tables[name]
        writer["loca"] = struct.pack(f">{len(ends)}L", *ends)
        writer["glyf"] = bytes(outlines)
        writer.close()
        return file.getvalue()


class PrintFonts:
    """What a process knows of its print fonts; they are read when the first document is made."""

    def __init__(self, folder: Path) -> None:
        """Remember where `make build` has put them."""
        self._folder = folder

    @cached_property
    def faces(self) -> Mapping[str, _Face]:
        """Return the weights by fpdf2's names for them."""
        return {
            f"{FONT.lower()}{style}": _read(self._folder / f"golos-text-{weight}.ttf", style)
            for style, weight in _WEIGHTS.items()
        }

    @cached_property
    def writer(self) -> type[OutputProducer]:
        """Return the writer for documents in these fonts; fpdf2 makes it itself, so it takes a class."""
        return type("CutFontsOfProcess", (CutFonts,), {"faces": self.faces})

    def width(self, text: str, size: float, style: str = "") -> float:
        """Return how wide a text is, in the unit of its size; the styles are fpdf2's."""
        widths = self.faces[f"{FONT.lower()}{style}"].template.cw
        return sum(widths[ord(letter)] for letter in text) * size / _EM

    def add_to(self, document: FPDF) -> None:
        """Let a document write with them."""
        for key, face in self.faces.items():
            document.fonts[key] = face.for_document(len(document.fonts) + 1)


def _read(path: Path, style: str) -> _Face:
    document = FPDF()
    document.add_font(FONT, style, path)
    template = cast("TTFFont", document.fonts[f"{FONT.lower()}{style}"])
    file: Any = TTFont(path)
    return _Face(
        template=template,
        tables={name: file.reader[name] for name in ("head", "glyf", *_KEPT_AS_THEY_ARE)},
        places=tuple(file["loca"].locations),
        parts={
            file.getGlyphID(name): frozenset(file.getGlyphID(part) for part in _parts(file["glyf"], name))
            for name in file.getGlyphOrder()
            if file["glyf"][name].isComposite()
        },
    )


def _parts(outlines: Any, name: str) -> set[str]:
    """Return the glyphs that a glyph is put together from, and those that they are."""
    direct: set[str] = set(outlines[name].getComponentNames(outlines))
    return direct.union(*(_parts(outlines, part) for part in direct if outlines[part].isComposite()))


class CutFonts(OutputProducer):
    """fpdf2's writer of a finished document, with our fonts embedded our way."""

    faces: Mapping[str, _Face]

    def _add_fonts(self, *_others: Any, **_named: Any) -> dict[int, Any]:
        done = {}
        for key, font in self.fpdf.fonts.items():
            assert isinstance(font, TTFFont)
            done[font.i] = self._embed(font, self.faces[key])
        return done

    def _embed(self, font: TTFFont, face: _Face) -> PDFFont:
        # ISO 32000-1, 9.7: a composite font, its one descendant, both its maps, and the file itself.
        letters = [(glyph, code) for glyph, code in font.subset.items() if glyph is not None]
        name = f"KASSAA+{font.name}"
        composite = PDFFont(subtype="Type0", base_font=name, encoding="Identity-H")
        self._add_pdf_obj(composite, "fonts")
        widths = "".join(
            f"{code} [{glyph.glyph_width}] " for glyph, code in sorted(letters, key=lambda x: x[1])
        )
        descendant = PDFFont(
            subtype="CIDFontType2", base_font=name, d_w=font.desc.missing_width, w=f"[{widths.strip()}]"
        )
        self._add_pdf_obj(descendant, "fonts")
        composite.descendant_fonts = PDFArray([descendant])
        composite.to_unicode = self._stream(_meanings(letters).encode("latin-1"))
        system = CIDSystemInfo()
        self._add_pdf_obj(system, "fonts")
        descendant.c_i_d_system_info = system
        font.desc.font_name = Name(name)
        self._add_pdf_obj(font.desc, "fonts")
        descendant.font_descriptor = font.desc
        numbers = [0] * (1 + max(code for _, code in letters))
        for glyph, code in letters:
            numbers[code] = glyph.glyph_id
        descendant.c_i_d_to_g_i_d_map = self._stream(struct.pack(f">{len(numbers)}H", *numbers))
        file = PDFFontStream(contents=face.cut(glyph.glyph_id for glyph, _ in letters))
        self._add_pdf_obj(file, "fonts")
        cast("Any", font.desc).font_file2 = file
        return composite

    def _stream(self, contents: bytes) -> PDFContentStream:
        stream = PDFContentStream(contents=contents, compress=True)
        self._add_pdf_obj(stream, "fonts")
        return stream


def _meanings(letters: list[tuple[Glyph, int]]) -> str:
    """Return the map from codes to characters, by which text is searched for and copied."""
    lines = [
        f"<{code:04X}> <{_utf16(glyph.unicode)}>\n"
        for glyph, code in letters
        if isinstance(glyph.unicode, tuple)
    ]
    blocks = [lines[start : start + _MOST_IN_A_BLOCK] for start in range(0, len(lines), _MOST_IN_A_BLOCK)]
    body = "".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)
    return f"{_CMAP_HEAD}{body}{_CMAP_TAIL}"


def _utf16(characters: Iterable[int]) -> str:
    return "".join(map(chr, characters)).encode("utf-16-be").hex().upper()
