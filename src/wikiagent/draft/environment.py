"""The extractive drafter's Environment page: what the checks and set-up files ask for, in fixed phrases."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import replace

from packaging.requirements import Requirement as Wanted

from wikiagent.check.phrases import PLATFORMS, SET_UP_FILES
from wikiagent.draft.said import (
    Context,
    Sentence,
    conditions_of,
    documented,
    exhibits,
    listed,
    metadata,
    raised,
    refs_of,
    sentences,
    shows,
    topics,
    where,
)
from wikiagent.mine import words
from wikiagent.mine.candidates import Candidate
from wikiagent.mine.signal import Signal
from wikiagent.wiki.page import (
    Environment,
    EnvironmentCategory,
    ErrorRow,
    Exhibit,
    Link,
    Prose,
    Requirement,
    Statement,
)

NOT_STATED = "not stated in the source"
#: Functions whose documentation is quoted on a page.
MAX_READERS = 3
#: Distributions named in messages that an install command takes up.
MAX_ADVISED = 1
#: Rows of Common Errors.
MAX_ERRORS = 6
_REMEDY = re.compile(r"\b(please|install|upgrade|use|set|pass)\b", re.I)
_SECRET = re.compile(r"(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|CREDENTIALS?)(_|$)", re.I)


def draft_environment(candidate: Candidate, related: tuple[Link, ...], context: Context) -> Environment:
    """Draft an Environment page from the checks, requirements, messages and remarks of its candidate."""
    candidate = replace(candidate, signals=(*candidate.signals, *_readers(candidate, context)))
    shown = exhibits(candidate, context)
    # what no exhibit shows is not told either
    signals = tuple(signal for signal in (*candidate.signals, *candidate.also) if refs_of(signal, shown))
    remarks = sentences((s for s in signals if s.kind in ("comment", "warning", "deprecation", "summary")), shown)
    # a version gate says where the code differs, not what has to be installed
    packages = () if _is_gate(candidate) else _packages(signals, shown, context)
    return Environment(
        name=f"{context.repo}_{candidate.name}",
        metadata=metadata(candidate, context),
        overview=_overview(candidate, signals, shown, context),
        description=_description(signals, remarks, shown, context),
        usage=_usage(candidate, context),
        requirements=_requirements(signals, shown, context),
        python_packages=packages if _is_core(candidate) else (_plain(f"`{context.snapshot.name}`"), *packages),
        credentials=_variables(signals, shown),
        quick_install=_install(candidate, signals, context),
        evidence=shown,
        errors=_errors(signals, shown),
        related=related,
        category=EnvironmentCategory(candidate.category),
        topics=topics(candidate, context),
    )


def _readers(candidate: Candidate, context: Context) -> list[Signal]:
    """What the documentation says first of the functions that read an environment variable."""
    out: list[Signal] = []
    for signal in candidate.signals:
        if signal.kind == "env_var" and signal.symbol and len(out) < MAX_READERS:
            told = documented(signal, context, (*candidate.signals, *candidate.also, *out))
            out += [opening for opening in told if opening.kind == "summary"][:1]
    return out


def _is_core(candidate: Candidate) -> bool:
    return candidate.signals[0].kind == "requirement"


def _is_gate(candidate: Candidate) -> bool:
    return candidate.category == "Core" and candidate.signals[0].kind == "version"


def _plain(text: str) -> Prose:
    return (Statement(text=text),)


def _subjects(signals: Iterable[Signal], *kinds: str) -> dict[str, list[Signal]]:
    """Signals of these kinds by what they are about, in order."""
    found: dict[str, list[Signal]] = {}
    for signal in signals:
        if signal.kind in kinds and signal.subject:
            found.setdefault(signal.subject, []).append(signal)
    return found


def _refs(signals: Iterable[Signal], shown: tuple[Exhibit, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref for signal in signals for ref in refs_of(signal, shown)[:1]))


def _overview(candidate: Candidate, signals: tuple[Signal, ...], shown: tuple[Exhibit, ...], context: Context) -> Prose:
    name = context.snapshot.name
    if _is_core(candidate):
        required = _subjects((signal for signal in signals if not _marker(signal)), "requirement")
        names = listed(required or _subjects(signals, "requirement")).replace("`python`", "Python")
        return (
            Statement(text=f"The core install of `{name}` requires {names}.", refs=_refs(candidate.signals, shown)),
        )
    if candidate.signals[0].kind == "extra":
        names = listed(_subjects(signals, "extra"))
        return (Statement(text=f"`{name}` has optional extras: {names}.", refs=_refs(candidate.signals, shown)),)
    if candidate.signals[0].kind == "platform":
        asked = [signal for signal in signals if signal.kind == "platform"]
        text = PLATFORMS.format(name=name)
        return (Statement(text=text, refs=_refs(asked, shown)),)
    devices, variables = _subjects(signals, "device"), _subjects(signals, "env_var")
    if variables:
        told = "variable" if len(variables) == 1 else "variables"
        read = {group[0].symbol for group in variables.values()}
        reader = next(iter(read)) if len(read) == 1 else ""
        text = f"`{reader or name}` uses the environment {told} {listed(variables)}."
        return (Statement(text=text, refs=_refs((s for group in variables.values() for s in group), shown)),)
    if devices:
        text = f"`{name}` asks whether there is a device of the kind {listed(devices, 'or')}."
        return (Statement(text=text, refs=_refs((s for group in devices.values() for s in group), shown)),)
    packages = _subjects(signals, "availability", "version")
    checked = _refs((s for group in packages.values() for s in group), shown)
    if _subjects(signals, "availability"):
        text = f"`{name}` checks whether {listed(packages)} can be imported."
    else:
        text = f"`{name}` asks for the version of {listed(packages)}."
    return (Statement(text=text, refs=checked),)


def _description(
    signals: tuple[Signal, ...], remarks: list[Sentence], shown: tuple[Exhibit, ...], context: Context
) -> Prose:
    """What is checked where, and what the source remarks on it."""
    out: dict[str, Statement] = {}
    for signal in signals:
        where = f"`{signal.symbol}`" if signal.symbol else "The module"
        if signal.kind == "availability":
            text = f"{where} checks whether `{signal.subject}` can be imported."
        elif signal.kind == "version":
            text = f"{where} {_asks(signal)}."
        elif signal.kind == "platform":
            text = f"{where} asks whether {signal.text}."
        elif signal.kind == "extra":
            text = f"The extra `{signal.subject}` installs {signal.text}."
        elif signal.kind == "env_var":
            text = f"{where} uses `{signal.subject}` in {signal.text}."
        elif signal.kind == "device":
            asked = dict.fromkeys(s.text for s in signals if s.kind == "device" and s.place == signal.place)
            text = f"{where} asks {', '.join(asked)}."
        else:
            continue
        same = [s for s in signals if s.kind == "device" == signal.kind and s.place == signal.place] or [signal]
        refs = _refs(same, shown)
        if refs:
            out.setdefault(text, Statement(text=text, refs=refs))
    if not out:
        text = SET_UP_FILES.format(name=context.snapshot.name)
        return (Statement(text=text, refs=_refs(signals, shown)),)
    return (*list(out.values())[:8], *(remark.statement() for remark in remarks[:6]))


def _asks(signal: Signal) -> str:
    """What a version check asks: `` asks whether the version of `torch` is below 2.4 ``."""
    *how, version = signal.text.split()[1:]
    if how and how[0].isalpha():
        return f"asks whether the version of `{signal.subject}` is {' '.join(how)} {version}"
    return f"compares the version of `{signal.subject}` with {version}"


def _usage(candidate: Candidate, context: Context) -> str:
    if candidate.owners:
        return f"Use this environment when working with {listed(candidate.owners[:4])}."
    return f"Use this environment wherever `{context.snapshot.name}` is installed."


def _requirements(signals: tuple[Signal, ...], shown: tuple[Exhibit, ...], context: Context) -> tuple[Requirement, ...]:
    devices = _subjects(signals, "device")
    python = [s for s in signals if s.kind == "requirement" and s.subject == "python" and refs_of(s, shown)][:1]
    hardware, asked = _plain(NOT_STATED), _plain(NOT_STATED)
    if devices:
        text = f"checks for {listed(devices)}"
        hardware = (Statement(text=text, refs=_refs((group[0] for group in devices.values()), shown)),)
    if python:
        asked = (Statement(text=python[0].text, refs=_refs(python, shown)),)
    note = _plain(f"required by `{context.snapshot.name}` itself") if python else ()
    return (
        Requirement(category="OS", requirement=_plain(NOT_STATED)),
        Requirement(category="Hardware", requirement=hardware),
        Requirement(category="Python", requirement=asked, notes=note),
    )


def _bound(signal: Signal) -> str:
    """The version constraint of a signal, without the package's name: `>=0.5.0`, or nothing."""
    if signal.kind == "requirement":
        return re.sub(r"^[\w.\-]+(\[[\w,.\-]+\])?\s*", "", signal.text).partition(";")[0].strip()
    found = re.search(r"(>=|>)\s*([\w.]+)$", signal.text)
    return f"{found[1]}{found[2]}" if found and signal.kind == "version" else ""


def _extra_bound(signal: Signal, package: str) -> str:
    """The version that an extra asks for of a package, or nothing."""
    for text in re.findall(r"`([^`]+)`", signal.text):
        wanted = Wanted(text)
        if wanted.name.lower().replace("-", "_") == package.lower().replace("-", "_"):
            return str(wanted.specifier)
    return ""


def _marker(signal: Signal) -> str:
    """The condition of a requirement: `python_version < '3.11'`, or nothing."""
    return signal.text.partition(";")[2].strip() if signal.kind == "requirement" else ""


def _packages(signals: tuple[Signal, ...], shown: tuple[Exhibit, ...], context: Context) -> tuple[Prose, ...]:
    out = []
    for package, group in _subjects(signals, "requirement", "version", "availability").items():
        if package == "python":
            continue
        extras = [(s, bound) for s in signals if s.kind == "extra" and (bound := _extra_bound(s, package))]
        if extras and not any(_bound(s) for s in group):
            signal, bound = extras[0]
            out.append((Statement(text=f"`{package}` {bound}", refs=_refs([signal], shown)),))
            continue
        bounds = [s for s in group if _bound(s)]
        advised = (
            []
            if bounds
            else [(n, s) for n, s in _advised(signals, context).items() if n != package and refs_of(s, shown)]
        )
        if advised and len(_subjects(signals, "version", "availability")) == 1:
            name, signal = advised[0]
            text = f"`{package}`, installed with `pip install {name}`"
            out.append((Statement(text=text, refs=_refs([signal], shown)),))
            continue
        cited = bounds[:1] or group[:1]
        refs = _refs(cited, shown)
        if refs:
            bound = f" {_bound(bounds[0])}" if bounds else ""
            marker = _marker(cited[0])
            out.append((Statement(text=f"`{package}`{bound}" + (f", where `{marker}`" if marker else ""), refs=refs),))
    return tuple(out)


_PACKAGE = re.compile(r"\bpackage [`'\"]([A-Za-z][\w.-]*[A-Za-z0-9])[`'\"] is not (?:installed|available|found)")
_PIP = re.compile(r"\bpip3? install (?:(?:-U|--upgrade|--pre)\s+)?[`'\"]?([A-Za-z][\w.-]*[A-Za-z0-9])")


def _advised(signals: Iterable[Signal], context: Context) -> dict[str, Signal]:
    """The other distributions that messages tell users to install, or miss as a package, and who says so."""
    spoken = [s for s in signals if s.kind in ("error", "warning")]
    own = context.snapshot.name
    told = {name: signal for signal in spoken for name in _PIP.findall(signal.text) if name != own}
    missed = {name: signal for signal in spoken for name in _PACKAGE.findall(signal.text)}
    return {**missed, **told}


def _install(candidate: Candidate, signals: tuple[Signal, ...], context: Context) -> str:
    """One pip command: the library, and the packages whose distribution the source names by asking for its version.

    A package that is only imported is left out, for its distribution may have another name, unless a message of the
    source names it.
    """
    own = context.snapshot.name if context.snapshot.source.startswith("pypi:") else "."
    extras = _subjects(signals, "extra")
    chosen = list(extras) if candidate.signals[0].kind == "extra" else sorted(extras)[:1]
    named = [shlex.quote(f"{own}[{','.join(chosen)}]")] if extras else [own]
    # what the core install asks for comes with it; a version gate says where the code differs
    if candidate.category != "Core" and not extras:
        advised = [name for name in _advised(signals, context) if name not in _subjects(signals, "version")]
        named += [shlex.quote(name) for name in advised[:MAX_ADVISED]]
        for package, group in _subjects(signals, "version").items():
            bound = next((_bound(signal) for signal in group if _bound(signal)), "")
            named.append(shlex.quote(f"{package}{bound}"))
    return f"pip install {' '.join(named)}"


def _variables(signals: tuple[Signal, ...], shown: tuple[Exhibit, ...]) -> tuple[Prose, ...]:
    found = {name: group for name, group in _subjects(signals, "env_var").items() if _SECRET.search(name)}
    return tuple((Statement(text=f"`{name}`", refs=_refs(group[:1], shown)),) for name, group in found.items())


def _errors(signals: tuple[Signal, ...], shown: tuple[Exhibit, ...]) -> tuple[ErrorRow, ...]:
    rows: dict[str, ErrorRow] = {}
    for signal in signals:
        refs = refs_of(signal, shown)[:1]
        told = [sentence for sentence in words.sentences(signal.text) if shows(sentence, refs, shown)]
        if signal.kind == "error" and told:
            advice = [sentence for sentence in told if _REMEDY.search(sentence)][-1:]
            message = " ".join(sentence for sentence in told if sentence not in advice) or told[0]
            row = ErrorRow(
                message=message,
                cause=(Statement(text=_cause(signal, shown), refs=refs),),
                solution=(Statement(text=advice[0], refs=refs),) if advice else NOT_STATED,
            )
            rows.setdefault(message, row)
    return tuple(list(rows.values())[:MAX_ERRORS])


def _cause(signal: Signal, shown: tuple[Exhibit, ...]) -> str:
    """The condition of an error where it is shown, else where it is raised."""
    conditions = conditions_of(signal, shown)
    if conditions:
        return where(conditions)
    return f"{raised(signal)} raised in `{signal.symbol}`" if signal.symbol else raised(signal)
