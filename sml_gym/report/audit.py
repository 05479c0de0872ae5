"""An audit's results as a table, and the dialogues that show the worst of each measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sml_gym.audit import AUDITED, BASELINE, AuditedDialogue, JudgedReply
from sml_gym.episode import Episode
from sml_gym.report.results import Cell, failure_note
from sml_gym.report.viewer import Table

NOTE = "audit"
"""Under this name the examples' notes say what was found in a turn."""

_EXAMPLES = 3


def audit_table(results: Mapping[str, Any]) -> Table:
    """A row for each measure: the value with its 95% interval, and what it rests on."""
    truth, gain, again = results["truthfulness"], results["helpfulness"], results["agreement"]
    replies, time = results["n_replies"], results["latency_seconds"]
    rows: list[list[Cell]] = [
        [
            "truthfulness",
            "claims that are true, of those that can be checked",
            _cell(truth),
            f"{truth['n_true'] + truth['n_false']} claims in {truth['replies_checked']} of {replies} replies",
        ],
        [
            "helpfulness",
            f"solve@{gain['k']} minus that under {BASELINE}",
            _cell(gain),
            f"{_plain(gain[AUDITED])} - {_plain(gain[BASELINE])}, {gain['n_tasks']} tasks",
        ],
        ["leaks", "replies that give the answer away", _cell(results["leaks"], 4), f"{replies} replies"],
    ]
    if results["leaks_drafted"]["value"] is not None:
        drafted = results["leaks_drafted"]
        rows.append(["leaks", "replies of which the guard refused a draft", _cell(drafted, 4), "its record"])
    questions = results["answered"]
    rows += [
        ["questions", "answered", _cell(questions), f"{questions['n_questions']} questions"],
        ["length", "characters a reply", _cell(results["length_chars"], 1), f"{replies} replies"],
    ]
    if results["length_tokens"]["value"] is not None:
        rows.append(["length", "tokens a reply", _cell(results["length_tokens"], 1), f"{replies} replies"])
    for key, whose in (("cost_per_dialogue", ""), ("judge_cost_per_dialogue", "judge's ")):
        for name, spent in results[key].items():
            cell = _cell(spent, 5 if name == "cost" else 1)
            rows.append(["cost", f"{whose}{name} a dialogue", cell, f"{results['n_dialogues']} dialogues"])
    for name, share in (("p50", "median"), ("p95", "95th percentile")):
        what = f"{time['n_calls']} calls, {time['n_replies']} replies"
        rows.append(["latency", f"seconds until a reply, {share}", _cell(time[name], 4), what])
    rows.append(
        ["agreement", "same claims under another seed", _cell(again), f"{again['n_asked_again']} asked again"]
    )
    note = (
        "With 95% bootstrap intervals over tasks (latency: over calls). Truthfulness: facts, verdicts and "
        f"calculations in the words, held against the reference; {truth['n_unknown']} further claims, such "
        "as advice, can be neither true nor false. Answered: by the facts that a teacher names; where it "
        "names none, whatever is more than a brush-off counts. Latency: the replies of a batched call come "
        "together, so "
        f"each counts with its whole call, at up to {time['batch_size']} dialogues at a time. Agreement: of "
        "the replies that claim anything."
    )
    shares = (truth, results["leaks"], results["leaks_drafted"], questions, again)
    flat = [share["n_tasks"] for share in shares if share["value"] in (0.0, 1.0)]
    if flat:
        note += (
            " Where everything went the same way the bootstrap sees no variation; the true share may then "
            f"still be up to about {3 / min(flat):.1%} away (rule of three, over tasks)."
        )
    return Table(
        "Is this teacher any good?", ["measure", "what", "value", "of"], rows, note + _failed(results)
    )


def worst_dialogues(
    dialogues: Sequence[AuditedDialogue], baseline: Sequence[Episode]
) -> dict[str, list[Episode]]:
    """For each measure the few dialogues in which it came out worst, with notes that say where.

    A measure that came out well everywhere has none.
    """
    solved = {episode.task_id for episode in baseline if episode.solved_at is not None}

    def times(found: Callable[[JudgedReply], bool]) -> Callable[[AuditedDialogue], float]:
        return lambda dialogue: sum(map(found, dialogue.replies))

    def missed(dialogue: AuditedDialogue) -> float:
        episode = dialogue.episode
        return float(episode.valid and episode.solved_at is None and episode.task_id in solved)

    measures: dict[str, Callable[[AuditedDialogue], float]] = {
        "worst: truthfulness": lambda dialogue: sum(len(reply.false) for reply in dialogue.replies),
        f"worst: helpfulness (solved under {BASELINE} alone)": missed,
        "worst: leaks": times(lambda reply: reply.leak is True),
        "worst: questions": times(lambda reply: reply.asked and not reply.answered),
        "worst: agreement": times(lambda reply: reply.agrees is False),
        "worst: length": lambda dialogue: max(
            (len(turn.feedback or "") for turn in dialogue.episode.turns), default=0
        ),
        "worst: cost": lambda dialogue: dialogue.episode.usage.get("teacher_output_tokens", 0),
    }
    found = {}
    for name, badness in measures.items():
        ranked = sorted(dialogues, key=badness, reverse=True)[:_EXAMPLES]
        shown = [_noted(dialogue) for dialogue in ranked if badness(dialogue) > 0]
        if shown:
            found[name] = shown
    return found


def _noted(dialogue: AuditedDialogue) -> Episode:
    """The dialogue with what was found in the notes of its turns."""
    turns = list(dialogue.episode.turns)
    for reply in dialogue.replies:
        note: dict[str, Any] = {}
        if reply.false:
            note["not true"] = [claim.text for claim in reply.false]
        if reply.leak:
            note["gives the answer away"] = True
        if reply.asked and not reply.answered:
            note["does not answer the question"] = True
        if reply.agrees is False:
            note["under another seed"] = reply.words_again
        if note:
            turn = turns[reply.turn - 1]
            turns[reply.turn - 1] = replace(turn, notes={**turn.notes, NOTE: note})
    return replace(dialogue.episode, turns=turns)


def _failed(results: Mapping[str, Any]) -> str:
    return failure_note(results["failures"])


def _plain(estimate: Mapping[str, Any]) -> str:
    return "-" if estimate["value"] is None else f"{estimate['value']:.2f}"


def _cell(estimate: Mapping[str, Any], places: int = 3) -> Cell:
    value, interval = estimate["value"], estimate["ci95"]
    if value is None or interval is None:
        return "-"
    return f"{value:.{places}f}", f"[{interval[0]:.{places}f}, {interval[1]:.{places}f}]"
