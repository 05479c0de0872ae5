"""Selections, arrangements, words and paths, built step by step."""

from __future__ import annotations

from sml_envs.code.problems.base import Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()


@TOPIC.family("xs|items|weights: list[int]", "list[list[int]]", "choices subsets selections", levels=(2, 3))
def subsets(p: Pick) -> Spec:
    """The selections from a list whose sum and size meet conditions, in a fixed order."""
    p.number("t", 4, 15)
    p.number("q", 2, 5)
    p.way(
        "sum test",
        ("at most $t", "sum(chosen) <= $t"),
        ("divisible by $q", "sum(chosen) % $q == 0"),
        ("greater than $t", "sum(chosen) > $t"),
        ("between $q and $t (both included)", "$q <= sum(chosen) <= $t"),
    )
    p.number("least", 1, 2)
    p.number("most", 2, 3)
    p.way(
        "first order",
        ("with a number stand before those without it", "$f1 + $f2"),
        ("without a number stand before those with it", "$f2 + $f1"),
    )
    p.let(rule="")
    more = ""
    if p.level == 3:
        p.number("gap", 1, 4)
        p.way(
            "near rule",
            ("no two neighbours in the list may both be chosen", "i - 1 not in places"),
            (
                "each chosen number must differ from the one chosen before it by at least $gap",
                "not places or abs($xs[i] - $xs[places[-1]]) >= $gap",
            ),
            (
                "each chosen number must be greater than the one chosen before it",
                "not places or $xs[i] > $xs[places[-1]]",
            ),
        )
        more = "allowed, together: Moreover, $!near."
    p.let(order=p["order"].replace("$f1", "taken").replace("$f2", "skipped"), allowed=p["rule"] or "True")
    return Spec(
        "List selections of numbers from $xs.",
        f"""
        selection: A selection takes some numbers of the list, each place at most once, and keeps their order.
        size, how many: It takes at least $least and at most $most numbers.
        sum, condition: Its sum is $!sum.
        {more}
        repeated, equal: Selections from different places are listed each, even if their numbers are equal.
        order: Of the selections that agree on the numbers before, those $!first; so it is for the first
          number, then the second, and so on.
        empty: If there is no selection, as for an empty list, return an empty list.
        """,
        """
        def choose(i, places):
            if i == len($xs):
                chosen = [$xs[k] for k in places]
                return [chosen] if $least <= len(chosen) <= $most and $!test else []
            taken = choose(i + 1, [*places, i]) if len(places) < $most and ($!allowed) else []
            skipped = choose(i + 1, places)
            return $!order

        return choose(0, [])
        """,
        {
            "a few numbers": lambda d: (d.ints(3, 5, 1, 9),),
            "negative numbers too": lambda d: (d.ints(3, 4, -4, 12),),
        },
        {
            "an empty list": ([],),
            "a single number": ([p["t"]],),
            "another single number": ([p["t"] + 1],),
            "equal numbers": ([p["q"], p["q"], p["q"]],),
            "negative numbers": ([-1, -4, -2],),
            "zeros": ([0, 0, 5],),
            "sums around the limit": ([p["t"] - 2, 1, 1, 1],),
            "rising numbers": ([1, 3, 4, 8, 9],),
            "falling numbers": ([9, 8, 4, 3, 1],),
        },
        """
        Go through the places; at each, either take the number or skip it.
        Take it only if the rules allow it after what was taken before.
        Join the two lists of selections in the right order, and test each selection when the list is at its
          end.
        """,
        {"a longer list": lambda d: (d.ints(11, 11, 1, 9),)},
    )


@TOPIC.family("items|letters|parts: list[str]", "list[str]", "arrangements orders line_up", levels=(3, 4))
def arrangements(p: Pick) -> Spec:
    """All orders of some letters in which neighbours or places follow rules, as words, in a fixed order."""
    p.pick("x y", *[("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d"), ("b", "d")])
    rules = [
        ("$x and $y may not stand side by side", "{last, c} != {$x, $y}"),
        ("$x may not stand directly before $y", "(last, c) != ($x, $y)"),
        ("$x may not be first", "done or c != $x"),
        (
            "$y may not stand before the first $x, if there is an $x",
            "c != $y or $x in done or $x not in $items",
        ),
        (
            "after $x there may not come a letter that is later in the alphabet directly",
            "last != $x or c <= $x",
        ),
        ("$x may not be last", "len(rest) > 1 or c != $x"),
    ]
    first = p.way("one test1", *rules)
    p.let(test2="True")
    more = ""
    if p.level == 4:
        p.way("two test2", *[rule for rule in rules if rule != first])
        more = "also, second rule: Also, $!two."
    p.way(
        "order turn",
        ("in the order of the alphabet", ""),
        ("in the opposite order of the alphabet", ", reverse=True"),
    )
    p.number("most", 3, 12)
    p.way("cut part", ("only the first $most", "[:$most]"), ("only the last $most", "[-$most:]"))
    return Spec(
        "List orders in which $items can stand, as words.",
        f"""
        words: A word has every letter of the list exactly once (a letter as often as it occurs in the list).
        rule, allowed: In a word, $!one.
        {more}
        repeated, equal: The same word is listed only once.
        order: The words stand $!order.
        many, most: If there are more than $most words, return $!cut of this order.
        empty: For an empty list there is one word, the empty text.
        """,
        """
        def words(done, rest):
            if not rest:
                return [done]
            last, found = done[-1:], []
            for c in sorted(set(rest)$!turn):
                if ($!test1) and ($!test2):
                    left = list(rest)
                    left.remove(c)
                    found += words(done + c, left)
            return found

        return words("", $items)$!part
        """,
        {
            "three or four letters": lambda d: (d.some("abcd", d.between(3, 4)),),
            "repeated letters": lambda d: ([d.one("abcd") for _ in range(4)],),
        },
        {
            "an empty list": ([],),
            "a single letter": ([p["x"]],),
            "another single letter": ([p["y"]],),
            "two letters": ([p["y"], p["x"]],),
            "equal letters": ([p["x"]] * 3,),
            "two letters, twice each": ([p["x"], p["y"]] * 2,),
            "letters without a rule": (["z", "y", "x"],),
            "capital letters": (["B", "A", "D"],),
        },
        """
        Build the words from the left; at each place try every letter that is left, each only once.
        Leave out a letter that breaks a rule there.
        When no letter is left, the word is finished. Cut the list at the end.
        """,
        {"six letters": lambda d: (d.shuffled("abcdef"),)},
    )


@TOPIC.family("n|length|size: int", "list[str]", "patterns all_words strings_of", levels=(2, 3))
def letter_patterns(p: Pick) -> Spec:
    """All words of a length over a few letters that keep rules, in order."""
    pair = p.pick("a b", ("x", "y"), ("a", "b"), ("o", "k"), ("m", "n"), ("s", "t"), ("0", "1"))
    letters = sorted(pair)
    p.let(letters="".join(letters))
    p.number("k", 2, 3)
    p.way(
        "ban test",
        ("never more than $k equal characters stand side by side", "done.endswith(c * $k)"),
        ("$a never stands directly after $b", "(c, done[-1:]) == ($a, $b)"),
        ("$a occurs at most $k times", "c == $a and done.count($a) >= $k"),
        ("the first $k characters are not all equal", "len(done) == $k - 1 and done == c * ($k - 1)"),
        ("no $b stands before the $nthk character", "c == $b and len(done) < $k - 1"),
    )
    p.let(nthk="2nd" if p["k"] == 2 else "3rd")
    if "$nthk" in p["ban"]:
        p.let(ban="no $b stands before the $!nthk character")
    p.way(
        "order turn",
        ("in the order of the alphabet (digits by size)", ""),
        ("in the opposite order of the alphabet (digits by size)", "[::-1]"),
    )
    p.let(final="True")
    more = ""
    if p.level == 3:
        p.number("m", 2, 3)
        p.way(
            "final_rule final",
            ("it does not end in $a", "not word.endswith($a)"),
            ("the number of times that $b occurs in it is divisible by $m", "word.count($b) % $m == 0"),
            (
                "it does not read the same from both ends, unless it has at most 1 character",
                "len(word) < 2 or word != word[::-1]",
            ),
        )
        more = "finished, whole: And for the whole word: $!final_rule."
    return Spec(
        "List the words of $n characters that follow rules.",
        f"""
        characters, letters: The only characters are $a and $b.
        rule, allowed: In a word, $!ban.
        {more}
        order: The words stand $!order.
        zero, empty: For 0 there is one word, the empty text{", if it passes" if more else ""}.
        negative: For a negative $n return an empty list.
        """,
        """
        def grow(done):
            if len(done) == $n:
                return [done]
            found = []
            for c in $letters:
                if not ($!test):
                    found += grow(done + c)
            return found

        return [word for word in grow("") if $!final]$!turn if $n >= 0 else []
        """,
        {"short words": lambda d: (d.between(1, 5),)},
        {
            "the length 0": (0,),
            "a negative length": (-1,),
            "the length 1": (1,),
            "the length 2": (2,),
            "the length 3": (3,),
            "the length 4": (4,),
            "the length 5": (5,),
            "the length 6": (6,),
        },
        """
        Build the words from the left, one character at a time, in order.
        Leave out a character that breaks the rule at its place.
        Test the finished words, and mind the lengths 0 and below.
        """,
        {
            "the length 9": lambda d: (9,),
            "another negative length": lambda d: (-4,),
            "the length 8": lambda d: (8,),
            "the length 7": lambda d: (7,),
        },
    )


@TOPIC.family("grid|field|board: list[list[int]]", "int", "best_path path_value count_paths", levels=(3, 4))
def grid_paths(p: Pick) -> Spec:
    """Counts or values the paths through a grid with walls and given moves."""
    p.number("wall", 0, 9)
    p.way(
        "what start join none",
        ("how many paths there are", "1", "sum({})", 0),
        ("the largest sum of the numbers on a path", "$grid[row][col]", "$grid[row][col] + max({})", -1),
        ("the smallest sum of the numbers on a path", "$grid[row][col]", "$grid[row][col] + min({})", -1),
    )
    p.way(
        "moves steps",
        ("one to the right or one down", ((0, 1), (1, 0))),
        ("one to the right, one down, or one right and one down at once", ((0, 1), (1, 0), (1, 1))),
        ("one to the right or two down", ((0, 1), (2, 0))),
        ("one down, or one right and one down at once", ((1, 0), (1, 1))),
    )
    p.way(
        "block test",
        ("equal to $wall", "$grid[row][col] == $wall"),
        ("greater than $high", "$grid[row][col] > $high"),
        ("less than $low", "$grid[row][col] < $low"),
    )
    p.number("high", 6, 8)
    p.number("low", 1, 3)
    p.way(
        "goal end",
        ("the last cell of the last row", "row == len($grid) - 1 and col == len($grid[0]) - 1"),
        ("any cell of the last row, which ends the path", "row == len($grid) - 1"),
    )
    p.let(joined=p["join"].format("found"))
    more = ""
    if p.level == 4:
        p.number("q", 2, 5)
        p.way(
            "rule climb",
            (
                "A step may lead only to a number that is at most $q greater than the one it comes from.",
                "$grid[r][c] - $grid[row][col] <= $q",
            ),
            (
                "A step may not lead to a number equal to the one it comes from.",
                "$grid[r][c] != $grid[row][col]",
            ),
            (
                "A step may lead only to a number that differs by at most $q from the one it comes from.",
                "abs($grid[r][c] - $grid[row][col]) <= $q",
            ),
        )
        more = "steps, difference: $!rule"
    p.let(climb=" and " + p["climb"] if p.level == 4 else "")
    return Spec(
        "Look for paths through a grid of numbers.",
        f"""
        given, grid: The grid is a list of rows of one length, with numbers from 0 to 9.
        start, goal, end: A path begins at the first cell of the first row and ends at $!goal.
        moves: Each step goes $!moves, inside the grid.
        wall, blocked, cells: No cell of a path may have a number $!block, also not the first and the last.
        {more}
        return: Return $!what.
        none, empty: If there is no path, as in a grid without rows, return $none.
        one cell: A path may consist of one cell.
        """,
        """
        def walk(row, col):
            if $!test:
                return $none
            if $!end:
                return $!start
            found = []
            for down, right in $steps:
                r, c = row + down, col + right
                if r < len($grid) and c < len($grid[0])$!climb:
                    value = walk(r, c)
                    if value != $none:
                        found.append(value)
            return $!joined if found else $none

        return walk(0, 0) if $grid else $none
        """,
        {
            "grids of several rows": lambda d: (d.grid(2, 4, 1, 7),),
            "grids with large and small numbers": lambda d: (d.grid(2, 3, 0, 9),),
        },
        {
            "a grid without rows": ([],),
            "one cell": ([[5]],),
            "one blocked cell": ([[p["wall"]]],),
            "one row": ([[4, 5, 4, 6]],),
            "one column": ([[4], [5], [4], [6], [5]],),
            "equal numbers": ([[5, 5, 5], [5, 5, 5], [5, 5, 5]],),
            "a wall across": ([[5, 4, 5], [p["wall"]] * 3, [5, 4, 5]],),
            "a grid of many numbers": ([[4, 5, 6, 5], [3, 9, 4, 8], [5, 4, 0, 6], [4, 7, 5, 5]],),
            "numbers around the limits": (
                [[5, p["high"], p["low"]], [p["low"], 5, p["high"]], [4, p["low"], 5]],
            ),
        },
        """
        Say for a cell whether it is blocked and whether the path ends there.
        Let the same function look on from each cell that a step may lead to, and leave out what leads
          nowhere.
        Put the results together as asked.
        """,
        {"a larger grid": lambda d: ([d.ints(6, 6, 3, 6) for _ in range(6)],)},
    )
