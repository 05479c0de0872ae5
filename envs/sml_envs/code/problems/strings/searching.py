"""Looking into texts: pieces, counts of letters, rules for passwords."""

from __future__ import annotations

from sml_envs.code.problems.base import TEXTS, Args, Spec, Topic
from sml_envs.code.problems.draws import (
    LOWER,
    Draws,
    Pick,
)

TOPIC = Topic()


@TOPIC.family("text|line: str; piece|part|key: str", "int", "find_piece count_piece places_of", levels=(1, 2))
def find_pieces(p: Pick) -> Spec:
    """Counts the places of a piece in a text, or adds them; overlaps, distances, what must stand beside
    it.
    """
    p.way(
        "overlap step",
        ("Places may overlap.", "1"),
        ("Places may not overlap: after one, the search goes on behind it.", "len($piece)"),
    )
    p.number("base", 0, 2)
    p.way(
        "what value",
        ("how many places there are", "1"),
        ("the sum of the places at which it begins, counted from $base", "i + $base"),
        ("the place at which it begins last, counted from $base", "LAST"),
    )
    p.pick("none", 0, -1, -10)
    p.let(add="total = i + $base" if p["value"] == "LAST" else "total = max(total, 0) + $!value", test="")
    more = ""
    if p.level == 2:
        p.pick("letter", *"aeioustrn")
        p.way(
            "beside test",
            (
                "directly behind which $letter stands",
                " and $text[i + len($piece) : i + len($piece) + 1] == $letter",
            ),
            ("directly before which $letter stands", " and i > 0 and $text[i - 1] == $letter"),
            (
                "directly behind which there is no $letter (or the text ends)",
                " and $text[i + len($piece) : i + len($piece) + 1] != $letter",
            ),
            ("which begin at a place divisible by 3, counted from 0", " and i % 3 == 0"),
        )
        more = "beside, condition: Only places count $!beside; others are passed by one character at a time."
    letter = p.values.get("letter", "s")

    def planted(d: Draws) -> Args:
        piece = d.text("ab", 1, 2)
        return "".join(
            [d.one((piece, piece, letter, d.text("abc", 1, 2))) for _ in range(d.between(4, 8))]
        ), piece

    return Spec(
        "Look for $piece in $text.",
        f"""
        place, equal: A place is where all characters of $piece stand side by side; capital and small
          letters are different.
        overlap: $!overlap
        {more}
        return, result: Return $!what.
        none, empty: If there is no place, or $piece is empty, return $none.
        """,
        """
        total, i = $none, 0
        found = False
        while $piece and i < len($text):
            if $text.startswith($piece, i)$!test:
                $!add
                found = True
                i += $!step
            else:
                i += 1
        return total if found else $none
        """,
        {"texts with the piece": planted},
        {
            "two empty texts": ("", ""),
            "an empty piece": ("abc", ""),
            "an empty text": ("", "a"),
            "a piece that is the text": ("sea", "sea"),
            "a piece longer than the text": ("ab", "abc"),
            "pieces that overlap": ("aaaaaaa", "aa"),
            "pieces that overlap by more": ("abababababa", "aba"),
            "another case": ("Sea sea SEA", "sea"),
            "a piece at both ends": (f"tea{letter}xx{letter}tea{letter}tea", "tea"),
            "letters beyond a to z": (f"éüéü{letter}éüé", "éü"),
        },
        """
        Try the places from the left to the right.
        Test at each whether the piece stands there, and what stands beside it.
        Decide from where the search goes on.
        """,
        {"a long text": lambda d: (d.text("ab" + letter, 400, 500), "ab")},
    )


@TOPIC.family("text|word|phrase: str", "str", "rank_letters sort_letters by_frequency", levels=(1, 2))
def letters_by_count(p: Pick) -> Spec:
    """The letters of a text ordered by how often they occur; ties, limits, how they are written."""
    p.way("order sign", ("most frequent first", "-"), ("least frequent first", ""))
    p.way(
        "tie key",
        ("in the order of the alphabet", "c"),
        ("in the opposite order of the alphabet", "-ord(c)"),
        ("in the order in which they occur first", "small.index(c)"),
    )
    p.number("k", 2, 5)
    p.way(
        "limit test",
        ("that occur at least twice", ">= 2"),
        ("that occur at most $k times", "<= $k"),
        ("that do not occur exactly $k times", "!= $k"),
    )
    p.way(
        "form write",
        ("each once", "c"),
        ("each followed by its count", "c + str(small.count(c))"),
        ("each as often as it occurs", "c * small.count(c)"),
    )
    p.let(first="", sep="")
    more = ""
    if p.level == 2:
        group = "".join(sorted(p.some(LOWER, 5)))
        p.let(group=group, named=", ".join(group))
        p.pick("sep", "-", "/", ".", " ")
        p.way(
            "groups first",
            (
                "The letters $!named stand before all others; both groups are ordered in the same way.",
                "c not in $group, ",
            ),
            (
                "The letters $!named stand behind all others; both groups are ordered in the same way.",
                "c in $group, ",
            ),
        )
        more = (
            "groups, first: $!groups\n"
            "        between, separator: Between what is written for the letters stands $sep."
        )
    return Spec(
        "Order the letters of $text by how often they occur.",
        f"""
        letters, case: Only the letters a to z count; capital letters are the same as small ones, and are
          written small.
        which, limit: Only letters are written $!limit.
        order, direction: They stand $!order.
        tie, ties, equal: Letters of the same count stand $!tie.
        {more}
        form, written: They are written $!form{", with nothing between them" if p.level == 1 else ""}.
        empty: If there are none, return an empty text.
        """,
        """
        small = [c for c in $text.lower() if "a" <= c <= "z"]
        kept = [c for c in LETTERS if c in small and small.count(c) $!test]
        kept.sort(key=lambda c: ($!first$!{sign}small.count(c), $!key))
        return $sep.join([$!write for c in kept])
        """.replace("LETTERS", '"' + LOWER + '"'),
        {
            "small and capital letters": lambda d: (
                d.text("abcdeABCD" + p.values.get("group", "xyz"), 6, 16),
            ),
            "words": lambda d: (d.phrase(2, 4),),
        },
        {
            **TEXTS,
            "digits and signs": ("12 + 3!",),
            "one letter many times": ("zzzzzzzz",),
            "letters of the same count": ("cabbagedcafeg",),
            "counts around a limit": (
                "".join(c * n for c, n in zip("fedcba", (1, 2, 3, 4, 5, 6), strict=True)),
            ),
            "letters in both cases": ("aAbBBcCcdDDDzZyYX",),
            "the letters that are named": (p.values.get("group", "xyz") * 2 + "mmnn",),
        },
        """
        Keep the letters that count, in one case, and count them.
        Sort them by count, the right way round, and by the rule for ties.
        Write them as asked.
        """,
        {"a long text": lambda d: (d.phrase(60, 80),)},
    )


@TOPIC.family("password|text|word: str", "list[str]", "check_password faults problems_of", levels=(1, 2))
def check_text(p: Pick) -> Spec:
    """Checks a text against rules of our own and lists the codes of the rules that it breaks."""
    p.number("least", 4, 8)
    p.let(most=p["least"] + p.number("room", 3, 6))
    p.number("digits", 1, 3)
    p.number("row", 2, 3)
    p.pick("signs", "!?.", "+-*", "#@&", "_~^")
    p.pick(
        "a b c d e",
        ("size", "digits", "row", "sign", "case"),
        ("L", "D", "R", "S", "C"),
        ("length", "number", "repeat", "special", "capital"),
        ("1", "2", "3", "4", "5"),
    )
    p.way(
        "count_rule count_test",
        (
            "fewer than $digits of the digits 0 to 9",
            'sum(1 for c in $password if c in "0123456789") < $digits',
        ),
        (
            "more than $digits of the digits 0 to 9",
            'sum(1 for c in $password if c in "0123456789") > $digits',
        ),
    )
    p.way(
        "sign_rule sign_test",
        ("none of the characters `$!signs`", "not any(c in $signs for c in $password)"),
        ("one of the characters `$!signs` (or more)", "any(c in $signs for c in $password)"),
    )
    p.way(
        "case_rule case_test",
        ("begins with a small letter a to z", '"a" <= $password[:1] <= "z"'),
        ("ends in a capital letter A to Z", '"A" <= $password[-1:] <= "Z"'),
        (
            "has more capital letters (A to Z) than small ones (a to z)",
            'sum(1 for c in $password if "A" <= c <= "Z") > sum(1 for c in $password if "a" <= c <= "z")',
        ),
    )
    p.way(
        "order turn", ("in the order of these rules", ""), ("in the opposite order of these rules", "[::-1]")
    )
    p.let(last="")
    more = ""
    if p.level == 2:
        p.pick("word", "love", "pass", "king", "moon")
        p.way(
            "stop_rule last",
            (
                (
                    "If it contains `$!word` (in small or capital letters), return only the code $e, "
                    "whatever else is broken."
                ),
                "if $word in $password.lower():\n    return [$e]",
            ),
            (
                "If three or more rules are broken, return only the first two of the list.",
                "if len(found) > 2:\n    return found$!turn[:2]",
            ),
            (
                "If no rule is broken but the text has exactly $most characters, return only $b.",
                "if not found and len($password) == $most:\n    return [$b]",
            ),
        )
        more = "special, stop: $!stop_rule"
    code = """
        found = []
        if not $least <= len($password) <= $most:
            found.append($a)
        if $!count_test:
            found.append($b)
        if any($password[i : i + $row] == $password[i] * $row for i in range(len($password) - $row + 1)):
            found.append($c)
        if $!sign_test:
            found.append($d)
        if $!case_test:
            found.append($e)
        $!last
        return found$!turn
        """
    pool = "aBcDe12" + p["signs"]
    word = p.values.get("word", "love")
    return Spec(
        "Check a text against rules and list which it breaks.",
        f"""
        length, size: $a is broken if it has fewer than $least or more than $most characters.
        digits, numbers: $b is broken if it has $!count_rule.
        row, repeated: $c is broken if the same character stands $row times (or more) side by side.
        signs, special characters: $d is broken if it has $!sign_rule.
        case, capital: $e is broken if it $!case_rule.
        {more}
        order, return: Return the list of the codes of broken rules, $!order.
        empty, none: If no rule is broken, return an empty list. An empty text has no first or last character.
        """,
        code,
        {
            "texts of mixed characters": lambda d: (d.text(pool, p["least"] - 1, p["most"] + 1),),
            "texts with repeated characters": lambda d: (
                "".join([c * d.between(1, 3) for c in d.text(pool, 2, 5)]),
            ),
        },
        {
            "an empty text": ("",),
            "a single letter": ("q",),
            "a single capital letter": ("Q",),
            "the shortest length": ("xYz1" + "wvUt8r7q"[: p["least"] - 4],),
            "the longest length": ("Ab3c" + "dEfghijklmnop"[: p["most"] - 4],),
            "one character too many": ("Ab3c" + "dEfghijklmnop"[: p["most"] - 3],),
            "only digits": ("1234567890"[: p["least"]],),
            "only signs": (p["signs"] * 3,),
            "runs of every length": ("a" + "bb" + "ccc" + "D1" + p["signs"][0],),
            "as many digits as allowed": ("12345"[: p["digits"]] + "hello" + p["signs"][1],),
            "one digit more": ("12345"[: p["digits"] + 1] + "hello" + p["signs"][2],),
            "a special word": ("1x" + word.upper() + "y2",),
        },
        """
        Test the rules one after the other, each by itself.
        Collect the codes of those that are broken.
        Mind what overrides the list, and its order.
        """,
        {"a long text": lambda d: (d.text(pool, 200, 250),)},
    )
