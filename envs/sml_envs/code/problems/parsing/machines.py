"""Programs of commands: a robot, a calculator, a machine with a stack."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
)

TOPIC = Topic()

_OPERATIONS = (
    ("adds it", "value + x"),
    ("takes it away", "value - x"),
    ("multiplies by it", "value * x"),
    ("divides by it, rounded down (by 0: nothing changes)", "value // x if x else value"),
    ("takes the larger of both", "max(value, x)"),
    ("takes the smaller of both", "min(value, x)"),
    ("takes what is left after dividing by it (by 0: nothing changes)", "value % x if x else value"),
    ("adds it twice", "value + 2 * x"),
)


@TOPIC.family("commands|moves|program: str", "tuple[int, int]", "drive follow where_ends", levels=(1, 2))
def robot(p: Pick) -> Spec:
    """A robot that obeys letters, with repetitions, walls or a circle; where it ends."""
    up, down, left, right = p.pick(
        "letters", *[tuple(x) for x in ("UDLR", "NSWE", "^v<>", "udlr", "WSAD", "TBLR")]
    )
    p.number("step", 1, 3)
    p.let(moves={up: (0, p["step"]), down: (0, -p["step"]), left: (-p["step"], 0), right: (p["step"], 0)})
    p.let(up=up, down=down, left=left, right=right)
    p.number("w", 3, 6)
    p.way(
        "border rule",
        (
            (
                "It may not leave the square in which x and y are from -$w to $w: a move that would "
                "is not made at all."
            ),
            ("if abs(x + dx) <= $w and abs(y + dy) <= $w:\n    x, y = x + dx, y + dy"),
        ),
        (
            "A move to a place where x + y is divisible by $w is not made.",
            "if (x + dx + y + dy) % $w:\n    x, y = x + dx, y + dy",
        ),
        (
            "If a move makes x or y greater than $w or less than -$w, that number becomes 0.",
            ("x, y = x + dx, y + dy\nx = 0 if abs(x) > $w else x\ny = 0 if abs(y) > $w else y"),
        ),
    )
    p.let(special="")
    more = ""
    if p.level == 2:
        p.pick("sign", "!", "*", "#", "x")
        p.way(
            "sign_rule special",
            (
                (
                    "turns the directions round: from then on each move goes the opposite way, until the "
                    "next $sign"
                ),
                "turn = -turn",
            ),
            (
                (
                    "lets the next move be made twice, one after the other (several such signs do no "
                    "more than one)"
                ),
                "times = 2",
            ),
            ("takes the robot back to its start", "x, y = 0, 0"),
        )
        more = "sign, special: The sign $sign $!sign_rule."
    p.let(
        setup="turn = 1"
        if p["special"] == "turn = -turn"
        else "times = 1"
        if p["special"] == "times = 2"
        else "",
        case="if c == $sign:\n    $!special\n    continue" if more else "",
        delta="dx, dy = turn * dx, turn * dy" if p["special"] == "turn = -turn" else "",
    )
    if p["special"] == "times = 2":
        p.let(action="for _ in range(times):\n    $!rule\ntimes = 1")
    else:
        p.let(action="$!rule")
    pool = up + down + left + right
    return Spec(
        "Find out where the robot ends that obeys $commands.",
        f"""
        start: The robot starts at x = 0, y = 0.
        moves, letters: $up moves it by $step up (y grows), $down down, $right to the right (x grows), $left
          to the left, each by $step.
        border, wall, places: $!border
        {more}
        other: All other characters are passed over, as are capital and small forms that are not named.
        return: Return x and y at the end, as a tuple.
        empty: Without any command it stays where it is.
        """,
        """
        x = y = 0
        $!setup
        for c in $commands:
            $!case
            if c in $moves:
                dx, dy = $moves[c]
                $!delta
                $!action
        return x, y
        """,
        {
            "mixed moves": lambda d: (d.text(pool + p.values.get("sign", "-"), 4, 12),),
            "moves mostly in one direction": lambda d: (
                d.text(d.one(pool) * 5 + pool + p.values.get("sign", "-"), 5, 12),
            ),
        },
        {
            "no commands": ("",),
            "one move": (right,),
            "one move back": (down,),
            "a long way up": (up * 9,),
            "a long way to the left": (left * 8,),
            "a long way down": (down * 8,),
            "a long way to the right": (right * 7,),
            "unknown commands": (f"?{up} 7{right}",),
            "signs": (" ".join([p.values.get("sign", "-"), up, up, right, right, left]),),
        },
        """
        Keep the place of the robot and go through the commands.
        Work out where a move would lead.
        Apply the rule for the border before, or after, the move is made.
        """,
        {"many commands": lambda d: (d.text(pool, 300, 400),)},
    )


@TOPIC.family("text|line|program: str", "int", "run compute calculate", levels=(2, 3))
def calculator(p: Pick) -> Spec:
    """A calculator that works from left to right, with operations of our own; memory, limits."""
    signs = p.some("+-*/^&|%@#", 3)
    chosen = p.some(_OPERATIONS, 3)
    p.let(
        a=signs[0],
        b=signs[1],
        c=signs[2],
        do_a=chosen[0][1],
        do_b=chosen[1][1],
        do_c=chosen[2][1],
        say_a=chosen[0][0],
        say_b=chosen[1][0],
        say_c=chosen[2][0],
    )
    p.number("start", 0, 9)
    p.let(after="", setup="")
    more = ""
    if p.level == 3:
        p.number("t", 12, 60)
        p.way(
            "extra after",
            (
                "When the value is greater than $t after a step, it becomes $start.",
                "if value > $t:\n    value = $start",
            ),
            ("When the value is less than 0 after a step, it loses its sign.", "value = abs(value)"),
            (
                "After each step whose number, counted from 1, is divisible by 3, 1 is added.",
                "if (i // 2 + 1) % 3 == 0:\n    value += 1",
            ),
            (
                "When the value is the same after a step as before it, the program ends.",
                "if value == old:\n    break",
            ),
        )
        p.let(setup="old = value" if "old" in p["after"] else "")
        more = "after, step, extra: $!extra"

    def program(d: Draws, low: int = 2, high: int = 5) -> Args:
        return (
            " ".join(
                [
                    f"{d.one(signs)} {d.one((d.between(0, 9), d.between(0, 30)))}"
                    for _ in range(d.between(low, high))
                ]
            ),
        )

    return Spec(
        "Run the program $text and return the value at its end.",
        f"""
        form, step: A program is a row of steps, each of a sign and a whole number; all are separated by
          single blanks.
        start: The value is $start at first. Steps are made from left to right.
        signs, operations: With the number behind it, the sign $a $!say_a, the sign $b $!say_b, and the sign
          $c $!say_c.
        {more}
        given, numbers: Numbers are not negative; the value may be.
        empty: An empty program leaves the value at $start.
        """,
        """
        value = $start
        words = $text.split()
        for i in range(0, len(words), 2):
            sign, x = words[i], int(words[i + 1])
            $!setup
            if sign == $a:
                value = $!do_a
            elif sign == $b:
                value = $!do_b
            else:
                value = $!do_c
            $!after
        return value
        """,
        {"a few steps": program, "one or two steps": lambda d: program(d, 1, 2)},
        {
            "an empty program": ("",),
            **{
                f"the {nth} sign alone": (f"{s} 7",)
                for nth, s in zip(("first", "second", "third"), signs, strict=True)
            },
            "the number 0": (" ".join(f"{s} 0" for s in signs),),
            "the same step three times": (" ".join([f"{signs[0]} 4"] * 3),),
            "large numbers": (" ".join(f"{s} 100" for s in (*signs, *signs)),),
            "all signs and back": (" ".join(f"{s} 3" for s in (*signs, *signs[::-1])),),
            "steps around a limit": (
                f"{signs[1]} {p.values.get('t', 20)} {signs[2]} 2 {signs[0]} {p.values.get('t', 20) + 1}",
            ),
        },
        """
        Cut the program into words and take them two by two.
        Apply the operation of the sign to the value.
        Do what has to be done after each step.
        """,
        {"a longer program": lambda d: program(d, 30, 40)},
    )


@TOPIC.family("words|tokens|program: list[str]", "int", "run_stack stack_value postfix", levels=(2, 3))
def stack_machine(p: Pick) -> Spec:
    """A machine with a stack: numbers are put on it, words work on its top; what is missing, what is
    returned.
    """
    add, dup, swap = p.pick(
        "add dup swap",
        ("add", "copy", "swap"),
        ("+", "!", "~"),
        ("sum", "twice", "turn"),
        ("plus", "again", "flip"),
        ("A", "C", "S"),
    )
    p.number("k", 1, 6)
    p.way(
        "op code",
        ("their sum, plus $k", "a + b + $k"),
        ("the lower one minus the upper one", "a - b"),
        ("$k times the lower one, minus the upper one", "$k * a - b"),
        ("their product, minus $k", "a * b - $k"),
        ("the larger of them, minus $k", "max(a, b) - $k"),
    )
    p.way("few lost", ("is passed over", "continue"), ("ends the program", "break"))
    p.way(
        "result give",
        ("the number on top of the stack", "stack[-1]"),
        ("the sum of all numbers on the stack", "sum(stack)"),
        ("the lowest number on the stack", "stack[0]"),
        ("how many numbers are on the stack", "len(stack)"),
    )
    more = ""
    if p.level == 3:
        p.pick("word", "drop", "neg", "end", "if")
        p.way(
            "third_rule third_code",
            ("takes the top number off", "stack.pop()"),
            ("turns the whole stack upside down", "stack = stack[::-1]"),
            ("puts on top how many numbers are on the stack", "stack.append(len(stack))"),
            ("moves the lowest number to the top", "stack.append(stack.pop(0))"),
        )
        more = "third, word: $word $!third_rule (it needs one number)."
    p.let(
        third="elif word == $word:\n    $!third_code" if more else "",
        needs="1 if word in ($dup, $word) else 2" if more else "1 if word == $dup else 2",
    )
    names = [add, dup, swap, *([p["word"]] if more else [])]
    p.let(names=names)

    def program(d: Draws) -> Args:
        return (
            [
                d.one((str(d.between(-9, 20)), str(d.between(0, 9)), d.one(names)))
                for _ in range(d.between(4, 9))
            ],
        )

    def full(d: Draws) -> Args:
        return (
            [*[str(d.between(-5, 12)) for _ in range(3)], *[d.one(names) for _ in range(d.between(2, 5))]],
        )

    return Spec(
        "Run the program $words on a stack of numbers.",
        f"""
        numbers: The stack is empty at first. A whole number, which may be negative, is put on top.
        join, operation: $add takes the two upper numbers off and puts on top $!op; the upper one is that
          put on last.
        copy: $dup puts the top number on once more (it needs one number).
        swap: $swap lets the two upper numbers change places.
        {more}
        few, missing: A word that finds fewer numbers than it needs $!few.
        given: There are no other words.
        return, result: At the end return $!result.
        empty: If the stack is empty then, return 0.
        """,
        """
        stack = []
        for word in $words:
            if word not in $names:
                stack.append(int(word))
                continue
            if len(stack) < ($!needs):
                $!lost
            if word == $add:
                b, a = stack.pop(), stack.pop()
                stack.append($!code)
            elif word == $dup:
                stack.append(stack[-1])
            $!third
            else:
                stack[-1], stack[-2] = stack[-2], stack[-1]
        return $!give if stack else 0
        """,
        {"numbers and words": program, "numbers, then words": full},
        {
            "no words": ([],),
            "one number": (["-7"],),
            "only words": (names,),
            "a word that misses a number": (["4", add, "5", dup],),
            "a copy and a join": (["6", dup, add, "2"],),
            "a swap and a join": (["3", "8", swap, add],),
            "numbers of several digits": (["120", "-35", add, "7", swap],),
            "many numbers": ([str(i) for i in range(9)],),
            "a swap with one number": (["5", swap, "1", "2"],),
            **({"the last word on several numbers": (["1", "2", "3", p["word"], add],)} if more else {}),
        },
        """
        Put numbers on the stack; for a word, test first whether it finds enough numbers.
        Mind which of two numbers was put on last.
        Look at the stack at the end, and at what to do if it is empty.
        """,
        {"a long program": lambda d: ([word for _ in range(25) for word in full(d)[0][:5]],)},
    )
