"""Runs, stretches and pieces of texts; texts that read the same both ways."""

from __future__ import annotations

from sml_envs.code.problems.base import TEXTS, Spec, Topic
from sml_envs.code.problems.draws import (
    COMMON,
    LOWER,
    MARKS,
    Draws,
    Pick,
)
from sml_envs.code.problems.templates import rules

TOPIC = Topic()


@TOPIC.family("text|code: str", "str", "squeeze pack_runs shorten", levels=(2, 3))
def pack_runs(p: Pick) -> Spec:
    """Run-length packing from a least length on; at level 3 with a longest run."""
    least = p.number("least", 2, 4)
    p.pick("sign", *MARKS)
    p.way(
        "order made",
        ("the character, then $sign, then the number", "c + $sign + str(n)"),
        ("the number, then $sign, then the character", "str(n) + $sign + c"),
        ("$sign, then the character, then the number", "$sign + c + str(n)"),
    )
    parts = [
        *rules(
            """
            run: A run is the same character several times in a row.
            least, order, becomes, how long: A run of at least $least characters becomes $!order.
            short, shorter, stay: Shorter runs stay as they are.
            case, capital: Capital and small letters are different characters.
            """
        ),
    ]
    p.let(cap="")
    if p.level == 3:
        most = p.number("most", least + 2, 9)
        p.let(cap=" and j - i < $most")
        parts.insert(
            2,
            rules(
                f"""
            longest, cut, longer: A run longer than {most} is cut from the left into runs of {most} and
              one with the rest, each treated by itself.
            """
            )[0],
        )
    code = """
        out, i = "", 0
        while i < len($text):
            c, j = $text[i], i
            while j < len($text) and $text[j] == c$!cap:
                j += 1
            n = j - i
            out += $!made if n >= $least else c * n
            i = j
        return out
        """
    top = p.values.get("most", 7)
    return Spec(
        "Shorten the runs of $text.",
        (*parts, *rules("empty: An empty text gives an empty text.")),
        code,
        {
            "runs of many lengths": lambda d: (
                "".join([d.one("abcX") * d.between(1, least + 2) for _ in range(5)]),
            ),
            "longer runs": lambda d: ("".join([d.one("pqr") * d.between(1, top + 5) for _ in range(4)]),),
        },
        {
            "an empty text": ("",),
            "no repeated characters": ("abcab",),
            "a single character": ("z",),
            f"a run of exactly {least}": ("a" * least + "b" + "c" * (least - 1),),
            "one run only": ("m" * (top + 4),),
            f"runs around {top} long": ("x" * top + "y" + "z" * (top + 1),),
            "capital and small letters in turn": ("aAaAbb" * 2,),
            "blanks and letters beyond a to z": ("é" * 4 + "   " + "ü",),
        },
        """
            Find where each run of equal characters begins and ends.
            Compare the length of the run with the least length.
            Write the run in the short form or as it was, and go on behind it.
            """,
        {"very long runs": lambda d: ("".join([d.one("ab") * d.between(20, 60) for _ in range(8)]),)},
    )


@TOPIC.family("text|word: str", "int", "run_score streak longest_streak", levels=(2,))
def longest_run(p: Pick) -> Spec:
    """The longest stretch of letters of a kind: how long it is or where it starts."""
    size = p.number("size", 4, 7)
    group = "".join(sorted(p.some(LOWER, size)))
    p.let(group=group, named=", ".join(group))
    p.way("inside test", ("all", "in"), ("none", "not in"))
    p.way(
        "wanted tie compare shown",
        ("the length of the longest stretch", "", ">", "best"),
        ("the position (from 0) at which the longest stretch begins", "the first", ">", "where"),
        ("the position (from 0) at which the longest stretch begins", "the last", ">=", "where"),
    )
    tie = "Of stretches of equal length $!tie counts."
    ties = [*rules(f"tie, equal, same length: {tie}")] if p["tie"] else []
    p.let(missing=-1 if p["tie"] else 0)
    return Spec(
        "Find the longest stretch of certain letters in $text.",
        (
            *rules(
                """
                stretch, letters: A stretch is a row of characters, $!inside of which are among $!named.
                return, result: Return $!wanted.
                """
            ),
            *ties,
            *rules(
                """
                longer: A stretch cannot be made longer at either side and has at least one character.
                empty: Where there is no stretch, as in an empty text, return $missing.
                """
            ),
        ),
        """
        best, where, start = 0, -1, 0
        for i in range(len($text) + 1):
            if i == len($text) or not ($text[i] $!test $group):
                if i > start and i - start $!compare best:
                    best, where = i - start, start
                start = i + 1
        return $!shown
        """,
        {
            "small letters": lambda d: (d.text(group * 3 + LOWER, 6, 18),),
            "stretches of equal length": lambda d: (
                "".join(
                    [
                        d.text(group, 2, 3) + d.text("".join(c for c in LOWER if c not in group), 1, 3)
                        for _ in range(3)
                    ]
                ),
            ),
        },
        {
            "an empty text": ("",),
            "only the named letters": (group,),
            "none of the named letters": ("".join([c for c in LOWER if c not in group][:6]),),
            "a stretch at the very end": (
                group[0] + "".join([c for c in LOWER if c not in group][:2]) + group[:3],
            ),
            "a stretch at the very start": (
                group[:3] + "".join([c for c in LOWER if c not in group][:5]) + group[:1],
            ),
        },
        """
            Walk through the text and remember where the present stretch began.
            Where a stretch ends, also at the end of the text, compare its length with the best.
            Mind which of two equally long stretches counts.
            """,
        {"a long text": lambda d: (d.text(group * 4 + LOWER, 300, 400),)},
    )


@TOPIC.family("text|phrase: str", "bool", "reads_the_same is_mirrored same_both_ways", levels=(2, 3))
def palindrome_with_rules(p: Pick) -> Spec:
    """Whether a text reads the same both ways with letters left out; at level 3 up to some mistakes."""
    dropped = "".join(sorted(p.some(COMMON, 2)))
    p.let(dropped=dropped, named=" and ".join(dropped))
    p.way(
        "kept test",
        ("the letters a to z other than $!named", '"a" <= c <= "z" and c not in $dropped'),
        ("the characters other than blanks and the letters $!named", 'c != " " and c not in $dropped'),
    )
    parts = [
        *rules(
            """
            case, capital: Capital letters are turned into small ones first.
            which, letters, left out, blanks: Then only $!kept are looked at.
            """
        ),
    ]
    if p.level == 2:
        rule = rules("same, passes, rule: The text passes if these read the same from both ends.")[0]
        code = "return kept == kept[::-1]"
        p.let(wrong=0)
    else:
        p.number("wrong", 1, 3)
        rule = rules(
            """
            mistakes, pairs, differ: The text passes if at most $wrong of the pairs of opposite characters
              (first and last, second and last but one, ...) differ.
            """
        )[0]
        code = "return sum(1 for i in range(len(kept) // 2) if kept[i] != kept[-1 - i]) <= $wrong"
    wrong = p.values["wrong"]
    core = "".join([c for c in "bcdfghkpqvwxz" if c not in dropped])

    def near(d: Draws, faults: int) -> str:
        half = [d.one(core) for _ in range(5)]
        other = half[::-1]
        for i in range(faults):
            other[i] = "y" if half[4 - i] != "y" else "j"
        middle = d.text(dropped + " ", 0, 3)
        return "".join(half).capitalize() + middle + "".join(other)

    return Spec(
        "Decide whether $text reads the same forwards and backwards.",
        (*parts, rule, *rules("empty: If nothing is left to look at, the text passes.")),
        "kept = [c for c in $text.lower() if $!test]\n" + code,
        {
            "texts that read the same": lambda d: (near(d, wrong),),
            "texts that differ once more": lambda d: (near(d, wrong + 1),),
            "other words": lambda d: (d.phrase(2, 3),),
        },
        {
            "an empty text": ("",),
            "only letters that are left out": (dropped + dropped[0],),
            "digits and signs": ("12! x 21",),
            "a single letter": ("Q",),
            "equal letters in different case": ("Bcd dcB" + dropped,),
            "many differences": ("bcdfghkvwxz",),
        },
        """
            Turn the text into small letters and keep only the characters that are looked at.
            Compare the characters from both ends towards the middle.
            Decide from the number of pairs that differ.
            """,
        {"a long text": lambda d: ((lambda half: half + half[::-1])(d.text(core, 200, 300)),)},
    )


@TOPIC.family("text|line: str", "list[str]", "cut_text pieces split_up", levels=(2, 3))
def cut_into_pieces(p: Pick) -> Spec:
    """Cuts a text into pieces of changing size, or where the kind of letter changes."""
    if p.level == 2:
        p.number("a", 1, 4)
        p.number("b", 2, 5)
        p.way(
            "rest test otherwise",
            ("is left out", "len($text) - i >= size", "break"),
            ("is put at the end turned round", "len($text) - i >= size", "out.append($text[i:][::-1])"),
            (
                "is added to the piece before it (or is a piece of its own if there is none)",
                "len($text) - i >= size or not out",
                "out[-1] += $text[i:]",
            ),
        )
        parts = [
            *rules(
                """
                size, sizes, how long: The pieces have $a characters, then $b, then $a again, and so on.
                rest, short, left: A rest too short for the next piece $!rest.
                """
            ),
        ]
        code = """
            out, i, turn = [], 0, 0
            while i < len($text):
                size = $a if turn % 2 == 0 else $b
                if $!test:
                    out.append($text[i : i + size])
                else:
                    $!otherwise
                i, turn = i + size, turn + 1
            return out
            """
    else:
        p.number("most", 3, 7)
        group = "".join(sorted(p.some(LOWER, 5)))
        p.let(group=group, named=", ".join(group))
        p.way("order turn", ("in their order", ""), ("from the last to the first", "[::-1]"))
        parts = [
            *rules(
                """
                where, begins, letters: A new piece begins wherever one of the letters $!named follows
                  another character or the other way round.
                longer, longest, size: A new piece also begins where a piece would become longer than
                  $most.
                order: Return the pieces $!order; each is read forwards.
                """
            ),
        ]
        code = """
            out = []
            for i, c in enumerate($text):
                if i and (c in $group) == ($text[i - 1] in $group) and len(out[-1]) < $most:
                    out[-1] += c
                else:
                    out.append(c)
            return out$!turn
            """
    pool = p.values.get("group", "") * 3 + LOWER
    return Spec(
        "Cut $text into pieces.",
        (*parts, *rules("empty: An empty text gives an empty list.")),
        code,
        {"a longer word": lambda d: (d.text(pool, 7, 16),), "a short word": lambda d: (d.text(pool, 2, 6),)},
        {
            **TEXTS,
            "equal letters": ("x" * 13,),
            "a single letter of those named": (pool[0],),
            "the alphabet": (LOWER,),
            "other equal letters": (pool[0] * 9 + pool[1] * 8,),
            **{f"a text of {n} characters": (LOWER[:n],) for n in (2, 3, 6, 8)},
        },
        """
            Walk through the text from its start and keep the list of pieces.
            Decide at each place whether the piece goes on or a new one begins.
            Think about the last piece.
            """,
        {"a long text": lambda d: (d.text(pool, 150, 250),)},
    )
