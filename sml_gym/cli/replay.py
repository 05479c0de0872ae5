"""What `sml-gym eval --replay FILE` does: judge saved dialogues again, without any model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tqdm import tqdm

from sml_gym.episode import Episode, StopReason, write_episodes
from sml_gym.errors import ConfigError
from sml_gym.metrics import feedback_gain, summarize
from sml_gym.replay import Guarding, Rescored, env_of_record, rescore, solve_bounds
from sml_gym.report.results import Cell, estimate_cell, failure_note, text_table
from sml_gym.report.viewer import Table, dialogue_page, find_episodes
from sml_gym.runs import CONFIG, begin_run, read_config, write_json, write_text
from sml_gym.teachers import Teacher
from sml_gym.text import shorten, visible
from sml_gym.version import versions

if TYPE_CHECKING:
    from sml_gym.cli.eval import EvalOptions

Policy = Literal["redact", "regenerate", "flag", "end"]


def run_replay(options: EvalOptions) -> None:
    """Rescore the dialogues, write everything to the folder and print the table."""
    assert options.replay is not None
    found = _named(find_episodes(options.replay))
    env_options = options.env_options
    if not env_options and options.env_id is None:
        env_options = _recorded_options(Path(options.replay))
    make_env = env_of_record(options.env_id, env_options)
    guard = None if options.guard is None else _guarding(options.guard)
    for held in found.values():  # what cannot be made is refused before anything is written
        for episode in held:
            make_env(episode)
    _refuse_own_input(Path(options.replay), Path(options.out), found)
    folder = begin_run(
        options.out,
        replace(options, env_options=env_options),
        resume=options.resume,
        command="sml-gym eval --replay",
    )
    rescored: dict[str, list[Rescored]] = {}
    with tqdm(total=sum(map(len, found.values())), desc="rescoring", unit="dialogue") as bar:
        for name, held in found.items():
            rescored[name] = []
            for episode in held:
                rescored[name] += rescore([episode], make_env, guard)
                bar.update()
    for name, pairs in rescored.items():
        path = _file(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_episodes(path, [pair.new for pair in pairs])
    sets = {name: _summary(pairs, options.seed) for name, pairs in rescored.items()}
    gain = None
    if "real" in rescored and "placebo" in rescored:
        gain = {
            "old": _gain(rescored, lambda pair: pair.old, options.seed),
            "new": _gain(rescored, lambda pair: pair.new, options.seed),
        }
    results = {
        "replay": options.replay,
        "env_id": options.env_id,
        "env_options": env_options,
        "guard": options.guard,
        "sets": sets,
        "feedback_gain": gain,
        "versions": versions(),
    }
    write_json(folder / "results.json", results)
    table = _old_and_new(sets, gain)
    page = dialogue_page(
        {name: [pair.new for pair in pairs] for name, pairs in rescored.items()},
        title=f"Rescored: {options.replay}",
        lead="Saved dialogues, judged again by the environment as it is now. Nothing was said anew.",
        sections=[table, _changes(rescored, options.limit)],
        limit=options.limit,
    )
    write_text(folder / "report.html", page)
    print(text_table(table))
    print(table.note)
    print(f"Report: {folder / 'report.html'}")


def _guarding(policy: str) -> Guarding:
    """Puts a guard of this policy, without a judge, around recorded words."""
    from sml_gym.teachers.guard import Guard

    def guard(teacher: Teacher) -> Teacher:
        return Guard(teacher, policy)

    return guard


def _refuse_own_input(source: Path, out: Path, names: Mapping[str, object]) -> None:
    """Refuse to write over what is read, or where it would be read the next time."""
    source = source.resolve()
    for name in names:
        target = _file(out, name).resolve()
        if target == source or source in target.parents:
            raise ConfigError(f"--out {out} lies in what is replayed, {source}. Choose another --out.")


def _file(folder: Path, name: str) -> Path:
    return folder / "episodes" / f"{name}.jsonl"


def _named(found: Mapping[str, list[Episode]]) -> dict[str, list[Episode]]:
    """The sets of a run's folder without the name of the folder that they all lie in."""
    if all(name.startswith("episodes/") for name in found):
        return {name.removeprefix("episodes/"): held for name, held in found.items()}
    return dict(found)


def _recorded_options(path: Path) -> dict[str, Any]:
    """The environment options of the run that a file of episodes belongs to, {} if none is recorded."""
    folder = path if path.is_dir() else path.parent
    for place in (folder, folder.parent):
        if (place / CONFIG).is_file():
            try:
                options = read_config(place / CONFIG).get("env_options")
            except ConfigError:  # a file of the same name that is not ours
                return {}
            return dict(options) if isinstance(options, dict) else {}
    return {}


def _summary(pairs: Sequence[Rescored], seed: int) -> dict[str, Any]:
    """One set before and after, ready for JSON."""
    old, new = [pair.old for pair in pairs], [pair.new for pair in pairs]
    after = summarize(new, seed=seed)
    bounds = solve_bounds(new, len(after["solve_at"]))
    return {
        "n_episodes": len(pairs),
        "n_changed": sum(pair.changed for pair in pairs),
        "n_verdicts_changed": sum(pair.verdicts_changed for pair in pairs),
        "n_undecided": sum(pair.new.stop_reason is StopReason.UNDECIDED for pair in pairs),
        "n_tasks_from_record": sum(pair.task_from == "record" for pair in pairs),
        "n_not_judged": sum(pair.task_from == "nowhere" for pair in pairs),
        "changed": [_change_json(pair) for pair in pairs if pair.changed],
        "old": summarize(old, seed=seed),
        "new": after | {"solve_bounds": [None if bound is None else list(bound) for bound in bounds]},
    }


def _gain(
    rescored: Mapping[str, Sequence[Rescored]], which: Callable[[Rescored], Episode], seed: int
) -> dict[str, Any]:
    """What the feedback is worth, from the recorded or from the rescored dialogues."""
    real, placebo = ([which(pair) for pair in rescored[label]] for label in ("real", "placebo"))
    return feedback_gain(real, placebo, seed=seed).to_json()


def _change_json(pair: Rescored) -> dict[str, Any]:
    old, new = pair.old, pair.new
    return {
        "task_id": old.task_id,
        "seed": old.seed,
        "old": {"stop_reason": old.stop_reason.value, "turns": len(old.turns)},
        "new": {"stop_reason": new.stop_reason.value, "turns": len(new.turns)},
    }


def _old_and_new(sets: Mapping[str, Mapping[str, Any]], gain: Mapping[str, Any] | None) -> Table:
    """A row for each set: solve@k as recorded and as judged now."""
    header = ["set", "dialogues", "turns", "recorded", "rescored", "bounds", "changed", "undecided"]
    header += ["verdicts changed"]
    guarded = any(found["new"]["leak_rate"]["value"] is not None for found in sets.values())
    if guarded:
        header.append("leaks")
    rows: list[list[Cell]] = []
    failures: dict[str, int] = {}
    for name, found in sets.items():
        old, new = found["old"], found["new"]
        low_high = new["solve_bounds"][-1]
        row: list[Cell] = [
            name,
            str(found["n_episodes"]),
            str(len(new["solve_at"])),
            estimate_cell(old["solve_at"][-1], old["ci95"][-1]),
            estimate_cell(new["solve_at"][-1], new["ci95"][-1]),
            "-" if low_high is None else f"{low_high[0]:.2f} to {low_high[1]:.2f}",
            str(found["n_changed"]),
            str(found["n_undecided"]),
            str(found["n_verdicts_changed"]),
        ]
        if guarded:
            row.append(estimate_cell(new["leak_rate"]["value"], new["leak_rate"]["ci95"]))
        rows.append(row)
        for reason, count in new["failures"].items():
            failures[reason] = failures.get(reason, 0) + count
    if gain is not None:
        cells = [estimate_cell(gain[age]["value"], gain[age]["ci95"]) for age in ("old", "new")]
        rows.append(["feedback gain", "", "", *cells, *("" for _ in header[5:])])
    note = (
        "Tasks solved within the given number of turns, as recorded and as judged now, with 95% bootstrap "
        "intervals over tasks. Undecided: under the new verdicts the dialogue would have gone on, so no one "
        "knows its outcome; it is in no share, and the bounds say between which values the share lies, "
        "whatever it would have come to."
    )
    recorded = sum(found["n_tasks_from_record"] for found in sets.values())
    if recorded:
        note += (
            f" {recorded} dialogues were judged by the answer in their record alone, because the "
            "environment has no such task any more."
        )
    nowhere = sum(found["n_not_judged"] for found in sets.values())
    if nowhere:
        note += f" {nowhere} dialogues stay as they were: neither a source nor their record has the task."
    return Table("Recorded and rescored", header, rows, note + failure_note(failures))


def _changes(rescored: Mapping[str, Sequence[Rescored]], limit: int) -> Table:
    """The dialogues whose outcome is another now."""
    changed = [(name, pair) for name, pairs in rescored.items() for pair in pairs if pair.changed]
    note = "No outcome changed." if not changed else f"{len(changed)} outcomes changed."
    if len(changed) > limit:
        note += f" The first {limit} are listed; --limit shows more."
    header = ["set", "task", "recorded", "rescored", "turn", "answer, as read now", "why"]
    return Table("Changed outcomes", header, list(_change_rows(changed[:limit])), note)


def _change_rows(changed: Sequence[tuple[str, Rescored]]) -> Iterator[list[Cell]]:
    for name, pair in changed:
        new, last = pair.new, pair.new.turns[-1]
        answer = "-" if last.answer is None else shorten(visible(last.answer), 60)
        why = new.error or f"the answer of turn {len(new.turns)} is now {last.outcome.value}"
        yield [
            name,
            new.task_id,
            _ending(pair.old),
            _ending(new),
            str(len(new.turns)),
            answer,
            shorten(why, 160),
        ]


def _ending(episode: Episode) -> str:
    turn = "" if episode.solved_at is None else f" in {episode.solved_at}"
    return f"{episode.stop_reason.value.replace('_', ' ')}{turn}"
