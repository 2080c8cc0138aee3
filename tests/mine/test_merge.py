from __future__ import annotations

from wikiagent.mine.merge import Group, merge
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place

#: Other signals, so that the words of a few are rare.
CROWD = [
    Signal(
        "comment", Place("crowd.py", 10 * n, 10 * n), f"f{n}", f"Remark {chr(97 + n) * 5} on {chr(107 + n) * 6} here."
    )
    for n in range(10)
]


def groups(*signals: Signal) -> list[Group]:
    """Merge, the first signal being the strongest."""
    order = [*signals, *CROWD]
    found = merge(order, lambda s: -order.index(s), lambda _: 0.0)
    return [group for group in found if group.leader not in CROWD]


def said(text: str, path: str = "a.py", line: int = 1, kind: str = "warning", **more: str) -> Signal:
    return Signal(kind, Place(path, line, line + 1), more.pop("symbol", path), text, **more)


def test_what_shares_only_words_of_limits_with_another_file_stays_apart() -> None:
    found = groups(said("Zebras are not supported yet."), said("Method not supported yet.", "b.py"))
    assert [group.leader.text for group in found] == ["Zebras are not supported yet.", "Method not supported yet."]


def test_placeholders_of_any_object_tell_nothing() -> None:
    one = said("`{type(self).__name__}` has no stripes.")
    other = said("`{type(self).__name__}` was fed with hay.", "b.py")
    assert len(groups(one, other)) == 2


def test_a_call_in_a_placeholder_tells_nothing() -> None:
    one = said("`{type(self.get_zebra()).__name__}` has no zebra stripes.")
    other = said("`{self.get_zebra()}` was fed: zebra hay.", "b.py")
    assert len(groups(one, other)) == 2


def test_twins_follow_one_leader() -> None:
    zebra = said("Painting zebra stripes needs `paint_stripes`.", "a.py", 1)
    lion = said("Grooming lion manes before `groom_mane` with combs and brushes.", "b.py", 1)
    warning = said("Do not use `groom_mane` with combs and `paint_stripes` on lion manes.", "c.py", 10)
    comment = said("Never `groom_mane` with combs where `paint_stripes` is on.", "c.py", 11, "comment")
    found = {group.leader: group for group in groups(zebra, lion, warning, comment)}
    assert sum({warning, comment} <= {*group.members, *group.also} for group in found.values()) == 1


def test_the_same_said_of_another_name_joins() -> None:
    first = said("Specified to not save `zebra_A` within the state, set `save_zebra` to restore it.", "a.py")
    other = said("Specified to not save `lion_B` within the state, set `save_lion` to restore it.", "b.py")
    (group,) = groups(first, other)
    assert set(group.members) == {first, other}
