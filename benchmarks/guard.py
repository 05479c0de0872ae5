"""Precision and recall of the guard on feedback that was marked by hand, and what a check costs.

    python benchmarks/guard.py    # every set that exists; misses only of those the rules were tuned on
    python benchmarks/guard.py --set dev
    python benchmarks/guard.py --set NEW --record-as guard_blind    # a set that nobody has looked at

The rules have by now been tuned on all four sets, so these figures say how well they fit and not how well
they generalise. For that there is `results/guard_blind.json`: `fresh2`, when the rules first met it.

A feedback counts as found if a guard with the policy `flag` around a teacher that says it notes a leak.
Intervals are Wilson's for a share (Wilson, *JASA* 22, 1927; Brown, Cai and DasGupta, *Statistical
Science* 16, 2001, section 3.1.1), at 95%. Rules only, without a judge model. The code rows are verified in
`tests/data/code_domain`, which needs `pydantic-monty`.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from benchmarks.results_file import report
from sml_envs.math import MathEnv
from sml_gym import Dialogue, Feedback, RowTasks, SMLEnv, Speaker, TeachingContext, Utterance
from sml_gym.teachers import Guard

Row = Mapping[str, Any]
DATA = Path(__file__).parent.parent / "tests" / "data"
TUNED = {"dev": True, "held_out": True, "fresh": True, "fresh2": True}
"""The sets, and whether the rules were tuned on them."""
_Z = 1.959963984540054


def path_of(name: str) -> Path:
    """Where a set lies."""
    return DATA / "guard" / f"{name}.jsonl"


def read_rows(name: str) -> list[Row]:
    """The rows of one set."""
    return [json.loads(line) for line in path_of(name).read_text("utf-8").splitlines() if line.strip()]


def contexts(rows: Sequence[Row]) -> list[tuple[Row, TeachingContext]]:
    """Each row with what a teacher would have been told before it said the row's feedback."""
    sys.path.insert(0, str(DATA / "code_domain"))
    from code_domain import CodeEnv
    from row_tasks import task_rows
    from text_domain import TextEnv

    made = []
    domains: dict[str, type[SMLEnv]] = {"math": MathEnv, "text": TextEnv, "code": CodeEnv}
    for domain, env_class in domains.items():
        own = [row for row in rows if row["domain"] == domain]
        if not own:
            continue
        env = env_class()
        source = RowTasks(task_rows(own, "task"), env.read_row)
        for row in own:
            task = source.get(str(row["task"]))
            dialogue = Dialogue([Utterance(Speaker.TEACHER, task.problem)])
            for turn, said in enumerate(row["student"]):
                dialogue.say(Utterance(Speaker.STUDENT, said))
                if turn < len(row["teacher"]):
                    dialogue.say(Utterance(Speaker.TEACHER, row["teacher"][turn]))
            seen = env.examine(task, row["student"][-1])
            turn = len(row["student"])
            made.append(
                (
                    row,
                    TeachingContext(
                        env, task, dialogue, seen.utterance, seen.verdict, seen.diagnosis, turn, 10, 0
                    ),
                )
            )
    return made


class Says:
    """A teacher that says one text."""

    name = "says"

    def __init__(self) -> None:
        self.text = ""

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """That text to everyone."""
        return [Feedback(self.text) for _ in contexts]


def check(rows: Sequence[Row]) -> list[tuple[Row, Mapping[str, Any], float]]:
    """Each row with the guard's note and the seconds that the check took."""
    teacher = Says()
    guard = Guard(teacher, "flag")
    found = []
    for row, context in contexts(rows):
        teacher.text = row["feedback"]
        start = time.perf_counter()
        (reply,) = guard.reply([context])
        seconds = time.perf_counter() - start
        if not isinstance(reply, Feedback):
            raise SystemExit(f"{row['id']}: the check broke: {reply}")
        found.append((row, reply.notes.get("guard", {"leak": False}), seconds))
    return found


def wilson(hits: int, total: int) -> list[float] | None:
    """Wilson's 95% interval for a share, None without a case."""
    if not total:
        return None
    share, z2 = hits / total, _Z**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    reach = _Z / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    return [round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4)]


SPREAD = frozenset(
    ["abbreviation", "completed", "confirmed", "described", "elimination", "offset", "paraphrase_with_answer"]
)
"""Forms of leaks that spread the answer over sentences, or lead to it without writing it as one piece."""


def share(hits: int, total: int) -> dict[str, Any]:
    """A share with its interval and its counts."""
    return {
        "value": round(hits / total, 4) if total else None,
        "ci95": wilson(hits, total),
        "of": [hits, total],
    }


def score(found: Iterable[tuple[Row, Mapping[str, Any], float]]) -> dict[str, Any]:
    """Recall, precision, both by domain, by form, and the time of a check.

    `one piece` recall is of the leaks that write the answer as one piece in any equal form, or quote
    the reference: what rules are for. It leaves out the forms in `SPREAD`.
    `written` recall is of the leaks in which the answer stands in some notation, `implied` recall of
    those from which it only follows; the judge is for the latter.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    forms: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    times = []
    for row, note, seconds in found:
        times.append(seconds)
        flagged, leak = bool(note["leak"]), bool(row["leak"])
        if leak:
            kind = "implied" if row.get("implied") else "written"
            counts[f"{kind} recall"][1] += 1
            counts[f"{kind} recall"][0] += flagged
            if kind == "written" and row["form"] not in SPREAD:
                counts["one piece recall"][1] += 1
                counts["one piece recall"][0] += flagged
        for group in ("all", str(row["domain"])):
            if leak:
                counts[f"{group} recall"][1] += 1
                counts[f"{group} recall"][0] += flagged
            if flagged:
                counts[f"{group} precision"][1] += 1
                counts[f"{group} precision"][0] += leak
        forms[f"{'leak' if leak else 'innocent'} {row['form']}"][1] += 1
        forms[f"{'leak' if leak else 'innocent'} {row['form']}"][0] += flagged
    milliseconds = 1000 * np.array(times)
    return {
        **{name: share(*counts[name]) for name in sorted(counts)},
        "flagged by form": {name: forms[name] for name in sorted(forms)},
        "ms per check": {f"p{q}": round(float(np.percentile(milliseconds, q)), 3) for q in (50, 95, 99)},
    }


def main() -> None:
    """Score, show what was missed, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", choices=TUNED, action="append", help="which set; default all that exist")
    parser.add_argument("--show-misses", action="store_true", help="show the misses of every set")
    parser.add_argument("--record-as", default="guard", help="name of the file under results")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    figures = {}
    for name in options.set or [name for name in TUNED if path_of(name).exists()]:
        found = check(read_rows(name))
        figures[name] = {"rules tuned on it": TUNED[name], **score(found)}
        if not (TUNED[name] or options.show_misses):
            continue
        for row, note, _ in found:
            if bool(note["leak"]) != row["leak"]:
                kind = "missed" if row["leak"] else f"wrongly flagged {note['forms']}"
                print(
                    f"{row['id']} {kind} ({row['form']}, answer {row['answer']!r:.60}): "
                    f"{row['feedback']!r:.300}"
                )
    for name, figure in figures.items():
        for key, value in figure.items():
            print(f"{name} {key}: {value}")
    report(options.record_as, figures, write=not options.no_write)


if __name__ == "__main__":
    main()
