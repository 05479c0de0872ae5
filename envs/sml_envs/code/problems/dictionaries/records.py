"""Lists of records: groups, and look-ups in a table."""

from __future__ import annotations

from typing import Any

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    FIRST_NAMES,
    Draws,
    Pick,
)

TOPIC = Topic()

_TOWNS = ("Oslo", "Rome", "Bern", "Lima")


@TOPIC.family(
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


@TOPIC.family(
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
