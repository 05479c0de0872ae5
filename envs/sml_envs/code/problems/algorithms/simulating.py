"""Queues, counting-out games, rows of cells."""

from __future__ import annotations

from sml_envs.code.problems.base import Spec, Topic
from sml_envs.code.problems.draws import (
    FIRST_NAMES,
    Pick,
    nth,
)

TOPIC = Topic()


@TOPIC.family("arrivals|times|clients: list[int]", "int", "simulate waiting queue_time", levels=(2, 3))
def queue(p: Pick) -> Spec:
    """A queue at a desk: how long people wait, with breaks, patience, changing service times."""
    p.number("serve", 2, 6)
    p.number("every", 2, 4)
    p.number("pause", 1, 6)
    p.let(nth=nth(p["every"]))
    p.way(
        "break_rule after",
        (
            "After every $!nth person served the desk is closed for $pause minutes.",
            "if served % $every == 0:\n    free += $pause",
        ),
        (
            "Every $!nth person served takes $pause minutes longer than the others.",
            "if served % $every == 0:\n    free += $pause",
        ),
        (
            "Each person who did not have to wait takes $pause minutes longer.",
            "if wait == 0:\n    free += $pause",
        ),
    )
    p.let(leave="")
    more = ""
    if p.level == 3:
        p.number("patience", 3, 12)
        p.way(
            "leave_rule leave",
            (
                "who would have to wait more than $patience minutes goes away at once and is not served",
                "if wait > $patience:\n    continue",
            ),
            (
                (
                    "who would have to wait more than $patience minutes is served by someone else at "
                    "once, and does not count here at all"
                ),
                "if wait > $patience:\n    continue",
            ),
            (
                (
                    "who would have to wait exactly $patience minutes or a multiple of it (but not 0) "
                    "goes away at once and is not served"
                ),
                "if wait and wait % $patience == 0:\n    continue",
            ),
        )
        more = "patience, away: But a person $!leave_rule."
    p.way(
        "result give",
        ("the longest time that a served person waited", "longest"),
        ("the sum of the times that served persons waited", "total"),
        ("the minute at which the desk is free in the end (0 if nobody was served)", "free"),
        ("how many served persons had to wait", "waited"),
    )
    return Spec(
        "Work out what happens at a desk.",
        f"""
        given, arrivals: The minutes at which people arrive, in order; several may arrive in the same
          minute, and are served as listed.
        serve, time: One person at a time is served, and it takes $serve minutes.
        wait: A person waits from the arrival until the desk is free; whoever arrives when it is free or
          just becomes free does not wait.
        break, every: $!break_rule
        {more}
        return, result: Return $!result.
        empty: If nobody comes, return 0.
        """,
        """
        free = served = longest = total = waited = 0
        for minute in $arrivals:
            wait = max(free - minute, 0)
            $!leave
            served += 1
            free = max(free, minute) + $serve
            $!after
            longest, total = max(longest, wait), total + wait
            waited += 1 if wait > 0 else 0
        return $!give
        """,
        {
            "people at several times": lambda d: (sorted(d.ints(4, 9, 0, 30)),),
            "people close together": lambda d: (sorted(d.ints(4, 9, 0, 10)),),
        },
        {
            "nobody": ([],),
            "one person": ([5],),
            "one person at the start": ([0],),
            "many at the same time": ([3] * 7,),
            "people far apart": ([0, 50, 100, 150, 200],),
            "people just when the desk is free": (list(range(1, 40, p["serve"]))[:6],),
            "people one minute too early": ([4, 3 + p["serve"], 2 + 2 * p["serve"]],),
            "two groups": ([0, 0, 0, 0, 60, 60, 60],),
        },
        """
        Keep the minute from which the desk is free.
        Work out for each person how long the wait is, and whether the person is served.
        Move the free minute on, with what the rules add, and keep what is asked for.
        """,
        {"many people": lambda d: (sorted(d.ints(300, 400, 0, 1500)),)},
    )


@TOPIC.family("names|players|people: list[str]", "list[str]", "count_out eliminate remaining", levels=(2, 3))
def count_out(p: Pick) -> Spec:
    """A counting-out game in a circle: who goes, in which direction, how many stay."""
    p.number("k", 2, 9)
    p.number("stay", 1, 2)
    p.way(
        "result give",
        ("those who are left, in the order of the list", "[x for i, x in enumerate($names) if i in ring]"),
        ("those who went out, in the order of going", "[$names[i] for i in gone]"),
        ("those who went out, the last one first", "[$names[i] for i in gone[::-1]]"),
    )
    p.way("start at", ("the first", "0"), ("the last", "len($names) - 1"))
    p.let(count="$k")
    more = ""
    if p.level == 3:
        p.way(
            "change count",
            ("In each further round, one counts 1 further than in the round before.", "$k + len(gone)"),
            (
                "Whenever the number of people in the circle is even, one counts one less.",
                "$k - (1 if len(ring) % 2 == 0 else 0)",
            ),
            (
                "After somebody whose name has more than 3 letters goes out, the next counting is only to 2.",
                "(2 if gone and len($names[gone[-1]]) > 3 else $k)",
            ),
        )
        more = "change, rounds: $!change"
    return Spec(
        "Play a counting-out game in a circle.",
        f"""
        circle, order: The people stand in a circle in the order of the list; after the last one comes the
          first again.
        count, start: Counting begins with $!start person of the list as 1 and goes on to $k; that person
          goes out.
        next, round: The next round begins with the person who stood behind the one who went out, as 1.
        {more}
        end, stay: It ends when $stay or fewer are left.
        return, result: Return $!result.
        given: Names may repeat; they are people of their own.
        empty: Without people return an empty list.
        """,
        """
        ring, gone = list(range(len($names))), []
        at = $!at
        while len(ring) > $stay:
            at = (at + $!count - 1) % len(ring)
            gone.append(ring.pop(at))
        return $!give
        """,
        {"several people": lambda d: (d.some(FIRST_NAMES, d.between(4, 9)),)},
        {
            "nobody": ([],),
            "one person": (["Ada"],),
            "two people": (["Ada", "Ben"],),
            "three people": (["Ada", "Benno", "Cleo"],),
            "people with the same name": (["Jo", "Jo", "Mia", "Jo", "Leonie"],),
            "as many as are counted": (list(FIRST_NAMES[: p["k"]]),),
            "one more than that": (list(FIRST_NAMES[: p["k"] + 1]),),
        },
        """
        Keep the circle and the place at which counting begins.
        Find the place of the person who goes out; it may lie beyond the end of the list.
        Take the person out and mind where the next counting begins.
        """,
        {"many people": lambda d: ([f"p{i}" for i in range(120)],)},
    )


@TOPIC.family("cells|line|state: str; steps|rounds|n: int", "str", "evolve next_rows grow", levels=(2, 3))
def cells(p: Pick) -> Spec:
    """A row of cells that live or die by their neighbours, several rounds; borders of our own."""
    alive, dead = p.pick("alive dead", ("#", "."), ("x", "-"), ("1", "0"), ("O", "_"), ("*", " "))
    born = tuple(sorted(p.some((0, 1, 2), p.between(1, 2))))
    live = tuple(sorted(p.some((0, 1, 2), p.between(1, 2))))
    p.let(born=born, live=live, told_born=" or ".join(map(str, born)), told_live=" or ".join(map(str, live)))
    p.way(
        "edge left",
        ("Beyond both ends there are only dead cells.", "$dead + row + $dead"),
        ("Beyond both ends there are only living cells.", "$alive + row + $alive"),
        (
            (
                "The row is a circle: the first and the last cell are neighbours (a single cell is "
                "its own neighbour on both sides)."
            ),
            "row[-1] + row + row[0]",
        ),
    )
    p.let(extra="")
    more = ""
    if p.level == 3:
        p.number("q", 2, 4)
        p.let(nth=nth(p["q"]))
        p.way(
            "special extra",
            ("After every $!nth round the row is turned round.", "if round % $q == 0:\n    row = row[::-1]"),
            (
                "After every $!nth round every cell becomes the opposite.",
                "if round % $q == 0:\n    row = ''.join([$dead if c == $alive else $alive for c in row])",
            ),
            (
                (
                    "As soon as a round changes nothing, no more rounds are played, and $dead is put "
                    "behind the row."
                ),
                "if row == old:\n    return row + $dead",
            ),
        )
        more = "special, after: $!special"
    return Spec(
        "Let a row of cells live for $steps rounds.",
        f"""
        cells, signs: A living cell is $alive, a dead one $dead.
        neighbours: The neighbours of a cell are the one to its left and the one to its right.
        dead, born: A dead cell lives in the next round if {p["told_born"]} of its neighbours live.
        living, stay: A living cell lives on in the next round if {p["told_live"]} of its neighbours live;
          otherwise it is dead.
        together, once: All cells change at the same time.
        edge, border: $!edge
        {more}
        zero, negative: If $steps is 0 or negative, return the row as it is.
        empty: An empty row stays empty, whatever else is said.
        """,
        """
        row = $cells
        if not row:
            return row
        for round in range(1, $steps + 1):
            wide, old, new = $!left, row, ""
            for i, c in enumerate(row):
                near = (wide[i] + wide[i + 2]).count($alive)
                new += $alive if near in ($live if c == $alive else $born) else $dead
            row = new
            $!extra
        return row
        """,
        {"a few rounds": lambda d: (d.text(alive + dead, 4, 10), d.between(1, 4))},
        {
            "an empty row": ("", 3),
            "a living cell alone": (alive, 1),
            "a dead cell alone": (dead, 1),
            "no rounds": (alive + dead + alive, 0),
            "a negative number of rounds": (alive + dead * 2, -1),
            "living cells only": (alive * 6, 2),
            "dead cells only": (dead * 6, 2),
            "one living cell in the middle": (dead * 4 + alive + dead * 4, 3),
            "living cells at the ends": (alive + dead * 5 + alive, 2),
            "two cells": (alive + dead, 1),
        },
        """
        Decide what stands beyond both ends of the row.
        Count the living neighbours of each cell in the old row, and write the new one.
        Repeat this as often as asked, and mind what happens after a round.
        """,
        {"many rounds": lambda d: (d.text(alive + dead, 30, 40), 25)},
    )
