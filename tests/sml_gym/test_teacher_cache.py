"""The cache: what it keeps, what makes another question, and that a replay is the run, byte for byte."""

from __future__ import annotations

import copy
import itertools
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest
from chat_server import ChatServer, say, status

from sml_envs.math import MathEnv
from sml_gym import (
    ConfigError,
    Direction,
    Fact,
    Feedback,
    Job,
    StopReason,
    TeacherError,
    env_factory,
    make_teacher,
    rollout,
    write_episodes,
)
from sml_gym.dialogue import Dialogue, Utterance
from sml_gym.students import ScriptedStudent
from sml_gym.teachers.cache import CachedTeacher

STUDENT = ScriptedStudent(["Final answer: 3", "What is the next step?", "Final answer: 7 or 8", "hm"])


class Costly:
    """A teacher whose words and cost differ from call to call, as a model's do."""

    name = "costly"

    def __init__(self, fails_at=None):
        self.calls, self.contexts, self.fails_at, self.version = 0, 0, fails_at, "1"

    def describe(self):
        return {"model": "m", "prompt_version": self.version}

    def reply(self, contexts):
        self.calls += 1
        said = []
        for context in contexts:
            self.contexts += 1
            if context.turn == self.fails_at:
                said.append(TeacherError("the line is dead", usage={"requests": 3}))
                continue
            said.append(
                Feedback(
                    f"Word {self.contexts} ⟨{chr(0xD800)}\x00…",
                    (Fact("k", {"a": "b"}, direction=Direction.FUTURE_NEGATIVE, topic="t"),),
                    {"requests": 1, "cost": 0.1 + self.contexts / 7},
                    {"input_tokens": 3},
                    {"chat": {"nested": [1, 2.5, None, {"x": True}]}},
                )
            )
        return said


def contexts(n=3, teacher_seed=0):
    """The first turn of some dialogues."""
    found = []
    for seed in range(n):
        env = MathEnv(families=["word_problem"])
        env.reset(seed=seed, options={"teacher_seed": teacher_seed})
        found.append(env.hear("Final answer: 3"))
    return found


def episodes(teacher, n=4):
    first = MathEnv(families=["word_problem", "gcd"], teacher=teacher)

    def make_env():
        return MathEnv(teacher=first.teacher, tasks=first.source)

    return rollout(make_env, STUDENT, [Job(seed=i) for i in range(n)])


def written(path, held):
    write_episodes(path, held)
    return path.read_bytes()


def test_a_replay_asks_no_one_and_gives_the_same_bytes(tmp_path):
    inner = Costly()
    held = episodes(CachedTeacher(inner, tmp_path / "c.sqlite"))
    first = written(tmp_path / "a.jsonl", held)
    assert inner.contexts == 16 and inner.calls == 4
    for only in (False, True):
        again = CachedTeacher(Costly(fails_at=1), tmp_path / "c.sqlite", only=only)
        assert written(tmp_path / "b.jsonl", episodes(again)) == first
        assert (again.inner.calls, again.hits, again.misses) == (0, 16, 0)
    assert held[0].usage["teacher_requests"] == 4
    assert held[0].teacher == f"cached({tmp_path / 'c.sqlite'}):costly"


@pytest.mark.parametrize(
    "spec",
    [
        "noisy(0.5):{}:scripted:3",
        "{}:noisy(0.5):scripted:3",
        "shuffled:{}:placebo:scripted",
        "{}:withholding(0.5):delayed(1):scripted:3",
    ],
)
def test_replays_of_chains_by_name(tmp_path, spec):
    keep, only = (spec.format(f"cached({tmp_path}/c.sqlite{end})") for end in ("", ",only"))
    first = written(tmp_path / "a.jsonl", episodes(keep))
    assert make_teacher(keep).name == make_teacher(only).name  # the record of a replay says the same
    assert written(tmp_path / "b.jsonl", episodes(only)) == first


def test_only_refuses_what_is_not_kept_and_goes_on_with_the_others(tmp_path):
    path = tmp_path / "c.sqlite"
    CachedTeacher(Costly(), path).reply(contexts(2))
    only = CachedTeacher(Costly(), path, only=True)
    known, missing = only.reply([contexts(2)[0], contexts(3)[2]])
    assert isinstance(known, Feedback) and isinstance(missing, TeacherError)
    assert "holds no answer to turn 1 of task" in str(missing) and only.inner.calls == 0
    ended = episodes(only, n=1)[0]
    assert ended.stop_reason is StopReason.TEACHER_FAILED and ended.reward is None


def test_failures_are_not_kept(tmp_path):
    failing = CachedTeacher(Costly(fails_at=1), tmp_path / "c.sqlite")
    answers = failing.reply(contexts(2))
    assert all(isinstance(answer, TeacherError) for answer in answers)
    assert answers[0].usage == {"requests": 3}
    failing.inner.fails_at = None
    assert all(isinstance(answer, Feedback) for answer in failing.reply(contexts(2)))


def test_one_call_for_what_is_missing_and_one_question_for_what_is_the_same(tmp_path):
    inner = Costly()
    teacher = CachedTeacher(inner, tmp_path / "c.sqlite")
    a, b, c = contexts(3)
    teacher.reply([b])
    said = teacher.reply([a, b, a, c, a])
    assert (inner.calls, inner.contexts) == (2, 3)
    assert said[0] == said[2] == said[4] and len({reply.text for reply in said}) == 3
    assert said[0] is not said[2]
    assert teacher.reply([]) == []


def test_everything_that_the_teacher_saw_counts(tmp_path):
    inner = Costly()
    teacher = CachedTeacher(inner, tmp_path / "c.sqlite")
    context = contexts(1)[0]
    other = contexts(2)[1]
    said = Utterance(context.utterance.speaker, "Final answer: 3 ", context.utterance.kind)
    changed = [
        context,
        replace(context, task=other.task),
        replace(context, task=replace(context.task, private=other.task.private)),
        replace(context, dialogue=Dialogue([*context.dialogue.utterances, said])),
        replace(context, utterance=said),
        replace(context, verdict=replace(context.verdict, answer="4")),
        replace(context, diagnosis=replace(context.diagnosis, facts=context.diagnosis.facts[1:])),
        replace(context, turn=2),
        replace(context, max_turns=9),
        replace(context, seed=context.seed + 1),
        replace(context, rejected=("no",)),
        replace(context, directions=()),
        replace(context, directions=(Direction.REWARD,)),
        replace(context, length="terse"),
    ]
    assert len({reply.text for reply in teacher.reply(changed)}) == len(changed)
    inner.version = "2"  # another prompt
    assert teacher.reply([context])[0].text == f"Word {len(changed) + 1} ⟨{chr(0xD800)}\x00…"
    assert inner.contexts == len(changed) + 1


def test_a_teacher_that_draws_other_tasks_is_asked_anew_about_another_source(tmp_path):
    spec = f"cached({tmp_path}/c.sqlite):placebo:scripted"
    env = MathEnv(teacher=spec, families=["gcd"])
    env.reset(seed=0)
    context = env.hear("Final answer: 3")
    other = MathEnv(teacher=spec, families=["gcd", "word_problem"], split="test")
    for domain, misses in ((env, 1), (env, 1), (other, 2)):
        env.teacher.reply([replace(context, domain=domain)])
        assert env.teacher.misses == misses


def test_answers_survive_a_kill_and_several_processes_share_a_file(tmp_path):
    """Writers are killed with SIGKILL at any moment; what they have answered is there."""
    path = tmp_path / "c.sqlite"
    script = textwrap.dedent(
        """
        import sys
        from sml_envs.math import MathEnv
        from sml_gym import make_teacher
        teacher = make_teacher(f"cached({sys.argv[1]}):scripted:3")
        env = MathEnv(families=["gcd"])
        for seed in range(int(sys.argv[2]), 10**9):
            env.reset(seed=seed, options={"teacher_seed": 0})
            teacher.reply([env.hear("Final answer: 3")])
            print(seed, flush=True)
        """
    )
    starts = (0, 5)
    workers = [
        subprocess.Popen([sys.executable, "-c", script, str(path), str(start)], stdout=subprocess.PIPE)
        for start in starts
    ]
    done = []
    for worker in workers:
        lines = [int(worker.stdout.readline()) for _ in range(40)]
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        done += lines
    only = make_teacher(f"cached({path},only):scripted:3")
    env = MathEnv(families=["gcd"])
    for seed in sorted({*done}):
        env.reset(seed=seed, options={"teacher_seed": 0})
        assert isinstance(only.reply([env.hear("Final answer: 3")])[0], Feedback), seed


def test_of_two_answers_to_one_question_the_first_counts_for_both(tmp_path):
    inner, other = Costly(), Costly()
    other.contexts = 100
    one, two = CachedTeacher(inner, tmp_path / "c.sqlite"), CachedTeacher(other, tmp_path / "c.sqlite")
    context = contexts(1)[0]

    class Meanwhile(Costly):
        """Another process answers while this one is still being asked."""

        def reply(self, asked):
            one.reply(asked)
            return other.reply(asked)

    two.inner = Meanwhile()
    assert two.reply([context]) == one.reply([context])


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_file_is_refused_at_once_and_left_alone(tmp_path, content):
    path = tmp_path / "c.sqlite"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="Move it away"):
        make_teacher(f"cached({path}):scripted")
    assert path.read_bytes() == content


def test_a_file_that_is_damaged_later_is_refused_too(tmp_path):
    path = tmp_path / "c.sqlite"
    teacher = CachedTeacher(Costly(), path)
    teacher.reply(contexts(1))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE answers SET answer = '{\"text\": 1'")
    with pytest.raises(ConfigError, match="damaged"):
        teacher.reply(contexts(1))


def test_another_database_is_not_written_to(tmp_path):
    path = tmp_path / "mine.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(ConfigError, match="something else"):
        CachedTeacher(Costly(), path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]


def test_paths(tmp_path):
    with pytest.raises(ConfigError, match="no cache"):
        make_teacher(f"cached({tmp_path}/none.sqlite,only):scripted")
    for path in ("a)b", "(a", "", " a", "x,only"):
        with pytest.raises(ConfigError, match="cannot stand in a teacher's name"):
            CachedTeacher(Costly(), path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="folder"):
        CachedTeacher(Costly(), tmp_path / "file" / "c.sqlite")
    with pytest.raises(ConfigError):
        CachedTeacher(Costly(), tmp_path)  # a folder
    odd = make_teacher(f"cached({tmp_path}/new/a (1), b:c.sqlite):retry")
    assert make_teacher(odd.name).name == odd.name and (tmp_path / "new" / "a (1), b:c.sqlite").is_file()


def _reply_in_child(teacher, queue):
    queue.put([reply.text for reply in teacher.reply(contexts(2))])


def test_it_can_be_sent_to_other_processes_and_used_after_a_fork(tmp_path):
    teacher = make_teacher(f"cached({tmp_path}/c.sqlite):scripted:3")
    said = [reply.text for reply in teacher.reply(contexts(2))]
    assert [reply.text for reply in copy.deepcopy(teacher).reply(contexts(2))] == said
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    child = fork.Process(target=_reply_in_child, args=(teacher, queue))
    child.start()
    assert queue.get(timeout=60) == said
    child.join()


def test_a_replay_of_a_server_s_words_needs_no_server(tmp_path):
    """Half of the requests fail in the first run; the second asks for those alone, the third for nothing."""
    numbers, failing = itertools.count(), [True, False]

    def answer(request):
        number = next(numbers)
        return status(500) if number % 2 and failing[len(runs)] else say(f"Hint number {number}.")

    cache = f"cached({tmp_path}/c.sqlite)"
    jobs = [Job(seed=i, teacher_seed=i) for i in range(12)]
    runs = []
    with ChatServer(answer) as server:
        spec = server.spec(retries=0, deadline=10, backoff=0.001)
        for _ in failing:
            before = len(server.requests)
            held = rollout(env_factory("SML-Math-v0", teacher=f"{cache}:{spec}"), STUDENT, jobs)
            runs.append((held, len(server.requests) - before))
    assert not all(episode.valid for episode in runs[0][0]) and all(episode.valid for episode in runs[1][0])
    answered = sum(len(e.turns) - (not e.valid) for e in runs[0][0])
    assert runs[1][1] == 48 - answered  # every answer was paid for once
    for end in ("", ",only"):  # the server is gone
        replayed = f"cached({tmp_path}/c.sqlite{end}):{spec}"
        held = rollout(env_factory("SML-Math-v0", teacher=replayed), STUDENT, jobs)
        assert written(tmp_path / "b.jsonl", held) == written(tmp_path / "a.jsonl", runs[1][0])
    assert runs[1][0][0].usage["teacher_requests"] == 4
