"""Audits of teachers known to be good or bad, the scripted student of an audit, the command."""

import json

import pytest
from chat_server import ChatServer, say

from sml_gym import Feedback, TeacherError, UtteranceKind, read_episodes
from sml_gym.audit import Audit, answers
from sml_gym.claims import ClaimReader
from sml_gym.cli.main import main
from sml_gym.errors import BudgetSpent
from sml_gym.evaluation import Plan
from sml_gym.latency import TimedTeacher, latency
from sml_gym.listener import ListeningStudent
from sml_gym.metrics import feedback_gain, solve_at
from sml_gym.report.audit import audit_table, worst_dialogues
from sml_gym.report.results import text_table
from sml_gym.students import ScriptedStudent, make_student
from sml_gym.teachers import ScriptedTeacher


def audit_of(teacher, *, n_tasks=30, folder=None, student=None, **options):
    plan = Plan("SML-Math-v0", ("real", "binary"), teacher, n_tasks=n_tasks, max_turns=6)
    audit = Audit(plan, student or make_student("listener", plan.env, plan.tasks), folder=folder, **options)
    dialogues, results = audit.run()
    json.dumps(results, allow_nan=False)
    return audit, dialogues, results


def test_the_scripted_teacher_is_truthful_helpful_discreet_and_consistent():
    _, _, found = audit_of("scripted:2")
    assert found["truthfulness"]["value"] == 1.0
    assert found["truthfulness"]["n_true"] > 100
    assert found["helpfulness"]["ci95"][0] > 0.3
    assert found["leaks"]["value"] == 0.0
    assert found["answered"]["value"] == 1.0
    assert found["answered"]["n_questions"] > 10
    assert found["agreement"]["value"] == 1.0
    assert found["failures"] == {}
    assert found["cost_per_dialogue"] == {}
    assert found["length_tokens"]["value"] is None
    assert 0 < found["latency_seconds"]["p50"]["value"] <= found["latency_seconds"]["p95"]["value"]


def test_helpfulness_tells_the_teachers_apart_as_expected():
    """In the same tasks the same student solves the more the more true things it is told."""
    names = ("scripted:2", "noisy(0.3):scripted:2", "binary", "silent", "placebo", "noisy(1):scripted:2")
    found = {name: audit_of(name)[2]["helpfulness"] for name in names}
    value = {name: result["value"] for name, result in found.items()}
    assert value["scripted:2"] > value["noisy(0.3):scripted:2"] > value["binary"] == 0.0
    assert value["silent"] == 0.0  # the listener takes no answer twice, told or not
    assert value["noisy(1):scripted:2"] < 0.0
    assert value["placebo"] < value["scripted:2"] / 2
    low, high = found["binary"]["ci95"]
    assert low == high == 0.0


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_a_noisy_teacher_is_as_truthful_as_its_rate_says(rate):
    _, dialogues, found = audit_of(f"noisy({rate}):scripted:2", n_tasks=60)
    low, high = found["truthfulness"]["ci95"]
    assert low - 0.03 < 1 - rate < high + 0.03
    assert found["agreement"]["value"] < 0.9  # the noise is another under another seed
    noted = sum(
        len(turn.notes.get("noise", {}).get("replaced", [])) for d in dialogues for turn in d.episode.turns
    )
    assert found["truthfulness"]["n_false"] == pytest.approx(noted, rel=0.2)


def test_a_placebo_contradicts_and_a_silent_teacher_claims_nothing():
    _, _, placebo = audit_of("placebo")
    assert placebo["truthfulness"]["value"] < 0.9
    _, _, silent = audit_of("silent")
    assert silent["truthfulness"]["value"] is silent["truthfulness"]["ci95"] is None
    assert silent["truthfulness"]["n_true"] == silent["truthfulness"]["replies_checked"] == 0
    assert silent["agreement"]["value"] is None
    assert silent["answered"]["value"] == 0.0
    assert audit_of("binary")[2]["answered"]["value"] == 0.0


class Speaking:
    """Says the same words about everything, in its own words, and counts what it costs."""

    free_spoken = True

    def __init__(self, *words, fail=(), error=None):
        self.name, self._words, self._calls, self._fail, self._error = "speaking", words, 0, fail, error

    def reply(self, contexts):
        self._calls += 1
        if self._calls in self._fail:
            raise self._error or TeacherError("gone", usage={"requests": 1})
        return [
            Feedback(
                self._words[context.turn % len(self._words)].format(
                    answer=context.task.private.reveal().answer
                ),
                usage={"requests": 1, "output_tokens": 7, "cost": 0.25},
            )
            for context in contexts
        ]


def test_a_teacher_that_tells_the_answer_leaks_and_costs_are_counted():
    student = ScriptedStudent(["Final answer: 0", "What is the next step?", "Final answer: -987654"])
    _, dialogues, found = audit_of(
        Speaking("The answer is {answer}."), n_tasks=20, student=student, repeats=5
    )
    assert found["leaks"]["value"] == 1.0
    assert found["leaks_drafted"]["value"] is None
    assert found["length_tokens"]["value"] == 7.0
    turns = sum(len(d.episode.turns) for d in dialogues) / len(dialogues)
    assert found["cost_per_dialogue"]["cost"]["value"] == pytest.approx(0.25 * turns)
    assert found["cost_per_dialogue"]["requests"]["value"] == pytest.approx(turns)
    assert found["agreement"]["n_asked_again"] == 5
    table = text_table(audit_table(found))
    for words in (
        "truthfulness",
        "helpfulness",
        "leaks",
        "tokens a reply",
        "cost a dialogue",
        "95th percentile",
    ):
        assert words in table


def test_a_guard_s_drafts_and_what_is_heard_are_told_apart():
    from sml_gym.teachers.guard import Guard

    student = ScriptedStudent(["Final answer: 0", "Final answer: -987654"])
    _, _, found = audit_of(Guard(Speaking("The answer is {answer}."), "redact"), n_tasks=15, student=student)
    assert found["leaks"]["value"] == 0.0
    assert found["leaks_drafted"]["value"] == 1.0


def test_failures_are_counted_and_are_no_outcome():
    _, dialogues, found = audit_of(Speaking("Not quite.", fail=(2,)), n_tasks=10, batch_size=5)
    assert found["failures"] == {"teacher_failed": 5}
    assert found["n_dialogues"] == 10
    assert found["helpfulness"]["n_tasks"] == 5
    assert all(len(d.replies) == 1 for d in dialogues if not d.episode.valid)


class Bound(ScriptedTeacher):
    """Speaks only to the student that it was told of, as the self-teacher does."""

    student = None

    def bind(self, student):
        self.student = student

    def reply(self, contexts):
        assert self.student is not None
        return super().reply(contexts)


def test_a_teacher_that_asks_for_its_student_is_told(tmp_path):
    teacher = Bound(2)
    _, _, found = audit_of(teacher, n_tasks=4, folder=tmp_path)
    assert found["failures"] == {}
    assert found["agreement"]["n_asked_again"] == 4
    assert teacher.student.name == "listener"
    (tmp_path / "again.jsonl").unlink()
    fresh = Bound(2)  # the dialogues are there already: only the second replies are asked for
    assert audit_of(fresh, n_tasks=4, folder=tmp_path)[2]["agreement"]["n_asked_again"] == 4


ANSWERED = [
    ("Multiply both sides by three first.", True),
    ("Go on.", False),
    ("", False),
    ("   ", False),
    ("Try again!", False),
    ("Please keep going. You can do it!", False),
    ("I cannot say more about that. Try a final answer.", False),
    ("I can't tell you that.", False),
    ("That is not correct. Go on.", False),
    ("That is not correct. First find what both numbers share.", True),
    ("¿?", False),
]


@pytest.mark.parametrize(("words", "answered"), ANSWERED)
def test_what_counts_as_an_answer_in_free_words(words, answered):
    plan = Plan("SML-Math-v0", ("real", "binary"), Speaking(words.replace("{", "{{")), n_tasks=1, max_turns=1)
    audit = Audit(plan, ScriptedStudent(["What is the next step?"]), repeats=0)
    (dialogue,), _ = audit.run()
    assert dialogue.episode.turns[0].student.kind is UtteranceKind.QUESTION
    assert dialogue.replies[0].answered is answered
    reader = ClaimReader(plan.env)
    turn, context = next(iter(audit._contexts(dialogue.episode)))
    assert answers(turn, context, reader) is answered


def test_latency_counts_no_reply_that_failed():
    class Half:
        name = "half"

        def reply(self, contexts):
            return [Feedback("Well.") if i % 2 else TeacherError("gone") for i, _ in enumerate(contexts)]

    calls = []
    TimedTeacher(Half(), lambda replies, seconds: calls.append(replies)).reply([None] * 5)
    assert calls == [2]


def test_latency_counts_each_reply_with_its_whole_call():
    found = latency([(98, 0.1), (1, 5.0), (1, 9.0)])
    assert found["p50"]["value"] == 0.1
    assert found["p95"]["value"] == 0.1
    assert latency([(9, 0.1), (1, 5.0)])["p95"]["value"] == 5.0
    assert latency([(1, 2.0)])["p50"] == {"value": 2.0, "ci95": [2.0, 2.0]}
    assert latency([])["p95"] == {"value": None, "ci95": None}
    assert found["n_replies"] == 100


def test_the_worst_of_each_measure_is_shown_with_what_was_found():
    audit, dialogues, _ = audit_of("noisy(0.5):scripted:2", n_tasks=40)
    worst = worst_dialogues(dialogues, audit.baseline)
    false = [len(reply.false) for d in dialogues for reply in d.replies]
    first = worst["worst: truthfulness"][0]
    noted = [
        turn.notes["audit"]["not true"] for turn in first.turns if "not true" in turn.notes.get("audit", {})
    ]
    assert sum(map(len, noted)) == max(sum(len(r.false) for r in d.replies) for d in dialogues)
    assert sum(false) > 0
    assert "worst: agreement" in worst
    assert "worst: leaks" not in worst
    assert all("audit" not in turn.notes for d in dialogues for turn in d.episode.turns)
    clean, held, _ = audit_of("scripted:1", n_tasks=10)
    assert "worst: truthfulness" not in worst_dialogues(held, clean.baseline)


def test_a_chat_teacher_behind_a_server_is_audited_and_its_run_replayed_without_a_request(tmp_path, capsys):
    def script(request):
        words = "Not quite. Note that 12 * 7 = 85." if request.number % 2 else "Not quite. 2 + 2 = 4, go on."
        return say(words)

    out, again = tmp_path / "audit", tmp_path / "again"
    with ChatServer(script) as server:
        name = server.spec("tiny", price_in=1, price_out=2, concurrency=1)
        words = ["audit", "--teacher", name, "--n-tasks", "6", "--max-turns", "3", "--out", str(out)]
        assert main(words) == 0
        requests = len(server.requests)
    found = json.loads((out / "results.json").read_text())
    turns = sum(len(episode.turns) for episode in read_episodes(out / "episodes" / "audited.jsonl"))
    assert requests == turns + found["agreement"]["n_asked_again"]
    assert found["n_replies"] == turns
    assert 0.4 < found["truthfulness"]["value"] < 0.95  # verdicts are right, every other calculation is wrong
    assert found["truthfulness"]["n_false"] >= turns // 2
    assert found["cost_per_dialogue"]["input_tokens"]["value"] == pytest.approx(10 * turns / 6)
    assert found["cost_per_dialogue"]["cost"]["value"] == pytest.approx(2e-5 * turns / 6)
    assert found["length_tokens"]["value"] == 5.0
    capsys.readouterr()
    # The server is gone; what was said is there.
    assert main(["eval", "--replay", str(out), "--out", str(again)]) == 0
    for label in ("audited", "binary"):
        file = f"episodes/{label}.jsonl"
        assert (again / file).read_bytes() == (out / file).read_bytes()


# ---- the listener ----


def test_the_listener_asks_and_never_gives_an_answer_twice():
    plan = Plan("SML-Math-v0", ("real",), "scripted:2", n_tasks=30, max_turns=10)
    held = plan.hold(make_student("listener", plan.env, plan.tasks), "silent")
    for episode in held:
        attempts = [turn.student.text for turn in episode.turns if turn.student.kind is UtteranceKind.ATTEMPT]
        assert len(set(attempts)) == len(attempts)
    asked = sum(turn.student.kind is UtteranceKind.QUESTION for e in held for turn in e.turns)
    assert 0.1 < asked / sum(len(e.turns) for e in held) < 0.3


def test_the_listener_needs_feedback_and_depends_on_nothing_else():
    plan = Plan("SML-Math-v0", ("real",), "scripted:2", n_tasks=40, max_turns=8)

    def hold(label, **options):
        return plan.hold(make_student("listener", plan.env, plan.tasks), label, **options)

    real, placebo = hold("real"), hold("placebo")
    assert feedback_gain(real, placebo).ci95[0] > 0.3
    assert solve_at(placebo).values[-1] < solve_at(real).values[-1] / 1.5
    again = hold("real", batch_size=7)
    assert [e.to_json() for e in again] == [e.to_json() for e in real]
    stranger = ListeningStudent(plan.env, plan.tasks[:1])
    held = plan.hold(stranger, "silent")
    assert sum(not e.valid for e in held) == len(held) - 1
    assert "was not given the task" in held[-1].error


def test_the_listener_works_in_a_third_party_s_domain(spelling_id):
    plan = Plan(spelling_id, ("real", "binary"), "scripted:3", n_tasks=30, max_turns=8)
    audit = Audit(plan, make_student("listener", plan.env, plan.tasks))
    _, found = audit.run()
    assert found["truthfulness"]["value"] == 1.0
    assert found["helpfulness"]["value"] > 0.1


# ---- keeping and resuming ----


class Counting(ScriptedTeacher):
    """Counts what it is asked and dies at a set call."""

    def __init__(self, die_at=None, error=KeyboardInterrupt):
        super().__init__(2)
        self.asked, self.calls, self.die_at, self.error = 0, 0, die_at, error

    def reply(self, contexts):
        self.calls += 1
        if self.calls == self.die_at:
            raise self.error
        self.asked += len(contexts)
        return super().reply(contexts)


@pytest.mark.parametrize("die_at", [3, 9, 14])
def test_a_killed_audit_goes_on_where_it_stopped(tmp_path, die_at):
    whole = audit_of(Counting(), n_tasks=20, batch_size=8)[2]
    dying = Counting(die_at)
    with pytest.raises(KeyboardInterrupt):
        audit_of(dying, n_tasks=20, folder=tmp_path, batch_size=8)
    for name in ("audited", "latency", "again"):
        path = tmp_path / f"{name}.jsonl"
        if path.exists():
            with path.open("a") as file:
                file.write('{"cut')
    held = tmp_path / "audited.jsonl"
    assert die_at == 3 or read_episodes(held)
    going = Counting()
    found = audit_of(going, n_tasks=20, folder=tmp_path, batch_size=8)[2]
    for name in ("truthfulness", "helpfulness", "leaks", "answered", "length_chars", "agreement"):
        assert found[name] == whole[name]
    idle = Counting()
    audit_of(idle, n_tasks=20, folder=tmp_path, batch_size=8)
    assert idle.asked == 0


def test_a_spent_budget_ends_an_audit_with_all_kept(tmp_path):
    spent = TeacherError("no more money")
    spent.__cause__ = BudgetSpent("the budget is spent: raise it and resume")
    with pytest.raises(BudgetSpent):
        audit_of(Counting(3, spent), n_tasks=10, folder=tmp_path, batch_size=5)
    assert audit_of(Counting(), n_tasks=10, folder=tmp_path, batch_size=5)[2]["failures"] == {}


# ---- the command ----


def test_the_command_writes_table_json_and_page_and_resumes(tmp_path, capsys):
    out = tmp_path / "audit"
    words = [
        "audit",
        "--teacher",
        "noisy(0.4):scripted:2",
        "--n-tasks",
        "25",
        "--repeats",
        "10",
        "--out",
        str(out),
    ]
    assert main(words) == 0
    printed = capsys.readouterr().out
    for name in ("truthfulness", "helpfulness", "leaks", "questions", "length", "latency", "agreement"):
        assert f"\n{name}" in printed
    results = json.loads((out / "results.json").read_text())
    assert results["teacher"] == "noisy(0.4):scripted:2"
    assert results["student"] == "listener"
    assert results["agreement"]["n_asked_again"] == 10
    page = (out / "report.html").read_text()
    assert "worst: truthfulness" in page
    assert "not true" in page
    assert main(words) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 0
    again = json.loads((out / "results.json").read_text())
    assert again == results


def test_what_cannot_be_audited_is_refused_in_one_line(tmp_path, capsys):
    out = ["--out", str(tmp_path / "o")]
    for words, remedy in (
        (["--teacher", "scriptd"], "'scripted'"),
        (["--env", "SML-Moth-v0"], "'SML-Math-v0'"),
        (["--batch-size", "0"], "at least 1"),
        (["--repeats", "-1"], "at least 0"),
        (["--limit", "0"], "at least 1"),
        (["--n-tasks", "0"], "at least 1"),
    ):
        assert main(["audit", *words, *out]) == 2
        err = capsys.readouterr().err
        assert remedy in err
        assert err.count("\n") == 1
    assert not (tmp_path / "o").exists()
