"""Rebuilds the embedded student from nothing: `python -m sml_agents.pretrain --out DIR`.

A small decoder learns to speak from dialogues between a scripted student and the scripted
teachers, all of them on training tasks of the last-digits families. At first the scripted
student nearly always keeps to the feedback, which is quick to learn from; in the last part
it does so less often. The model that comes out knows the words and the formats, can tell
what feedback asks of a digit, and has only a weak habit of doing it. Reinforcement learning
has to do the rest.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from jsonargparse import ArgumentParser
from torch import Tensor
from tqdm import tqdm
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

from sml_agents.embedded_tokenizer import train_tokenizer
from sml_agents.load import quiet
from sml_agents.pretrain_data import FAMILIES, TEACHERS, TURN_LIMITS, Encoder, dialogues
from sml_agents.student import ModelStudent
from sml_gym import ConfigError, Episode
from sml_gym.evaluation import Plan, evaluate
from sml_gym.version import versions

_TOKENIZER_BATCHES, _HELD_OUT_BATCHES = 30, 6
_CONTEXT = 2048
"""Tokens. The model meets no dialogue that long in pretraining; positions are relative."""
_LOG_EVERY = 50
_MEASURED = ("real", "placebo")


@dataclass(frozen=True)
class PretrainOptions:
    """How to pretrain.

    Attributes:
        out: folder to write the model, the tokenizer and the model card to.
        steps: gradient steps (steps).
        batch_turns: student utterances in a batch (turns).
        drill_steps: after how many steps the scripted student follows less often (steps).
        drill_follow: how often it keeps to the feedback on a digit until then, from 0 to 1.
        follow: the same from then on.
        talk: share of its turns that ask or remark instead of answering.
        teacher_weight: weight of the loss on the teacher's feedback; the student's words weigh 1.
        lr: peak learning rate of AdamW, for embeddings and norms.
        matrix_lr: peak learning rate of Muon, for the other matrices.
        warmup_steps: steps over which the learning rates rise (steps).
        layers: decoder layers.
        width: hidden size; a multiple of 2 x heads.
        inner: hidden size inside the feed-forward parts.
        heads: attention heads.
        vocab_size: most tokens in the vocabulary; at least 261 (bytes and control tokens).
        seed: of everything random.
        measure_tasks: validation tasks on which the finished model is measured; 0 measures nothing.
        threads: of torch; 0 leaves its default.
    """

    out: Path
    steps: int = 900
    batch_turns: int = 192
    drill_steps: int = 650
    drill_follow: float = 0.95
    follow: float = 0.7
    talk: float = 0.03
    teacher_weight: float = 0.3
    lr: float = 4e-3
    matrix_lr: float = 2e-2
    warmup_steps: int = 100
    layers: int = 3
    width: int = 128
    inner: int = 320
    heads: int = 4
    vocab_size: int = 640
    seed: int = 0
    measure_tasks: int = 200
    threads: int = 0

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        for name, least in (
            ("steps", 1),
            ("batch_turns", max(TURN_LIMITS)),
            ("vocab_size", 261),
            ("layers", 1),
        ):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be at least {least}.")
        for name in ("drill_follow", "follow", "talk"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must lie between 0 and 1.")
        if self.heads < 1 or self.width % (2 * self.heads):
            raise ConfigError(f"width is {self.width}; it must be a multiple of 2 x heads ({self.heads}).")

    def stream(self, name: str, follow: float, split: str = "train") -> Iterator[list[Episode]]:
        """Batches of dialogues; streams of other names are independent draws."""
        return dialogues(
            follow=follow,
            talk=self.talk,
            batch_turns=self.batch_turns,
            seed=self.seed,
            stream=name,
            split=split,
        )


@dataclass(frozen=True)
class PretrainSummary:
    """What came out: the folder, sizes, the held-out loss in nats a token, and solve@k by teacher."""

    model: Path
    parameters: int
    bytes: int
    held_out_loss: float
    solve_at: dict[str, list[float]]
    seconds: float


def pretrain(options: PretrainOptions, *, progress: bool = True) -> PretrainSummary:
    """Pretrain and save. The same options and number of threads give the same weights on one machine.

    Raises:
        ConfigError: for an option that has no sense, or an `out` that cannot be written.
    """
    options.check()
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigError(f"Cannot write to {options.out}: {exc.strerror}. Choose another folder.") from exc
    started = time.perf_counter()
    tokenizer = train_tokenizer(_texts(options), options.vocab_size, _CONTEXT)
    torch.manual_seed(options.seed)
    model = new_model(options, tokenizer)
    held_out = _batches(options.stream("held out", options.follow, "validation"), Encoder(tokenizer, 0.0))
    held_out_batches = list(itertools.islice(held_out, _HELD_OUT_BATCHES))
    optimizers = _optimizers(model, options)
    batches = _batches(reading(options), Encoder(tokenizer, options.teacher_weight))
    bar = tqdm(range(options.steps), desc="pretraining", unit="step", disable=not progress)
    for step in bar:
        loss = loss_of(model, *next(batches))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, peak in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = peak * _schedule(step, options)
            optimizer.step()
            optimizer.zero_grad()
        if step % _LOG_EVERY == 0:
            bar.set_postfix(loss=f"{loss.item():.3f}", held_out=f"{_mean_loss(model, held_out_batches):.3f}")
    held_out_loss = _mean_loss(model, held_out_batches)
    with quiet():
        model.save_pretrained(options.out)
    (options.out / "model.safetensors").chmod(0o644)
    tokenizer.save_pretrained(options.out)
    solve_at = _measure(model, tokenizer, options.measure_tasks)
    summary = PretrainSummary(
        options.out,
        sum(p.numel() for p in model.parameters()),
        sum(path.stat().st_size for path in options.out.iterdir()),
        held_out_loss,
        solve_at,
        time.perf_counter() - started,
    )
    (options.out / "README.md").write_text(model_card(options, summary), encoding="utf-8")
    return summary


def reading(options: PretrainOptions) -> Iterator[list[Episode]]:
    """What the model learns from: `drill_steps` batches, then the others without end."""
    yield from itertools.islice(options.stream("drill", options.drill_follow), options.drill_steps)
    yield from options.stream("train", options.follow)


def new_model(options: PretrainOptions, tokenizer: Any) -> Any:
    """A Llama with random weights, its output tied to its embedding, in float32."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=options.width,
        intermediate_size=options.inner,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=options.heads,
        max_position_embeddings=_CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        # The usual 0.02 suits wide models. At this width it makes attention start almost uniform,
        # and the first hundreds of steps are lost.
        initializer_range=options.width**-0.5,
        # Dialogues are some hundred tokens long; slower rotations than these would tell nothing apart.
        rope_parameters={"rope_type": "default", "rope_theta": 1000.0},
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        do_sample=True,
        max_new_tokens=64,
    )
    return model


def loss_of(model: Any, ids: Tensor, weights: Tensor) -> Tensor:
    """Mean cross-entropy in nats of the tokens that have a weight, weighted by it.

    `ids` and `weights` have shape (dialogues, longest). Padding is on the right and attention
    is causal, so no attention mask is needed.
    """
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    targets, weight = ids[:, 1:], weights[:, 1:]
    chosen = weight > 0
    losses = torch.nn.functional.cross_entropy(
        model.lm_head(hidden[chosen]), targets[chosen], reduction="none"
    )
    return (losses * weight[chosen]).sum() / weight.sum()


def _optimizers(model: Any, options: PretrainOptions) -> list[tuple[torch.optim.Optimizer, float]]:
    """Muon (Jordan, 2024) for the matrices of the layers, AdamW for the rest, with their peak rates."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    rest = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    muon = torch.optim.Muon(
        matrices, lr=options.matrix_lr, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw"
    )
    adam = torch.optim.AdamW(rest, lr=options.lr, betas=(0.9, 0.95), weight_decay=0.01)
    return [(muon, options.matrix_lr), (adam, options.lr)]


def _schedule(step: int, options: PretrainOptions) -> float:
    """Share of the peak learning rate: a linear rise, then half a cosine down to 2%."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / options.steps))
    return min((step + 1) / max(1, options.warmup_steps), 0.02 + 0.98 * cosine)


def _texts(options: PretrainOptions) -> Iterable[str]:
    """Utterances from which the vocabulary is made."""
    for episodes in itertools.islice(options.stream("tokenizer", options.follow), _TOKENIZER_BATCHES):
        for episode in episodes:
            yield from (utterance.text for utterance in episode.utterances())


def _batches(stream: Iterable[list[Episode]], encoder: Encoder) -> Iterator[tuple[Tensor, Tensor]]:
    return (encoder.batch(episodes) for episodes in stream)


@torch.no_grad()
def _mean_loss(model: Any, batches: Sequence[tuple[Tensor, Tensor]]) -> float:
    """Mean loss over batches, in nats a token of the student."""
    return sum(loss_of(model, *batch).item() for batch in batches) / len(batches)


def _measure(model: Any, tokenizer: Any, n_tasks: int) -> dict[str, list[float]]:
    """solve@1 to solve@10 on validation tasks, by teacher."""
    if not n_tasks:
        return {}
    plan = Plan(
        "SML-Math-v0",
        teachers=_MEASURED,
        n_tasks=n_tasks,
        split="validation",
        env_options={"families": FAMILIES},
    )
    student = ModelStudent(model, tokenizer, max_tokens_per_turn=64)
    held = evaluate(plan, student)
    return {
        label: [sum((e.solved_at or k + 1) <= k for e in episodes) / len(episodes) for k in range(1, 11)]
        for label, episodes in held.items()
    }


def model_card(options: PretrainOptions, summary: PretrainSummary) -> str:
    """The README that lies beside the model."""
    given = asdict(options)
    settings = ", ".join(f"{name} {given[name]}" for name in given if name not in ("out", "threads"))
    solved = "\n".join(
        f"| {label} | " + " | ".join(f"{share:.3f}" for share in shares) + " |"
        for label, shares in summary.solve_at.items()
    )
    measured = (
        f"Share of {options.measure_tasks} validation tasks solved within k turns, before any "
        "reinforcement learning:\n\n"
        "| teacher | " + " | ".join(f"k={k}" for k in range(1, 11)) + " |\n"
        "| --- |" + " ---: |" * 10 + f"\n{solved}\n"
        if solved
        else "Not measured.\n"
    )
    teachers = ", ".join(f"{name} {share:.0%}" for name, share in TEACHERS.items())
    library = versions()
    return f"""# The embedded student

A decoder (Llama architecture, {summary.parameters:,} parameters, float32, {summary.bytes:,} bytes in all)
that speaks in `SML-Math-v0` and follows feedback only in part. It is where the demo's reinforcement
learning starts. It can do nothing else: it cannot compute, and knows no language but its teachers' words.

    from transformers import AutoModelForCausalLM, AutoTokenizer

## How it was made

`python -m sml_agents.pretrain --out DIR`, from random weights, in {summary.seconds:.0f} s. It read
{options.steps:,} batches of dialogues between a scripted student and scripted teachers ({teachers}) on
tasks of {", ".join(f"`{name}`" for name in FAMILIES)}, of the training split only. The scripted student
guesses three digits; on each digit it keeps to the feedback so far with probability
{options.drill_follow} in the first {options.drill_steps:,} batches and {options.follow} in the others.
{options.talk:.0%} of its turns ask or remark instead.

Settings: {settings}.
Versions: {", ".join(f"{name} {number}" for name, number in library.items())}.

## Tokens

Byte-level, so any text can be said and comes back unchanged. Digits are single tokens, and so are the
teacher's sentences about one digit. An utterance ends with `<|end|>`.

## What it can do

Held-out loss {summary.held_out_loss:.3f} nats a token of the student (validation tasks).
{measured}
## Licence

Apache-2.0, as the rest of the package. It was trained on nothing but generated text.
"""


def main() -> None:
    """The command line."""
    parser = ArgumentParser(prog="python -m sml_agents.pretrain", description="Rebuild the embedded student.")
    parser.add_class_arguments(PretrainOptions, as_group=False)
    given = parser.parse_args()
    print(pretrain(PretrainOptions(**given.as_dict())))


if __name__ == "__main__":
    main()
