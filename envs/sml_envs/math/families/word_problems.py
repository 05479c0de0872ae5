"""Word problems: everyday stories that take two, three, or four and more steps.

Each template is a structure of its own, with its own story; names, things and numbers
vary within it. The level is the length of the solution.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from sml_envs.math.families.base import MathFamily, between, choose, money, show, solved
from sml_gym import Draft, Reference, Step

NAMES = (
    "Amara", "Ben", "Chloe", "Dmitri", "Elif", "Farid", "Grace", "Hana", "Ivan", "Jonas", "Kofi", "Lena",
    "Mateo", "Nadia", "Omar", "Priya", "Quentin", "Rosa", "Sven", "Tomoko", "Uma", "Victor", "Wen", "Zola",
)  # fmt: skip
FRUIT = ("apples", "pears", "plums", "oranges", "lemons", "peaches", "mangoes", "figs")
STATIONERY = ("pens", "pencils", "notebooks", "rulers", "erasers", "folders", "markers", "envelopes")
THINGS = ("stickers", "marbles", "cards", "shells", "stamps", "beads", "coins", "buttons")


def _pair(rng: random.Random, options: tuple[str, ...]) -> tuple[str, str]:
    """Two different options."""
    first = int(rng.random() * len(options))
    second = (first + 1 + int(rng.random() * (len(options) - 1))) % len(options)
    return options[first], options[second]


def _plus(a: int, b: int) -> Step:
    return Step(f"{a} + {b} = {a + b}.", f"Add {a} and {b}.", str(a + b))


def _minus(a: int, b: int) -> Step:
    return Step(f"{a} - {b} = {a - b}.", f"Subtract {b} from {a}.", str(a - b))


def _times(a: int, b: int) -> Step:
    return Step(f"{a} * {b} = {a * b}.", f"Multiply {a} by {b}.", str(a * b))


def _over(a: int, b: int) -> Step:
    """An exact quotient, or a fraction."""
    return Step(f"{a} / {b} = {show(Fraction(a, b))}.", f"Divide {a} by {b}.", show(Fraction(a, b)))


# ---- two steps ----


def _change(rng: random.Random) -> Draft:
    """Change from a note."""
    who, what = choose(rng, NAMES), choose(rng, STATIONERY)
    n, price = between(rng, 3, 15), between(rng, 2, 12)
    note = (n * price // 50 + 1) * 50

    def reference() -> Reference:
        return solved(
            _times(n, price),
            _minus(note, n * price),
            idea="Find what everything costs, then what is left of the money.",
            unit="dollars",
            mistakes={"math.kind.operation": note + n * price},
        )

    text = f"{who} buys {n} {what} at {price} dollars each and pays with {note} dollars."
    return Draft(f"{text} How many dollars does {who} get back?", reference)


def _sharing(rng: random.Random) -> Draft:
    """What each gets after some were given away."""
    who, what = choose(rng, NAMES), choose(rng, THINGS)
    friends, each, given = between(rng, 3, 12), between(rng, 4, 30), between(rng, 5, 40)
    total = friends * each + given

    def reference() -> Reference:
        return solved(
            _minus(total, given),
            _over(total - given, friends),
            idea="Take away what was given first; only the rest is shared.",
            mistakes={"math.kind.skipped": Fraction(total, friends)},
        )

    text = (
        f"{who} has {total} {what}, gives {given} of them to a sister and shares the rest equally among "
        f"{friends} friends. How many {what} does each friend get?"
    )
    return Draft(text, reference)


def _more_than(rng: random.Random) -> Draft:
    """A comparison, then a total."""
    (who, other), what = _pair(rng, NAMES), choose(rng, THINGS)
    n, more = between(rng, 12, 90), between(rng, 4, 60)
    fewer = more < n and rng.random() < 0.5

    def reference() -> Reference:
        theirs = n - more if fewer else n + more
        return solved(
            _minus(n, more) if fewer else _plus(n, more),
            _plus(n, theirs),
            idea="Find how many the other has, then add both.",
            mistakes={"math.kind.operation": n + (n + more if fewer else n - more)},
        )

    text = f"{who} has {n} {what}. {other} has {more} {'fewer' if fewer else 'more'} than {who}."
    return Draft(f"{text} How many {what} do they have together?", reference)


def _rows(rng: random.Random) -> Draft:
    """Full rows and some over."""
    rows, seats, extra = between(rng, 6, 30), between(rng, 8, 25), between(rng, 5, 40)
    place = choose(rng, ("hall", "cinema", "theatre", "church", "lecture room"))
    taken = rng.random() < 0.5

    def reference() -> Reference:
        total = rows * seats
        return solved(
            _times(rows, seats),
            _minus(total, extra) if taken else _plus(total, extra),
            idea="Find how many seats the rows hold, then mind what is different from that.",
            mistakes={"math.kind.operation": total + extra if taken else total - extra},
        )

    start = f"A {place} has {rows} rows of {seats} seats"
    if taken:
        return Draft(f"{start}, and {extra} of them are empty. How many seats are taken?", reference)
    return Draft(f"{start} and {extra} more seats on a balcony. How many seats are there?", reference)


# ---- three steps ----


def _basket(rng: random.Random) -> Draft:
    """Two kinds of goods, and what is left of the money."""
    who, (one, two) = choose(rng, NAMES), _pair(rng, FRUIT)
    a, b = between(rng, 3, 12), between(rng, 3, 12)
    p, q = 5 * between(rng, 4, 40), 5 * between(rng, 4, 40)

    def reference() -> Reference:
        first, second = a * p, b * q
        return solved(
            Step(f"{a} * {money(p)} = {money(first)}.", f"Multiply {a} by {money(p)}.", money(first)),
            Step(f"{b} * {money(q)} = {money(second)}.", f"Multiply {b} by {money(q)}.", money(second)),
            Step(
                f"{money(first)} + {money(second)} = {money(first + second)}.",
                f"Add {money(first)} and {money(second)}.",
                money(first + second),
            ),
            idea="Find what each kind costs, then add.",
            unit="dollars",
            mistakes={"math.kind.swapped_prices": Fraction(a * q + b * p, 100)},
        )

    text = (
        f"{who} buys {a} kg of {one} at {money(p)} dollars a kg and {b} kg of {two} at {money(q)} dollars "
        "a kg. How many dollars is that in all?"
    )
    return Draft(text, reference)


def _age(rng: random.Random) -> Draft:
    """Ages now, from a multiple and a sum some years on."""
    (who, other), k = _pair(rng, NAMES), between(rng, 2, 5)
    young, years = between(rng, 4, 18), between(rng, 2, 12)
    total = young * (k + 1) + 2 * years

    def reference() -> Reference:
        now = total - 2 * years
        return solved(
            Step(
                f"{total} - 2 * {years} = {now}.",
                f"Go back {years} years for both of them: take them twice away from {total}.",
                str(now),
            ),
            Step(
                f"{now} / {k + 1} = {young}.",
                f"{other} makes one part and {who} {k} parts; find one part of {now}.",
                str(young),
            ),
            Step(f"{k} * {young} = {k * young}.", f"Multiply one part by {k}.", str(k * young)),
            idea="Go back to today, count in parts of the younger one's age, and find one part.",
            unit="years",
        )

    text = (
        f"{who} is {k} times as old as {other}. In {years} years their ages will add up to {total}. "
        f"How old is {who} now, in years?"
    )
    return Draft(text, reference)


def _savings(rng: random.Random) -> Draft:
    """How many weeks of saving."""
    who, thing = (
        choose(rng, NAMES),
        choose(rng, ("bicycle", "tablet", "tent", "skateboard", "guitar", "camera")),
    )
    earns, spends, weeks, has = (
        between(rng, 15, 60),
        between(rng, 3, 12),
        between(rng, 4, 20),
        between(rng, 5, 80),
    )
    cost = has + (earns - spends) * weeks

    def reference() -> Reference:
        saved = earns - spends
        return solved(
            _minus(earns, spends),
            _minus(cost, has),
            _over(cost - has, saved),
            idea="Find what is saved in a week and what is still missing, then divide.",
            unit="weeks",
            mistakes={"math.kind.skipped": Fraction(cost, saved)},
        )

    text = (
        f"{who} wants a {thing} for {cost} dollars and has {has} dollars already. {who} earns {earns} "
        f"dollars a week and spends {spends} of them. How many weeks does it take to save enough?"
    )
    return Draft(text, reference)


def _recipe(rng: random.Random) -> Draft:
    """A recipe for other numbers of people, and what must still be bought."""
    dish, thing = choose(
        rng,
        (("soup", "lentils"), ("bread", "flour"), ("pudding", "rice"), ("stew", "beans"), ("cake", "sugar")),
    )
    people, each, guests = between(rng, 2, 8), between(rng, 20, 90), between(rng, 9, 30)
    has = between(rng, 2, guests * each // 12) * 10

    def reference() -> Reference:
        need = each * guests
        return solved(
            _over(people * each, people),
            _times(each, guests),
            _minus(need, has),
            idea="Find what one person needs, then what all need, then what is missing.",
            unit="g",
            mistakes={"math.kind.skipped": need},
        )

    text = (
        f"A {dish} for {people} people takes {people * each} g of {thing}. It is to be made for {guests} "
        f"people, and {has} g of {thing} are in the house. How many g must be bought?"
    )
    return Draft(text, reference)


def _remaining(rng: random.Random) -> Draft:
    """A fraction of a part, such as pages of a book."""
    who, (b, each) = choose(rng, NAMES), (between(rng, 3, 8), between(rng, 6, 40))
    c, a = between(rng, 2, 5), between(rng, 1, b - 1)
    pages = b * each * c

    def reference() -> Reference:
        read = pages // b * a
        left = pages - read
        return solved(
            Step(f"{pages} * {a} / {b} = {read}.", f"Find {a}/{b} of {pages}.", str(read)),
            _minus(pages, read),
            _over(left, c),
            idea="Find what was read first, then what is left, then the part of what is left.",
            unit="pages",
            mistakes={"math.kind.skipped": pages // c},
        )

    text = (
        f"{who} reads {a}/{b} of a book of {pages} pages on Monday and 1/{c} of the rest on Tuesday. "
        "How many pages does that make on Tuesday?"
    )
    return Draft(text, reference)


# ---- four steps and more ----


def _tickets(rng: random.Random) -> Draft:
    """Two kinds of tickets, told apart by the takings."""
    adult, child = between(rng, 9, 20), between(rng, 3, 8)
    adults, children = between(rng, 12, 90), between(rng, 12, 90)
    total, takings = adults + children, adult * adults + child * children
    event = choose(rng, ("concert", "play", "match", "fair", "museum night"))

    def reference() -> Reference:
        base = child * total
        return solved(
            Step(
                f"{child} * {total} = {base}.",
                f"Suppose that all were children: multiply {total} by {child}.",
                str(base),
            ),
            _minus(takings, base),
            Step(
                f"{adult} - {child} = {adult - child}.",
                "Find how much more an adult pays.",
                str(adult - child),
            ),
            _over(takings - base, adult - child),
            idea="Suppose that all tickets were the cheap kind; each dear one adds the difference in price.",
            mistakes={"math.kind.other_unknown": children},
        )

    text = (
        f"For a {event}, {total} tickets were sold for {takings} dollars in all. An adult's ticket costs "
        f"{adult} dollars, a child's {child} dollars. How many adults' tickets were sold?"
    )
    return Draft(text, reference)


def _profit(rng: random.Random) -> Draft:
    """Bought in crates, some spoiled, the rest sold."""
    who, what = choose(rng, NAMES), choose(rng, FRUIT)
    crates, size, cost = between(rng, 4, 15), between(rng, 12, 40), between(rng, 8, 25)
    spoiled, price = between(rng, 3, 20), between(rng, 2, 4)

    def reference() -> Reference:
        bought, paid = crates * size, crates * cost
        sold = bought - spoiled
        return solved(
            _times(crates, size),
            _minus(bought, spoiled),
            _times(sold, price),
            _times(crates, cost),
            _minus(sold * price, paid),
            idea="Profit is what comes in less what was paid; only what was not spoiled is sold.",
            unit="dollars",
            mistakes={"math.kind.skipped": bought * price - paid},
        )

    text = (
        f"{who} buys {crates} crates of {size} {what} for {cost} dollars a crate. {spoiled} of the {what} "
        f"are spoiled; the others are sold for {price} dollars each. How many dollars of profit is that?"
    )
    return Draft(text, reference)


def _wages(rng: random.Random) -> Draft:
    """Pay with overtime, less a deduction."""
    who, hours, rate = choose(rng, NAMES), between(rng, 4, 15), 2 * between(rng, 5, 20)
    base, percent = between(rng, 30, 40), choose(rng, (10, 20, 25, 50))
    over = rate * 3 // 2

    def reference() -> Reference:
        first, second = base * rate, hours * over
        total = first + second
        held = Fraction(total * percent, 100)
        shown, left = money(int(held * 100)), money(int((total - held) * 100))
        return solved(
            _times(base, rate),
            Step(f"{rate} * 3 / 2 = {over}.", f"Find one and a half times {rate}.", str(over)),
            _times(hours, over),
            _plus(first, second),
            Step(f"{total} * {percent} / 100 = {shown}.", f"Find {percent}% of {total}.", shown),
            Step(f"{total} - {shown} = {left}.", f"Subtract {shown} from {total}.", left),
            idea="Work out normal pay and overtime apart, add them, and take the tax off the whole.",
            unit="dollars",
            mistakes={"math.kind.skipped": total},
        )

    text = (
        f"{who} earns {rate} dollars an hour for the first {base} hours of a week and one and a half times "
        f"that for every hour more. One week {who} works {base + hours} hours, and {percent}% of the pay "
        "goes to tax. How many dollars are left?"
    )
    return Draft(text, reference)


def _meeting(rng: random.Random) -> Draft:
    """Two who go towards each other, one with a head start."""
    (who, other), v, w = _pair(rng, NAMES), between(rng, 8, 30), between(rng, 8, 30)
    start, hours = between(rng, 1, 3), between(rng, 2, 6)
    distance = v * start + (v + w) * hours

    def reference() -> Reference:
        ahead = v * start
        gap = distance - ahead
        return solved(
            _times(v, start),
            _minus(distance, ahead),
            _plus(v, w),
            _over(gap, v + w),
            Step(f"{hours} * {w} = {hours * w}.", f"Find how far {other} goes in that time.", str(hours * w)),
            idea="Take the head start off the distance; what is left shrinks at the sum of the speeds.",
            unit="km",
            mistakes={"math.kind.other_unknown": distance - hours * w},
        )

    text = (
        f"{who} and {other} live {distance} km apart and cycle towards each other, {who} at {v} km/h, "
        f"{other} at {w} km/h. {who} leaves {start} hour{'s' if start > 1 else ''} earlier. "
        f"How many km has {other} gone when they meet?"
    )
    return Draft(text, reference)


_TWO: tuple[Callable[[random.Random], Draft], ...] = (_change, _sharing, _more_than, _rows)
_THREE = (_basket, _age, _savings, _recipe, _remaining)
_FOUR = (_tickets, _profit, _wages, _meeting)


def _word_2(rng: random.Random) -> Draft:
    """Two steps, four structures; about 30 million problems."""
    return choose(rng, _TWO)(rng)


def _word_3(rng: random.Random) -> Draft:
    """Three steps, five structures; about 200 million problems."""
    return choose(rng, _THREE)(rng)


def _word_4(rng: random.Random) -> Draft:
    """Four to six steps, four structures; about 70 million problems."""
    return choose(rng, _FOUR)(rng)


WORD_PROBLEMS = (MathFamily("word_problem", (_word_2, _word_3, _word_4)),)
