"""Groups, partitions, conclusions and knights' moves: answers in JSON or in symbols, checked part by part."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sml_envs.reasoning.diagnosis.facts import Facts, ahead, at, nth, right, what, where

_MOST = 2_000
_SYMBOL = re.compile(r"\s*([A-Z]|[¬∧∨→↔()])")
_MAX_DEPTH = 60


def check_anagrams(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """Words left out, given twice or foreign; groups that hold no anagrams, or that belong together."""
    groups = _lists(answer)
    if groups is None:
        return [where("json.unreadable")]
    words = Counter(word for group in groups for word in group)
    wanted = Counter(metadata["words"])
    extra, left = words - wanted, wanted - words
    if extra:
        word = next(iter(extra))[:60]
        return [where("list.items"), what("list.often" if word in wanted else "list.foreign", thing=word)]
    if left:
        return [where("list.items"), what("list.missing", thing=next(iter(left))[:60])]
    for position, group in enumerate(groups):
        for one, other in itertools.pairwise(group):
            if sorted(one) != sorted(other):
                return at(nth(position, "group"), what("anagrams.none", one=one[:60], other=other[:60]))
    letters = ["".join(sorted(group[0])) for group in groups if group]
    for first, second in itertools.combinations(range(len(letters)), 2):
        if letters[first] == letters[second]:
            slots = {"one": nth(first, "group"), "other": nth(second, "group")}
            return [*at(slots["other"], what("anagrams.apart", **slots)), right("anagrams.groups")]
    return [where("list.items")]


def check_partitions(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A partition that does not spell the string, a piece that is no palindrome, else some missing ones."""
    given = _lists(answer)
    if given is None:
        return [where("json.unreadable")]
    for position, pieces in enumerate(given[:_MOST]):
        place = nth(position, "partition")
        if "".join(pieces) != metadata["string"]:
            return at(place, what("partition.spelling", place=place))
        bad = next((piece for piece in pieces if piece != piece[::-1]), None)
        if bad is not None:
            return at(place, what("partition.piece", place=place, thing=bad[:60]))
    return [where("partition.some"), what("partition.missing"), right("partition.right")]


def _lists(answer: str) -> list[list[str]] | None:
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    good = isinstance(value, list) and all(
        isinstance(group, list) and all(isinstance(word, str) for word in group) for group in value
    )
    return value if good else None


# ---- propositional logic ----


def check_conclusion(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A case in which all premises hold and the conclusion does not; else that it says nothing."""
    conclusion = _parse(answer)
    premises = [_parse(premise) for premise in metadata["premises"]]
    if conclusion is None or None in premises:
        return [where("logic.form")]
    names = list(metadata["variables"])
    foreign = sorted(set(re.findall(r"[A-Z]", answer)) - set(names))
    if foreign:
        return [where("logic.form"), what("logic.variable", name=foreign[0])]
    if len(names) > 12:
        return []
    empty = True  # true in every case, whatever the premises
    for values in itertools.product((True, False), repeat=len(names)):
        case = dict(zip(names, values, strict=True))
        empty = empty and _true(conclusion, case)
        if all(_true(premise, case) for premise in premises) and not _true(conclusion, case):
            shown = ", ".join(f"{name} {'true' if value else 'false'}" for name, value in case.items())
            return [where("logic.not_entailed"), what("logic.case", case=shown)]
    kind = "logic.single" if isinstance(conclusion, str) else "logic.trivial" if empty else "logic.form"
    return [right("logic.entailed"), what(kind)]


def _parse(text: str) -> Any:
    """A formula as nested tuples, None for anything else. `→` and `↔` group to the right, `∧` before `∨`."""
    tokens: list[str] = []
    place = 0
    text = text.strip()
    while place < len(text) and len(tokens) < _MOST:
        token = _SYMBOL.match(text, place)
        if token is None:
            return None
        tokens.append(token[1])
        place = token.end()
    try:
        formula, rest = _formula(tokens, 0, 0, 0)
    except (IndexError, ValueError):
        return None
    return formula if rest == len(tokens) else None


_OPERATORS = ("↔", "→", "∨", "∧")


def _formula(tokens: list[str], place: int, rank: int, depth: int) -> tuple[Any, int]:
    if depth > _MAX_DEPTH:
        raise ValueError("too deep")
    if rank == len(_OPERATORS):
        token = tokens[place]
        if token == "¬":
            inner, place = _formula(tokens, place + 1, rank, depth + 1)
            return ("¬", inner), place
        if token == "(":
            inner, place = _formula(tokens, place + 1, 0, depth + 1)
            if tokens[place] != ")":
                raise ValueError("not closed")
            return inner, place + 1
        if not token.isalpha():
            raise ValueError("no variable")
        return token, place + 1
    left, place = _formula(tokens, place, rank + 1, depth)
    while place < len(tokens) and tokens[place] == _OPERATORS[rank]:
        right_rank = rank if rank < 2 else rank + 1
        other, place = _formula(tokens, place + 1, right_rank, depth + 1)
        left = (_OPERATORS[rank], left, other)
    return left, place


def _true(formula: Any, case: Mapping[str, bool]) -> bool:
    if isinstance(formula, str):
        return case[formula]
    sign, *parts = formula
    values = [_true(part, case) for part in parts]
    if sign == "¬":
        return not values[0]
    if sign == "∧":
        return all(values)
    if sign == "∨":
        return any(values)
    return not values[0] or values[1] if sign == "→" else values[0] == values[1]


# ---- knights on a board ----


def check_knight_swap(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first move out of turn, of no such knight, to a taken square, or that no knight makes."""
    if answer.lower() == "no":
        return [where("knight.possible")]
    try:
        moves = json.loads(answer)
    except (ValueError, RecursionError):
        return [where("json.unreadable")]
    if not isinstance(moves, list):
        return [where("json.unreadable")]
    pieces, turn = dict(metadata["pieces"]), metadata["start_turn"]
    for position, move in enumerate(moves[:_MOST]):
        parts = move.split(",") if isinstance(move, str) else []
        place = nth(position, "move")
        if len(parts) != 3:
            kind = "move.unreadable"
        elif parts[0] != turn:
            kind = "knight.turn"
        elif pieces.get(parts[1]) != turn:
            kind = "knight.none"
        elif parts[2] not in metadata["board"][parts[1]]:
            kind = "knight.jump"
        elif pieces.get(parts[2]) is not None:
            kind = "knight.taken"
        else:
            pieces[parts[1]], pieces[parts[2]] = None, turn
            turn = "B" if turn == "w" else "w"
            continue
        facts = at(place, what(kind, place=place))
        if position:
            facts.append(right("moves.legal_until", place=nth(position - 1, "move")))
        return facts
    before = metadata["pieces"]
    swapped = all((before[square] == "w") == (pieces[square] == "B") for square in before)
    if swapped and all((before[square] == "B") == (pieces[square] == "w") for square in before):
        longer = len(moves) > len(metadata["solution"])
        found = what("moves.too_many", count=str(len(moves))) if longer else what("text.form")
        return [where("moves.works"), found]
    wanted = json.loads(gold) if metadata["is_possible"] else []
    facts = [where("moves.unreached"), right("moves.legal")]
    if moves == wanted[: len(moves)] and len(wanted) - len(moves) > 1:
        facts.append(ahead("next.step", step=str(wanted[len(moves)])))
    return facts
