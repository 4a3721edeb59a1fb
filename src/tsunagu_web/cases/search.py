"""One form for names and readings that are searched: 髙 finds 高, ｱｵｲ finds あおい, spaces do not matter."""

from __future__ import annotations

import unicodedata

from tsunagu.text.kana import is_kana, kana_key
from tsunagu.text.variants import fold_variants


def search_key(*, name: str, kana: str, alias: str = "") -> str:
    """What is stored beside a child to be searched: readings and names, each with a mark before it."""
    parts = [kana_key(kana), _name_key(name), _name_key(alias)]
    return "".join(f"|{part}" for part in parts if part)


def asked_key(words: str) -> str:
    """What somebody typed, in the same form; empty when nothing is left of it."""
    asked = unicodedata.normalize("NFKC", words).strip()
    return kana_key(asked) if is_kana(asked) else _name_key(asked)


def _name_key(name: str) -> str:
    return fold_variants("".join(unicodedata.normalize("NFKC", name).split())).casefold().replace("|", "")
