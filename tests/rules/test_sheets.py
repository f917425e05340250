"""Reading tables of environments: what spreadsheets write, and what is none."""

import codecs
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.rules import sheets
from store.rules.environments import EnvironmentType
from store.rules.errors import FieldError
from store.rules.sheet_errors import (
    ColumnsMissing,
    ColumnUnknown,
    EncodingUnknown,
    RowsMissing,
    RowsTooMany,
    SheetBroken,
    TypeUnknown,
)
from store.rules.sheets import Row

HEAD = "infrastructure,environment type,slot,serial number,platform version"
ONE = f"{HEAD}\nAcme Core,Production,Prod 1,ABC,11.17.0\n"
ROW = Row(2, "Acme Core", "Production", "Prod 1", "ABC", "11.17.0")


@pytest.mark.parametrize(
    "content",
    [
        ONE.encode(),
        ONE.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + ONE.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + ONE.encode("utf-16-be"),
        ONE.replace(",", ";").encode(),
        ONE.replace(",", "\t").encode(),
        ONE.replace("\n", "\r\n").encode(),
        ONE.replace("Acme Core", '" Acme Core "').encode(),
        ONE.replace("serial number", "Serial_Number").encode(),
        b"platform version,slot,serial number,environment type,infrastructure\n11.17.0,Prod 1,ABC,Production,Acme Core",
    ],
    ids=[
        "utf-8",
        "mark",
        "utf-16 le",
        "utf-16 be",
        "semicolons",
        "tabs",
        "windows",
        "quoted",
        "case",
        "order",
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(content: bytes) -> None:
    assert sheets.read(content, 10) == [ROW]


def test_the_line_that_names_the_separator_is_passed_over() -> None:
    assert sheets.read(f"sep=;\n{ONE.replace(',', ';')}".encode(), 10) == [
        Row(3, "Acme Core", "Production", "Prod 1", "ABC", "11.17.0")
    ]


def test_empty_lines_are_left_out_and_lines_are_counted_as_in_the_file() -> None:
    content = f'{HEAD}\n\n,,,,\n"Acme\nCore",Production,,ABC,11.17.0\nB,Production,,ABD,11.17.0\n'
    assert [each.line for each in sheets.read(content.encode(), 10)] == [4, 6]


def test_a_slot_may_be_left_out_and_a_result_be_handed_in_again() -> None:
    head = "line,result,column,explanation,infrastructure,environment type,serial number,platform version"
    content = f"{head}\n7,not registered,,,'=Acme,Production,ABC,11.17.0\n"
    assert sheets.read(content.encode(), 10) == [Row(2, "=Acme", "Production", "", "ABC", "11.17.0")]


def test_more_cells_than_columns_are_noticed() -> None:
    [row] = sheets.read(f"{HEAD}\nAcme, Core,Production,,ABC,11.17.0\n".encode(), 10)
    assert row.surplus


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("Zürich".encode("latin-1"), EncodingUnknown),
        (ONE.encode("utf-16-le"), EncodingUnknown),
        (b"\x00\x01\x02", EncodingUnknown),
        (codecs.BOM_UTF16_LE + b"a", EncodingUnknown),
        (b"", RowsMissing),
        (b"\n \n", RowsMissing),
        (HEAD.encode(), RowsMissing),
        (b"infrastructure,slot\nA,B\n", ColumnsMissing),
        (f"{HEAD},color\n".encode(), ColumnUnknown),
        (f"{HEAD},slot\n".encode(), ColumnUnknown),
        (f'{HEAD}\n"Acme'.encode(), SheetBroken),
        (f"{HEAD}\n".encode() + b"x" * 200_000, SheetBroken),
        (f"{HEAD}\nA,Production,,B,1.1.1\n".encode() + b"A,P,,B,1\n" * 3, RowsTooMany),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, error: type[FieldError]) -> None:
    with pytest.raises(error):
        sheets.read(content, 3)


def test_the_missing_columns_are_named() -> None:
    with pytest.raises(ColumnsMissing) as caught:
        sheets.read(b"infrastructure,slot\nA,B\n", 3)
    assert caught.value.missing == ("environment type", "serial number", "platform version")


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("Production", EnvironmentType.PRODUCTION),
        ("non_production", EnvironmentType.NON_PRODUCTION),
        ("NON-PRODUCTION", EnvironmentType.NON_PRODUCTION),
        ("Non-production: quality, test, pre-production", EnvironmentType.NON_PRODUCTION),
    ],
)
def test_types_are_known_by_the_words_of_lists_and_of_import_files(typed: str, kind: EnvironmentType) -> None:
    assert sheets.parse_type(typed) is kind


def test_another_type_is_refused() -> None:
    with pytest.raises(TypeUnknown):
        sheets.parse_type("staging")


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: f"{HEAD}\n{text}".encode(errors="replace"))
)
def test_whatever_is_handed_in_is_read_or_refused_in_words(content: bytes) -> None:
    with suppress(FieldError):
        sheets.read(content, 5)
