"""From bytes to text: the encoding that shows the known header words and decodes without a fault.

What the sender states is only a hint that settles a tie. A single line in another encoding is rescued by itself;
what nothing can decode becomes U+FFFD in its own cell and leaves the rest of the line alone.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from tsunagu.sources.lines import split_lines
from tsunagu.sources.rows import SpecWords, find_header

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le-bom", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be-bom", "utf-16-be"),
)
_SAMPLE = 64 * 1024
_WIDE = ("utf-16-le", "utf-16-be")
_SHIFTED = ("cp932", "shift_jis_2004")
_STATED = {
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "ms932": "cp932",
    "windows-31j": "cp932",
    "cp932": "cp932",
    "euc-jp": "euc_jp",
    "euc_jp": "euc_jp",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso2022_jp": "iso2022_jp_ext",
    "jis": "iso2022_jp_ext",
    "shift_jis_2004": "shift_jis_2004",
    "shift_jis-2004": "shift_jis_2004",
    "sjis-2004": "shift_jis_2004",
}
# What Japanese text is made of; a line that decodes to nothing else beside ASCII is believed.
_JAPANESE = re.compile(
    r"[\x00-\x7f\u3000-\u30ff\u3220-\u33ff\u4e00-\u9fff\uf900-\ufaff\uff01-\uff5e\uffe5×÷±°′″§¶\u2010-\u266f]*"
)
_NOT_ASCII = re.compile(rb"[^\x00-\x7f]")


@dataclass(frozen=True)
class Decoded:
    """Text with the encoding it was found in.

    encoding  the name used, `-sig` or `-bom` added where a byte order mark was found
    lossless  every byte was understood in this one encoding
    rescued   physical lines (1-based) that another encoding had to read
    """

    text: str
    encoding: str
    lossless: bool
    rescued: tuple[int, ...]


def decode(data: bytes, candidates: tuple[str, ...], stated: str, words: SpecWords) -> Decoded:
    """The text of a file.

    candidates  encodings to try, in order of preference
    stated      what the sender believes, "" when nothing is said
    words       the header words to look for, by role
    """
    for mark, shown, name in _BOMS:
        if data.startswith(mark):
            return _decode_whole(data[len(mark) :], name, shown, candidates)
    hint = _STATED.get(stated.strip().lower(), "")
    ordered = sorted(candidates, key=lambda name: (name != hint, candidates.index(name)))
    head = data[:_SAMPLE]
    scores: list[int] = []
    for name in ordered:
        scores.append(_score(head, name, words))
        # Garbage shows no header words: more than half of them in a text without a fault settle it.
        if scores[-1] * 2 > len(words) and not _faults(data, name):
            return _decode_whole(data, name, name, candidates)
    fitting = [name for name, score in zip(ordered, scores, strict=True) if score == max(scores)]
    best = next((name for name in fitting if not _faults(data, name)), fitting[0])
    return _decode_whole(data, best, best, candidates)


def _score(head: bytes, name: str, words: SpecWords) -> int:
    """Number of header words that the head of the file shows in this encoding."""
    text = codecs.getincrementaldecoder(name)("replace").decode(head)
    header = find_header(split_lines(text), words)
    return len(header.columns) if header else 0


def _faults(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return True
    return False


def _decode_whole(data: bytes, name: str, shown: str, candidates: tuple[str, ...]) -> Decoded:
    if name in _WIDE:
        text = data.decode(name, errors="replace")
        return Decoded(text, shown, "\ufffd" not in text, ())
    try:
        text = data.decode(name)
        if name == "utf-8" or not _FOREIGN.search(data):
            return Decoded(text, shown, True, ())
    except UnicodeDecodeError:
        pass
    return _decode_lines(data, name, shown, candidates)


# Two Japanese signs in UTF-8, or two kana in EUC-JP, side by side: cheap to find, so that few files take the slow way.
_FOREIGN = re.compile(
    rb"[\xe3-\xe9][\x80-\xbf][\x80-\xbf][\xe3-\xe9][\x80-\xbf][\x80-\xbf]|(?:\xa4[\xa1-\xf3]){2}|(?:\xa5[\xa1-\xf6]){2}"
)
# Half-width punctuation: in CP932 text a sign of bytes that mean kana in EUC-JP.
_HALF_SIGNS = re.compile(r"[\uff61-\uff65]")


def _decode_lines(data: bytes, name: str, shown: str, candidates: tuple[str, ...]) -> Decoded:
    lines: list[str] = []
    rescued: list[int] = []
    lossless = True
    others = [c for c in candidates if c != name and c not in _WIDE]
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not _NOT_ASCII.search(line) and name != "iso2022_jp_ext":
            lines.append(line.decode("ascii"))
            continue
        text, foreign = _decode_line(line, name, others)
        lossless = lossless and "\ufffd" not in text
        if foreign:
            rescued.append(number)
        lines.append(text)
    return Decoded("\n".join(lines), shown, lossless, tuple(rescued))


def _decode_line(line: bytes, name: str, others: list[str]) -> tuple[str, bool]:
    """One line's text, and whether another encoding than the file's was needed."""
    own = _strictly(line, name)
    if own is not None and name == "utf-8":
        return own, False
    utf8 = _strictly(line, "utf-8") if name != "utf-8" else None
    # CP932 decodes nearly anything: a line that is Japanese as UTF-8 is UTF-8, whatever else it could be.
    if (
        utf8 is not None
        and _JAPANESE.fullmatch(utf8)
        and (own is None or not _JAPANESE.fullmatch(own) or len(own) > len(utf8))
    ):
        return utf8, True
    if own is not None and name in _SHIFTED and _HALF_SIGNS.search(own):
        euc = _strictly(line, "euc_jp")
        if euc is not None and _JAPANESE.fullmatch(euc):
            return euc, True
    if own is not None:
        return own, False
    for other in others:
        text = _strictly(line, other)
        if text is not None and _JAPANESE.fullmatch(text):
            return text, True
    return line.decode(name, errors="replace"), False


def _strictly(line: bytes, name: str) -> str | None:
    try:
        return line.decode(name)
    except UnicodeDecodeError:
        return None
