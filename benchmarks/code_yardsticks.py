"""What students of `SML-Code-v0` reach who heed no feedback: yardsticks for those who do.

- constant: a function that always returns what the first public example expects;
- examples: a table of the public examples, and the first one's value for all else;
- neighbour: the reference of another task of the same family and level, with the name changed, another
  one each turn;
- oracle: the reference.

    python benchmarks/code_yardsticks.py [--tasks 1000]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

import gymnasium as gym
import numpy as np
from results_file import report
from tqdm import tqdm

import sml_gym  # noqa: F401  registers the environment
from sml_envs.code import CodeEnv
from sml_envs.code.cases import show_value
from sml_gym import Task
from sml_gym.seeding import stable_hash

TURNS = 10


def constant(env: CodeEnv, task: Task, turn: int) -> str:
    """Always the first public example's value."""
    data = task.private.reveal().data
    shown = [case for case in data["cases"] if case.shown]
    return f"def {data['entry_point']}(*args):\n    return {show_value(shown[0].expected)}"


def examples(env: CodeEnv, task: Task, turn: int) -> str:
    """The public examples by heart."""
    data = task.private.reveal().data
    shown = [case for case in data["cases"] if case.shown]
    lines = [f"    if args == {show_value(case.args)}: return {show_value(case.expected)}" for case in shown]
    last = f"    return {show_value(shown[0].expected)}"
    return "\n".join([f"def {data['entry_point']}(*args):", *lines, last])


def neighbour(env: CodeEnv, task: Task, turn: int) -> str:
    """The reference of another task of the same family and level, under this task's name."""
    rng = np.random.default_rng(stable_hash("neighbour", task.id, turn))
    other = env.source.sample(rng, like=task).private.reveal()
    name = task.private.reveal().data["entry_point"]
    return re.sub(rf"\b{other.data['entry_point']}\b", str(name), other.answer)


def oracle(env: CodeEnv, task: Task, turn: int) -> str:
    """The reference."""
    return task.private.reveal().answer


STUDENTS: tuple[Callable[[CodeEnv, Task, int], str], ...] = (constant, examples, neighbour, oracle)


def main() -> None:
    """Hold the dialogues, print the figures and write them."""
    parser = argparse.ArgumentParser(description="Students of SML-Code-v0 who heed no feedback.")
    parser.add_argument("--tasks", type=int, default=1000, help="of the test split (default: %(default)s)")
    options = parser.parse_args()
    env = gym.make("SML-Code-v0", split="test", teacher="binary", max_turns=TURNS).unwrapped
    assert isinstance(env, CodeEnv)
    tasks = env.source.take(options.tasks, seed=0)
    figures: dict[str, object] = {"tasks": len(tasks)}
    for student in STUDENTS:
        solved_at = []
        for task in tqdm(tasks, desc=student.__name__):
            env.reset(options={"task_id": task.id})
            turn, solved = 0, False
            while env.stop_reason is None:
                turn += 1
                program = student(env, env.task, turn)
                solved = env.step(f"```python\n{program}\n```")[2]
                if student in (constant, examples, oracle):  # these say the same each turn
                    break
            solved_at.append(turn if solved else TURNS + 1)
        figures[student.__name__] = {
            f"solve@{k}": round(sum(turn <= k for turn in solved_at) / len(tasks), 3) for k in (1, 4, TURNS)
        }
    report("code_yardsticks", figures)


if __name__ == "__main__":
    main()
