"""A copy as a PDF that can be read aloud: tagged, with a whole Japanese font, and readings that are drawn, not text.

WeasyPrint lays out no ruby. A reading set as text would stand in the middle of a sentence, or of its line, wherever the
sentence is copied or read aloud; drawn above it, as outlines of the same font, it is there for the eye alone.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from tsunagu_web.plans.copies import Copy, texts_of
from tsunagu_web.plans.ruby import Line, plain

# In the order in which they are taken; the first is drawn for readers who find letters hard to tell apart.
FONTS = (
    "BIZUDGothic-Regular.ttf",
    "ipaexg.ttf",
    "ipag.ttf",
    "NotoSansJP-Regular.otf",
    "NotoSansCJKjp-Regular.otf",
)
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
_READING = 0.5  # of the size of what stands below it


class CannotPrint(Exception):
    """No PDF can be made here. why: no_program (Pango), no_font, no_glyph (a sign that no font here has)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def printed(copy: Copy) -> bytes:
    """The copy's bytes; the same copy gives the same bytes. raises CannotPrint"""
    weasyprint = _weasyprint()
    font = _font()
    _require_glyphs(font, copy)
    page = render_to_string("plans/copy.html", {"copy": _marked_up(font, copy)})
    style = f'@font-face {{ font-family: copy; src: url("{font.path.as_uri()}"); }}'
    fonts = weasyprint.text.fonts.FontConfiguration()
    # The font is a file, the drawn readings are data; nothing is ever asked from the network.
    local = weasyprint.urls.URLFetcher(allowed_protocols=("file", "data"), fail_on_errors=True)
    sheet = weasyprint.CSS(string=style, font_config=fonts, url_fetcher=local)
    made = weasyprint.HTML(string=page, url_fetcher=local)
    content: bytes = made.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")
    return content


def _weasyprint() -> Any:
    """WeasyPrint, which needs Pango; loaded here, since the desk runs without."""
    try:
        import weasyprint
        import weasyprint.text.fonts
        import weasyprint.urls
    except (ImportError, OSError) as error:
        raise CannotPrint("no_program") from error
    return weasyprint


@dataclass(frozen=True)
class Font:
    """A Japanese font as one file, with what is needed to draw readings from it."""

    path: Path
    glyphs: Any
    signs: dict[int, str]
    size: int
    top: int
    bottom: int

    def width(self, text: str) -> float:
        """In sizes of the font."""
        return sum(self._glyph(sign).width for sign in text) / self.size

    def drawn(self, text: str) -> str:
        """The outlines of a text as an SVG picture in an address of its own."""
        from fontTools.pens.svgPathPen import SVGPathPen

        x, paths = 0, []
        for sign in text:
            pen = SVGPathPen(self.glyphs)
            self._glyph(sign).draw(pen)
            paths.append(f'<path transform="translate({x} 0)" d="{pen.getCommands()}"/>')
            x += self._glyph(sign).width
        height = self.top - self.bottom
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-self.top} {x} {height}">'
            f'<g transform="scale(1 -1)">{"".join(paths)}</g></svg>'
        )
        return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()

    def _glyph(self, sign: str) -> Any:
        return self.glyphs[self.signs.get(ord(sign), ".notdef")]


def _font() -> Font:
    path = _font_file()
    if path is None:
        raise CannotPrint("no_font")
    return _loaded(path)


def _font_file() -> Path | None:
    """The first font of the list that lies on this machine, as a whole file and no collection."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        for here, _folders, files in os.walk(folder):
            found.update({name: Path(here, name) for name in files if name in FONTS})
    return next((found[name] for name in FONTS if name in found), None)


@lru_cache(maxsize=2)
def _loaded(path: Path) -> Font:
    from fontTools.ttLib import TTFont

    font = TTFont(path, lazy=True)
    head, across = font["head"], font["hhea"]
    return Font(path, font.getGlyphSet(), font.getBestCmap(), head.unitsPerEm, across.ascent, across.descent)


def _require_glyphs(font: Font, copy: Copy) -> None:
    """Each sign has a glyph, in this font or in another one of the machine: a name is never printed as an empty box."""
    signs = {ord(sign) for line in texts_of(copy) for sign in plain(line) if _is_drawn(sign)}
    for sign in sorted(signs - set(font.signs)):
        if not _is_in_another_font(sign):
            raise CannotPrint("no_glyph")


def _is_drawn(sign: str) -> bool:
    return not sign.isspace() and unicodedata.category(sign) not in ("Cc", "Cf", "Mn")


@lru_cache(maxsize=256)
def _is_in_another_font(sign: int) -> bool:
    program = shutil.which("fc-list")
    if program is None:
        return False
    done = subprocess.run([program, f":charset={sign:x}", "file"], capture_output=True, check=False, timeout=20)
    return bool(done.stdout.strip())


def _marked_up(font: Font, copy: Copy) -> dict[str, Any]:
    def up(line: Line) -> SafeString:
        return _line(font, line)

    sections = [
        {
            "heading": up(section.heading),
            "lines": [up(line) for line in section.lines],
            "items": [up(line) for line in section.items],
            "tables": [[(up(label), up(value)) for label, value in table] for table in section.tables],
        }
        for section in copy.sections
    ]
    return {
        "language": copy.language,
        "title": plain(copy.title),
        "headline": up(copy.title),
        "draft": up(copy.draft),
        "intro": [up(line) for line in copy.intro],
        "sections": sections,
        "closing": [up(line) for line in copy.closing],
    }


def _line(font: Font, line: Line) -> SafeString:
    return mark_safe(
        "".join(_under(font, p.text, p.reading) if p.reading else conditional_escape(p.text) for p in line)
    )  # every part is escaped


def _under(font: Font, text: str, reading: str) -> SafeString:
    """The text with its reading above it, in an empty box that is laid over the page after the text."""
    below, above = font.width(text), font.width(reading) * _READING
    # A reading may stand over half a sign of each neighbour, as in print; room beyond it would tear the sentence.
    room = max(0.0, (above - below - 2 * _READING) / 2)
    return format_html(
        '<span class="read" style="padding:0 {}em">{}<i style="width:{}em;margin-left:{}em;'
        'background-image:url({})"></i></span>',
        f"{room:.3f}",
        text,
        f"{above:.3f}",
        f"{-(below + above) / 2:.3f}",
        font.drawn(reading),
    )
