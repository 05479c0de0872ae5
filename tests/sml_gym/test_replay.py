"""Saved dialogues judged again: by hand-made verdicts, by a guard, from broken files, from a real run."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_gym import (
    ConfigError,
    Diagnosis,
    Draft,
    Episode,
    Fact,
    GeneratedTasks,
    Outcome,
    Reference,
    SMLEnv,
    Speaker,
    StopReason,
    Turn,
    Utterance,
    UtteranceKind,
    Verdict,
    VerifierError,
    read_episodes,
    write_episodes,
)
from sml_gym.cli.main import main
from sml_gym.errors import LeakError
from sml_gym.evaluation import Plan
from sml_gym.metrics import solve_at
from sml_gym.replay import env_of_record, rescore, solve_bounds
from sml_gym.students import ScriptedStudent
from sml_gym.teachers import Feedback, WrappedTeacher


class Sums:
    name, levels = "sums", (1,)

    def generate(self, rng, level):
        a, b = rng.randrange(10, 1000), rng.randrange(10, 1000)
        return Draft(f"What is {a} + {b}?", lambda: Reference(str(a + b), "Add."))


class Judge(SMLEnv):
    """The answers in `right` are right, those in `lost` break the verifier."""

    right: frozenset[str] = frozenset({"good"})
    lost: frozenset[str] = frozenset()

    def tasks(self, split):
        return GeneratedTasks([Sums()], split)

    def verify(self, task, answer):
        if answer in self.lost:
            raise VerifierError("the worker is lost")
        return Verdict(Outcome.CORRECT if answer in self.right else Outcome.INCORRECT, answer)

    def diagnose(self, task, utterance, verdict):
        return Diagnosis((Fact("sums.hint"),))


ENV = Judge(split="test")
TASK = ENV.source.take(1)[0]


def turn(answer: str, outcome: Outcome = Outcome.INCORRECT, feedback: str | None = "No.") -> Turn:
    said = Utterance(Speaker.STUDENT, f"Final answer: {answer}", UtteranceKind.ATTEMPT)
    return Turn(said, outcome, answer, feedback, (), None if feedback is None else 0.0)


def episode(answers: str, stop: str, *, max_turns: int = 4, **changes) -> Episode:
    """`answers` has one word a turn; `bad!` means that the dialogue broke off in that turn."""
    turns = [
        turn(word.rstrip("!"), feedback=None if word.endswith("!") else "No.") for word in answers.split()
    ]
    reason = StopReason(stop)
    reward = None
    if reason.valid:
        reward = 1.0 if reason is StopReason.SOLVED else 0.0
    if reason is StopReason.SOLVED:
        turns[-1].outcome, turns[-1].reward = Outcome.CORRECT, 1.0
    fields = {
        "env_id": "Judge-v0",
        "task_id": TASK.id,
        "split": "test",
        "opening": TASK.problem,
        "turns": turns,
        "stop_reason": reason,
        "reward": reward,
        "seed": 1,
        "teacher": "scripted:2",
        "student": "toy",
        "max_turns": max_turns,
        "private": {"answer": TASK.private.reveal().answer, "solution": ""},
    }
    return Episode(**{**fields, **changes})


def judged(held: Episode, guard=None) -> Episode:
    return rescore([held], lambda _: ENV, guard)[0].new


@pytest.mark.parametrize(
    ("answers", "stop", "new_stop", "turns", "reward"),
    [
        ("bad good", "solved", "solved", 2, 1.0),
        ("bad bad bad bad", "turn_limit", "turn_limit", 4, 0.0),
        ("bad bad", "token_limit", "token_limit", 2, 0.0),
        # An answer that is right now ends the dialogue there.
        ("bad good bad bad", "turn_limit", "solved", 2, 1.0),
        ("good bad", "solved", "solved", 1, 1.0),
        ("good bad", "token_limit", "solved", 1, 1.0),
        ("bad bad bad good", "turn_limit", "solved", 4, 1.0),
        # A solution that is refused now: only where all turns were used is the outcome known.
        ("bad bad", "solved", "undecided", 2, None),
        ("bad bad bad bad", "solved", "turn_limit", 4, 0.0),
        # Failures stay, unless the dialogue had ended before them.
        ("bad bad!", "teacher_failed", "teacher_failed", 2, None),
        ("bad good!", "teacher_failed", "teacher_failed", 2, None),
        ("good bad!", "teacher_failed", "solved", 1, 1.0),
        ("bad", "student_failed", "student_failed", 1, None),
        ("bad bad!", "leaked", "leaked", 2, None),
        ("good bad!", "leaked", "solved", 1, 1.0),
        ("bad bad!", "judge_failed", "judge_failed", 2, None),
        # What the verifier or the reading broke is decided by the new verdict, if it can be.
        ("bad good!", "verifier_failed", "solved", 2, 1.0),
        ("bad bad!", "verifier_failed", "undecided", 2, None),
        ("bad bad bad bad!", "verifier_failed", "turn_limit", 4, 0.0),
        ("bad good!", "task_failed", "solved", 2, 1.0),
        ("bad bad!", "task_failed", "undecided", 2, None),
        # A verifier that breaks now makes a failure of what was an outcome.
        ("bad lost good", "solved", "verifier_failed", 2, None),
        ("bad lost bad bad", "turn_limit", "verifier_failed", 2, None),
        ("good lost", "solved", "solved", 1, 1.0),
    ],
)
def test_endings(answers, stop, new_stop, turns, reward, monkeypatch):
    monkeypatch.setattr(Judge, "lost", frozenset({"lost"}))
    held = episode(answers, stop)
    before = held.to_json()
    new = judged(held)
    assert (new.stop_reason.value, len(new.turns), new.reward) == (new_stop, turns, reward)
    assert held.to_json() == before  # the record itself is left alone
    assert new.valid == (reward is not None)
    if new.valid:
        assert [t.reward for t in new.turns] == [0.0] * (turns - 1) + [reward]
    else:
        assert new.turns[-1].reward is None or new.stop_reason is StopReason.STUDENT_FAILED
    last = new.turns[-1].notes.get("replay", {})
    if (stop, len(held.turns)) == (new_stop, turns):
        assert "stop_reason" not in last
    else:
        assert last["stop_reason"] == stop
        assert last["turns"] == len(held.turns)
    again = judged(new)  # a replay of a replay changes no outcome
    assert (again.stop_reason, len(again.turns), again.reward) == (new.stop_reason, turns, reward)


def test_what_was_said_stays_and_other_verdicts_are_noted():
    held = episode("bad good bad bad", "turn_limit", usage={"teacher_cost": 0.5}, versions={"x": "1"})
    new = judged(held)
    assert [t.student.text for t in new.turns] == ["Final answer: bad", "Final answer: good"]
    assert [t.feedback for t in new.turns] == ["No.", "No."]
    assert new.turns[0].notes == {}
    assert new.turns[1].notes["replay"] == {
        "outcome": "incorrect",
        "answer": "good",
        "stop_reason": "turn_limit",
        "turns": 4,
    }
    assert (new.usage, new.versions, new.teacher) == (held.usage, held.versions, held.teacher)
    assert Episode.from_json(json.loads(json.dumps(new.to_json()))) == new


def test_the_task_comes_from_the_source_the_record_or_nowhere():
    pairs = rescore(
        [
            episode("good", "solved"),
            episode("good", "solved", task_id="sums:1:999999999999"),  # another problem, or another split
            episode("good", "solved", task_id="gone", opening="Old?"),
            episode("bad", "solved", task_id="gone", private={}),
            episode("", "student_failed", opening="", task_id=""),
        ],
        lambda _: ENV,
    )
    assert [pair.task_from for pair in pairs] == ["source", "record", "record", "nowhere", "nowhere"]
    assert pairs[3].new is pairs[3].old  # it could not be judged, so it is not
    plain = SMLEnv.verify  # the default verifier compares with the recorded answer

    class Plain(Judge):
        verify = plain

    held = episode("42", "solved", task_id="gone", private={"answer": "42"})
    assert rescore([held], lambda _: Plain(split="test"))[0].new.stop_reason is StopReason.SOLVED
    held.private["answer"] = "43"
    assert rescore([held], lambda _: Plain(split="test"))[0].new.stop_reason is StopReason.UNDECIDED


class Changing(WrappedTeacher):
    """Says something else instead of the word `bad word`, notes it, and ends at `end`."""

    def __init__(self, inner):
        super().__init__(inner, "changing")

    def change_replies(self, contexts, replies):
        changed = []
        for context, reply in zip(contexts, replies, strict=True):
            assert context.dialogue.utterances[-1].text == context.utterance.text
            assert context.dialogue.turn == context.turn
            if reply.text == "end":
                changed.append(LeakError("it leaked", notes={"guard": {"leak": True}}))
            elif reply.text == "leak":
                changed.append(
                    Feedback("[removed]", judge_usage={"cost": 0.5}, notes={"guard": {"leak": True}})
                )
            else:
                changed.append(Feedback(reply.text, notes={"guard": {"leak": False}}))
        return changed


def said(held: Episode, *words: str) -> Episode:
    for one, feedback in zip(held.turns, words, strict=True):
        one.feedback = feedback
    return held


def test_a_guard_around_recorded_words():
    clean = judged(said(episode("bad good", "solved"), "a", "b"), Changing)
    assert clean.stop_reason is StopReason.SOLVED
    assert clean.teacher == "changing:scripted:2"
    assert [t.notes["guard"]["leak"] for t in clean.turns] == [False, False]

    cut = judged(said(episode("bad bad good", "solved"), "a", "leak", "b"), Changing)
    assert (cut.stop_reason, len(cut.turns), cut.reward) == (StopReason.UNDECIDED, 2, None)
    assert cut.turns[1].feedback == "[removed]"
    assert cut.usage == {"judge_cost": 0.5}
    assert "the guard changes" in cut.error

    last = judged(said(episode("bad good", "solved"), "a", "leak"), Changing)  # no one answered these words
    assert last.stop_reason is StopReason.SOLVED
    full = judged(said(episode("bad bad", "turn_limit", max_turns=2), "a", "leak"), Changing)
    assert full.stop_reason is StopReason.TURN_LIMIT

    ended = judged(said(episode("bad bad good", "solved"), "a", "end", "b"), Changing)
    assert (ended.stop_reason, len(ended.turns), ended.reward) == (StopReason.LEAKED, 2, None)
    assert ended.turns[1].feedback is None
    assert ended.turns[1].notes["guard"] == {"leak": True}


def test_bounds_hold_whatever_the_undecided_would_have_come_to():
    held = [
        episode("good", "solved", task_id="a"),
        episode("bad bad bad bad", "turn_limit", task_id="b"),
        episode("bad bad", "undecided", task_id="c"),
        episode("bad!", "teacher_failed", task_id="d"),
    ]
    assert solve_bounds(held, 4) == [
        (1 / 3, 1 / 3),
        (1 / 3, 1 / 3),
        (1 / 3, pytest.approx(2 / 3)),
        (1 / 3, pytest.approx(2 / 3)),
    ]
    assert solve_at(held).values[3] == 0.5
    assert solve_bounds([held[3]], 2) == [None, None]


WORDS = st.sampled_from(["bad", "good", "lost"])
STOPS = st.sampled_from([stop.value for stop in StopReason])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(WORDS, min_size=1, max_size=5), STOPS, st.booleans(), st.sets(st.sampled_from(["good", "bad"]))
)
def test_any_record_is_judged_by_the_rules(words, stop, broke, right):
    env = Judge(split="test")
    env.right, env.lost = frozenset(right), frozenset({"lost"})
    held = episode(" ".join(words) + ("!" if broke else ""), stop, max_turns=5)
    new = rescore([held], lambda _: env)[0].new
    assert new.valid == (new.reward is not None)
    assert 1 <= len(new.turns) <= len(held.turns)
    right_at = [i for i, one in enumerate(new.turns, 1) if one.outcome is Outcome.CORRECT]
    if new.stop_reason is StopReason.SOLVED:
        assert right_at == [len(new.turns)]
    elif new.valid:
        assert right_at == []
    if new.reward == 0.0 and held.reward != 0.0:  # a new 0 is never a guess
        assert len(new.turns) == held.max_turns


# ---- through the command ----


@pytest.fixture
def run(tmp_path):
    """A real run with dialogues of every ending."""
    plan = Plan("SML-Math-v0", n_tasks=8, max_turns=3, env_options={"families": ["gcd"]})
    answers = [f"Final answer: {task.private.reveal().answer}" for task in plan.tasks[:4]]
    folder = tmp_path / "run" / "episodes"
    folder.mkdir(parents=True)
    for label in ("real", "silent", "placebo"):
        held = plan.hold(ScriptedStudent(["Final answer: 1", *answers]), label)
        write_episodes(folder / f"{label}.jsonl", held)
    (tmp_path / "run" / "config.yaml").write_text("env_options: {families: [gcd]}\n")
    return tmp_path / "run"


def test_a_replayed_run_is_the_same_and_twice_the_same_bytes(run, tmp_path, capsys):
    for name in ("one", "two"):
        assert main(["eval", "--replay", str(run), "--out", str(tmp_path / name)]) == 0
    assert "Report:" in capsys.readouterr().out
    for label in ("real", "silent"):
        file = f"episodes/{label}.jsonl"
        assert (tmp_path / "one" / file).read_bytes() == (run / file).read_bytes()
    for file in ("results.json", "report.html", "episodes/real.jsonl"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    results = json.loads((tmp_path / "one" / "results.json").read_text())
    assert results["sets"]["real"]["n_changed"] == 0
    assert results["sets"]["real"]["old"] == {
        name: value for name, value in results["sets"]["real"]["new"].items() if name != "solve_bounds"
    }
    assert results["env_options"] == {"families": ["gcd"]}
    assert results["feedback_gain"]["old"] == results["feedback_gain"]["new"]
    assert results["feedback_gain"]["new"]["n_tasks"] == 8
    assert "No outcome changed." in (tmp_path / "one" / "report.html").read_text()


def test_another_verifier_changes_outcomes_and_says_which(run, tmp_path, capsys, spelling_id):
    """The other domain has none of the tasks, and its verifier wants the recorded answer word for word."""
    file = run / "episodes" / "real.jsonl"
    held = read_episodes(file)
    solved = [e for e in held if e.stop_reason is StopReason.SOLVED]
    assert solved
    solved[0].private["answer"] = "no such answer"
    write_episodes(file, held)
    out = tmp_path / "out"
    assert main(["eval", "--replay", str(file), "--env", spelling_id, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "8 dialogues were judged by the answer in their record alone" in printed
    found = json.loads((out / "results.json").read_text())["sets"]["real"]
    assert found["n_tasks_from_record"] == 8
    assert [change["task_id"] for change in found["changed"]] == [solved[0].task_id]
    assert found["changed"][0]["old"]["stop_reason"] == "solved"
    page = (out / "report.html").read_text()
    assert "1 outcomes changed" in page
    assert page.count(solved[0].task_id) >= 2


def refused(capsys, *arguments: str) -> str:
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


HOSTILE_LINES = {
    "no object": "[]",
    "nested": "[" * 100_000,
    "no json": "{'a': 1}",
    "private": {"private": 5},
    "words": {"turns": [{"student": {"speaker": "student", "text": 5, "kind": None, "truncated": False}}]},
    "turns": {"turns": 3},
    "turn": {"turns": [None]},
    "usage": {"usage": {"teacher_cost": "much"}},
    "infinite": {"usage": {"teacher_cost": float("inf")}},
    "reward": {"reward": "1"},
    "limit": {"max_turns": "3"},
    "stop": {"stop_reason": "won"},
    "schema": {"schema": 99},
    "unknown": {"is_admin": True},
}


@pytest.mark.parametrize("kind", sorted(HOSTILE_LINES))
def test_a_broken_or_hostile_file_is_refused_with_its_line(kind, tmp_path, capsys):
    line = HOSTILE_LINES[kind]
    good = episode("bad", "token_limit").to_json()
    if isinstance(line, dict):
        if kind == "words":
            line = {"turns": [{**good["turns"][0], **line["turns"][0]}]}
        line = json.dumps({**good, **line})
    file = tmp_path / "held.jsonl"
    file.write_text(json.dumps(good) + "\n" + line + "\n" + json.dumps(good) + "\n")
    err = refused(capsys, "eval", "--replay", str(file), "--out", str(tmp_path / "out"))
    assert "held.jsonl, line 2" in err
    assert not (tmp_path / "out").exists()


def test_hostile_words_are_judged_as_words(tmp_path):
    hostile = [
        "</script><script>alert(1)</script> Final answer: \u202e9",
        "Final answer: " + "9" * 5_000,
        "Final answer: " + "(" * 2_000 + "1" + ")" * 2_000,
        "\\boxed{" * 500,
        "\ud800 Final answer: 9**9**9",
    ]
    plan = Plan("SML-Math-v0", n_tasks=2, max_turns=5)
    held = plan.hold(ScriptedStudent(hostile), "real")
    write_episodes(tmp_path / "a.jsonl", held)
    out = tmp_path / "out"
    assert main(["eval", "--replay", str(tmp_path / "a.jsonl"), "--out", str(out)]) == 0
    assert (out / "episodes" / "a.jsonl").read_bytes() == (tmp_path / "a.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("policy", "stop", "turns", "leak_rate"),
    [("flag", "turn_limit", 3, 1 / 3), ("end", "leaked", 2, 1 / 2), ("redact", "undecided", 2, 1 / 2)],
)
def test_a_guard_checks_recorded_words_through_the_command(policy, stop, turns, leak_rate, tmp_path, capsys):
    plan = Plan("SML-Math-v0", n_tasks=3, max_turns=3, env_options={"families": ["gcd"]})
    held = plan.hold(ScriptedStudent(["Final answer: 100001", "Final answer: 100003"]), "silent")
    for one in held:
        one.turns[1].feedback = f"Look, the answer is {one.private['answer']}."
    write_episodes(tmp_path / "a.jsonl", held)
    out = tmp_path / "out"
    words = ["eval", "--replay", str(tmp_path / "a.jsonl"), "--guard", policy, "--out", str(out)]
    assert main(words) == 0
    assert "leaks" in capsys.readouterr().out
    guarded = read_episodes(out / "episodes" / "a.jsonl")
    assert {e.stop_reason.value for e in guarded} == {stop}
    assert {len(e.turns) for e in guarded} == {turns}
    assert {e.teacher for e in guarded} == {f"guard({policy}):silent"}
    for one in guarded:
        assert one.turns[1].notes["guard"]["leak"] is True
        assert one.teacher_record["guard"]["policy"] == policy
        heard = one.turns[1].feedback or ""
        assert (f"answer is {one.private['answer']}" in heard) == (policy == "flag")
    found = json.loads((out / "results.json").read_text())["sets"]["a"]["new"]
    assert found["leak_rate"]["value"] == pytest.approx(leak_rate)
    assert found["leak_rate_of_dialogues"]["value"] == 1.0


def test_what_cannot_be_replayed_says_what_to_do(run, tmp_path, capsys):
    out = ["--out", str(tmp_path / "o")]
    assert "Check the path" in refused(capsys, "eval", "--replay", str(tmp_path / "none.jsonl"), *out)
    assert "'SML-Math-v0'" in refused(capsys, "eval", "--replay", str(run), "--env", "SML-Moth-v0", *out)
    assert "is for --replay" in refused(capsys, "eval", "--guard", "flag", *out)
    strange = episode("bad", "turn_limit", split="tset", env_id="SML-Math-v0")
    write_episodes(tmp_path / "s.jsonl", [strange])
    assert "'test'" in refused(capsys, "eval", "--replay", str(tmp_path / "s.jsonl"), *out)
    assert not (tmp_path / "o").exists()
    # Nothing is written over what is read, nor where it would be read again.
    for replayed, to in ((run, run / "again"), (run / "episodes" / "real.jsonl", run), (run, run)):
        before = (run / "episodes" / "real.jsonl").read_bytes()
        err = refused(capsys, "eval", "--replay", str(replayed), "--out", str(to))
        assert "Choose another --out" in err
        assert (run / "episodes" / "real.jsonl").read_bytes() == before


def test_environments_are_made_once_for_each_id_and_split():
    make = env_of_record(env_options={"families": ["gcd"]})
    held = episode("bad", "turn_limit", env_id="SML-Math-v0")
    assert make(held) is make(held)
    other = episode("bad", "turn_limit", env_id="SML-Math-v0", split="train")
    assert make(other) is not make(held)
    assert make(other).split == "train"
    with pytest.raises(ConfigError, match="families"):
        env_of_record(env_options={"famlies": 1})(held)
