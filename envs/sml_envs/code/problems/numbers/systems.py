"""Ways of writing numbers: signs, binary digits, fractions, numbered tables."""

from __future__ import annotations

from sml_envs.code.problems.base import Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()


@TOPIC.family("n|number|amount: int", "str", "spell write_number in_symbols", levels=(2, 3))
def number_system(p: Pick) -> Spec:
    """Writes a number with signs of given values (as Roman numerals, without subtraction) or in a base."""
    signs = "".join(p.some("ABCDEFGHKLMNPRSTXYZ", 4))
    if p.level == 2:
        p.number("r", 2, 4)
        p.number("s", 3, 5)
        values = (p["r"] * p["s"] * 5, p["r"] * p["s"], p["r"], 1)
        p.let(table=list(zip(values, signs, strict=True)))
        p.way("order turn", ("largest value first", ""), ("smallest value first", "[::-1]"))
        told = ", ".join(f"{s} for {v}" for v, s in p["table"])
        rule = f"""
            signs, values: The signs are {told}.
            rule, fewest: Take each time the sign of the largest value that is not larger than what is left.
            order: The signs stand side by side, $!order.
            """
        code = (
            'out, left = "", abs($n)\n'
            "for value, sign in $table:\n"
            "    out += sign * (left // value)\n"
            "    left %= value\n"
            "out = out$!turn"
        )
    else:
        p.number("base", 3, 4)
        p.let(
            digits=signs[: p["base"]], told=", ".join(f"{s} is {v}" for v, s in enumerate(signs[: p["base"]]))
        )
        p.number("group", 2, 4)
        p.pick("sep", *"-_ .")
        rule = """
            base: Write the number in base $base, with the highest place first.
            digits, signs: The digits are letters: $!told.
            groups, separator: From the right, after each $group digits stands $sep, but never at the very
              front.
            """
        code = (
            'out, left, size = "", abs($n), 0\n'
            "while left:\n"
            "    if size and size % $group == 0:\n"
            "        out = $sep + out\n"
            "    out = $digits[left % $base] + out\n"
            "    left, size = left // $base, size + 1"
        )
    p.pick("minus", "-", "~", "neg ", "!")
    p.pick("zero", "0", "nil", "zero", "o")
    return Spec(
        "Write the number $n in a system of our own.",
        rule.rstrip()
        + """
            negative, sign: Before a negative number stands $minus, and then it is written like the positive
              one.
            zero, empty: For 0 return $zero.
            """,
        code + "\nif $n == 0:\n    return $zero\nreturn $minus + out if $n < 0 else out",
        {
            "two-digit numbers": lambda d: (d.between(5, 99),),
            "three-digit numbers": lambda d: (d.between(100, 400),),
        },
        {
            "zero": (0,),
            "one": (1,),
            "a negative number": (-37,),
            "two": (2,),
            "three": (3,),
            "four": (4,),
            "a number of five places": (p.values.get("base", 6) ** 4,),
            "one less than that": (p.values.get("base", 6) ** 4 - 1,),
        },
        """
        Deal with 0 and with the sign first.
        Take the places or signs one after the other and keep what is left of the number.
        Put the signs together in the right order.
        """,
        {"a large number": lambda d: (d.between(1000, 2000),)},
    )


@TOPIC.family("n|number|mask: int", "int", "mask_bits count_bits binary_value", levels=(2, 3))
def binary_rule(p: Pick) -> Spec:
    """A value from the binary digits of a number: runs, places, exchanged digits."""
    p.number("k", 2, 4)
    p.number("c", 1, 5)
    p.way(
        "rule value",
        (
            "how many of its binary digits are 1, times $k, plus how many are 0, times $c",
            'bits.count("1") * $k + bits.count("0") * $c',
        ),
        (
            "the length of the longest row of equal binary digits, times $k plus $c",
            ('max(len(run) for run in (bits.replace("01", "0 1").replace("10", "1 0")).split()) * $k + $c'),
        ),
        (
            "the number whose binary digits are the same, written backwards, times $k",
            "int(bits[::-1], 2) * $k",
        ),
        (
            ("the number whose binary digits are each exchanged (0 for 1 and 1 for 0), plus $k times $c"),
            'int("".join("1" if b == "0" else "0" for b in bits), 2) + $k * $c',
        ),
        (
            (
                "the sum of the places of the binary digits 1, where the last digit has the place "
                "$c, the one before it $c + 1 and so on"
            ),
            'sum(i for i, b in enumerate(bits[::-1], $c) if b == "1")',
        ),
        (
            ("the number whose binary digits are the last $k of these, plus $c for each further digit"),
            "int(bits[-$k:], 2) + $c * max(len(bits) - $k, 0)",
        ),
    )
    p.let(prepare="")
    p.number("q", 3, 7)
    more = ""
    if p.level == 3:
        p.way(
            "first prepare",
            ("Zeros are first put in front until there are at least $q digits.", "bits = bits.zfill($q)"),
            ("The first digit is first moved to the end.", "bits = bits[1:] + bits[0]"),
            ("First, the digits are written twice, one row behind the other.", "bits = bits * 2"),
        )
        more = "first, prepare: $!first"
    p.way("minus sign", ("the result is taken with a minus sign", "-1"), ("the result is doubled", "2"))
    return Spec(
        "Work out a value from the binary digits of $n.",
        f"""
        binary, digits: Write the number in binary without its sign, highest digit first and without zeros
          in front; 0 is written 0.
        {more}
        rule, value: Return $!rule.
        negative, sign: If the number is negative, $!minus.
        """,
        """
        bits = bin(abs($n))[2:]
        $!prepare
        value = $!value
        return $!sign * value if $n < 0 else value
        """,
        {
            "small numbers": lambda d: (d.between(1, 40),),
            "larger numbers": lambda d: (d.between(41, 2000),),
            "negative numbers": lambda d: (-d.between(1, 300),),
        },
        {
            "zero": (0,),
            "one": (1,),
            "a power of two": (64,),
            "one less than a power of two": (127,),
            "digits in turn": (0b1010101,),
            "a negative power of two": (-32,),
            "a number of few digits": (2 ** (p["k"] - 1) + 1,),
            "a number of many equal digits": (0b1110001111,),
        },
        """
        Write the number in binary, without its sign.
        Do what has to be done with the digits first, and then apply the rule.
        Treat negative numbers at the end.
        """,
        {"a very large number": lambda d: (d.between(2**60, 2**62),)},
    )


@TOPIC.family(
    "a|first|upper: int; b|second|lower: int", "tuple[int, int]", "combine reduce fraction", levels=(2,)
)
def fraction_rule(p: Pick) -> Spec:
    """Adds or multiplies a fraction with one of our own, in lowest terms; signs, zero."""
    p.number("c", 1, 9)
    p.number("d", 2, 9)
    p.way(
        "op top bottom",
        ("plus", "$a * $d + $c * $b", "$b * $d"),
        ("minus", "$a * $d - $c * $b", "$b * $d"),
        ("times", "$a * $c", "$b * $d"),
        ("divided by", "$a * $d", "$b * $c"),
    )
    p.pick("bad", (0, 0), (1, 0), (-1, 0), (0, -1))
    p.way(
        "sign fix",
        (
            "The bottom of the result is positive; a minus sign goes to the top.",
            "if bottom < 0:\n    top, bottom = -top, -bottom",
        ),
        (
            "The top of the result is not negative; a minus sign goes to the bottom.",
            "if top < 0:\n    top, bottom = -top, -bottom",
        ),
    )
    p.way(
        "zero nil",
        ("If the value is 0, return (0, 1).", "(0, 1)"),
        ("If the value is 0, return (0, $d).", "(0, $d)"),
    )
    return Spec(
        "Calculate with the fraction of $a and $b.",
        """
        value: The value is $a over $b, $!op $c over $d.
        form, lowest terms: Return it as a tuple (top, bottom) in lowest terms: no whole number above 1
          divides both.
        sign, negative: $!sign
        zero: $!zero
        undefined, bottom: If $b is 0, return $bad.
        """,
        """
        if $b == 0:
            return $bad
        top, bottom = $!top, $!bottom
        if top == 0:
            return $!nil
        x, y = abs(top), abs(bottom)
        while y:
            x, y = y, x % y
        top, bottom = top // x, bottom // x
        $!fix
        return top, bottom
        """,
        {
            "positive numbers": lambda d: (d.between(1, 12), d.between(1, 12)),
            "negative numbers": lambda d: (d.between(-12, 12), d.one((-8, -6, -3, -2, 5))),
        },
        {
            "a bottom of 0": (3, 0),
            "a top of 0": (0, 4),
            "zero over zero": (0, 0),
            "two negative numbers": (-4, -6),
            "a negative bottom": (5, -10),
            "a fraction that is whole": (12, 4),
            "the same fraction": (p["c"], p["d"]),
            "the same fraction with the other sign": (-p["c"], p["d"]),
            "the other fraction turned round": (p["d"], p["c"]),
        },
        """
        Deal with the case that has no value.
        Work out top and bottom of the result without shortening.
        Divide both by their greatest common divisor, then put the sign where it belongs.
        """,
        {"large numbers": lambda d: (d.between(10**6, 10**7) * 12, d.between(10**6, 10**7) * 18)},
    )


@TOPIC.family("row|r: int; col|c: int", "int", "cell_value number_at entry", levels=(2, 3))
def number_table(p: Pick) -> Spec:
    """What stands in a cell of an endless table that is numbered by a rule."""
    p.number("w", 3, 9)
    p.number("start", 0, 5)
    p.number("k", 2, 5)
    p.way(
        "rule value",
        (
            (
                "The rows are filled one after the other from left to right with $start, $start + "
                "$k, $start + 2 * $k and so on."
            ),
            "$start + $k * ($row * $w + $col)",
        ),
        (
            (
                "The rows are filled one after the other with $start, $start + $k, $start + 2 * $k "
                "and so on, even rows from left to right, odd rows from right to left."
            ),
            "$start + $k * ($row * $w + ($col if $row % 2 == 0 else $w - 1 - $col))",
        ),
        (
            "Each cell has the product of its row and its column, times $k, plus $start.",
            "$start + $k * $row * $col",
        ),
        (
            (
                "Each cell has $k times the larger of its row and its column, plus the smaller of "
                "both, plus $start."
            ),
            "$start + $k * max($row, $col) + min($row, $col)",
        ),
        (
            ("Each cell has its distance from column $start in the same row, plus $k times its row."),
            "abs($col - $start) + $k * $row",
        ),
    )
    p.pick("out", -1, 0, -100, 1000)
    p.let(special="")
    more = ""
    if p.level == 3:
        p.number("q", 2, 4)
        p.way(
            "special_rule special",
            (
                (
                    "In cells where row and column leave the same remainder when divided by $q, the "
                    "number has the opposite sign."
                ),
                "if $row % $q == $col % $q:\n    value = -value",
            ),
            (
                "In every row divisible by $q (0 too) the numbers are $k greater than said above.",
                "if $row % $q == 0:\n    value += $k",
            ),
            (
                "Numbers of more than one digit are replaced by the sum of their digits, once.",
                "value = sum(int(d) for d in str(value))",
            ),
        )
        more = "special, exception: $!special_rule"
    return Spec(
        "Find the number in a cell of a table.",
        f"""
        table, size: The table has $w columns, 0 to one less than that, and rows without end, from row 0 on.
        rule, numbers: $!rule
        {more}
        return: Return the number in row $row and column $col.
        outside, negative, empty: For a cell that the table does not have return $out.
        """,
        """
        if $row < 0 or not 0 <= $col < $w:
            return $out
        value = $!value
        $!special
        return value
        """,
        {
            "cells near the top": lambda d: (d.between(0, 4), d.between(0, p["w"] - 1)),
            "cells further down": lambda d: (d.between(5, 40), d.between(0, p["w"] - 1)),
        },
        {
            "the first cell": (0, 0),
            "the last cell of the first row": (0, p["w"] - 1),
            "the first cell of the second row": (1, 0),
            "the last cell of the second row": (1, p["w"] - 1),
            "a column too far": (2, p["w"]),
            "a negative column": (2, -1),
            "a negative row": (-1, 1),
            "equal row and column": (2, 2),
            "a row far down": (1001, 1),
        },
        """
        Test first whether the table has the cell.
        Work out the number by the rule, and mind that counting begins with 0.
        Apply the exception where it holds.
        """,
    )
