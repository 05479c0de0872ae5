"""What the terms mean that stand in the problems, in words and without numbers of any problem."""

from __future__ import annotations

import re

_MEANINGS: tuple[tuple[str, str], ...] = (
    ("greatest common divisor|gcd|highest common factor|hcf",
     "The greatest common divisor is the largest whole number that divides all the given numbers."),
    ("least common multiple|lcm|lowest common multiple",
     "The least common multiple is the smallest positive number that all the given numbers divide."),
    ("lowest terms|simplest form|reduced|reduce",
     "A fraction is in lowest terms when no number above one divides both its parts."),
    ("common denominator", "A common denominator is a multiple of all the denominators."),
    ("numerator", "The numerator is the number above the line of a fraction."),
    ("denominator", "The denominator is the number below the line of a fraction."),
    ("reciprocal", "The reciprocal of a fraction is the fraction turned upside down."),
    ("remainder|modulo|mod", "The remainder is what is left after dividing as often as goes evenly."),
    ("quotient", "The quotient is the result of a division."),
    ("divisor", "A divisor of a number divides it without a remainder."),
    ("multiple", "A multiple of a number is that number times a whole number."),
    ("prime|prime power|prime factor",
     "A prime is a whole number above one that only one and itself divide."),
    ("exponent|power", "An exponent says how many times the base stands in the product."),
    ("last three digits|units digit|tens digit|hundreds digit|digits?",
     "Digits are counted from the right: units, then tens, then hundreds."),
    ("percent|percentage", "Percent means out of a hundred."),
    ("average speed", "The average speed is the whole distance divided by the whole time."),
    ("arithmetic sequence", "In an arithmetic sequence the same number is added from each term to the next."),
    ("geometric sequence", "In a geometric sequence each term is the one before times the same number."),
    ("sequence", "A sequence is a list of numbers in order, called its terms."),
    ("common difference|difference", "A difference is what is left when one number is taken from another."),
    ("ratio", "A ratio is one quantity divided by another."),
    ("smaller root|larger root|roots?", "A root of an equation is a value of x that makes it true."),
    ("discriminant",
     "The discriminant of a quadratic is the square of the middle coefficient less four times the product of "
     "the outer ones."),
    ("quadratic formula",
     "The quadratic formula gives the roots: minus the middle coefficient, plus or minus the root of the "
     "discriminant, over twice the first coefficient."),
    ("quadratic", "A quadratic is a polynomial whose highest power of x is the square."),
    ("coefficient", "A coefficient is the number that multiplies a power of x."),
    ("constant term|constant", "The constant term is the one without x."),
    ("like terms|collect", "Like terms have the same power of x; collecting adds their coefficients."),
    ("expand|multiply out", "To expand means to multiply out all parentheses."),
    ("factor", "A factor is one of the things that are multiplied."),
    ("polynomial", "A polynomial is a sum of numbers times powers of x."),
    ("horner", "Horner's rule multiplies by x and adds the next coefficient, again and again."),
    ("antiderivative", "An antiderivative of a function is one whose derivative is that function."),
    ("derivative|differentiate", "The derivative of a function says how fast it changes at each point."),
    ("integral|integrate", "The integral of a function is the signed area between its graph and the x-axis."),
    ("slope", "The slope of a curve at a point is the derivative there."),
    ("limit", "The limit is the value that an expression comes as near as you like to."),
    ("hypotenuse", "The hypotenuse is the side opposite the right angle, the longest one."),
    ("legs?", "The legs of a right triangle are the two sides at the right angle."),
    ("right triangle", "A right triangle has one right angle."),
    ("trapezium|trapezoid", "A trapezium has four sides, of which two are parallel."),
    ("prism", "A prism has two equal parallel ends; every cut between them has the same shape."),
    ("perimeter", "The perimeter is the length of the border."),
    ("surface", "The surface of a box is the area of all its faces together."),
    ("area", "The area is how much of the plane a figure covers."),
    ("volume", "The volume is how much space a body fills."),
    ("midpoint", "The midpoint of a segment is as far from one end as from the other."),
    ("pentagon|hexagon|heptagon|polygon", "A polygon is a figure with straight sides."),
    ("coordinate", "A coordinate says how far a point lies along one axis."),
    ("profit", "Profit is what comes in less what was paid."),
    ("substitut\\w*", "To substitute means to put an equal expression in place of an unknown."),
    ("eliminat\\w*", "To eliminate an unknown means to combine the equations so that it drops out."),
)  # fmt: skip

TERM = re.compile(
    "|".join(rf"\b(?P<t{i}>{names})(?:s|es)?(?!\w)" for i, (names, _) in enumerate(_MEANINGS)),
    re.IGNORECASE,
)
"""Finds the first term of the glossary in a text; longer names come before the shorter ones in them."""


def meaning(found: re.Match[str]) -> str:
    """What the term that `TERM` found means."""
    assert found.lastgroup is not None
    return _MEANINGS[int(found.lastgroup[1:])][1]
