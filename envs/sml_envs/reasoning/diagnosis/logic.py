"""Logic, letters and lists: which statement is contradicted, which edge, letter or step breaks the rule."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sml_envs.reasoning.checks import numbers_of
from sml_envs.reasoning.diagnosis.differences import compare_parts
from sml_envs.reasoning.diagnosis.facts import Facts, ahead, at, nth, right, what, where

_ASSIGNED = re.compile(r"([A-Za-z]{1,30}) is an? ([A-Za-z]{1,30})")


# ---- knights and knaves ----


def check_knights(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first speaker whose words do not fit what the answer says of everyone."""
    terms = metadata["knight_knave_terms"]
    said = {name: term.lower() for name, term in _ASSIGNED.findall(answer)}
    truth: list[bool] = []
    for name in map(str, metadata["names"]):
        if name not in said:
            return [where("people.missing"), what("people.missing_one", name=name)]
        if said[name] not in (terms["knight"], terms["knave"]):
            return at(f"what you say of {name}", what("people.word", name=name))
        truth.append(said[name] == terms["knight"])
    broken = [
        str(name)
        for name, honest, statement in zip(metadata["names"], truth, metadata["statements"], strict=True)
        if _holds(statement, truth) != honest
    ]
    if not broken:
        return [where("people.form")]
    kept = next((str(name) for name in metadata["names"] if str(name) not in broken), None)
    facts = [where("clue.broken"), what("clue.broken_by", name=broken[0])]
    if kept is not None:
        facts.append(right("clue.kept", name=kept))
    return [*facts, ahead("clue.assume", name=broken[0])]


def _holds(statement: Any, truth: list[bool]) -> bool:
    """Whether a statement in the library's notation is true if these people tell the truth."""
    kind, *parts = statement
    if kind == "telling-truth":
        return bool(truth[parts[0]])
    if kind == "lying":
        return not truth[parts[0]]
    if kind == "not":
        return not _holds(parts[0], truth)
    values = [_holds(part, truth) for part in parts]
    if kind == "and":
        return all(values)
    if kind == "or":
        return any(values)
    if kind == "->":
        return values[-1] or not values[0]
    return len(set(values)) == 1  # "<=>"


# ---- graphs ----


def check_colouring(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A vertex without a colour or with one that is not offered, else an edge between equal colours."""
    puzzle = metadata["puzzle"]
    try:
        given = json.loads(answer)
    except (ValueError, RecursionError):
        return [where("json.unreadable")]
    if not isinstance(given, dict):
        return [where("json.unreadable")]
    colours = {str(vertex): colour for vertex, colour in given.items()}
    for vertex in puzzle["vertices"]:
        place = f"vertex {vertex}"
        if str(vertex) not in colours:
            return at(place, what("colour.missing", place=place))
        if colours[str(vertex)] not in puzzle["color_options"]:
            return at(place, what("colour.other", place=place))
    edges = [(one, other) for one, other in puzzle["edges"] if colours[str(one)] == colours[str(other)]]
    if not edges:
        return []
    one, other = edges[0]
    slots = {"place": f"vertex {one}", "other": f"vertex {other}"}
    count = "colour.one_edge" if len(edges) == 1 else "colour.edges"
    return [*at(f"vertex {one}", what("colour.same", **slots)), right(count), ahead("colour.change", **slots)]


# ---- words ----


def check_ladder(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first step that changes more or less than one letter, or the wrong start or end."""
    words = [word.strip() for word in answer.upper().split(",")][:500]
    start, end = metadata["start_word"], metadata["end_word"]
    if words[0] != start:
        return at("the first word", what("ladder.start"))
    for position in range(1, len(words)):
        before, after = words[position - 1], words[position]
        slots = {"before": before[:40], "after": after[:40]}
        place = f"the step from {slots['before']} to {slots['after']}"
        facts: Facts = []
        if len(after) != len(before):
            facts = at(place, what("ladder.length", **slots))
        else:
            changes = sum(one != other for one, other in zip(before, after, strict=True))
            if changes != 1:
                facts = at(place, what("ladder.same" if not changes else "ladder.many", **slots))
        if facts:
            if position > 1:
                facts.append(right("ladder.until", word=before[:40]))
            return facts
    if words[-1] != end:
        return [where("ladder.end"), right("ladder.steps")]
    return [where("ladder.words"), right("ladder.steps"), what("ladder.no_word")]


def check_palindrome(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """Letters that do not mirror each other, else letters too many or left out."""
    word = answer.strip().lower()
    for position in range(len(word) // 2):
        if word[position] != word[-1 - position]:
            slots = {"place": nth(position, "letter")}
            return at(nth(position, "letter"), what("palindrome.mirror", **slots))
    wanted, given = Counter(metadata["letters"]), Counter(word)
    facts: Facts = [right("palindrome.reads")]
    for letter in sorted({*wanted, *given}):
        if given[letter] != wanted[letter]:
            kind = "palindrome.missing" if given[letter] < wanted[letter] else "palindrome.extra"
            return [where("palindrome.letters"), what(kind, letter=letter), *facts]
    return []


def check_word_order(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A word left out or not given, else the first two neighbours in the wrong order."""
    given = [word.strip() for word in re.split(r",\s*", answer)]
    wanted = list(metadata["sorted_words"])
    return _missing(wanted, given) or _order(wanted, given) or compare_parts(wanted, given, "word")


def check_number_order(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A number left out or not given, else the first two neighbours in the wrong order."""
    given, wanted = numbers_of(answer), numbers_of(gold)
    if given is None or wanted is None:
        return [where("json.unreadable")]
    wanted_words, given_words = [f"{value:g}" for value in wanted], [f"{value:g}" for value in given]
    return _missing(wanted_words, given_words) or _order(wanted_words, given_words)


def _missing(wanted: list[str], given: list[str]) -> Facts:
    left = Counter(wanted) - Counter(given)
    extra = Counter(given) - Counter(wanted)
    if extra:
        thing = next(iter(extra))[:60]
        return [where("list.items"), what("list.often" if thing in wanted else "list.foreign", thing=thing)]
    if left:
        return [where("list.items"), what("list.missing", thing=next(iter(left))[:60])]
    return []


def _order(wanted: list[str], given: list[str]) -> Facts:
    rank = {word: position for position, word in enumerate(wanted)}
    for position, (one, other) in enumerate(itertools.pairwise(given)):
        if rank[one] > rank[other]:
            slots = {"one": one[:60], "other": other[:60]}
            found = [*at(nth(position, "item"), what("list.order", **slots)), right("list.complete")]
            return [*found, ahead("list.swap", **slots)]
    return []


# ---- letters for digits ----


def check_cryptarithm(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A letter without a digit, a digit given twice, a leading zero, else the first column that is wrong."""
    digits: dict[str, int] = {}
    for pair in answer.split(","):
        letter, _, digit = pair.strip().partition("=")
        if not re.fullmatch(r"[A-Z]", letter.strip()) or not re.fullmatch(r"\d", digit.strip()):
            return [where("crypt.form")]
        digits[letter.strip()] = int(digit)
    words, result = metadata["words_letters"], metadata["result_letters"]
    for letter in sorted({*"".join(words), *result}):
        if letter not in digits:
            return at(f"letter {letter}", what("crypt.missing", letter=letter))
    twice = [digit for digit, count in Counter(digits.values()).items() if count > 1]
    if twice:
        one, other = [letter for letter, digit in digits.items() if digit == twice[0]][:2]
        return at(f"letter {one}", what("crypt.twice", letter=one, other=other))
    if not metadata.get("allow_leading_zero", False):
        for word in (*words, result):
            if digits[word[0]] == 0:
                return at(f"letter {word[0]}", what("crypt.zero", letter=word[0]))
    values = [int("".join(str(digits[letter]) for letter in word)) for word in words]
    total = str(sum(values))[::-1]
    reads = "".join(str(digits[letter]) for letter in result)[::-1]
    column = next(
        (n for n, (one, other) in enumerate(zip(total, reads, strict=False)) if one != other),
        min(len(total), len(reads)),
    )
    place = f"{nth(column, 'column')} from the right"
    facts = at(place, what("crypt.column", place=place, total=total[::-1], reads=reads[::-1]))
    return [*facts, right("crypt.rules"), ahead("next.place", place=place)]


# ---- words that the problem offers ----


def check_choice(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """Nothing but whether the answer is one word; which one it should be would be the answer."""
    return [what("choice.words")] if len(answer.split()) > max(1, len(gold.split())) else []
