"""Padding of micro-batches whose dialogues differ eightfold in length, and the seconds that it costs.

    OMP_NUM_THREADS=1 python benchmarks/packing.py

Dialogues of 60 to 480 tokens, as often short as long (log-uniform), every other token the student's, are
trained on by the embedded student with GRPO's loss, forward and backward, in micro-batches as the learners
make them (`split_by_length`). Beside it: micro-batches of like length filled to the limit whatever the
padding, and micro-batches of dialogues in the order in which they come. Padding is given as a share of the
dialogues' own tokens. The three take turns in rounds; CPU seconds are medians, ratios are taken round by
round with a bootstrap interval.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from accelerate import Accelerator

from benchmarks.results_file import report
from sml_agents.grpo import GRPOLearner, GRPOOptions
from sml_agents.learner import Sample
from sml_agents.load import load_student
from sml_agents.sft import LikeLengths
from sml_agents.tokens import TokenRecord, split_by_length

DIALOGUES, SHORTEST, LONGEST = 128, 60, 480


def samples(vocabulary: int) -> list[Sample]:
    """Dialogues of random tokens."""
    rng = np.random.default_rng(0)
    found = []
    for length in np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST), DIALOGUES)).astype(int):
        student = np.arange(length) % 2 == 1
        record = TokenRecord(
            rng.integers(3, vocabulary, length),
            student,
            np.ones(length, np.int64),
            np.where(student, np.float32(-6), np.float32(0)),
        )
        found.append(Sample(record, np.where(student, np.float32(1), np.float32(0))))
    return found


def in_order(lengths: list[int], most: int) -> list[list[int]]:
    """Groups in the order of the dialogues, each padded to at most `most` tokens."""
    groups: list[list[int]] = []
    for index, length in enumerate(lengths):
        longest = max([length, *(lengths[i] for i in groups[-1])]) if groups else 0
        if groups and (len(groups[-1]) + 1) * longest <= most:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=8, help="rounds of all three (default: 8)")
    parser.add_argument("--most", type=int, default=16_384, help="tokens of a micro-batch (default: 16384)")
    parser.add_argument("--student", default="embedded", help="the model (default: embedded)")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    model, tokenizer = load_student(args.student)
    learner = GRPOLearner(GRPOOptions(device="cpu"), Accelerator(cpu=True), model)
    found = samples(len(tokenizer))
    lengths = [len(sample.record) for sample in found]
    ways = {
        "ours": split_by_length(lengths, args.most),
        "filled to the limit": split_by_length(lengths, args.most, float("inf")),
        "in order": in_order(lengths, args.most),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(args.rounds + 1):
        for name, groups in ways.items():
            model.zero_grad()
            clock = time.process_time()
            for group in groups:
                learner.loss([found[i] for i in group])[0].backward()  # type: ignore[no-untyped-call]
            if round_:  # the first warms up
                seconds[name].append(time.process_time() - clock)
    figures: dict[str, object] = {
        "dialogues": DIALOGUES,
        "tokens": sum(lengths),
        "longest_over_shortest": round(max(lengths) / min(lengths), 2),
        "tokens_of_a_microbatch": args.most,
        "parameters": sum(p.numel() for p in model.parameters()),
        "threads": torch.get_num_threads(),
    }
    rng = np.random.default_rng(0)
    for name, groups in ways.items():
        slots = sum(len(group) * max(lengths[i] for i in group) for group in groups)
        ratios = np.asarray(seconds["ours"]) / np.asarray(seconds[name])
        draws = rng.choice(ratios, (2_000, len(ratios))).mean(axis=1)
        figures[name] = {
            "padding": round(slots / sum(lengths) - 1, 4),
            "microbatches": len(groups),
            "cpu_seconds": round(float(np.median(seconds[name])), 3),
            "ours_over_it": round(float(ratios.mean()), 3),
            "ours_over_it_95": [round(float(q), 3) for q in np.quantile(draws, [0.025, 0.975])],
        }
    # Fine-tuning: TRL's trainer, in batches of 16 dialogues whose gradients are computed 8 at a time.
    drawn = list(LikeLengths(lengths, 16, seed=0))
    eights = [drawn[i : i + 8] for i in range(0, len(drawn), 8)]
    figures["fine-tuning, padding"] = round(
        sum(len(eight) * max(lengths[i] for i in eight) for eight in eights) / sum(lengths) - 1, 4
    )
    report("packing", figures, write=not args.no_write)


if __name__ == "__main__":
    main()
