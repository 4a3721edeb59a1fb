"""Words of a programme file that would promise something. Only the counter says that a family is eligible.

What is found is said by `tsunagu.wording`, and always as "may be eligible"; a file adds what it rests on. So a
`sentence` tells what a record says, in the forms of telling, or it says maybe; and no other text speaks of being
eligible or of receiving without a may-be form in the same sentence. Words such as 必ず stand nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from tsunagu.indicators.mistakes import Lines, Mistake

MEND = "「～の対象になる可能性があります」「～かもしれません」, may be eligible"
TELL = "what a record says alone, such as 「生活保護を受給しています」; may be eligible is said beside it"

_MAY_BE = {
    "ja": re.compile(r"可能性が(?:あり|ある)|かもしれ(?:ません|ない)|(?:こと|場合)が(?:あり|ある)|か$"),
    "en": re.compile(r"\b(?:may|might|perhaps|possibly|whether)\b"),
}
_ABSOLUTE = {
    "ja": re.compile(
        r"必ず|かならず|確実|間違いなく|まちがいなく|絶対|きっと|もれなく|漏れなく|全員[がに]|(?:誰|だれ)でも|保証|約束"
    ),
    "en": re.compile(
        r"\b(?:definitely|certainly|surely|certain|sure|guarante\w*|assure\w*|always|promis\w*|without (?:fail|doubt)"
        r"|everybody|everyone)\b"
    ),
}
# Being eligible, receiving, being granted: what a text may say with a may-be form alone.
_SPOKEN_OF = {
    "ja": re.compile(
        r"対象者?(?:です|だ|で[あすき]|と|に|者)|(?:も|貰)らえ|貰え|いただけ|頂け|[受う]けられ|[受う]けることができ|[受う]け[取と]れ|[受う]け[取と]ります|[受う]けます"
        r"|もらいます|貰います|(?:受給|利用|支給|給付|免除|助成)(?:が|は|を)?(?:でき|可能|され|します|いたします)"
        r"|支払(?:われ|います)|(?:が|は|から)出ます|(?:減額|補助|援助|支援)(?:され|します)|無料(?:です|にな|で(?:受|利))|全額|(?:市|町|村|県|国)が(?:出し|払い|支払い)ます"
        r"|(?:認定|承認|許可|決定)(?:され|します)|認められ|該当(?:し|者)|当てはまり|あてはまり|資格[がをあ]|権利[がを]|適格"
        r"|が決ま(?:って|り)|基準を満た|要件を満た|お(?:渡|支払|届)"
    ),
    "en": re.compile(
        r"\b(?:qualif\w+|entitl\w+|eligib\w+|deserv\w+|will|shall|going to|due to receive|owed|rights? to"
        r"|gets?|obtains?|can (?:receive|get|claim|have|be (?:paid|granted|given))"
        r"|(?:is|are|be) (?:granted|approved|awarded|accepted|covered|paid out|paid for))\b|'ll\b"
    ),
}
# A sentence of a record tells what is or was: it ends so, and no verb in it looks ahead or says what one can do.
_TELLS = re.compile(r"(?:てい|でい|てお|ており|がい|あり)ます$")
_LOOKS_AHEAD = {
    "ja": re.compile(r"はず|予定|見込み|でしょう|ましょう"),
    "en": re.compile(r"\b(?:will|would|shall|should|can|could|must|may|might|going to)\b|'ll\b"),
}
_VERB_END = re.compile(r"(?<![あい])る$|(?<![まで])す$|[うくぐつぬぶむだ]$")


def promise_in(text: str, lang: str, *, is_of_a_record: bool) -> str:
    """The words of a text that promise; empty if none does.

    is_of_a_record  a `sentence`, which tells what a record says and nothing else
    """
    for said in _sentences(text, lang):
        if found := _ABSOLUTE[lang].search(said):
            return found.group()
        if _MAY_BE[lang].search(said):
            continue
        if spoken_of := _SPOKEN_OF[lang].search(said):
            return spoken_of.group()
        if is_of_a_record and (ahead := _beyond_a_record(said, lang)):
            return ahead
    return ""


def promises(document: Mapping[str, object], lines: Lines) -> Iterator[Mistake]:
    """Every text of the file that promises, whatever part it stands in; the made-up children apart."""
    for name, written in document.items():
        parts = written if isinstance(written, list) else [written]
        for index, part in enumerate(parts if name != "expect" else []):
            for key, words in part.items() if isinstance(part, dict) else ():
                for lang, text in words.items() if isinstance(words, dict) else ():
                    if lang not in _MAY_BE or not isinstance(text, str):
                        continue
                    is_of_a_record = name == "eligible" and key == "sentence"
                    if found := promise_in(text, lang, is_of_a_record=is_of_a_record):
                        mend = TELL if is_of_a_record else MEND
                        label = part.get("label")
                        shown = str(label.get("ja", "")) if isinstance(label, dict) else ""
                        yield Mistake(lines.of(name, index, key), shown, f"'{key}' says '{found}'", mend)


def _sentences(text: str, lang: str) -> list[str]:
    """The sentences of a text, those in brackets for themselves; in small letters, without blanks in Japanese."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    if lang == "ja":
        plain = re.sub(r"\s", "", plain)
        parts = re.split(r"[。.!?()]", plain)
    else:
        parts = re.split(r"[.;!?()]", " ".join(plain.split()))
    return [part.strip() for part in parts if part.strip()]


def _beyond_a_record(said: str, lang: str) -> str:
    """The words of a record's sentence that look ahead, or say what one can do."""
    if found := _LOOKS_AHEAD[lang].search(said):
        return found.group()
    if lang == "en":
        return ""
    for verb in re.finditer(r"[^、]*?ます", said):
        if not _TELLS.search(verb.group()):
            return verb.group()[-6:]
    end = _VERB_END.search(said)
    return said[-4:] if end else ""
