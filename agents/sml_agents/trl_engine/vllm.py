"""TRL's own vLLM as a generation back end: `engine=trl` with `engine_options.use_vllm`.

TRL makes the engine and hands it the trained weights before it asks for dialogues, so here it is only spoken
with. What is drawn depends on vLLM's own state and not on our seeds: such a run cannot be repeated token by
token. The log-probabilities are vLLM's, and TRL's loss corrects for what sets them apart from the model's.

TRL's call is one in which all processes take part, with equally many prompts, while dialogues differ in their
turns. So each call is filled up to the most that any process has, and a process whose dialogues have ended
takes part with fillers until those of all have (`finish`).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from accelerate.utils import gather_object

from sml_agents.generation import Generated, TokenSampling
from sml_gym import StudentError


class TRLGenerator:
    """Speaks with the vLLM of a TRL trainer.

    Args:
        trainer: a `GRPOTrainer` with `use_vllm`.
        longest: most tokens of an utterance, the same in all processes.
    """

    def __init__(self, trainer: Any, longest: int) -> None:
        self._vllm, self._accelerator = trainer.vllm_generation, trainer.accelerator
        self._filler = [trainer._tokenizer.pad_token_id]
        self._longest = longest
        self._given = dict(trainer.args.generation_kwargs or {})
        self.context_length: int | None = trainer.args.vllm_max_model_length

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        sampling: TokenSampling,
        *,
        keys: Sequence[Hashable] | None = None,
    ) -> Generated:
        """See `Generator.generate`. A row's limit is applied to what vLLM said, which has but one for all."""
        if not prompts:
            return Generated([], [])
        self._vllm.max_completion_length = self._longest
        self._vllm.generation_kwargs = {
            **self._given,
            "stop_token_ids": sorted(sampling.stops),
            "ignore_eos": True,  # which tokens end an utterance is said by the stops alone
        }
        try:
            ids, logprobs = self._together(prompts) or ([], [])
        except Exception as exc:
            if self._accelerator.num_processes > 1:  # the others wait for this one: the run must end
                raise
            raise StudentError(f"TRL's vLLM failed: {type(exc).__name__}: {exc}") from exc
        made = Generated([], [])
        for row, (said, scores, limit) in enumerate(zip(ids, logprobs, sampling.limits, strict=True)):
            if not said:
                made.failed[row] = StudentError("TRL's vLLM sampled nothing")
            made.ids.append(list(said[:limit]))
            made.logprobs.append([math.nan if s[0] is None else float(s[0]) for s in scores[:limit]])
        return made

    def finish(self) -> None:
        """Take part in the others' calls until the dialogues of all processes have ended."""
        if self._accelerator.num_processes > 1:
            while self._together([]) is not None:
                pass

    def weights_changed(self) -> None:
        """See `Generator.weights_changed`: TRL does it."""

    def forget(self) -> None:
        """See `Generator.forget`: nothing is kept here."""

    def close(self) -> None:
        """See `Generator.close`: the engine is TRL's."""

    def _together(self, prompts: Sequence[Sequence[int]]) -> tuple[list[list[int]], list[Any]] | None:
        """One call of TRL's, in all processes; None when not one of them has a prompt."""
        most = len(prompts)
        if self._accelerator.num_processes > 1:
            most = max(gather_object([len(prompts)]))
        if not most:
            return None
        given = [list(prompt) for prompt in prompts] + [self._filler] * (most - len(prompts))
        _, ids, logprobs, _ = self._vllm.generate(prompts=given, images=None, num_generations=1)
        return list(ids[: len(prompts)]), list(logprobs[: len(prompts)])
