"""Letters: counting, dropping, marking, shifting, hiding."""

from __future__ import annotations

from sml_envs.code.problems.base import TEXTS, Spec, Topic
from sml_envs.code.problems.draws import (
    COMMON,
    LOWER,
    MARKS,
    Pick,
    nth,
)
from sml_envs.code.problems.templates import rules

TOPIC = Topic()


@TOPIC.family("text|line: str", "int", "count_marked letter_total tally_letters", levels=(1, 2))
def count_letters(p: Pick) -> Spec:
    """How often some letters occur; at level 2 with capitals that weigh more and letters that take away."""
    good = "".join(p.some(COMMON, p.number("size", 2, 4)))
    p.let(good=good, named=", ".join(good))
    parts = [*rules("letters, which: The letters that count are $!named.")]
    code = "return sum(1 for c in $text if c in $good)"
    steps = ["Go through the text letter by letter.", "Add up one for each letter that is on the list."]
    if p.level == 1:
        parts.append(rules("case, capital, upper: Only small letters count, capital ones do not.")[0])
    else:
        p.let(bad=p.one([c for c in COMMON if c not in good]))
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


@TOPIC.family("text|phrase: str", "str", "sift filtered keep_some")
def remove_letters(p: Pick) -> Spec:
    """Keeps or drops some letters and puts a mark in their place, or nothing."""
    letters = "".join(p.some(COMMON, 3))
    p.let(letters=letters, named=", ".join(letters))
    p.way("rule test", ("Drop", "in"), ("Keep only", "not in"))
    mark = p.way("mark", "", *MARKS[:4])
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


@TOPIC.family("text|line: str", "str", "stamp mark_places every_so_often", levels=(1, 2))
def mark_every_nth(p: Pick) -> Spec:
    """Replaces each n-th character, counted from either end; at level 2 blanks are not counted."""
    n = p.number("n", 2, 6)
    p.pick("mark", *MARKS)
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


@TOPIC.family("text|message: str", "str", "encode shift_letters scramble", levels=(2, 3))
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


@TOPIC.family("text|secret: str", "str", "hide_text mask cover")
def mask_text(p: Pick) -> Spec:
    """Hides all but the ends of a text; some characters are always seen."""
    p.number("head", 0, 3)
    p.number("tail", 1, 4)
    p.pick("mark", *"*#x?.")
    p.pick("seen kept", ("blanks", " "), ("hyphens", "-"), ("points", "."), ("digit signs", "0123456789"))
    p.let(seen={"digit signs": "digits"}.get(p["seen"], p["seen"]))
    ends = "The first $head and the last $tail characters" if p["head"] else "The last $tail characters"
    return Spec(
        "Hide the middle of $text.",
        (
            *rules(
                f"""
                ends, stay, how many: {ends} stay as they are.
                mark, replaced: All others are replaced by $mark, each by one.
                never, except: But $!seen are never replaced.
                short: A text too short to have anything between its ends stays as it is.
                empty: An empty text stays empty.
                """
            ),
        ),
        """
        end = len($text) - $tail
        return "".join([$mark if $head <= i < end and c not in $kept else c for i, c in enumerate($text)])
        """,
        {"letters and signs": lambda d: (d.text(LOWER + p["kept"] * 4 + "0-. ", 6, 16),)},
        {
            **TEXTS,
            "a text without a middle": ("abcdefgh"[: p["head"] + p["tail"]],),
            "a middle of one character": ("abcdefghi"[: p["head"] + p["tail"] + 1],),
            "nothing that could be replaced": (p["kept"][0] * 12,),
            "a text shorter than the end": ("Q" * (p["tail"] - 1),),
            "blanks, digits and signs": ("12-34.56 78-90.ab cd",),
        },
        """
            Find where the middle begins and where it ends.
            Replace the characters of the middle, except those that are always seen.
            """,
        {"a long text": lambda d: (d.phrase(50, 70),)},
    )
