"""Reads what a source asks to be installed with it: `setup.py`, `setup.cfg`, `pyproject.toml`. Nothing is run."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from wikiagent.source.evidence import Place

_PYTHON = re.compile(r"^\s*(?:python_requires|requires-python)\s*=\s*[\"']?([^\"'#\n]+?)[\"']?,?\s*$")
_STRING = re.compile(r"[\"']([A-Za-z][^\"']*)[\"']")
_OPENS = re.compile(r"^\s*(?:\w*(?:REQUIRE|require)\w*|dependencies)\s*=\s*\[|^\s*install_requires\s*=\s*\[")


def is_setup_file(path: str) -> bool:
    """Whether a file at the root of the source says what to install."""
    return path in ("setup.py", "setup.cfg", "pyproject.toml")


def read(path: str, lines: tuple[str, ...]) -> Iterator[tuple[str, str, Place]]:
    """What a set-up file requires at run time.

    Yields:
        The package (`python` for the language), the requirement as written, and the one line that says it.
    """
    if not is_setup_file(path):
        return
    for number, line in enumerate(lines, 1):
        python = _PYTHON.match(line)
        if python:
            yield "python", python[1].strip(), Place(path, number, number)
    wanted = {"setup.py": _setup_py, "setup.cfg": _setup_cfg, "pyproject.toml": _pyproject}[path](lines)
    for text in wanted:
        try:
            package = Requirement(text).name
        except InvalidRequirement:
            continue
        found = next((n for n, line in enumerate(lines, 1) if text in line), None)
        if found:
            yield package, text, Place(path, found, found)


def _setup_py(lines: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    inside = False
    for line in lines:
        inside = inside or bool(_OPENS.match(line))
        if inside:
            found += _STRING.findall(line.split("#")[0])
            inside = "]" not in re.sub(r"[\"'][^\"']*[\"']", "", line)
    return found


def _setup_cfg(lines: tuple[str, ...]) -> list[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string("\n".join(lines))
    except configparser.Error:
        return []
    return [line.strip() for line in parser.get("options", "install_requires", fallback="").split("\n") if line.strip()]


def _pyproject(lines: tuple[str, ...]) -> list[str]:
    try:
        project = tomllib.loads("\n".join(lines)).get("project", {})
    except tomllib.TOMLDecodeError:
        return []
    wanted = project.get("dependencies", []) if isinstance(project, dict) else []
    return [text for text in wanted if isinstance(text, str)]
