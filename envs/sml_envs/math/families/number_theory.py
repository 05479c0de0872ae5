"""Number theory: greatest common divisors, least common multiples, remainders of powers, divisors."""

from __future__ import annotations

import random
from math import gcd, prod

from sml_envs.math.families.base import MathFamily, between, choose, solved
from sml_gym import Draft, Reference, Step

_EUCLID = "Replace the larger number by its remainder on division by the smaller, until nothing remains."
_LCM = "Multiply the two numbers and divide by their greatest common divisor."
_MODULAR = "Take the remainder after every multiplication, so that the numbers stay small."
_DIVISORS = "Write the number as a product of prime powers; add one to each exponent and multiply."


def _euclid(a: int, b: int) -> list[Step]:
    """Euclid's algorithm on a > b > 0, a step for each remainder and one to conclude."""
    steps, p, q = [], a, b
    while True:
        rest = p % q
        if not rest:
            break
        steps.append(
            Step(
                f"{p} = {p // q} * {q} + {rest}.",
                f"Find the remainder of {p} on division by {q}.",
                str(rest),
            )
        )
        p, q = q, rest
    steps.append(
        Step(
            f"{p} = {p // q} * {q}, so the greatest common divisor is {q}.",
            f"Divide {p} by the last number; if nothing is left, that is the greatest common divisor.",
            str(q),
        )
    )
    return steps


def _gcd(rng: random.Random, size: int, common: int) -> Draft:
    while True:
        p, q, d = between(rng, 3, size), between(rng, 2, size), between(rng, 2, common)
        if p > q and p % q:
            break
    a, b = p * d, q * d

    def reference() -> Reference:
        g = gcd(a, b)
        return solved(*_euclid(a, b), idea=_EUCLID, mistakes={"math.kind.multiple": a * b // g})

    return Draft(f"What is the greatest common divisor of {a} and {b}?", reference)


def _gcd_1(rng: random.Random) -> Draft:
    """Numbers up to 180; about 550 problems."""
    return _gcd(rng, 12, 15)


def _gcd_2(rng: random.Random) -> Draft:
    """Numbers up to 3,000; about 70,000 problems."""
    return _gcd(rng, 60, 50)


def _gcd_3(rng: random.Random) -> Draft:
    """Numbers up to 100,000; about 24 million problems."""
    return _gcd(rng, 500, 200)


def _lcm(rng: random.Random, size: int, common: int) -> Draft:
    while True:
        p, q, d = between(rng, 3, size), between(rng, 2, size), between(rng, 1, common)
        if p > q and p % q and p * d > 4 and q * d > 3:
            break
    a, b = p * d, q * d

    def reference() -> Reference:
        g = gcd(a, b)
        steps = [
            Step(
                f"The greatest common divisor of {a} and {b} is {g}.",
                f"Find the greatest common divisor of {a} and {b}.",
                str(g),
            )
        ]
        if g > 1:
            steps.append(
                Step(f"{a} / {g} = {a // g}.", f"Divide {a} by the greatest common divisor.", str(a // g))
            )
        steps.append(Step(f"{a // g} * {b} = {a // g * b}.", f"Multiply {a // g} by {b}.", str(a // g * b)))
        mistakes = {"math.kind.product": a * b, "math.kind.divisor": g} if g > 1 else None
        return solved(*steps, idea=_LCM, mistakes=mistakes)

    return Draft(f"What is the least common multiple of {a} and {b}?", reference)


def _lcm_1(rng: random.Random) -> Draft:
    """Numbers up to 150; about 600 problems."""
    return _lcm(rng, 15, 10)


def _lcm_2(rng: random.Random) -> Draft:
    """Numbers up to 1,000; about 20,000 problems."""
    return _lcm(rng, 40, 25)


def _product_mod(rng: random.Random) -> Draft:
    """The remainder of a * b + c; about 9 million problems."""
    n = between(rng, 6, 19)
    a, b, c = between(rng, n + 1, 99), between(rng, n + 1, 99), between(rng, 3, 99)

    def reference() -> Reference:
        p, q = a % n, b % n
        value = p * q + c
        return solved(
            Step(
                f"{a} leaves {p} and {b} leaves {q}.",
                f"Find what {a} and {b} leave on division by {n}.",
                f"{p} and {q}",
            ),
            Step(f"{p} * {q} + {c} = {value}.", f"Multiply those two remainders and add {c}.", str(value)),
            Step(
                f"{value} leaves {value % n}.", f"Find what that leaves on division by {n}.", str(value % n)
            ),
            idea=_MODULAR,
        )

    return Draft(f"What is the remainder when {a} * {b} + {c} is divided by {n}?", reference)


def _power(a: int, exponent: int, n: int) -> Draft:
    def reference() -> Reference:
        steps, done, value = [], 1, a % n
        if a >= n:
            steps.append(
                Step(f"{a} leaves {value}.", f"Find what {a} leaves on division by {n}.", str(value))
            )
        for bit in bin(exponent)[3:]:
            done, new = 2 * done, value * value % n
            steps.append(
                Step(
                    f"{a}^{done} leaves {new}.",
                    f"Square {value} and take the remainder on division by {n}.",
                    str(new),
                )
            )
            value = new
            if bit == "1":
                done, new = done + 1, value * a % n
                steps.append(
                    Step(
                        f"{a}^{done} leaves {new}.",
                        f"Multiply {value} by {a % n} and take the remainder on division by {n}.",
                        str(new),
                    )
                )
                value = new
        return solved(*steps, idea=_MODULAR, mistakes={"math.kind.operation": a * exponent % n})

    return Draft(f"What is the remainder when {a}^{exponent} is divided by {n}?", reference)


def _power_2(rng: random.Random) -> Draft:
    """Powers with exponents up to 20; about 2,700 problems."""
    return _power(between(rng, 2, 20), between(rng, 3, 20), choose(rng, (7, 9, 11, 13, 17, 19, 21, 23)))


def _power_3(rng: random.Random) -> Draft:
    """Powers with exponents up to 200 and three-digit moduli; about 15 million problems."""
    return _power(between(rng, 3, 99), between(rng, 21, 200), between(rng, 101, 999))


_PRIMES = (2, 3, 5, 7, 11, 13)


def _divisors(exponents: tuple[tuple[int, int], ...]) -> Draft:
    number = prod([p**e for p, e in exponents])

    def reference() -> Reference:
        powers = " * ".join([f"{p}^{e}" for p, e in exponents])
        more = " * ".join([str(e + 1) for _, e in exponents])
        count = prod([e + 1 for _, e in exponents])
        return solved(
            Step(f"{number} = {powers}.", f"Write {number} as a product of prime powers.", powers),
            Step(
                f"{more} = {count}.",
                "Add one to each exponent and multiply the results.",
                str(count),
            ),
            idea=_DIVISORS,
            mistakes={"math.kind.ends": count - 2, "math.kind.exponents": prod([e for _, e in exponents])},
        )

    return Draft(f"How many positive divisors does {number} have?", reference)


def _divisors_1(rng: random.Random) -> Draft:
    """Two prime factors; about 700 problems."""
    p = choose(rng, _PRIMES)
    q = choose(rng, (17, 19, 23, 29, 31, 37, 41, 43, 47) if rng.random() < 0.7 else _PRIMES)
    e, f = between(rng, 1, 4), between(rng, 1, 2)
    if p == q:
        q = 17
    return _divisors(tuple(sorted(((p, e), (q, f)))))


def _divisors_2(rng: random.Random) -> Draft:
    """Three prime factors; about 1,000 problems."""
    p, q = choose(rng, ((2, 3), (2, 5), (3, 5), (2, 7), (3, 7)))
    r = choose(rng, (11, 13, 17, 19, 23, 29, 31))
    return _divisors(((p, between(rng, 1, 5)), (q, between(rng, 1, 3)), (r, between(rng, 1, 2))))


NUMBER_THEORY = (
    MathFamily("gcd", (_gcd_1, _gcd_2, _gcd_3)),
    MathFamily("lcm", (_lcm_1, _lcm_2)),
    MathFamily("modular", (_product_mod, _power_2, _power_3)),
    MathFamily("divisor_count", (_divisors_1, _divisors_2)),
)
