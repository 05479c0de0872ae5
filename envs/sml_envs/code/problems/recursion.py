"""Recursion over nested lists, trees and folders. See choices.py for recursion over choices."""

from __future__ import annotations

from typing import Any

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import ITEMS, LOWER, Draws, Pick

NESTED = Topic()

Tree = tuple[int, Any, Any] | None


def _nest(d: Draws, depth: int, low: int = -9, high: int = 12) -> list[Any]:
    """A nested list of integers."""
    return [
        _nest(d, depth - 1, low, high) if depth and d.chance(0.4) else d.between(low, high)
        for _ in range(d.between(1 if depth > 2 else 0, 4))
    ]


def _tree(d: Draws, depth: int, low: int = -9, high: int = 15) -> Tree:
    """A tree of integers, most of whose branches are about `depth` long."""
    if not depth or d.chance(0.15):
        return None
    return (d.between(low, high), _tree(d, depth - 1, low, high), _tree(d, depth - 1, low, high))


_LISTS: dict[str, Args] = {
    "an empty list": ([],),
    "empty lists in lists": ([[], [[]], []],),
    "a list without inner lists": ([3, -1, 4, 10],),
    "one number deep inside": ([[[[7]]]],),
    "negative numbers": ([-2, [-3, [-5]]],),
    "equal numbers": ([2, [2, [2, 2], 2], 2],),
    "lists side by side": ([[1, 2], [3, 4], [5, 6, 11]],),
}
"""Edge cases of any nested list."""

_TREES: dict[str, Args] = {
    "an empty tree": (None,),
    "a tree of one node": ((5, None, None),),
    "a tree that only goes left": ((1, (12, (3, (4, None, None), None), None), None),),
    "a tree that only goes right": ((4, None, (3, None, (12, None, (1, None, None)))),),
    "negative numbers": ((-1, (-2, None, None), (-3, None, (-4, None, None))),),
    "equal numbers": ((6, (6, None, None), (6, (6, None, None), None)),),
    "a full tree": ((8, (4, (2, None, None), (6, None, None)), (12, (10, None, None), (14, None, None))),),
}
"""Edge cases of any tree."""

_TREE_RULE = "given, tree, node: A tree is None (empty) or a node (number, left tree, right tree)."


@NESTED.family("data|nested|items: list", "int", "deep_sum nested_total add_nested", levels=(1, 2))
def nested_sum(p: Pick) -> Spec:
    """The sum of a nested list with weights by depth; at level 2 numbers of a kind and a depth limit."""
    p.way(
        "weight inner",
        ("$c times", "$c * {}"),
        ("as they are, plus $c for each inner list", "{} + $c"),
        ("with the opposite sign", "-{}"),
        ("as they are, but never as more than $top", "min({}, $top)"),
    )
    p.number("c", 2, 9)
    p.number("top", 3, 15)
    p.let(recurse=p["inner"].format("$f(x)"))
    p.way(
        "leaf value",
        ("Numbers count as they are.", "x"),
        ("Numbers count without their signs.", "abs(x)"),
        ("Numbers count as their squares.", "x * x"),
        ("Numbers less than $low count as $low.", "max(x, $low)"),
    )
    p.number("low", -3, 3)
    more = ""
    if p.level == 2:
        p.number("q", 2, 6)
        p.way(
            "odd skip",
            ("numbers divisible by $q", "x % $q == 0"),
            ("numbers greater than $q", "x > $q"),
            ("numbers equal to $q or to -$q", "abs(x) == $q"),
            ("numbers at a place (from 0, in their own list) divisible by $q", "i % $q == 0"),
        )
        p.let(ignored=p["skip"])
        more = "skip, ignored: But $!odd count 0."
    p.let(skip="elif not ($!ignored):" if p.level == 2 else "else:")
    return Spec(
        "Add up the numbers of the nested list $data.",
        f"""
        nested: An element of a list is a number or again such a list, to any depth.
        numbers, value: $!leaf
        {more}
        inner, depth, weight: The sum of an inner list counts in the list around it $!weight.
        return: Return the sum of the outermost list.
        empty: An empty list has the sum 0.
        """,
        """
        total = 0
        for i, x in enumerate($data):
            if isinstance(x, list):
                total += $!recurse
            $!skip
                total += $!value
        return total
        """,
        {
            "nested lists": lambda d: (_nest(d, 3),),
            "flat parts and inner lists": lambda d: ([*d.ints(1, 3, -5, 9), _nest(d, 2), d.between(1, 20)],),
        },
        {**_LISTS, "small numbers": ([[1, 2, 3, 4, 5, 6], -1, -2, -3, -4, -5, -6],)},
        """
        Go through the elements of the list.
        For a number, work out what it counts.
        For a list, let the same function work out its sum, and change that as asked.
        """,
        {"a large nested list": lambda d: ([_nest(d, 5) for _ in range(20)],)},
    )


@NESTED.family("data|nested|tree: list", "list", "flatten unpack open_lists", levels=(2, 3))
def flatten_some(p: Pick) -> Spec:
    """Opens inner lists to a depth or by a condition, and changes the order or the numbers on the way."""
    p.number("n", 2, 3)
    p.number("c", 1, 6)
    p.way(
        "which test",
        ("of fewer than $n elements", "len(x) < $n"),
        ("of at least $n elements", "len(x) >= $n"),
        (
            "that begin with a number, not with a list, and the empty ones",
            "not x or not isinstance(x[0], list)",
        ),
        ("of an even number of elements (0 is even)", "len(x) % 2 == 0"),
        ("whose first element is not $c, and the empty ones", "not x or x[0] != $c"),
    )
    p.way("order turn", ("in their order", ""), ("in the opposite order", "[::-1]"))
    p.way(
        "number value",
        ("stay as they are", "x"),
        ("become $c larger", "x + $c"),
        ("change their sign", "-x"),
        ("become $c times as large", "x * $c"),
    )
    p.let(keep="True")
    more = ""
    if p.level == 3:
        p.number("q", -2, 5)
        p.way(
            "drop keep",
            ("less than $q", "x >= $q"),
            ("equal to $q", "x != $q"),
            ("greater than $q", "x <= $q"),
        )
        more = "drop, removed: Numbers that are $!drop (before any change) are left out, at every depth."
    return Spec(
        "Open some of the inner lists of $data.",
        f"""
        nested: An element of a list is a number or again such a list, to any depth.
        inner first, order of work: Work from the inside: first all of this is done to an inner list, then
          it is looked at.
        open, which: Its elements take its place in the list around it if it is then one $!which; other
          inner lists stay lists.
        order: The elements of an opened list come $!order.
        numbers, change: Numbers $!number, each once.
        {more}
        empty: An empty outermost list gives an empty list. The outermost list itself is never opened.
        """,
        """
        out = []
        for x in $data:
            if isinstance(x, list):
                x = $f(x)
                if $!test:
                    out += x$!turn
                else:
                    out.append(x)
            elif $!keep:
                out.append($!value)
        return out
        """,
        {
            "nested lists": lambda d: (_nest(d, 3, -2, 6),),
            "short inner lists": lambda d: ([_nest(d, 1, -2, 6) for _ in range(4)],),
        },
        {
            **_LISTS,
            "lists of several lengths": ([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],),
            "lists that begin with lists": ([[[1], 2, 3], [4, [5]], [[], 1]],),
            "numbers around a limit": ([list(range(-4, 7))],),
        },
        """
        Go through the elements; let the same function work on an inner list first.
        Look at the list that comes back and decide whether it is opened.
        Change or drop the numbers.
        """,
        {"a large nested list": lambda d: ([_nest(d, 4, -2, 6) for _ in range(20)],)},
    )


@NESTED.family("data|nested|boxes: list", "int", "depth_of measure_depth box_depth", levels=(1, 2))
def nested_depth(p: Pick) -> Spec:
    """The depth of a nested list where only some lists count, or the count of numbers at depths."""
    p.number("n", 2, 4)
    p.number("c", 1, 6)
    p.way(
        "which cost",
        ("with fewer than $n elements count $c", "$c if len($data) < $n else 1"),
        ("with at least $n elements count $c", "$c if len($data) >= $n else 1"),
        (
            "that contain a number (directly) count $c",
            "$c if any(not isinstance(x, list) for x in $data) else 1",
        ),
        ("that contain the number $n (directly) count 0", "0 if $n in $data else 1"),
    )
    p.way("best pick", ("deepest", "max"), ("least deep", "min"))
    p.let(added="")
    more = ""
    if p.level == 2:
        p.number("q", 2, 9)
        p.let(added=" + ($!points)")
        p.way(
            "extra points",
            (
                "for each number of it that is greater than $q, 1 more",
                "sum(1 for x in $data if not isinstance(x, list) and x > $q)",
            ),
            (
                "$q more, if it has two or more inner lists",
                "$q if sum(1 for x in $data if isinstance(x, list)) >= 2 else 0",
            ),
            (
                "its own first element, if this is a number that is greater than $q",
                "$data[0] if $data and not isinstance($data[0], list) and $data[0] > $q else 0",
            ),
        )
        more = "extra, also: A list also counts, on top of this, $!extra."
    return Spec(
        "Measure how deep the nested list $data is.",
        f"""
        nested: An element of a list is a number or again such a list, to any depth.
        count, weight: Lists $!which, other lists count 1.
        {more}
        depth, measure: The depth of a list is what it counts plus the depth of its $!best inner list.
        no inner: For a list without inner lists, the depth is what it counts.
        return: Return the depth of $data.
        empty: Empty lists are lists like others; they have 0 elements.
        """,
        """
        own = ($!cost)$!added
        inner = [$f(x) for x in $data if isinstance(x, list)]
        return own + ($!pick(inner) if inner else 0)
        """,
        {
            "nested lists": lambda d: (_nest(d, 3, 0, 12),),
            "lists side by side": lambda d: ([_nest(d, 2, 0, 12) for _ in range(d.between(2, 4))],),
        },
        {
            **_LISTS,
            "lists with the limits": (
                [[p["n"], [p.values.get("q", 1), [p.values.get("q", 1) + 1]]], [[[p["n"]], 1, 2]]],
            ),
            "lists of several lengths": ([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [[1, 2, 3, 4, 5]]],),
        },
        """
        Work out what the list itself counts.
        Let the same function measure each inner list.
        Take the right one of these and add it.
        """,
        {"a large nested list": lambda d: ([_nest(d, 5, 0, 12) for _ in range(10)],)},
    )


@NESTED.family("tree|root: tuple | None", "int", "tree_value weigh_tree measure_tree", levels=(2, 3))
def tree_value(p: Pick) -> Spec:
    """A value of a binary tree built from those of its branches."""
    p.number("a", 2, 4)
    p.number("c", 1, 9)
    p.way(
        "join code",
        ("its number plus the larger of the values of its two branches", "n + max(left, right)"),
        ("its number plus the smaller of the values of its two branches", "n + min(left, right)"),
        ("its number plus the value of the left branch minus that of the right one", "n + left - right"),
        (
            "its number plus $a times the larger of the values of its two branches",
            "n + $a * max(left, right)",
        ),
        ("the larger of its number and the sum of the values of its two branches", "max(n, left + right)"),
        ("how far apart the values of its two branches are, plus its number", "n + abs(left - right)"),
    )
    p.number("base", -2, 3)
    p.let(before="")
    more = ""
    if p.level == 3:
        p.way(
            "special before",
            ("A node whose number is less than $c counts as if its number were $c.", "n = max(n, $c)"),
            (
                "A node with two empty branches has its number times $a as its value instead.",
                "if left_tree is None and right_tree is None:\n    return n * $a",
            ),
            (
                "In a node whose number is divisible by $a, the two branches change places first.",
                "if n % $a == 0:\n    left_tree, right_tree = right_tree, left_tree",
            ),
            (
                "A node with a number greater than $c has the value $c, whatever its branches are.",
                "if n > $c:\n    return $c",
            ),
        )
        more = "special, except: $!special"
    return Spec(
        "Work out the value of a tree.",
        f"""
        {_TREE_RULE}
        value, node value: The value of a node is $!join.
        {more}
        empty: An empty tree has the value $base.
        return: Return the value of $tree.
        """,
        """
        if $tree is None:
            return $base
        n, left_tree, right_tree = $tree
        $!before
        left, right = $f(left_tree), $f(right_tree)
        return $!code
        """,
        {
            "trees of several levels": lambda d: (_tree(d, 4) or (d.between(-9, 15), None, None),),
            "small trees": lambda d: ((d.between(-9, 15), _tree(d, 2), _tree(d, 2)),),
        },
        {
            **_TREES,
            "numbers around a limit": (
                (
                    p["c"],
                    (p["c"] + 1, (p["c"] - 1, None, None), None),
                    (p["c"] - 1, None, (p["c"] + 1, None, None)),
                ),
            ),
        },
        """
        Deal with the empty tree first.
        Let the same function work out the values of the two branches.
        Put them together with the node's own number.
        """,
        {"a large tree": lambda d: ((1, _tree(d, 8), _tree(d, 8)),)},
    )


@NESTED.family("tree|root: tuple | None", "list[int]", "tree_to_list read_tree walk", levels=(2,))
def tree_to_list(p: Pick) -> Spec:
    """The numbers of a tree in an order of walking, only those of a kind."""
    orders = (
        ("first its left branch, then its number, then its right branch", "lnr"),
        ("first its number, then its left branch, then its right branch", "nlr"),
        ("first its left branch, then its right branch, then its number", "lrn"),
        ("first its right branch, then its number, then its left branch", "rnl"),
        ("first its number, then its right branch, then its left branch", "nrl"),
    )
    _, order = p.way("order sequence", *orders)
    p.number("q", 2, 6)
    p.way(
        "kind test",
        ("numbers divisible by $q", "n % $q == 0"),
        ("numbers greater than $q", "n > $q"),
        ("numbers of nodes with at least one empty branch", "left is None or right is None"),
        ("numbers of nodes with two branches that are not empty", "left is not None and right is not None"),
        ("numbers other than $q", "n != $q"),
    )
    p.way(
        "change value",
        ("as they are", "n"),
        ("made larger by $c", "n + $c"),
        ("times $c", "n * $c"),
        ("with the opposite sign", "-n"),
    )
    p.number("c", 2, 9)
    pieces = {"l": "$f(left)", "n": "own", "r": "$f(right)"}
    p.let(pieces=" + ".join(pieces[c] for c in order))
    return Spec(
        "List numbers of a tree.",
        f"""
        {_TREE_RULE}
        order, walk: For every node there come $!order.
        which, kind: Only the $!kind are listed; branches of other nodes are walked all the same.
        change: They are listed $!change.
        empty: An empty tree gives an empty list.
        """,
        """
        if $tree is None:
            return []
        n, left, right = $tree
        own = [$!value] if $!test else []
        return $!pieces
        """,
        {"trees of several levels": lambda d: ((d.between(-9, 15), _tree(d, 3), _tree(d, 3)),)},
        {
            **_TREES,
            "numbers around a limit": (
                (
                    p["q"],
                    (p["q"] + 1, (p["q"] - 1, None, None), None),
                    (2 * p["q"], None, (-p["q"], None, None)),
                ),
            ),
        },
        """
        Deal with the empty tree first.
        Decide whether the node's own number is listed, and how.
        Join the lists of the two branches and the number in the right order.
        """,
        {"a large tree": lambda d: ((1, _tree(d, 8), _tree(d, 8)),)},
    )


@NESTED.family("folder|files|tree: dict", "int", "folder_size total_size disk_use", levels=(2, 3))
def folder_size(p: Pick) -> Spec:
    """The size of nested folders, where names or sizes decide what counts."""
    p.number("own", 1, 9)
    p.way(
        "ending test",
        ("end in .$ext", "name.endswith('.$!ext')"),
        ("begin with $ext", "name.startswith('$!ext')"),
        ("contain $ext", "'$!ext' in name"),
    )
    p.pick("ext", "tmp", "log", "old", "bak")
    p.let(ending=p["ending"].replace(".$ext", "`.$!ext`").replace("$ext", "`$!ext`"))
    p.way(
        "what value",
        ("count 0", "0"),
        ("count half, rounded down", "size // 2"),
        ("count double", "size * 2"),
        ("count $own, whatever their size", "$own"),
    )
    p.let(limit="total")
    more = ""
    if p.level == 3:
        p.number("t", 20, 60)
        p.way(
            "cap limit",
            ("A folder never counts more than $t: a larger sum becomes $t.", "min(total, $t)"),
            ("A folder whose sum is less than $t counts $t.", "max(total, $t)"),
            (
                "A folder whose sum is greater than $t counts $own less.",
                "total - $own if total > $t else total",
            ),
            ("The sum of a folder is rounded up to a multiple of $own.", "-(-total // $own) * $own"),
        )
        more = "limit, folder: $!cap This holds for inner folders too, and then for $folder."

    def files(d: Draws, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for item in d.some(ITEMS, d.between(1, 4)):
            if depth and d.chance(0.4):
                made[item + d.one(("", "", p["ext"]))] = files(d, depth - 1)
            else:
                made[d.one((item, f"{item}.{p['ext']}", f"{p['ext']}{item}", f"{item}.txt"))] = d.between(
                    0, 40
                )
        return made

    return Spec(
        "Work out the size of a folder.",
        f"""
        given, folder: A folder is a dictionary from names to sizes of files (whole numbers) or to further
          folders.
        sum, folder size: The size of a folder is $own plus the sizes of all in it.
        names, which: Files whose names $!ending $!what. The names of folders do not matter.
        other: Other files count their size.
        {more}
        empty: An empty folder is a folder like others, with nothing in it.
        """,
        """
        total = $own
        for name, size in $folder.items():
            if isinstance(size, dict):
                total += $f(size)
            elif $!test:
                total += $!value
            else:
                total += size
        return $!limit
        """,
        {"folders in folders": lambda d: (files(d, 3),)},
        {
            "an empty folder": ({},),
            "empty folders in folders": ({"a": {}, "b": {"c": {}}},),
            "one file": ({"a.txt": 33},),
            "one file with such a name": ({f"{p['ext']}.{p['ext']}": 33},),
            "folders with such names": (
                {f"{p['ext']}.{p['ext']}": {"a": 5}, "b": {f"{p['ext']}x.{p['ext']}": 7}},
            ),
            "a large folder": ({"a": 500, "b": {"c": 300, f"d.{p['ext']}": 101, f"{p['ext']}d": 51}},),
            "files of size 0": ({"a": 0, f"{p['ext']}1.{p['ext']}": 0},),
            "a sum at the limit": (
                {"a": p.values.get("t", 9) - p["own"], "b": {"c": p.values.get("t", 9) - p["own"] + 1}},
            ),
            "a sum below the limit": ({"a": p.values.get("t", 9) - 2 * p["own"] - 1, "b": {}},),
        },
        """
        Begin with what the folder itself counts.
        Add what each file counts, by its name.
        Let the same function work out the inner folders, and then apply what holds for a whole folder.
        """,
        {"many folders": lambda d: ({str(i): files(d, 4) for i in range(20)},)},
    )


@NESTED.family("text|word|chain: str", "str", "fold reduce_text shrink", levels=(2, 3))
def fold_text(p: Pick) -> Spec:
    """Breaks a text in two and puts the results of both parts together, until the parts are short."""
    p.number("n", 1, 3)
    p.way(
        "cut middle",
        ("half of the length, rounded down", "len($text) // 2"),
        ("half of the length, rounded up", "(len($text) + 1) // 2"),
        ("a third of the length, rounded down, but at least 1", "max(len($text) // 3, 1)"),
    )
    p.way(
        "join code",
        ("the result of the second part, then that of the first", "second + first"),
        ("the result of the first part, then $sign, then that of the second", "first + $sign + second"),
        ("$sign, then the result of the second part, then that of the first", "$sign + second + first"),
        ("the result of the first part, then that of the second written backwards", "first + second[::-1]"),
    )
    p.pick("sign", *"-+.|*")
    p.way(
        "short stop",
        ("stays as it is", "$text"),
        ("is written in capitals", "$text.upper()"),
        ("is written backwards", "$text[::-1]"),
    )
    p.let(check="")
    more = ""
    if p.level == 3:
        p.pick("letter", *"aeioust")
        p.way(
            "special check",
            ("begins with $letter stays as it is", "if $text.startswith($letter):\n    return $text"),
            (
                "contains no $letter is only written backwards",
                "if $letter not in $text:\n    return $text[::-1]",
            ),
            (
                "ends in $letter loses this letter first, and is then treated by all rules",
                "if $text.endswith($letter):\n    return $f($text[:-1])",
            ),
        )
        more = "special, letter: Before anything else: a text that $!special. This holds for parts too."
    return Spec(
        "Fold $text again and again.",
        f"""
        {more}
        short, stop: A text of at most $n characters $!short.
        cut, parts: A longer one is cut in two; the length of the first part is $!cut.
        fold, parts first: Both parts are folded by these same rules.
        join, together: The result is $!join.
        empty: An empty text gives an empty text.
        """,
        """
        $!check
        if len($text) <= $n:
            return $!stop
        middle = $!middle
        first, second = $f($text[:middle]), $f($text[middle:])
        return $!code
        """,
        {
            "words": lambda d: (d.text(LOWER + "aeiou" * 3, 5, 12),),
            "short words": lambda d: (d.text(LOWER, 2, 5),),
        },
        {
            "an empty text": ("",),
            "a single letter": ("m",),
            "two letters": ("ox",),
            "three letters": ("sky",),
            "four letters": ("lamb",),
            "five letters": ("fjord",),
            "equal letters": ("aaaaaaa",),
            "a text with the special letter at both ends": (
                p.values.get("letter", "b") + "xyz" + p.values.get("letter", "b"),
            ),
            "letters beyond a to z": ("éàüñø",),
        },
        """
        Deal with the texts that are not cut.
        Find the place of the cut and let the same function fold both parts.
        Put the two results together.
        """,
        {"a long text": lambda d: (d.text(LOWER, 120, 130),)},
    )
