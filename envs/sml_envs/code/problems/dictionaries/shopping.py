"""Bills, stocks, and chains of keys."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    ITEMS,
    Draws,
    Pick,
    nth,
)

TOPIC = Topic()


@TOPIC.family(
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


@TOPIC.family(
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
        ("is the last one of the chain", "$!skip\nbreak"),
        ("does not belong to the chain any more", "break"),
    )
    p.way(
        "again turn",
        ("the chain ends before it", ""),
        ("it is put at the end once more, and the chain ends", "$!skip\n"),
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
                "is passed through and not put into the chain",
                "if not at.startswith($sign):\n    chain.append(at)",
            ),
            ("is put into the chain without this sign", "chain.append(at.lstrip($sign))"),
        )
        more = (
            "sign, mark: Whenever it comes, a name that begins with one $sign $!marked; in $links it is "
            "looked up with the sign."
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


@TOPIC.family(
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
        ("directly after the same thing", "not at or given[at[-1]] != item"),
        (
            "when $most or more things were given already and it has fewer than 4 letters",
            "len(at) < $most or len(item) > 3",
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
                "A wish $word is not a thing: it adds $fill pieces of each thing that is a key of $stock.",
                "if item == $word:\n    left = {key: n + $fill for key, n in left.items()}\n    continue",
            ),
            (
                (
                    "A wish $word is not a thing: it takes back the last thing given (out of the list "
                    "and into the stock), if there is one."
                ),
                ("if item == $word:\n    if at:\n        left[given.pop(at.pop())] += 1\n    continue"),
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
        left, given, at = dict($stock), [], []
        for item in $wanted:
            $!extra
            if left.get(item, 0) > $keep and ($!test):
                left[item] -= 1
                at.append(len(given))
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
