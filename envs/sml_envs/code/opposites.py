"""What contradicts each kind of fact about programs, so that noise can be told from truth.

A kind and its opposite take the same slots, and where one is true of a task and an utterance the other is
false. Facts that claim nothing of the task have "" for one. Steps and hints are not here: those of another
task are wrong enough.
"""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.code.phrases import PHRASES

_PAIRS = (
    ("code.kind.one_low", "code.kind.one_high"),
    ("code.kind.low", "code.kind.high"),
    ("code.kind.short", "code.kind.long"),
    ("code.kind.missing", "code.kind.extra"),
    ("code.kind.fewer_lines", "code.kind.more_lines"),
    ("code.right.label", "code.where.case"),
)

_ONE_WAY = {
    "code.tests.some": "code.tests.none",
    "code.tests.none": "code.false.tests",
    "code.where.syntax": "code.false.line",
    "code.where.line": "code.false.line",
    "code.where.name": "code.false.name",
    "code.where.signature": "code.false.signature",
    "code.kind.syntax": "code.false.line",
    "code.kind.name": "code.false.name",
    "code.kind.no_function": "code.false.name",
    "code.kind.parameters": "code.false.signature",
    "code.kind.constant": "code.false.returns",
    "code.kind.negated": "code.false.returns",
    "code.kind.prints": "code.false.returns",
    "code.kind.none": "code.false.returns",
    "code.kind.in_place": "code.false.returns",
    "code.kind.type": "code.false.returns",
    "code.kind.not_plain": "code.false.returns",
    "code.load.where": "code.false.line",
    "code.load.exception": "code.false.line",
    "code.load.raises": "code.false.load",
    "code.load.slow": "code.false.load",
    "code.load.limits": "code.false.load",
    "code.example.where": "code.false.example",
    "code.example.value": "code.false.example",
    "code.example.raises": "code.false.example",
    "code.example.expected": "code.false.example",
    "code.hidden.value": "code.false.example",
    "code.hidden.raises": "code.false.example",
    "code.next.return": "code.false.returns",
    "code.next.rename": "code.false.name",
    "code.next.parameters": "code.false.signature",
    "code.next.faster": "code.false.keep",
    "code.next.plain": "code.false.returns",
    "code.avoid.same": "code.false.keep",
    "code.avoid.label": "code.where.case",
    "code.avoid.print": "code.false.returns",
    "code.avoid.loop": "code.right.label",
    "code.answer.tested": "code.answer.untested",
}

_NO_CLAIM = (
    "code.kind.unreadable",
    "code.next.commit",
    "code.avoid.unclear",
    "code.answer.term",
    "code.answer.library",
    "code.answer.show",
    "code.answer.kinds",
    "code.answer.refuse",
    "code.answer.tests",
)

OPPOSITES: Mapping[str, str] = {
    **{kind: "code.right.label" for kind in PHRASES if kind.startswith("code.kind.")},
    **_ONE_WAY,
    **dict(_PAIRS),
    **{second: first for first, second in _PAIRS},
    **dict.fromkeys(_NO_CLAIM, ""),
}
"""For each kind of fact the kind that contradicts it with the same slots, "" for one that claims nothing."""
