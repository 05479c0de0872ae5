"""Counting by key, turning round, ranking."""

from __future__ import annotations

from sml_envs.code.problems.base import Spec, Topic
from sml_envs.code.problems.draws import (
    FIRST_NAMES,
    ITEMS,
    Pick,
    nth,
)

TOPIC = Topic()


@TOPIC.family("words|names|items: list[str]", "dict[str, int]", "count_by group_sizes tally", levels=(1, 2))
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


@TOPIC.family(
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


@TOPIC.family("scores|points|stock: dict[str, int]", "list[str]", "ranking best_keys leaders", levels=(1, 2))
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
