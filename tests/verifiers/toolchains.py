"""The verifiers as programs: how each is run here, or why it cannot be."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
BUILD = FOLDER.parents[1] / "build" / "verifiers"
OLDEST_JAVA = 17


class Missing(Exception):
    """A toolchain that this machine does not have; says which, and why."""


def run(
    language: str, folder: Path, jwks: Mapping[str, Any], vectors: list[dict[str, Any]]
) -> list[list[str]]:
    """Run the verifier of a language over vectors: name, verdict, list and clock of each. Raises `Missing`."""
    files = {"jwks.json": jwks, "vectors.json": {"vectors": vectors}}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    environment = {
        "GOCACHE": str(BUILD / "go"),
        "GOTOOLCHAIN": "local",
        "DOTNET_CLI_HOME": str(folder),
        "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
        "DOTNET_NOLOGO": "1",
    }
    said = _output([*COMMANDS[language](folder), *(str(folder / name) for name in files)], environment)
    return [line.split("\t") for line in said.splitlines()]


def _python(folder: Path) -> list[str]:
    return [sys.executable, str(FOLDER / "verify.py")]


def _node(folder: Path) -> list[str]:
    node = _found("node")
    # Node looks for packages beside the program.
    (folder / "node_modules").symlink_to(_node_modules())
    shutil.copy(FOLDER / "verify.mjs", folder)
    return [node, str(folder / "verify.mjs")]


def _java(folder: Path) -> list[str]:
    java = _found("java")
    version = re.search(r'version "(\d+)', _output([java, "-version"]))
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise Missing(f"java is older than {OLDEST_JAVA}")
    if "jdk.compiler" not in _output([java, "--list-modules"]):
        raise Missing("java is there without its compiler")
    return [java, str(FOLDER / "Verify.java")]


def _go(folder: Path) -> list[str]:
    return [_found("go"), "run", str(FOLDER / "verify.go")]


def _csharp(folder: Path) -> list[str]:
    dotnet = _found("dotnet")
    versions = [int(each) for each in re.findall(r"^(\d+)\.", _output([dotnet, "--list-sdks"]), re.MULTILINE)]
    if not versions:
        raise Missing("dotnet is there without its SDK")
    for name in ("Verify.cs", "Verify.csproj"):
        shutil.copy(FOLDER / name, folder)
    own = f"--property:TargetFramework=net{max(versions)}.0"
    return [dotnet, "run", "--project", str(folder / "Verify.csproj"), own, "--"]


COMMANDS = {"Python": _python, "Node": _node, "Java": _java, "Go": _go, "C#": _csharp}


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise Missing(f"{program} is not installed")
    return path


def _node_modules() -> Path:
    """The packages that package-lock.json pins, installed once for each such file."""
    lock = (FOLDER / "package-lock.json").read_bytes()
    installed = BUILD / f"node-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not installed.exists():
        npm = _found("npm")
        BUILD.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILD) as place:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(FOLDER / name, place)
            _install([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], Path(place))
            _put(Path(place) / "node_modules", installed)
    return installed


def _put(made: Path, place: Path) -> None:
    try:
        made.rename(place)
    except OSError:
        # Whoever else installed at the same time installed the same.
        if not place.exists():
            raise


def _install(line: list[str], place: Path) -> None:
    done = subprocess.run(line, cwd=place, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise Missing(f"npm cannot install what package-lock.json pins: {done.stderr.strip()[-300:]}")


def _output(line: list[str], environment: Mapping[str, str] | None = None) -> str:
    """What a program prints; that it fails is a failure of the test."""
    done = subprocess.run(
        line, capture_output=True, text=True, timeout=100, check=False, encoding="utf-8",
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    assert done.returncode == 0, f"{Path(line[0]).name} ended with {done.returncode}: {done.stderr[-2000:]}"
    # java tells its version on the other stream.
    return done.stdout or done.stderr
