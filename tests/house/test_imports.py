import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "store")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SECRET_LIBRARIES = {"cryptography", "jwt", "pkcs11"}
SECRET_MODULES = {
    "store.jws",
    "store.key_files",
    "store.key_formats",
    "store.key_tokens",
    "store.sealed_files",
    "store.signers",
    "store.vault",
}
SLACK_LIBRARIES = {"slack_bolt", "slack_sdk"}


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions and for type checking too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively, which hides the direction"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def top(name: str) -> str:
    return name.partition(".")[0]


def offences(package: str, allowed: Callable[[str], bool]) -> list[str]:
    return [
        f"{module(path)} imports {name}"
        for path in SOURCES
        if within(module(path), package)
        for name in imported(path)
        if not allowed(name)
    ]


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("handlers", {"bot"}),
        ("store", {"bot", "handlers"}),
    ],
)
def test_imports_go_one_way(package: str, forbidden: set[str]) -> None:
    assert offences(package, lambda name: top(name) not in forbidden) == []


def test_the_rules_need_nothing_but_the_standard_library() -> None:
    assert (
        offences(
            "store.rules", lambda name: within(name, "store.rules") or top(name) in sys.stdlib_module_names
        )
        == []
    )


def test_the_store_knows_nothing_of_slack() -> None:
    assert offences("store", lambda name: top(name) not in SLACK_LIBRARIES) == []


def test_the_sandbox_shares_no_code_with_the_app_it_judges() -> None:
    assert (
        offences("bot.sandbox", lambda name: within(name, "bot.sandbox") or top(name) not in PACKAGES) == []
    )


def test_secrets_are_made_and_opened_in_few_places() -> None:
    users = {module(path) for path in SOURCES if SECRET_LIBRARIES & {top(name) for name in imported(path)}}
    assert users <= SECRET_MODULES


def test_the_check_of_imports_sees_files_and_finds_offences() -> None:
    assert {"bot", "handlers", "store", "store.rules.errors"} <= set(map(module, SOURCES))
    assert offences("store.rules", lambda name: top(name) != "dataclasses")
