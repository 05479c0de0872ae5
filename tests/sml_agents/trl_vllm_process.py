"""One of several processes that speak with TRL's vLLM, each for another number of turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from accelerate.utils import gather_object

from sml_agents.generation import TokenSampling
from sml_agents.processes import start
from sml_agents.trl_engine.vllm import TRLGenerator


class Together:
    """Has the interface of `VLLMGeneration`. All processes call it together, with equally many prompts."""

    def generate(self, prompts: list[list[int]], images: Any, num_generations: int) -> Any:
        counts = gather_object([len(prompts)])
        assert len(set(counts)) == 1, counts
        return prompts, [[prompt[0], 9] for prompt in prompts], [[[-1.0], [-1.0]] for _ in prompts], None


@dataclass
class Trainer:
    """As much of a trainer as a generator looks at."""

    vllm_generation: Any
    accelerator: Any
    args: Any
    _tokenizer: Any


class Settings:
    generation_kwargs = None
    vllm_max_model_length = None
    pad_token_id = 0


if __name__ == "__main__":
    accelerator = start(precision="no", device="cpu", timeout=100)
    rank = accelerator.process_index
    generator = TRLGenerator(Trainer(Together(), accelerator, Settings, Settings), 4)
    for turn in range(1 + 3 * rank):
        prompts = [[10 + row] for row in range(1 + (rank + turn) % 3)]
        sampling = TokenSampling([4] * len(prompts), torch.zeros(len(prompts), 4), frozenset({9}))
        assert generator.generate(prompts, sampling).ids == [[*prompt, 9] for prompt in prompts]
    generator.finish()
    assert gather_object([rank]) == list(range(accelerator.num_processes))
