"""Git: one revision of a repository, read object by object.

Nothing is checked out: blobs are read as they are stored, so no hook, filter, attribute, submodule or LFS download of
a repository takes part.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from wikiagent.errors import RemoteError, SourceError
from wikiagent.source.archive import MAX_BYTES, Budget, inside
from wikiagent.source.origin import GIT_SCHEMES, Repository, without_login

_LINK = "120000"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
#: Bytes of the pack that a commit may come in: no more of it reaches the disk.
MAX_PACK = MAX_BYTES
_SAFE = (
    "-c",
    "fetch.unpackLimit=1",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "credential.interactive=false",
)
_OF_THE_CALLER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")


class _GitError(SourceError):
    """Git ran and failed; the message is what it said."""


def is_commit(rev: str) -> bool:
    """Whether `rev` is a full commit id."""
    return _COMMIT.fullmatch(rev) is not None


def resolve(repository: Repository) -> str:
    """The commit that the revision means now; a tag wins over a branch of the same name, as in git.

    Raises:
        SourceError: there is no such repository or revision.
        RemoteError: the repository cannot be reached.
    """
    if is_commit(repository.rev):
        return repository.rev
    answer = _remote(repository, "ls-remote", "--quiet", "--", repository.url)
    refs = {name: commit for commit, name in (line.split("\t", 1) for line in answer.decode().splitlines())}
    rev = repository.rev
    for name in (f"refs/tags/{rev}^{{}}", f"refs/tags/{rev}", f"refs/heads/{rev}", rev):
        if name in refs:
            return refs[name]
    known = [
        name.split("/", 2)[2] for name in refs if name.startswith(("refs/heads/", "refs/tags/")) and "^" not in name
    ]
    near = difflib.get_close_matches(rev, known, n=4, cutoff=0.4) or known[:4]
    raise SourceError(
        f"{repository.url} has no branch or tag {rev!r} (there are: {', '.join(near) or 'none'}); "
        "a commit is named by its full 40 characters."
    )


def fetch_commit(repository: Repository, commit: str, into: Path, progress: Callable[[str], None]) -> Path:
    """Fetch the files of one commit, without history, into an empty folder.

    Returns:
        The folder that holds the files, below `into`. Links and submodules are left out.

    Raises:
        SourceError: the repository has no such commit, or its tree is not safe.
        RemoteError: the repository cannot be reached.
    """
    progress(f"Fetching {repository.url} at {commit[:12]} ...")
    bare, tree = into / "bare.git", into / "tree"
    tree.mkdir()
    form = "sha256" if len(commit) == 64 else "sha1"
    _run(["init", "--quiet", "--bare", "--template=", f"--object-format={form}", str(bare)], None)
    _remote(
        repository,
        *("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"),
        *("--", repository.url, commit),
        folder=bare,
    )
    _write_blobs(bare, _tree(bare, commit), tree, Budget(repository.url))
    return tree


def blob_id(content: bytes, like: str) -> str:
    """The object id of a file's content, by the hash that the id `like` is of."""
    kind = hashlib.sha256 if len(like) == 64 else hashlib.sha1
    return kind(b"blob %d\0" % len(content) + content).hexdigest()


def checkout_files(folder: Path) -> list[str]:
    """The paths below `folder` that are tracked or not ignored; none where it is in no git checkout, or all ignored."""
    try:
        listing = _run(["ls-files", "-z", "--cached", "--others", "--exclude-standard"], folder)
    except SourceError:
        return []
    return sorted({os.fsdecode(path) for path in listing.split(b"\0") if path})


def head(folder: Path) -> tuple[str, dict[str, str]] | None:
    """The commit of the checkout whose top is `folder`, and the object ids of its files by path; else None."""
    try:
        top, commit = _run(["rev-parse", "--show-toplevel", "HEAD"], folder).decode().split("\n")[:2]
        return (commit, _tree(folder, commit)) if Path(top).resolve() == folder.resolve() else None
    except SourceError:
        return None


def web_url(folder: Path) -> str | None:
    """The `https://host/owner/name` that the remote `origin` of a checkout most likely has, or None."""
    try:
        url = _run(["config", "--get", "remote.origin.url"], folder).decode().strip()
    except SourceError:
        return None
    parts = urlsplit(re.sub(r"^([\w.-]+@)?([\w.-]+):(?!//)", r"ssh://\2/", url))
    if parts.scheme not in GIT_SCHEMES or not parts.hostname:
        return None
    scheme = parts.scheme if parts.scheme.startswith("http") else "https"
    return urlunsplit((scheme, parts.hostname, parts.path.rstrip("/").removesuffix(".git"), "", ""))


def _tree(folder: Path, commit: str) -> dict[str, str]:
    """The object ids of the files of a commit, by path; links and submodules are left out."""
    blobs = {}
    for entry in filter(None, _run(["ls-tree", "-r", "-z", "--full-tree", commit], folder).split(b"\0")):
        about, _, path = entry.partition(b"\t")
        mode, kind, blob = about.decode().split()
        if kind == "blob" and mode != _LINK:
            blobs[os.fsdecode(path)] = blob
    return blobs


def _write_blobs(bare: Path, blobs: dict[str, str], tree: Path, budget: Budget) -> None:
    command = ["git", *_SAFE, "-C", str(bare), "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for path, blob in blobs.items():
            target = tree / inside(path, budget.what)
            process.stdin.write(blob.encode() + b"\n")
            process.stdin.flush()
            size = int(process.stdout.readline().split()[-1])
            budget.member()
            budget.spend(size)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(process.stdout.read(size + 1)[:-1])


def _remote(repository: Repository, command: str, *arguments: str, folder: Path | None = None) -> bytes:
    """Run a git command that talks to the repository."""
    try:
        return _run([command, *arguments], folder, _login(repository))
    except _GitError as error:
        said = str(error)
        if re.search(r"not our ref|unadvertised object", said):
            raise SourceError(f"{repository.url} has no commit {repository.rev}; check the revision.") from error
        if re.search(r"index-pack|[Ff]ile too large|pack-objects died|remote end hung up", said) and command == "fetch":
            raise SourceError(
                f"{repository.url} did not send {repository.rev} whole, or it has more than {MAX_PACK:,} bytes, so "
                "nothing of it was kept."
            ) from error
        local = repository.url.startswith("file:")
        if local or re.search(r"not found|could not read (user|pass)|authentication|denied", said, re.IGNORECASE):
            raise SourceError(
                f"{repository.url} is no git repository, or it needs a login that git does not have ({said}). "
                "Check the URL with `git ls-remote`."
            ) from error
        raise RemoteError(f"{repository.url} cannot be reached: {said}. Check the network and try again.") from error


def _run(arguments: list[str], folder: Path | None, environment: dict[str, str] | None = None) -> bytes:
    """Run git and return what it prints.

    Raises:
        SourceError: git is not installed, or (`_GitError`) it failed.
    """
    where = ["-C", str(folder)] if folder else []
    try:
        done = subprocess.run(
            ["git", *_SAFE, *where, *arguments],
            capture_output=True,
            check=True,
            env=_environment() | (environment or {}),
            preexec_fn=_bound if arguments[0] == "fetch" and os.name == "posix" else None,
        )
    except FileNotFoundError as error:
        raise SourceError("git is not installed; install it, or name the source as a folder or a package.") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode("utf-8", "replace").splitlines()
        said = next((line for line in lines if line.strip() and not line.startswith("warning:")), "git failed")
        raise _GitError(without_login(re.sub(r"^(fatal|error|remote): ", "", said)).strip(" .")) from error
    return done.stdout


def _bound() -> None:
    """Let git write no file that is larger than a source may be."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_PACK, MAX_PACK))


def _environment() -> dict[str, str]:
    """The environment for git: it asks nothing, speaks English, and knows nothing of a repository that called us."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_THE_CALLER}
    return {
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        "GIT_HTTP_LOW_SPEED_LIMIT": "1000",
        "GIT_HTTP_LOW_SPEED_TIME": "60",
        **kept,
        "GIT_ALLOW_PROTOCOL": ":".join(GIT_SCHEMES),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }


def _login(repository: Repository) -> dict[str, str]:
    """User name and password as a header in the environment: on a command line every user of the machine sees them."""
    if not repository.login:
        return {}
    code = base64.b64encode(":".join(repository.login).encode()).decode()
    parts = urlsplit(repository.url)
    count = os.environ.get("GIT_CONFIG_COUNT", "")
    at = int(count) if count.isdecimal() else 0
    return {
        "GIT_CONFIG_COUNT": str(at + 1),
        f"GIT_CONFIG_KEY_{at}": f"http.{parts.scheme}://{parts.netloc}/.extraHeader",
        f"GIT_CONFIG_VALUE_{at}": f"Authorization: Basic {code}",
    }
