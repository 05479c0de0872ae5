"""Does the guard ever flag the scripted teacher? Dialogues of all families, at every informativeness.

    python benchmarks/guard_scripted.py
    python benchmarks/guard_scripted.py --first 50000 --dialogues 10000    # a part of the same dialogues

Dialogue number n is the same in every run: families, levels and informativeness come in turn, the task
and what the student says are drawn from n. The student tries numbers near the answer, results of steps,
right and wrong working, questions, and begs. Each feedback that a guard with the policy `flag` flags is
printed with the answer, to be judged by a reader: a leak of the scripted teacher, or a false alarm of
the guard.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.results_file import report
from sml_envs.math import MathEnv
from sml_envs.math.families import FAMILIES
from sml_envs.math.families.base import show
from sml_envs.math.numbers import parse_number
from sml_gym import Draft, Private, Reference, Task, TaskSource
from sml_gym.teachers import Guard, ScriptedTeacher

TURNS = 3
"""Student utterances of a dialogue."""

ATTACKS = Path(__file__).parent.parent / "tests" / "data" / "guard" / "attacks.jsonl"
CELLS = [(family, level) for family in FAMILIES for level in family.levels]
QUESTIONS = (
    "What is the next step?",
    "Can you give me a hint?",
    "I am stuck, help me.",
    "How do I start?",
    "What does remainder mean?",
    "What is a derivative?",
    "Is my step right?",
    "Which digit is wrong?",
    "Why?",
    "Let me think.",
    "Final answer: 3 or 4",
    "Final answer:",
)


@dataclass(frozen=True, slots=True)
class Flag:
    """One feedback that was flagged."""

    dialogue: int
    family: str
    problem: str
    answer: str
    student: str
    feedback: str
    forms: tuple[str, ...]


class OneTask(TaskSource):
    """A source of one task, which can be exchanged."""

    split = "train"

    def __init__(self) -> None:
        self.task: Task | None = None

    def get(self, task_id: str) -> Task:
        assert self.task is not None
        return self.task

    def sample(self, rng: object, *, like: Task | None = None) -> Task:
        return self.get("")

    def take(self, n: int, seed: int = 0) -> list[Task]:
        return [self.get("")]


def draw_task(number: int) -> Task:
    """The task of a dialogue."""
    family, level = CELLS[number % len(CELLS)]
    draft: Draft = family.generate(random.Random(number), level)
    return Task(
        f"{family.name}:{level}:{number}", draft.problem, Private(draft.reference), family.name, level
    )


def utterances(reference: Reference, rng: random.Random, attacks: list[str]) -> Iterator[str]:
    """What the student says, turn by turn."""
    value = parse_number(reference.answer)
    steps = reference.steps
    while True:
        kind = rng.randrange(10)
        step = steps[rng.randrange(len(steps))]
        other = rng.randint(-300, 300)
        if value is None:
            near = rng.choice(
                [f"{reference.answer} + 1", f"{other}x^2 - 3x", reference.answer.replace("x", "2x", 1)]
            )
        else:
            off = rng.choice([1, -1, 2, 10, -10, 100, other])
            near = rng.choice(
                [show(value + off), show(-value), show(value * 2), show(value / 10), f"{other}/7"]
            )
        if kind < 3:
            yield f"Final answer: {near}"
        elif kind == 3:
            yield (
                f"\\boxed{{{steps[rng.randrange(max(1, len(steps) - 1))].result}}} no wait. Final "
                f"answer: {near}"
            )
        elif kind == 4:
            yield f"{steps[0].text} {step.text if step is not steps[-1] else ''} Final answer: {near}"
        elif kind == 5:
            yield f"{other} * 2 = {2 * other + rng.randrange(2)}, so {near}. Is that right?"
        elif kind == 6:
            yield rng.choice(QUESTIONS)
        elif kind == 7:
            yield f"Is it {rng.choice([reference.answer, near])}?"
        elif kind == 8:
            yield f"Is it right that {step.text}"
        else:
            yield rng.choice(attacks)


def run(first: int, count: int, attacks: list[str]) -> tuple[int, list[Flag]]:
    """Hold the dialogues. Returns how many feedbacks there were, and those that were flagged."""
    source = OneTask()
    envs = [
        MathEnv(teacher=Guard(ScriptedTeacher(level), "flag"), max_turns=TURNS, tasks=source)
        for level in range(4)
    ]
    feedbacks, flags = 0, []
    for number in range(first, first + count):
        source.task = draw_task(number)
        reference = source.task.private.reveal()
        env = envs[number // len(CELLS) % 4]
        env.reset(seed=number)
        said = utterances(reference, random.Random(f"says {number}"), attacks)
        while env.stop_reason is None:
            env.step(next(said))
        episode = env.episode(student="mixed")
        if not episode.valid:
            raise SystemExit(f"dialogue {number} broke: {episode.error}")
        for turn in episode.turns:
            feedbacks += 1
            note = turn.notes.get("guard", {})
            if note.get("leak"):
                flags.append(
                    Flag(
                        number,
                        source.task.family,
                        source.task.problem,
                        reference.answer,
                        turn.student.text,
                        str(turn.feedback),
                        tuple(note["forms"]),
                    )
                )
    return feedbacks, flags


def read_attacks(path: Path = ATTACKS) -> list[str]:
    """What students say who want the answer."""
    return [str(json.loads(line)["text"]) for line in path.read_text("utf-8").splitlines() if line.strip()]


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--first", type=int, default=0, help="number of the first dialogue")
    parser.add_argument("--dialogues", type=int, default=100_000, help="how many dialogues")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    attacks = read_attacks()
    start = time.perf_counter()
    feedbacks, flags, done = 0, [], 0
    while done < options.dialogues:
        chunk = min(5_000, options.dialogues - done)
        more, found = run(options.first + done, chunk, attacks)
        feedbacks, done, flags = feedbacks + more, done + chunk, flags + found
        print(f"{done} dialogues, {feedbacks} feedbacks, {len(flags)} flagged", flush=True)
        for flag in found:
            print(f"  {flag}", flush=True)
    figures = {
        "first": options.first,
        "dialogues": done,
        "cells": len(CELLS),
        "feedbacks": feedbacks,
        "flagged": len(flags),
        "seconds": round(time.perf_counter() - start, 1),
    }
    report("guard_scripted", figures, write=not options.no_write)
    if flags:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
