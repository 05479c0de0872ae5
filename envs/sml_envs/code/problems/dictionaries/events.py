"""Logs of events, and names connected by pairs."""

from __future__ import annotations

from itertools import pairwise

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
)

TOPIC = Topic()


@TOPIC.family(
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
        return $!give
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


@TOPIC.family(
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
