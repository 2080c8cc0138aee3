"""Gathers the signals about one environment: the core install, a backend, the devices, an environment variable."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from packaging.version import InvalidVersion, Version

from wikiagent.mine.naming import Spelling
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place

_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")
_KINDS = ("availability", "version", "device", "env_var", "requirement", "extra", "platform")
_SPOKEN = ("error", "warning", "comment", "deprecation")
#: Checks of one required package that fill a page of their own.
MANY_CHECKS = 4
#: Environment variables that begin alike and fill a page together; and the most that one page should hold.
MANY_VARIABLES, MAX_VARIABLES = 3, 16
#: Most packages of an extra that is there for one of them.
FEW_PACKAGES = 4
#: Lines between the reading of a variable and what is said of it.
NEAR = 10
_DISTRIBUTED = re.compile(r"FSDP|DEEPSPEED|RANK|WORLD_SIZE|NCCL|DIST")


@dataclass(frozen=True)
class Group:
    """Signals of one environment.

    Attributes:
        name: name of the page, without the prefix of the repository.
        category: category of the page.
        signals: what is said, the strongest first; several may share lines.
        checks: simple names of the functions that check for it.
    """

    name: str
    category: str
    signals: tuple[Signal, ...]
    checks: tuple[str, ...] = ()


def gather(signals: Sequence[Signal], spell: Spelling) -> tuple[list[Group], list[Signal]]:
    """Split signals into those of environments, grouped, and the rest, in order."""
    used = {s for s in signals if s.kind in _KINDS}
    core = [s for s in signals if s.kind == "requirement"]
    optional = [s for s in signals if s.kind in ("availability", "version")]
    groups = [Group("Core_Dependencies", "Core", tuple(core))] if core else []
    for group in _backends(signals, optional, {_normal(s.subject) for s in core}, spell):
        used.update(group.signals)
        groups.append(group)
    extras = [s for s in signals if s.kind == "extra"]
    if extras:
        groups.append(Group("Optional_Extras", "Core", tuple(extras)))
    platforms = [s for s in signals if s.kind == "platform"]
    if platforms:
        groups.append(Group("Platform_Branches", "Platform", _with_remarks(platforms, signals)))
    devices = [s for s in signals if s.kind == "device"]
    if devices:
        at_once = {place: len({s.subject for s in devices if s.place == place}) for place in {s.place for s in devices}}
        best = sorted(devices, key=lambda s: (-at_once[s.place], s.place))
        groups.append(Group("Device_Detection", "Hardware", tuple(best), _checks(best)))
    groups += _variables(signals, spell)
    python = [s for s in core if s.subject == "python"]
    first, rest = groups[: bool(core)], groups[bool(core) :]
    groups = [*first, *(replace(group, signals=(*group.signals, *python)) for group in rest)]
    return groups, [s for s in signals if s not in used]


def _backends(
    signals: Sequence[Signal], optional: Sequence[Signal], required: set[str], spell: Spelling
) -> list[Group]:
    """One group a family of packages; those that are only looked for, in one place each, share a group."""
    groups, thin = [], []
    packages = {_normal(s.subject) for s in optional}
    for family in _families(packages - required, optional):
        own = [s for s in optional if _normal(s.subject) in family]
        errors = [s for s in signals if s.raises in _IMPORT_ERRORS and (_names_one(s, family) or _inside(s, own))]
        if not errors and not any(s.kind == "version" for s in own):
            thin += own
        else:
            extras = [s for s in signals if s.kind == "extra" and _installs(s, family)]
            said = dict.fromkeys((*_with_remarks(own, signals), *errors, *extras))
            shown = tuple(sorted(said, key=lambda s: (s.kind not in _KINDS or s.kind == "extra", s.place)))
            groups.append(Group(f"{_family_name(family, spell)}_Backend", "Backend", shown, _checks(own)))
    if thin:
        groups.append(Group("Optional_Packages", "Backend", tuple(thin), _checks(thin)))
    few: list[Signal] = []
    for package in sorted(packages & required):
        own = [s for s in optional if _normal(s.subject) == package and s.kind == "version" and not _dead(s, signals)]
        if len({s.place for s in own}) >= MANY_CHECKS:
            groups.append(Group(f"{spell.title(package)}_Version_Gates", "Core", _with_remarks(own, signals)))
        else:
            few += own
    if few:
        groups.append(Group("Version_Gates", "Core", _with_remarks(few, signals)))
    return groups


def _dead(gate: Signal, signals: Sequence[Signal]) -> bool:
    """Whether the core install asks for more than a version check does."""
    required = (s.text for s in signals if s.kind == "requirement" and _normal(s.subject) == _normal(gate.subject))
    floors = re.findall(r">=\s*([\w.]+)", " ".join(required))
    try:
        return any(Version(gate.text.split()[-1]) <= Version(floor) for floor in floors)
    except InvalidVersion:
        return False


def _with_remarks(own: Sequence[Signal], signals: Sequence[Signal]) -> tuple[Signal, ...]:
    """Checks, and what comments and warnings on the same lines say about them."""
    return (*own, *(s for s in signals if s.kind in _SPOKEN and _inside(s, own)))


def _variables(signals: Sequence[Signal], spell: Spelling) -> list[Group]:
    """One group for variables that begin alike, then for those that one function reads.

    What is left has a group each where it is little, else one together.
    """
    by_name: dict[str, list[Signal]] = defaultdict(list)
    for signal in signals:
        if signal.kind == "env_var":
            by_name[signal.subject].append(signal)
    alike = _alike(sorted(by_name))
    single = [name for prefix, names in alike.items() if len(names) < MANY_VARIABLES for name in names]
    titled = {f"{prefix}_VARIABLES": names for prefix, names in alike.items() if len(names) >= MANY_VARIABLES}
    together = _read_together(single, by_name)
    titled.update(together)
    single = [name for name in single if not any(name in names for names in together.values())]
    if len(single) > MANY_VARIABLES:
        titled["ENVIRONMENT_VARIABLES"] = single
    else:
        titled.update({name: [name] for name in single})
    groups = []
    for title, names in sorted(titled.items()):
        own = [signal for name in names for signal in by_name[name]]
        near = [s for s in signals if s.kind in _SPOKEN and any(_near(s, reading) for reading in own)]
        category = "Distributed" if any(_DISTRIBUTED.search(name) for name in names) else "Platform"
        parts = (part if any(c.islower() for c in part) else part.lower() for part in title.split("_") if part)
        groups.append(Group("_".join(spell.title(part) for part in parts), category, (*own, *near)))
    return groups


def _read_together(names: Sequence[str], by_name: dict[str, list[Signal]]) -> dict[str, list[str]]:
    """Variables that one function reads, by a title that is made of its name; each variable once, most first."""
    readers: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for symbol in dict.fromkeys(signal.symbol for signal in by_name[name] if signal.symbol):
            readers[symbol].append(name)
    out: dict[str, list[str]] = {}
    taken: set[str] = set()
    for symbol, read in sorted(readers.items(), key=lambda found: (-len(found[1]), found[0])):
        free = [name for name in read if name not in taken]
        if len(free) > 1:
            out[f"{re.sub(r'__[a-z_]+__|[.]', '_', symbol)}_VARIABLES"] = free
            taken.update(free)
    return out


def _alike(names: Sequence[str], depth: int = 1) -> dict[str, list[str]]:
    """Names by their first words: by so many that no group has more than MAX_VARIABLES, where the names allow it."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups["_".join(name.split("_")[:depth])].append(name)
    out = {}
    for prefix, group in groups.items():
        deeper = len(group) > MAX_VARIABLES and depth < max(name.count("_") for name in group)
        out.update(_alike(group, depth + 1) if deeper else {prefix: group})
    return out


def _near(signal: Signal, reading: Signal) -> bool:
    """Whether a signal stands close by the reading of a variable, and speaks of it: what is no comment names a part."""
    here, there = signal.place, reading.place
    if here.path != there.path or signal.symbol != reading.symbol:
        return False
    parts = {part for part in reading.subject.lower().split("_") if len(part) > 2}
    told = set(re.findall(r"[a-z0-9]+", f"{signal.text} {signal.condition}".lower()))
    near = max(here.first, there.first) - min(here.last, there.last) <= NEAR
    return near and (signal.kind == "comment" or not parts.isdisjoint(told))


def _checks(signals: Sequence[Signal]) -> tuple[str, ...]:
    """Functions whose whole body is the check."""
    names = (s.symbol.rpartition(".")[2] for s in signals)
    return tuple(dict.fromkeys(n for n in names if re.search(r"available|installed|infer|detect", n)))


def _inside(signal: Signal, others: Sequence[Signal]) -> bool:
    def holds(place: Place) -> bool:
        return place.overlaps(signal.place) and place.first <= signal.place.first and signal.place.last <= place.last

    return any(holds(other.place) for other in others)


def _installs(extra: Signal, family: set[str]) -> bool:
    """Whether an optional extra is there for one of these packages: it names no more than a few."""
    wanted = [_normal(name) for name in re.findall(r"`([\w.-]+)[^`]*`", extra.text)]
    return len(wanted) <= FEW_PACKAGES and not family.isdisjoint(wanted)


def _normal(package: str) -> str:
    return package.lower().replace("-", "_")


def _names_one(signal: Signal, family: set[str]) -> bool:
    text = f"{signal.text} {signal.condition}".lower().replace("-", "_")
    return any(re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) for name in family)


def _families(packages: set[str], signals: Sequence[Signal]) -> list[set[str]]:
    """Join packages that one check names together, or that differ only in `auto`, `model` and the like."""
    families: list[set[str]] = [{package} for package in sorted(packages)]
    together = [
        {_normal(s.subject) for s in signals if s.place == place} & packages for place in {s.place for s in signals}
    ]
    together += [{a, b} for a in packages for b in packages if a < b and _core_of(a) == _core_of(b)]
    for join in sorted(together, key=sorted):
        touched = [family for family in families if family & join]
        if len(touched) > 1:
            families = [family for family in families if not family & join] + [set().union(*touched)]
    return sorted(families, key=sorted)


def _core_of(package: str) -> str:
    """The telling part of a package name: `auto_gptq`, `gptqmodel` and `gptq` are one thing."""
    return re.sub(r"^auto_?|_?(model|models|lib|kernels?)$", "", package) or package


def _family_name(family: set[str], spell: Spelling) -> str:
    """What the packages of a family have in common, else the shortest of their names."""
    cores = [_core_of(package) for package in sorted(family)]
    shared = [core for core in cores if cores.count(core) > 1]
    best = min(shared or family, key=lambda name: (len(name), name))
    return "_".join(spell.title(part) for part in best.split("_") if part)
