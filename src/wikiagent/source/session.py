"""The session that asks package indexes: pip's proxy, certificates and logins, and local indexes as `file:` URLs."""

from __future__ import annotations

import ipaddress
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.util import Retry

from wikiagent import __version__
from wikiagent.errors import ConfigError
from wikiagent.source.origin import local_path
from wikiagent.source.pip_settings import PipSettings

_RETRIES = Retry(total=3, backoff_factor=0.25, status_forcelist=(500, 502, 503, 504), raise_on_status=False)


def open_session(pip: PipSettings) -> requests.Session:
    """A session that reaches indexes as pip does; the caller closes it."""
    session = requests.Session()
    session.headers["User-Agent"] = f"wikiagent/{__version__}"
    session.mount("https://", HTTPAdapter(max_retries=_RETRIES))
    session.mount("http://", HTTPAdapter(max_retries=_RETRIES))
    session.mount("file://", _LocalFiles())
    for host in pip.trusted_hosts:
        for end in ("/",) if ":" in host else ("/", ":"):
            session.mount(f"https://{host}{end}", _Unverified(max_retries=_RETRIES))
    if pip.proxy:
        session.proxies = {"http": pip.proxy, "https": pip.proxy}
        session.trust_env = False  # else a proxy of the environment would win over the one that pip is told
    if pip.cert:
        session.verify = pip.cert
    if pip.client_cert:
        session.cert = pip.client_cert
    if logins := _logins(pip):
        session.auth = _SameHost(logins)
    return session


def reachable(url: str, pip: PipSettings) -> str:
    """`url`, where pip would ask it: over https, on this machine, or at a trusted host. A bare path becomes a URL.

    Raises:
        ConfigError: it is plain http to a host that pip is not told to trust.
    """
    if "://" not in url and not url.startswith("file:"):
        return local_path(url).resolve().as_uri()
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not {host, f"{host}:{parts.port}"} & set(pip.trusted_hosts) and not _loopback(host):
        raise ConfigError(
            f"The index at {host} is not https, and pip does not trust it; set `trusted-host` or use https."
        )
    return url


class _LocalFiles(BaseAdapter):
    """Answers `file:` URLs; a folder stands for its index.html."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        answer = requests.Response()
        answer.request = request
        answer.url = request.url or ""
        path = Path(url2pathname(urlsplit(answer.url).path))
        path = path / "index.html" if path.is_dir() else path
        try:
            answer.raw = path.open("rb")
        except OSError as error:
            answer.status_code, answer.reason = 404, error.strerror or ""
            return answer
        answer.status_code = 200
        answer.headers["Content-Type"] = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return answer

    def close(self) -> None:
        """Nothing stays open."""


class _Unverified(HTTPAdapter):
    """For hosts that pip trusts: no certificate is asked for, whatever the session and the environment say."""

    def cert_verify(self, conn: Any, url: str, verify: bool | str | None, cert: Any) -> None:
        super().cert_verify(conn, url, verify=False, cert=cert)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        return super().build_connection_pool_key_attributes(request, False, cert)


class _SameHost(AuthBase):
    """Sends the login of an index URL to its own host, for absolute links too, and to no other."""

    def __init__(self, logins: Mapping[str, tuple[str, str]]) -> None:
        self._logins = logins

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        login = self._logins.get(_host(request.url or ""))
        return HTTPBasicAuth(*login)(request) if login else request


def _logins(pip: PipSettings) -> dict[str, tuple[str, str]]:
    """User name and password by host, from the URLs of indexes and find-links that carry them."""
    parts = [urlsplit(url) for url in (*pip.indexes, *pip.find_links)]
    return {
        _host(part.geturl()): (unquote(part.username), unquote(part.password or "")) for part in parts if part.username
    }


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
