"""The problems: kinds of problem that can be generated without end."""

from __future__ import annotations

import random

from sml_gym import Draft, Reference, Step


class Sum:
    """Replace this: the sum of two numbers of two to four digits."""

    name = "sum"
    """Stands in the ids of tasks, `sum:1:SEED`."""

    levels = (1, 2, 3)
    """Easiest first."""

    def generate(self, rng: random.Random, level: int) -> Draft:
        """A problem of this level, drawn with `rng` alone: the same seed gives the same problem."""
        low, high = 10**level, 10 ** (level + 1) - 1
        a, b = rng.randint(low, high), rng.randint(low, high)

        def reference() -> Reference:  # worked out only when someone asks
            return Reference(
                str(a + b),
                f"{a} + {b} = {a + b}",
                steps=(
                    Step(f"{a} + {b} = {a + b}", f"Write {a} and {b} below each other and add.", str(a + b)),
                ),
            )

        return Draft(f"What is {a} + {b}?", reference)


FAMILIES = (Sum(),)
