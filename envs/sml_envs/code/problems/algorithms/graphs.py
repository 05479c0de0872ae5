"""Routes and orders of tasks."""

from __future__ import annotations

from itertools import pairwise

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
)

TOPIC = Topic()

_CITIES = ("A", "B", "C", "D", "E", "F", "G", "H")


def _graph(d: Draws, least: int = 3, most: int = 7, degree: int = 3) -> dict[str, list[str]]:
    names = _CITIES[: d.between(least, most)]
    return {name: d.some(names, d.between(0, min(degree, len(names)))) for name in names}


@TOPIC.family(
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


@TOPIC.family(
    "needs|requires|after: dict[str, list[str]]", "list[str]", "work_order task_order plan", levels=(3, 4)
)
def task_order(p: Pick) -> Spec:
    """An order of tasks in which each comes after what it needs, with ties by a rule of our own."""
    p.way(
        "tie choice",
        ("is first in the alphabet", "min(ready)"),
        ("is last in the alphabet", "max(ready)"),
        ("is shortest (of equal length, the first in the alphabet)", "min(ready, key=lambda t: (len(t), t))"),
        ("is longest (of equal length, the first in the alphabet)", "max(sorted(ready), key=len)"),
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
                    "Tasks that begin with the same letter as the one done last wait until no other task "
                    "can be done."
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
        tie, next, choose: Of the tasks that can be done next, do the one that $!tie.
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
