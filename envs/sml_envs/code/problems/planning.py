"""Algorithms on graphs, grids and tables: routes, orders, regions, best choices, distances, elections."""

from __future__ import annotations

from itertools import pairwise

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import Draws, Pick

PLANNING = Topic()

_CITIES = ("A", "B", "C", "D", "E", "F", "G", "H")


def _graph(d: Draws, least: int = 3, most: int = 7, degree: int = 3) -> dict[str, list[str]]:
    names = _CITIES[: d.between(least, most)]
    return {name: d.some(names, d.between(0, min(degree, len(names)))) for name in names}


@PLANNING.family(
    "roads|links|graph: dict[str, list[str]]; start|first: str; goal|last: str",
    "int",
    "distance shortest_way hops",
    levels=(3, 4),
)
def shortest_route(p: Pick) -> Spec:
    """The length of the shortest route, with towns that cost more or may not be entered, one-way or two-
    way.
    """
    p.pick("bad", *_CITIES[1:5])
    p.way(
        "rule ban",
        (
            "may not be entered on the way (but may be the start or the goal)",
            "town == $bad and town != $goal",
        ),
        (
            "may only be entered directly from the start (but may be the goal)",
            "town == $bad and town != $goal and at != $start",
        ),
    )
    p.way(
        "ways reach",
        ("only lead from the key to the towns of its list", "$roads.get(at, [])"),
        (
            "lead in both directions, from the key to the towns of its list and back",
            "[*$roads.get(at, []), *[x for x in $roads if at in $roads[x]]]",
        ),
    )
    p.number("cost", 2, 5)
    p.pick("none", -1, 0, 99, -5)
    p.let(step="1")
    more = ""
    if p.level == 4:
        p.pick("slow", *[c for c in _CITIES[:6] if c != p["bad"]])
        p.way(
            "slow_rule step",
            ("A road that leads to $slow counts $cost.", "$cost if town == $slow else 1"),
            ("A road that leads away from $slow counts $cost.", "$cost if at == $slow else 1"),
            (
                "A road counts $cost if it leads to a town that comes earlier in the alphabet.",
                "$cost if town < at else 1",
            ),
        )
        more = "cost, slow: $!slow_rule"

    def whole(d: Draws) -> Args:
        graph = _graph(d, 5, 8)
        return graph, "A", d.one(list(graph)[1:])

    return Spec(
        "Find the length of the shortest route.",
        f"""
        given, roads: A dictionary says for towns to which towns roads lead. A town may be missing as a key.
        directions: The roads $!ways.
        forbidden, banned: The town $bad $!rule.
        length: Each road counts 1.
        {more}
        return: Return the smallest sum of the roads of a route from $start to $goal.
        same, start is goal: If start and goal are the same, return 0, whether the town is in the dictionary
          or not.
        none, empty: If there is no route, return $none.
        """,
        """
        best, waiting = {$start: 0}, [$start]
        while waiting:
            at = min(waiting, key=lambda town: (best[town], town))
            waiting.remove(at)
            if at == $goal:
                return best[at]
            for town in $!reach:
                length = best[at] + ($!step)
                if $!ban:
                    continue
                if town not in best or length < best[town]:
                    best[town] = length
                    waiting.append(town)
        return $none
        """,
        {
            "several towns": whole,
            "a long way round": lambda d: (
                {
                    **{a: [b] for a, b in pairwise(_CITIES)},
                    d.one(_CITIES): d.some(_CITIES, 2),
                },
                d.one(_CITIES[:3]),
                d.one(_CITIES[4:]),
            ),
        },
        {
            "no roads": ({}, "A", "B"),
            "start and goal the same": ({"A": ["B"]}, "A", "A"),
            "a start that is the banned town": ({p["bad"]: ["A"], "A": ["G"]}, p["bad"], "G"),
            "a goal that is the banned town": ({"A": ["G"], "G": [p["bad"]]}, "A", p["bad"]),
            "a way through the banned town": (
                {"A": [p["bad"], "H"], p["bad"]: ["G"], "H": ["F"], "F": ["G"]},
                "A",
                "G",
            ),
            "a way through the banned town later": ({"A": ["H"], "H": [p["bad"]], p["bad"]: ["G"]}, "A", "G"),
            "a road against the direction": ({"G": ["A"]}, "A", "G"),
            "a circle": ({"A": ["F"], "F": ["G"], "G": ["A"]}, "F", "A"),
            "towns without roads": ({"A": [], "B": []}, "A", "B"),
            "two ways of different cost": (
                {"A": ["F", "E"], "F": ["G"], "E": ["D"], "D": ["C"], "C": ["G"], "B": ["G"]},
                "A",
                "G",
            ),
        },
        """
        Keep for each town the best length found so far, with 0 for the start.
        Go on from the nearest town that waits, along all its roads, and leave out what is forbidden.
        Stop at the goal; if nothing waits any more there is no route.
        """,
        {"many towns": lambda d: ({f"T{i}": [f"T{i + 1}", f"T{i + 7}"] for i in range(120)}, "T3", "T99")},
    )


@PLANNING.family(
    "needs|requires|after: dict[str, list[str]]", "list[str]", "work_order task_order plan", levels=(3, 4)
)
def task_order(p: Pick) -> Spec:
    """An order of tasks in which each comes after what it needs, with ties by a rule of our own."""
    p.way(
        "tie choice",
        ("first in the alphabet", "min(ready)"),
        ("last in the alphabet", "max(ready)"),
        ("shortest (of equal length, the first in the alphabet)", "min(ready, key=lambda t: (len(t), t))"),
        ("longest (of equal length, the first in the alphabet)", "max(sorted(ready), key=len)"),
        (
            "needs fewest tasks (of these, the first in the alphabet)",
            "min(ready, key=lambda t: (len(set($needs.get(t, []))), t))",
        ),
    )
    p.way(
        "stuck lost",
        ("return an empty list", "return []"),
        ("return the order as far as it goes", "break"),
        ("return the order as far as it goes, with $mark at the end", "done.append($mark)\nbreak"),
    )
    p.pick("mark", "?", "stuck", "...", "!")
    p.way(
        "result turn", ("from the first task to the last", ""), ("from the last task to the first", "[::-1]")
    )
    if "mark" in p["lost"]:
        p.let(turn="", result="from the first task to the last")
    p.pick("head", *"abcdefghk")
    p.let(prefer="")
    more = ""
    if p.level == 4:
        p.way(
            "special prefer",
            (
                "Tasks that begin with $head wait until no other task can be done.",
                "ready = [t for t in ready if not t.startswith($head)] or ready",
            ),
            (
                (
                    "If a task that needs the one done last (directly) can be done, only such tasks are "
                    "looked at."
                ),
                "ready = [t for t in ready if done and done[-1] in $needs.get(t, [])] or ready",
            ),
            (
                (
                    "The task done next must not begin with the same letter as the one done last, if "
                    "there is such a task."
                ),
                "ready = [t for t in ready if not done or t[0] != done[-1][0]] or ready",
            ),
        )
        more = "special, prefer: $!special"

    def tasks(d: Draws) -> Args:
        names = d.some(
            (
                "ant",
                "bee",
                "cat",
                "dog",
                "elk",
                "axe",
                "box",
                "cow",
                "dew",
                "apple",
                "berry",
                "crab",
                "fig",
                "gnu",
                "hen",
                "kiwi",
            ),
            d.between(3, 6),
        )
        return (
            {
                name: d.some(names[:i], d.between(0, min(i, 2)))
                for i, name in enumerate(names)
                if i or d.chance()
            },
        )

    def stuck(d: Draws) -> Args:
        needs = tasks(d)[0]
        names = list(needs)
        needs[names[0]] = [*needs[names[0]], names[-1]]
        return (needs,)

    return Spec(
        "Find an order in which tasks can be done.",
        f"""
        given, needs: A dictionary says for tasks which tasks must be done before them, directly. Tasks that
          only occur in its lists need nothing.
        all, once: Each task that occurs as a key or in a list is done once.
        tie, next, choose: Of the tasks that can be done next, do the one that is $!tie.
        {more}
        stuck, circle: If tasks are left but none can be done, $!stuck.
        order, return: Return the order $!result.
        empty: Without tasks return an empty list.
        """,
        """
        tasks = sorted({*$needs, *[x for needed in $needs.values() for x in needed]})
        done = []
        while len(done) < len(tasks):
            ready = [t for t in tasks if t not in done and all(x in done for x in $needs.get(t, []))]
            if not ready:
                $!lost
            $!prefer
            done.append($!choice)
        return done$!turn
        """,
        {"several tasks": tasks, "tasks with a circle": stuck},
        {
            "no tasks": ({},),
            "one task": ({"ant": []},),
            "tasks without needs": ({"cat": [], "ant": [], "bee": [], "apple": [], "b": []},),
            "a chain": ({"d": ["c"], "c": ["b"], "b": ["a"]},),
            "a task that needs itself": ({"ant": ["ant"], "bee": []},),
            "a circle of all": ({"a": ["b"], "b": ["a"]},),
            "a need that is listed twice": ({"ant": ["bee", "bee"], "cow": ["dog", "elk"], "hen": []},),
            "tasks that only occur in lists": ({"fig": ["axe", "box", "apple"], "gnu": ["crab"]},),
            "tasks that begin alike": (
                {
                    "a1": [],
                    "a2": [],
                    "b1": ["a1"],
                    "b2": [],
                    "c1": [],
                    p["head"] + "9": [],
                    "d": [],
                    "e": [],
                    "f": [],
                    "g": [],
                    "h": [],
                },
            ),
        },
        """
        Collect all tasks, also those that only others mention.
        Find which can be done now, and choose one by the rule.
        Repeat until all are done or none can be done.
        """,
        {"many tasks": lambda d: ({f"t{i}": [f"t{d.between(0, i - 1)}"] if i else [] for i in range(40)},)},
    )


@PLANNING.family(
    "first|source|old: str; second|target|new: str", "int", "distance change_cost edit_cost", levels=(4,)
)
def edit_distance(p: Pick) -> Spec:
    """The smallest cost of turning one text into another, with costs of our own."""
    p.number("add", 1, 4)
    p.number("drop", 1, 4)
    p.number("swap", 1, 6)
    p.way(
        "cheap cost",
        (
            "replacing a letter by the same letter in the other case costs 0",
            "0 if a.lower() == b.lower() else $swap",
        ),
        (
            "replacing a vowel (a, e, i, o, u) by another vowel costs 1",
            'min(1, $swap) if a in "aeiou" and b in "aeiou" else $swap',
        ),
        (
            "replacing a letter by one of its two neighbours in the alphabet costs 1",
            "min(1, $swap) if abs(ord(a) - ord(b)) == 1 else $swap",
        ),
        ("the first letters of both texts may not be replaced by each other", "$swap if i + j > 2 else 1000"),
    )
    p.way(
        "gift double",
        (
            "adding a letter equal to the last letter of $second before it costs nothing",
            "0 if j > 1 and $second[j - 2] == $second[j - 1] else $add",
        ),
        ("adding $letter costs $add and 1 more", "$add + 1 if $second[j - 1] == $letter else $add"),
        ("adding a letter at the very end costs nothing", "0 if i == len($first) else $add"),
    )
    if p["gift"].startswith("adding a letter equal"):
        p.let(gift="adding a letter that is equal to the letter just before it in $second costs nothing")
    if p["gift"].startswith("adding a letter at"):
        p.let(gift="adding a letter behind the last letter of $first costs nothing")
    p.pick("letter", *"aeiost")
    pool = "aeiobcdst"

    def near(d: Draws) -> Args:
        word = d.text(pool, 3, 6)
        at = d.between(0, len(word) - 1)
        return word, word[:at] + d.text(pool + "AB", 0, 2) + word[at + d.between(0, 1) :]

    return Spec(
        "Find the smallest cost of turning $first into $second.",
        """
        changes: Letters may be added, dropped and replaced; the cost is the sum over all changes, and
          letters that stay cost nothing.
        add: Adding a letter costs $add.
        drop: Dropping a letter costs $drop.
        replace, swap: Replacing a letter by another costs $swap.
        special, cheap: But $!cheap.
        also, exception: And $!gift.
        once: The texts are laid side by side from left to right; each letter takes part in one change at
          most.
        empty: Two empty texts cost 0.
        """,
        """
        best = {(0, 0): 0}
        for i in range(len($first) + 1):
            for j in range(len($second) + 1):
                ways = []
                if i:
                    ways.append(best[i - 1, j] + $drop)
                if j:
                    ways.append(best[i, j - 1] + ($!double))
                if i and j:
                    a, b = $first[i - 1], $second[j - 1]
                    ways.append(best[i - 1, j - 1] + (0 if a == b else $!cost))
                if ways:
                    best[i, j] = min(ways)
        return best[len($first), len($second)]
        """,
        {
            "texts that are nearly equal": near,
            "different words": lambda d: (d.text(pool, 2, 6), d.text(pool, 2, 6)),
        },
        {
            "two empty texts": ("", ""),
            "an empty first text": ("", "abba" + p["letter"]),
            "an empty second text": ("abcde", ""),
            "equal texts": ("stone", "stone"),
            "texts that differ in case": ("Stone", "sTONE"),
            "single letters": ("b", "c"),
            "single vowels": ("a", "u"),
            "other single letters": ("b", "t"),
            "doubled letters": ("bito", "bbiittoo"),
            "more letters at the end": ("tea", "teaspot"),
            "fewer letters": ("teaspot", "tea"),
        },
        """
        Think of the best cost for the first letters of both texts, from the shortest on.
        The last change added, dropped or replaced a letter, or a letter stayed; take the cheapest.
        Apply the special costs where they hold.
        """,
        {"long texts": lambda d: (d.text(pool, 40, 45), d.text(pool, 40, 45))},
    )


@PLANNING.family(
    "things|items|offers: list[tuple[int, int]]; limit|budget|space: int",
    "int",
    "best_choice most_value fill",
    levels=(4,),
)
def best_choice(p: Pick) -> Spec:
    """The best choice of things with weights and values under a limit, with rules about what goes
    together.
    """
    p.number("most", 2, 4)
    p.number("c", 1, 5)
    p.way(
        "rule ok",
        ("at most $most things may be taken", "len(taken) < $most"),
        ("no two things that stand side by side in the list may be taken", "i - 1 not in taken"),
        (
            (
                "a thing may only be taken if it is heavier than the one taken before it in the "
                "list, if there is one"
            ),
            "not taken or weight > $things[taken[-1]][0]",
        ),
        (
            "at most $most things of weight $c or less may be taken",
            "weight > $c or sum(1 for k in taken if $things[k][0] <= $c) < $most",
        ),
    )
    p.way(
        "value gain",
        ("the sum of its values", "value"),
        ("the sum of its values, minus $c for each thing", "value - $c"),
        ("the sum of its values, where the first thing taken counts double", "value * (1 if taken else 2)"),
    )
    p.way(
        "result give",
        ("this largest value", "best[0]"),
        (
            "the weight of the best selection; if several have the same value, the smallest of their weights",
            "-best[1]",
        ),
    )
    p.number("over", 0, 3)

    def things(d: Draws) -> Args:
        made = [(d.between(1, 9), d.between(1, 20)) for _ in range(d.between(3, 6))]
        return made, d.between(5, 20)

    return Spec(
        "Choose things so that their value is as large as possible.",
        """
        given, form: A thing is a tuple (weight, value) of positive whole numbers; each can be taken once.
        limit, weight: The weights of the things taken may add up to $limit plus $over at most.
        rule, allowed: Moreover, $!rule.
        value, worth: The value of a selection is $!value.
        best, largest: Look for the selection of the largest value.
        return, result: Return $!result.
        empty, none: Taking nothing is a selection too, with weight and value 0.
        """,
        """
        def choose(i, left, taken):
            if i == len($things):
                return 0, 0
            best = choose(i + 1, left, taken)
            weight, value = $things[i]
            if weight <= left and ($!ok):
                more, minus = choose(i + 1, left - weight, [*taken, i])
                best = max(best, (more + $!gain, minus - weight))
            return best

        best = choose(0, $limit + $over, [])
        return $!give
        """,
        {"several things": things},
        {
            "no things": ([], 10),
            "one thing that fits": ([(5, 7)], 5),
            "one thing that just fits": ([(5 + p["over"], 9)], 5),
            "one thing that is too heavy": ([(6 + p["over"], 9)], 5),
            "a limit of 0": ([(1, 5), (2, 9), (4, 20)], 0),
            "equal things": ([(3, 6)] * 5, 12),
            "things of falling weight": ([(9, 9), (7, 8), (5, 7), (3, 6), (1, 5)], 16),
            "things of rising weight": ([(1, 5), (3, 6), (5, 7), (7, 8), (9, 9)], 16),
            "light things": ([(1, 3), (1, 4), (2, 3), (1, 6), (2, 9)], 7),
            "things of little value": ([(2, 1), (3, 2), (2, 1), (4, 6)], 9),
            "a large limit": ([(4, 3), (2, 8), (6, 2), (1, 9)], 100),
        },
        """
        Decide for each thing in turn: leave it, or take it if it fits and the rules allow it.
        Let the same function work out the best for the things behind it, with what is left of the limit.
        Compare both ways, first by value, then by what else is asked for.
        """,
        {"more things": lambda d: ([(d.between(3, 9), d.between(1, 20)) for _ in range(13)], 22)},
    )


@PLANNING.family("xs|heights|numbers: list[int]", "int", "longest_chain best_chain chain", levels=(3, 4))
def longest_chain(p: Pick) -> Spec:
    """The longest or heaviest chain of numbers picked from left to right under a rule."""
    p.number("d", 1, 5)
    p.way(
        "rule test",
        ("greater by at least $d", "b - a >= $d"),
        ("greater, but by at most $d", "0 < b - a <= $d"),
        ("smaller by at least $d", "a - b >= $d"),
        ("different by exactly $d", "abs(a - b) == $d"),
        ("not smaller, and $d places or fewer further on", "b >= a and i - j <= $d"),
    )
    p.way("what score", ("number of its numbers", "1"), ("sum of its numbers", "b"))
    p.let(weight="$!score")
    p.pick("none", 0, -1)
    p.number("c", 2, 9)
    more = ""
    if p.level == 4:
        p.way(
            "bonus extra",
            ("Numbers divisible by $c count double in this.", "($!score) * (2 if b % $c == 0 else 1)"),
            ("For each number greater than $c, 1 more is counted.", "$!score + (1 if b > $c else 0)"),
            ("A number less than 0 counts 0 in this.", "($!score if b >= 0 else 0)"),
        )
        p.let(weight="$!extra")
        more = "bonus, counts: $!bonus"
    return Spec(
        "Find the best chain of numbers in $xs.",
        f"""
        chain: A chain picks one or more numbers of the list and keeps their order; they need not stand side
          by side.
        rule: Each of them after the first is, compared with the one picked before it, $!rule.
        value, what: The value of a chain is the $!what.
        {more}
        return: Return the largest value of a chain.
        empty: For an empty list return $none.
        """,
        """
        best = []
        for i, b in enumerate($xs):
            before = [best[j] for j, a in enumerate($xs[:i]) if $!test]
            best.append($!weight + max([0, *before]))
        return max(best, default=$none)
        """,
        {
            "positive and negative numbers": lambda d: (d.ints(5, 10, -6, 15),),
            "small steps": lambda d: (d.walk(9, 0, -p["d"], p["d"]),),
        },
        {
            "an empty list": ([],),
            "a single number": ([4],),
            "a negative number": ([-4],),
            "equal numbers": ([3, 3, 3],),
            "negative numbers": ([-9, -3, -7, -5, -1],),
            "rising numbers": ([1, 2, 4, 7, 11, 16, 22],),
            "falling numbers": ([22, 16, 11, 7, 4, 2, 1],),
            "steps of the exact size": ([0, p["d"], 2 * p["d"], p["d"], 0, 3 * p["d"]],),
            "steps just too large or small": ([0, p["d"] + 1, p["d"], 2 * p["d"] + 1, 3 * p["d"]],),
            "numbers around a limit": ([p["c"] - 1, p["c"], p["c"] + 1, 2 * p["c"], 3 * p["c"] + 1],),
        },
        """
        Think of the best chain that ends at each place.
        It is the number itself, put behind the best chain that ends at an earlier place from which the rule
          allows it.
        Return the best of all places.
        """,
        {"a long list": lambda d: (d.ints(80, 100, -20, 60),)},
    )


@PLANNING.family("grid|board|field: list[str]", "int", "regions areas largest_area", levels=(3, 4))
def regions(p: Pick) -> Spec:
    """The regions of equal cells in a grid of letters: how many, how large; neighbours of our own."""
    a, b, _ = p.pick("a b c", *[tuple(x) for x in ("#.~", "xo-", "LWT", "rgb", "*-+", "@.:")])
    p.way(
        "near moves",
        ("above, below, left or right", ((0, 1), (1, 0), (0, -1), (-1, 0))),
        (
            "above, below, left, right or at a corner",
            tuple((r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if r or c),
        ),
        ("left or right, or at a corner", ((0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))),
    )
    p.number("least", 2, 4)
    p.way(
        "what give none",
        ("how many regions have at least $least cells", "sum(1 for size in sizes if size >= $least)", 0),
        ("the size of the largest region", "max(sizes)", 0),
        (
            "the size of the smallest region that has at least $least cells, or -1 if there is none",
            "min([size for size in sizes if size >= $least], default=-1)",
            -1,
        ),
        (
            "how many regions have exactly $least cells, times the number of all regions",
            "sum(1 for size in sizes if size == $least) * len(sizes)",
            0,
        ),
    )
    p.way(
        "kind test",
        ("all the cells $a", "$grid[r][c] == $a"),
        ("all the cells other than $b", "$grid[r][c] != $b"),
    )
    p.let(drop="True")
    more = ""
    if p.level == 4:
        p.number("k", 1, 2)
        p.way(
            "edge drop",
            (
                "Regions with a cell in the first or last row do not count.",
                "all(0 < r < len($grid) - 1 for r, c in region)",
            ),
            (
                "Only regions with a cell in the first or last column count.",
                "any(c in (0, len($grid[0]) - 1) for r, c in region)",
            ),
            ("Regions that lie in at most $k rows do not count.", "len({r for r, c in region}) > $k"),
        )
        more = "edge, count: $!edge"
    pool = p["a"] * 3 + p["b"] * 2 + p["c"]

    def field(d: Draws, least: int = 2, most: int = 5) -> Args:
        size = d.between(least, most)
        return ([d.text(pool, size, size) for _ in range(d.between(least, most))],)

    return Spec(
        "Look for regions in a grid of signs.",
        f"""
        given, grid: The grid is a list of texts of one length, its rows.
        cells, kind: Regions are made of $!kind.
        neighbours, near: Two such cells belong to the same region if one is directly {p["near"]} of the
          other; so do cells that are connected through further cells of it.
        {more}
        size: The size of a region is the number of its cells.
        return, what: Return $!what.
        empty, none: If there is no region that counts, as in a grid without rows, return $none.
        """,
        """
        sizes, seen = [], set()
        for row in range(len($grid)):
            for col in range(len($grid[0])):
                r, c = row, col
                if (r, c) in seen or not ($!test):
                    continue
                region = [(r, c)]
                seen.add((r, c))
                for at_row, at_col in region:
                    for down, right in $moves:
                        r, c = at_row + down, at_col + right
                        inside = 0 <= r < len($grid) and 0 <= c < len($grid[0])
                        if inside and (r, c) not in seen and $!test:
                            seen.add((r, c))
                            region.append((r, c))
                if $!drop:
                    sizes.append(len(region))
        return $!give if sizes else $none
        """,
        {"grids of several rows": field, "larger grids": lambda d: field(d, 5, 8)},
        {
            "a grid without rows": ([],),
            "one cell": ([a],),
            "one other cell": ([b],),
            "one row": ([a + a + b + a + p["c"] + a],),
            "one column": ([a, a, b, a, a, a],),
            "equal cells": ([a * 4] * 3,),
            "cells that meet at corners": ([a + b + a + b, b + a + b + a, a + b + a + b],),
            "a ring": ([a * 4, a + b + b + a, a + b + b + a, a * 4],),
            "a region in the middle": ([b * 5, b + a * 3 + b, b + a + b * 3, b * 5],),
            "regions of several sizes": (
                [a * 2 + b + a * 3, b * 6, a * 4 + b + a, b * 6, a + b + a * 2 + b + b],
            ),
        },
        """
        Go through the cells; one that belongs to a region and was not seen yet begins a new region.
        Collect all cells that are connected with it, over its neighbours and theirs.
        Keep the sizes of the regions that count, and work out what is asked for.
        """,
        {"a large grid": lambda d: field(d, 14, 14)},
    )


@PLANNING.family("votes|ballots|choices: list[list[str]]", "str", "winner elect decide", levels=(2, 3))
def election(p: Pick) -> Spec:
    """An election with points by place, or rounds in which the last one goes; ties by rules."""
    p.number("w1", 3, 6)
    p.number("w2", 1, 2)
    p.way("tie key", ("is first in the alphabet", "min"), ("is last in the alphabet", "max"))
    p.pick("none", "nobody", "-", "", "none")
    if p.level == 2:
        p.way(
            "rule bonus",
            (
                "A name at the end of a list of at least two names loses 1 point there.",
                "if len(names) > 1:\n    points[names[-1]] = points.get(names[-1], 0) - 1",
            ),
            (
                "A name that stands alone on its list gets $w2 points more.",
                "if len(names) == 1:\n    points[names[0]] += $w2",
            ),
            (
                (
                    "An empty list gives nothing, and a list of more than 3 names gives 1 more point to "
                    "its third name."
                ),
                "if len(names) > 3:\n    points[names[2]] = points.get(names[2], 0) + 1",
            ),
        )
        p.way("which best", ("most", "max"), ("fewest", "min"))
        rule = """
            points: The first name of each list gets $w1 points, the second $w2, the others get none.
            special, bonus: $!rule
            winner, which: The winner is the name with the $!which points; only names that were given points
              or lost some can win.
            return, result: Return the winner's name, a blank and its points.
            """
        code = """
            points = {}
            for names in $votes:
                for name, value in zip(names, ($w1, $w2)):
                    points[name] = points.get(name, 0) + value
                $!bonus
            if not points:
                return $none
            top = $!best(points.values())
            return $!key(name for name in points if points[name] == top) + " " + str(top)
            """
    else:
        p.way("out_tie out", ("last in the alphabet", "max"), ("first in the alphabet", "min"))
        p.number("percent", 50, 66)
        p.way(
            "majority limit",
            ("at least $percent percent of the lists that still count", "100 * most >= $percent * total"),
            ("more than half of the lists that still count", "2 * most > total"),
            (
                "at least 2 lists more than every other name",
                "all(most - n >= 2 for name, n in count.items() if name != leader)",
            ),
        )
        rule = """
            rounds, count: In each round, each list counts for its first name that is still in the game; a
              list without such a name does not count any more.
            win, majority: If the leader, which is the name with the most lists, has $!majority, it wins.
            out, last: Otherwise, the name with the fewest lists goes out (0 lists are possible); of several
              such names, the one that is $!out_tie.
            start, names: At first, all names that occur in any list are in the game. The last name that is
              left wins in any case.
            """
        code = """
            left = sorted({name for names in $votes for name in names})
            while left:
                count = {name: 0 for name in left}
                for names in $votes:
                    for name in [name for name in names if name in left][:1]:
                        count[name] += 1
                most, total = max(count.values()), sum(count.values())
                leader = $!key(name for name in left if count[name] == most)
                if len(left) == 1 or $!limit:
                    return leader
                fewest = min(count.values())
                left.remove($!out(name for name in left if count[name] == fewest))
            return $none
            """
    pool = ("Ann", "Bo", "Cy", "Di", "Ed")
    return Spec(
        "Find out who wins an election.",
        rule.rstrip()
        + """
            given, votes: Each list holds the names that one voter chose, the best first, each name at most
              once.
            tie, ties: Where several names could win (or lead), it is the one that $!tie.
            empty, none: If there are no names, return $none.
            """,
        code,
        {
            "several voters": lambda d: ([d.some(pool, d.between(0, 4)) for _ in range(d.between(4, 8))],),
            "few names": lambda d: ([d.some(pool[:3], d.between(1, 3)) for _ in range(d.between(4, 8))],),
        },
        {
            "no voters": ([],),
            "empty lists": ([[], []],),
            "one voter": ([["Cy", "Bo", "Ann"]],),
            "lists of one name": ([["Bo"], ["Ann"], ["Bo"], ["Cy"]],),
            "a tie": ([["Ann", "Bo"], ["Bo", "Ann"]],),
            "a tie of three": ([["Ann"], ["Bo"], ["Cy"]],),
            "equal lists": ([["Di", "Cy", "Bo", "Ann"]] * 3,),
            "names that are never first": ([["Ann", "Ed"], ["Bo", "Ed"], ["Cy", "Ed"], ["Di", "Ed"]],),
            "a close result": (
                [["Ann", "Bo"]] * 3 + [["Bo", "Ann"]] * 2 + [["Cy", "Bo", "Ann"], ["Cy", "Ann", "Di", "Bo"]],
            ),
        },
        """
        Count what each name gets from the lists.
        Apply what holds besides, and decide whether somebody wins now.
        Mind which name is meant where several are equal.
        """,
        {"many voters": lambda d: ([d.some(pool, d.between(1, 5)) for _ in range(150)],)},
    )


@PLANNING.family("prices|course|values: list[int]", "int", "best_trade profit earn", levels=(2, 3))
def trading(p: Pick) -> Spec:
    """The best gain from buying and selling once or under a rule; fees, waiting times."""
    p.number("fee", 1, 5)
    p.number("wait", 1, 3)
    p.number("most", p["wait"] + 1, p["wait"] + 4)
    p.way(
        "time range",
        ("at least $wait days after it was bought", "range(i + $wait, len($prices))"),
        (
            "at least $wait and at most $most days after it was bought",
            "range(i + $wait, min(i + $most + 1, len($prices)))",
        ),
    )
    p.way(
        "gain value",
        (
            "the price of the day of selling minus that of the day of buying, minus $fee",
            "$prices[j] - $prices[i] - $fee",
        ),
        (
            (
                "$fee times the price of the day of selling, minus $fee times that of the day of "
                "buying, minus the number of days between"
            ),
            "$fee * ($prices[j] - $prices[i]) - (j - i)",
        ),
        (
            (
                "the price of the day of selling minus that of the day of buying, minus half of the "
                "latter, rounded down, minus $fee"
            ),
            "$prices[j] - $prices[i] - $prices[i] // 2 - $fee",
        ),
    )
    p.let(also="True")
    more = ""
    if p.level == 3:
        p.number("t", 5, 20)
        p.way(
            "rule also",
            ("One may not buy for more than $t.", "$prices[i] <= $t"),
            (
                "One may not sell on a day whose price is lower than that of the day before.",
                "$prices[j] >= $prices[j - 1]",
            ),
            (
                (
                    "On no day from buying to selling may the price be more than $t higher than on the "
                    "day before."
                ),
                "all($prices[k] - $prices[k - 1] <= $t for k in range(i + 1, j + 1))",
            ),
        )
        more = "rule, allowed: $!rule"
    p.way(
        "result give",
        ("the largest gain, or 0 if no gain is positive", "max([0, *gains])"),
        (
            "the largest gain, which may be negative, or 0 if one cannot buy and sell at all",
            "max(gains, default=0)",
        ),
        ("how many choices of the two days have a positive gain", "sum(1 for gain in gains if gain > 0)"),
    )
    return Spec(
        "Find out what can be gained by buying and selling once.",
        f"""
        given, prices: One price for each day, in order. One thing is bought on one day and sold on a later
          one.
        time, days, wait: It is sold $!time.
        gain, value: The gain is $!gain.
        {more}
        return, result: Return $!result.
        empty: Without prices, or if there are too few days, return 0.
        """,
        """
        gains = []
        for i in range(len($prices)):
            for j in $!range:
                if $!also:
                    gains.append($!value)
        return $!give
        """,
        {"prices up and down": lambda d: (d.ints(4, 9, 1, 30),)},
        {
            "no prices": ([],),
            "one day": ([5],),
            "two days": ([3, 20],),
            "too few days": ([2, 9, 14][: p["wait"]],),
            "just enough days": ([2, 9, 14, 29][: p["wait"] + 1],),
            "equal prices": ([7] * 6,),
            "falling prices": ([30, 22, 15, 9, 4, 1],),
            "rising prices": ([1, 4, 9, 15, 22, 30, 45],),
            "the best days far apart": ([2, 10, 10, 10, 10, 10, 10, 40],),
            "a low price at the end": ([10, 12, 8, 25, 7, 1],),
        },
        """
        Go through all days of buying, and for each through the days of selling that are allowed.
        Work out the gain of each choice.
        Return what is asked for of these gains, also if there are none.
        """,
        {"many days": lambda d: (d.ints(80, 100, 1, 90),)},
    )
