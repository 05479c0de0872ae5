"""Diagnosis digit by digit, for answers with a fixed number of digits."""

from __future__ import annotations

from sml_gym import Direction, Fact, Informativeness

PLACES = ("units", "tens", "hundreds", "thousands", "ten-thousands", "hundred-thousands")


def compare_digits(given: int, expected: int, width: int) -> tuple[Fact, ...]:
    """For each digit, highest place first: right, or wrong and whether it is too low or too high.

    Right digits are named too: noticing that something was left unsaid is hard for a small student.
    """
    if not 0 <= given < 10**width:
        return ()
    facts = []
    for place in reversed(range(width)):
        got, wanted = given // 10**place % 10, expected // 10**place % 10
        slots, topic = {"place": PLACES[place]}, f"digit {place}"
        if got == wanted:
            facts.append(
                Fact("math.digit.right", slots, Informativeness.WHERE, Direction.HINDSIGHT_POSITIVE, topic)
            )
            continue
        facts.append(
            Fact("math.digit.wrong", slots, Informativeness.WHERE, Direction.HINDSIGHT_NEGATIVE, topic)
        )
        kind = "math.digit.low" if got < wanted else "math.digit.high"
        facts.append(Fact(kind, slots, Informativeness.WHAT, Direction.HINDSIGHT_NEGATIVE, topic))
    return tuple(facts)
