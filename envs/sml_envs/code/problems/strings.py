"""Texts letter by letter: counting, replacing, shifting, runs. See words.py for texts word by word."""

from __future__ import annotations

from sml_envs.code.problems.base import Spec, Topic, rules
from sml_envs.code.problems.draws import LOWER, Draws, Pick, nth

LETTERS = Topic()

_COMMON = "aeioulmnrst"
_MARKS = "*#_-+=~^"


@LETTERS.family("text|line: str", "int", "count_marked letter_total tally_letters", levels=(1, 2))
def count_letters(p: Pick) -> Spec:
    """How often some letters occur; at level 2 with capitals that weigh more and letters that take away."""
    good = "".join(p.some(_COMMON, p.number("size", 2, 4)))
    p.let(good=good, named=", ".join(good))
    parts = [*rules("letters, which: The letters that count are $!named.")]
    code = "return sum(1 for c in $text if c in $good)"
    steps = ["Go through the text letter by letter.", "Add up one for each letter that is on the list."]
    if p.level == 1:
        parts.append(rules("case, capital, upper: Only small letters count, capital ones do not.")[0])
    else:
        p.let(bad=p.one([c for c in _COMMON if c not in good]))
        weight = p.number("weight", 2, 5)
        parts += [
            *rules(
                """
                case, capital, weight: Each small one adds 1, each capital one adds $weight.
                takes, minus: Each small letter $!bad takes 1 away; a capital one changes nothing.
                negative, below: The result is never below 0: return 0 instead of a negative total.
                """
            ),
        ]
        code = """
            total = 0
            for c in $text:
                if c in $good:
                    total += 1
                elif c.lower() in $good:
                    total += $weight
                elif c == $bad:
                    total -= 1
            return max(total, 0)
            """
        steps.append(f"Give capital letters the weight {weight}, and mind the lowest result allowed.")
    parts.append(rules("empty: For an empty text return 0.")[0])
    pool = good * 3 + good.upper() * 2 + LOWER + p.values.get("bad", "a") * 3 + " "
    return Spec(
        "Count certain letters of $text.",
        tuple(parts),
        code,
        {"small and capital letters": lambda d: (d.text(pool, 4, 16),)},
        {
            "an empty text": ("",),
            "only letters that count": (good * 2,),
            "only capital letters": (good.upper() + "A" * 3,),
            "only letters that take away or do not count": ((p.values.get("bad", "z") + "z") * 3,),
            "letters beyond a to z": ("éàü" + good[0] + "ß",),
        },
        "\n".join(steps),
        {"a long text": lambda d: (d.text(pool, 400, 500),)},
    )


@LETTERS.family("text|phrase: str", "str", "sift filtered keep_some")
def remove_letters(p: Pick) -> Spec:
    """Keeps or drops some letters and puts a mark in their place, or nothing."""
    letters = "".join(p.some(_COMMON, 3))
    p.let(letters=letters, named=", ".join(letters))
    p.way("rule test", ("Drop", "in"), ("Keep only", "not in"))
    mark = p.way("mark", "", *_MARKS[:4])
    instead = (
        "What is dropped leaves no gap."
        if not mark
        else f"In the place of each dropped character stands one {mark}."
    )
    return Spec(
        "Sift $text by letter.",
        (
            *rules(
                f"""
                letters, which, case, capital: $!rule the letters $!named, small or capital alike.
                order, stay: The characters that stay keep their order and case.
                gap, mark, place, dropped: {instead}
                blanks, digits, signs: Blanks, digits and signs are characters like any other.
                empty: An empty text gives an empty text.
                """
            ),
        ),
        'return "".join($mark if c.lower() $!test $letters else c for c in $text)',
        {
            "words": lambda d: (d.phrase(2, 4),),
            "small and capital letters": lambda d: (d.text(letters.upper() + LOWER, 5, 12),),
        },
        {
            "an empty text": ("",),
            "only the named letters": (letters + letters.upper(),),
            "none of the named letters": ("xyz 123!",),
            "a single letter": (letters[1],),
            "letters beyond a to z": ("naïve Ærø",),
        },
        """
            Look at each character, as a small letter, to see whether it is one of the named ones.
            Decide for each character whether it stays or goes, and what stands in its place.
            Join the characters in their old order.
            """,
        {"a long text": lambda d: (d.phrase(60, 80),)},
    )


@LETTERS.family("text|line: str", "str", "stamp mark_places every_so_often", levels=(1, 2))
def mark_every_nth(p: Pick) -> Spec:
    """Replaces each n-th character, counted from either end; at level 2 blanks are not counted."""
    n = p.number("n", 2, 6)
    p.pick("mark", *_MARKS)
    end, _ = p.way("end turn", ("start", "$text"), ("end", "$text[::-1]"))
    back = "" if end == "start" else "[::-1]"
    p.let(back=back, nth=nth(n))
    parts = [
        *rules(
            """
            which, every, count: Replace every $!nth character, counted from the $!end of the text.
            first, start: The first to be replaced is the $!nth itself.
            mark, replace, put: The character to put there is $mark.
            """
        ),
    ]
    code = 'return "".join($mark if i % $n == 0 else c for i, c in enumerate($!turn, 1))$!back'
    if p.level == 2:
        parts.append(rules("blank, blanks, space: Blanks are never replaced and are not counted.")[0])
        code = """
            out, seen = [], 0
            for c in $!turn:
                if c != " ":
                    seen += 1
                out.append($mark if c != " " and seen % $n == 0 else c)
            return "".join(out)$!back
            """
    parts.append(rules("empty: An empty text gives an empty text.")[0])
    return Spec(
        "Put a mark on characters of $text at regular distances.",
        tuple(parts),
        code,
        {"a few words": lambda d: (d.phrase(2, 4),), "one word": lambda d: (d.text(LOWER, n - 1, 3 * n),)},
        {
            "an empty text": ("",),
            f"a text one shorter than {n}": ("k" * (n - 1),),
            f"a text of exactly {n} characters": ("abcdefgh"[:n],),
            "a text with blanks at both ends": (" " + "ab cd" * 2 + "  ",),
            "letters beyond a to z": ("éüß" * 4,),
        },
        f"""
            Count the characters, beginning with 1 at the {end}.
            Where the count can be divided by {n}, the mark takes the character's place.
            Put the characters together in the text's own order.
            """,
        {"a long text": lambda d: (d.phrase(50, 70),)},
    )


@LETTERS.family("text|message: str", "str", "encode shift_letters scramble", levels=(2, 3))
def shift_letters(p: Pick) -> Spec:
    """A Caesar cipher; at level 3 the shift depends on the place or the kind of letter."""
    p.number("k", 2, 24)
    way, _ = p.way("way sign", ("forward", "+"), ("back", "-"))
    parts = [
        *rules(
            f"""
            shift, places, moves, how far: Each letter moves {way} in the alphabet by $k places.
            end, z, circle, wrap: The alphabet is a circle: a follows z.
            case, capital: A capital letter stays capital.
            other, blanks, digits: All other characters stay as they are.
            """
        ),
    ]
    p.let(shift="$k")
    if p.level == 3:
        p.number("j", 1, 9)
        special, _ = p.way(
            "special test",
            ("Vowels (a, e, i, o, u)", 'c.lower() in "aeiou"'),
            ("Letters at even positions of the text, counted from 0,", "i % 2 == 0"),
            ("Capital letters", 'c < "a"'),
        )
        parts.insert(
            1, rules(f"instead, other shift, special: {special} move by $j places {way} instead.")[0]
        )
        p.let(shift="$j if $!test else $k")
    code = """
        out = []
        for i, c in enumerate($text):
            if "a" <= c.lower() <= "z":
                base = ord("a") if c >= "a" else ord("A")
                c = chr(base + (ord(c) - base $!sign ($!shift)) % 26)
            out.append(c)
        return "".join(out)
        """
    return Spec(
        "Put $text into a secret alphabet by moving its letters.",
        (*parts, *rules("empty: An empty text gives an empty text.")),
        code,
        {
            "small letters": lambda d: (d.phrase(1, 3),),
            "small and capital letters": lambda d: (d.text(LOWER + LOWER.upper() + "., ", 6, 14),),
        },
        {
            "an empty text": ("",),
            "both ends of the alphabet": ("abcxyz ABCXYZ",),
            "no letters at all": ("12 + 34 = 46!",),
            "a single letter": ("m",),
            "the whole alphabet": (LOWER + LOWER.upper(),),
        },
        f"""
        Go through the text and leave everything but letters as it is.
        Take the place of a letter in the alphabet and go {way} from there in a circle.
        {"Choose the shift by the kind or place of the letter." if p.level == 3 else ""}
        Keep the case of each letter, and join the letters.
        """,
        {"a long text": lambda d: (d.phrase(60, 80),)},
    )


@LETTERS.family("text|code: str", "str", "squeeze pack_runs shorten", levels=(2, 3))
def pack_runs(p: Pick) -> Spec:
    """Run-length packing from a least length on; at level 3 with a longest run."""
    least = p.number("least", 2, 4)
    p.pick("sign", *_MARKS)
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


@LETTERS.family("text|word: str", "int", "run_score streak longest_streak", levels=(2,))
def longest_run(p: Pick) -> Spec:
    """The longest stretch of letters of a kind: how long it is or where it starts."""
    size = p.number("size", 4, 7)
    group = "".join(sorted(p.some(LOWER, size)))
    p.let(group=group, named=", ".join(group))
    p.way("inside test", ("only", "in"), ("none", "not in"))
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
                stretch, letters: A stretch is a row of characters with $!inside of the letters $!named in
                  it.
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


@LETTERS.family("text|phrase: str", "bool", "reads_the_same is_mirrored same_both_ways", levels=(2, 3))
def palindrome_with_rules(p: Pick) -> Spec:
    """Whether a text reads the same both ways with letters left out; at level 3 up to some mistakes."""
    dropped = "".join(sorted(p.some(_COMMON, 2)))
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
