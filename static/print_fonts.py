"""Makes the fonts of printed documents: Golos Text as TrueType, in one file a weight.

The npm package splits each weight by script, as browsers like it; a PDF needs one file. Kerning, hints and
glyph names are left out: they cost bytes and CPU in every document and change nothing in print.
"""

import logging
import sys
from pathlib import Path

from fontTools.merge import Merger
from fontTools.merge import Options as MergeOptions
from fontTools.subset import Options as SubsetOptions
from fontTools.subset import Subsetter

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "node_modules" / "@fontsource" / "golos-text" / "files"
TARGET = ROOT / "static" / "print"
WEIGHTS = ("400", "700")
SCRIPTS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext")
_UNUSED = ["GSUB", "GPOS", "GDEF", "STAT", "gasp", "vhea", "vmtx"]


def make(weight: str) -> Path:
    """Write one weight and return its path; a reader never sees half a file."""
    parts = [str(SOURCES / f"golos-text-{script}-{weight}-normal.woff") for script in SCRIPTS]
    font = Merger(options=MergeOptions(drop_tables=_UNUSED)).merge(parts)
    options = SubsetOptions(hinting=False, glyph_names=False, notdef_outline=True, name_IDs=[1, 2, 4, 6])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)
    font.flavor = None
    path = TARGET / f"golos-text-{weight}.ttf"
    fresh = path.with_suffix(".new")
    font.save(fresh)
    fresh.replace(path)
    return path


def main() -> None:
    """Write all weights and say how large they are."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    TARGET.mkdir(exist_ok=True)
    for weight in WEIGHTS:
        path = make(weight)
        sys.stdout.write(f"  {path.relative_to(ROOT)!s:40} {path.stat().st_size / 1024:6.1f} KB\n")


if __name__ == "__main__":
    main()
