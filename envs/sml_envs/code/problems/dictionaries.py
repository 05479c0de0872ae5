"""Dictionaries: counting, turning round, merging, choosing entries. See records.py for lists of records."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import FIRST_NAMES, ITEMS, Draws, Pick, nth

TABLES = Topic()

_STOCK: dict[str, Args] = {
    "an empty dictionary": ({},),
    "a single entry": ({"fig": 3},),
    "equal values": ({"plum": 4, "fig": 4, "oat": 4},),
    "negative values": ({"tea": -3, "nut": -1, "jam": -7},),
    "values of 0": ({"rye": 0, "oil": 0, "kale": 2},),
}
"""Edge cases of any table of numbers."""


@TABLES.family("words|names|items: list[str]", "dict[str, int]", "count_by group_sizes tally", levels=(1, 2))
def count_by_key(p: Pick) -> Spec:
    """Counts words by a property; small counts are left out, or put together."""
    p.number("n", 1, 4)
    p.way(
        "key code",
        ("first letter", "word[0]"),
        ("last letter", "word[-1]"),
        ("first $n letters (the whole word, if it is shorter)", "word[:$n]"),
        ("last $n letters (the whole word, if it is shorter)", "word[-$n:]"),
        ("first and last letter, side by side", "word[0] + word[-1]"),
    )
    p.number("least", 2, 3)
    p.pick("others", "rest", "other", "few", "*")
    p.let(low="")
    if p.level == 2:
        p.number("short", 2, 4)
        p.way(
            "case low",
            ("Capital and small letters are the same; keys have small letters.", ".lower()"),
            ("Capital and small letters are different.", ""),
        )
    ignored = (
        "short, ignored: Words of fewer than $short letters are not counted.\n        case, capital: $!case"
        if p.level == 2
        else ""
    )
    p.way(
        "rare end",
        ("are left out", ""),
        (
            "are added up under the key $others, which is there only if there are such keys",
            "if few:\n    kept[$others] = few",
        ),
    )
    p.let(only=" and len(word) >= $short" if p.level == 2 else "")
    return Spec(
        "Count $words in groups.",
        f"""
        key, group: The key of a word is its $!key.
        value, count: Return a dictionary that says for each key how many words have it.
        repeated: A word that occurs several times counts as often.
        {ignored}
        rare, least, few: Keys that fewer than $least words have $!rare.
        order: The order of the keys does not matter.
        empty: An empty list gives an empty dictionary; empty words are not counted.
        """,
        """
        counts = {}
        for word in $words:
            if word$!only:
                key = ($!code)$!low
                counts[key] = counts.get(key, 0) + 1
        kept = {key: n for key, n in counts.items() if n >= $least}
        few = sum(n for n in counts.values() if n < $least)
        $!end
        return kept
        """,
        {
            "several words": lambda d: (
                d.words(
                    6, 12, ("tea", "Tea", "ten", "a", "oat", "oak", "Oil", "tin", "nut", "net", "it", "eggs")
                ),
            )
        },
        {
            "an empty list": ([],),
            "one word": (["pear"],),
            "an empty word": (["", "fig", "", "fig"],),
            "one word many times": (["plum"] * 5,),
            "different words": (["ant", "bee", "cow", "dog"],),
            "capital and small letters": (["Ada", "adA", "ADA", "ada", "aDa", "Bob", "boB", "BOB"],),
            "words of every length": (
                ["a", "ab", "abc", "abcd", "abcde", "a", "ab", "abc", "abcd", "abcde"] * 2,
            ),
        },
        """
        Work out the key of each word that is counted.
        Count the words under each key.
        Deal with the keys that too few words have.
        """,
        {"a long list": lambda d: (d.words(200, 300),)},
    )


@TABLES.family(
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


@TABLES.family(
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
        more = "drop, removed: Entries whose new value is $!gone are left out."
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


@TABLES.family(
    "table|owners|choices: dict[str, str]",
    "dict[str, list[str]]",
    "turn_round by_value inverted",
    levels=(2,),
)
def invert_table(p: Pick) -> Spec:
    """Turns a dictionary round: for each value its keys, ordered and cut; some values are left out."""
    p.way(
        "order sort",
        ("in the order of the alphabet", "sorted(keys)"),
        ("in the opposite order of the alphabet", "sorted(keys, reverse=True)"),
        (
            "shortest first, those of equal length in the order of the alphabet",
            "sorted(keys, key=lambda k: (len(k), k))",
        ),
    )
    p.number("most", 2, 4)
    p.way(
        "many cut",
        ("only the first $most are kept", "[:$most]"),
        ("only the last $most are kept", "[-$most:]"),
    )
    p.way(
        "case change",
        ("As values, capital and small letters are the same; the result has small letters.", "value.lower()"),
        ("Capital and small letters are different.", "value"),
        ("Only the first letter of a value counts, as a small letter.", "value[:1].lower()"),
    )
    p.number("least", 1, 2)
    return Spec(
        "Turn $table round: find for each value the keys that have it.",
        """
        result, return: The result has a list of keys for each value that occurs.
        order: The keys of a list stand $!order.
        many, most, long: If a list has more than $most keys, $!many.
        few, least: A value with fewer than $least keys is left out.
        case, values, same: $!case
        empty: An empty dictionary gives an empty one; entries with an empty value are left out.
        """,
        """
        groups = {}
        for key, value in $table.items():
            if value:
                groups.setdefault($!change, []).append(key)
        return {value: $!sort$!cut for value, keys in groups.items() if len(keys) >= $least}
        """,
        {
            "names and things": lambda d: (
                {
                    name: d.one(("tea", "Tea", "milk", "tart", "Milk", "soup"))
                    for name in d.some(FIRST_NAMES, d.between(4, 8))
                },
            )
        },
        {
            "an empty dictionary": ({},),
            "a single entry": ({"Ada": "tea"},),
            "equal values": (dict.fromkeys(FIRST_NAMES[:7], "fig"),),
            "different values": (dict(zip(FIRST_NAMES, ("oat", "fig", "tea", "rye"), strict=False)),),
            "empty values": ({"Ben": "", "Ada": "tea", "Eva": "tea", "Al": ""},),
            "values that differ in case": (
                {"Mia": "OAT", "Jo": "oat", "Ann": "Oat", "Kim": "oaT", "Bo": "oat", "Leo": "oat"},
            ),
            "keys of many lengths": (dict.fromkeys(("ccc", "b", "aaaa", "dd", "a", "bb"), "x"),),
        },
        """
        Collect for each value the keys that have it.
        Put each list of keys into its order.
        Shorten the lists that are too long and drop the values with too few keys.
        """,
        {"many entries": lambda d: ({f"{a}{b}": d.one(ITEMS) for a in FIRST_NAMES for b in range(6)},)},
    )


@TABLES.family("scores|points|stock: dict[str, int]", "list[str]", "ranking best_keys leaders", levels=(1, 2))
def rank_keys(p: Pick) -> Spec:
    """The keys with the best values, with ties, places and limits."""
    p.number("k", 2, 4)
    p.way("best sign", ("largest", "-"), ("smallest", ""))
    p.way(
        "tie second",
        ("in the order of the alphabet", "key"),
        ("shorter keys first, keys of equal length in the order of the alphabet", "len(key), key"),
    )
    p.number("t", 2, 8)
    p.way("limit test", ("greater than $t", "> $t"), ("less than $t", "< $t"), ("different from $t", "!= $t"))
    p.let(shown="[:$k]", what="only the first $k keys are returned (all, if there are fewer)")
    if p.level == 2:
        p.let(
            shown="[: $k + more]",
            what="the first $k keys are returned, and further keys whose value equals that of the $!nth one",
        )
    p.let(nth=nth(p["k"]))
    tied = """more = 0
while 0 < $k + more < len(keys) and $scores[keys[$k + more]] == $scores[keys[$k - 1]]:
    more += 1"""
    p.let(tied=tied if p.level == 2 else "")
    return Spec(
        "Find the best keys of $scores.",
        """
        which, considered: Only entries whose value is $!limit are considered.
        best, order: Keys are ordered by value, the $!best first.
        tie, ties, equal: Keys with equal values stand $!tie.
        how many, return: Of this list, $!what.
        empty: If no entry is considered, return an empty list.
        """,
        """
        keys = [key for key in $scores if $scores[key] $!test]
        keys.sort(key=lambda key: ($!sign$scores[key], $!second))
        $!tied
        return keys$!shown
        """,
        {"values with ties": lambda d: (d.table(FIRST_NAMES, 5, 8, 0, 9),)},
        {
            "an empty dictionary": ({},),
            "a single entry": ({"Ada": p["t"] + 1},),
            "equal values": (dict.fromkeys(("Finn", "Bo", "Al", "Cleo", "Ann", "Jo"), p["t"] - 1),),
            "high equal values": (dict.fromkeys(("Finn", "Bo", "Al", "Cleo", "Ann", "Jo"), p["t"] + 1),),
            "negative values": ({"Ada": -4, "Bo": -9, "Cy": -4, "Di": -1},),
            "values at the limit": ({"Jo": p["t"], "Al": p["t"] + 1, "Xenia": p["t"] - 1, "Bo": p["t"]},),
            "ties behind the last place": (
                dict(
                    zip(
                        ("Zoe", "Al", "Bo", "Cy", "Di", "Ed", "Fay", "Gil"),
                        (1, 1, 9, 9, 9, 1, 9, 1),
                        strict=True,
                    )
                ),
            ),
        },
        """
        Leave out the entries that are not considered.
        Sort the keys by value, the right way round, and by the rule for ties.
        Take as many as asked for.
        """,
        {"many entries": lambda d: ({f"{a}{b}": d.between(-9, 60) for a in FIRST_NAMES for b in range(8)},)},
    )


@TABLES.family(
    "basket|order|cart: dict[str, int]; prices|costs|tariff: dict[str, int]",
    "int",
    "total_price bill amount_due",
    levels=(1, 2, 3),
)
def bill(p: Pick) -> Spec:
    """What a basket costs, with unknown things, free pieces and reductions."""
    p.number("unknown", 1, 9)
    p.way(
        "missing price",
        ("costs $unknown", "$prices.get(item, $unknown)"),
        ("is not charged", "$prices.get(item, 0)"),
    )
    p.number("n", 3, 6)
    p.number("c", 1, 8)
    p.way(
        "bulk less",
        ("Every $!nth piece of the same thing is free", "(count - count // $n) * price"),
        (
            "From $n pieces on, each piece of the thing costs $c less, but never less than 0",
            "count * (max(price - $c, 0) if count >= $n else price)",
        ),
        (
            "Pieces beyond the first $n cost half, rounded down for each piece",
            "min(count, $n) * price + max(count - $n, 0) * (price // 2)",
        ),
    )
    p.let(nth=nth(p["n"]), fee="")
    more = ""
    if p.level >= 2:
        p.number("free", 30, 80)
        p.number("ship", 3, 9)
        p.way(
            "cheap fee",
            (
                "If the bill is less than $free but not 0, $ship is added.",
                "if 0 < total < $free:\n    total += $ship",
            ),
            ("If the bill is at least $free, $ship is taken off.", "if total >= $free:\n    total -= $ship"),
        )
        more = "fee, shipping, sum: $!cheap"
    last = ""
    p.let(end="total")
    if p.level == 3:
        p.pick("round", 5, 10)
        p.way("rounded end", ("down", "total // $round * $round"), ("up", "-(-total // $round) * $round"))
        last = "round, rounding: At last the bill is rounded $!rounded to a multiple of $round."
    return Spec(
        "Work out what $basket costs.",
        f"""
        basket, count: $basket says how many pieces of each thing are bought, $prices what one piece costs.
        unknown, missing: A thing that is not in $prices $!missing.
        bulk, reduction, many: $!bulk.
        negative: Counts of 0 and negative counts are left out.
        {more}
        {last}
        empty: An empty basket costs 0.
        """,
        """
        total = 0
        for item, count in $basket.items():
            price = $!price
            if count > 0:
                total += $!less
        $!fee
        return $!end
        """,
        {"several things": lambda d: (d.table(ITEMS[:9], 2, 5, 0, 9), d.table(ITEMS[:9], 5, 8, 1, 15))},
        {
            "an empty basket": ({}, {"fig": 4}),
            "things without a price": ({"salt": 2, "rye": 13}, {}),
            "counts of 0 and negative counts": (
                {"fig": 0, "nut": -5, "oat": 1},
                {"fig": 10, "nut": 9, "oat": 7},
            ),
            "counts around a limit": (
                {"fig": p["n"], "nut": p["n"] - 1, "oat": p["n"] + 1, "jam": 2 * p["n"]},
                {"fig": 5, "nut": 11, "oat": 2, "jam": 20},
            ),
            "prices of 0": ({"fig": 4, "nut": 12}, {"fig": 0, "nut": 0}),
            "low prices": ({"fig": 12, "nut": 12, "oat": 12}, {"fig": 1, "nut": p["c"], "oat": p["c"] + 1}),
            "one piece": ({"fig": 1}, {"fig": p.values.get("free", 12)}),
            "one piece below a limit": ({"fig": 1}, {"fig": p.values.get("free", 12) - 1}),
        },
        """
        Find the price of a piece of each thing, also of those without one.
        Work out what the pieces of a thing cost together, with the reduction for many.
        Add up, and then change the sum where the rules say so.
        """,
        {
            "a large basket": lambda d: (
                {item: d.between(1, 90) for item in ITEMS},
                d.table(ITEMS, 12, 18, 1, 99),
            )
        },
    )


@TABLES.family(
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


@TABLES.family(
    "links|next_of|arrows: dict[str, str]; start|first: str",
    "list[str]",
    "follow trace path_from",
    levels=(2, 3),
)
def follow_links(p: Pick) -> Spec:
    """Follows a chain of keys and values until it ends, comes round or is long enough."""
    p.number("most", 4, 7)
    p.way(
        "end missing",
        ("is the last one of the chain", "chain.append(at)\nbreak"),
        ("does not belong to the chain any more", "break"),
    )
    p.way(
        "again turn",
        ("the chain ends before it", ""),
        ("it is put at the end once more, and the chain ends", "chain.append(at)\n"),
    )
    p.way(
        "result give",
        ("from the start to the end", "chain"),
        ("from the end to the start", "chain[::-1]"),
        ("without the start", "chain[1:]"),
    )
    p.let(skip="chain.append(at)")
    more = ""
    if p.level == 3:
        p.pick("sign", *"*!#_")
        p.way(
            "marked skip",
            (
                "is passed through but not put into the chain",
                "if not at.startswith($sign):\n    chain.append(at)",
            ),
            ("is put into the chain without this sign", "chain.append(at.lstrip($sign))"),
        )
        more = (
            "sign, mark: A name that begins with one $sign $!marked; in $links it is looked up with the sign."
        )
    keys = "abcdefgh"

    def net(d: Draws) -> Args:
        signed = [d.one(("", "", p.values.get("sign", ""))) + c for c in keys]
        return {k: d.one(signed) for k in d.some(signed, d.between(4, 8))}, d.one(signed)

    def ring(d: Draws) -> Args:
        names = d.some(keys, d.between(2, 8))
        return dict(zip(names, [*names[1:], d.one((names[0], "z", names[-1]))], strict=True)), names[0]

    return Spec(
        "Follow the chain that begins at $start.",
        f"""
        chain, next: The name after a name is its value in $links.
        end, missing: A name that is no key of $links $!end.
        again, circle, repeated: When a name was reached before in this chain, $!again.
        long, most: The chain also ends as soon as it has $most names.
        {more}
        return, order: Return the chain $!result.
        empty: If nothing is in the chain, return an empty list.
        """,
        """
        chain, seen, at = [], [], $start
        while len(chain) < $most:
            if at in seen:
                $!{turn}break
            if at not in $links:
                $!missing
            seen.append(at)
            $!skip
            at = $links[at]
        return $!give
        """,
        {"names at random": net, "chains and circles": ring},
        {
            "an empty dictionary": ({}, "a"),
            "a name that follows itself": ({"a": "a"}, "a"),
            "a start that is no key": ({"a": "b", "b": "c"}, "z"),
            "a long chain": (dict(zip("abcdefghi", "bcdefghij", strict=True)), "a"),
            "two names in turn": ({"a": "b", "b": "a"}, "b"),
            "a chain of just the longest length": (
                dict(zip("abcdefg"[: p["most"] - 1], "bcdefgh"[: p["most"] - 1], strict=True)),
                "a",
            ),
            "names with a sign": (
                {p.values.get("sign", "*") + "a": "b", "b": p.values.get("sign", "*") + "a"},
                "b",
            ),
        },
        """
        Keep the chain and the names that were reached already.
        At each name, test first whether it was reached before, then whether it is a key.
        Put it into the chain as asked and go on with its value.
        """,
        {
            "a large dictionary": lambda d: (
                dict(zip([f"n{i}" for i in range(200)], [f"n{i}" for i in range(1, 201)], strict=True)),
                "n3",
            )
        },
    )
