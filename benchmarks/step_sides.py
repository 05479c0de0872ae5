"""The trainers that `grpo_step.py` measures, each in a process of its own that makes a step when told to.

A process counts the CPU seconds (all threads) of each step, from the end of one to the end of the next: of
the whole, of sampling (of TRL what its rollout spends in `model.generate`, of ours what the student spends in
`reply`, texts and masks included) and of the update (all but holding the dialogues).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import gymnasium as gym
import torch

from sml_agents.chat import ChatFormat
from sml_agents.grpo import GRPOLearner, GRPOOptions
from sml_agents.grpo import train as train_grpo
from sml_agents.load import load_student
from sml_agents.ppo import PPOLearner, PPOOptions
from sml_agents.ppo import train as train_ppo
from sml_agents.student import ModelStudent
from sml_envs.math import MathEnv
from sml_gym import Dialogue, Outcome, Task, Verdict, env_factory
from sml_gym.seeding import stable_hash
from sml_gym.vector import step_together

PROBLEMS, GROUP, TURNS, MAX_TOKENS = 16, 8, 4, 16
FAMILIES = ("last_digits_product", "last_digits_sum")
ENV_ID = "UnitsDigit-v0"


class UnitsDigitEnv(MathEnv):
    """The maths domain with a lenient verifier: the units digit decides.

    A third of a guessing student's dialogues are solved, so nearly every group has a spread of returns and
    is trained on, as TRL trains on every group.
    """

    def verify(self, task: Task, answer: str) -> Verdict:
        """Correct if the last characters agree."""
        right = answer[-1:] == task.private.reveal().answer[-1:]
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)


gym.register(ENV_ID, entry_point=UnitsDigitEnv)


class Clock:
    """CPU seconds of this process, by part, since the last step; sends them and waits to be told to go on."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.parts: dict[str, float] = {}
        self.last = time.process_time()

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, whose time is counted under `part`."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            began = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.parts[part] = self.parts.get(part, 0.0) + time.process_time() - began

        return counted

    def step_ended(self, **more: float) -> None:
        """Report the step and sleep until the next is asked for."""
        self.connection.send({"step": time.process_time() - self.last, **self.parts, **more})
        self.connection.recv()
        self.parts, self.last = {}, time.process_time()


def our_side(connection: Connection, algorithm: str, student: str, steps: int) -> None:
    """GRPO or PPO of this library."""
    clock = Clock(connection)
    ModelStudent.reply = clock.timed("generation", ModelStudent.reply)  # type: ignore[method-assign]
    for learner in (GRPOLearner, PPOLearner):
        learner.learn = clock.timed("update", learner.learn)  # type: ignore[method-assign]

    def on_step(metrics: dict[str, Any]) -> None:
        tokens = round(metrics["tokens_per_dialogue"] * PROBLEMS * GROUP)
        clock.step_ended(tokens=tokens, groups=metrics["groups_used"])

    with tempfile.TemporaryDirectory() as folder:
        given: dict[str, Any] = {
            "env_id": ENV_ID,
            "env_options": {"families": list(FAMILIES)},
            "student": student,
            "out": folder,
            "steps": steps,
            "problems_per_step": PROBLEMS,
            "group_size": GROUP,
            "max_turns": TURNS,
            "max_tokens_per_turn": MAX_TOKENS,
            "epochs": 1,
            "updates_per_epoch": 1,
            "lr": 1e-9,
            "device": "cpu",
            "save_every": 0,
        }
        if algorithm == "grpo":
            train_grpo(GRPOOptions(**given), progress=False, on_step=on_step)
        else:
            train_ppo(PPOOptions(**given), progress=False, on_step=on_step)


def trl_side(connection: Connection, minibatch: int, student: str, steps: int) -> None:
    """TRL's GRPOTrainer with a `rollout_func`."""
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import GRPOConfig, GRPOTrainer

    model, tokenizer = load_student(student)
    clock = Clock(connection)
    talk = Talk(model, tokenizer, clock)
    hold = clock.timed("holding", talk.hold)

    class StepEnds(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            clock.parts["update"] = time.process_time() - clock.last - clock.parts.pop("holding")
            clock.step_ended(tokens=talk.student_tokens)

    prompts = [[{"role": "user", "content": str(seed)}] for seed in range(PROBLEMS * (steps + 1))]
    with tempfile.TemporaryDirectory() as folder:
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
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=lambda completions, reward, **_: reward,
            args=config,
            train_dataset=Dataset.from_list([{"prompt": prompt} for prompt in prompts]),
            processing_class=tokenizer,
            rollout_func=lambda given, _: hold(given),
            callbacks=[StepEnds()],
        )
        clock.last = time.process_time()
        trainer.train()


class Talk:
    """Dialogues as TRL's examples hold them: `model.generate` anew from all that was said, in every turn."""

    def __init__(self, model: Any, tokenizer: Any, clock: Clock) -> None:
        self.model = model
        self.generate = clock.timed("generation", model.generate)
        self.format = ChatFormat(tokenizer)
        self.pad = tokenizer.pad_token_id
        self.stop_ids = sorted(self.format.stop_ids)
        make_env = env_factory(ENV_ID, families=FAMILIES, max_turns=TURNS)
        self.envs = [make_env() for _ in range(PROBLEMS * GROUP)]
        self.student_tokens = 0

    @torch.no_grad()
    def hold(self, prompts: list[Any]) -> dict[str, list[Any]]:
        """Hold one dialogue per prompt; a prompt's content is its seed."""
        envs = self.envs[: len(prompts)]
        for number, (env, prompt) in enumerate(zip(envs, prompts, strict=True)):
            seed = stable_hash("benchmark", int(prompt[0]["content"]))
            env.reset(seed=seed, options={"teacher_seed": stable_hash(seed, number % GROUP)})
        ids: list[list[int]] = [[] for _ in envs]
        mask: list[list[int]] = [[] for _ in envs]
        starts = [0] * len(envs)
        heard = [0] * len(envs)
        under_way = list(range(len(envs)))
        self.model.eval()
        while under_way:
            for i in under_way:
                dialogue: Dialogue = envs[i].dialogue
                ended = bool(ids[i]) and ids[i][-1] == self.format.end_id
                context = self.format.encode(dialogue, heard[i], ended=ended)
                heard[i] = len(dialogue) + 1
                ids[i] += context
                mask[i] += [0] * len(context)
                starts[i] = starts[i] or len(context)
            said = self.said([ids[i] for i in under_way])
            for i, own in zip(under_way, said, strict=True):
                ids[i] += own
                mask[i] += [1] * len(own)
            step_together([envs[i] for i in under_way], self.format.decode(said))
            under_way = [i for i in under_way if envs[i].stop_reason is None]
        self.model.train()
        self.student_tokens = sum(map(sum, mask))
        return {
            "prompt_ids": [row[:start] for row, start in zip(ids, starts, strict=True)],
            "completion_ids": [row[start:] for row, start in zip(ids, starts, strict=True)],
            "logprobs": None,  # type: ignore[dict-item]  # wanted with vLLM only
            "env_mask": [row[start:] for row, start in zip(mask, starts, strict=True)],
            "reward": [float(env.stop_reason == "solved") * 0.7 ** (env.dialogue.turn - 1) for env in envs],
        }

    def said(self, rows: list[list[int]]) -> list[list[int]]:
        """The next utterance of each row."""
        longest = max(map(len, rows))
        output = self.generate(
            input_ids=torch.tensor([[self.pad] * (longest - len(row)) + row for row in rows]),
            attention_mask=torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows]),
            max_new_tokens=MAX_TOKENS,
            do_sample=True,
            temperature=1.0,
            top_k=0,
            top_p=1.0,
            eos_token_id=self.stop_ids,
            pad_token_id=self.pad,
        )
        found = []
        for row in output[:, longest:].tolist():
            end = next((n for n, token in enumerate(row) if token in self.format.stop_ids), len(row) - 1)
            found.append(row[: end + 1])
        return found


def run_side(connection: Connection, name: str, student: Path, steps: int) -> None:
    """The side of a name: `grpo`, `ppo`, or `trl` and its batch size."""
    torch.set_num_threads(1)
    kind, _, size = name.partition(", batches of ")
    try:
        if kind == "trl":
            trl_side(connection, int(size), str(student), steps)
        else:
            our_side(connection, kind, str(student), steps)
    except EOFError:  # no more steps are wanted
        pass
