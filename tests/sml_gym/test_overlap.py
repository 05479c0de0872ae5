"""A wave in parts: the same dialogues, with words on their way while the student speaks elsewhere."""

from __future__ import annotations

import threading
import time

import pytest
from chat_server import ChatServer, Request, hang, say, status

from sml_gym import ConfigError, Episode, Job, Reply, StopReason, StudentError, env_factory, rollout
from sml_gym.chat.loop import Turns, run_in_background
from sml_gym.errors import BudgetSpent

JOBS = [Job(seed=seed, teacher_seed=seed % 3) for seed in range(7)]


class Notes:
    """A student that says what it heard last, and notes who asked it, about how many, and in which thread."""

    name = "notes"

    def __init__(self, failing=(), last="?"):
        self.calls, self.threads, self.parts = [], set(), None
        self.failing, self.last = failing, last

    def expect_parts(self, parts):
        self.parts = parts

    def reply(self, dialogues):
        self.calls.append([dialogue.task_id for dialogue in dialogues])
        self.threads.add(threading.current_thread())
        return [self._one(dialogue) for dialogue in dialogues]

    def _one(self, dialogue):
        if (dialogue.task_id, dialogue.turn) in self.failing:
            return StudentError("speechless")
        heard = dialogue.utterances[-1].text
        if dialogue.turn == sum(map(ord, dialogue.utterances[0].text)) % 4:  # some never
            return Reply(f"Final answer: {dialogue.utterances[0].text.split(chr(39))[1][::-1]}")
        return Reply(f"You said {heard!r}. Final answer: {self.last}", usage={"tokens": 1})


def echo(request: Request):
    """An answer that depends on the whole request, later for some than for others."""
    body = request.body
    words = f"{len(body['messages'])} messages, the last {len(body['messages'][-1]['content'])} long"
    return say(f"{words}, seed {body['seed']}").after(0.02 * (body["seed"] % 3))


def hold(spelling_id, script, overlap, *, student=None, jobs=JOBS, options=None, **more):
    student = student or Notes()
    with ChatServer(script if callable(script) else [script]) as server:
        make = env_factory(spelling_id, teacher=server.spec(**{"retries": 0, **(options or {})}), max_turns=3)
        try:
            return rollout(make, student, jobs, overlap=overlap, **more), student, server
        finally:
            assert not [t for t in threading.enumerate() if t.name.startswith("sml-gym-teacher")]


def contents(episodes):
    """The episodes but for the server's port."""
    return [
        (
            (e.task_id, e.seed, e.stop_reason, e.reward, sorted(e.usage.items()), e.error.partition("@")[0]),
            [(t.student.text, t.feedback, t.outcome, t.reward) for t in e.turns],
        )
        for e in episodes
    ]


@pytest.mark.parametrize("batch_size", [3, 7, 128])
def test_the_dialogues_are_the_same(spelling_id, batch_size):
    whole, student, _ = hold(spelling_id, echo, 1, batch_size=batch_size)
    assert student.parts == 1 and all(episode.valid for episode in whole)
    assert {len(episode.turns) for episode in whole} == {1, 2, 3}
    for overlap in (2, 3, 20):
        parted, student, server = hold(spelling_id, echo, overlap, batch_size=batch_size)
        assert contents(parted) == contents(whole)
        assert student.parts == overlap and student.threads == {threading.current_thread()}
        # In the order of the whole, so that a student that counts dialogues counts the same.
        first = list(dict.fromkeys(task for call in student.calls for task in call))
        assert first[:3] == [episode.task_id for episode in whole[:3]]
        assert max(map(len, student.calls)) == -(-min(batch_size, len(JOBS)) // overlap)
        assert len(server.requests) == sum(len(episode.turns) for episode in whole)


def test_the_student_speaks_while_words_are_under_way(spelling_id):
    """The server answers the first part only after it has been asked about the second."""
    second = threading.Event()
    spoken = []

    class Speaker(Notes):
        def reply(self, dialogues):
            if len(self.calls) == 1:
                spoken.append(first.wait(10))
                second.set()
            return super().reply(dialogues)

    first = threading.Event()

    def script(request):
        first.set()
        return say("Again.").after(0 if second.is_set() else 0.2)

    episodes, student, _ = hold(spelling_id, script, 2, student=Speaker(), jobs=JOBS[:2])
    assert spoken == [True] and all(episode.valid for episode in episodes)
    assert student.calls[0] != student.calls[1]


def test_calls_of_several_parts_wait_together(spelling_id):
    _, _, server = hold(spelling_id, lambda _: say("Again.").after(0.15), 2, jobs=JOBS[:2])
    assert server.most_at_once == 2


def test_other_teachers_are_asked_at_once(spelling_id):
    student = Notes()
    rollout(env_factory(spelling_id, max_turns=2), student, JOBS, overlap=2)
    assert student.parts == 1 and len(student.calls[0]) == len(JOBS)
    with pytest.raises(ConfigError, match="overlap is 0"):
        rollout(env_factory(spelling_id), student, JOBS, overlap=0)


def test_failures_stay_with_their_dialogues(spelling_id):
    def script(request):
        return status(400) if request.body["seed"] % 4 == 0 else echo(request)

    def failing():
        return Notes(failing=failed)

    tasks = [episode.task_id for episode in hold(spelling_id, echo, 1)[0]]
    failed = {(tasks[1], 0), (tasks[5], 1)}
    whole = hold(spelling_id, script, 1, student=failing())[0]
    assert {StopReason.TEACHER_FAILED, StopReason.STUDENT_FAILED} <= {
        episode.stop_reason for episode in whole
    }
    assert any(episode.valid for episode in whole)
    held = []
    parted = hold(spelling_id, script, 3, student=failing(), on_episode=held.append)[0]
    assert contents(parted) == contents(whole)
    assert sorted(map(str, contents(held))) == sorted(map(str, contents(whole)))


def test_a_spent_budget_ends_the_run_after_the_wave(spelling_id):
    held: list[Episode] = []
    with pytest.raises(BudgetSpent, match="tokens are spent") as caught:
        hold(
            spelling_id, say("Again.", usage={"prompt_tokens": 300, "completion_tokens": 5}), 2,
            batch_size=4, on_episode=held.append, options={"budget_tokens": 2500, "max_tokens": 20},
        )  # fmt: skip
    assert 4 <= len(held) < len(JOBS) and len(held) % 4 == 0
    assert {e.seed for e in caught.value.episodes} == {e.seed for e in held}
    cut = [episode for episode in held if not episode.valid]
    assert cut and all(episode.stop_reason is StopReason.TEACHER_FAILED for episode in cut)


def test_a_refused_key_is_an_error_of_the_user(spelling_id):
    with pytest.raises(ConfigError, match="401"):
        hold(spelling_id, status(401), 2)


@pytest.mark.timeout(60)
def test_an_interrupt_of_the_student_breaks_off_what_waits(spelling_id):
    """`hold` sees to it that no thread is left, though the server does not answer for ten minutes."""

    class Interrupted(Notes):
        def _one(self, dialogue):
            if len(self.calls) == 4:
                raise KeyboardInterrupt
            return Reply("Well.")

    student = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        hold(
            spelling_id,
            lambda request: hang() if len(request.messages) > 2 else say("Again."),
            2,
            student=student,
            jobs=JOBS[:4],
            options={"deadline": 600},
        )
    assert list(map(len, student.calls)) == [2, 2, 2, 2]


@pytest.mark.timeout(60)
def test_an_interrupt_between_episodes_breaks_off_what_waits(spelling_id):
    held = hold(spelling_id, echo, 1, jobs=JOBS[:4])[0]

    def script(request):
        later = any(episode.opening in request.messages[0]["content"] for episode in held[2:])
        return hang() if later else say("Again.")

    def interrupt(episode):
        assert episode.stop_reason is StopReason.STUDENT_FAILED
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hold(
            spelling_id,
            script,
            2,
            student=Notes(failing={(held[0].task_id, 0)}),
            jobs=JOBS[:4],
            on_episode=interrupt,
            options={"deadline": 600},
        )


def test_threads_work_in_turn_but_while_they_wait():
    import asyncio

    turns, inside, most, order = Turns(), [], [], []

    def work(name):
        inside.append(name)
        most.append(len(inside))
        time.sleep(0.02)
        inside.remove(name)
        run_in_background(asyncio.sleep(0.1))
        order.append(name)
        inside.append(name)
        most.append(len(inside))
        inside.remove(name)

    threads = [threading.Thread(target=turns.run, args=(work, name)) for name in "abc"]
    for thread in threads:
        thread.start()
    with turns.mine():
        assert not inside
    for thread in threads:
        thread.join(10)
    assert max(most) == 1 and sorted(order) == ["a", "b", "c"]
