"""The other engine: TRL's `GRPOTrainer` makes the updates, our rollout holds the dialogues (`engine="trl"`).

TRL brings vLLM and DeepSpeed, and with vLLM also FSDP. It is given the dialogues that our own engine would
have held: the same jobs, a pure function of seed and step, the same student and sampling, the same tokens and
masks, by way of TRL's `rollout_func`. So from the same weights both engines have the same batch, and after an
update with all of it the same weights but for rounding; an epoch in several updates is divided at random, by
each in its way.

    sml-gym train --engine trl --env SML-Math-v0 --student embedded --out runs/trl
    torchrun --nproc_per_node 8 -m sml_gym.cli.main train --engine trl --engine-options.use_vllm true ...

A run's folder holds what it does with our engine: `run.json`, `metrics.jsonl`, `timings.jsonl`,
`tensorboard/`, `model/`, and in `checkpoints/` TRL's own, from which only this engine goes on. Measures that
TRL does not take (`policy_kl`) are null; `entropy`, `kl` and `clip_share` are TRL's, over all tokens of its
batches.

Not as with our engine: losses cannot be added, all dialogues are computed whether they tell anything or not,
micro-batches are so many dialogues (`options.rows_at_once`) and are not halved where memory runs out, and
updates without a finite gradient are left to DeepSpeed where that keeps the gradients.

- `run`: a run from its beginning to its end.
- `options`: TRL's arguments for our options.
- `trainer`: the trainer, whose batches and loss are ours.
- `dialogues`: what holds the dialogues of its batches.
- `steps`: what is logged and saved at the end of a step.
- `vllm`: TRL's vLLM as a generator of ours.
"""
