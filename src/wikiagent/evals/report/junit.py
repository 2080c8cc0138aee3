"""A run as JUnit XML: a test case for each bound, and an error for each thing that could not be scored."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from wikiagent.evals.guards import Guard
from wikiagent.evals.report.result import Result

#: What XML 1.0 cannot hold.
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(result: Result) -> str:
    """A run as JUnit XML."""
    suites = Xml.Element("testsuites", name=f"wikiagent eval {result.info.config.name}")
    for kind in ("threshold", "baseline"):
        guards = [guard for guard in result.guards if guard.kind == kind]
        suite = _suite(suites, kind, len(guards), failures=sum(not guard.met for guard in guards))
        for guard in guards:
            _guard(suite, kind, guard)
    unscored = result.scores.unscored
    suite = _suite(suites, "unscored", len(unscored), errors=len(unscored))
    for row in unscored:
        case = Xml.SubElement(suite, "testcase", classname="unscored", name=_safe(f"{row.what}, trial {row.trial}"))
        Xml.SubElement(case, "error", message=_safe(row.why))
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(suites, "unicode") + "\n"


def _suite(suites: Xml.Element, name: str, tests: int, failures: int = 0, errors: int = 0) -> Xml.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return Xml.SubElement(suites, "testsuite", {"name": name, **counts})


def _guard(suite: Xml.Element, kind: str, guard: Guard) -> None:
    case = Xml.SubElement(suite, "testcase", classname=kind, name=guard.metric.name)
    if not guard.met:
        Xml.SubElement(case, "failure", message=f"{guard}.")


def _safe(text: str) -> str:
    return _NO_XML.sub("�", text)
