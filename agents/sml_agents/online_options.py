"""What every online run depends on, whatever the algorithm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sml_gym import ConfigError
from sml_gym.distillation import Which, Without
from sml_gym.student_prompts import read_student_prompt

Target = Literal["revision", "attempt"]
Divergence = Literal["kl", "sampled"]


@dataclass
class OnlineOptions:
    """Everything that a run of rollouts and updates depends on, whatever the algorithm.

    Attributes:
        student: the model to train: "embedded", "smollm2", a model folder, or a name on the Hugging Face
            Hub.
        student_prompt: what the student is told before the problem: "commit" (how to commit to an answer),
            "ask" (the same, and to ask before it is sure), a text file's path, or "" for nothing. A model
            trained with it is evaluated with it as PATH?prompt=NAME.
        out: folder for checkpoints, logs and the trained model.
        env_id: the environment's id.
        env_options: further options of the environment, such as families.
        teacher: who answers the student, by its name (see sml-gym list).
        max_turns: student utterances after which a dialogue ends (turns).
        seed: of tasks, teachers and sampling.
        steps: updates of rollout and training (steps).
        problems_per_step: problems a step, over all processes (groups).
        group_size: dialogues about each problem (dialogues).
        resampling: how often in a step groups that tell nothing may be replaced by others (rounds).
        common_random_numbers: whether the dialogues of a group meet the same teacher seed, so that
            they differ by what the student says alone.
        gamma: discount a turn; a dialogue solved at turn n returns gamma^(n - 1).
        lr: AdamW's learning rate after warm-up.
        warmup_steps: steps over which the learning rate rises linearly from 0 (steps).
        weight_decay: AdamW's weight decay.
        max_grad_norm: to which the norm of the whole gradient is clipped.
        epochs: passes over each step's dialogues (passes).
        updates_per_epoch: AdamW steps a pass; more than one splits the dialogues at random (updates).
        microbatch_tokens: largest padded batch whose gradient is computed at once; 0 chooses 2048 on a
            CPU, whose caches it fits, and 16384 elsewhere (tokens).
        distill: weight of a loss that teaches the student to say without feedback what it says with it;
            0 adds none (see `sml_agents.self_distillation`).
        distill_target: which utterance is learned: the one said after the feedback ("revision", RLTF-SD), or
            the one said before it, as the student would have it afterwards ("attempt", SDPO).
        distill_turns: which utterances after feedback count: those that solve the task ("solved"), that are
            better than all before ("improved"), or "all".
        distill_without: what the student reads in place of the feedback before a revision: the "problem"
            alone, or the dialogue with "Go on." for each feedback ("silent").
        distill_loss: the divergence over the whole vocabulary ("kl"), or of a revision the cross-entropy of
            the words that were "sampled".
        feedback_model: weight of a loss that teaches the student to predict the teacher's words (RLTF-FM);
            0 adds none.
        temperature: divides the logits at sampling.
        top_p: probability of the set of likeliest tokens that are sampled from; 1 is all.
        max_tokens_per_turn: longest utterance (tokens).
        max_tokens_per_dialogue: most that the student may sample in a dialogue; null is no limit (tokens).
        rollout_batch: dialogues held at once in each process (dialogues).
        activation_checkpointing: compute activations again in the backward pass instead of keeping them.
        lora_rank: rank of the adapters that are trained in the place of the weights (LoRA); 0 trains all.
        lora_alpha: the adapters are scaled by lora_alpha / lora_rank.
        precision: "no" computes in float32, "bf16" in bfloat16 with float32 weights.
        device: "auto" takes an accelerator if there is one, "cpu" never does.
        save_every: steps between checkpoints; 0 saves none (steps).
        keep_checkpoints: how many of the newest checkpoints stay on disk (checkpoints).
        resume: go on from the newest checkpoint in `out`.
    """

    student: str = "embedded"
    student_prompt: str = ""
    out: str = "runs/train"
    env_id: str = "SML-Math-v0"
    env_options: dict[str, Any] = field(default_factory=dict)
    teacher: str = "scripted"
    max_turns: int = 4
    seed: int = 0
    steps: int = 250
    problems_per_step: int = 16
    group_size: int = 8
    resampling: int = 0
    common_random_numbers: bool = True
    gamma: float = 0.7
    lr: float = 2e-4
    warmup_steps: int = 10
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    epochs: int = 1
    updates_per_epoch: int = 1
    microbatch_tokens: int = 0
    distill: float = 0.0
    distill_target: Target = "revision"
    distill_turns: Which = "solved"
    distill_without: Without = "problem"
    distill_loss: Divergence = "kl"
    feedback_model: float = 0.0
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens_per_turn: int = 512
    max_tokens_per_dialogue: int | None = None
    rollout_batch: int = 256
    activation_checkpointing: bool = False
    lora_rank: int = 0
    lora_alpha: float = 32.0
    precision: Literal["no", "bf16"] = "no"
    device: Literal["auto", "cpu"] = "auto"
    save_every: int = 50
    keep_checkpoints: int = 2
    resume: bool = False

    def plan(self) -> str:
        """What the run would do, and how much memory it would take (`sml_agents.plan`)."""
        from sml_agents.plan import plan

        return str(plan(self))

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        at_least(
            self, steps=0, problems_per_step=1, group_size=1, resampling=0, max_turns=1, epochs=1,
            updates_per_epoch=1, microbatch_tokens=0, rollout_batch=1, save_every=0, keep_checkpoints=1,
            warmup_steps=0, weight_decay=0, distill=0, feedback_model=0, lora_rank=0,
        )  # fmt: skip
        for name in ("lr", "max_grad_norm", "temperature", "lora_alpha"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be above 0.")
        if not 0 <= self.gamma <= 1:
            raise ConfigError(f"gamma is {self.gamma}; it must lie between 0 and 1.")
        read_student_prompt(self.student_prompt)
        if self.distill_target == "attempt" and self.distill_loss == "sampled":
            raise ConfigError(
                "An attempt's own words, sampled, would only be said more often. Choose distill_loss=kl, or "
                "distill_target=revision."
            )


def at_least(options: object, **bounds: float) -> None:
    """Raise `ConfigError` for an option below its bound."""
    for name, least in bounds.items():
        if getattr(options, name) < least:
            raise ConfigError(f"{name} is {getattr(options, name)}; it must be at least {least}.")
