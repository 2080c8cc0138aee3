"""The home of the code, as its own metadata names it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from packaging.metadata import parse_email

#: Labels of project URLs that mean the code, the best first; compared without case, blanks and punctuation.
_LABELS = ("repository", "sourcecode", "source", "code", "github", "homepage", "home")


def home_of(root: Path) -> str | None:
    """The URL of the code from `PKG-INFO`, else from `pyproject.toml`; None where they name none."""
    return _best(_pkg_info(root / "PKG-INFO")) or _best(_pyproject(root / "pyproject.toml"))


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
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return {}
    urls = project.get("urls", {}) if isinstance(project, dict) else {}
    return urls if isinstance(urls, dict) else {}
