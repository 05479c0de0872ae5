"""What of TRL the engine stands on. A new TRL that has moved fails here, and the message says what moved."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import torch
import trl
from accelerate import Accelerator
from datasets import Dataset
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from torchrun import on_two
from toy_env import ENV_ID
from trl import GRPOConfig, GRPOTrainer
from trl.generation.vllm_generation import VLLMGeneration

from sml_agents.advantages import STD_EPS, relative
from sml_agents.generation import TokenSampling
from sml_agents.grpo import GRPOOptions
from sml_agents.trl_engine.dialogues import Dialogues
from sml_agents.trl_engine.options import PINNED, check_engine, trl_arguments
from sml_agents.trl_engine.run import make_trainer
from sml_agents.trl_engine.vllm import TRLGenerator
from sml_gym import ConfigError, StudentError

MOVED = f"TRL {trl.__version__} has moved: "
ADAPT = " Adapt sml_agents/trl_engine, or leave the pin as it was."

METHODS: dict[str, list[str]] = {
    "_generate_and_score_completions": ["self", "inputs"],
    "_compute_loss": ["self", "model", "inputs"],
    "_save_checkpoint": ["self", "model", "trial"],
    "_clip_grad_norm": ["self", "model"],
    "create_scheduler": ["self", "num_training_steps", "optimizer"],
    "get_decay_parameter_names": ["self", "model"],
}
"""Methods of `GRPOTrainer` that `DialogueTrainer` goes around or calls, with their parameters."""


def test_the_installed_version_is_within_the_pin() -> None:
    found = tuple(int(part) for part in version("trl").split(".")[:2])
    assert PINNED[0] <= found < PINNED[1], MOVED + "it is outside the pin." + ADAPT


def test_the_pin_is_that_of_the_package() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    low, high = (".".join(map(str, bound)) for bound in PINNED)
    assert re.findall(r'"trl([<>=][^"]*)"', text) == [f">={low},<{high}"]


def test_another_version_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sml_agents.trl_engine.options.version", lambda name: "1.17.0")
    with pytest.raises(ConfigError, match=r'1\.17\.0 is installed.*pip install "trl>=1\.16,<1\.17"'):
        check_engine(GRPOOptions(engine="trl"))


@pytest.mark.parametrize("name", METHODS)
def test_the_trainer_has_its_methods(name: str) -> None:
    method = getattr(GRPOTrainer, name, None)
    assert method is not None, f"{MOVED}GRPOTrainer has no {name}.{ADAPT}"
    found = list(inspect.signature(method).parameters)
    assert found == METHODS[name], f"{MOVED}GRPOTrainer.{name} takes {found}.{ADAPT}"


def test_the_trainer_takes_what_it_is_given() -> None:
    wanted = {
        "model",
        "reward_funcs",
        "args",
        "train_dataset",
        "processing_class",
        "peft_config",
        "rollout_func",
    }
    missing = wanted - inspect.signature(GRPOTrainer.__init__).parameters.keys()
    assert not missing, f"{MOVED}GRPOTrainer does not take {missing}.{ADAPT}"


def test_the_configuration_has_its_fields() -> None:
    options = GRPOOptions(engine="trl")
    missing = trl_arguments(options).keys() - {field.name for field in dataclasses.fields(GRPOConfig)}
    assert not missing, f"{MOVED}GRPOConfig has no {missing}.{ADAPT}"


def test_vllm_is_spoken_with_as_before() -> None:
    found = list(inspect.signature(VLLMGeneration.generate).parameters)
    wanted = ["self", "prompts", "images", "num_generations", "profiler"]
    assert found == wanted, f"{MOVED}VLLMGeneration.generate takes {found}.{ADAPT}"
    made = inspect.signature(VLLMGeneration.__init__).parameters
    missing = {"max_completion_length", "generation_kwargs"} - made.keys()
    assert not missing, f"{MOVED}VLLMGeneration does not take {missing}.{ADAPT}"


BATCH: dict[str, list[Any]] = {
    "prompt_ids": [[1, 2, 3], [4], [5, 6], [7]],
    "completion_ids": [[8, 9, 10], [11, 12], [13], [14, 15, 16, 17]],
    "env_mask": [[1, 0, 1], [1, 1], [1], [0, 0, 0, 0]],
    "logprobs": [[-1.0, 0.0, -2.0], [-1.0, -1.5], [-3.0], [-1.0, -1.0, -1.0, -1.0]],
    "reward": [1.0, 0.0, 0.49, None],
}
KEYS = {
    "prompt_ids",
    "prompt_mask",
    "completion_ids",
    "completion_mask",
    "advantages",
    "num_items_in_batch",
    "sampling_per_token_logps",
    "tool_mask",
}


@pytest.mark.parametrize("scale", ["none", "group"])
def test_the_batch_is_what_a_rollout_function_returned(scale: str, tmp_path: Path) -> None:
    """TRL alone: what it asks a `rollout_func` for, and what it makes of masks and of a missing reward."""
    asked: list[list[str]] = []

    def roll(prompts: list[str], trainer: Any) -> dict[str, list[Any]]:
        asked.append(prompts)
        return BATCH

    trainer = GRPOTrainer(
        model=tiny_model(vocab=len(tiny_tokenizer())),
        reward_funcs=lambda reward, **_: reward,
        args=GRPOConfig(
            output_dir=str(tmp_path),
            use_cpu=True,
            bf16=False,
            per_device_train_batch_size=4,
            num_generations=4,
            scale_rewards=scale,
            shuffle_dataset=False,
            report_to=[],
        ),
        train_dataset=Dataset.from_dict({"prompt": ["1 0", "1 1"]}),
        processing_class=tiny_tokenizer(),
        rollout_func=roll,
    )
    trainer.model.train()
    rows = next(iter(trainer.get_train_dataloader()))
    output = trainer._generate_and_score_completions(rows)
    assert asked == [["1 0"] * 4], MOVED + "prompts do not come group after group." + ADAPT
    assert set(output) == KEYS, f"{MOVED}a batch has {sorted(output)}.{ADAPT}"
    for i, prompt in enumerate(BATCH["prompt_ids"]):
        there, said = output["prompt_mask"][i].bool(), output["completion_mask"][i].bool()
        assert output["prompt_ids"][i][there].tolist() == prompt
        assert output["completion_ids"][i][said].tolist() == BATCH["completion_ids"][i]
        assert output["tool_mask"][i][said].tolist() == BATCH["env_mask"][i]
        assert output["sampling_per_token_logps"][i][said].tolist() == BATCH["logprobs"][i]
    assert int(output["num_items_in_batch"]) == 5, MOVED + "masked tokens count in the loss." + ADAPT

    # A dialogue without a reward is in no mean. The deviation is that of a sample: ours is the population's.
    valid = [reward for reward in BATCH["reward"] if reward is not None]
    expected = relative(valid, "mean", "none")
    if scale == "group":
        std = math.sqrt(sum(a * a for a in expected) / (len(valid) - 1))
        expected = [a / (std + STD_EPS) for a in expected]
    assert output["advantages"].tolist() == pytest.approx([*expected, 0.0]), (
        MOVED + "advantages are others, or a dialogue without a reward counts in its group." + ADAPT
    )


class StandIn:
    """Has the interface of `VLLMGeneration`, as it is held to above, and says letters one after another."""

    def __init__(self, stop: int) -> None:
        self.stop = stop
        self.max_completion_length = 0
        self.generation_kwargs: dict[str, Any] = {}
        self.asked: list[list[list[int]]] = []
        self.synced = 0

    def sync_weights(self) -> None:
        self.synced += 1

    def generate(
        self, prompts: list[list[int]], images: Any, num_generations: int, profiler: Any = None
    ) -> tuple[Any, Any, Any, Any]:
        assert num_generations == 1
        assert self.stop in self.generation_kwargs["stop_token_ids"]
        self.asked.append(prompts)
        said, scores = [], []
        for row, _ in enumerate(prompts):
            length = 1 + (len(self.asked) + row) % self.max_completion_length
            ended = length < self.max_completion_length
            said.append([70 + row] * (length - ended) + [self.stop] * ended)
            scores.append([[-5.5]] * length)
        return prompts, said, scores, None


def test_dialogues_are_held_with_the_vllm_of_trl(tmp_path: Path) -> None:
    """A whole step of the real trainer, with an engine of its interface in the place of vLLM."""
    options = GRPOOptions(
        student=save_tiny(tmp_path / "student"), out=str(tmp_path / "run"), env_id=ENV_ID, engine="trl",
        steps=2, problems_per_step=2, group_size=4, max_turns=3, max_tokens_per_turn=4, device="cpu",
        engine_options={"vllm_importance_sampling_mode": "token_truncate"}, save_every=0,
    )  # fmt: skip
    dialogues = Dialogues(options)
    trainer = make_trainer(options, dialogues, trl_arguments(options))
    stop = trainer._tokenizer.convert_tokens_to_ids("<|im_end|>")
    engine = StandIn(stop)
    trainer.use_vllm, trainer.vllm_generation, trainer._last_loaded_step = True, engine, -1
    batches: list[dict[str, Any]] = []
    compute = trainer._compute_loss
    trainer._compute_loss = lambda model, inputs: batches.append(inputs) or compute(model, inputs)  # type: ignore[func-returns-value]
    trainer.train()
    assert engine.synced == 2  # the weights of each step, once
    assert engine.max_completion_length == 4
    sampled = [span.sampled for e in dialogues.learned for t in e.turns if (span := t.tokens)]
    assert sampled
    assert all(len(set(ids) - {stop}) <= 1 for ids in sampled)
    for episode in dialogues.learned:  # each turn's prompt is all that was said before, token by token
        before: list[int] = []
        for turn in episode.turns:
            assert turn.tokens is not None
            before += turn.tokens.context
            assert any(before in asked for asked in engine.asked)
            before += turn.tokens.sampled
    for batch in batches:
        mask = (batch["completion_mask"] * batch["tool_mask"]).bool()
        assert set(batch["sampling_per_token_logps"][mask].tolist()) == {-5.5}
        assert not torch.equal(batch["old_per_token_logps"][mask], batch["sampling_per_token_logps"][mask])
        assert {"importance_sampling_ratio", "over_dialogues"} <= batch.keys()
    assert any(batch["advantages"].any() for batch in batches)


def sampling(limits: list[int], stop: int) -> TokenSampling:
    return TokenSampling(limits, torch.zeros(len(limits), 8), frozenset({stop}))


class Gone(StandIn):
    """An engine that is not there any more."""

    def generate(self, *_: Any, **__: Any) -> Any:
        raise ConnectionError("no engine")


@dataclasses.dataclass
class Holder:
    """As much of a trainer as a generator looks at."""

    vllm_generation: Any
    accelerator: Any
    args: Any
    _tokenizer: Any


def test_a_rows_limit_and_a_lost_engine() -> None:
    args = GRPOConfig(output_dir="x", use_cpu=True, bf16=False, generation_kwargs={"seed": 3})
    holder = Holder(StandIn(9), Accelerator(cpu=True), args, tiny_tokenizer())
    holder._tokenizer.pad_token = "<|endoftext|>"
    generator = TRLGenerator(holder, 6)
    made = generator.generate([[1], [2], [3]], sampling([2, 6, 1], 9))
    assert made.ids == [[70, 9], [71, 71, 9], [72]]
    assert [len(row) for row in made.logprobs] == [2, 3, 1]
    assert holder.vllm_generation.generation_kwargs["seed"] == 3
    assert generator.generate([], sampling([], 9)).ids == []
    generator.finish()
    assert len(holder.vllm_generation.asked) == 1
    holder.vllm_generation = Gone(9)
    with pytest.raises(StudentError, match="no engine"):
        TRLGenerator(holder, 6).generate([[1]], sampling([2], 9))


@pytest.mark.slow
def test_processes_whose_dialogues_end_earlier_wait_for_the_others() -> None:
    """TRL's call is one of all processes with equally many prompts; a run that hangs fails here."""
    on_two("trl_vllm_process.py", timeout=200)
