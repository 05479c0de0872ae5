"""Nested lists: sums, opening, depth."""

from __future__ import annotations

from typing import Any

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
)

TOPIC = Topic()


def _nest(d: Draws, depth: int, low: int = -9, high: int = 12) -> list[Any]:
    """A nested list of integers."""
    return [
        _nest(d, depth - 1, low, high) if depth and d.chance(0.4) else d.between(low, high)
        for _ in range(d.between(1 if depth > 2 else 0, 4))
    ]


_LISTS: dict[str, Args] = {
    "an empty list": ([],),
    "empty lists in lists": ([[], [[]], []],),
    "a list without inner lists": ([3, -1, 4, 10],),
    "one number deep inside": ([[[[7]]]],),
    "negative numbers": ([-2, [-3, [-5]]],),
    "equal numbers": ([2, [2, [2, 2], 2], 2],),
    "lists side by side": ([[1, 2], [3, 4], [5, 6, 11]],),
}
"""Edge cases of any nested list."""


@TOPIC.family("data|nested|items: list", "int", "deep_sum nested_total add_nested", levels=(1, 2))
def nested_sum(p: Pick) -> Spec:
    """The sum of a nested list with weights by depth; at level 2 numbers of a kind and a depth limit."""
    p.way(
        "weight inner",
        ("$c times", "$c * {}"),
        ("as it is, plus $c", "{} + $c"),
        ("with the opposite sign", "-{}"),
        ("as it is, but never as more than $top", "min({}, $top)"),
    )
    p.number("c", 2, 9)
    p.number("top", 3, 15)
    p.let(recurse=p["inner"].format("$f(x)"))
    p.way(
        "leaf value",
        ("Numbers count as they are.", "x"),
        ("Numbers count without their signs.", "abs(x)"),
        ("Numbers count as their squares.", "x * x"),
        ("Numbers less than $low count as $low.", "max(x, $low)"),
    )
    p.number("low", -3, 3)
    more = ""
    if p.level == 2:
        p.number("q", 2, 6)
        p.way(
            "odd skip",
            ("numbers divisible by $q", "x % $q == 0"),
            ("numbers greater than $q", "x > $q"),
            ("numbers equal to $q or to -$q", "abs(x) == $q"),
            ("numbers at a place (from 0, in their own list) divisible by $q", "i % $q == 0"),
        )
        p.let(ignored=p["skip"])
        more = "skip, ignored: But $!odd count 0."
    p.let(skip="elif not ($!ignored):" if p.level == 2 else "else:")
    return Spec(
        "Add up the numbers of the nested list $data.",
        f"""
        nested: An element of a list is a number or again such a list, to any depth.
        numbers, value: $!leaf
        {more}
        inner, depth, weight: The sum of an inner list counts in the list around it $!weight.
        return: Return the sum of the outermost list.
        empty: An empty list has the sum 0.
        """,
        """
        total = 0
        for i, x in enumerate($data):
            if isinstance(x, list):
                total += $!recurse
            $!skip
                total += $!value
        return total
        """,
        {
            "nested lists": lambda d: (_nest(d, 3),),
            "flat parts and inner lists": lambda d: ([*d.ints(1, 3, -5, 9), _nest(d, 2), d.between(1, 20)],),
        },
        {**_LISTS, "small numbers": ([[1, 2, 3, 4, 5, 6], -1, -2, -3, -4, -5, -6],)},
        """
        Go through the elements of the list.
        For a number, work out what it counts.
        For a list, let the same function work out its sum, and change that as asked.
        """,
        {"a large nested list": lambda d: ([_nest(d, 5) for _ in range(20)],)},
    )


@TOPIC.family("data|nested|tree: list", "list", "flatten unpack open_lists", levels=(2, 3))
def flatten_some(p: Pick) -> Spec:
    """Opens inner lists to a depth or by a condition, and changes the order or the numbers on the way."""
    p.number("n", 2, 3)
    p.number("c", 1, 6)
    p.way(
        "which test",
        ("of fewer than $n elements", "len(x) < $n"),
        ("of at least $n elements", "len(x) >= $n"),
        (
            "that begin with a number, not with a list, and the empty ones",
            "not x or not isinstance(x[0], list)",
        ),
        ("of an even number of elements (0 is even)", "len(x) % 2 == 0"),
        ("whose first element is not $c, and the empty ones", "not x or x[0] != $c"),
    )
    p.way("order turn", ("in their order", ""), ("in the opposite order", "[::-1]"))
    p.way(
        "number value",
        ("stay as they are", "x"),
        ("become $c larger", "x + $c"),
        ("change their sign", "-x"),
        ("become $c times as large", "x * $c"),
    )
    p.let(keep="True")
    more = ""
    if p.level == 3:
        p.number("q", -2, 5)
        p.way(
            "drop keep",
            ("less than $q", "x >= $q"),
            ("equal to $q", "x != $q"),
            ("greater than $q", "x <= $q"),
        )
        more = "drop, removed: Numbers that are $!drop (before any change) are left out, at every depth."
    return Spec(
        "Open some of the inner lists of $data.",
        f"""
        nested: An element of a list is a number or again such a list, to any depth.
        inner first, order of work: Work from the inside: first all of this is done to an inner list, then
          it is looked at.
        open, which: Its elements take its place in the list around it if it is then one $!which; other
          inner lists stay lists.
        order: The elements of an opened list come $!order.
        numbers, change: Numbers $!number, each once.
        {more}
        empty: An empty outermost list gives an empty list. The outermost list itself is never opened.
        """,
        """
        out = []
        for x in $data:
            if isinstance(x, list):
                x = $f(x)
                if $!test:
                    out += x$!turn
                else:
                    out.append(x)
            elif $!keep:
                out.append($!value)
        return out
        """,
        {
            "nested lists": lambda d: (_nest(d, 3, -2, 6),),
            "short inner lists": lambda d: ([_nest(d, 1, -2, 6) for _ in range(4)],),
        },
        {
            **_LISTS,
            "lists of several lengths": ([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],),
            "lists that begin with lists": ([[[1], 2, 3], [4, [5]], [[], 1]],),
            "numbers around a limit": ([list(range(-4, 7))],),
        },
        """
        Go through the elements; let the same function work on an inner list first.
        Look at the list that comes back and decide whether it is opened.
        Change or drop the numbers.
        """,
        {"a large nested list": lambda d: ([_nest(d, 4, -2, 6) for _ in range(20)],)},
    )


@TOPIC.family("data|nested|boxes: list", "int", "depth_of measure_depth box_depth", levels=(1, 2))
def nested_depth(p: Pick) -> Spec:
    """The depth of a nested list where only some lists count, or the count of numbers at depths."""
    p.number("n", 2, 4)
    p.number("c", 1, 6)
    p.way(
        "which cost",
        ("with fewer than $n elements count $c", "$c if len($data) < $n else 1"),
        ("with at least $n elements count $c", "$c if len($data) >= $n else 1"),
        (
            "that contain a number (directly) count $c",
            "$c if any(not isinstance(x, list) for x in $data) else 1",
        ),
        ("that contain the number $n (directly) count 0", "0 if $n in $data else 1"),
    )
    p.way("best pick", ("deepest", "max"), ("least deep", "min"))
    p.let(added="")
    more = ""
    if p.level == 2:
        p.number("q", 2, 9)
        p.let(added=" + ($!points)")
        p.way(
            "extra points",
            (
                "for each number of it that is greater than $q, 1 more",
                "sum(1 for x in $data if not isinstance(x, list) and x > $q)",
            ),
            (
                "$q more, if it has two or more inner lists",
                "$q if sum(1 for x in $data if isinstance(x, list)) >= 2 else 0",
            ),
            (
                "its own first element, if this is a number that is greater than $q",
                "$data[0] if $data and not isinstance($data[0], list) and $data[0] > $q else 0",
            ),
        )
        more = "extra, also: A list also counts, on top of this, $!extra."
    return Spec(
        "Measure how deep the nested list $data is.",
        f"""
        nested: An element of a list is a number or again such a list, to any depth.
        count, weight: Lists $!which, other lists count 1.
        {more}
        depth, measure: The depth of a list is what it counts plus the depth of its $!best inner list.
        no inner: For a list without inner lists, the depth is what it counts.
        return: Return the depth of $data.
        empty: Empty lists are lists like others; they have 0 elements.
        """,
        """
        own = ($!cost)$!added
        inner = [$f(x) for x in $data if isinstance(x, list)]
        return own + ($!pick(inner) if inner else 0)
        """,
        {
            "nested lists": lambda d: (_nest(d, 3, 0, 12),),
            "lists side by side": lambda d: ([_nest(d, 2, 0, 12) for _ in range(d.between(2, 4))],),
        },
        {
            **_LISTS,
            "lists with the limits": (
                [[p["n"], [p.values.get("q", 1), [p.values.get("q", 1) + 1]]], [[[p["n"]], 1, 2]]],
            ),
            "lists of several lengths": ([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [[1, 2, 3, 4, 5]]],),
        },
        """
        Work out what the list itself counts.
        Let the same function measure each inner list.
        Take the right one of these and add it.
        """,
        {"a large nested list": lambda d: ([_nest(d, 5, 0, 12) for _ in range(10)],)},
    )
