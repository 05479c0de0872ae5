"""The dialogues of TRL's batches, held as our own engine would, and what a batch is made of."""

from __future__ import annotations

import time

from accelerate import Accelerator

from sml_agents.advantages import dialogue_return
from sml_agents.grpo import GRPOOptions, token_advantages
from sml_agents.processes import add_up
from sml_agents.shuffled_rewards import exchange_outcomes
from sml_agents.step_dialogues import hold_step, tell_tasks
from sml_agents.student import student_of
from sml_agents.tokens import token_record
from sml_agents.training_metrics import episode_sums
from sml_agents.trl_engine.steps import StepRecord
from sml_agents.trl_engine.trainer import Batch, DialogueTrainer
from sml_agents.trl_engine.vllm import TRLGenerator
from sml_gym import ConfigError, Episode, Job, rollout
from sml_gym.errors import BudgetSpent


class Dialogues:
    """Holds the dialogues of TRL's batches, as our own engine would.

    Attributes:
        source: where the tasks come from.
        record: what the newest step's dialogues said.
        learned: the newest step's dialogues to learn from.
        refused: whether the run's first requests to a server were refused.
    """

    def __init__(self, options: GRPOOptions) -> None:
        self.options = options
        self._make_env = options.env_factory()
        env = self._make_env()
        self.source = env.source
        self.record = StepRecord(max_turns=env.max_turns)
        self.learned: list[Episode] = []
        self.refused = False

    def __call__(self, prompts: list[str], trainer: DialogueTrainer) -> Batch:
        """The dialogues that the prompts name, one for each.

        Raises:
            BudgetSpent: in all processes, when a teacher's budget is used up in one of them.
            ConfigError: when a server refuses the first requests.
        """
        options, accelerator = self.options, trainer.accelerator
        step, numbers = named(prompts, options.group_size)
        spent: BudgetSpent | None = None
        held: list[Episode] = []
        self.record.began = time.perf_counter()
        generator = TRLGenerator(trainer, options.max_tokens_per_turn) if trainer.use_vllm else None
        with trainer.speaking() as model:
            student = student_of(options, model, trainer.processing_class, generator)

            def hold(jobs: list[Job], places: list[int], *seeds: int) -> list[Episode]:
                student.reseed(options.seed, *seeds, first=places)
                return rollout(
                    self._make_env,
                    student,
                    jobs,
                    batch_size=options.rollout_batch,
                    overlap=options.overlap,
                    observe=False,
                )

            try:
                held, self.learned = hold_step(options, step, numbers, hold, self._tells)
            except BudgetSpent as exc:
                spent = exc
            except ConfigError:
                self.refused = step == 1
                raise
        if generator:
            generator.finish()
        if add_up({"spent": float(spent is not None)}, accelerator)["spent"]:
            raise spent or BudgetSpent("the budget of another process is used up")
        tell_tasks(self.source, held, accelerator)
        judged = self.learned
        if options.shuffle_rewards:
            judged = exchange_outcomes(judged, options.seed, step, accelerator=accelerator)
        batch, used = make_batch(options, judged, accelerator)
        returns = [dialogue_return(episode, options.gamma) for episode in held]
        sums = episode_sums(held, returns, self.record.max_turns)
        groups = {"groups": float(len(self.learned) // options.group_size), "groups_used": float(used)}
        self.record.totals = add_up(sums | groups, accelerator)
        self.record.failure = next((episode.error for episode in held if episode.error), "unknown")
        self.record.held = time.perf_counter()
        return batch

    def _tells(self, group: list[Episode]) -> bool:
        records = [token_record(episode) for episode in group]
        return any(token_advantages(group, records, self.options)[1])


def prompts_of(options: GRPOOptions) -> list[str]:
    """The column of TRL's data set: the step and the number of each of its problems, from 0."""
    return [
        f"{step} {group}"
        for step in range(1, options.steps + 1)
        for group in range(options.problems_per_step)
    ]


def named(prompts: list[str], group_size: int) -> tuple[int, range]:
    """The step, and the numbers of its dialogues, that a batch of prompts names.

    Raises `RuntimeError` where they are not whole groups of one step in their order: then TRL draws its
    batches in another way than this engine knows.
    """
    places = [tuple(map(int, prompt.split())) for prompt in prompts]
    step, first = places[0]
    expected = [(step, first + i // group_size) for i in range(len(prompts))]
    if places != expected or len(prompts) % group_size:
        raise RuntimeError(f"TRL's batch is not of whole groups in their order: {prompts[:20]} ...")
    return step, range(first * group_size, first * group_size + len(prompts))


def make_batch(options: GRPOOptions, episodes: list[Episode], accelerator: Accelerator) -> tuple[Batch, int]:
    """The batch of this process's dialogues, group after group, and how many groups tell anything."""
    records = [token_record(episode) for episode in episodes]
    advantages, tell = token_advantages(episodes, records, options)
    valid = [episode.valid for episode in episodes]
    counts = [ok and len(record) > 0 for ok, record in zip(valid, records, strict=True)]
    learn = [ok and (options.beta > 0 or own.any()) for ok, own in zip(counts, advantages, strict=True)]
    sums = add_up(
        {"dialogues": float(sum(counts)), "rows": float(len(episodes)), "learn": float(any(learn))},
        accelerator,
    )
    batch = Batch(
        records,
        valid,
        [dialogue_return(episode, options.gamma) if episode.valid else None for episode in episodes],
        advantages,
        sums["dialogues"],
        sums["rows"],
        sums["learn"] > 0,
    )
    return batch, sum(tell)
