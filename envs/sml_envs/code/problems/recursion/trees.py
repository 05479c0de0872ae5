"""Trees of numbers, and folders."""

from __future__ import annotations

from typing import Any

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    ITEMS,
    Draws,
    Pick,
)

TOPIC = Topic()

Tree = tuple[int, Any, Any] | None


def _tree(d: Draws, depth: int, low: int = -9, high: int = 15) -> Tree:
    """A tree of integers, most of whose branches are about `depth` long."""
    if not depth or d.chance(0.15):
        return None
    return (d.between(low, high), _tree(d, depth - 1, low, high), _tree(d, depth - 1, low, high))


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


@TOPIC.family("tree|root: tuple | None", "int", "tree_value weigh_tree measure_tree", levels=(2, 3))
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


@TOPIC.family("tree|root: tuple | None", "list[int]", "tree_to_list read_tree walk", levels=(2,))
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


@TOPIC.family("folder|files|tree: dict", "int", "folder_size total_size disk_use", levels=(2, 3))
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
