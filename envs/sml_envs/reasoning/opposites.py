"""For each kind of fact the kind that contradicts it, so that noise can be told from truth.

A kind and its opposite take the same slots, and where one is true of a task and an utterance the other is
false. Advice claims nothing ("").
"""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.reasoning.phrases import PHRASES

_PAIRS = (
    ("place.wrong", "right.place"),
    ("text.short", "text.long"),
    ("number.low", "number.high"),
    ("number.sign", "number.sign_right"),
    ("target.low", "target.high"),
    ("target.missed", "target.reached"),
    ("use.wrong", "use.right"),
    ("factors.low", "factors.high"),
    ("divisor.not", "divisor.common"),
    ("multiple.not", "multiple.common"),
    ("fraction.value", "fraction.equal"),
    ("roots.few", "roots.many"),
    ("polynomial.low", "polynomial.high"),
    ("grid.rows_more", "grid.rows_less"),
    ("grid.row_short", "grid.row_long"),
    ("cell.low", "cell.high"),
    ("moves.unreached", "moves.works"),
    ("lock.low", "lock.high"),
    ("clue.broken_by", "clue.kept"),
    ("logic.not_entailed", "logic.entailed"),
    ("palindrome.missing", "palindrome.extra"),
    ("list.missing", "list.often"),
    ("moves.legal", "false.moves"),
    ("right.until", "false.until"),
    ("anagrams.groups", "false.groups"),
)

_ONE_WAY = {
    "moves.legal_until": "false.until",
    "ladder.until": "false.moves",
    "ladder.steps": "false.moves",
    "text.form": "false.value",
    "number.form": "false.value",
    "list.complete": "list.items",
    "list.items": "false.numbers",
    "list.foreign": "false.numbers",
    "use.foreign": "false.numbers",
    "use.often": "false.numbers",
    "use.missing": "false.numbers",
    "survo.numbers": "false.numbers",
    "survo.other_numbers": "false.numbers",
    "palindrome.letters": "false.numbers",
    "crypt.rules": "false.parts",
    "factors.primes": "false.parts",
    "partition.right": "false.parts",
    "palindrome.reads": "false.parts",
    "queens.peace": "false.parts",
    "colour.one_edge": "false.parts",
    "colour.edges": "false.parts",
    "wrong.one": "false.parts",
    "wrong.few": "false.parts",
    "wrong.many": "wrong.one",
    "text.order": "false.parts",
}

_FORM = (
    "json.unreadable",
    "choice.words",
    "factors.form",
    "roots.form",
    "polynomial.form",
    "people.form",
    "logic.form",
    "crypt.form",
    "number.whole",
    "grid.numbers",
    "move.unreadable",
)

_NO_CLAIM = (
    "next.method",
    "next.place",
    "next.cell",
    "next.step",
    "next.commit",
    "life.count",
    "queens.move",
    "clue.assume",
    "colour.change",
    "list.swap",
    "avoid.same",
    "avoid.unclear",
    "answer.refuse",
)


def _all() -> dict[str, str]:
    named = {
        **dict(_PAIRS),
        **{second: first for first, second in _PAIRS if not first.startswith("false")},
        **_ONE_WAY,
        **dict.fromkeys(_FORM, "false.form"),
        **dict.fromkeys(_NO_CLAIM, ""),
    }
    found = {
        f"reasoning.{kind}": f"reasoning.{contrary}" if contrary else "" for kind, contrary in named.items()
    }
    # All other facts name a rule that the answer breaks.
    for kind in PHRASES:
        if not kind.startswith("reasoning.false."):
            found.setdefault(kind, "reasoning.false.rules")
    return {kind: contrary for kind, contrary in found.items() if not kind.startswith("reasoning.false.")}


OPPOSITES: Mapping[str, str] = _all()
"""For each kind of fact the kind that contradicts it with the same slots, "" for one that claims nothing."""
