"""How fast an accelerator samples and learns here, and how far that is from what it could do.

    python benchmarks/gpu.py                  # on a CUDA GPU: measured and recorded
    python benchmarks/gpu.py --tiny           # anywhere, in seconds: printed, never recorded

Two students, random weights of real shapes (no download): `135M` with SmolLM2-135M's, or that model itself
if it is installed (`make smollm2`), and `0.5B` with Qwen2.5-0.5B's. All weights are float32 and products
bfloat16, as `precision=bf16` trains. Of each student, in one run:

- `rollouts_per_second`, `tokens_per_second`: whole dialogues through `sml_gym.rollout` with a scripted
  teacher, sampled tokens counted; random weights seldom end an utterance, so each has its full length;
- `decode_seconds_per_token`: one decoding step for all rows, and beside it the memory-bandwidth floor: the
  bytes that a step must read at least (each weight once in the type that it is multiplied in, and the keys
  and values of every row), divided by the bandwidth of a large copy measured in this run (bytes read and
  written). `decode_over_floor` is their ratio;
- `update_flops_utilisation`: model FLOPs of GRPO's update, 2 a multiply-add, forward and backward, without
  what activation checkpointing computes again, divided by the update's seconds and by the FLOP/s of a large
  bfloat16 matrix product measured in this run. A table's peak is not used: no product reaches it.

With `--tiny` the formula for FLOPs is held against what torch counts, with all of the attention in both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import torch
from accelerate import Accelerator
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from benchmarks.results_file import report
from sml_agents.decoding import KeptBatch
from sml_agents.grpo import GRPOLearner, GRPOOptions
from sml_agents.load import check_model, load_student
from sml_agents.processes import own_precision
from sml_agents.student import ModelStudent
from sml_gym import ConfigError, Episode, Job, StopReason, env_factory, rollout

BYTES = {torch.float32: 4, torch.bfloat16: 2}


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        dialogues: held at once, in groups of 8 (dialogues).
        tokens: of an utterance (tokens).
        turns: of a dialogue (turns).
        prompt: read before decoding is timed (tokens).
        steps: decoding steps that are timed (tokens).
        product: rows and columns of the large matrix product.
        copied: size of the large copy (bytes).
        repeats: of which the median counts.
    """

    dialogues: int
    tokens: int
    turns: int
    prompt: int
    steps: int
    product: int
    copied: int
    repeats: int


FULL = Size(256, 256, 2, 512, 64, 8192, 2**31, 5)
TINY = Size(8, 8, 2, 16, 4, 128, 2**20, 1)


def timed(work: Callable[[], object], device: torch.device, repeats: int) -> float:
    """Median seconds of some work, after one turn that is not counted."""
    seconds = []
    for _ in range(repeats + 1):
        _wait(device)
        begun = time.perf_counter()
        work()
        _wait(device)
        seconds.append(time.perf_counter() - begun)
    return median(seconds[1:])


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def product_flops(size: Size, device: torch.device) -> float:
    """FLOP/s of a large bfloat16 matrix product."""
    a = torch.randn(size.product, size.product, device=device, dtype=torch.bfloat16)
    return 2 * size.product**3 / timed(lambda: a @ a, device, size.repeats)


def copy_bandwidth(size: Size, device: torch.device) -> float:
    """Bytes a second that a large copy reads and writes."""
    source = torch.ones(size.copied, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * size.copied / timed(lambda: target.copy_(source), device, size.repeats)


def students(tiny: bool) -> dict[str, tuple[Any, Any]]:
    """The models with a tokenizer, by name."""
    torch.manual_seed(0)
    _, tokenizer = load_student("embedded")
    if tiny:
        shape: dict[str, Any] = {
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "vocab_size": len(tokenizer), "max_position_embeddings": 4096,
        }  # fmt: skip
        return {"tiny": (LlamaForCausalLM(LlamaConfig(**shape, attn_implementation="eager")), tokenizer)}
    try:
        check_model("smollm2")
        small = load_student("smollm2")
    except ConfigError:
        llama = LlamaConfig(
            hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
            num_key_value_heads=3, vocab_size=49152, max_position_embeddings=8192, tie_word_embeddings=True,
        )  # fmt: skip
        small = LlamaForCausalLM(llama), tokenizer
    qwen = Qwen2Config(
        hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14,
        num_key_value_heads=2, vocab_size=151936, max_position_embeddings=32768, tie_word_embeddings=True,
    )  # fmt: skip
    return {"135M": small, "0.5B": (Qwen2ForCausalLM(qwen), tokenizer)}


def training_flops(config: Any, lengths: list[int], said: int, *, causal: bool = True) -> int:
    """Model FLOPs of forward and backward over dialogues of these lengths, with `said` learned tokens in all.

    2 FLOPs a multiply-add, and the backward pass takes twice the forward pass: 6 for each weight of the
    linear layers and each token, as in PaLM, arXiv 2204.02311, appendix B; for the head, only the tokens that
    are learned. In attention a token needs 2 products with the width of all heads for each token it sees:
    those up to itself, or with `causal` False all.
    """
    width = config.hidden_size
    head = getattr(config, "head_dim", None) or width // config.num_attention_heads
    queries, keys = config.num_attention_heads * head, config.num_key_value_heads * head
    layer = 2 * width * queries + 2 * width * keys + 3 * width * config.intermediate_size
    linear = config.num_hidden_layers * layer * sum(lengths)
    seen = sum(n * (n + 1) // 2 if causal else n * n for n in lengths)
    attention = config.num_hidden_layers * 2 * queries * seen
    return int(6 * (linear + attention + width * config.vocab_size * said))


def counted_flops(model: Any, length: int) -> int:
    """What torch counts for forward and backward over one row of this length, whose every token is learned.

    Attention must be computed in plain products ("eager"), which the counter knows in full.
    """
    ids = torch.zeros((1, length), dtype=torch.long, device=model.device)
    with FlopCounterMode(display=False) as counter:
        model(input_ids=ids, use_cache=False).logits.float().sum().backward()
    model.zero_grad(set_to_none=True)
    return int(counter.get_total_flops())


def decode_bytes(model: Any, rows: int, slots: int, dtype: torch.dtype = torch.bfloat16) -> int:
    """What a decoding step reads at least: the weights that it multiplies with, and all keys and values.

    Embeddings are looked up and not read as a whole, but where they are the head too.
    """
    config = model.config
    weights = sum(p.numel() for p in model.parameters())
    if model.get_input_embeddings().weight is not model.get_output_embeddings().weight:
        weights -= int(model.get_input_embeddings().weight.numel())
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    kept = 2 * config.num_hidden_layers * config.num_key_value_heads * head
    return int(BYTES[dtype] * (weights + rows * slots * kept))


def decode_seconds(model: Any, size: Size, device: torch.device) -> float:
    """Median seconds of a decoding step for all rows."""
    under_way = torch.ones(size.dialogues, dtype=torch.bool, device=device)
    tokens = torch.full((size.dialogues,), 7, device=device)
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
        batch = KeptBatch(model)
        batch.extend([[5] * size.prompt] * size.dialogues)

        def run() -> None:
            for _ in range(size.steps):
                batch.step(tokens, under_way)

        return timed(run, device, 1) / size.steps


def hold(model: Any, tokenizer: Any, size: Size, device: torch.device) -> tuple[list[Episode], float]:
    """Dialogues in groups of 8, and the seconds that they took."""
    student = ModelStudent(model, tokenizer, max_tokens_per_turn=size.tokens)
    make = env_factory("SML-Math-v0", families=["add_subtract"], max_turns=size.turns)
    jobs = [Job(seed=number // 8, teacher_seed=number // 8) for number in range(size.dialogues)]

    def run() -> list[Episode]:
        student.reseed(0)
        with torch.autocast(device.type, torch.bfloat16):
            return rollout(make, student, jobs, batch_size=size.dialogues)

    episodes = run()
    return episodes, timed(run, device, 1)


def update_seconds(model: Any, episodes: list[Episode], device: torch.device) -> float:
    """Seconds of GRPO's update on these dialogues, with rewards that make every group tell something."""
    for number, episode in enumerate(episodes):
        episode.stop_reason = StopReason.SOLVED if number % 2 else StopReason.TURN_LIMIT
        episode.reward = float(number % 2)
    with tempfile.TemporaryDirectory() as folder, own_precision():
        options = GRPOOptions(
            out=folder, group_size=8, problems_per_step=len(episodes) // 8, precision="bf16", lr=1e-6
        )
        accelerator = Accelerator(mixed_precision="bf16", cpu=device.type == "cpu")
        learner = GRPOLearner(options, accelerator, model)
        return timed(lambda: learner.learn(episodes, 1), device, 1)


def measure(
    model: Any, tokenizer: Any, size: Size, device: torch.device, flops: float, bandwidth: float
) -> dict[str, Any]:
    """The figures of one student."""
    model.to(device).eval()
    step = decode_seconds(model, size, device)
    floor = decode_bytes(model, size.dialogues, size.prompt + size.steps // 2) / bandwidth
    episodes, took = hold(model, tokenizer, size, device)
    spans = [[turn.tokens for turn in episode.turns if turn.tokens] for episode in episodes]
    said = sum(len(span.sampled) for own in spans for span in own)
    lengths = [sum(len(span.context) + len(span.sampled) for span in own) for own in spans]
    update = update_seconds(model, episodes, device)
    learned = training_flops(model.config, lengths, said)
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "dialogues": size.dialogues,
        "rollouts_per_second": round(len(episodes) / took, 2),
        "tokens_per_second": round(said / took, 1),
        "decode_seconds_per_token": round(step, 6),
        "decode_floor_seconds_per_token": round(floor, 6),
        "decode_over_floor": round(step / floor, 2),
        "update_seconds": round(update, 4),
        "update_tokens_per_second": round(sum(lengths) / update, 1),
        "update_flops_utilisation": round(learned / update / flops, 4),
    }


def main() -> None:
    """Measure, print, and on a GPU record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tiny", action="store_true", help="a toy model, on any device; nothing is recorded")
    args = parser.parse_args()

    cuda = torch.cuda.is_available()
    if not cuda and not args.tiny:
        sys.exit("There is no CUDA GPU. Pass --tiny to see that this script works.")
    device = torch.device("cuda" if cuda else "cpu")
    size = TINY if args.tiny else FULL
    flops, bandwidth = product_flops(size, device), copy_bandwidth(size, device)
    figures: dict[str, Any] = {
        "device": torch.cuda.get_device_name(device) if cuda else "cpu",
        "product_flops_per_second": round(flops),
        "copy_bytes_per_second": round(bandwidth),
    }
    for name, (model, tokenizer) in students(args.tiny).items():
        figures[name] = measure(model, tokenizer, size, device, flops, bandwidth)
        if args.tiny:
            formula = training_flops(model.config, [size.prompt], size.prompt, causal=False)
            figures["flops_formula_over_counted"] = round(formula / counted_flops(model, size.prompt), 4)
    report("gpu", figures, write=cuda and not args.tiny)


if __name__ == "__main__":
    main()
