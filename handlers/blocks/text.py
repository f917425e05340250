"""Texts as Slack wants them: escaped, clipped, and with what people typed made harmless."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_ELLIPSIS: Final = "…"
_ISOLATE: Final = "\u2068"
_END_OF_ISOLATE: Final = "\u2069"
_JOINER: Final = "\u200d"
_KEPT_FORMAT_CHARACTERS: Final = frozenset((_JOINER, "\u200c"))
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ATOM: Final = re.compile(r"&(?:amp|lt|gt);|<(?:[@#!]|https?:|mailto:)[^<>]{1,3500}>|.", re.DOTALL)
_LOOK_ALIKES: Final = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_MARKING_UNDERSCORE: Final = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# Words that all of what follows would leave as they are; most names are, and a list of them is drawn often.
_HARMLESS: Final = re.compile(r"[A-Za-z0-9]+(?:[ .,;:@/()'-][A-Za-z0-9]+)*", re.ASCII)
_SLACK_PERSON: Final = re.compile(r"[UW][A-Z0-9]{1,30}")
_SLACK_CHANNEL: Final = re.compile(r"[CGD][A-Z0-9]{1,30}")


def escape(text: str) -> str:
    """`text` with the three characters escaped that make links, mentions and `<!channel>` of mrkdwn."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, limit: int) -> str:
    """`text`, or its beginning and an ellipsis, in at most `limit` UTF-16 units and so as many characters.

    Never cuts through an entity such as `&amp;`, a mention, link or date in angle brackets, or a character
    that is made of several code points.
    """
    if limit < 1:
        raise ValueError("a text cannot be clipped to nothing")
    if units(text) <= limit:
        return text
    kept: list[str] = []
    left = limit - len(_ELLIPSIS)
    for cluster in _clusters(text):
        left -= units(cluster)
        if left < 0:
            break
        kept.append(cluster)
    return "".join(kept).rstrip() + _ELLIPSIS


def units(text: str) -> int:
    """The length of `text` in UTF-16 units, in which JavaScript and so Slack's clients count."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def quote(text: str, limit: int | None = None) -> str:
    """Text that people typed, for use inside our mrkdwn: on one line, without power, at most `limit` units.

    `*`, `_`, `~` and backticks become look-alikes where they could mark something. Slack's mrkdwn has no way
    to escape them: a backslash is shown; zero-width characters count as the edge of a word, so that they make
    marks work as often as they stop them; `verbatim` only stops automatic links. An underscore inside a word
    marks nothing and stays, so that names such as `app_server_1` can be copied.

    Controls that turn the direction of writing are taken out; text in a right-to-left script is isolated, so
    that what follows it stays in order. A leading `>` would make a block quotation even when escaped, hence
    the zero-width space before it.
    """
    if _HARMLESS.fullmatch(text) and (limit is None or len(text) <= limit):
        return text
    tamed = _MARKING_UNDERSCORE.sub("ˍ", clean(text).translate(_LOOK_ALIKES))
    escaped = escape(tamed)
    guarded = "\u200b" + escaped if escaped.startswith("&gt;") else escaped
    return _isolated(guarded, limit)


def plain(text: str, limit: int | None = None) -> str:
    """Text that people typed, for plain_text, where no character has a meaning: on one line, in order."""
    return _isolated(clean(text), limit)


def clean(text: str) -> str:
    """`text` on one line, with every run of white space one space, without controls and lone surrogates."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(filter(_is_shown, text))
    return " ".join(text.split())


def utc(moment: datetime) -> str:
    """`moment` in words that need no client to resolve them: "2 Dec 2026, 10:15 UTC"."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    at = moment.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


def date(moment: datetime, form: str = "{date_short_pretty}, {time}") -> str:
    """`moment` in each reader's own zone, for mrkdwn only; where Slack cannot show it, as `utc` says it."""
    return f"<!date^{int(moment.timestamp())}^{form}|{utc(moment)}>"


def day(moment: datetime, zone: tzinfo = UTC) -> str:
    """The day of `moment` in the calendar of `zone`, the same for every reader: "31 Dec 2026".

    For what begins and ends with days and not with moments. Terms do so in UTC, and in a reader's own zone their
    last moment belongs to the day after for everybody east of it.
    """
    at = moment.astimezone(zone)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def last_day(end: datetime, zone: tzinfo = UTC) -> str:
    """The last `day` before an end: ends are first moments after, and people read the day that is still inside."""
    return day(end - timedelta(seconds=1), zone)


def mention(slack_id: str) -> str:
    """The person with this Slack id, named and notified; for mrkdwn only. Raises ValueError for other ids."""
    if not _SLACK_PERSON.fullmatch(slack_id):
        raise ValueError("not the Slack id of a person")
    return f"<@{slack_id}>"


def channel(slack_id: str) -> str:
    """The channel with this Slack id by name; for mrkdwn only. Raises ValueError for other ids."""
    if not _SLACK_CHANNEL.fullmatch(slack_id):
        raise ValueError("not the Slack id of a channel")
    return f"<#{slack_id}>"


def link(url: str, text: str) -> str:
    """A link with its own words; for mrkdwn only. Raises ValueError unless it is http, https or mailto."""
    if not url.startswith(("https://", "http://", "mailto:")):
        raise ValueError("a link must begin with https://, http:// or mailto:")
    address = url.replace("|", "%7C").replace(" ", "%20")
    return f"<{escape(address)}|{quote(text).replace('|', '¦')}>"


def _is_shown(character: str) -> bool:
    if character.isspace() or character in _KEPT_FORMAT_CHARACTERS:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def _isolated(text: str, limit: int | None) -> str:
    if text.isascii() or not any(unicodedata.bidirectional(each) in ("R", "AL", "AN") for each in text):
        return text if limit is None else clip(text, limit)
    inside = text if limit is None else clip(text, limit - 2)
    return f"{_ISOLATE}{inside}{_END_OF_ISOLATE}"


def _clusters(text: str) -> Iterator[str]:
    """The pieces of `text` that a reader takes for one character, and Slack's own tokens whole."""
    cluster = ""
    for match in _ATOM.finditer(text):
        atom = match.group()
        if cluster and not _belongs(cluster, atom):
            yield cluster
            cluster = ""
        cluster += atom
    if cluster:
        yield cluster


def _belongs(cluster: str, atom: str) -> bool:
    if len(atom) > 1:
        return False
    if cluster[-1] == _JOINER or atom == _JOINER or unicodedata.category(atom) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= atom <= "\U0001f3ff" or "\U000e0020" <= atom <= "\U000e007f":
        return True
    return len(cluster) == 1 and _is_half_a_flag(cluster) and _is_half_a_flag(atom)


def _is_half_a_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
