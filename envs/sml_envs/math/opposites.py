"""What contradicts each kind of fact about mathematics, so that noise can be told from truth.

A kind and its opposite take the same slots, and where one is true of a task and an utterance the
other is false. Facts that claim nothing of the task ("I see no working.") have "" for one. Steps and
hints are not here: those of another task are wrong enough.
"""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.math.phrases import MISTAKES

_PAIRS = (
    ("math.digit.right", "math.digit.wrong"),
    ("math.digit.low", "math.digit.high"),
    ("math.size.low", "math.size.high"),
    ("math.size.far_low", "math.size.far_high"),
    ("math.term.low", "math.term.high"),
    ("math.kind.large_factor", "math.kind.small_factor"),
    ("math.where.numerator", "math.where.denominator"),
    ("math.answer.step_right", "math.answer.step_wrong"),
    ("math.avoid.lower", "math.avoid.higher"),
)

_ONE_WAY = {
    "math.right.working": "math.answer.step_wrong",
    "math.right.size": "math.false.size",
    "math.right.sign": "math.kind.sign",
    "math.right.length": "math.false.length",
    "math.right.term": "math.term.wrong",
    "math.where.after": "math.answer.step_wrong",
    "math.where.calculation": "math.false.calculation",
    "math.where.step": "math.false.line",
    "math.where.early": "math.false.nowhere",
    "math.where.form": "math.false.value",
    "math.term.wrong": "math.false.term",
    "math.term.sign": "math.false.term",
    "math.term.missing": "math.false.term",
    "math.term.extra": "math.false.term",
    "math.kind.slip": "math.false.equation",
    "math.kind.step": "math.false.equation",
    "math.kind.unfinished": "math.false.nowhere",
    "math.kind.sign": "math.false.sign",
    "math.kind.off_by_one": "math.size.far_low",
    "math.kind.reciprocal": "math.kind.sign",
    "math.kind.swapped_digits": "math.kind.off_by_one",
    "math.kind.unsimplified": "math.false.value",
    "math.kind.not_expanded": "math.false.value",
    "math.avoid.same": "math.false.keep",
    "math.avoid.digit": "math.digit.wrong",
    "math.avoid.slip": "math.false.equation",
    "math.avoid.stopping": "math.false.keep",
    "math.avoid.form": "math.false.value",
}

_NO_CLAIM = (
    "math.where.unshown",
    "math.next.commit",
    "math.avoid.unclear",
    "math.answer.term",
    "math.answer.step_unclear",
    "math.answer.refuse",
    "math.answer.commit",
)

OPPOSITES: Mapping[str, str] = {
    **dict.fromkeys(MISTAKES, "math.false.method"),
    **_ONE_WAY,
    **dict(_PAIRS),
    **{second: first for first, second in _PAIRS},
    **dict.fromkeys(_NO_CLAIM, ""),
}
"""For each kind of fact the kind that contradicts it with the same slots, "" for one that claims nothing."""
