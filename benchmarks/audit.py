"""Does an audit tell good teachers from bad ones?

Audits the scripted teacher at each informativeness, the same with facts made wrong at known rates, and
the other controls, all on the same tasks with the same scripted student (`sml_gym.listener`). The noisy
teachers check the check: a truthfulness of 1 - p is right for the rate p, and `found` says how many of
the wrong facts that the record names were found in the words.

    python benchmarks/audit.py
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from results_file import report
from tqdm import tqdm

from sml_gym.audit import Audit, AuditedDialogue
from sml_gym.evaluation import Plan
from sml_gym.students import make_student

TEACHERS = (
    "scripted:0",
    "scripted:1",
    "scripted:2",
    "scripted:3",
    "noisy(0.1):scripted:2",
    "noisy(0.3):scripted:2",
    "noisy(1):scripted:2",
    "withholding(0.5):scripted:2",
    "delayed(1):scripted:2",
    "shuffled:scripted:2",
    "placebo:scripted:2",
    "binary",
    "retry",
    "silent",
)


def share_found(dialogues: list[AuditedDialogue]) -> float | None:
    """Of the wrong facts that were noted and can be judged in words, the share that was found false."""
    found = noted = 0
    for dialogue in dialogues:
        for reply in dialogue.replies:
            notes = dialogue.episode.turns[reply.turn - 1].notes.get("noise", {})
            told = [pair["told"] for pair in notes.get("replaced", [])]
            wrong = {(fact["kind"], tuple(sorted(fact["slots"].items()))) for fact in told}
            judged = [claim for claim in reply.claims if (claim.kind, claim.slots) in wrong]
            noted += sum(claim.true is not None for claim in judged)
            found += sum(claim.true is False for claim in judged)
    return round(found / noted, 4) if noted else None


def audited(teacher: str, n_tasks: int) -> dict[str, Any]:
    """One teacher's figures."""
    plan = Plan("SML-Math-v0", ("real", "binary"), teacher, n_tasks=n_tasks, max_turns=6)
    student = make_student("listener", plan.env, plan.tasks)
    begun = time.perf_counter()
    dialogues, results = Audit(plan, student, repeats=n_tasks).run()
    figures: dict[str, Any] = {"seconds": round(time.perf_counter() - begun, 2)}
    for name in ("truthfulness", "helpfulness", "leaks", "answered", "agreement", "length_chars"):
        value, interval = results[name]["value"], results[name]["ci95"]
        rounded = None if interval is None else [round(end, 4) for end in interval]
        figures[name] = {"value": None if value is None else round(value, 4), "ci95": rounded}
    figures["solved"] = round(results["helpfulness"]["audited"]["value"], 4)
    found = share_found(dialogues)
    return figures if found is None else figures | {"found": found}


def main() -> None:
    """Audit all, print the figures and write them."""
    parser = argparse.ArgumentParser(description="Audit the scripted teacher and the controls.")
    parser.add_argument("--n-tasks", type=int, default=400, help="tasks (default: %(default)s)")
    options = parser.parse_args()
    figures: dict[str, Any] = {"n_tasks": options.n_tasks, "max_turns": 6, "student": "listener"}
    for teacher in tqdm(TEACHERS):
        figures[teacher] = audited(teacher, options.n_tasks)
    report("audit", figures)


if __name__ == "__main__":
    main()
