"""How pip is configured: which indexes it asks, and how it reaches them.

Read from pip's configuration files and `PIP_*` variables, as `pip install` would, without running pip.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wikiagent.errors import ConfigError

PYPI = "https://pypi.org/simple"
_SECTIONS = ("global", "install")


@dataclass(frozen=True)
class PipSettings:
    """What pip would use.

    Attributes:
        indexes: URLs of simple indexes, in order.
        find_links: folders, files or URLs with links to archives.
        trusted_hosts: hosts (`name` or `name:port`) that need no valid certificate.
        proxy: proxy for http and https, or None for what the environment says.
        cert: file or folder of certificate authorities, or None for the default.
        client_cert: file with certificate and key of the client, or None.
        timeout: seconds to wait for an answer.
    """

    indexes: tuple[str, ...] = (PYPI,)
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    proxy: str | None = None
    cert: str | None = None
    client_cert: str | None = None
    timeout: float = 15.0


def pip_settings(environment: Mapping[str, str] = os.environ) -> PipSettings:
    """Read pip's settings.

    Raises:
        ConfigError: a configuration file of pip cannot be read, or a value of it is wrong.
    """
    values = _values(environment)
    indexes = (values.get("index-url", PYPI), *values.get("extra-index-url", "").split())
    try:
        timeout = float(values.get("timeout") or values.get("default-timeout") or PipSettings.timeout)
    except ValueError as error:
        raise ConfigError(
            "pip's setting `timeout` is not a number of seconds; correct it (`pip config list`)."
        ) from error
    return PipSettings(
        indexes=() if values.get("no-index", "").lower() in ("1", "true", "yes", "on", "y", "t") else indexes,
        find_links=tuple(values.get("find-links", "").split()),
        trusted_hosts=tuple(values.get("trusted-host", "").split()),
        proxy=values.get("proxy"),
        cert=values.get("cert"),
        client_cert=values.get("client-cert"),
        timeout=timeout,
    )


def _values(environment: Mapping[str, str]) -> dict[str, str]:
    """All options by name (`index-url`); later places win over earlier ones, an empty value says nothing."""
    files = [_read(file) for file in _files(environment)]
    found: dict[str, str] = {}
    for section in _SECTIONS:
        for parser in files:
            if parser.has_section(section):
                found |= {_option(name): value for name, value in parser.items(section) if value}
    for variable, value in environment.items():
        if variable.startswith("PIP_") and value:
            found[_option(variable.removeprefix("PIP_"))] = value
    return found


def _files(environment: Mapping[str, str]) -> list[Path]:
    """Pip's configuration files, the strongest last: machine, user, virtual environment, `PIP_CONFIG_FILE`."""
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    home = Path.home()
    machine = [Path(folder, "pip") for folder in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":") if folder]
    user = [home / ".pip", Path(environment.get("XDG_CONFIG_HOME") or home / ".config", "pip")]
    if sys.platform == "darwin":
        machine = [Path("/Library/Application Support/pip")]
        user.append(home / "Library/Application Support/pip")
    folders = [*machine, Path("/etc"), *([] if named and Path(named).exists() else user), Path(sys.prefix)]
    return [*(folder / "pip.conf" for folder in folders), *([Path(named)] if named else [])]


def _read(file: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")  # a file that is not there is no file
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ConfigError(
            f"pip's configuration {file} cannot be read; correct it: {error}".replace("\n", " ")
        ) from error
    return parser


def _option(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")
