"""Values changed, merged and compared."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    ITEMS,
    Pick,
)

TOPIC = Topic()

_STOCK: dict[str, Args] = {
    "an empty dictionary": ({},),
    "a single entry": ({"fig": 3},),
    "equal values": ({"plum": 4, "fig": 4, "oat": 4},),
    "negative values": ({"tea": -3, "nut": -1, "jam": -7},),
    "values of 0": ({"rye": 0, "oil": 0, "kale": 2},),
}
"""Edge cases of any table of numbers."""


@TOPIC.family(
    "stock|prices|scores: dict[str, int]", "dict[str, int]", "adjust update_all changed", levels=(1, 2)
)
def change_values(p: Pick) -> Spec:
    """Changes the values of entries by a condition on value or key; drops some of them."""
    p.number("t", 3, 12)
    p.number("c", 2, 9)
    p.way(
        "which test",
        ("more than $t", "value > $t"),
        ("less than $t", "value < $t"),
        ("divisible by $c", "value % $c == 0"),
        ("at least $t", "value >= $t"),
    )
    p.way(
        "change new",
        ("made smaller by $c", "value - $c"),
        ("multiplied by $c", "value * $c"),
        ("replaced by $c", "$c"),
        ("made larger by $c", "value + $c"),
    )
    p.way(
        "drop dropped", ("negative", "value < 0"), ("0", "value == 0"), ("greater than $top", "value > $top")
    )
    p.number("top", 20, 40)
    special = ""
    p.let(safe="")
    if p.level == 2:
        p.pick("letter", *"abcfklnoprst")
        p.way(
            "safe_words safe",
            ("that begin with $letter", " and not key.startswith($letter)"),
            ("that contain $letter", " and $letter not in key"),
            ("of fewer than $size letters", " and len(key) >= $size"),
        )
        p.number("size", 4, 5)
        special = "protected, keys, except: The values of keys $!safe_words are not changed."
    return Spec(
        "Change the values of $stock.",
        f"""
        which, condition: Every value that is $!which is $!change.
        {special}
        other: The other values stay as they are.
        drop, removed: Then all entries whose value is now $!drop are removed, changed or not.
        return: Return a new dictionary.
        empty: An empty dictionary gives an empty dictionary.
        """,
        """
        out = {}
        for key, value in $stock.items():
            if $!test$!safe:
                value = $!new
            if not ($!dropped):
                out[key] = value
        return out
        """,
        {"positive and negative values": lambda d: (d.table(ITEMS, 4, 7, -4, 25),)},
        {
            **_STOCK,
            "values around the limits": (
                dict(
                    zip(
                        ITEMS,
                        (p["t"] - 1, p["t"], p["t"] + 1, p["c"], 2 * p["c"], p["top"], p["top"] + 1, 0, -1),
                        strict=False,
                    )
                ),
            ),
            "values that end at a limit": (
                dict(
                    zip(
                        ITEMS,
                        (
                            p["c"],
                            p["c"] - 1,
                            p["c"] + 1,
                            p["top"] - p["c"],
                            p["top"] - p["c"] + 1,
                            p["top"] + p["c"],
                            p["top"] + p["c"] + 1,
                        ),
                        strict=False,
                    )
                ),
            ),
        },
        """
        Go through the entries and change the values that are to be changed.
        Decide from the new value whether the entry stays.
        Build a new dictionary of the entries that stay.
        """,
        {"many entries": lambda d: ({f"{a}{b}": d.between(-9, 60) for a in ITEMS for b in range(8)},)},
    )


@TOPIC.family(
    "first|old|mine: dict[str, int]; second|new|yours: dict[str, int]",
    "dict[str, int]",
    "merge combine_tables join",
    levels=(1, 2),
)
def merge_tables(p: Pick) -> Spec:
    """Merges two dictionaries; keys that both have, or only one has, are treated in different ways."""
    p.number("c", 2, 7)
    p.way(
        "both value",
        ("the sum of both values", "a + b"),
        ("the larger of both values", "max(a, b)"),
        ("the smaller of both values", "min(a, b)"),
        ("the first value minus the second", "a - b"),
        ("the second value times $c", "b * $c"),
    )
    p.way(
        "one left",
        ("its value", "$first[key]"),
        ("its value plus $c", "$first[key] + $c"),
        ("its value times $c", "$first[key] * $c"),
    )
    p.way(
        "two right",
        ("its value", "$second[key]"),
        ("its negative value", "-$second[key]"),
        ("$c minus its value", "$c - $second[key]"),
    )
    p.let(drop="")
    more = ""
    if p.level == 2:
        p.number("t", -3, 9)
        p.way(
            "gone drop",
            ("less than $t", " if value >= $t"),
            ("equal to $t or $c", " if value not in ($t, $c)"),
            ("divisible by $c", " if value % $c"),
            ("greater than $t", " if value <= $t"),
        )
        more = "drop, removed: Entries whose value in the result would be $!gone are left out."
    return Spec(
        "Merge $first and $second.",
        f"""
        both: A key that both dictionaries have gets $!both.
        only first: A key that only $first has gets $!one.
        only second: A key that only $second has gets $!two.
        {more}
        order: The order of the keys does not matter.
        empty: Two empty dictionaries give an empty one.
        """,
        """
        merged = {}
        for key in [*$first, *$second]:
            if key in $first and key in $second:
                a, b = $first[key], $second[key]
                merged[key] = $!value
            elif key in $first:
                merged[key] = $!left
            else:
                merged[key] = $!right
        return {key: value for key, value in merged.items()$!drop}
        """,
        {"some common keys": lambda d: (d.table(ITEMS[:7], 2, 5, -9, 12), d.table(ITEMS[:7], 2, 5, -9, 12))},
        {
            "two empty dictionaries": ({}, {}),
            "an empty first dictionary": ({}, {"fig": 4, "nut": -2, "oat": 9}),
            "an empty second dictionary": ({"fig": 4, "nut": -2, "oat": 9}, {}),
            "equal dictionaries": ({"fig": 4, "nut": -2, "oat": 0}, {"fig": 4, "nut": -2, "oat": 0}),
            "no common keys": (
                {"fig": 4, "nut": -2, "a": 1, "b": 2, "c": 3},
                {"oat": 9, "jam": 0, "d": -1, "e": -2, "f": -3},
            ),
            "values around the limits": (
                {k: v for v, k in enumerate(ITEMS[:9], -4)},
                dict.fromkeys(ITEMS[3:12], 0),
            ),
            "small values": (
                {k: v for v, k in enumerate(ITEMS[:9], -4)},
                {k: 4 - v for v, k in enumerate(ITEMS[:12])},
            ),
        },
        """
        Look at each key that occurs in either dictionary, once.
        Decide whether both have it or only one, and work out its value.
        Collect the entries that stay.
        """,
        {
            "many entries": lambda d: (
                {f"{a}{b}": d.between(-60, 60) for a in ITEMS for b in range(6)},
                {f"{a}{b}": d.between(-60, 60) for a in ITEMS for b in range(3, 9)},
            )
        },
    )


@TOPIC.family(
    "before|old: dict[str, int]; after|new: dict[str, int]",
    "list[str]",
    "differences changes what_changed",
    levels=(2,),
)
def table_difference(p: Pick) -> Spec:
    """What changed between two dictionaries, as short lines, for changes that are large enough."""
    p.number("d", 1, 9)
    p.pick("plus minus", ("+", "-"), ("new ", "old "), (">", "<"), ("in:", "out:"))
    p.pick("arrow", "->", "=>", " to ", ":")
    p.way(
        "small test",
        (
            "the new value is more than $d greater or less than the old one",
            "abs($after[key] - $before[key]) > $d",
        ),
        ("the new value is at least $d greater than the old one", "$after[key] - $before[key] >= $d"),
        ("the new value is at least $d less than the old one", "$before[key] - $after[key] >= $d"),
    )
    p.way(
        "order sort",
        ("in the order of the alphabet", ""),
        ("in the opposite order of the alphabet", ", reverse=True"),
    )
    return Spec(
        "Say what changed from $before to $after.",
        """
        new, added: For a key that only $after has there is the line $plus with the key directly behind it.
        gone, removed: For a key that only $before has there is the line $minus with the key directly behind
          it.
        changed, line: For a key that both have there is a line of the key, $arrow and the new value, with
          no other blanks.
        small, condition: But that line is there only if $!small.
        order: The lines stand in the order of their keys, $!order.
        empty: If nothing is to be told, return an empty list.
        """,
        """
        lines = []
        for key in sorted(set($before) | set($after)$!sort):
            if key not in $before:
                lines.append($plus + key)
            elif key not in $after:
                lines.append($minus + key)
            elif $!test:
                lines.append(key + $arrow + str($after[key]))
        return lines
        """,
        {"some common keys": lambda d: (d.table(ITEMS[:7], 3, 6, -5, 12), d.table(ITEMS[:7], 3, 6, -5, 12))},
        {
            "two empty dictionaries": ({}, {}),
            "an empty first dictionary": ({}, {"fig": 1, "bean": 0}),
            "an empty second dictionary": ({"fig": 1, "bean": 0}, {}),
            "equal dictionaries": ({"fig": 1, "bean": 0}, {"bean": 0, "fig": 1}),
            "changes around the limit": (
                dict.fromkeys("abcdefg", 10),
                {
                    k: 10 + v
                    for k, v in zip(
                        "abcdefg",
                        (p["d"], -p["d"], p["d"] + 1, -p["d"] - 1, p["d"] - 1, 1 - p["d"], 0),
                        strict=True,
                    )
                },
            ),
            "changes of sign": ({"a": -30, "b": 30}, {"a": 30, "b": -30}),
        },
        """
        Take all keys of both dictionaries in the order asked for.
        Decide for each whether it is new, gone or in both.
        Write the line; for a key in both only if the change is large enough.
        """,
        {
            "many entries": lambda d: (
                {f"{a}{b}": d.between(0, 20) for a in ITEMS for b in range(5)},
                {f"{a}{b}": d.between(0, 20) for a in ITEMS for b in range(2, 7)},
            )
        },
    )
