"""The one path by which students meet environments."""

from __future__ import annotations

import gymnasium as gym
import pytest
from spelling_domain import SpellingEnv

from sml_gym import (
    ConfigError,
    Episode,
    Feedback,
    Job,
    Reply,
    StopReason,
    TeacherError,
    TokenSpan,
    env_factory,
    rollout,
)


class Reverser:
    """Solves from its turn on, and notes how many dialogues it was asked about."""

    name = "reverser"

    def __init__(self, solve_at=2):
        self.solve_at, self.calls = solve_at, []

    def reply(self, dialogues):
        self.calls.append(len(dialogues))
        return [self._one(dialogue) for dialogue in dialogues]

    def _one(self, dialogue):
        word = dialogue.utterances[0].text.split("'")[1]
        right = dialogue.turn + 1 >= self.solve_at + len(word) % 2
        answer = word[::-1] if right else "?"
        return Reply(f"Final answer: {answer}", TokenSpan((1,), (2, 3), (-0.1, -0.2)), usage={"tokens": 2})


def jobs(n):
    return [Job(seed=seed) for seed in range(n)]


def test_episodes_come_back_in_order_with_tokens_and_usage(spelling_id):
    student = Reverser()
    episodes = rollout(env_factory(spelling_id, max_turns=4), student, jobs(7), batch_size=3)
    assert [episode.seed for episode in episodes] == list(range(7))
    assert all(episode.stop_reason is StopReason.SOLVED and episode.reward == 1.0 for episode in episodes)
    assert {episode.solved_at for episode in episodes} == {2, 3}
    for episode in episodes:
        assert len(episode.turns) == episode.solved_at
        assert all(turn.tokens == TokenSpan((1,), (2, 3), (-0.1, -0.2)) for turn in episode.turns)
        assert episode.usage["student_tokens"] == 2 * len(episode.turns)
        assert episode.env_id == spelling_id and episode.student == "reverser" and episode.versions["sml_gym"]


def test_a_rollout_says_what_stepping_by_hand_says(spelling_id):
    [episode] = rollout(env_factory(spelling_id), Reverser(9), [Job(seed=5)])
    env = SpellingEnv()
    problem, info = env.reset(seed=5)
    assert (episode.opening, episode.task_id) == (problem, info["task_id"])
    assert [turn.feedback for turn in episode.turns] == [env.step("Final answer: ?")[0] for _ in range(4)]
    assert episode.stop_reason is StopReason.TURN_LIMIT and episode.reward == 0.0


def test_gymnasium_s_wrappers_are_looked_through(spelling_id):
    wrapped = rollout(lambda: gym.make(spelling_id), Reverser(), jobs(3))
    bare = rollout(env_factory(spelling_id), Reverser(), jobs(3))
    assert [(e.task_id, e.reward) for e in wrapped] == [(e.task_id, e.reward) for e in bare]
    with pytest.raises(ConfigError, match="make_env gave CartPoleEnv"):
        rollout(lambda: gym.make("CartPole-v1"), Reverser(), jobs(1))


def test_finished_dialogues_leave_the_batch(spelling_id):
    student = Reverser(1)
    rollout(env_factory(spelling_id, max_turns=4), student, jobs(40), batch_size=40)
    assert student.calls[0] == 40 and len(student.calls) == 2 and 0 < student.calls[1] < 40


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), None])
def test_a_student_that_fails_is_recorded_and_never_scored(spelling_id, error):
    class Failing(Reverser):
        def reply(self, dialogues):
            if len(self.calls) == 1:
                if error:
                    raise error
                return []
            return super().reply(dialogues)

    episodes = rollout(env_factory(spelling_id), Failing(9), jobs(3))
    assert [e.stop_reason for e in episodes] == [StopReason.STUDENT_FAILED] * 3
    assert all(e.reward is None and len(e.turns) == 1 and e.error for e in episodes)


def test_a_teacher_that_fails_in_one_wave_leaves_the_others_alone(spelling_id):
    class Sometimes:
        name = "sometimes"

        def reply(self, contexts):
            if any(context.seed % 2 for context in contexts):
                raise TeacherError("rate limit")
            return [Feedback("Go on.") for _ in contexts]

    some = [Job(seed=i, teacher_seed=i) for i in range(6)]
    episodes = rollout(env_factory(spelling_id, teacher=Sometimes()), Reverser(9), some, batch_size=1)
    assert [e.valid for e in episodes] == [True, False] * 3
    assert [e.reward for e in episodes] == [0.0, None] * 3


def test_a_student_without_tokens_ends_the_dialogue_but_a_right_answer_counts(spelling_id):
    class Short(Reverser):
        def reply(self, dialogues):
            return [Reply(reply.text, exhausted=True, truncated=True) for reply in super().reply(dialogues)]

    lost = rollout(env_factory(spelling_id), Short(9), jobs(3))
    assert all(
        e.stop_reason is StopReason.TOKEN_LIMIT and e.reward == 0.0 and len(e.turns) == 1 for e in lost
    )
    assert all(e.turns[0].student.truncated for e in lost)
    won = rollout(env_factory(spelling_id), Short(0), jobs(3))
    assert all(e.stop_reason is StopReason.SOLVED and e.reward == 1.0 for e in won)


def test_a_source_that_fails_is_recorded_per_dialogue(spelling_id):
    factory = env_factory(spelling_id)
    source, calls = factory().source, []
    real = source.sample

    def sample(rng, like=None):
        calls.append(1)
        if len(calls) == 2:
            raise OSError("disk gone")
        return real(rng, like=like)

    source.sample = sample
    episodes = rollout(factory, Reverser(1), jobs(3))
    assert [e.stop_reason for e in episodes] == [StopReason.SOLVED, StopReason.TASK_FAILED, StopReason.SOLVED]
    assert episodes[1].reward is None and "disk gone" in episodes[1].error


def test_progress_is_reported_episode_by_episode(spelling_id):
    seen = []
    episodes = rollout(env_factory(spelling_id), Reverser(), jobs(5), batch_size=2, on_episode=seen.append)
    assert seen == episodes


def test_what_a_student_notes_stands_in_the_turns_beside_what_teachers_note() -> None:
    class Noting:
        name = "noting"

        def reply(self, dialogues):
            return [Reply("x", notes={"mine": {"turn": dialogue.turn}}) for dialogue in dialogues]

    env_options = {"teacher": "guard(redact):scripted:3", "max_turns": 3}
    (episode,) = rollout(env_factory("SML-Math-v0", **env_options), Noting(), [Job(seed=1)])
    assert [turn.notes["mine"] for turn in episode.turns] == [{"turn": 0}, {"turn": 1}, {"turn": 2}]
    assert all("guard" in turn.notes for turn in episode.turns)
    assert Episode.from_json(episode.to_json()) == episode
