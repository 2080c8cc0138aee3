"""A wiki and goldens become rows: pure functions of the pages, the goldens and the snapshot; no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from wikiagent.check.citations import Standing, check_citations
from wikiagent.check.linter import check
from wikiagent.check.reading import Reading
from wikiagent.check.source import Source, stems
from wikiagent.evals import overlap, telling
from wikiagent.evals.golden import Golden
from wikiagent.evals.linking import Linking
from wikiagent.evals.rows import GoldenRow, Near, PageRow, Scores, Shown
from wikiagent.source.evidence import Place
from wikiagent.wiki.graph import LEAVES, Wiki, WikiPage

#: The most goldens that one page can be said to tell, the best overlaps first: a page is about one thing.
MAX_TOLD = 2


@dataclass(frozen=True)
class Leaf:
    """An Environment or a Heuristic as it is scored."""

    page: WikiPage
    reading: Reading
    rank: int | None
    places: tuple[Place, ...]

    @cached_property
    def prose(self) -> str:
        """What the page says."""
        return telling.prose(self.reading.statements)

    @property
    def order(self) -> tuple[bool, int, str]:
        """Sorts pages by rank, those without one last, by name."""
        return self.rank is None, self.rank or 0, self.page.name


@dataclass(frozen=True)
class Subject:
    """What a wiki is scored on.

    Attributes:
        source: the snapshot, as the rules ask about it.
        is_public: whether a name is a public symbol of the source.
        goldens: the goldens, with the places of their evidence in this snapshot.
    """

    source: Source
    is_public: Callable[[str], bool]
    goldens: Sequence[Golden]


def leaves_of(wiki: Wiki, ranks: Mapping[str, int], subject: Subject) -> list[Leaf]:
    """The Environments and Heuristics of a wiki, the highest ranked first.

    Args:
        wiki: all pages.
        ranks: the rank of each page by its name, as far as it is on record; only their order counts.
        subject: what they are scored on.
    """
    names = sorted((name for kind, name in wiki.pages if kind in LEAVES and name in ranks), key=ranks.__getitem__)
    order = {name: number for number, name in enumerate(names, 1)}
    found = []
    for page in wiki.pages.values():
        if page.kind in LEAVES:
            reading = Reading(page.file, page.kind, page.name, page.text, page.visible)
            places = overlap.quoted(reading, subject.source.snapshot)
            found.append(Leaf(page, reading, order.get(page.name), places))
    return sorted(found, key=lambda leaf: leaf.order)


def score(
    trial: int, wiki: Wiki, ranks: Mapping[str, int], lost: Mapping[str, Sequence[Place]], subject: Subject
) -> Scores:
    """Score a wiki.

    Args:
        trial: number of the trial.
        wiki: all pages.
        ranks: as in `leaves_of`.
        lost: what the pages would have shown whose calls failed, by name: goldens that only these show are unscored.
        subject: what it is scored on.
    """
    leaves = leaves_of(wiki, ranks, subject)
    shown = {golden.id: _showing(golden, leaves) for golden in subject.goldens}
    told = _told(subject, leaves, shown)
    linking = Linking(wiki, subject.is_public)
    goldens = [_golden(trial, golden, leaves, shown[golden.id], told, linking, lost) for golden in subject.goldens]
    return Scores(goldens=tuple(goldens), pages=tuple(_pages(trial, wiki, leaves, shown, subject)))


def _showing(golden: Golden, leaves: Sequence[Leaf]) -> list[tuple[Leaf, float]]:
    """The pages that show a golden's evidence, with the overlap."""
    shares = ((leaf, overlap.best(leaf.places, golden.places)) for leaf in leaves)
    return [(leaf, share) for leaf, share in shares if share >= overlap.ENOUGH]


def _told(
    subject: Subject, leaves: Sequence[Leaf], shown: Mapping[str, Sequence[tuple[Leaf, float]]]
) -> set[tuple[str, str]]:
    """The pairs of golden and page where the page also says what the golden says."""
    by_page: dict[str, list[tuple[float, float, str]]] = {leaf.page.file: [] for leaf in leaves}
    for golden in subject.goldens:
        for leaf, share in shown[golden.id]:
            if telling.tells(subject.source, leaf.page.name, leaf.prose, golden.title, golden.insight):
                by_page[leaf.page.file].append((share, golden.importance, golden.id))
    return {(golden, file) for file, told in by_page.items() for _, _, golden in sorted(told, reverse=True)[:MAX_TOLD]}


def _golden(
    trial: int,
    golden: Golden,
    leaves: Sequence[Leaf],
    shown: Sequence[tuple[Leaf, float]],
    told: set[tuple[str, str]],
    linking: Linking,
    lost: Mapping[str, Sequence[Place]],
) -> GoldenRow:
    pages = [leaf for leaf, _ in shown]
    best = max(shown, key=lambda found: found[1], default=None)  # the first of equals: the higher ranked
    unscored = [name for name, places in lost.items() if overlap.best(places, golden.places) >= overlap.ENOUGH]
    return GoldenRow(
        trial=trial,
        id=golden.id,
        type=golden.type,
        title=golden.title,
        insight=golden.insight,
        importance=golden.importance,
        seen=golden.seen,
        places=tuple(map(str, golden.places)),
        shown=tuple(
            Shown(
                page=leaf.page.name, rank=leaf.rank, overlap=round(share, 4), told=(golden.id, leaf.page.file) in told
            )
            for leaf, share in shown
        ),
        near=None if shown else _near(golden, leaves),
        facts={fact: any(telling.states(leaf.page.name, leaf.prose, fact) for leaf in pages) for fact in golden.facts},
        links=linking.compare(best[0].page, golden.applies_to) if best else None,
        unscored=f"{unscored[0]} was not written" if unscored and not shown else "",
    )


def _near(golden: Golden, leaves: Sequence[Leaf]) -> Near | None:
    """The page that quotes what stands nearest to a golden's evidence; else the one that has most of its words."""
    gaps = [(gap, leaf) for leaf in leaves if (gap := overlap.distance(leaf.places, golden.places)) is not None]
    if gaps:
        gap, leaf = min(gaps, key=lambda found: found[0])
        what = f"quotes lines {gap} away in the same file" if gap else "shares lines with it, but fewer than half"
        return Near(page=leaf.page.name, how=what)
    wanted = stems(f"{golden.title.replace('_', ' ')} {golden.insight}")
    shared = [(len(wanted & stems(leaf.prose)), leaf) for leaf in leaves]
    if not shared:
        return None
    number, leaf = max(shared, key=lambda found: found[0])
    return Near(page=leaf.page.name, how=f"shares {number} of {len(wanted)} words, and no file")


def _pages(
    trial: int,
    wiki: Wiki,
    leaves: Sequence[Leaf],
    shown: Mapping[str, Sequence[tuple[Leaf, float]]],
    subject: Subject,
) -> Iterator[PageRow]:
    """A row for each page, and for each other file with findings."""
    findings: dict[str, Counter[str]] = {page.file: Counter() for page in wiki.pages.values()}
    for finding in check(wiki, subject.source, is_public=subject.is_public).findings:
        findings.setdefault(finding.path, Counter())[finding.code] += 1
    counts = {file: dict(sorted(found.items())) for file, found in findings.items()}
    yield from _leaf_rows(trial, leaves, shown, counts, subject)
    other = {page.file: page for page in wiki.pages.values() if page.kind not in LEAVES}
    of_leaves = {leaf.page.file for leaf in leaves}
    for file in sorted(counts.keys() - of_leaves):
        page = other.get(file)
        name, kind = (page.name, page.kind.value) if page else (file, "")
        yield PageRow(trial=trial, file=file, name=name, type=kind, findings=counts[file])


def _leaf_rows(
    trial: int,
    leaves: Sequence[Leaf],
    shown: Mapping[str, Sequence[tuple[Leaf, float]]],
    findings: Mapping[str, dict[str, int]],
    subject: Subject,
) -> Iterator[PageRow]:
    importance = {golden.id: golden.importance for golden in subject.goldens}
    shows: dict[str, list[str]] = {leaf.page.file: [] for leaf in leaves}
    for golden, found in shown.items():
        for leaf, _ in found:
            shows[leaf.page.file].append(golden)
    earlier: list[Place] = []
    for leaf in leaves:
        standing = Counter[Standing]()
        for verdict in check_citations(leaf.reading, subject.source):
            standing[verdict.standing] += verdict.counts
        file = leaf.page.file
        yield PageRow(
            trial=trial,
            file=file,
            name=leaf.page.name,
            type=leaf.page.kind.value,
            findings=findings[file],
            rank=leaf.rank,
            quoted=tuple(map(str, leaf.places)),
            verified=standing[Standing.VERIFIED],
            refuted=standing[Standing.REFUTED],
            not_understood=standing[Standing.NOT_UNDERSTOOD],
            shows=tuple(shows[file]),
            importance=max((importance[golden] for golden in shows[file]), default=0),
            repeats=overlap.repeats(leaf.places, earlier),
        )
        earlier += leaf.places
