"""Evaluation under several teachers: the same tasks, resumable, honest about failures."""

import pytest

from sml_gym import ConfigError, Reply, StopReason, read_episodes
from sml_gym.evaluation import Plan, evaluate, refuse_shared_tasks
from sml_gym.students import (
    GuessingStudent,
    HumanStudent,
    OracleStudent,
    ScriptedStudent,
    make_student,
)

OPTIONS = {"families": ["last_digits_product"]}


def plan(**changes) -> Plan:
    return Plan("SML-Math-v0", **{"n_tasks": 6, "max_turns": 3, "env_options": OPTIONS, **changes})


class Counting:
    """Says what another student says and counts how often it is asked."""

    name = "counting"

    def __init__(self, student, fail_calls=()):
        self.student, self.asked, self.calls, self.fail_calls = student, 0, 0, fail_calls
        self.seeds = []

    def reply(self, dialogues):
        self.calls += 1
        if self.calls in self.fail_calls:
            raise ConnectionError("server gone")
        self.asked += sum(dialogue.turn == 0 for dialogue in dialogues)
        return self.student.reply(dialogues)

    def reseed(self, *parts, first=0):
        self.seeds.append((parts, first))


def test_every_teacher_gets_the_same_tasks_and_seeds():
    p = plan()
    held = evaluate(p, OracleStudent(p.env, p.tasks))
    assert list(held) == ["real", "binary", "silent", "placebo"]
    wanted = [(job.task_id, job.seed) for job in p.jobs]
    for episodes in held.values():
        assert [(e.task_id, e.seed) for e in episodes] == wanted
    assert [held[label][0].teacher for label in held] == [
        "scripted:2",
        "binary",
        "silent",
        "placebo:scripted:2",
    ]


def test_the_yardsticks():
    p = plan(n_tasks=20)
    oracle = p.summary(evaluate(p, make_student("oracle", p.env, p.tasks)))
    assert oracle["real"]["solve_at"] == [1.0, 1.0, 1.0]
    assert oracle["feedback_gain"]["value"] == 0.0
    guesses = evaluate(p, make_student("retry", p.env, p.tasks, seed=1))
    assert p.summary(guesses)["real"]["solve_at"][-1] < 0.5
    for episode in guesses["real"]:
        answers = [turn.answer for turn in episode.turns]
        assert len(set(answers)) == len(answers)
    # What a yardstick says depends on the task, not on the teacher or the batch.
    said = [[turn.answer for turn in e.turns] for e in guesses["real"]]
    assert [[turn.answer for turn in e.turns] for e in guesses["placebo"]] == said
    one = p.hold(GuessingStudent(p.env, p.tasks, repeats=False, seed=1), "real", batch_size=3)
    assert [[turn.answer for turn in e.turns] for e in one] == said


def test_plans_are_the_same_for_the_same_seed_only():
    assert plan().jobs == plan().jobs
    assert {job.task_id for job in plan(seed=1).jobs} != {job.task_id for job in plan().jobs}


def test_test_tasks_come_from_the_test_split():
    assert plan().env.split == "test"
    assert {e.split for e in plan().hold(ScriptedStudent(["hm"]), "silent")} == {"test"}


def test_a_killed_evaluation_goes_on_where_it_stopped(tmp_path):
    p = plan(n_tasks=8)
    whole = evaluate(p, ScriptedStudent(["Final answer: 123"], "counting"))

    def kill(_, seen=[0]):  # noqa: B006
        seen[0] += 1
        if seen[0] == 5:
            raise KeyboardInterrupt

    first = Counting(ScriptedStudent(["Final answer: 123"]))
    with pytest.raises(KeyboardInterrupt):
        evaluate(p, first, folder=tmp_path, batch_size=2, on_episode=kill)
    file = tmp_path / "real.jsonl"
    assert len(read_episodes(file)) == 5
    with file.open("a") as out:
        out.write('{"env_id": "SML-Ma')  # the kill fell into the middle of a line

    second = Counting(ScriptedStudent(["Final answer: 123"]))
    seen = []
    held = evaluate(p, second, folder=tmp_path, batch_size=2, on_episode=seen.append)
    assert second.asked == 8 * 4 - 5
    assert second.seeds[0] == (("evaluation", 0, "real"), 5)
    assert len(seen) == 32
    assert held == whole
    for label in held:
        assert read_episodes(tmp_path / f"{label}.jsonl") == whole[label]
    third = Counting(ScriptedStudent(["never"]))
    assert evaluate(p, third, folder=tmp_path) == whole
    assert third.asked == 0


def test_dialogues_whose_infrastructure_failed_are_held_again(tmp_path):
    p = plan(teachers=["real"], n_tasks=4)
    flaky = Counting(ScriptedStudent(["Final answer: 123"]), fail_calls=(4,))  # a wave takes three calls
    held = evaluate(p, flaky, folder=tmp_path, batch_size=2)["real"]
    assert [e.valid for e in held] == [True, True, False, False]
    summary = p.summary({"real": held})
    assert summary["real"]["failures"] == {StopReason.STUDENT_FAILED.value: 2}
    assert summary["real"]["n_tasks"] == 2
    assert summary["feedback_gain"] is None
    again = Counting(ScriptedStudent(["Final answer: 123"]))
    held = evaluate(p, again, folder=tmp_path)["real"]
    assert again.asked == 2
    assert all(e.valid for e in held)


def test_plan_refuses_what_makes_no_sense():
    with pytest.raises(ConfigError, match="'real'"):
        plan(teachers=["rael"])
    with pytest.raises(ConfigError, match="at least 1"):
        plan(n_tasks=0)
    with pytest.raises(ConfigError, match="each teacher once"):
        plan(teachers=["real", "real"])
    with pytest.raises(ConfigError, match="option of its own"):
        plan(env_options={"split": "train"})
    with pytest.raises(ConfigError, match="families"):
        _ = plan(env_options={"family": "gcd"}).tasks


def test_any_teacher_by_its_name():
    held = evaluate(plan(teachers=["scripted:0", "real"], real="scripted:1"), ScriptedStudent(["hm"]))
    assert held["scripted:0"][0].teacher == "scripted:0"
    assert held["real"][0].teacher == "scripted:1"


def test_training_and_test_tasks_from_one_file_are_refused(tmp_path):
    file, other = tmp_path / "tasks.jsonl", tmp_path / "other.jsonl"
    whole = {"tasks": str(file)}
    split = {"tasks": str(file), "hold_out": True}
    for train, test in [(whole, whole), (split, whole), (whole, split), (whole, {"tasks": {"test": file}})]:
        with pytest.raises(ConfigError, match="hold_out=True"):
            refuse_shared_tasks(train, test)
    refuse_shared_tasks(split, split)
    refuse_shared_tasks(whole, {"tasks": str(other)})
    refuse_shared_tasks({}, {})
    refuse_shared_tasks({"tasks": {"train": file, "test": other}}, {"tasks": {"train": file, "test": other}})


def test_yardsticks_fail_clearly_on_tasks_they_do_not_know():
    p = plan(teachers=["real"])
    held = evaluate(p, OracleStudent(p.env, p.tasks[:2]))["real"]
    assert {e.stop_reason for e in held} == {StopReason.STUDENT_FAILED}
    assert "was not given the task" in held[0].error


def test_a_person_leaves_at_the_end_of_input(tmp_path):
    p = plan(teachers=["real"], n_tasks=1)
    source, sink = tmp_path / "in", tmp_path / "out"
    source.write_text("Final answer: 1\n")
    with source.open() as stdin, sink.open("w") as stdout:
        held = evaluate(p, HumanStudent(stdin, stdout))["real"]
    assert held[0].turns[0].answer == "1"
    assert held[0].stop_reason is StopReason.STUDENT_FAILED
    assert p.tasks[0].problem in sink.read_text()


def test_a_scripted_student_repeats_its_last_words():
    student = ScriptedStudent(["a", "b"])
    held = plan(n_tasks=1).hold(student, "silent")
    assert [turn.student.text for turn in held[0].turns] == ["a", "b", "b"]
    assert student.reply([]) == []
    assert isinstance(student.reply([plan().env.dialogue])[0], Reply)
    with pytest.raises(ConfigError, match="at least one"):
        ScriptedStudent([])


@pytest.mark.parametrize(
    "pair",
    [
        ("openai:tiny@http://127.0.0.1:1/v1?rpm=5", "openai:tiny@http://127.0.0.1:1/v1?rpm=6"),
        ("cached(DIR/a.db):binary", "cached(DIR_a.db):binary"),
    ],
)
def test_no_teacher_is_credited_with_the_dialogues_of_another(pair, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = Plan("SML-Math-v0", pair, n_tasks=2, max_turns=1)
    with pytest.raises(ConfigError, match="one file"):
        evaluate(plan, make_student("random", plan.env, plan.tasks), folder=tmp_path / "episodes")
