"""The name of a project and the home of its code, as its own metadata says them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from packaging.metadata import parse_email

#: Labels of project URLs that mean the code, the best first; compared without case, blanks and punctuation.
_LABELS = ("repository", "sourcecode", "source", "code", "github", "homepage", "home")

#: Characters of a line of code or metadata that is read; longer ones hold data, and take the square of their length.
MAX_LINE = 20_000


def home_of(root: Path) -> str | None:
    """The URL of the code from `PKG-INFO`, else from `pyproject.toml`; None where they name none."""
    return _best(_pkg_info(root / "PKG-INFO")) or _best(_pyproject(root / "pyproject.toml"))


def name_of(root: Path) -> str | None:
    """The name of the distribution, as `pip install` takes it; None where no metadata states it in plain words."""
    stated = _project(root / "pyproject.toml").get("name")
    found = stated or _setup_cfg_name(root / "setup.cfg") or _setup_py_name(root / "setup.py")
    return (
        found if isinstance(found, str) and re.fullmatch(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", found, re.A) else None
    )


def stated(root: Path) -> tuple[str, str]:
    """Name and version that `PKG-INFO` states; empty where it states none."""
    file = root / "PKG-INFO"
    metadata, _ = parse_email(file.read_bytes()) if file.is_file() else ({}, None)
    return metadata.get("name", ""), metadata.get("version", "")


def plain_url(url: str) -> str | None:
    """`url` without user name and password, or None where it is not http or https."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _best(urls: Mapping[str, Any]) -> str | None:
    plain = {re.sub(r"[\W_]", "", label).lower(): plain_url(str(url)) for label, url in urls.items()}
    return next((url for label in _LABELS if (url := plain.get(label))), None)


def _pkg_info(file: Path) -> Mapping[str, str]:
    if not file.is_file():
        return {}
    metadata, _ = parse_email(file.read_bytes())
    return {"home": metadata.get("home_page", ""), **metadata.get("project_urls", {})}


def _pyproject(file: Path) -> Mapping[str, Any]:
    urls = _project(file).get("urls", {})
    return urls if isinstance(urls, dict) else {}


def _project(file: Path) -> Mapping[str, Any]:
    """The `[project]` table; empty where there is none."""
    try:
        text = file.read_text(encoding="utf-8")
        if max(map(len, text.split("\n"))) > MAX_LINE:
            return {}
        project = tomllib.loads(text).get("project", {})
    except (OSError, ValueError, RecursionError):
        return {}
    return project if isinstance(project, dict) else {}


def _setup_cfg_name(file: Path) -> str | None:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, ConfigParserError):
        return None
    return parser.get("metadata", "name", fallback=None)


def _setup_py_name(file: Path) -> str | None:
    """The name in the call of `setup()`; the file is read, never run."""
    try:
        return _name_given(ast.parse(file.read_bytes()))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _name_given(tree: ast.Module) -> str | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("setup"):
            for keyword in node.keywords:
                if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return None
