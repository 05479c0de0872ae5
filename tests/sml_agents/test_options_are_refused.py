"""What a run cannot be, said before it begins: each message ends with what to do."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml
from safetensors.torch import load_file, save_file
from tiny_models import save_tiny

from sml_agents.grpo import GRPOOptions
from sml_agents.load import load_student
from sml_agents.trl_engine.options import trl_arguments
from sml_gym import ConfigError
from sml_gym.cli.main import main


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command says of options that it refuses."""
    assert main(["train", *words]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason", "remedy"),
    [
        (
            "--algo ppo --loss-mean sums",
            "'ppo' has no option 'loss-mean'",
            "--algo that has it: cispo, dapo, ",
        ),
        ("--algo offline --engine trl", "'offline' has no option 'engine'", ", grpo, "),
        ("--algo grpo --sft_epochs 2", "'grpo' has no option 'sft-epochs'", "offline, q-priming"),
        ("--algo offline --config embedded", "'offline' has no option 'steps'", ", grpo, "),
        ("--algo single-turn-rl --max-turns 4", "max_turns is 4", "algo=grpo."),
        ("--algo rejection --max-turns 2", "max_turns is 2", "algo=offline."),
        ("--algo single-turn-sft --max-turns 2", "max_turns is 2", "algo=offline."),
        ("--algo retry-rl --teacher scripted:3", "'scripted:3' does not", "algo=grpo."),
        ("--algo offline --max-length 0", "max_length is 0", "at least 1."),
        ("--algo offline --warmup-share 2", "warmup_share is 2.0", "between 0 and 1."),
        ("--engine trl --distill 1", "TRL has no added loss distill.", "engine=own."),
        ("--student embedded?prompt=ask", "option of its own", "student_prompt=ask."),
        ("--student=", "has no name", "on the Hub."),
    ],
)
def test_options_without_sense(
    words: str, reason: str, remedy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, *words.split(), "--out", str(tmp_path / "run"))
    assert reason in said
    assert remedy in said
    assert not (tmp_path / "run" / "run.json").exists()


def test_an_option_that_no_algorithm_has_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean 'steps'?" in refused(capsys, "--algo", "grpo", "--stepz", "3")


@pytest.mark.parametrize("name", ["lr", "weight_decay", "max_grad_norm", "clip", "lora_alpha", "distill"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none(
    name: str, value: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "it.yaml").write_text(yaml.safe_dump({name: value, "out": str(tmp_path / "run")}))
    assert f"{name} is {value}; it must be" in refused(capsys, "--config", str(tmp_path / "it.yaml"))


def test_weights_that_are_not_in_the_files_are_not_made_up(student: str, tmp_path: Path) -> None:
    model, tokenizer = load_student(student)
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    lost = next(name for name in weights if "mlp" in name)
    del weights[lost]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ConfigError, match=rf"lack 1 of the weights .*{lost}.* Pass a folder"):
        load_student(str(tmp_path))


def test_turns_that_the_environment_sets_are_those_in_the_record(student: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"families": ["percent_of"], "max_turns": 1}
    words = ["train", "--algo", "q-priming", "--writer", "phrases", "--problems", "2", "--group-size", "1"]
    words += ["--student", student, "--out", str(tmp_path), "--env-options", json.dumps(options)]
    words += ["--max-tokens-per-turn", "2", "--device", "cpu"]
    from sml_agents import offline

    kept = offline.keep
    with pytest.MonkeyPatch.context() as patch:  # nothing is solved by chance: whatever was said is learned
        patch.setattr(
            offline, "keep", lambda episodes, options: _records(episodes) or kept(episodes, options)
        )
        assert main(words) == 0
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [name for name in json.loads(line) if name.startswith("solve@")] == ["solve@1"]


def _records(episodes: Any) -> Any:
    from sml_agents.tokens import token_record

    return [token_record(episode) for episode in episodes]


def test_bf16_under_trl_on_a_machine_without_a_gpu(tmp_path: Path) -> None:
    import torch
    from trl import GRPOConfig

    from sml_agents.processes import own_precision

    options = GRPOOptions(out=str(tmp_path), engine="trl", precision="bf16", device="auto")
    arguments = trl_arguments(options)
    assert arguments["use_cpu"] is not torch.accelerator.is_available()
    with warnings.catch_warnings(), own_precision():
        warnings.simplefilter("ignore", FutureWarning)
        assert GRPOConfig(**arguments).bf16
