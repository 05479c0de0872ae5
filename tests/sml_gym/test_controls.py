"""Control teachers and knobs: what each says, that they compose, and that seeds decide everything."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_envs.math import MathEnv
from sml_gym import (
    ConfigError,
    Direction,
    Feedback,
    Job,
    PlaceboTeacher,
    RolloutError,
    StopReason,
    make_teacher,
    rollout,
)
from sml_gym.students import ScriptedStudent
from sml_gym.teachers.controls import WithholdingTeacher
from sml_gym.teachers.earlier import DelayedTeacher
from sml_gym.teachers.noise import NoisyTeacher
from sml_gym.teachers.telling import TypesTeacher
from sml_gym.teachers.wording import GO_ON
from sml_gym.testing import check_env

FAMILIES = ["word_problem", "gcd", "last_digits_product"]
SAID = (
    "Final answer: 12",
    "What is the next step?",
    "First 12 * 3 = 37. Final answer: 37",
    "Final answer: 1 or 2",
    "hm",
    "Final answer: 5",
)
WRAPPERS = (
    "placebo",
    "shuffled",
    "delayed(1)",
    "noisy(0.5)",
    "withholding(0.5)",
    "terse",
    "verbose",
    "types(hindsight_negative+future_negative)",
)


def hold(teacher, said=SAID, seed=0, teacher_seed=1, **options):
    """The environment after a dialogue in which the student says these things."""
    options = {"families": FAMILIES, "max_turns": len(said), **options}
    env = MathEnv(teacher=teacher, **options)
    env.reset(seed=seed, options={"teacher_seed": teacher_seed})
    for text in said:
        _, _, terminated, truncated, _ = env.step(text)
        if terminated or truncated:
            break
    return env


def replies(teacher, said=SAID, **options):
    return [turn.feedback for turn in turns(teacher, said, **options)]


def turns(teacher, said=SAID, **options):
    return hold(teacher, said, **options).episode(student="test").turns


class Recorder:
    """A teacher that keeps what it was told, as a chat model's prompt would show it."""

    name = "recorder"

    def __init__(self):
        self.told = []

    def reply(self, contexts):
        self.told += contexts
        return [Feedback("I see.") for _ in contexts]


# ---- each by itself ----


def test_retry_says_the_same_whatever_happens():
    assert replies("retry") == ["Try again."] * 6
    assert turns("retry")[0].facts == ()


def test_delayed_says_what_would_have_been_said_so_many_turns_ago():
    real = replies("scripted:3")
    for k in range(7):
        late = replies(f"delayed({k}):scripted:3")
        assert late == ([GO_ON] * k + real)[:6]
    notes = [turn.notes["delayed"]["turn"] for turn in turns("delayed(2):scripted")]
    assert notes == [None, None, 1, 2, 3, 4]


def test_delayed_shows_a_teacher_the_dialogue_as_it_was():
    recorder = Recorder()
    env = hold(DelayedTeacher(recorder, 2))
    assert [context.turn for context in recorder.told] == [1, 2, 3, 4]
    for context in recorder.told:
        assert context.dialogue.turn == context.turn
        assert context.dialogue.utterances[-1] is context.utterance
        assert context.utterance.text == SAID[context.turn - 1]
        assert [u.text for u in context.dialogue] == [u.text for u in env.dialogue][: 2 * context.turn]


def test_shuffled_gives_the_feedback_on_an_earlier_turn_and_none_at_the_first():
    drawn = Counter()
    for seed in range(60):
        real = replies("scripted:3", teacher_seed=seed)
        mixed = turns("shuffled:scripted:3", teacher_seed=seed)
        assert mixed[0].feedback == GO_ON and mixed[0].notes["shuffled"]["turn"] is None
        for number, turn in enumerate(mixed[1:], start=2):
            of = turn.notes["shuffled"]["turn"]
            assert 1 <= of < number
            assert turn.feedback == real[of - 1]
            drawn[number, of] += 1
    assert all(drawn[6, of] >= 3 for of in range(1, 6))  # 60 draws over five turns


def test_withholding_speaks_when_asked_and_else_at_its_rate():
    kept = total = 0
    for seed in range(100):
        said = turns("withholding(0.3):scripted:3", teacher_seed=seed)
        real = replies("scripted:3", teacher_seed=seed)
        for turn, spoken in zip(said, real, strict=True):
            asked = turn.student.kind == "question"
            assert turn.feedback == spoken or (turn.feedback == GO_ON and not asked)
            assert (turn.notes == {"withholding": {"withheld": True}}) == (turn.feedback == GO_ON)
            total += not asked
            kept += turn.feedback == GO_ON
    assert total == 500
    assert abs(kept / total - 0.3) < 0.085  # four standard errors


def test_withholding_does_not_ask_the_teacher_it_silences():
    recorder = Recorder()
    hold(WithholdingTeacher(recorder, 1.0))
    assert [context.utterance.kind for context in recorder.told] == ["question"]


def test_placebo_speaks_of_one_other_task_with_its_problem_as_the_opening():
    recorder = Recorder()
    env = hold(PlaceboTeacher(recorder))
    assert len({context.task.id for context in recorder.told}) == 1
    for context in recorder.told:
        assert context.task.problem != env.task.problem
        assert context.task.family == env.task.family
        assert context.dialogue.utterances[0].text == context.task.problem
        assert [u.text for u in context.dialogue][1:] == [u.text for u in env.dialogue][1 : 2 * context.turn]
        answer = context.task.private.reveal().answer
        assert context.domain.verify(context.task, answer).correct
    assert turns(PlaceboTeacher(Recorder()))[0].notes["placebo"]["task_id"] == recorder.told[0].task.id


# ---- types and length ----


def test_placebo_speaks_of_a_task_with_another_answer():
    recorder = Recorder()
    env = MathEnv(teacher=PlaceboTeacher(recorder), levels=[1])
    for seed in range(300):
        env.reset(seed=seed)
        env.step("hm")
        decoy = recorder.told[-1].task
        assert not env.verify(env.task, decoy.private.reveal().answer).correct
        if env.task.family != decoy.family or env.task.level != decoy.level:
            pytest.fail(f"{decoy.id} for {env.task.id}")


SLIPS = ("12 * 3 = 37. Final answer: 37", r"$12 \times 3 = 37$, so \boxed{37}", "Is 12*3=37 right?")


@pytest.mark.parametrize("inner", ["scripted:1", "scripted:2", "scripted:3", "verbose:scripted:3"])
def test_placebo_does_not_find_slips_that_are_slips_in_any_task(inner):
    """That would be true feedback on the task at hand."""
    about_words = {"math.where.calculation", "math.kind.slip", "math.avoid.slip", "math.answer.step_wrong"}
    found = set()
    for seed in range(20):
        for spec in (f"placebo:{inner}", f"placebo:delayed(1):{inner}", f"shuffled:placebo:{inner}"):
            env = hold(spec, SLIPS, seed=seed, teacher_seed=seed)
            for turn in env.episode(student="test").turns:
                assert not about_words & set(turn.facts), turn
                assert turn.feedback and "37" not in turn.feedback
        found |= {kind for turn in env.episode(student="test").turns for kind in turn.facts}
    assert inner == "scripted:1" or any(kind.startswith("math.") for kind in found)
    assert about_words & set(hold(inner, SLIPS).episode(student="test").turns[0].facts)


def test_placebo_of_two_tasks_finds_no_slips_either(tmp_path):
    """There is no third task to tell whether a slip is one in any task, and both have one answer."""
    path = tmp_path / "two.jsonl"
    path.write_text("".join(f'{{"problem": "Is {n} odd?", "answer": "yes"}}\n' for n in (1, 3)))
    env = MathEnv(tasks=path, teacher="placebo:scripted:3")
    env.reset(seed=0)
    for text in SLIPS[:2]:
        assert "37" not in env.step(text)[0]


@pytest.mark.parametrize("inner", ["scripted:3", "noisy(0.5):verbose:scripted:3"])
def test_placebo_says_the_same_whichever_task_it_is_given_for(inner):
    env = MathEnv(families=["word_problem"], levels=[2], teacher=f"placebo:{inner}", max_turns=9)
    heard = []
    for seed in range(6):
        env.reset(seed=seed, options={"teacher_seed": 4})
        heard.append([env.step(text)[0] for text in ("Final answer: 3", *SLIPS, "What is the next step?")])
    assert len({env.task.problem, env.source.sample(env.np_random).problem}) == 2
    assert all(words == heard[0] for words in heard)


@pytest.mark.parametrize("direction", list(Direction))
def test_a_scripted_teacher_gives_only_the_types_it_is_asked_for(direction):
    spoken = 0
    for seed in range(30):
        env = MathEnv(teacher=f"types({direction.value}):scripted:3", max_turns=6)
        env.reset(seed=seed)
        kinds = {}
        for text in (env.probes(env.task).incorrect, *SAID):
            found = env.examine(env.task, text).diagnosis.facts
            kinds = {fact.kind: fact.direction for fact in found}
            words, _, terminated, truncated, _ = env.step(text)
            facts = env._record.turns[-1].facts
            assert all(kinds[kind] is direction for kind in facts)
            assert bool(facts) != (words == GO_ON)
            spoken += len(facts)
            if terminated or truncated:
                break
    assert spoken > 15


def test_types_joined_give_all_of_them_and_around_one_another_what_both_name():
    joined = turns("types(hindsight_positive+hindsight_negative):scripted:3", ["12 * 7 = 84, 84 - 1 = 9"])
    assert make_teacher("types(reward + reward):scripted").name == "types(reward):scripted:2"
    assert joined[0].facts
    both = "types(reward+future_positive):types(reward+hindsight_negative):scripted:3"
    assert turns(both)[0].facts == ("verdict.incorrect",)
    assert replies("types(reward):types(future_negative):scripted:3") == [GO_ON] * 6


def test_chat_teachers_are_told_which_types_and_how_much():
    recorder = Recorder()
    hold(TypesTeacher(make_teacher("terse:scripted").__class__(recorder), ["reward"]))
    assert {context.directions for context in recorder.told} == {(Direction.REWARD,)}
    assert {context.length for context in recorder.told} == {"terse"}


def test_terse_says_one_thing_and_verbose_everything():
    for seed in range(20):
        plain = turns("scripted:3", seed=seed)
        short, long = turns("terse:scripted:3", seed=seed), turns("verbose:scripted:3", seed=seed)
        for a, b, c in zip(short, plain, long, strict=True):
            assert len(a.facts) == 1 and set(a.facts) <= set(b.facts) <= set(c.facts)
            assert "answer.unknown" not in c.facts or len(c.facts) == 1
    assert sum(len(t.facts) for t in long) > sum(len(t.facts) for t in plain)
    assert turns("terse:verbose:scripted:3")[0].facts == long_facts("verbose:scripted:3")


def long_facts(teacher):
    return turns(teacher)[0].facts


def test_verbose_never_speaks_above_its_level_nor_what_is_private():
    env = hold("verbose:scripted:1")
    for turn in env.episode(student="test").turns:
        found = env.examine(env.task, turn.student.text).diagnosis.facts
        allowed = {fact.kind for fact in found if fact.informativeness <= 1 and not fact.private}
        assert set(turn.facts) <= allowed


# ---- together ----


@pytest.mark.parametrize(("outer", "inner"), list(itertools.product(WRAPPERS, repeat=2)))
def test_any_two_go_around_each_other(outer, inner):
    spec = f"{outer}:{inner}:scripted:3"
    teacher = make_teacher(spec)
    assert teacher.name == spec
    first = hold(spec, seed=3, teacher_seed=5)
    assert first.stop_reason is StopReason.TURN_LIMIT, first.error
    record = first.episode(student="test")
    again = hold(teacher, seed=3, teacher_seed=5).episode(student="test")
    assert [(t.feedback, t.notes) for t in record.turns] == [(t.feedback, t.notes) for t in again.turns]
    assert all(turn.feedback for turn in record.turns)
    kinds = [control["kind"] for control in record.teacher_record["controls"]]
    assert kinds == [outer.partition("(")[0], inner.partition("(")[0]]


@pytest.mark.parametrize("chain", [*WRAPPERS, *map(":".join, itertools.product(WRAPPERS, repeat=2))])
def test_the_contract_of_an_environment_holds_under_every_control_and_pair(chain):
    check_env(MathEnv(teacher=f"{chain}:scripted:3", families=FAMILIES, max_turns=3), n_tasks=1)


def test_a_long_chain_works():
    spec = "noisy(0.2):delayed(1):types(hindsight_negative):scripted:3"
    words = [words for seed in range(20) for words in replies(spec, teacher_seed=seed)]
    assert sum(text == GO_ON for text in words) < 90 and make_teacher(spec).name == spec


KNOBS = (*WRAPPERS, "delayed(2)", "noisy(1)", "types(reward)", "guard(redact)", "guard(flag)")
LEAVES = ("scripted:0", "scripted:1", "scripted:2", "scripted:3", "binary", "retry", "silent")


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(KNOBS), max_size=5), st.sampled_from(LEAVES), st.integers(0, 2**40))
def test_the_record_s_label_and_seed_give_the_same_words_again_and_reward_is_untouched(chain, leaf, seed):
    said = hold(":".join([*chain, leaf]), teacher_seed=seed).episode(student="test")
    again = hold(said.teacher, teacher_seed=said.teacher_seed).episode(student="test")
    assert again == said
    plain = hold("silent", teacher_seed=seed).episode(student="test")
    assert [(t.outcome, t.answer, t.reward) for t in said.turns] == [
        (t.outcome, t.answer, t.reward) for t in plain.turns
    ]


def test_no_teacher_depends_on_the_process():
    """What 22 chains say and note, from processes with different hash seeds."""
    program = (
        "import itertools, sys; sys.path.insert(0, sys.argv[1]); import test_controls as t\n"
        "for a, b in itertools.islice(itertools.product(t.WRAPPERS, repeat=2), 0, 64, 3):\n"
        "    print(repr(t.turns(f'{a}:{b}:scripted:3')))"
    )
    heard = set()
    for hash_seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", program, str(Path(__file__).parent)]
        heard.add(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert len(heard) == 1 and len(heard.pop()) > 10_000


def test_two_of_one_kind_in_a_chain_draw_apart():
    """With shared draws the second would silence exactly what the first silences, and add nothing."""
    kept = {}
    for spec in ("withholding(0.5):scripted", "withholding(0.5):withholding(0.5):scripted"):
        said = [w for seed in range(60) for w in replies(spec, ["hm"] * 4, teacher_seed=seed)]
        kept[spec] = sum(text == GO_ON for text in said) / len(said)
    once, twice = kept.values()
    assert abs(once - 0.5) < 0.13 and abs(twice - 0.75) < 0.12


def test_controls_answer_many_dialogues_in_one_call():
    calls = []

    class Counting(Recorder):
        def reply(self, contexts):
            calls.append(len(contexts))
            return super().reply(contexts)

    teacher = WithholdingTeacher(NoisyTeacher(DelayedTeacher(Counting(), 1), 0.5), 0.5)
    shared = MathEnv(teacher=teacher, families=FAMILIES, max_turns=3)

    def make_env():
        return MathEnv(teacher=teacher, tasks=shared.source, max_turns=3)

    episodes = rollout(make_env, ScriptedStudent(["Final answer: 1"]), [Job(seed=i) for i in range(40)])
    assert all(episode.valid for episode in episodes)
    assert len(calls) == 2 and all(8 <= n <= 32 for n in calls)  # none at the first turn


@pytest.mark.parametrize(
    ("control", "hook"),
    [
        ("noisy(1)", "read"),
        ("noisy(1)", "holds"),
        ("placebo", "read"),
        ("delayed(1)", "read"),
        ("shuffled", "read"),
    ],
)
def test_a_domain_that_breaks_on_another_task_ends_one_dialogue(control, hook):
    class Breaking(MathEnv):
        breaks = ""

        def read(self, task, text):
            if self.breaks == "read" and "boom" in text:
                raise RuntimeError("of the domain's own making")
            return super().read(task, text)

        def holds(self, task, examined, fact):
            if self.breaks == "holds" and "boom" in examined.utterance.text:
                raise RuntimeError("of the domain's own making")
            return super().holds(task, examined, fact)

    contexts = []
    for seed, word in enumerate(("hm", "boom", "hm")):
        env = Breaking(teacher=f"{control}:scripted:3", families=FAMILIES, max_turns=6)
        env.reset(seed=seed)
        for _ in range(2):
            env.settle(env.hear(f"{word}, 12 * 3 = 37. Final answer: 37"), Feedback("Go on."))
        contexts.append(env.hear(f"{word}, 12 * 3 = 37. Final answer: 37"))
    Breaking.breaks = hook
    answers = env.teacher.reply(contexts)
    assert [type(answer) for answer in answers[::2]] == [Feedback, Feedback]
    assert isinstance(answers[1], RolloutError) and "own making" in str(answers[1])


def test_one_teacher_that_fails_ends_one_dialogue():
    from sml_gym import TeacherError

    class Fragile(Recorder):
        def reply(self, contexts):
            return [TeacherError("no") if c.turn == 2 else Feedback("ok") for c in contexts]

    assert hold(DelayedTeacher(Fragile(), 1)).stop_reason is StopReason.TEACHER_FAILED


@pytest.mark.parametrize(
    "make",
    [
        lambda: NoisyTeacher(Recorder(), 1.5),
        lambda: NoisyTeacher(Recorder(), float("nan")),
        lambda: WithholdingTeacher(Recorder(), -0.1),
        lambda: WithholdingTeacher(Recorder(), True),
        lambda: DelayedTeacher(Recorder(), -1),
        lambda: DelayedTeacher(Recorder(), 1.0),
        lambda: TypesTeacher(Recorder(), []),
        lambda: TypesTeacher(Recorder(), ["praise"]),
    ],
)
def test_parameters_out_of_range_are_refused_with_the_remedy(make):
    with pytest.raises(ConfigError, match=r"(?i)give|name|known"):
        make()
