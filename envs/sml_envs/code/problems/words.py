"""Texts word by word: choosing, changing and ordering words, lines of a width."""

from __future__ import annotations

from sml_envs.code.problems.base import TEXTS, Spec, Topic, rules
from sml_envs.code.problems.draws import LOWER, VOWELS, WORDS, Draws, Pick, nth

WORD_TEXTS = Topic()

_BLANKS = rules(
    """
            given, separated, blanks: Words are separated by single blanks; there are none at the ends.
            """
)
_SOME = tuple(word for word in WORDS if len(word) > 2)


@WORD_TEXTS.family("text|line: str", "str", "pick_word chosen_word find_word", levels=(1, 2))
def extreme_word(p: Pick) -> Spec:
    """The longest or shortest word, or that with the most or fewest of some letters; ties; a least length."""
    p.way("most compare", ("most", ">"), ("fewest", "<"))
    p.way("tie equal", ("the first of them", ""), ("the last of them", "="))
    p.number("least", 2, 4)
    letters = "".join(p.some("aeiounrstl", 2 if p.level == 1 else 3))
    p.let(letters=letters, named=", ".join(letters))
    p.pick("none", "-", "?", "none", "")
    p.let(test="")
    parts = [
        *rules(
            """
            which, letters: Return the word in which the letters $!named occur the $!most times in all.
            length, short, considered: Only words of at least $least letters are considered.
            tie, ties, several, equal: Of several such words return $!tie.
            """
        ),
    ]
    if p.level == 2:
        p.pick("first", *LOWER[:20])
        p.let(test=" and not word.startswith($first)")
        parts.insert(2, rules("begin, start: Words that begin with $first are not considered.")[0])
    return Spec(
        "Find a word of $text by its letters.",
        (*parts, *rules("empty: If no word is considered, return $none."), *_BLANKS),
        """
        best, most = $none, None
        for word in $text.split():
            if len(word) >= $least$!test:
                count = sum(1 for c in word if c in $letters)
                if most is None or count $!compare$!equal most:
                    best, most = word, count
        return best
        """,
        {
            "several words": lambda d: (
                d.phrase(4, 8, (*WORDS, *[p.values.get("first", "x") + w for w in ("one", "two")])),
            )
        },
        {
            **TEXTS,
            "words of equal count": (
                " ".join(["zz" + "y" * p["least"], letters[0] * 4 + "x", letters[1] * 4 + "b"]),
            ),
            "short words only": ("x" * (p["least"] - 1) + " q",),
            "words around the least length": (
                " ".join(letters[0] * n for n in (p["least"] - 1, p["least"], 1, p["least"])) + " zzzzz",
            ),
        },
        """
            Take the words one by one and leave out those that are not considered.
            Count the named letters of each word.
            Keep the best word so far; think about when an equally good one replaces it.
            """,
        {"a long text": lambda d: (d.phrase(80, 100),)},
    )


@WORD_TEXTS.family("text|title: str", "str", "restyle dress_up change_words", levels=(1, 2))
def change_some_words(p: Pick) -> Spec:
    """Changes words of some lengths or at some places: capitals, backwards, letters doubled."""
    p.way(
        "change how",
        ("written in capitals", "word.upper()"),
        ("written backwards", "word[::-1]"),
        ("written with its last letter first", "word[-1] + word[:-1]"),
        ("put between two $sign signs", "$sign + word + $sign"),
        ("cut down to its first letter and $sign", "word[0] + $sign"),
    )
    p.pick("sign", *"*_-+")
    n = p.number("n", 3, 6)
    p.way(
        "size test",
        ("more than $n letters", "len(word) > $n"),
        ("fewer than $n letters", "len(word) < $n"),
        ("exactly $n letters", "len(word) == $n"),
    )
    parts = [*rules("which, change, length, long: A word of $!size is $!change.")]
    if p.level == 2:
        k = p.number("k", 2, 4)
        p.let(nth=nth(k))
        p.way("also", "or", "and not")
        also = {
            "or": "So is every $!nth word, whatever its length.",
            "and not": "But every $!nth word stays, whatever its length.",
        }
        parts.append(rules(f"every, place, position: {also[p['also']]}")[0])
        p.let(test=p["test"] + " $!also i % $k == 0")
    return Spec(
        "Change some words of $text.",
        (
            *parts,
            *rules(
                """
                other, order: The other words stay as they are, and the order of the words too.
                empty: An empty text gives an empty text.
                """
            ),
            *_BLANKS,
        ),
        'return " ".join([$!how if $!test else word for i, word in enumerate($text.split(), 1)])',
        {"several words": lambda d: (d.phrase(4, 7),)},
        {
            **TEXTS,
            f"words around {n} letters": (" ".join(["abcdefgh"[: n + i] for i in (-1, 0, 1, 0, -1, 1)]),),
            "words of one letter": ("a b c d e f",),
            "one word": ("abcdefgh"[:n],),
            "repeated words": ("winter winter winter sun sun sun",),
        },
        """
            Split the text into words.
            Decide for each word, by its length (and its place, if that matters), whether it changes.
            Join the words by single blanks.
            """,
        {"a long text": lambda d: (d.phrase(80, 100),)},
    )


@WORD_TEXTS.family("text|name: str", "str", "acronym initials short_form", levels=(1,))
def acronym(p: Pick) -> Spec:
    """A letter of each word that is long enough, joined by a sign."""
    p.number("least", 1, 4)
    p.way(
        "place at",
        ("first", "0"),
        ("last", "-1"),
        ("second", "1" if p["least"] > 1 else "0"),
        ("last but one", "-2" if p["least"] > 1 else "-1"),
    )
    if p["least"] == 1:
        p.let(place={"0": "first", "-1": "last"}[p["at"]])
    p.way("case change", ("capital", ".upper()"), ("small", ".lower()"))
    p.pick("sign", "", ".", "-", "/")
    joined = (
        "The letters stand side by side, with nothing between them."
        if not p["sign"]
        else "Between two letters stands $sign, at the ends nothing."
    )
    return Spec(
        "Make a short form of $text.",
        (
            *rules("which letter, letter: Take the $!place letter of each word."),
            rules("short, left out, length: Words of fewer than $least letters are left out.")[0]
            if p["least"] > 1
            else rules("short, left out, length: No word is left out.")[0],
            *rules(
                f"""
                case, capital, small: The letters are $!case ones, whatever they were.
                between, joined, separator: {joined}
                empty: If no word is left, return an empty text.
                """
            ),
            *_BLANKS,
        ),
        "return $sign.join([word[$!at]$!change for word in $text.split() if len(word) >= $least])",
        {
            "several words": lambda d: (
                " ".join([d.one((w, w.capitalize(), w.upper())) for w in d.words(3, 6)]),
            ),
        },
        {
            "an empty text": ("",),
            "words of one letter": ("a B c",),
            "words of rising length": ("A bc Def ghij Klmno",),
            "one word": ("Mountain",),
            "words in capitals": ("OAK SKY ICE KANGAROO",),
        },
        """
            Split the text into words and leave out those that are too short.
            Take the asked letter of each and bring it into the right case.
            Join the letters.
            """,
        {"a long text": lambda d: (d.phrase(80, 100),)},
    )


@WORD_TEXTS.family("words|names: list[str]", "list[str]", "sort_words in_order arrange", levels=(2, 3))
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


@WORD_TEXTS.family(
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
            *_BLANKS,
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


@WORD_TEXTS.family("text|line: str", "int", "text_value word_points score", levels=(2,))
def word_score(p: Pick) -> Spec:
    """Points for letters by kind and place, with a bonus for some words; the best word or the sum."""
    p.number("vowel", 2, 6)
    p.number("other", 1, 3)
    p.number("bonus", 3, 9)
    p.number("n", 3, 6)
    p.way("total sum", ("the points of all words together", "sum"), ("the points of the best word", "max"))
    p.way(
        "special test",
        ("more than $n letters", "len(word) > $n"),
        ("two equal letters side by side", "any(a == b for a, b in zip(word, word[1:]))"),
        ("the same first and last letter (also if it is the only one)", "word[0] == word[-1]"),
    )
    return Spec(
        "Give points to the words of $text.",
        (
            *rules(
                """
                vowel, letters, worth: Each vowel (a, e, i, o, u) is worth $vowel, every other character
                  $other.
                bonus, special, more: A word with $!special gets $bonus more, once.
                return, total, result: Return $!total.
                capital, case: Capital letters are worth what small ones are, and are equal to them.
                empty: An empty text is worth 0.
                """
            ),
            *_BLANKS,
        ),
        """
        points = []
        for word in $text.lower().split():
            value = sum($vowel if c in "aeiou" else $other for c in word)
            points.append(value + $bonus if $!test else value)
        return $!sum(points) if points else 0
        """,
        {
            "several words": lambda d: (d.phrase(2, 5).title(),),
            "one or two words": lambda d: (d.phrase(1, 2),),
        },
        {
            **TEXTS,
            "words in capitals": ("NOON Apple bEE",),
            "words without vowels": ("sky rhythm",),
            "digits and signs": ("a1! 22 b-b",),
            f"words around {p['n']} letters": (" ".join(["abcdefgh"[: p["n"] + i] for i in (0, 1, -1)]),),
        },
        """
            Turn the text into small letters and split it into words.
            Add up the letters of a word by their kind.
            Add the bonus where the word deserves it.
            Bring the words' points together in the way asked for.
            """,
        {"a long text": lambda d: (d.phrase(80, 100),)},
    )


@WORD_TEXTS.family("text|line: str", "str", "drop_repeats without_repeats unique_words", levels=(1, 2))
def drop_repeated_words(p: Pick) -> Spec:
    """Drops words that come again: too often, or too soon; keeps the first or the last."""
    p.number("n", 1, 5)
    p.way("keep turn", ("first", ""), ("last", "[::-1]"))
    p.pick("sign", *"+/|-,;")
    parts = [
        *rules(
            """
            same, case, capital: Words that differ only in capital letters are the same word.
            kept, how many, which: Of the same word only the $!keep $n are kept (fewer, if there are not
              so many).
            order, written: The words that are kept stay in their order and as they were written.
            joined, between, separator: In the result the words are joined by $sign, with no blanks.
            """
        ),
    ]
    p.let(skip="")
    if p.level == 2:
        p.number("short", 2, 4)
        p.let(skip="len(word) < $short or")
        parts.insert(2, rules("short, always: Words of fewer than $short letters are always kept.")[0])

    def many(d: Draws) -> tuple[str]:
        return (
            " ".join(
                [
                    d.one((w, w.upper(), w))
                    for w in d.words(5, 10, ("tea", "oak", "it", "plum", "a")[: d.between(2, 5)])
                ]
            ),
        )

    return Spec(
        "Remove repeated words from $text.",
        (*parts, *rules("empty: An empty text gives an empty text."), *_BLANKS),
        """
        seen, kept = [], []
        for word in $text.split()$!turn:
            if $!skip seen.count(word.lower()) < $n:
                kept.append(word)
            seen.append(word.lower())
        return $sign.join(kept$!turn)
        """,
        {"repeated words": many},
        {
            **TEXTS,
            "no repeated words": ("one two three four",),
            f"a word {p['n'] + 1} times": (
                " ".join(["Plum", "pluM", "plum", "PLUM", "PluM", "pLum"][: p["n"] + 1]),
            ),
            f"a word {p['n']} times": (" ".join(["oak"] * p["n"]),),
            "short words many times": ("a It a it a IT a iT a it a it oak",),
            "two words in turn": ("Tea oak " * 7 + "tea",),
        },
        """
            Go through the words from the end that matters.
            Count for each word how often it was met before, without regard to case.
            Keep it as long as the count is low enough, and bring the words back into their order.
            """,
        {"a long text": lambda d: (d.phrase(150, 200),)},
    )


@WORD_TEXTS.family("first|left: str; second|right: str", "str", "merge_texts weave interleave", levels=(1, 2))
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


@WORD_TEXTS.family("text|secret: str", "str", "hide_text mask cover")
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


@WORD_TEXTS.family("words|names: list[str]", "str", "shared_start common_part same_ending", levels=(2,))
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


@WORD_TEXTS.family("text|line: str", "list[str]", "cut_text pieces split_up", levels=(2, 3))
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
