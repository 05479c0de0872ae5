"""Mathematics in pieces: what each kind of problem asks, and what has to be told for it.

Problems that are one expression ("What is 66 * 8?") have no parts. The texts of the generated families
are taken apart by pattern; any other word problem by its sentences (`sml_gym.shards.split_problem`).
"""

from __future__ import annotations

import re

from sml_gym import Shards
from sml_gym.shards import name_shards, split_problem

_NAME = r"[A-Z][a-z]+"
_ARTICLE = re.compile(r"(?<=[a-z] )An?(?= [a-z])")
_PATTERNS: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), goal, parts)
    for pattern, goal, parts in (
        # -- equations, numbers, functions --
        (
            r"(?P<first>.* = .*) and (?P<second>.* = .*)\. What is (?P<x>[xy])\?",
            "Two equations hold for x and y. What is {x}?",
            ("The first equation is {first}.", "The second equation is {second}."),
        ),
        (
            r"Solve (?P<left>.*) = 0\. Give the (?P<which>larger|smaller) root(?P<form>.*)\.",
            "Solve a quadratic equation. Give one of its roots{form}.",
            ("The equation is {left} = 0.", "It is the {which} root that is wanted."),
        ),
        (
            r"What is the greatest common divisor of (?P<a>\d+) and (?P<b>\d+)\?",
            "What is the greatest common divisor of two numbers?",
            ("The first number is {a}.", "The second number is {b}."),
        ),
        (
            r"What is the least common multiple of (?P<a>\d+) and (?P<b>\d+)\?",
            "What is the least common multiple of two numbers?",
            ("The first number is {a}.", "The second number is {b}."),
        ),
        (
            r"What is the remainder when (?P<what>.*) is divided by (?P<by>.*)\?",
            "What is the remainder of a division?",
            ("What is divided, the dividend, is {what}.", "It is divided by {by}, the divisor."),
        ),
        (
            r"What is (?P<rate>\d+)% of (?P<whole>[\d.]+)\?",
            "What is a certain percentage of a number?",
            ("The percentage is {rate}%.", "The number is {whole}."),
        ),
        (
            r"What is (?P<share>\d+/\d+) of (?P<whole>\d+)\?",
            "What is a certain fraction of a number?",
            ("The fraction is {share}.", "The number is {whole}."),
        ),
        (
            r"What is the (?P<what>value|slope) of (?P<curve>.*) at x = (?P<x>-?\d+)\?",
            "What is the {what} of a polynomial at a point?",
            ("The polynomial is {curve}.", "The point is x = {x}."),
        ),
        (
            r"What is the limit of (?P<curve>.*) as x approaches (?P<x>-?\d+)\?",
            "What is the limit of a quotient at a point?",
            ("The quotient is {curve}.", "The point that x approaches is {x}."),
        ),
        (
            r"What is the integral of (?P<curve>.*) from x = (?P<low>-?\d+) to x ="
            r" (?P<high>-?\d+)\?(?P<form>.*)",
            "What is the integral of a polynomial?{form}",
            (
                "The polynomial is {curve}.",
                "The lower bound is x = {low}.",
                "The upper bound is x = {high}.",
            ),
        ),
        # -- sequences --
        (
            r"A sequence has a\(1\) = (?P<a>-?\d+) and a\(n \+ 1\) = (?P<rule>.*)\. What is"
            r" a\((?P<n>\d+)\)\?",
            "What is a certain term of a sequence a(1), a(2), a(3) and so on?",
            ("It starts with a(1) = {a}.", "The rule is a(n + 1) = {rule}.", "The term asked for is a({n})."),
        ),
        (
            r"A sequence has a\(1\) = (?P<a>-?\d+), a\(2\) = (?P<b>-?\d+) and a\(n \+ 2\) = (?P<rule>.*)\."
            r" What is a\((?P<n>\d+)\)\?",
            "What is a certain term of a sequence a(1), a(2), a(3) and so on?",
            (
                "It starts with a(1) = {a} and a(2) = {b}.",
                "The rule is a(n + 2) = {rule}.",
                "The term asked for is a({n}).",
            ),
        ),
        (
            r"(?P<kind>An? (?:arithmetic|geometric)) sequence begins (?P<terms>.*)\."
            r" What is its term number (?P<n>\d+)\?",
            "What is a certain term of {kind} sequence?",
            ("The sequence begins {terms}.", "It is the term with position number {n} that is wanted."),
        ),
        (
            r"(?P<kind>An? (?:arithmetic|geometric)) sequence begins (?P<terms>.*)\."
            r" What is the sum of its first (?P<n>\d+) terms\?",
            "What is the sum of the first terms of {kind} sequence?",
            ("The sequence begins {terms}.", "The number of terms to add is {n}."),
        ),
        # -- figures --
        (
            r"A rectangle is (?P<a>\d+ \w+) long and (?P<b>\d+ \w+) wide\. What is its (?P<what>.*)\?",
            "What is the {what} of a rectangle?",
            ("Its length: it is {a} long.", "Its width: it is {b} wide."),
        ),
        (
            r"A triangle has a base of (?P<a>.*) and a height of (?P<b>.*)\. What is its (?P<what>.*)\?",
            "What is the {what} of a triangle?",
            ("Its base is {a}.", "Its height is {b}."),
        ),
        (
            r"A trapezium has parallel sides of (?P<a>.*) and (?P<b>.*), (?P<c>.*) apart\."
            r" What is its (?P<what>.*)\?",
            "What is the {what} of a trapezium?",
            ("Its parallel sides are {a} and {b}.", "They are {c} apart, which is its height."),
        ),
        (
            r"From a corner of a (?P<a>.*) sheet a rectangle of (?P<b>.*) is cut away\. (?P<asked>What .*)",
            "A rectangle is cut away from a corner of a sheet. {asked}",
            ("The size of the whole sheet is {a}.", "The size of the rectangle that is cut away is {b}."),
        ),
        (
            r"A garden of (?P<a>.*) has a path (?P<b>.*) wide all around it, outside\. (?P<asked>What .*)",
            "A garden has a path all around it, outside. {asked}",
            ("The size of the garden is {a}.", "The path's width: it is {b} wide."),
        ),
        (
            r"The legs of a right triangle are (?P<a>.*) and (?P<b>.*)\. How long is its"
            r" hypotenuse(?P<unit>.*)",
            "How long is the hypotenuse of a right triangle{unit}",
            ("The first leg is {a} long.", "The second leg is {b} long."),
        ),
        (
            r"A right triangle has a hypotenuse of (?P<a>.*) and one leg of (?P<b>.*)\. (?P<asked>How .*)",
            "A right triangle is given by its hypotenuse and a leg. {asked}",
            ("The hypotenuse is {a} long.", "The one leg is {b} long."),
        ),
        (
            r"Two angles of a triangle are (?P<a>\d+) and (?P<b>\d+) degrees\. (?P<asked>What .*)",
            "Two angles of a triangle are given. {asked}",
            ("The first angle is {a} degrees.", "The second one is {b} degrees."),
        ),
        (
            r"All angles but one of a (?P<figure>\w+) are (?P<angles>.*) degrees\. (?P<asked>What .*)",
            "All angles but one of a polygon are given. {asked}",
            ("The polygon's shape is a {figure}.", "The angles given are {angles} degrees."),
        ),
        (
            r"A box is (?P<a>.*) long, (?P<b>.*) wide and (?P<c>.*) high\. What is its (?P<what>.*)\?",
            "What is the {what} of a box?",
            ("Its length: it is {a} long.", "Its width: it is {b} wide.", "Its height: it is {c} high."),
        ),
        (
            r"A prism (?P<a>.*) long stands on a triangle with a base of (?P<b>.*) and a height of"
            r" (?P<c>.*)\."
            r" What is its (?P<what>.*)\?",
            "What is the {what} of a prism that stands on a triangle?",
            (
                "The prism is {a} long.",
                "The base of the triangle is {b}.",
                "The height of the triangle is {c}.",
            ),
        ),
        (
            r"A pool is (?P<a>.*) long, (?P<b>.*) wide and (?P<c>.*) deep\. Water comes in at (?P<rate>.*),"
            r" and (?P<litres>a cubic metre .*)\. (?P<asked>How .*)",
            "A pool is filled with water. {asked}",
            (
                "The pool is {a} long and {b} wide.",
                "Its depth: it is {c} deep.",
                "The rate: water comes in at {rate}.",
                "For the volume: {litres}.",
            ),
        ),
        (
            r"A segment goes from (?P<a>\(.*\)) to (?P<b>\(.*\))\. What is the (?P<x>[xy])-coordinate"
            r" (?P<rest>.*)",
            "A segment joins two points. What is the {x}-coordinate {rest}",
            ("It goes from the start point {a}.", "It goes to the end point {b}."),
        ),
        # -- amounts and rates --
        (
            r"(?P<who>An? [a-z' ]+|A [a-z]+'s [a-z ]+?) (?P<how>grows|shrinks) from (?P<a>\d+) to"
            r" (?P<b>\d+)\."
            r" (?P<asked>By .*)",
            "{who} changes. {asked}",
            ("At first it is {a}.", "It {how} to {b} in the end."),
        ),
        (
            r"(?P<who>An? [a-z]+) grows by (?P<a>\d+%), then shrinks by (?P<b>\d+%), and is then (?P<c>\d+)\."
            r" (?P<asked>What .*)",
            "{who} grows and then shrinks. {asked}",
            ("First it grows by {a}.", "Then it shrinks by {b}.", "The final size is {c}."),
        ),
        (
            r"(?P<who>An? \w+) goes (?P<way>\d+ km) in an hour\. How many km does it go in"
            r" (?P<time>\d+ hours?)\?",
            "How many km does {who} go in a certain time?",
            ("Its speed: it goes {way} in an hour.", "The time is {time}."),
        ),
        (
            r"(?P<who>An? \w+) goes (?P<way>\d+ km) in (?P<time>\d+ hours?)\. (?P<asked>What .*)",
            "{who} goes some way. {asked}",
            ("The distance is {way}.", "The time it takes is {time}."),
        ),
        (
            r"(?P<who>An? \w+) goes (?P<way>\d+ km) at (?P<speed>\d+ km/h)\. (?P<asked>How .*)",
            "{who} goes some way. {asked}",
            ("The distance is {way}.", "The speed is {speed}."),
        ),
        (
            r"(?P<who>An? \w+) drives (?P<a>.*), then (?P<b>.*)\. (?P<asked>What .*)",
            "{who} drives at one speed and then at another. {asked}",
            ("On the first stretch it drives {a}.", "On the second stretch it drives {b}."),
        ),
        (
            r"(?P<one>\w+) (?P<does>\w+ a \w+) in (?P<a>\d+ hours), (?P<two>[A-Z]\w+) does it in"
            r" (?P<b>\d+ hours)\."
            r" (?P<asked>How .*)",
            "{one} and {two} work together. {asked}",
            ("{one} alone {does} in {a}.", "{two} alone does it in {b}."),
        ),
        (
            r"One (?P<one>\w+) (?P<does>\w+ a \w+) in (?P<a>\d+ hours), (?P<two>a second one|another)"
            r" does it in"
            r" (?P<b>\d+ hours)\. (?P<asked>How .*)",
            "Two of a kind work together. {asked}",
            ("One {one} alone {does} in {a}.", "For the second one: {two} does it in {b}."),
        ),
        # -- stories in one sentence --
        (
            rf"(?P<who>{_NAME}) buys (?P<n>\d+ \w+) at (?P<price>.*) each and pays with (?P<paid>.*)\."
            rf" (?P<asked>How .*)",
            "{who} buys something. {asked}",
            (
                "The purchase: {who} buys {n}.",
                "The price is {price} each.",
                "The money given: {who} pays with {paid}.",
            ),
        ),
        (
            rf"(?P<who>{_NAME}) has (?P<n>\d+ \w+), gives (?P<given>\d+) of them to a sister and"
            rf" shares the rest"
            r" equally among (?P<friends>\d+ friends)\. (?P<asked>How .*)",
            "{who} gives some away and shares the rest. {asked}",
            (
                "At the start {who} has {n}.",
                "{who} gives {given} of them to a sister.",
                "{who} shares the rest equally among {friends}.",
            ),
        ),
        (
            r"(?P<place>A [a-z ]+) has (?P<rows>\d+ rows) of (?P<seats>\d+ seats), and (?P<empty>\d+)"
            r" of them are"
            r" empty\. (?P<asked>How .*)",
            "{place} has rows of seats. {asked}",
            (
                "The number of rows: it has {rows}.",
                "Each row is of {seats}.",
                "Not all are taken: {empty} of them are empty.",
            ),
        ),
        (
            r"(?P<place>A [a-z ]+) has (?P<rows>\d+ rows) of (?P<seats>\d+ seats) and (?P<more>\d+"
            r" more seats on a"
            r" balcony)\. (?P<asked>How .*)",
            "{place} has rows of seats. {asked}",
            ("The number of rows: it has {rows}.", "Each row is of {seats}.", "There are also {more}."),
        ),
        (
            rf"(?P<who>{_NAME}) reads (?P<a>.*) of (?P<book>a book of \d+ pages) on Monday and"
            rf" (?P<b>.* of the rest)"
            r" on Tuesday\. (?P<asked>How .*)",
            "{who} reads a book. {asked}",
            ("It is {book}.", "On Monday {who} reads {a} of it.", "On Tuesday it is {b}."),
        ),
        (
            rf"(?P<who>{_NAME}) buys (?P<a>.* kg of \w+) at (?P<p>.* a kg) and (?P<b>.* kg of \w+) at"
            rf" (?P<q>.* a kg)\."
            r" (?P<asked>How .*)",
            "{who} buys two kinds of fruit or vegetables. {asked}",
            ("{who} buys {a} at {p}.", "{who} also buys {b} at {q}."),
        ),
        (
            rf"(?P<a>{_NAME}) and (?P<b>{_NAME}) live (?P<way>.*) apart and cycle towards each other,"
            rf" (?P<a2>{_NAME}) at"
            rf" (?P<v>.*), (?P<b2>{_NAME}) at (?P<w>.*)\. (?P<first>{_NAME}) leaves (?P<early>.*)"
            rf" earlier\. (?P<asked>How .*)",
            "{a} and {b} cycle towards each other. {asked}",
            (
                "The distance: they live {way} apart.",
                "{a2} cycles at a speed of {v}.",
                "{b2} cycles at a speed of {w}.",
                "{first} leaves {early} earlier.",
            ),
        ),
    )
)
_SENTENCES = frozenset(("word_problem", "percent_change", "rate", "quadratic_roots_sum", ""))
"""Families whose problems are told in sentences; "" for rows of a file."""


def split_task(problem: str, family: str) -> Shards | None:
    """A problem in pieces, None for one that has no parts."""
    for pattern, goal, parts in _PATTERNS:
        found = pattern.fullmatch(problem)
        if found is not None:
            slots = found.groupdict()
            told = [_sentence(part.format_map(slots)) for part in parts]
            return Shards(_sentence(goal.format_map(slots)), name_shards(told))
    return split_problem(problem) if family in _SENTENCES else None


def _sentence(text: str) -> str:
    """A capital at the beginning, and no article with one further on."""
    return text[:1].upper() + _ARTICLE.sub(lambda found: found.group().lower(), text[1:])
