"""Accounts, and dictionaries in dictionaries."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    FIRST_NAMES,
    ITEMS,
    Draws,
    Pick,
)

TOPIC = Topic()


@TOPIC.family(
    "moves|transfers|events: list[tuple[str, str, int]]",
    "dict[str, int]",
    "balances accounts settle",
    levels=(2, 3),
)
def balances(p: Pick) -> Spec:
    """Balances of accounts after transfers, with fees, limits and refused transfers."""
    p.number("start", 0, 30)
    p.number("fee", 1, 5)
    p.way(
        "who charge",
        ("the sender pays", "have[a] -= $fee"),
        ("the receiver pays", "have[b] -= $fee"),
        ("$bank gets from the sender", "have[a] -= $fee\nhave[$bank] = have.get($bank, $start) + $fee"),
    )
    p.pick("bank", "bank", "Bank", "state", "fund")
    p.number("low", -20, 0)
    p.way(
        "limit test",
        (
            (
                "the sender would have less than $low after sending the amount (the fee does not "
                "matter for this)"
            ),
            "have[a] - x < $low",
        ),
        ("the amount is more than twice what the sender has", "x > 2 * have[a]"),
        (
            (
                "the receiver would have more than $top after getting the amount (the fee does not "
                "matter for this)"
            ),
            "have[b] + x > $top",
        ),
    )
    p.number("top", 40, 90)
    p.number("large", 5, 15)
    p.let(extra="")
    more = ""
    if p.level == 3:
        p.way(
            "special extra",
            (
                "After a transfer that is made, a sender that has less than 0 gets $fee more.",
                "if have[a] < 0:\n    have[a] += $fee",
            ),
            (
                "For amounts of at least $large, the fee is paid a second time, in the same way.",
                "if x >= $large:\n    CHARGE",
            ),
            (
                (
                    "Every third transfer that is made is free: its fee is given back to the one who "
                    "paid it, by the same way."
                ),
                "GIFT",
            ),
        )
        more = "special, also: $!special"
    if "CHARGE" in p["extra"]:
        p.let(extra="if x >= $large:\n    " + p["charge"].replace("\n", "\n    "))
    if p["extra"] == "GIFT":
        p.let(
            special=(
                "A transfer from an account to itself counts as any other, but after it the account "
                "gets 1 more."
            ),
            extra="if a == b:\n    have[a] += 1",
        )
    names = ("Ann", "Bo", "Cy")

    def moves(d: Draws) -> Args:
        return (
            [
                (d.one(names), d.one(names), d.one((d.between(1, 30), d.between(0, 100))))
                for _ in range(d.between(2, 6))
            ],
        )

    return Spec(
        "Work out what accounts have after some transfers.",
        f"""
        given, transfer: A transfer is a tuple (sender, receiver, amount); amounts are not negative.
        start: Each account has $start before its first transfer.
        transfer, amount: The sender loses the amount and the receiver gets it.
        fee, who: Each transfer that is made costs a fee of $fee, which $!who.
        refused, limit: A transfer is refused if $!limit; then nothing changes and there is no fee.
        {more}
        same, itself: Sender and receiver may be the same account.
        return: Return what each account has that occurs in a transfer, refused or
          not{" (and $bank, if it got a fee)" if "bank" in p["charge"] else ""}.
        order, empty: Transfers are made in their order. Without transfers return an empty dictionary.
        """,
        """
        have = {}
        for a, b, x in $moves:
            have.setdefault(a, $start)
            have.setdefault(b, $start)
            if $!test:
                continue
            have[a] -= x
            have[b] += x
            $!charge
            $!extra
        return have
        """,
        {"several transfers": moves},
        {
            "no transfers": ([],),
            "one transfer": ([("Ann", "Bo", 5)],),
            "an amount of 0": ([("Ann", "Bo", 0)],),
            "a large amount": ([("Ann", "Bo", 500), ("Bo", "Cy", 2)],),
            "a transfer to itself": ([("Ann", "Ann", 3), ("Ann", "Bo", 1)],),
            "a transfer that just leaves the least": (
                [("Ann", "Bo", p["start"] - p["low"]), ("Cy", "Bo", p["start"] - p["low"] + 1)],
            ),
            "a transfer that just reaches the most": (
                [("Ann", "Bo", p["top"] - p["start"]), ("Ann", "Cy", p["top"] - p["start"] + 1)],
            ),
            "twice what there is": ([("Ann", "Bo", 2 * p["start"]), ("Cy", "Di", 2 * p["start"] + 1)],),
            "the same transfer again and again": ([("Ann", "Bo", 7)] * 8,),
            "transfers there and back": ([("Ann", "Bo", 9), ("Bo", "Ann", 9)] * 2,),
            "amounts around a limit": (
                [("Ann", "Bo", p["large"]), ("Bo", "Ann", p["large"] - 1), ("Cy", "Di", p["large"] + 1)],
            ),
            "amounts around the most": ([("Ann", "Bo", p["top"]), ("Bo", "Ann", p["top"] - 1)],),
        },
        """
        Keep what each account has, and enter accounts when they occur first.
        Test first whether the transfer is refused.
        Move the amount, then the fee, then do what else holds.
        """,
        {
            "many transfers": lambda d: (
                [(d.one(FIRST_NAMES), d.one(FIRST_NAMES), d.between(0, 40)) for _ in range(200)],
            )
        },
    )


@TOPIC.family(
    "table|sales|grid: dict[str, dict[str, int]]",
    "dict[str, int]",
    "column_sums sum_table add_inner",
    levels=(1, 2),
)
def inner_totals(p: Pick) -> Spec:
    """Adds up the inner dictionaries by inner or outer key, with conditions on both."""
    p.way("side key", ("inner", "inner"), ("outer", "outer"))
    p.number("t", 1, 8)
    p.way(
        "which test",
        ("Values less than $t", "x >= $t"),
        ("Values greater than $big", "x <= $big"),
        ("Negative values and those divisible by $t", "x >= 0 and x % $t"),
    )
    p.number("big", 9, 20)
    p.pick("letter", *"abcefnoprt")
    p.way(
        "names skip",
        ("outer keys that contain $letter", "$letter not in outer"),
        ("inner keys that contain $letter", "$letter not in inner"),
        ("outer keys that begin with $letter", "not outer.startswith($letter)"),
        ("inner keys that end in $letter", "not inner.endswith($letter)"),
    )
    p.let(value="x", last="totals")
    more = ""
    if p.level == 2:
        p.way(
            "extra value last",
            (
                "A value counts double where inner and outer key begin with the same letter.",
                "x * (2 if inner[:1] == outer[:1] else 1)",
                "totals",
            ),
            (
                "In the result, sums that are less than $big are left out.",
                "x",
                "{key: total for key, total in totals.items() if total >= $big}",
            ),
            ("Each value counts at most $big, after all else was tested.", "min(x, $big)", "totals"),
        )
        more = "also, special: $!extra"

    def table(d: Draws) -> Args:
        return (
            {
                name: d.table(("fig", "nut", "oat", "pear", "tea", "corn"), 1, 4, -6, 25)
                for name in d.some(("ada", "ben", "cleo", "finn", "olaf", "nora", "tess"), d.between(2, 4))
            },
        )

    return Spec(
        "Add up the values of a table.",
        f"""
        given, table: The table is a dictionary from outer keys to dictionaries from inner keys to values.
        sum, key, side: Return a dictionary from each $!side key to the sum of its values.
        values, condition: $!which do not count.
        names, keys: Values under $!names do not count either.
        {more}
        missing, none: Keys without a value that counts are not in the result.
        empty: An empty table gives an empty dictionary.
        """,
        """
        totals = {}
        for outer, row in $table.items():
            for inner, x in row.items():
                if $!test and $!skip:
                    totals[$!key] = totals.get($!key, 0) + $!value
        return $!last
        """,
        {"several rows": table},
        {
            "an empty table": ({},),
            "empty rows": ({"ada": {}, "ben": {}},),
            "one value": ({"gus": {"jam": 12}},),
            "negative values": ({"gus": {"jam": -3, "milk": -8}},),
            "values around the limits": (
                {
                    "gus": {
                        "u": p["t"],
                        "v": p["t"] - 1,
                        "w": p["t"] + 1,
                        "x": p["big"],
                        "y": p["big"] + 1,
                        "z": p["big"] - 1,
                        "s": 2 * p["t"],
                    }
                },
            ),
            "the same inner key in all rows": (
                {"gus": {"milk": 5, "jam": 7}, "hugh": {"milk": 6}, "jil": {"milk": 13}},
            ),
            "keys that begin alike": ({"milk": {"milk": 11, "jam": 11}, "jam": {"jam": 10, "milk": 9}},),
            "sums around a limit": (
                {"gus": {"u": p["big"] - 9, "v": 9}, "hu": {"w": p["big"] - 9, "z": 8}, "jil": {"u": 7}},
            ),
            f"keys with {p['letter']}": (
                {
                    p["letter"] + "x": {"y" + p["letter"]: 9, p["letter"] + "y": 9, "z": 9},
                    "q" + p["letter"] + "q": {"m": 9, "q" + p["letter"] + "q": 9},
                    "s": {"k": 9},
                },
            ),
        },
        """
        Go through the rows, and in each through its values.
        Test the value and both keys.
        Add it to the sum of the right key.
        """,
        {
            "a large table": lambda d: (
                {f"{a}{i}": d.table(ITEMS, 3, 9, -9, 40) for i, a in enumerate(ITEMS)},
            )
        },
    )
