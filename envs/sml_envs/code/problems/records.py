"""Lists of records and dictionaries of dictionaries: grouping, joining, checking, balances."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import FIRST_NAMES, ITEMS, Draws, Pick

RECORDS = Topic()

_TOWNS = ("Oslo", "Rome", "Bern", "Lima")


@RECORDS.family(
    "rows|people|entries: list[dict]", "dict[str, int]", "group_totals summary by_group", levels=(2, 3)
)
def group_records(p: Pick) -> Spec:
    """Groups records by a field and works out a number for each group; conditions, missing fields."""
    group, value = p.pick(
        "group value",
        ("town", "age"),
        ("team", "points"),
        ("kind", "weight"),
        ("shop", "price"),
        ("class", "mark"),
    )
    p.way(
        "what make",
        ("the sum of their $!value", "sum(values)"),
        ("the largest $!value among them", "max(values)"),
        ("how far their largest and their smallest $!value are apart", "max(values) - min(values)"),
        ("the $!value of the last of them", "values[-1]"),
        ("the smallest $!value among them", "min(values)"),
    )
    p.number("default", -2, 5)
    p.way(
        "missing get",
        ("counts as if it were $default", "row.get($value, $default)"),
        ("makes the record count for nothing", "row.get($value)"),
    )
    p.let(skip="if x is None:\n    continue" if "default" not in p["get"] else "")
    p.number("t", 3, 15)
    p.way(
        "some keep",
        ("are left out if they have only one record", "len(values) > 1"),
        ("are left out if their number is less than $t", "make_value(values) >= $t"),
        ("are all there", "True"),
    )
    p.let(extra="", high=p["t"] + p.number("room", 1, 4))
    more = ""
    if p.level == 3:
        p.way(
            "rule extra",
            ("Records whose $!value is greater than $high do not count.", "if x > $high:\n    continue"),
            ("Records whose $!value is 0 or negative do not count.", "if x <= 0:\n    continue"),
            ("A $!value greater than $high counts as $high.", "x = min(x, $high)"),
        )
        more = "condition, count: $!rule This holds after missing fields were dealt with."

    def row(d: Draws) -> dict[str, Any]:
        made: dict[str, Any] = {
            "name": d.one(FIRST_NAMES),
            group: d.one(_TOWNS[:3]),
            value: d.between(-5, 20),
        }
        if d.chance(0.2):
            del made[d.one((group, value))]
        return made

    return Spec(
        "Work out a number for each group of records.",
        f"""
        given, records: A record is a dictionary with the fields `"{group}"` (a text) and `"{value}"` (a
          whole number), which may both be missing, and others.
        group, field: Records with the same {group} are one group; records without the field {group} do not
          count.
        missing: A missing {value} $!missing.
        {more}
        number, result: Return a dictionary from each {group} to its number: $!what, in the order of the list.
        some, left out: Groups $!some; groups of which no record counts are not there.
        empty: If there are no groups, return an empty dictionary.
        """,
        """
        groups = {}
        for row in $rows:
            x = $!get
            $!skip
            $!extra
            if $group in row:
                groups.setdefault(row[$group], []).append(x)

        def make_value(values):
            return $!make

        return {key: make_value(values) for key, values in groups.items() if $!keep}
        """,
        {"several records": lambda d: ([row(d) for _ in range(d.between(4, 7))],)},
        {
            "no records": ([],),
            "one record": ([{group: "Oslo", value: 9}],),
            "empty records": ([{}, {}],),
            "records without a group": ([{value: 4}, {value: 5}],),
            "records without a number": ([{group: "Rome"}, {group: "Rome"}, {group: "Rome", value: 4}],),
            "equal records": ([{group: "Bern", value: 6}] * 3,),
            "negative numbers": ([{group: "Lima", value: -4}, {group: "Lima", value: -9}],),
            "numbers around a limit": (
                [{group: g, value: p["t"] + v} for g in ("Oslo", "Rome") for v in (-1, 0, 1)],
            ),
            "numbers around another limit": (
                [{group: g, value: p["high"] + v} for g in ("Oslo", "Rome") for v in (-1, 0, 1)],
            ),
            "numbers of 0 and 1": ([{group: g, value: v} for g in ("Oslo", "Rome") for v in (0, 1, 0)],),
            "groups around a limit": (
                [
                    {group: g, value: v}
                    for g, v in (("Oslo", p["t"]), ("Rome", p["t"] - 1), ("Oslo", 0), ("Rome", 0))
                ],
            ),
        },
        """
        Leave out the records that do not count and deal with missing fields.
        Collect the numbers of each group.
        Work out the number of each group and leave out the groups that are not wanted.
        """,
        {"many records": lambda d: ([row(d) for _ in range(200)],)},
    )


@RECORDS.family(
    "people|rows|staff: list[dict]; towns|extra|info: dict[str, str]",
    "list[str]",
    "join_tables labels list_lines",
    levels=(2, 3),
)
def join_records(p: Pick) -> Spec:
    """Looks a field of records up in a table and writes lines, sorted and filtered."""
    p.pick("sep", " - ", ": ", "/", " @ ", "=")
    p.pick("none", "?", "unknown", "-", "none")
    p.way(
        "missing lost",
        ("stands $none instead", 'table = $towns.get(row["place"], $none)'),
        ("there is no line", 'if row["place"] not in $towns:\n    continue\ntable = $towns[row["place"]]'),
        (
            "stands the code itself, in capital letters",
            'table = $towns.get(row["place"], row["place"].upper())',
        ),
    )
    p.number("t", 20, 50)
    p.way(
        "filter test",
        ("less than $t years old", 'row["age"] >= $t'),
        ("more than $t years old", 'row["age"] <= $t'),
        ("exactly $t years old", 'row["age"] != $t'),
    )
    p.way(
        "order key",
        ("by age, youngest first", 'row["age"]'),
        ("by age, oldest first", '-row["age"]'),
        ("by name, in the order of the alphabet", 'row["name"]'),
        ("by the code of the place, in the order of the alphabet", 'row["place"]'),
    )
    p.let(line='row["name"] + $sep + table')
    more = ""
    if p.level == 3:
        p.way(
            "form line",
            (
                "the age stands behind it in parentheses, with one blank before them",
                "f\"{row['name']}{$sep}{table} ({row['age']})\"",
            ),
            (
                "the name of a person whose age is divisible by 10 is written in capital letters",
                '(row["name"].upper() if row["age"] % 10 == 0 else row["name"]) + $sep + table',
            ),
            (
                'a place that the line before it has too is written as "',
                'row["name"] + $sep + (table if not lines or table != last else \'"\')',
            ),
        )
        more = "form, also: Moreover, $!form."

    def rows(d: Draws) -> Args:
        made = [
            {
                "name": d.one(FIRST_NAMES),
                "age": d.one((d.between(15, 60), 10 * d.between(2, 5), p["t"])),
                "place": d.one("abcd"),
            }
            for _ in range(d.between(3, 6))
        ]
        return made, {code: d.one(_TOWNS) for code in d.some("abcd", d.between(1, 4))}

    def person(name: str, age: int, place: str) -> dict[str, Any]:
        return {"name": name, "age": age, "place": place}

    return Spec(
        "Write a line for each person.",
        f"""
        given, records: Each person is a dictionary with the fields `"name"`, `"age"` and `"place"`, which
          is a code.
        line: A line is the name, then $sep, then the place.
        place, look up: The place is what $towns has for the code.
        missing: If $towns does not have the code, $!missing.
        filter, left out: There is no line for people who are $!filter.
        {more}
        order: The lines are sorted $!order; people that are equal in this stay in the order of the list.
        empty: If there are no lines, return an empty list.
        """,
        """
        lines, last = [], ""
        for row in sorted($people, key=lambda row: $!key):
            if $!test:
                $!lost
                lines.append($!line)
                last = table
        return lines
        """,
        {"several people": rows},
        {
            "nobody": ([], {"a": "Oslo"}),
            "one person": ([person("Ada", 30, "a")], {"a": "Oslo"}),
            "an empty table": ([person("Ada", 31, "a"), person("Ben", 29, "b")], {}),
            "people of the same age": (
                [person(n, 44, c) for n, c in (("Jo", "b"), ("Al", "a"), ("Mia", "b"))],
                {"a": "Rome", "b": "Oslo"},
            ),
            "people of other same age": (
                [person(n, 18, c) for n, c in (("Jo", "b"), ("Al", "a"), ("Mia", "b"))],
                {"a": "Rome", "b": "Oslo"},
            ),
            "people with the same name": (
                [person("Kim", 52, "a"), person("Kim", 51, "b"), person("Kim", 17, "a")],
                {"a": "Rome", "b": "Rome"},
            ),
            "ages around the limit": (
                [person("A", p["t"], "a"), person("B", p["t"] + 1, "a"), person("C", p["t"] - 1, "a")],
                {"a": "Bern"},
            ),
            "ages that can be divided by 10": (
                [person("Ada", 10, "a"), person("Ben", 60, "b")],
                {"a": "Bern", "b": "Lima"},
            ),
        },
        """
        Sort the people, and leave out those without a line.
        Look up the place of each, also where the table does not have it.
        Put the line together.
        """,
        {
            "many people": lambda d: (
                [person(d.one(FIRST_NAMES), d.between(15, 60), d.one("abcdef")) for _ in range(150)],
                {"a": "Oslo", "c": "Rome", "e": "Bern"},
            )
        },
    )


@RECORDS.family(
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


@RECORDS.family(
    "stock|store|shelf: dict[str, int]; wanted|order|list_of: list[str]",
    "list[str]",
    "serve take_out fulfil",
    levels=(1, 2),
)
def take_from_stock(p: Pick) -> Spec:
    """Takes wished things from a stock, with replacements, refills and limits."""
    p.number("most", 1, 4)
    p.way(
        "limit test",
        ("more than $most times, whatever the stock has", "given.count(item) < $most"),
        ("directly after the same thing", "not given or given[-1] != item"),
        (
            "when $most or more things were given already and it has fewer than 4 letters",
            "len(given) < $most or len(item) > 3",
        ),
    )
    p.pick("gone", "none", "-", "sold out", "x")
    p.way(
        "out lost",
        ("$gone stands in the list instead", "given.append($gone)"),
        ("nothing stands in the list for it", "pass"),
    )
    p.number("keep", 0, 2)
    p.let(extra="")
    more = ""
    if p.level == 2:
        p.number("fill", 2, 5)
        p.pick("word", "fill", "more", "new", "refill")
        p.way(
            "special extra",
            (
                "A wish $word is not a thing: it adds $fill to the stock of each thing.",
                "if item == $word:\n    left = {key: n + $fill for key, n in left.items()}\n    continue",
            ),
            (
                (
                    "A wish $word is not a thing: it takes back the last thing given (out of the list "
                    "and into the stock), if there is one that is in the stock's dictionary."
                ),
                (
                    "if item == $word:\n"
                    "    if given and given[-1] in left:\n"
                    "        left[given.pop()] += 1\n"
                    "    continue"
                ),
            ),
            (
                (
                    "From the wish $word on, which is not a thing itself, nothing is given any more and "
                    "nothing stands in the list."
                ),
                "if item == $word:\n    break",
            ),
        )
        more = "special, wish: $!special"
    pool = ("fig", "nut", "plum", "tea", "rice", *([p["word"]] * 2 if more else []))

    def order(d: Draws) -> Args:
        return d.table(("fig", "nut", "plum", "rice"), 2, 4, 0, 5), [
            d.one(pool) for _ in range(d.between(4, 9))
        ]

    word = p.values.get("word", "fill")
    entries = (
        "" if p["lost"] == "pass" else "Entries $gone are no things for the rules above, but are in the list."
    )
    return Spec(
        "Serve the wishes for things from a stock.",
        f"""
        stock, count: $stock says how many pieces of each thing there are. Wishes are served in order.
        give: A wished thing is given if more than $keep pieces of it are left: it stands in the list, and
          there is one piece less.
        limit, rule: But a thing is never given $!limit.
        {more}
        out, not given: If a wished thing is not given, $!out.
        return: Return the list.
          {entries}
        empty: Without wishes return an empty list. Things that are not in the stock have 0 pieces.
        """,
        """
        left, given = dict($stock), []
        for item in $wanted:
            $!extra
            if left.get(item, 0) > $keep and ($!test):
                left[item] -= 1
                given.append(item)
            else:
                $!lost
        return given
        """,
        {"several wishes": order},
        {
            "no wishes": ({"fig": 3}, []),
            "an empty stock": ({}, ["fig", "nut"]),
            "one wish": ({"plum": 5}, ["plum"]),
            "the same wish many times": ({"plum": 9, "fig": 9}, ["plum"] * 7),
            "the last pieces": (
                {"plum": p["keep"] + 1, "fig": p["keep"], "rice": p["keep"] + 2},
                ["plum", "fig", "rice", "plum", "rice", "plum"],
            ),
            "wishes in turn": ({"fig": 7, "plum": 7}, ["fig", "plum"] * 6),
            "things that are not there": ({"fig": 4}, ["tea", "fig", "tea"]),
            "special wishes": (
                {"fig": 4, "plum": 1},
                [word, "fig", "plum", "plum", word, "plum", "plum", "fig", word, word, "fig"],
            ),
            "a special wish first": ({"rice": 8}, [word, "rice", "rice"]),
        },
        """
        Work on a copy of the stock and keep the list of what was given.
        Test for each wish whether there is enough and whether the rule allows it.
        Write what stands in the list if it is not given.
        """,
        {"many wishes": lambda d: (dict.fromkeys(ITEMS, 12), [d.one(ITEMS) for _ in range(250)])},
    )


@RECORDS.family(
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


@RECORDS.family(
    "doors|visits|log: list[tuple[str, str]]", "list[str]", "inside check_log present", levels=(2, 3)
)
def event_log(p: Pick) -> Spec:
    """Who is inside after a log of comings and goings; faulty entries, limits."""
    come, go = p.pick(
        "come go", ("in", "out"), ("enter", "leave"), ("+", "-"), ("open", "close"), ("up", "down")
    )
    p.number("most", 2, 3)
    p.way(
        "double again",
        ("makes the person the one who came last", "there.remove(name)\nthere.append(name)"),
        ("changes nothing", "pass"),
        ("puts the person out", "there.remove(name)"),
    )
    p.way(
        "full room",
        ("nobody else comes in: the entry changes nothing", "continue"),
        ("the one who came first goes out, and then the new one comes in", "there.pop(0)"),
        ("the one who came last goes out, and then the new one comes in", "there.pop()"),
    )
    p.way(
        "return give",
        ("in the order of coming", "there"),
        ("in the order of the alphabet", "sorted(there)"),
        ("the one who came last first", "there[::-1]"),
    )
    p.let(extra="")
    more = ""
    if p.level == 3:
        p.pick("word", "alarm", "all", "reset", "!")
        p.way(
            "special extra",
            (
                (
                    "At an entry with $word as what is done, everybody but the named person goes out; "
                    "this person does not come in."
                ),
                "if what == $word:\n    there = [x for x in there if x == name]\n    continue",
            ),
            (
                (
                    "An entry with $word as what is done lets the named person, if inside, become the "
                    "one who came first."
                ),
                (
                    "if what == $word:\n"
                    "    if name in there:\n"
                    "        there = [name, *[x for x in there if x != name]]\n"
                    "    continue"
                ),
            ),
            (
                (
                    "An entry with $word as what is done puts out all whose name begins with the same "
                    "letter as the named one."
                ),
                "if what == $word:\n    there = [x for x in there if x[0] != name[0]]\n    continue",
            ),
        )
        more = "special, word: $!special"
    acts = [come] * 4 + [go] * 2 + ([p["word"]] if more else [])
    names = ("Ann", "Al", "Bo", "Cy", "Bea")
    word = p.values.get("word", "zz")
    return Spec(
        "Find out who is inside after a log of events.",
        f"""
        given, entry: An entry is a tuple (name, what is done). At first nobody is inside.
        come: $come lets the person come in.
        go: $go lets the person go out.
        again, double: $come of somebody who is inside $!double.
        not inside: $go of somebody who is not inside changes nothing.
        full, most: At most $most are inside. If there are so many when somebody else is to come in, $!full.
        {more}
        other: All other entries change nothing.
        return, order: Return who is inside at the end, $!return.
        empty: If nobody is inside, return an empty list.
        """,
        """
        there = []
        for name, what in $doors:
            $!extra
            if what == $go and name in there:
                there.remove(name)
            elif what == $come and name in there:
                $!again
            elif what == $come:
                if len(there) >= $most:
                    $!room
                there.append(name)
        return there
        """,
        {
            "several entries": lambda d: ([(d.one(names), d.one(acts)) for _ in range(d.between(4, 9))],),
            "comings": lambda d: (
                [(d.one(names), come) for _ in range(d.between(3, 6))] + [(d.one(names), d.one(acts))],
            ),
        },
        {
            "no entries": ([],),
            "one coming": ([("Bo", come)],),
            "one going": ([("Bo", go)],),
            "a coming and a going": ([("Bo", come), ("Bo", go)],),
            "somebody who comes twice": ([("Bo", come), ("Al", come), ("Bo", come)],),
            "too many people": ([(name, come) for name in names],),
            "just as many as may be inside": ([(name, come) for name in names[1 : p["most"] + 1]],),
            "unknown entries": ([("Bo", "wave"), ("Bo", come), ("Bo", "sit")],),
            "special entries": (
                [("Cy", come), ("Al", come), ("Al", word), ("Ann", come), ("Ann", word), ("Bo", word)],
            ),
            "a going after a full house": ([*[(name, come) for name in names[:4]], ("Ann", go), ("Bo", go)],),
        },
        """
        Keep the list of those inside in the order of coming.
        Decide for each entry what it means for the person: inside already, or not.
        Deal with a full house before somebody comes in.
        """,
        {"many entries": lambda d: ([(d.one(names), d.one(acts)) for _ in range(250)],)},
    )


@RECORDS.family(
    "facts|links|pairs: list[tuple[str, str]]; name|who|start: str",
    "list[str]",
    "reachable family connected",
    levels=(3,),
)
def connected(p: Pick) -> Spec:
    """All that is connected with a name through pairs, over at most so many steps, in an order."""
    p.number("steps", 2, 4)
    p.way(
        "direction test",
        ("from the first to the second name of a pair", "a == at"),
        ("from the second to the first name of a pair", "b == at"),
        ("in both directions", "a == at or b == at"),
    )
    p.let(other={"a == at": "b", "b == at": "a", "a == at or b == at": "b if a == at else a"}[p["test"]])
    p.way(
        "order key",
        ("by the number of steps, those of the same number in the order of the alphabet", "(steps[x], x)"),
        ("in the order of the alphabet", "x"),
        (
            (
                "by the number of steps, the farthest first, those of the same number in the order "
                "of the alphabet"
            ),
            "(-steps[x], x)",
        ),
    )
    p.way("own first", ("is never in the list", "x != $name"), ("is in the list too, with 0 steps", "True"))
    p.pick("letter", *"aeioulnrs")
    p.way(
        "block wall",
        (
            (
                "Names that begin with $letter (small or capital) may be reached, but no step leads "
                "on from them, unless it is the start."
            ),
            "at != $name and at.lower().startswith($letter)",
        ),
        (
            (
                "Names of more than 3 letters may be reached, but no step leads on from them, unless "
                "it is the start."
            ),
            "at != $name and len(at) > 3",
        ),
        (
            (
                "From names that are equal to $name in their first letter, other than $name itself, "
                "no step leads on."
            ),
            "at != $name and at[:1] == $name[:1]",
        ),
    )
    pool = ("Ann", "Al", "Bob", "Cleo", "Di", "Eve", "Lena", "Rita", "Sam")

    def pairs(d: Draws) -> Args:
        return [(d.one(pool), d.one(pool)) for _ in range(d.between(4, 9))], d.one(pool)

    def chain(d: Draws) -> Args:
        names = d.some(pool, 6)
        made = list(pairwise(names))
        return [pair if d.chance(0.8) else pair[::-1] for pair in made], d.one(names[:2] + names[-1:])

    return Spec(
        "Find all names that are connected with $name.",
        """
        given, pairs: Pairs of names say between which names there are steps.
        direction: A step leads $!direction.
        steps, far, most: A name is in the list if it can be reached from $name by at most $steps steps; the
          smallest number of steps counts.
        block, wall: $!block
        own, start: $name itself $!own.
        order, return: Return the list $!order, each name once.
        empty, missing: $name may occur in no pair; then no other name is reached.
        """,
        """
        steps, waiting = {$name: 0}, [$name]
        for at in waiting:
            if steps[at] == $steps or ($!wall):
                continue
            for a, b in $facts:
                if $!test:
                    x = $!other
                    if x not in steps:
                        steps[x] = steps[at] + 1
                        waiting.append(x)
        return sorted([x for x in steps if $!first], key=lambda x: $!key)
        """,
        {"pairs at random": pairs, "chains of names": chain},
        {
            "no pairs": ([], "Ann"),
            "a name in no pair": ([("Al", "Bob")], "Eve"),
            "one pair": ([("Ann", "Bob")], "Ann"),
            "one pair the other way round": ([("Bob", "Ann")], "Ann"),
            "a pair of equal names": ([("Ann", "Ann"), ("Ann", "Bob")], "Ann"),
            "a circle": ([("Xi", "Yu"), ("Yu", "Bo"), ("Bo", "Xi")], "Yu"),
            "a long chain": ([(a, b) for a, b in zip("bcdfghj", "cdfghjk", strict=True)], "b"),
            "a long chain back": ([(b, a) for a, b in zip("bcdfghj", "cdfghjk", strict=True)], "b"),
            "a chain through a block": (
                [
                    ("Bob", p["letter"] + "x"),
                    (p["letter"] + "x", "Cyd"),
                    ("Cyd", "Wxyz"),
                    ("Wxyz", "Di"),
                    ("Wu", "Wxyz"),
                ],
                "Bob",
            ),
            "a chain through long names": (
                [("Bob", "Benno"), ("Benno", "Di"), ("Bob", "Fay"), ("Fay", "Gil")],
                "Bob",
            ),
            "two ways to a name": ([("T", "U"), ("U", "V"), ("V", "W"), ("T", "W"), ("W", "X")], "T"),
        },
        """
        Begin with the name itself, at 0 steps.
        From each name that was reached, in the order of reaching, find the names that one more step leads to.
        Stop at the greatest number of steps and at blocked names, and sort at the end.
        """,
        {
            "many pairs": lambda d: (
                [(f"n{d.between(0, 60)}", f"n{d.between(0, 60)}") for _ in range(120)],
                "n5",
            )
        },
    )
