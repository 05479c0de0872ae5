"""Words: choosing, changing, shortening, weighing, repeated ones."""

from __future__ import annotations

from sml_envs.code.problems.base import BLANKS, TEXTS, Spec, Topic
from sml_envs.code.problems.draws import (
    LOWER,
    WORDS,
    Draws,
    Pick,
    nth,
)
from sml_envs.code.problems.templates import rules

TOPIC = Topic()


@TOPIC.family("text|line: str", "str", "pick_word chosen_word find_word", levels=(1, 2))
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
        (*parts, *rules("empty: If no word is considered, return $none."), *BLANKS),
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


@TOPIC.family("text|title: str", "str", "restyle dress_up change_words", levels=(1, 2))
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
            *BLANKS,
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


@TOPIC.family("text|name: str", "str", "acronym initials short_form", levels=(1,))
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
            *BLANKS,
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


@TOPIC.family("text|line: str", "int", "text_value word_points score", levels=(2,))
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
        ("two equal characters side by side", "any(a == b for a, b in zip(word, word[1:]))"),
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
            *BLANKS,
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


@TOPIC.family("text|line: str", "str", "drop_repeats without_repeats unique_words", levels=(1, 2))
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
        (*parts, *rules("empty: An empty text gives an empty text."), *BLANKS),
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
