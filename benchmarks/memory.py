"""Peak memory of a training step beside its floor and beside what `sml-gym train --dry-run` says.

    OMP_NUM_THREADS=1 python benchmarks/memory.py                              # some 5 minutes
    OMP_NUM_THREADS=1 python benchmarks/memory.py --students 5M 30M smollm2    # some 10 minutes more

GRPO steps of 4 problems x 8 dialogues (of SmolLM2 1 x 8), four turns of up to 16 tokens, with all weights or
adapters of rank 8, with activations kept or computed again, in float32 and bfloat16. Every allocation and
release of the process is recorded from before the model is loaded, those inside operations too (PyTorch's
profiler on the CPU, the allocator's own peak on CUDA), and the peak of the second step counts, when the
optimizer's state is there. Peaks are given for holding the dialogues and for the update.

The floor of the update is what must be there at once: weights, their gradients, AdamW's two numbers for each
that is trained, and for the largest micro-batch the activations that a plain forward pass keeps (with
recomputing: what enters each layer, and of one layer all) and one float32 table of the student's tokens'
logits. Of holding it is weights, AdamW's numbers, and the keys and values of the tokens of all dialogues
under way in the fullest turn. The step's floor is the larger. With recomputing it is some hundredths too
high, since by the time a layer is computed again what stands after it is gone. `rss` is the growth of the
process's resident memory over a run of its own without the profiler, from before the model is loaded to the
highest (VmHWM): it holds the allocator's holes and the libraries' own buffers too.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from benchmarks.benchmark_students import SIZES, benchmark_student
from benchmarks.results_file import report
from sml_agents import plan as planning
from sml_agents.grpo import GRPOLearner, GRPOOptions
from sml_agents.learner import Sample, Samples, spread
from sml_agents.load import load_student
from sml_agents.online import train_online
from sml_agents.tokens import token_record
from sml_gym import Episode

GROUP, TURNS, MAX_TOKENS, RANK = 8, 4, 16, 8
MIB = 2**20
WAYS: dict[str, dict[str, Any]] = {
    "all weights": {},
    "all weights, recomputed": {"activation_checkpointing": True},
    "adapters": {"lora_rank": RANK},
    "adapters, recomputed": {"lora_rank": RANK, "activation_checkpointing": True},
}


class Meter:
    """The most memory held at once in each span between two marks (bytes)."""

    def __init__(self, *, on_gpu: bool, recording: bool) -> None:
        self.on_gpu = on_gpu
        self.marks: list[tuple[str, int]] = []
        self.peaks: list[tuple[str, int]] = []
        self.recorder = profile(activities=[ProfilerActivity.CPU], profile_memory=True)
        self.recording = recording and not on_gpu
        if self.recording:
            self.recorder.start()

    def mark(self, span: str) -> None:
        """A span begins, and the one before ends."""
        if self.on_gpu:
            if self.marks:
                self.peaks.append((self.marks[-1][0], torch.cuda.max_memory_allocated()))
            torch.cuda.reset_peak_memory_stats()
        self.marks.append((span, time.time_ns()))

    def stop(self) -> dict[str, int]:
        """The peak of the last span of each name."""
        self.mark("end")
        if self.recording:
            self.recorder.stop()
            events = [e for e in self.recorder.profiler.kineto_results.events() if e.name() == "[memory]"]
            events.sort(key=lambda event: event.start_ns())
            times = np.array([event.start_ns() for event in events])
            held = np.cumsum([event.nbytes() for event in events])
            for (span, begin), (_, end) in zip(self.marks, self.marks[1:], strict=False):
                first, last = np.searchsorted(times, [begin, end])
                self.peaks.append((span, int(held[max(0, first - 1) : last].max())))
        return dict(self.peaks)


class EveryDialogue(GRPOLearner):
    """GRPO on all dialogues, whether their returns differ or not; takes notes for the floor."""

    meter: Meter
    cached = 0
    largest = (1, 1, 0)

    def samples(self, episodes: Sequence[Episode]) -> Samples:
        records = [token_record(episode) for episode in episodes]
        by_turn = [
            sum(int((r.turn <= turn).sum()) for r in records if len(r) and r.turn[-1] >= turn)
            for turn in range(1, TURNS + 1)
        ]
        self.cached = max(by_turn)
        found = [Sample(r, spread(r, (-1.0) ** i)) for i, r in enumerate(records) if len(r)]
        return Samples(found, float(sum(r.student.sum() for r in records)), 1, 1)

    def loss(self, samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        lengths = [len(sample.record) for sample in samples]
        said = sum(int(sample.record.student.sum()) for sample in samples)
        self.largest = max(self.largest, (len(lengths), max(lengths), said), key=lambda n: n[0] * n[1])
        return super().loss(samples)

    def learn(self, episodes: Sequence[Episode], step: int) -> dict[str, float]:
        self.meter.mark("update")
        return super().learn(episodes, step)


def step_in_process(connection: Connection, given: dict[str, Any], recording: bool) -> None:
    """Two steps of a run; sends what they took."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        options = GRPOOptions(out=folder, **given)
        on_gpu = options.device == "auto" and torch.cuda.is_available()
        before = resident("VmRSS")
        meter = Meter(on_gpu=on_gpu, recording=recording)
        learners: list[EveryDialogue] = []
        floor: dict[str, int] = {}

        def make(*args: Any) -> EveryDialogue:
            learners.append(EveryDialogue(options, *args))
            learners[0].meter = meter
            return learners[0]

        meter.mark("holding")

        def on_step(metrics: dict[str, Any]) -> None:
            if metrics["step"] < options.steps:
                meter.mark("holding")
            else:
                meter.mark("over")
                floor.update(floors(options, learners[0]))

        train_online(options, make, "", progress=False, on_step=on_step)
        peaks = meter.stop()
        found: dict[str, Any] = {"rss": resident("VmHWM") - before, "peaks": peaks}
        if recording:
            found |= {"floor": floor, "estimate": planning.plan(options).peak}
        connection.send(found)


def floors(options: GRPOOptions, learner: EveryDialogue) -> dict[str, int]:
    """What holding and the update must take at least (bytes), by part."""
    rows, length, said = learner.largest
    model, autocast = learner.model, options.precision == "bf16"
    trained = sum(p.numel() for p in learner.parameters())
    fixed = sum(p.nbytes for p in model.parameters()) + 8 * trained
    kept = planning.activations_of(
        model, rows, length, autocast=autocast, again=options.activation_checkpointing
    )
    logits = 4 * said * model.get_output_embeddings().weight.shape[0]
    return {
        "holding": fixed + learner.cached * planning.cache_of(model, 1, autocast=autocast),
        "update": fixed + 4 * trained + kept + logits,
    }


def resident(field: str) -> int:
    """A field of this process's status (bytes)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise ValueError(field)


def in_process(given: dict[str, Any], recording: bool) -> dict[str, Any]:
    """`step_in_process` in a process of its own, whose memory holds nothing else."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=step_in_process, args=(there, given, recording))
    process.start()
    there.close()
    found: dict[str, Any] = here.recv()
    process.join()
    return found


def student_folder(name: str, folder: Path) -> Path:
    """A student to load from safetensors, as any other model."""
    if name != "smollm2":
        return benchmark_student(name, folder)
    copy = folder / "smollm2"
    if not (copy / "model.safetensors").exists():
        model, tokenizer = load_student("smollm2")
        model.save_pretrained(copy)
        tokenizer.save_pretrained(copy)
    return copy


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--students", nargs="+", choices=[*SIZES, "smollm2"], default=list(SIZES), help="default: 5M 30M"
    )
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), help="default: all")
    parser.add_argument("--precisions", nargs="+", choices=["no", "bf16"], default=["no", "bf16"])
    parser.add_argument("--device", choices=["cpu", "auto"], default="cpu", help="auto: CUDA if there is one")
    parser.add_argument("--folder", type=Path, default=Path("runs"), help="where the students are kept")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    figures: dict[str, Any] = {}
    for name in args.students:
        for precision in args.precisions:
            for way in args.ways:
                given = {
                    "env_options": {"families": ["last_digits_product", "last_digits_sum"]},
                    "student": str(student_folder(name, args.folder)),
                    "steps": 2,
                    "problems_per_step": 1 if name == "smollm2" else 4,
                    "group_size": GROUP,
                    "max_turns": TURNS,
                    "max_tokens_per_turn": MAX_TOKENS,
                    "lr": 1e-9,
                    "precision": precision,
                    "device": args.device,
                    "save_every": 0,
                    **WAYS[way],
                }
                found = in_process(given, True)
                peaks, floor = found["peaks"], found["floor"]
                parts = {part: (peaks[part] / MIB, floor[part] / MIB) for part in ("holding", "update")}
                row: dict[str, Any] = {
                    f"{part}_mib": {
                        "peak": round(peak, 1),
                        "floor": round(least, 1),
                        "ratio": round(peak / least, 3),
                    }
                    for part, (peak, least) in parts.items()
                }
                row["step_ratio"] = round(
                    max(p for p, _ in parts.values()) / max(f for _, f in parts.values()), 3
                )
                row["estimate_mib"] = round(found["estimate"] / MIB, 1)
                if way == args.ways[0]:
                    row["rss_mib"] = round(in_process(given, False)["rss"] / MIB, 1)
                label = f"{name}, {'float32' if precision == 'no' else 'bfloat16'}, {way}"
                figures[label] = row
                print(f"{label}: {row}", flush=True)
    report("memory", figures, write=not args.no_write)


if __name__ == "__main__":
    main()
