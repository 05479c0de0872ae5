"""Words in order, lines of a width, texts woven together, common ends."""

from __future__ import annotations

from sml_envs.code.problems.base import BLANKS, Spec, Topic
from sml_envs.code.problems.draws import (
    LOWER,
    VOWELS,
    Pick,
)
from sml_envs.code.problems.templates import rules

TOPIC = Topic()


@TOPIC.family("words|names: list[str]", "list[str]", "sort_words in_order arrange", levels=(2, 3))
def sort_words(p: Pick) -> Spec:
    """Sorts words by a key, then by another; at level 3 some words come first or are left out."""
    keys = (
        ("length, $!way1 first", "len(w)", ("the short ones", "the long ones")),
        ("last letter, $!way1 first", "ord(w[-1])", ("those nearest to a", "those nearest to z")),
        (
            "number of vowels (a, e, i, o, u), $!way1 first",
            'sum(1 for c in w if c in "aeiou")',
            ("those with few", "those with many"),
        ),
        (
            "number of letters $!letter, $!way1 first",
            "w.count($letter)",
            ("those with few", "those with many"),
        ),
    )
    p.pick("letter", *"aeiorstnl")
    key, code, ways = p.way("by", *keys)
    up = p.way("up", True, False)
    p.let(way1=ways[0] if up else ways[1], key=key, code=("" if up else "-") + code)
    p.way(
        "second back", ("in the order of the alphabet", False), ("in the order in which they are given", None)
    )
    parts = [
        *rules(
            """
            sorted, key, by what, first: They are sorted by their $!key.
            tie, ties, equal: Words that are equal in this come $!second.
            repeated, duplicates, several times: Words that occur several times stay as often.
            """
        ),
    ]
    p.let(tie=", w" if p["back"] is not None else "", front="")
    if p.level == 3:
        p.number("n", 3, 5)
        p.way(
            "special test",
            ("of at least $n letters", "len(w) < $n"),
            ("that begin and end with the same letter", "w[0] != w[-1]"),
            ("that begin with a vowel (a, e, i, o, u)", 'w[0] not in "aeiou"'),
        )
        parts.insert(
            0,
            rules(
                """
            before, groups, special: Words $!special stand before all others; both groups are sorted in
              the same way.
            """
            )[0],
        )
        p.let(front="$!test, ")
    return Spec(
        "Put $words into an order.",
        (
            *parts,
            *rules(
                """
                empty: An empty list gives an empty list.
                given, letters: The words consist of small letters a to z, at least one.
                """
            ),
        ),
        "return sorted($words, key=lambda w: ($!front$!code$!tie,))",
        {
            "several words": lambda d: (d.words(4, 7),),
            "words with equal keys": lambda d: (
                d.words(
                    4, 7, ("level", "noon", "apple", "onion", "nylon", "a", "ice", "tea", "radar", "stone")
                ),
            ),
        },
        {
            "an empty list": ([],),
            "one word": (["pear"],),
            "repeated words": (["tea", "ant", "tea", "bee", "ant"],),
            "words of one letter": (["c", "a", "e", "b", "a"],),
            "words of equal length": (["ton", "not", "one", "eon", "tan", "ant"],),
        },
        """
            Find out by what two words are compared first, and which way round.
            Decide what to compare where they are equal in that.
            Sort by these things together, one after the other.
            """,
        {"a long list": lambda d: (d.words(150, 200),)},
    )


@TOPIC.family(
    "text|story: str; width|size: int", "list[str]", "wrap_lines break_lines fill_lines", levels=(3, 4)
)
def wrap_text(p: Pick) -> Spec:
    """Breaks a text into lines of a width; indents; at level 4 lines are filled up with a sign."""
    p.number("indent", 1, 3)
    p.way("where test", ("The first line", "not lines"), ("Every line but the first", "lines"))
    p.way(
        "long cut",
        ("stands alone on its line, longer than allowed", False),
        ("is cut down to as many letters as fit", True),
    )
    p.pick("mark", *".>-:")
    parts = [
        *rules(
            """
            fit, line: A line takes as many words as fit, in their order, with single blanks between them.
            width, longer: No line may be longer than $width characters, with all that stands in it.
            indent, begin, begins: $!where begins with $indent times $mark, directly before its first word.
            long word, too long: A word that does not fit even on a line of its own $!long.
            """
        ),
    ]
    p.let(shrink="word = word[: $width - len(line)]" if p["cut"] else "pass", end="line")
    if p.level == 4:
        p.way(
            "side fill",
            ("right", "line + $sign * ($width - len(line))"),
            ("left", "$sign * ($width - len(line)) + line"),
        )
        p.pick("sign", *"_~=#")
        p.let(end="$!fill")
        parts.append(
            rules(
                """
            filled, short, pad: Lines shorter than $width are filled up with $sign at the $!side.
            """
            )[0]
        )
    return Spec(
        "Break $text into lines of a width.",
        (
            *parts,
            *rules(
                """
                empty: An empty text gives an empty list.
                given, width: $width is at least 5.
                """
            ),
            *BLANKS,
        ),
        """
        lines, line, full = [], "", False
        for word in $text.split():
            if full and len(line) + 1 + len(word) <= $width:
                line += " " + word
                continue
            if full:
                lines.append($!end)
            line = $mark * $indent if $!test else ""
            if len(line) + len(word) > $width:
                $!shrink
            line, full = line + word, True
        if full:
            lines.append($!end)
        return lines
        """,
        {
            "several words": lambda d: (d.phrase(5, 9), d.between(8, 16)),
            "narrow lines": lambda d: (d.phrase(3, 5), d.between(5, 7)),
        },
        {
            "an empty text": ("", 10),
            "one word": ("apple", 12),
            "a word of just the width": ("abcdefgh ij", 8),
            "a word longer than the width": ("go abcdefghijkl up", 6),
            "lines that are just full": ("ab cde fg hij k lmn", 6 + p["indent"]),
            "a wide line": ("a be cat", 60),
        },
        """
            Keep the line that is being filled, beginning with what it must begin with.
            Add the next word if the line with a blank and the word is not too long; else finish the line.
            Treat a word that is too long for a line of its own.
            Do not forget the last line.
            """,
        {"a long text": lambda d: (d.phrase(80, 100), d.between(20, 40))},
    )


@TOPIC.family("first|left: str; second|right: str", "str", "merge_texts weave interleave", levels=(1, 2))
def weave_texts(p: Pick) -> Spec:
    """Takes pieces of two texts in turn; what is left over is added, dropped or marked."""
    p.number("a", 1, 4)
    p.number("b", 1, 4)
    p.way("start other na nb", ("$first", "$second", "$a", "$b"), ("$second", "$first", "$b", "$a"))
    p.way(
        "rest ending",
        ("is added, the rest of $!start first", "one[i:] + two[j:]"),
        ("is left out", '""'),
        ("is added, the rest of $!start last", "two[j:] + one[i:]"),
        ("is put together, the rest of $!start first, and added backwards", "(one[i:] + two[j:])[::-1]"),
    )
    parts = [
        *rules(
            """
            turn, how many, characters: Take in turn $a characters of $first and $b of $second.
            begin, start, first: Begin with $!start.
            stop, enough, end: Stop as soon as the text whose turn it is has not enough characters left.
            left, rest, remaining: What is left of both then $!rest.
            """
        ),
    ]
    p.let(piece="")
    if p.level == 2:
        p.pick("sign", *"-_+.~")
        parts.insert(2, rules("sign, between, after: After each piece that was taken stands $sign.")[0])
        p.let(piece=" + $sign")
    pool = LOWER + LOWER[:8].upper()
    return Spec(
        "Weave $first and $second into one text.",
        (*parts, *rules("empty: Two empty texts give an empty text.")),
        """
        one, two, out, i, j = $!start, $!other, "", 0, 0
        while True:
            if i + $!na > len(one):
                break
            out, i = out + one[i : i + $!na]$!piece, i + $!na
            if j + $!nb > len(two):
                break
            out, j = out + two[j : j + $!nb]$!piece, j + $!nb
        return out + $!ending
        """,
        {"two words": lambda d: (d.text(pool, 3, 9), d.text(pool, 3, 9))},
        {
            "two empty texts": ("", ""),
            "an empty first text": ("", "abcdef"),
            "an empty second text": ("abcdef", ""),
            "a much longer first text": ("abcdefghijklmnop", "XY"),
            "a much longer second text": ("XY", "abcdefghijklmnop"),
            "texts that come out even": ("abcd" * p["a"], "WXYZ" * p["b"]),
            "letters beyond a to z": ("éàüñßøå", "12345678"),
        },
        """
            Keep a place in each text, both at the beginning.
            Take the pieces in turn and move the place behind them, as long as a whole piece is left.
            Deal with what is left of both.
            """,
        {"long texts": lambda d: (d.text(pool, 200, 300), d.text(pool, 200, 300))},
    )


@TOPIC.family("words|names: list[str]", "str", "shared_start common_part same_ending", levels=(2,))
def common_ending(p: Pick) -> Spec:
    """The longest part that words share at their start or end; case, a largest length, a sign if none."""
    p.way("side turn", ("beginning", ""), ("end", "[::-1]"))
    p.number("most", 3, 6)
    p.number("least", 1, 2)
    p.pick("none", "-", "none", "?", "", "*")
    stem = "".join(p.some("bcdflmprst", 3)) + p.one(VOWELS)
    return Spec(
        "Find what all $words have in common at one side.",
        (
            *rules(
                """
                side, where, longest: It is the longest text that stands at the $!side of every word.
                case, capital: Capital and small letters are the same; the result has small letters.
                long, more, most: If it has more than $most letters, only the $most at the very $!side are
                  returned.
                short, fewer, nothing in common: If it has fewer than $least letters, return $none.
                empty: For an empty list return $none.
                """
            ),
        ),
        """
        if not $words:
            return $none
        turned = [word.lower()$!turn for word in $words]
        size = 0
        while size < min(len(word) for word in turned) and len({word[size] for word in turned}) == 1:
            size += 1
        if size < $least:
            return $none
        return turned[0][: min(size, $most)]$!turn
        """,
        {
            "words with a common part": lambda d: (
                (
                    lambda core: [
                        (core + d.text("xyz", 0, 3) + core).capitalize() for _ in range(d.between(2, 4))
                    ]
                )((stem * 3)[: d.between(1, 8)]),
            ),
            "other words": lambda d: ([d.one("xyz") + "a" + d.text("bc", 1, 1) for _ in range(3)],),
        },
        {
            "an empty list": ([],),
            "one word": (["Mountain"],),
            "equal words": (["tea", "TEA", "Tea"],),
            "an empty word": (["abc", ""],),
            "one letter in common": (["aba", "aca", "ada"],),
            "a word inside another": (["abcab", "ab"],),
            "two letters in common": (["abxab", "ABab", "abyab"],),
        },
        """
            Make all letters small, and look at the words from the side that matters.
            Go on as long as all words have the same letter there and none has ended.
            Compare the length with the shortest and the longest allowed.
            """,
        {"a long list": lambda d: ([stem * 3 + d.text("xy", 5, 9) + stem * 3 for _ in range(100)],)},
    )
