"""A control: rewards exchanged at random among dialogues, so that they say nothing of what was said in them.

With `shuffle_rewards` an algorithm learns from a step's dialogues as they are, but each has the outcome of
another: solved at that one's turn, or not at all. Rewards have the same distribution as before and are
independent of what the student said. What it "learns" under this control it does not learn from rewards:
it may be the form of the dialogues that it trains on, a bias of the algorithm's own, or drift. "Spurious
Rewards" (arXiv 2506.10947) shows how much that can be.

Exchanged is the turn at which a dialogue was solved, if it was, and with it the return, the reward of each
turn, what an offline algorithm keeps, and which utterances count as solving for `distill`. The teacher's
words stay as they were, as do other verdicts (malformed or incorrect) and what is logged, saved, and told to
a curriculum. DAPO's dynamic sampling looks for groups that tell something before the exchange.

Where a dialogue is given a turn n that it never reached, its return is gamma^(n - 1) as for any other: a
short dialogue, which is one that was solved early, must not have more of it than a long one. The advantages
of a group are then the same for all in expectation, whole or by turn. So are PPO's where lambda is 1; below
that, while its values are still wrong, they depend a little on how far away the reward is, and with it on a
dialogue's length.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from accelerate import Accelerator

from sml_agents.processes import gather
from sml_gym import Episode, Outcome, Turn
from sml_gym.seeding import stable_hash


@dataclass(slots=True)
class ExchangedEpisode(Episode):
    """A dialogue with another's outcome; for learners alone, never saved.

    Attributes:
        exchanged: the turn at which that other one was solved, None if it was not.
    """

    exchanged: int | None = None

    @property
    def solved_at(self) -> int | None:
        """The other dialogue's turn, which may lie beyond this one's last."""
        return self.exchanged


def exchange_outcomes(
    episodes: Sequence[Episode], *seeds: str | int, accelerator: Accelerator | None = None
) -> list[Episode]:
    """The dialogues, each valid one with the outcome of a valid one drawn without replacement.

    Args:
        episodes: of this process, in the order of their numbers. They are not changed.
        seeds: what the exchange depends on.
        accelerator: where there are several processes; the exchange is among the dialogues of all, and the
            same whatever their number. All must call it.
    """
    own: list[int | None] = [episode.solved_at for episode in episodes if episode.valid]
    if accelerator is None or accelerator.num_processes == 1:
        before, outcomes = 0, own
    else:
        shares = gather([own], accelerator)
        before = sum(len(share) for share in shares[: accelerator.process_index])
        outcomes = [outcome for share in shares for outcome in share]
    outcomes = random.Random(stable_hash("exchanged outcomes", *seeds)).sample(outcomes, len(outcomes))
    given = iter(outcomes[before : before + len(own)])
    return [_with_outcome(episode, next(given)) if episode.valid else episode for episode in episodes]


def _with_outcome(episode: Episode, outcome: int | None) -> ExchangedEpisode:
    held = {field.name: getattr(episode, field.name) for field in fields(Episode)}
    turns = [_turn(turn, solves=number == outcome) for number, turn in enumerate(episode.turns, start=1)]
    reward = 1.0 if outcome else 0.0
    return ExchangedEpisode(**{**held, "turns": turns, "reward": reward}, exchanged=outcome)


def _turn(turn: Turn, *, solves: bool) -> Turn:
    correct = turn.outcome is Outcome.CORRECT
    if solves == correct and turn.reward == float(solves):
        return turn
    outcome = Outcome.CORRECT if solves else Outcome.INCORRECT if correct else turn.outcome
    return replace(turn, outcome=outcome, reward=float(solves))
