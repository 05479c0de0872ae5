"""CPU seconds of one GRPO step, beside TRL's GRPOTrainer doing the same dialogues on the same model.

    OMP_NUM_THREADS=1 python benchmarks/grpo_step.py

Both sides train the same 5M-parameter student, which a short pretraining has taught to speak, on
the maths domain with the scripted teacher: 16 problems x 8 dialogues a step, four turns, one epoch, no
KL, one optimizer step. TRL gets its dialogues from a `rollout_func` that talks to the same
environments and calls `model.generate` in every turn, as its examples do, and marks the student's
tokens with `env_mask`. The learning rate is nearly zero, so that both sides go on holding dialogues
of the same lengths. What is counted is the process's CPU time (all threads) from the end of one
optimizer step to the end of the next; the sides take turns in blocks of steps, and the ratio is taken
block by block, with a bootstrap interval over blocks.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import gymnasium as gym
import numpy as np
import torch

from benchmarks.results_file import report
from sml_agents.chat import ChatFormat
from sml_agents.load import load_student
from sml_envs.math import MathEnv
from sml_gym import Dialogue, Outcome, Task, Verdict, env_factory
from sml_gym.seeding import stable_hash
from sml_gym.vector import step_together

PROBLEMS, GROUP, TURNS, MAX_TOKENS = 16, 8, 4, 16
FAMILIES = ("last_digits_product", "last_digits_sum")


class UnitsDigitEnv(MathEnv):
    """The maths domain with a lenient verifier: the units digit decides.

    A third of a guessing student's dialogues are solved, so nearly every group has a spread of returns and
    is trained on, as TRL trains on every group.
    """

    def verify(self, task: Task, answer: str) -> Verdict:
        """Correct if the last characters agree."""
        right = answer[-1:] == task.private.reveal().answer[-1:]
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)


ENV_ID = "UnitsDigit-v0"
gym.register(ENV_ID, entry_point=UnitsDigitEnv)


class TrlSide:
    """TRL's GRPOTrainer with a `rollout_func`; counts CPU seconds a step."""

    def __init__(self, student: Path, minibatch: int, steps: int, folder: str) -> None:
        from datasets import Dataset
        from transformers import TrainerCallback
        from trl import GRPOConfig, GRPOTrainer

        model, tokenizer = load_student(str(student))
        self.format = ChatFormat(tokenizer)
        self.tokenizer: Any = tokenizer
        self.stop_ids = sorted(self.format.stop_ids)
        self.make_env = env_factory(ENV_ID, families=FAMILIES, max_turns=TURNS)
        self.envs = [self.make_env() for _ in range(PROBLEMS * GROUP)]
        self.seconds: list[float] = []
        self.student_tokens: list[int] = []
        side = self

        class Clock(TrainerCallback):  # type: ignore[misc]
            def on_step_end(self, *args: Any, **kwargs: Any) -> None:
                now = time.process_time()
                side.seconds.append(now - side.last)
                side.last = now

        prompts = [[{"role": "user", "content": str(seed)}] for seed in range(PROBLEMS * (steps + 1))]
        config = GRPOConfig(
            output_dir=folder,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            per_device_train_batch_size=minibatch,
            gradient_accumulation_steps=PROBLEMS * GROUP // minibatch,
            num_generations=GROUP,
            max_completion_length=512,
            max_steps=steps,
            learning_rate=1e-9,
            beta=0.0,
            loss_type="grpo",
            num_iterations=1,
            report_to=[],
            save_strategy="no",
            logging_steps=1000,
            disable_tqdm=True,
            shuffle_dataset=False,
        )
        self.trainer = GRPOTrainer(
            model=model,
            reward_funcs=lambda completions, reward, **_: reward,
            args=config,
            train_dataset=Dataset.from_list([{"prompt": prompt} for prompt in prompts]),
            processing_class=tokenizer,
            rollout_func=self.hold,
            callbacks=[Clock()],
        )

    def run(self) -> None:
        self.last = time.process_time()
        self.trainer.train()

    @torch.no_grad()
    def hold(self, prompts: list[Any], trainer: Any) -> dict[str, list[Any]]:
        """Hold one dialogue per prompt; a prompt's content is its seed."""
        model = trainer.accelerator.unwrap_model(trainer.model)
        envs = self.envs[: len(prompts)]
        for number, (env, prompt) in enumerate(zip(envs, prompts, strict=True)):
            seed = stable_hash("benchmark", int(prompt[0]["content"]))
            env.reset(seed=seed, options={"teacher_seed": stable_hash(seed, number % GROUP)})
        ids: list[list[int]] = [[] for _ in envs]
        mask: list[list[int]] = [[] for _ in envs]
        starts = [0] * len(envs)
        heard = [0] * len(envs)
        under_way = list(range(len(envs)))
        pad = self.tokenizer.pad_token_id
        model.eval()
        while under_way:
            for i in under_way:
                dialogue: Dialogue = envs[i].dialogue
                ended = bool(ids[i]) and ids[i][-1] == self.format.end_id
                context = self.format.encode(dialogue, heard[i], ended=ended)
                heard[i] = len(dialogue) + 1
                ids[i] += context
                mask[i] += [0] * len(context)
                starts[i] = starts[i] or len(context)
            longest = max(len(ids[i]) for i in under_way)
            padded = torch.tensor([[pad] * (longest - len(ids[i])) + ids[i] for i in under_way])
            attention = torch.tensor([[0] * (longest - len(ids[i])) + [1] * len(ids[i]) for i in under_way])
            output = model.generate(
                input_ids=padded,
                attention_mask=attention,
                max_new_tokens=MAX_TOKENS,
                do_sample=True,
                temperature=1.0,
                top_k=0,
                top_p=1.0,
                eos_token_id=self.stop_ids,
                pad_token_id=pad,
            )
            said = []
            for i, row in zip(under_way, output[:, longest:].tolist(), strict=True):
                end = next((n for n, token in enumerate(row) if token in self.format.stop_ids), len(row) - 1)
                said.append(row[: end + 1])
                ids[i] += said[-1]
                mask[i] += [1] * len(said[-1])
            step_together([envs[i] for i in under_way], self.format.decode(said))
            under_way = [i for i in under_way if envs[i].stop_reason is None]
        model.train()
        self.student_tokens.append(sum(map(sum, mask)))
        return {
            "prompt_ids": [row[:start] for row, start in zip(ids, starts, strict=True)],
            "completion_ids": [row[start:] for row, start in zip(ids, starts, strict=True)],
            "logprobs": None,  # type: ignore[dict-item]  # wanted with vLLM only
            "env_mask": [row[start:] for row, start in zip(mask, starts, strict=True)],
            "reward": [float(env.stop_reason == "solved") * 0.7 ** (env.dialogue.turn - 1) for env in envs],
        }


def ours(student: Path, steps: int, folder: str) -> tuple[list[float], list[int], list[float]]:
    """CPU seconds, student tokens and share of groups trained on, for each step of this library."""
    from sml_agents.grpo import GRPOOptions, train

    seconds: list[float] = []
    tokens: list[int] = []
    groups: list[float] = []
    last = time.process_time()

    def clock(metrics: dict[str, Any]) -> None:
        nonlocal last
        now = time.process_time()
        seconds.append(now - last)
        tokens.append(round(metrics["tokens_per_dialogue"] * PROBLEMS * GROUP))
        groups.append(metrics["groups_used"])
        last = now

    train(
        GRPOOptions(
            env_id=ENV_ID,
            env_options={"families": list(FAMILIES)},
            student=str(student),
            out=folder,
            steps=steps,
            problems_per_step=PROBLEMS,
            group_size=GROUP,
            max_turns=TURNS,
            max_tokens_per_turn=MAX_TOKENS,
            lr=1e-9,
            save_every=0,
        ),
        progress=False,
        on_step=clock,
    )
    return seconds, tokens, groups


def pretrained_student(folder: Path) -> Path:
    """A 5M-parameter student that speaks, made once and kept in `folder`."""
    if not (folder / "model.safetensors").exists():
        from sml_agents.pretrain import PretrainOptions, pretrain

        pretrain(
            PretrainOptions(
                out=folder, steps=60, drill_steps=30, layers=6, width=256, inner=704, measure_tasks=0
            )
        )
    return folder


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocks", type=int, default=6, help="blocks of each side (default: 6)")
    parser.add_argument("--steps", type=int, default=4, help="counted steps in a block (default: 4)")
    parser.add_argument(
        "--minibatches", type=int, nargs="+", default=[32, 128], help="TRL's batch sizes to try"
    )
    parser.add_argument(
        "--student", type=Path, default=Path("runs/benchmark-student"), help="where it is kept"
    )
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    student = pretrained_student(args.student)
    model, _ = load_student(str(student))
    seconds: dict[str, list[float]] = {"sml_gym": []}
    seconds |= {f"trl, batches of {size}": [] for size in args.minibatches}
    tokens: dict[str, list[float]] = {name: [] for name in seconds}
    groups_used: list[float] = []
    for block in range(args.blocks):
        with tempfile.TemporaryDirectory() as folder:
            for name in seconds:
                if name == "sml_gym":
                    each, said, used = ours(student, args.steps + 1, f"{folder}/{block}")
                    groups_used += used[1:]
                else:
                    side = TrlSide(student, int(name.rpartition(" ")[2]), args.steps + 1, folder)
                    side.run()
                    each, said = side.seconds, side.student_tokens
                seconds[name].append(float(np.mean(each[1:])))  # the first step warms up
                tokens[name].append(float(np.mean(said[1:])))
                print(f"block {block}: {name}: {seconds[name][-1]:.2f} CPU s, {tokens[name][-1]:.0f} tokens")
    best = min(
        (name for name in seconds if name != "sml_gym"), key=lambda name: float(np.median(seconds[name]))
    )
    ratios = np.asarray(seconds["sml_gym"]) / np.asarray(seconds[best])
    draws = np.random.default_rng(0).choice(ratios, (2_000, len(ratios))).mean(axis=1)
    figures = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "cpu_seconds_per_step": {name: round(float(np.median(v)), 3) for name, v in seconds.items()},
        "student_tokens_per_step": {name: round(float(np.mean(v))) for name, v in tokens.items()},
        "groups_trained_on": round(float(np.mean(groups_used)), 3),
        "compared_with": best,
        "ratio": round(float(ratios.mean()), 3),
        "ratio_ci95": [round(float(q), 3) for q in np.percentile(draws, [2.5, 97.5])],
        "blocks": args.blocks,
        "steps_per_block": args.steps,
    }
    report("grpo_step", figures, write=not args.no_write)


if __name__ == "__main__":
    main()
