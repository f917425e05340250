import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.blocks.text import (
    channel,
    clip,
    date,
    escape,
    last_day,
    link,
    mention,
    plain,
    quote,
    units,
    utc,
)

FAMILY = "👨\u200d👩\u200d👧"
FLAG = "🇵🇹"
ACCENTED = "e\u0301"
THUMB = "👍🏽"


def test_what_slack_would_take_for_a_command_is_escaped() -> None:
    assert escape("<!channel> & <@U1> <https://x.example|y>") == (
        "&lt;!channel&gt; &amp; &lt;@U1&gt; &lt;https://x.example|y&gt;"
    )


def test_an_entity_somebody_typed_is_shown_as_typed() -> None:
    assert escape("&lt;!channel&gt;") == "&amp;lt;!channel&amp;gt;"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Chicago"])
def test_the_last_day_before_an_end_is_that_of_the_calendar_it_was_set_in(zone: str) -> None:
    end = datetime(2027, 1, 1, tzinfo=ZoneInfo(zone))

    assert last_day(end.astimezone(UTC), ZoneInfo(zone)) == "31 Dec 2026"


def test_a_text_of_just_the_limit_is_left_alone() -> None:
    assert clip("abcde", 5) == "abcde"


def test_the_ellipsis_counts() -> None:
    assert clip("abcdef", 5) == "abcd…"


def test_no_space_is_left_before_the_ellipsis() -> None:
    assert clip("abc defg", 5) == "abc…"


@pytest.mark.parametrize(
    ("whole", "reason"),
    [
        ("&amp;", "an entity"),
        (FAMILY, "people joined into one emoji"),
        (FLAG, "a flag of two letters"),
        (ACCENTED, "a letter and its accent"),
        (THUMB, "an emoji and its skin tone"),
        ("<@U012AB3CD>", "a mention"),
        ("<!date^1764670500^{date}|2 Dec 2026>", "a date"),
        ("<https://example.com/a|the page>", "a link"),
        ("𝒳", "a character of two UTF-16 units"),
    ],
)
def test_what_reads_as_one_thing_is_kept_whole_or_left_out(whole: str, reason: str) -> None:
    text = "ab" + whole + "x" * 50
    results = {clip(text, limit) for limit in range(1, units(text))}
    assert "ab…" in results
    assert all(len(result) <= 3 or whole in result for result in results), reason


@given(st.text(max_size=200), st.integers(1, 210))
@example("&amp;" * 20, 7)
@example(FAMILY * 9, 20)
def test_a_clipped_text_is_never_over_the_limit_however_slack_counts(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert len(clipped) <= limit
    assert len(clipped.encode("utf-16-le")) // 2 <= limit


@given(st.text(max_size=200), st.integers(1, 210))
def test_a_clipped_text_is_the_beginning_of_the_text(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert clipped == text or text.startswith(clipped.removesuffix("…"))


@given(st.text(alphabet="ab<>&", max_size=80), st.integers(1, 60))
def test_an_escaped_text_stays_escaped_when_clipped(text: str, limit: int) -> None:
    left = re.sub(r"&(?:amp|lt|gt);", "", clip(escape(text), limit))
    assert not set("&<>") & set(left)


@given(st.text(alphabet="a\u0301\u200d🇵🏽👍", max_size=60), st.integers(1, 60))
def test_a_text_is_not_cut_before_a_mark_that_belongs_to_what_is_kept(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    if clipped == text or clipped == "…":
        return
    following = text[len(clipped) - 1]
    assert not unicodedata.combining(following)
    assert following != "\u200d"


def test_clipping_to_nothing_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="nothing"):
        clip("abc", 0)


def test_a_long_text_with_nothing_but_one_huge_character_becomes_an_ellipsis() -> None:
    assert clip("e" + "\u0301" * 100, 10) == "…"


@pytest.mark.parametrize(
    "typed",
    ["*bold*", "_italic_", "~gone~", "`code`", "```code```", "a *b* c", "(_x_)", "*_~both~_*", "_a_b_", "x_"],
)
def test_no_mark_that_people_typed_can_format_our_text(typed: str) -> None:
    quoted = quote(typed)
    assert not set("*~`") & set(quoted)
    assert not re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", quoted)


def test_a_name_with_underscores_can_still_be_copied() -> None:
    assert quote("app_server_1") == "app_server_1"


def test_a_channel_mention_that_people_typed_wakes_nobody() -> None:
    assert quote("<!channel> <@U1>") == "&lt;!channel&gt; &lt;@U1&gt;"


def test_lines_that_people_typed_are_folded_into_one() -> None:
    assert quote("one\r\ntwo\u2028three\tfour\n\n") == "one two three four"


def test_what_people_typed_cannot_begin_a_block_quotation() -> None:
    assert not re.match(r"(?:&gt;|>)", quote("> said so"))


@pytest.mark.parametrize(
    "control", ["\u202e", "\u202d", "\u2067", "\u2066", "\u200f", "\u061c", "\x07", "\x00"]
)
def test_controls_that_people_typed_are_taken_out(control: str) -> None:
    assert quote(f"invoice{control}fdp.exe") == "invoicefdp.exe"
    assert plain(f"invoice{control}fdp.exe") == "invoicefdp.exe"


def test_right_to_left_text_does_not_disturb_what_follows_it() -> None:
    assert quote("שרת 2") == "\u2068שרת 2\u2069"
    assert plain("خادم") == "\u2068خادم\u2069"


def test_the_isolation_of_right_to_left_text_survives_clipping() -> None:
    clipped = quote("ש" * 50, limit=10)
    assert clipped.startswith("\u2068")
    assert clipped.endswith("…\u2069")
    assert units(clipped) == 10


def test_emoji_that_people_typed_stay() -> None:
    assert quote(f"done {FAMILY} {THUMB}") == f"done {FAMILY} {THUMB}"


def test_half_a_surrogate_pair_is_taken_out() -> None:
    assert quote("a\ud83db") == "ab"


@given(st.text(max_size=300), st.integers(3, 100))
def test_quoted_text_is_one_harmless_line_within_its_limit(text: str, limit: int) -> None:
    quoted = quote(text, limit)
    assert units(quoted) <= limit
    assert len(quoted.splitlines()) <= 1
    assert not set("<>*~`") & set(quoted)
    quoted.encode("utf-8")


@given(st.from_regex(r"[A-Za-z0-9]+(?:[ .,;:@/()'-][A-Za-z0-9]+)*", fullmatch=True), st.integers(1, 60))
def test_a_usual_name_is_quoted_as_it_is_alone_and_beside_what_must_be_tamed(name: str, limit: int) -> None:
    assert quote(name, limit) == clip(name, limit)
    assert quote(f"{name} *") == f"{name} ∗"


def test_plain_text_keeps_the_characters_that_mean_something_elsewhere() -> None:
    assert plain(" A & B\n*x* ") == "A & B *x*"


def test_a_date_is_resolved_by_the_reader_s_client_and_falls_back_to_utc() -> None:
    moment = datetime(2026, 12, 2, 11, 15, tzinfo=timezone(timedelta(hours=1)))
    assert (
        date(moment)
        == f"<!date^{int(moment.timestamp())}^{{date_short_pretty}}, {{time}}|2 Dec 2026, 10:15 UTC>"
    )


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 12, 2, 10, 15, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        utc(naive)
    with pytest.raises(ValueError, match="zone"):
        date(naive)


def test_only_a_person_s_id_makes_a_mention() -> None:
    assert mention("U012AB3CD") == "<@U012AB3CD>"
    assert mention("W012AB3CD") == "<@W012AB3CD>"
    for wrong in ("C012", "!channel", "U1>", "", "u012", "U1\n"):
        with pytest.raises(ValueError, match="person"):
            mention(wrong)


def test_only_a_channel_s_id_makes_a_channel_link() -> None:
    assert channel("C012") == "<#C012>"
    with pytest.raises(ValueError, match="channel"):
        channel("U012")


def test_a_link_cannot_be_broken_out_of() -> None:
    assert (
        link("https://x.example/?a=1&b=>|", "> a|b")
        == "<https://x.example/?a=1&amp;b=&gt;%7C|\u200b&gt; a¦b>"
    )
    with pytest.raises(ValueError, match="https"):
        link("javascript:alert(1)", "x")
