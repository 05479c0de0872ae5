"""The transfer probe: once solved, the same with other numbers and no teacher."""

from __future__ import annotations

import copy
import json

import gymnasium as gym
import numpy as np
import pytest
from spelling_domain import SpellingEnv

import sml_gym
from sml_envs.math import MathEnv
from sml_envs.math.families import FAMILIES
from sml_envs.math.shape import step_shape, text_shape
from sml_envs.rule import RuleEnv
from sml_gym import (
    ConfigError,
    Episode,
    Job,
    Outcome,
    StopReason,
    TaskError,
    Verdict,
    env_factory,
)
from sml_gym.audit import Audit
from sml_gym.episode import POSING, Probe, read_episodes, write_episodes
from sml_gym.evaluation import Plan, evaluate
from sml_gym.metrics import solve_at, solved_with_teacher, summarize, transfer_rate
from sml_gym.replay import env_of_record, rescore
from sml_gym.report.results import results_table
from sml_gym.report.viewer import dialogue_page
from sml_gym.rollout import rollout
from sml_gym.students import ScriptedStudent, make_student
from sml_gym.teachers import ScriptedTeacher
from sml_gym.teachers.guard import Guard
from sml_gym.testing import check_env, check_random_dialogues
from sml_gym.wrappers import Isomorph, Mixture, Underspecified

IDS = ("SML-Math-Isomorph-v0", "SML-Rule-Isomorph-v0")


def solved_once(env, seed=0):
    """A dialogue whose first problem is solved: the env, what was returned, and its second task."""
    env.reset(seed=seed)
    first = env.task
    result = env.step(env.probes(first).correct)
    return first, result, env.task


# ---- one dialogue ----


def test_the_first_solution_brings_no_reward_and_poses_the_second_problem():
    env = Isomorph(MathEnv(families="two_equations"))
    first, (words, reward, terminated, truncated, info), second = solved_once(env)
    assert (reward, terminated, truncated, info["verdict"]) == (0.0, False, False, "correct")
    assert words.endswith(f"{POSING}\n\n{second.problem}")
    assert second.problem != first.problem
    assert info["task_id"] == first.id
    words, reward, terminated, truncated, info = env.step(env.probes(second).correct)
    assert (reward, terminated, truncated, info["stop_reason"]) == (1.0, True, False, "solved")
    episode = env.episode(student="test")
    assert episode.reward == 1.0
    assert (episode.solved_at, episode.solved_with_teacher) == (1, 1)
    assert episode.probe == Probe(2, second.id, second.problem)
    assert [turn.reward for turn in episode.turns] == [0.0, 1.0]
    assert episode.private["probe_answer"] == second.private.reveal().answer
    assert episode.task_id == first.id


@pytest.mark.parametrize(
    ("say", "outcome"),
    [
        (lambda env, first, second: env.probes(second).incorrect, "incorrect"),
        (lambda env, first, second: env.probes(first).correct, "incorrect"),  # the answer of before
        (lambda env, first, second: "What is the next step?", "no_attempt"),
        (lambda env, first, second: "Let me think.", "no_attempt"),
        (lambda env, first, second: env.probes(second).malformed, "malformed"),
    ],
)
def test_anything_else_than_the_right_answer_ends_the_dialogue_without_reward(say, outcome):
    env = Isomorph(MathEnv(families="two_equations", teacher="scripted:3"))
    first, _, second = solved_once(env)
    words, reward, terminated, truncated, info = env.step(say(env, first, second))
    assert (reward, terminated, truncated) == (0.0, True, False)
    assert (info["stop_reason"], info["verdict"], info["valid"]) == ("not_transferred", outcome, True)
    episode = env.episode(student="test")
    assert (episode.reward, episode.solved_at, episode.solved_with_teacher) == (0.0, None, 1)
    assert (
        len(episode.turns[-1].facts) == 1
    )  # right or wrong, nothing else, though the teacher would say more
    assert episode.turns[-1].facts[0].startswith("verdict.")
    assert second.private.reveal().answer not in words


def test_the_second_answer_may_be_one_turn_more():
    env = Isomorph(MathEnv(families="gcd", max_turns=2))
    env.reset(seed=1)
    env.step(env.probes(env.task).incorrect)
    _, _, terminated, truncated, _ = env.step(env.probes(env.task).correct)
    assert not terminated and not truncated
    assert env.step(env.probes(env.task).correct)[1:3] == (1.0, True)
    episode = env.episode(student="test")
    assert (len(episode.turns), episode.max_turns, episode.solved_at) == (3, 2, 2)
    assert solve_at([episode]).values == (0.0, 1.0)


def test_an_unsolved_dialogue_is_as_ever():
    env = Isomorph(MathEnv(families="gcd", max_turns=2))
    env.reset(seed=1)
    for _ in range(2):
        _, reward, terminated, truncated, info = env.step(env.probes(env.task).incorrect)
    assert (reward, terminated, truncated, info["stop_reason"]) == (0.0, False, True, "turn_limit")
    episode = env.episode(student="test")
    assert episode.probe == Probe()
    assert (episode.solved_at, episode.solved_with_teacher) == (None, None)
    with pytest.raises(gym.error.ResetNeeded):
        env.step("Final answer: 1")


class Counting(ScriptedTeacher):
    def __init__(self):
        super().__init__(2)
        self.asked = 0

    def reply(self, contexts):
        self.asked += len(contexts)
        return super().reply(contexts)


def test_no_teacher_is_asked_about_the_second_answer():
    teacher = Counting()
    env = Isomorph(MathEnv(families="gcd", teacher=teacher))
    _, _, second = solved_once(env)
    assert teacher.asked == 1
    env.step(env.probes(second).incorrect)
    assert teacher.asked == 1


def test_a_teacher_that_breaks_cannot_touch_the_second_answer():
    class Breaks(ScriptedTeacher):
        def reply(self, contexts):
            if len(contexts[0].dialogue.utterances) > 3:
                raise OSError("gone")
            return super().reply(contexts)

    env = Isomorph(MathEnv(families="gcd", teacher=Breaks()))
    _, _, second = solved_once(env)
    assert env.step(env.probes(second).correct)[1] == 1.0


def test_a_new_dialogue_begins_with_its_own_first_problem():
    env = Isomorph(MathEnv(families="gcd"))
    first, _, second = solved_once(env, seed=5)
    env.reset(seed=5)
    assert env.task.problem == first.problem != second.problem
    assert solved_once(env, seed=5)[2] == second or solved_once(env, seed=5)[2].id == second.id


def test_all_dialogues_about_a_task_get_the_same_second_problem():
    env = Isomorph(MathEnv())
    task = env.source.take(1)[0]
    assert env.probe_of(task).id == env.probe_of(task).id == Isomorph(MathEnv()).probe_of(task).id
    found = {env.probe_of(other).id for other in env.source.take(20)}
    assert len(found) == 20


# ---- isomorphs of the maths domain ----

CELLS = [
    pytest.param(family, level, id=f"{family.name}-{level}") for family in FAMILIES for level in family.levels
]


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_every_family_and_level_has_isomorphs_that_ask_for_the_same_steps(family, level):
    same_answer = other_steps = 0
    for split, n in (("train", 4), ("test", 2)):
        env = MathEnv(families=family.name, levels=level, split=split)
        for task in env.source.take(n, seed=3):
            found = env.isomorph(task, np.random.default_rng(0))
            assert found is not None
            assert found.problem != task.problem
            assert (found.family, found.level, text_shape(found)) == (
                task.family,
                task.level,
                text_shape(task),
            )
            if step_shape(found) != step_shape(task):  # there is none in this split, then
                rng = np.random.default_rng(1)
                others = {o.problem: o for o in (env.source.sample(rng, like=task) for _ in range(1_000))}
                del others[task.problem]
                assert step_shape(task) not in {step_shape(other) for other in others.values()}
                other_steps += 1
            same_answer += found.private.reveal().answer == task.private.reveal().answer
            assert env.source.get(found.id).problem == found.problem  # of the same split
    assert other_steps <= (family.name == "lcm")  # two numbers without a common divisor are rare
    assert same_answer <= 1


def test_shapes_leave_out_numbers_names_and_units_and_nothing_else():
    class One:
        def __init__(self, problem):
            self.problem = problem

    def shape(text):
        return text_shape(One(text))

    assert shape("Solve x^2 - 19x + 78 = 0.") == shape("Solve 3x^2 + x - 7 = 0.")
    assert shape("Solve x^2 - 19x + 78 = 0.") != shape("Solve x^3 - 19x + 78 = 0.")
    assert shape("What is 3 + 4?") != shape("What is 3 * 4?")
    assert shape("Ben has 3 apples.") == shape("Grace has 14 pears.")
    assert shape("Ben has 3 apples.") != shape("Ben eats 3 apples.")
    assert shape("It is 3 cm long.") == shape("It is 12.5 m long.")


def test_rows_have_no_isomorph_and_are_refused_before_any_episode(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"problem": "What is 1 + 1?", "answer": "2"}\n')
    with pytest.raises(ConfigError, match=r"around MathEnv: .* has no isomorph\. Choose generated families"):
        Isomorph(MathEnv(tasks=path))
    with pytest.raises(ConfigError, match="has no isomorph"):
        gym.make("SML-Math-Isomorph-v0", tasks=path)
    with pytest.raises(ConfigError, match="has no isomorph"):
        Isomorph(SpellingEnv())


def test_environments_with_turns_of_their_own_are_refused():
    with pytest.raises(ConfigError, match="Put it around the environment inside"):
        Isomorph(Underspecified(MathEnv(families="word_problem")))
    with pytest.raises(ConfigError, match="Put it around the environment inside"):
        Isomorph(Isomorph(MathEnv()))


def test_an_isomorph_that_is_lost_midway_is_a_failure_and_no_reward():
    class Loses(MathEnv):
        lost = False

        def isomorph(self, task, rng):
            return None if Loses.lost else super().isomorph(task, rng)

    env = Isomorph(Loses(families="gcd"))
    env.reset(seed=0)
    Loses.lost = True
    _, reward, terminated, truncated, info = env.step(env.probes(env.task).correct)
    assert np.isnan(reward) and truncated and not terminated
    assert (info["stop_reason"], info["valid"]) == ("task_failed", False)
    with pytest.raises(TaskError, match="has no isomorph"):
        env.probe_of(env.task)


# ---- ways to make it, and the same contract as any environment ----


@pytest.mark.parametrize("env_id", IDS)
def test_the_ids_conform_bare_wrapped_and_many_at_once(env_id):
    check_env(gym.make(env_id))
    check_random_dialogues(gym.make(env_id), 150)
    envs = gym.make_vec(env_id, num_envs=3)
    envs.reset(seed=0)
    firsts = [env.task for env in envs.envs]
    _, rewards, terminations, _, _ = envs.step(tuple(env.probes(env.task).correct for env in envs.envs))
    assert not rewards.any() and not terminations.any()
    assert all(env.task is not first for env, first in zip(envs.envs, firsts, strict=True))
    _, rewards, terminations, _, _ = envs.step(tuple(env.probes(env.task).correct for env in envs.envs))
    assert rewards.all() and terminations.all()


def test_it_goes_around_made_environments_and_keeps_their_settings():
    inner = gym.make("SML-Math-v0", families="gcd", max_turns=7, split="test", teacher="scripted:1")
    env = Isomorph(inner)
    assert (env.max_turns, env.split, env.teacher.name) == (7, "test", "scripted:1")
    assert env.source is inner.unwrapped.source
    check_env(Isomorph(RuleEnv(families="operation")))


def test_options_of_the_id_are_those_of_the_domain():
    env = gym.make("SML-Math-Isomorph-v0", families=["gcd"], levels=[2], split="validation").unwrapped
    assert {task.family for task in env.source.take(5)} == {"gcd"}
    with pytest.raises(ConfigError, match="Did you mean 'families'"):
        sml_gym.env_class("SML-Math-Isomorph-v0")(famillies="gcd")


def test_a_mixture_holds_dialogues_with_and_without_a_second_problem():
    mixture = Mixture([(Isomorph(RuleEnv()), 1), (MathEnv(), 1)])
    tasks = mixture.source.take(20)
    student = make_student("oracle", mixture, tasks)
    episodes = rollout(lambda: copy.copy(mixture), student, [Job(task.id) for task in tasks])
    assert {len(episode.turns) for episode in episodes} == {1, 2}
    assert all((episode.probe is not None) == (len(episode.turns) == 2) for episode in episodes)
    assert {(episode.stop_reason, episode.solved_at) for episode in episodes} == {(StopReason.SOLVED, 1)}
    assert all(pair.new == pair.old for pair in rescore(episodes, lambda _: mixture))


def test_code_goes_on_with_another_function():
    plan = Plan("SML-Code-Isomorph-v0", ("real",), "scripted:2", 4, 3)
    episodes = evaluate(plan, make_student("oracle", plan.env, plan.tasks))["real"]
    assert {episode.stop_reason for episode in episodes} == {StopReason.SOLVED}
    assert all(episode.probe.problem != episode.opening for episode in episodes)
    with pytest.raises(ConfigError, match="has no isomorph"):
        gym.make("SML-Code-Isomorph-v0", tasks="humaneval")


# ---- rollouts, records, statistics ----


def held(env_id, student, n=40, **options):
    plan = Plan(env_id, ("real",), "scripted:2", n, 4, env_options=options)
    return plan, evaluate(plan, make_student(student, plan.env, plan.tasks))["real"]


def test_yardsticks_meet_the_second_problem():
    for env_id in IDS:
        _, episodes = held(env_id, "oracle")
        assert {episode.stop_reason for episode in episodes} == {StopReason.SOLVED}
        assert all(episode.solved_at == 1 and len(episode.turns) == 2 for episode in episodes)
    _, episodes = held("SML-Rule-Isomorph-v0", "optimal")
    assert transfer_rate(episodes).value == 1.0
    _, episodes = held("SML-Rule-Isomorph-v0", "retry", levels=3)  # it finds an answer and no rule
    assert solved_with_teacher(episodes).value > 0.15
    assert transfer_rate(episodes).value < 0.5


def test_copying_the_answer_that_the_teacher_confirmed_is_worth_nothing():
    make = env_factory("SML-Math-Isomorph-v0", families="gcd")
    env = make()
    task = env.source.take(1)[0]
    copies = ScriptedStudent([env.probes(task).correct])
    episode = rollout(make, copies, [Job(task.id)])[0]
    assert episode.stop_reason is StopReason.NOT_TRANSFERRED


def test_training_credits_both_answers():
    advantages = pytest.importorskip("sml_agents.advantages")
    solved, missed = one_episode(["incorrect", "correct", "correct"]), one_episode(["correct", "incorrect"])
    assert advantages.dialogue_return(solved, 0.7) == pytest.approx(0.7)
    assert advantages.turn_returns(solved, 0.7) == pytest.approx([0.7, 1.0, 1.0])
    assert advantages.dialogue_return(missed, 0.7) == 0
    assert advantages.turn_returns(missed, 0.7) == [0.0, 0.0]


def test_rates_are_counted_over_the_right_dialogues():
    def one(stop, turn, task):
        return Episode(
            "E",
            task,
            "test",
            "p",
            [],
            stop,
            1.0,
            0,
            "t",
            "s",
            4,
            probe=None if turn is False else Probe(turn),
        )

    episodes = [
        *(one(StopReason.SOLVED, 3, f"a{i}") for i in range(3)),
        one(StopReason.NOT_TRANSFERRED, 2, "b"),
        one(StopReason.TOKEN_LIMIT, 2, "c"),  # posed, and no token left to answer
        *(one(StopReason.TURN_LIMIT, None, f"d{i}") for i in range(5)),
        one(StopReason.TEACHER_FAILED, None, "e"),
    ]
    assert solved_with_teacher(episodes).value == pytest.approx(5 / 10)
    assert transfer_rate(episodes).value == pytest.approx(3 / 5)
    assert solve_at(episodes).values[-1] == pytest.approx(3 / 10)
    low, high = solved_with_teacher(episodes).ci95
    assert low < 0.5 < high
    plain = [one(StopReason.TURN_LIMIT, False, "f")]
    assert solved_with_teacher(plain).value is None and transfer_rate(plain).value is None


def test_results_and_pages_show_the_transfer():
    plan, episodes = held("SML-Rule-Isomorph-v0", "retry")
    summary = plan.summary({"real": episodes})
    table = results_table({"retry": summary})
    assert {"with teacher", "transfer"} <= set(table.header)
    assert "Transfer: of the dialogues solved with the teacher" in table.note
    page = dialogue_page({"real": episodes})
    assert "not transferred" in page
    missed = next(e for e in episodes if e.stop_reason is StopReason.NOT_TRANSFERRED)
    assert f"solved in {missed.solved_with_teacher}, not transferred" in page
    assert missed.probe.task_id in page


def test_records_keep_the_second_problem(tmp_path):
    _, episodes = held("SML-Rule-Isomorph-v0", "retry")
    write_episodes(tmp_path / "e.jsonl", episodes)
    assert read_episodes(tmp_path / "e.jsonl") == episodes
    row = json.loads((tmp_path / "e.jsonl").read_text().splitlines()[0])
    for odd in ({"turn": 0}, {"turn": 99}, {"task_id": 3}, {"turn": "2"}, {"other": 1}):
        broken = {**row, "probe": {"turn": None, "task_id": "", "problem": "", **odd}}
        with pytest.raises(ConfigError, match="Not an episode"):
            Episode.from_json(broken)
    del row["probe"]  # as older records are
    assert Episode.from_json(row).probe is None


def test_an_evaluation_that_was_stopped_goes_on(tmp_path):
    plan = Plan("SML-Rule-Isomorph-v0", ("real",), "scripted:2", 12, 4)
    student = make_student("optimal", plan.env, plan.tasks)
    whole = evaluate(plan, student, folder=tmp_path)["real"]
    path = tmp_path / "real.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:5]) + lines[5][:40])
    assert evaluate(plan, student, folder=tmp_path)["real"] == whole


# ---- judged again ----


@pytest.mark.parametrize("env_id", IDS)
def test_judging_again_changes_nothing(env_id):
    for student in ("oracle", "retry"):
        _, episodes = held(env_id, student, 25)
        for guard in (None, lambda teacher: Guard(teacher, "redact")):
            for pair in rescore(episodes, env_of_record(), guard):
                assert pair.task_from == "source"
                assert (pair.new.stop_reason, pair.new.probe, pair.new.reward) == (
                    pair.old.stop_reason,
                    pair.old.probe,
                    pair.old.reward,
                )
                assert [t.reward for t in pair.new.turns] == [t.reward for t in pair.old.turns]
                assert guard is not None or pair.new == pair.old


def test_the_record_alone_is_enough_to_judge_the_second_answer():
    _, episodes = held("SML-Math-Isomorph-v0", "oracle", 10, families="gcd")
    for pair in rescore(episodes, env_of_record("SML-Math-v0", {"families": "lcm"})):
        assert pair.task_from == "record"
        assert (pair.new.stop_reason, pair.new.probe) == (StopReason.SOLVED, pair.old.probe)


class Strict(MathEnv):
    """A verifier that accepts what `allowed` says."""

    allowed = staticmethod(lambda task: True)

    def verify(self, task, answer):
        verdict = super().verify(task, answer)
        return verdict if self.allowed(task) else Verdict(Outcome.INCORRECT, answer)


class Lenient(MathEnv):
    def verify(self, task, answer):
        return Verdict(Outcome.CORRECT, answer)


def one_episode(say, max_turns=4):
    env = Isomorph(MathEnv(families="gcd", max_turns=max_turns))
    env.reset(seed=2)
    for what in say:
        if what == "end":
            env.end(StopReason.TOKEN_LIMIT)
            break
        env.step(getattr(env.probes(env.task), what))
    return env.episode(student="test")


def test_new_verdicts_on_either_problem_decide_anew():
    def judged(episode, env):
        return rescore([episode], lambda _: env)[0].new

    solved = one_episode(["incorrect", "correct", "correct"])
    second = solved.probe.task_id
    strict = Strict(families="gcd")
    strict.allowed = lambda task: task.id != second
    new = judged(solved, strict)
    assert (new.stop_reason, new.reward, new.probe) == (StopReason.NOT_TRANSFERRED, 0.0, solved.probe)
    assert new.turns[-1].notes["replay"]["outcome"] == "correct"
    strict.allowed = lambda task: task.id == second
    new = judged(solved, strict)  # the second problem came though the first is not solved
    assert (new.stop_reason, new.probe, len(new.turns)) == (StopReason.UNDECIDED, Probe(), 2)
    full = one_episode(["incorrect", "correct", "correct"], max_turns=2)
    strict.allowed = lambda task: task.id == full.probe.task_id
    new = judged(full, strict)
    assert (new.stop_reason, new.reward, len(new.turns)) == (StopReason.TURN_LIMIT, 0.0, 2)

    missed = one_episode(["correct", "incorrect"])
    new = judged(missed, Lenient(families="gcd"))
    assert (new.stop_reason, new.reward, new.solved_at) == (StopReason.SOLVED, 1.0, 1)
    never = one_episode(["incorrect"] * 4)
    new = judged(never, Lenient(families="gcd"))  # solved at once, and no one knows what would have followed
    assert (new.stop_reason, new.reward, len(new.turns)) == (StopReason.UNDECIDED, None, 1)
    assert "was not posed" in new.error
    silent = one_episode(["correct", "end"])
    assert judged(silent, MathEnv(families="gcd")) == silent
    assert (silent.solved_with_teacher, silent.solved_at) == (1, None)


def test_an_audit_judges_the_teachers_words_alone():
    plan = Plan("SML-Math-Isomorph-v0", ("real", "binary"), "scripted:3", 20, 3)
    dialogues, results = Audit(plan, make_student("oracle", plan.env, plan.tasks), repeats=20).run()
    assert results["truthfulness"]["value"] == 1
    assert results["agreement"]["value"] == 1
    assert all(
        len(dialogue.replies) == 1 for dialogue in dialogues
    )  # the second answer got no teacher's reply
    assert summarize([d.episode for d in dialogues])["transfer_rate"]["value"] == 1
