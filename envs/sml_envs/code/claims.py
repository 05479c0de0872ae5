"""Whether what someone says of a program is so: for reading a teacher's claims back out of its words.

Diagnosis speaks of one failing case. Here a single claim is held against all of them. Advice is neither true
nor false.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sml_envs.code.diagnose import COUNTS, true_facts
from sml_envs.code.differences import TYPES
from sml_envs.code.opposites import OPPOSITES
from sml_envs.code.report import Report
from sml_gym import Fact, Outcome, Reference

_CALL = r"\w+\((?:[^\n]{0,200}?)\)"
_VALUE = r"\S(?:[^\n]{0,198}?\S)?"
SLOTS: Mapping[str, str] = {
    "line": r"[1-9][0-9]{0,4}",
    "passed": r"[0-9]{1,5}",
    "total": r"[0-9]{1,5}",
    "label": r"[A-Za-z][^.?!;:\n]{0,78}?",
    "kinds": r"[A-Za-z][^.?!;:\n]{0,198}?",
    "exception": r"[A-Za-z_][A-Za-z_0-9]{0,39}|an exception",
    "given": r"[A-Za-z_][\w.]{0,79}|" + "|".join(COUNTS),
    "wanted": r"[A-Za-z_][\w.]{0,79}|" + "|".join(sorted((*COUNTS, *TYPES.values()), key=len, reverse=True)),
    "got": _VALUE,
    "expected": _VALUE,
    "call": _CALL,
    "signature": r"def \w+\([^\n]{0,200}\)(?: -> [^\n]{1,80}?)?",
    "type": r"[A-Za-z][\w\[\], |.]{0,79}?",
    "count": r"[0-9]{1,2}|" + "|".join(COUNTS),
    **dict.fromkeys(("action", "idea", "meaning", "problem", "reason"), ""),
}
"""What may stand in the slots of the phrase bank; "" for free text."""

_JUDGED = re.compile(r"code\.(?:where|kind|tests|right|load|example|hidden)\.")


def holds(reference: Reference, code: str, report: Report, outcome: Outcome, fact: Fact) -> bool | None:
    """Whether a fact is true of a program, None where no one can tell."""
    false = fact.kind.startswith("code.false.")
    if not (_JUDGED.match(fact.kind) or false):
        return None
    if outcome is Outcome.CORRECT:
        if false or fact.kind in ("code.right.label", "code.tests.some"):
            return None
        return False
    for own in true_facts(reference, code, report):
        if own.kind == fact.kind and _fits(fact, own):
            return True
        if OPPOSITES.get(own.kind) == fact.kind and false and _fits(fact, own):
            return False
    return None if false else False


def _fits(claimed: Fact, own: Fact) -> bool:
    """Whether what a phrasing says in its slots, not always all of them, is what the fact says."""
    return all(own.slots.get(name) == value for name, value in claimed.slots.items())
