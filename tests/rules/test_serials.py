import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.rules.errors import FieldError
from store.rules.serials import (
    ActivationCodeMalformed,
    ActivationCodeTyped,
    SerialMalformed,
    parse_activation_code,
    parse_serial,
)

SERIAL = "ABC-D1E-F2G-H3I-J4K-L5M-N6O-P7Q"
CODE = SERIAL.replace("-", ".")
PLAIN = SERIAL.replace("-", "")

groups = st.lists(st.from_regex(r"[A-Z0-9]{3}", fullmatch=True), min_size=8, max_size=8)
serials = groups.map("-".join)
codes = groups.map(".".join)
dashes = st.sampled_from(["-", "–", "—", "‐", "‑", "−", " ", " - ", "\u00a0", "", "\n", "－"])
wrappings = st.sampled_from(["", " ", "`", "'", '"', "“", "”", "«", "»", "\u200b", "\ufeff", "\u2060", "\t"])
endings = wrappings | st.sampled_from([".", ",", "”."])
labels = st.sampled_from(
    ["", "Serial number: ", "serial number ", "SERIAL: ", "Serial no. ", "S/N: ", "serial#"]
)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (SERIAL, "as the console shows it"),
        (SERIAL.lower(), "lower case"),
        (SERIAL.replace("-", " "), "spaces"),
        (SERIAL.replace("-", "–"), "en dashes of a word processor"),
        (SERIAL.replace("-", "—"), "em dashes"),
        (SERIAL.replace("-", "\u2011"), "hyphens that do not break a line"),
        (SERIAL.replace("-", "\u2212"), "minus signs"),
        (PLAIN, "no separators"),
        (PLAIN.lower(), "no separators, lower case"),
        (f"`{SERIAL}`", "as code"),
        (f"“{SERIAL}”.", "in quotes at the end of a sentence"),
        (f"\u200b{SERIAL}\ufeff", "zero-width characters around it"),
        (SERIAL.replace("-", "-\u200b"), "zero-width characters inside it"),
        (f"Serial number: {SERIAL}", "with its label"),
        (f"serial number {SERIAL}", "with its label and no colon"),
        (f"Serial number:\n“{SERIAL}”", "label, new line and quotes"),
        (f"S/N: {SERIAL}", "with a short label"),
        (SERIAL.translate({ord(each): ord(each) + 0xFEE0 for each in SERIAL}), "full-width characters"),
    ],
)
def test_a_serial_number_is_read_as_people_type_it(typed: str, why: str) -> None:
    assert parse_serial(typed) == SERIAL, why


@pytest.mark.parametrize(
    "serial", ["SER-IAL-NUM-BER-123-456-789-012", "SN1-SNO-S/N".replace("/", "X") + "-AAA" * 5]
)
def test_a_serial_number_that_looks_like_its_label_is_kept(serial: str) -> None:
    assert parse_serial(serial) == serial
    assert parse_serial(serial.replace("-", " ")) == serial
    assert parse_serial(serial.replace("-", "")) == serial


@given(serials, dashes, wrappings, endings, labels, st.booleans())
def test_every_way_of_writing_a_serial_number_gives_the_same_one(
    serial: str, dash: str, before: str, after: str, label: str, lower: bool
) -> None:
    written = serial.replace("-", dash)
    typed = f"{label}{before}{written.lower() if lower else written}{after}"
    assert parse_serial(typed) == serial


@given(st.text(max_size=60) | serials)
def test_reading_a_serial_number_again_changes_nothing(text: str) -> None:
    try:
        once = parse_serial(text)
    except FieldError:
        return
    assert parse_serial(once) == once


@given(st.text(max_size=80))
def test_any_text_is_a_serial_number_or_an_error_at_its_field(text: str) -> None:
    try:
        outcome = str(len(parse_serial(text)))
    except FieldError as error:
        outcome = error.field
    assert outcome in {"31", "serial"}


@given(codes, labels)
def test_an_activation_code_typed_in_its_place_is_recognized(code: str, label: str) -> None:
    with pytest.raises(ActivationCodeTyped):
        parse_serial(label + code.lower())


@pytest.mark.parametrize(
    "typed", [f"Activation code: {CODE}", f"`{CODE}`.", CODE.replace(".", " . "), PLAIN[:3] + "." + PLAIN[3:]]
)
def test_an_activation_code_is_recognized_however_it_is_typed(typed: str) -> None:
    with pytest.raises(ActivationCodeTyped):
        parse_serial(typed)


@pytest.mark.parametrize(
    ("typed", "length", "wrong"),
    [
        ("", 0, None),
        ("ABC-DEF", 6, None),
        (SERIAL[:-1], 23, None),
        (SERIAL + "-R8S", 27, None),
        (SERIAL[:-1] + "?", 24, "?"),
        (SERIAL.replace("C", "С"), 24, "С"),  # a Cyrillic letter that looks Latin
        (SERIAL.replace("I", "ı"), 24, "ı"),  # a dotless i, whose capital would be the Latin I
        (SERIAL.replace("-", "/"), 31, "/"),
        ("Straße", 6, "ß"),
        (
            SERIAL[:-4] + ".P7Q",
            25,
            ".",
        ),  # hyphens and one dot: neither a serial number nor an activation code
    ],
)
def test_a_wrong_serial_number_says_how_long_it_is_and_which_character_is_wrong(
    typed: str, length: int, wrong: str | None
) -> None:
    with pytest.raises(SerialMalformed) as caught:
        parse_serial(typed)
    assert (caught.value.length, caught.value.expected, caught.value.wrong) == (length, 24, wrong)


@given(
    codes,
    st.sampled_from([".", " . ", " ", ""]),
    st.sampled_from(["", "Activation code: ", "activation code "]),
)
def test_every_way_of_writing_an_activation_code_gives_the_same_one(code: str, dot: str, label: str) -> None:
    assert parse_activation_code(label + code.replace(".", dot).lower()) == code


@pytest.mark.parametrize(
    ("typed", "length", "wrong"), [(SERIAL, 31, "-"), (CODE[:-1], 23, None), ("", 0, None)]
)
def test_a_wrong_activation_code_says_what_is_wrong(typed: str, length: int, wrong: str | None) -> None:
    with pytest.raises(ActivationCodeMalformed) as caught:
        parse_activation_code(typed)
    assert (caught.value.field, caught.value.length, caught.value.wrong) == ("activation_code", length, wrong)
