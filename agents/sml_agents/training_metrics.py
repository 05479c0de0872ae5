"""What a training step's dialogues say: sums that add up over processes, then means."""

from __future__ import annotations

from collections.abc import Sequence

from sml_gym import Episode, UtteranceKind

_COSTS = tuple(
    f"{who}_{what}"
    for who in ("teacher", "judge")
    for what in ("requests", "input_tokens", "output_tokens", "cost")
)


def episode_sums(episodes: Sequence[Episode], returns: Sequence[float], max_turns: int) -> dict[str, float]:
    """What is summed over dialogues; failed ones count in `failures`, leaks and costs alone."""
    valid = [episode for episode in episodes if episode.valid]
    turns = [turn for episode in valid for turn in episode.turns]
    spans = [turn.tokens for turn in turns if turn.tokens is not None]
    solved = [episode.solved_at for episode in valid if episode.solved_at]
    sums = {
        "dialogues": len(valid),
        "failures": len(episodes) - len(valid),
        "return": sum(r for r, episode in zip(returns, episodes, strict=True) if episode.valid),
        "turns": len(turns),
        "turns_of_solved": sum(solved),
        "tokens": sum(len(span.sampled) for span in spans),
        "context_tokens": sum(len(span.context) for span in spans),
        "questions": sum(turn.student.kind is UtteranceKind.QUESTION for turn in turns),
        "attempts": sum(turn.student.kind is UtteranceKind.ATTEMPT for turn in turns),
        "truncated": sum(turn.student.truncated for turn in turns),
    }
    notes = [turn.notes.get("guard") for episode in episodes for turn in episode.turns]
    guarded = [note for note in notes if isinstance(note, dict)]
    sums |= {"guarded": len(guarded), "leaks": sum(bool(note.get("leak")) for note in guarded)}
    sums |= {name: sum(episode.usage.get(name, 0) for episode in episodes) for name in _COSTS}
    for k in range(1, max_turns + 1):
        sums[f"solve_at_{k}"] = sum(n <= k for n in solved)
    return {name: float(value) for name, value in sums.items()}


def step_metrics(totals: dict[str, float], max_turns: int) -> dict[str, float | None]:
    """Means from the sums over all processes; None where there was nothing to average.

    `reward` is the share of dialogues solved, `return` their mean discounted reward, `solve@k`
    the share solved within k turns; `turns_to_solve` averages over the solved. `questions`,
    `attempts` and `truncated` are shares of utterances, lengths are in tokens. `entropy` (nats),
    `clip_share`, `kl` (to the student before training) and `policy_kl` (from the policy that
    held the dialogues) are means over the tokens trained on; `updates_skipped` is how many updates had no
    finite gradient, if any. Where models teach or judge, what they
    have cost in this step is given in all (`teacher_requests` and so on), and where a guard stands around
    the teacher, `leaks` is the share of the checked feedbacks in which it found one.
    """

    def mean(name: str, over: str) -> float | None:
        return totals[name] / totals[over] if totals[over] else None

    solved = f"solve_at_{max_turns}"
    return {
        "reward": mean(solved, "dialogues"),
        "return": mean("return", "dialogues"),
        **{f"solve@{k}": mean(f"solve_at_{k}", "dialogues") for k in range(1, max_turns + 1)},
        "turns_to_solve": mean("turns_of_solved", solved),
        "failures": totals["failures"],
        "questions": mean("questions", "turns"),
        "attempts": mean("attempts", "turns"),
        "truncated": mean("truncated", "turns"),
        "tokens_per_utterance": mean("tokens", "turns"),
        "tokens_per_dialogue": mean("tokens", "dialogues"),
        "context_tokens_per_dialogue": mean("context_tokens", "dialogues"),
        "groups_used": mean("groups_used", "groups"),
        "entropy": mean("entropy", "trained_tokens"),
        "clip_share": mean("clipped", "trained_tokens"),
        "kl": mean("kl", "trained_tokens"),
        "policy_kl": mean("policy_kl", "trained_tokens"),
        **({"updates_skipped": totals["updates_skipped"]} if totals["updates_skipped"] else {}),
        **({"leaks": mean("leaks", "guarded")} if totals["guarded"] else {}),
        **{name: totals[name] for name in _COSTS if totals[name]},
    }
