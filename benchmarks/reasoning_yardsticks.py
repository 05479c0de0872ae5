"""How far students without understanding get: python benchmarks/reasoning_yardsticks.py.

A *random* student of `SML-Reasoning-v0` gives the answer of another task of the same dataset, drawn anew each
turn; *retry* gives none twice; the *oracle* gives the reference. Three tasks of each dataset at its default
difficulty, train split, at most ten turns. Writes the card's last table and
`benchmarks/results/reasoning_yardsticks.json`.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from results_file import report

from sml_envs.reasoning import ReasoningEnv

TASKS, OTHERS, TURNS = 3, 12, 10
AT = (1, 4, 10)
CARD = Path(__file__).parent.parent / "envs" / "sml_envs" / "reasoning" / "README.md"


def solved_at(env: ReasoningEnv, task_id: str, answers: list[str]) -> int:
    """In which turn the answers solve the task, 0 for never."""
    env.reset(options={"task_id": task_id})
    for turn, answer in enumerate(answers, start=1):
        if env.step(f"Final answer:\n{answer}")[2]:
            return turn
    return 0


def main() -> None:
    """Measure all three students and write the table."""
    turns: dict[str, list[int]] = {"random": [], "retry": [], "oracle": []}
    for family in ReasoningEnv().source.families:  # type: ignore[attr-defined]
        env = ReasoningEnv(task=family.name, max_turns=TURNS, teacher="silent")
        draw, rng = np.random.default_rng(0), random.Random(family.name)
        tasks = [env.source.sample(draw) for _ in range(TASKS + OTHERS)]
        answers = [task.private.reveal().answer for task in tasks]
        others = sorted(set(answers[TASKS:]))
        for number in range(TASKS):
            task_id = tasks[number].id
            turns["random"].append(solved_at(env, task_id, rng.choices(answers[TASKS:], k=TURNS)))
            once = rng.sample(others, min(TURNS, len(others)))
            turns["retry"].append(solved_at(env, task_id, once))
            turns["oracle"].append(solved_at(env, task_id, [answers[number]]))
    figures = {
        student: {f"solve@{k}": round(sum(0 < turn <= k for turn in found) / len(found), 3) for k in AT}
        for student, found in turns.items()
    }
    report("reasoning_yardsticks", {"tasks": len(turns["oracle"]), **figures})
    told = {
        "random": "random: the answer of another task of the same dataset, drawn anew each turn",
        "retry": "retry: the same, but no answer twice",
        "oracle": "oracle: the reference answer",
    }
    lines = [
        f"{len(turns['oracle'])} tasks, {TASKS} of each dataset at level 0, at most {TURNS} turns:",
        "",
        "| student | solve@1 | solve@4 | solve@10 |",
        "| --- | --- | --- | --- |",
        *(
            f"| {told[student]} | " + " | ".join(f"{value:.2f}" for value in figures[student].values()) + " |"
            for student in told
        ),
    ]
    text = CARD.read_text("utf-8")
    head, _, rest = text.partition("<!-- yardsticks -->")
    _, _, tail = rest.partition("<!-- end of yardsticks -->")
    table = "\n".join(lines)
    CARD.write_text(f"{head}<!-- yardsticks -->\n{table}\n<!-- end of yardsticks -->{tail}", "utf-8")


if __name__ == "__main__":
    main()
