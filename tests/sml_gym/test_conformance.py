"""The conformance kit passes sound domains and catches each kind of broken one."""

from __future__ import annotations

import itertools

import gymnasium as gym
import pytest
from spelling_domain import Backwards, SpellingEnv

import sml_gym
from sml_gym import Diagnosis, Draft, Fact, GeneratedTasks, Outcome, Reference, Verdict
from sml_gym.testing import check_env


def test_a_third_partys_domain_conforms_bare_and_made(spelling_id):
    check_env(SpellingEnv())
    check_env(gym.make(spelling_id, teacher="binary", max_turns=2))


class AlwaysRight(SpellingEnv):
    def verify(self, task, answer):
        return Verdict(Outcome.CORRECT, answer)


class NeverRight(SpellingEnv):
    def verify(self, task, answer):
        return Verdict(Outcome.INCORRECT, answer)


counter = itertools.count()


class Forgetful(SpellingEnv):
    phrases = {"n": ("Number {n}.",)}

    def diagnose(self, task, utterance, verdict):
        return Diagnosis((Fact("n", {"n": str(next(counter))}),))


class Chatty(SpellingEnv):
    phrases = {"all": ("It is {answer}.",)}

    def diagnose(self, task, utterance, verdict):
        return Diagnosis((Fact("all", {"answer": task.private.reveal().answer}),))


class TellsTheSolution(SpellingEnv):
    phrases = {"all": ("{solution}",)}

    def diagnose(self, task, utterance, verdict):
        return Diagnosis((Fact("all", {"solution": task.private.reveal().solution}),))


class Speechless(SpellingEnv):
    def diagnose(self, task, utterance, verdict):
        return Diagnosis((Fact("unheard.of", informativeness=3),))


class SpeechlessByDefault(SpellingEnv):
    def diagnose(self, task, utterance, verdict):
        return Diagnosis((Fact("unheard.of", informativeness=1),))


class DiagnosesNothing(SpellingEnv):
    def diagnose(self, task, utterance, verdict):
        return None


class CannotVerify(SpellingEnv):
    def verify(self, task, answer):
        raise LookupError("no dictionary")


class ReadsNothing(SpellingEnv):
    def read(self, task, text):
        return None


class HasNoTasks(SpellingEnv):
    def tasks(self, split):
        return None


class ShowsTheSolution(SpellingEnv):
    def render(self):
        return self.task.private.reveal().solution


class Endless(SpellingEnv):
    def step(self, action):
        observation, reward, terminated, _, info = super().step(action)
        return observation, reward, terminated, False, info


class LongProblems(Backwards):
    def generate(self, rng, level):
        return Draft("x" * 70_000 + str(rng.random()), lambda: Reference("y"))


class LongWinded(SpellingEnv):
    def tasks(self, split):
        return GeneratedTasks([LongProblems()], split)


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        (AlwaysRight, "should be incorrect got the verdict 'correct'"),
        (NeverRight, "gold answer"),
        (Forgetful, "same seed"),
        (Chatty, "private reached the student's side"),
        (TellsTheSolution, "private reached the student's side"),
        (Speechless, "Give every fact kind phrasings"),
        (Endless, "did not end"),
        (SpeechlessByDefault, "broke off .*unheard.of.* Add one to the domain's phrase bank"),
        (DiagnosesNothing, "broke off .*diagnosing the utterance failed"),
        (CannotVerify, "broke off .*verifying the answer failed: LookupError: no dictionary"),
        (ReadsNothing, "broke off .*reading the utterance failed"),
        (ShowsTheSolution, "private reached the student's side"),
    ],
)
def test_broken_domains_are_told_what_to_do(domain, message):
    with pytest.raises(AssertionError, match=message):
        check_env(domain())


def test_a_domain_whose_tasks_are_no_source_is_told_so_when_it_is_made():
    with pytest.raises(sml_gym.ConfigError, match=r"tasks returned NoneType. Return a TaskSource"):
        HasNoTasks()


def test_a_problem_that_is_too_long_is_a_task_error():
    with pytest.raises(sml_gym.TaskError, match="longer than"):
        LongWinded().reset(seed=0)


def test_something_else_is_refused():
    with pytest.raises(AssertionError, match=r"no sml_gym\.SMLEnv"):
        check_env(gym.make("CartPole-v1"))
