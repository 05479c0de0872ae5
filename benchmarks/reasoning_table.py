"""What every dataset of reasoning-gym gives: python benchmarks/reasoning_table.py [--only NAME ...].

For each dataset and each level of its curriculum: whether the reference answers score 1, whether the same
seeds give the same items in another process, in another order and under another PYTHONHASHSEED, whether
global random states are left alone, how many texts are distinct, how long an item and a score take, and which
answers other than the reference score 1. Writes `envs/sml_envs/reasoning/record.json`, from which the domain
knows what to serve and what to refuse, the table in the domain's README, and
`benchmarks/results/reasoning_table.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.metadata
import io
import json
import os
import random
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from sml_gym.errors import ConfigError
from sml_gym.workers import DeadlineExceeded, WorkerError, WorkerPool

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "envs" / "sml_envs" / "reasoning"
CELL_SECONDS = 40.0
SLOW_SCORE_SECONDS = 2.0
"""A level is refused if the score of a reference answer takes longer."""
SLOW_SECONDS = 5.0
"""A level is refused if one of its items takes longer."""
DISTINCT_SECONDS = 0.5
DISTINCT_DRAWS = 200
FEWEST_DISTINCT = 40

EXECUTES = (
    "binary_matrix",
    "countdown",
    "intermediate_integration",
    "n_queens",
    "polynomial_multiplication",
    "puzzle24",
    "simple_integration",
    "spiral_matrix",
    "string_insertion",
)
"""Datasets whose scorers execute the answer (`eval`, or `parse_expr`, which evaluates Python)."""

EQUAL = ("binary_matrix", "n_queens", "spiral_matrix", "string_insertion")
"""Datasets with scorers of their own that give 1 to equal text only, and less to what they execute."""

REFUSED = {
    "codeio": "it runs programs written by language models while it makes a problem, in the caller's process",
    "composite": "it is a mixture of other datasets; name them in `task` instead",
}
"""Datasets that are not even tried."""


ODD = ("NaN", "nan", "inf", "0", "None", "[]", "{}", "True", "False", "no", "1", "[NaN]", "xyzzy", "Infinity")


# ---- in the worker ----


def probe(name: str, level: int, numbers: list[int], quirks: list[str], wrong: bool) -> dict[str, Any]:
    """Items of one level, made and scored."""
    from sml_envs.reasoning import checks, codec, families, golds, library, scoring, verify

    found: dict[str, Any] = {"ids": [], "ms": [], "score_ms": [], "gold_bad": [], "kind": [], "lines": False}
    found |= {"global": False, "prints": False, "fresh": False, "unservable": 0, "uncodable": ""}
    library.configure(name, level, {})
    with contextlib.suppress(RuntimeError, ValueError):
        library.generate(name, level, {}, 0, quirks)  # reading files is not the item's time
    for position, number in enumerate(numbers):
        seed = random.Random(f"{name}:{level}:{number}").getrandbits(library.SEED_BITS)
        states = _states()
        printed = io.StringIO()
        began = time.perf_counter()
        try:
            with contextlib.redirect_stdout(printed):
                item = library.generate(name, level, {}, seed, quirks)
        except ConfigError:
            raise
        except (RuntimeError, ValueError):  # the domain draws another one
            found["unservable"] += 1
            found["ids"].append("failed")
            continue
        found["ms"].append(1000 * (time.perf_counter() - began))
        found["global"] |= _states() != states
        found["prints"] |= bool(printed.getvalue())
        if position < 4 and "fresh" not in quirks:
            with contextlib.redirect_stdout(io.StringIO()):
                anew = library.generate(name, level, {}, seed, [*quirks, "fresh"])
            found["fresh"] |= repr(anew) != repr(item)
        good = families.servable(name, item)
        gold = golds.gold_answer(name, item) if good else None
        told = repr((item["question"], item["answer"], gold)).encode()
        found["ids"].append(hashlib.blake2b(told, digest_size=8).hexdigest())
        if not good:
            found["unservable"] += 1
            continue
        if gold is None:
            found["gold_bad"].append("none was found")
            continue
        found["lines"] |= "\n" in gold or gold.startswith(("[", "{"))
        try:
            sent = json.loads(json.dumps(codec.encode(item)))
        except TypeError as exc:
            found["uncodable"] = str(exc)
            continue
        began = time.perf_counter()
        score = scoring.score(name, level, {}, sent, verify.tidy(name, gold))
        found["score_ms"].append(1000 * (time.perf_counter() - began))
        good = score is not None and score >= 1 and not checks.refusal(name, item, gold)
        if not good or not checks.stands(name, item, gold, gold):
            found["gold_bad"].append(f"{gold[:60]!r} scores {score}")
    if wrong:
        began, texts = time.perf_counter(), []
        while len(texts) < DISTINCT_DRAWS and time.perf_counter() - began < DISTINCT_SECONDS:
            seed = random.Random(f"{name}:{level}:{len(texts)}:d").getrandbits(library.SEED_BITS)
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(RuntimeError, ValueError):
                texts.append(library.generate(name, level, {}, seed, quirks)["question"])
        found["drawn"], found["distinct"] = len(texts), len(set(texts))
    return found


def _states() -> tuple[Any, bytes]:
    return random.getstate(), np.random.get_state()[1].tobytes()  # type: ignore[union-attr]  # noqa: NPY002


def too_kind(name: str, level: int, quirks: list[str]) -> list[list[str]]:
    """Answers other than the reference that are taken for right, for a person to look at."""
    from sml_envs.reasoning import checks, codec, families, golds, library, scoring

    golden: list[tuple[dict[str, Any], str]] = []
    for number in range(6):
        seed = random.Random(f"{name}:{level}:{number}").getrandbits(library.SEED_BITS)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                item = library.generate(name, level, {}, seed, quirks)
        except (RuntimeError, ValueError):
            continue
        gold = golds.gold_answer(name, item) if families.servable(name, item) else None
        if gold is not None:
            golden.append((item, gold))
    found: list[list[str]] = []
    for item, gold in golden:
        words = gold.split(" ")
        others = [other for _, other in golden if other != gold]
        digit = re.search(r"\d", gold)
        changed = []
        if digit is not None:
            changed = [gold[: digit.start()] + str((int(digit[0]) + 1) % 10) + gold[digit.end() :]]
        swapped = [" ".join([*words[:-2], words[-1], words[-2]])] if len(words) > 1 else []
        for answer in (*others, *changed, *swapped, gold[:-1], gold + "x", gold + " 1", gold * 2, *ODD):
            if answer == gold or not answer or checks.refusal(name, item, answer):
                continue
            score = scoring.score(name, level, {}, codec.encode(item), answer)
            if score is not None and score >= 1 and checks.stands(name, item, gold, answer):
                found.append([gold[:80], answer[:80]])
                if len(found) > 2:
                    return found
    return found


# ---- here ----


PROBE = "reasoning_table:probe"


class HashedWorker:
    """A worker process with a given PYTHONHASHSEED, also after one was killed at its deadline."""

    def __init__(self, hash_seed: str) -> None:
        self._hash_seed = hash_seed
        self._pool: WorkerPool | None = None

    def call(self, function: str, *arguments: Any, deadline: float) -> Any:
        """As `WorkerPool.call`."""
        if self._pool is None:
            self._pool = WorkerPool(1, memory_bytes=4 * 2**30)
        os.environ["PYTHONHASHSEED"] = self._hash_seed  # processes get the environment of their start
        try:
            if self._pool.call("os:getenv", "PYTHONHASHSEED", deadline=5.0) != self._hash_seed:
                raise RuntimeError("a worker was started with another PYTHONHASHSEED")
            return self._pool.call(function, *arguments, deadline=deadline)
        except DeadlineExceeded:
            self.close()  # a pool replaces its worker by itself, who knows with which environment
            raise

    def close(self) -> None:
        """Kill the process; the next call starts another."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None


def measure(names: list[str], items: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record of some datasets, and answers for a person to look at."""
    from reasoning_gym.dataset import ProceduralDataset

    from sml_envs.reasoning import library

    pools = [HashedWorker("1"), HashedWorker("2")]
    record: dict[str, Any] = {}
    looked_at: dict[str, Any] = {}
    for name in names:
        scorer = library.registry()[name][0].score_answer
        category = library.registry()[name][0].__module__.split(".")[1]
        facts: dict[str, Any] = {
            "category": category,
            "refused": REFUSED.get(name, ""),
            "equal": scorer is ProceduralDataset.score_answer or name in EQUAL,
            "executes": name in EXECUTES,
            "lines": False,
            "quirks": [],
            "levels": {},
        }
        if not facts["refused"]:
            for level in range(library.max_level(name) + 1):
                number = items if level == 0 else max(items // 2, 4)
                cell = _cell(pools, name, level, number, facts, looked_at)
                facts["levels"][str(level)] = cell
                print(name, level, cell["refused"] or "ok", cell.get("ms"), flush=True)
            if all(cell["refused"] for cell in facts["levels"].values()):
                facts["refused"] = facts["levels"]["0"]["refused"]
        facts["quirks"] = sorted(facts["quirks"])
        record[name] = facts
    for pool in pools:
        pool.close()
    return record, looked_at


def _cell(
    pools: list[HashedWorker],
    name: str,
    level: int,
    items: int,
    facts: dict[str, Any],
    looked_at: dict[str, Any],
) -> dict[str, Any]:
    """One level of one dataset: what was found, and why it is refused (empty: it is served)."""
    numbers, quirks = list(range(items)), facts["quirks"]
    try:
        first = pools[0].call(PROBE, name, level, numbers, quirks, True, deadline=CELL_SECONDS)
        new = [quirk for quirk in ("fresh", "global", "prints") if first[quirk] and quirk not in quirks]
        if new:
            quirks += new
            first = pools[0].call(PROBE, name, level, numbers, quirks, True, deadline=CELL_SECONDS)
        second = pools[1].call(PROBE, name, level, numbers[::-1], quirks, False, deadline=CELL_SECONDS)
        if first["ids"] != second["ids"][::-1] and "hash" not in quirks:
            quirks.append("hash")
            first = pools[0].call(PROBE, name, level, numbers, quirks, True, deadline=CELL_SECONDS)
            second = pools[1].call(PROBE, name, level, numbers[::-1], quirks, False, deadline=CELL_SECONDS)
    except DeadlineExceeded:
        return {"refused": f"{items} items take more than {CELL_SECONDS:g} s"}
    except WorkerError as exc:
        return {"refused": re.sub(r"^ConfigError: |\. Change the values of.*$", "", str(exc))[:160]}
    facts["lines"] |= first["lines"]
    if not facts["equal"]:
        with contextlib.suppress(WorkerError):  # what takes too long to try out is left out
            found = pools[0].call("reasoning_table:too_kind", name, level, quirks, deadline=CELL_SECONDS)
            if found:
                looked_at[f"{name}:{level}"] = found
    same = first["ids"] == second["ids"][::-1]
    slowest, slowest_score = max(first["ms"], default=0.0), max(first["score_ms"], default=0.0)
    cell = {
        "items": items,
        "gold_scores_1": not first["gold_bad"],
        "deterministic": same,
        "ms": round(statistics.mean(first["ms"] or [0.0]), 2),
        "slowest_ms": round(slowest, 1),
        "slowest_score_ms": round(slowest_score, 2),
        "drawn": first["drawn"],
        "distinct": first["distinct"],
        "refused": "",
    }
    if first["uncodable"]:
        cell["refused"] = f"its items cannot be handed to another process: {first['uncodable']}"
    elif 2 * first["unservable"] > items:
        cell["refused"] = "most items have no answer, cannot be made, or are too long for an utterance"
    elif first["gold_bad"]:
        cell["refused"] = f"the reference answer does not score 1: {first['gold_bad'][0]}"
    elif not same:
        cell["refused"] = (
            "the same seed gives other items in another process (another order and PYTHONHASHSEED)"
        )
    elif slowest > 1000 * SLOW_SECONDS:
        cell["refused"] = f"an item took {slowest / 1000:.0f} s"
    elif slowest_score > 1000 * SLOW_SCORE_SECONDS:
        cell["refused"] = f"scoring the reference answer took {slowest_score / 1000:.0f} s"
    elif first["distinct"] < FEWEST_DISTINCT and first["drawn"] > 2 * first["distinct"]:
        count = f"{first['distinct']} of {first['drawn']}"
        cell["refused"] = f"only {count} texts are distinct, too few for three splits"
    return cell


def write_table(record: dict[str, Any]) -> None:
    """The table in the domain's card."""
    from sml_envs.reasoning.checks import TOO_KIND
    from sml_envs.reasoning.diagnose import findings

    lines = [
        "| dataset | category | levels | gold scores 1 | deterministic | scored | ms an item "
        "| what the scripted teacher finds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    refused = ["| dataset | level | why it is refused |", "| --- | --- | --- |"]
    for name, facts in record.items():
        cells = {int(level): cell for level, cell in facts["levels"].items()}
        served = {level: cell for level, cell in cells.items() if not cell["refused"]}
        if facts["refused"]:
            refused.append(f"| `{name}` | all | {facts['refused']} |")
            continue
        for level, cell in cells.items():
            if cell["refused"]:
                refused.append(f"| `{name}` | {level} | {cell['refused'].replace('|', '/')} |")
        scored = "equal text" if facts["equal"] else "own scorer"
        scored += ", executes" if facts["executes"] else ""
        scored += ", and our check" if name in TOO_KIND else ""
        tried = [cell for cell in cells.values() if "gold_scores_1" in cell]
        gold = "yes" if all(cell["gold_scores_1"] for cell in tried) else "at these levels"
        same = "yes" if all(cell["deterministic"] for cell in tried) else "at these levels"
        same += f" ({', '.join(facts['quirks'])})" if facts["quirks"] else ""
        middle = statistics.median(cell["ms"] for cell in served.values())
        lines.append(
            f"| `{name}` | {facts['category']} | {_spans(sorted(served))} | {gold} | {same} | {scored} "
            f"| {middle:.3g} | {findings(name)} |"
        )
    path = FOLDER / "README.md"
    text = path.read_text("utf-8")
    for marker, table in (("datasets", lines), ("refused", refused)):
        begin, end = f"<!-- {marker} -->", f"<!-- end of {marker} -->"
        head, _, rest = text.partition(begin)
        _, _, tail = rest.partition(end)
        text = f"{head}{begin}\n" + "\n".join(table) + f"\n{end}{tail}"
    path.write_text(text, "utf-8")


def _spans(levels: list[int]) -> str:
    """Levels as spans: `0-4, 6`."""
    spans: list[list[int]] = []
    for level in levels:
        if spans and level == spans[-1][-1] + 1:
            spans[-1].append(level)
        else:
            spans.append([level])
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans)


def main() -> None:
    """Measure, and write all three."""
    from results_file import RESULTS, report

    from sml_envs.reasoning import library

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=None, help="measure these and keep the others' records")
    parser.add_argument("--items", type=int, default=20)
    arguments = parser.parse_args()
    path = FOLDER / "record.json"
    names = sorted(library.registry() if arguments.only is None else arguments.only)
    began = time.perf_counter()
    record, looked_at = measure(names, arguments.items)
    if arguments.only is not None:
        kept = json.loads((RESULTS / "reasoning_table.json").read_text("utf-8"))["figures"]
        before = kept["other_answers_taken_for_right"]
        looked_at = {k: v for k, v in before.items() if k.split(":")[0] not in names} | looked_at
        record = {**json.loads(path.read_text("utf-8"))["datasets"], **record}
    version = importlib.metadata.version("reasoning-gym")
    whole = {"reasoning_gym": version, "datasets": dict(sorted(record.items()))}
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_table(whole["datasets"])
    cells = [cell for facts in record.values() for cell in facts["levels"].values()]
    served = [facts for facts in record.values() if not facts["refused"]]
    figures = {
        "reasoning_gym": version,
        "datasets": len(record),
        "served": len(served),
        "refused": {name: facts["refused"] for name, facts in record.items() if facts["refused"]},
        "levels_served": sum(not cell["refused"] for cell in cells),
        "levels_refused": sum(bool(cell["refused"]) for cell in cells),
        "decided_without_a_process": sum(facts["equal"] for facts in served),
        "other_answers_taken_for_right": looked_at,
        "minutes": round((time.perf_counter() - began) / 60, 1),
    }
    report("reasoning_table", figures)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
