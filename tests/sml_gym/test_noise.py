"""Wrong facts: at the rate asked for, really wrong, noted with the truth, never the verdict itself."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spelling_domain import SpellingEnv

from sml_envs.math import MathEnv
from sml_gym import (
    Fact,
    Feedback,
    Outcome,
    PlaceboTeacher,
    ScriptedTeacher,
    TeachingContext,
    make_teacher,
)
from sml_gym.teachers.noise import NoisyTeacher

ENV = MathEnv(max_turns=1000)
QUESTIONS = ("What is the next step?", "Give me a hint.", "Is 3 * 4 = 13 right?", "hm")


def contexts(n, seed=0):
    """One-turn contexts over all families: wrong, right and odd attempts, working, and questions."""
    found = []
    for number in range(n):
        ENV.reset(seed=seed + number)
        probes, steps = ENV.probes(ENV.task), ENV.task.private.reveal().steps
        other = ENV.probes(ENV.source.sample(ENV.np_random, like=ENV.task)).correct
        texts = (
            probes.incorrect,
            other,
            probes.malformed,
            f"{steps[0].text} 2 + 2 = 5. {other}",
            probes.correct,
            QUESTIONS[number % len(QUESTIONS)],
        )
        found.append(ENV.hear(texts[number % len(texts)]))
    return found


class Recorder:
    """A teacher of its own words, such as a chat model: it does not say which facts it used."""

    name, free_spoken = "recorder", True

    def __init__(self):
        self.told = []

    def reply(self, told):
        self.told += told
        return [Feedback("Hm.") for _ in told]


def told(context, rate=1.0):
    recorder = Recorder()
    notes = NoisyTeacher(recorder, rate).reply([context])[0].notes.get("noise", {"replaced": [], "left": []})
    return recorder.told[0], notes


@pytest.fixture(scope="module")
def many():
    return contexts(600)


@pytest.fixture(scope="module")
def left(many):
    """How many facts have no wrong counterpart."""
    return sum(len(told(context)[1]["left"]) for context in many)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.35, 0.8, 1.0])
def test_the_rate_that_comes_out_is_the_rate_that_was_asked_for(many, left, rate):
    replaced = total = 0
    for context in many:
        recorded, _ = told(context, rate)
        for true, heard in zip(context.diagnosis.facts, recorded.diagnosis.facts, strict=True):
            replaced += true != heard
            total += 1
    assert left < 0.25 * total  # what claims nothing of the task
    total -= left
    assert abs(replaced / total - rate) <= 4 * math.sqrt(rate * (1 - rate) / total)


def test_every_wrong_fact_is_wrong_and_takes_the_place_of_the_true_one(many):
    judged = 0
    for context in many:
        recorded, notes = told(context)
        examined = ENV.examine(context.task, context.utterance.text)
        claims = {(fact.kind, str(sorted(fact.slots.items()))) for fact in context.diagnosis.facts}
        for true, heard in zip(context.diagnosis.facts, recorded.diagnosis.facts, strict=True):
            place = (true.topic, true.informativeness, true.direction)
            assert place == (heard.topic, heard.informativeness, heard.direction)
            if true == heard:
                assert record(true) in notes["left"]
                continue
            assert {"truth": record(true), "told": record(heard)} in notes["replaced"]
            assert (heard.kind, str(sorted(heard.slots.items()))) not in claims
            holds = ENV.holds(context.task, examined, heard)
            assert holds is not True, (context.task.problem, context.utterance.text, heard)
            judged += holds is False
    assert judged > 700


def record(fact: Fact):
    return {"kind": fact.kind, "slots": dict(fact.slots)}


def test_what_is_left_true_claims_nothing_of_the_task(many):
    kinds = {fact["kind"] for context in many for fact in told(context)[1]["left"]}
    assert kinds <= {
        "answer.unknown",
        "math.answer.commit",
        "math.answer.refuse",
        "math.answer.step_unclear",
        "math.answer.term",
        "math.avoid.unclear",
        "math.next.commit",
        "math.where.unshown",
    }


def test_noise_never_holds_the_answer(many):
    for context in many:
        answer = context.task.private.reveal().answer
        known = context.task.problem + context.utterance.text
        for pair in told(context)[1]["replaced"]:
            words = ". ".join(pair["told"]["slots"].values())
            if answer not in re.findall(r"[\w./-]+", known):
                assert answer not in re.findall(r"[\w/-]+", words), (context.task.problem, words)


def test_a_chat_teacher_is_told_the_wrong_verdict_and_reward_and_record_keep_the_right_one():
    recorder = Recorder()
    env = MathEnv(teacher=NoisyTeacher(recorder, 1.0), max_turns=5)
    env.reset(seed=1)
    probes = env.probes(env.task)
    expected = {
        probes.incorrect: Outcome.CORRECT,
        probes.malformed: Outcome.CORRECT,
        "Let me think about it.": Outcome.INCORRECT,
        probes.correct: Outcome.INCORRECT,
    }
    rewards = [env.step(text)[1] for text in expected]
    assert [context.verdict.outcome for context in recorder.told] == list(expected.values())
    assert [context.diagnosis.facts[0].kind for context in recorder.told] == [
        f"verdict.{outcome.value}" for outcome in expected.values()
    ]
    assert rewards == [0.0, 0.0, 0.0, 1.0]
    recorded = [turn.outcome for turn in env.episode(student="t").turns]
    assert recorded == [Outcome.INCORRECT, Outcome.MALFORMED, Outcome.NO_ATTEMPT, Outcome.CORRECT]


def test_notes_name_what_was_spoken_and_only_that():
    for context in contexts(120, seed=50):
        said = make_teacher("noisy(0.5):scripted:1").reply([context])[0]
        noise = said.notes.get("noise", {"replaced": [], "left": []})
        true = {fact.kind for fact in ScriptedTeacher(1).reply([context])[0].facts}
        heard = {fact.kind for fact in said.facts}
        assert {pair["told"]["kind"] for pair in noise["replaced"]} <= heard
        assert heard - {pair["told"]["kind"] for pair in noise["replaced"]} <= true


def test_a_higher_rate_changes_all_that_a_lower_one_changes():
    for context in contexts(150, seed=9):
        low, high = told(context, 0.2)[0].diagnosis.facts, told(context, 0.6)[0].diagnosis.facts
        for true, a, b in zip(context.diagnosis.facts, low, high, strict=True):
            assert a in (true, b)


def test_two_layers_of_noise_replace_more_and_never_turn_back_to_the_truth():
    recorder = Recorder()
    changed = total = 0
    for context in contexts(600, seed=3):
        NoisyTeacher(NoisyTeacher(recorder, 0.5), 0.5).reply([context])
        # The verdict's fact always has a contrary; flipped twice it would be true again.
        if context.diagnosis.facts[0].kind in ("verdict.correct", "verdict.incorrect"):
            total += 1
            changed += recorder.told[-1].diagnosis.facts[0] != context.diagnosis.facts[0]
    assert abs(changed / total - 0.75) < 0.1


def test_two_layers_of_noise_around_a_placebo_know_of_each_other():
    recorder = Recorder()
    teacher = NoisyTeacher(PlaceboTeacher(NoisyTeacher(recorder, 0.5)), 0.5)
    told = []
    for seed in range(400):
        ENV.reset(seed=seed)
        teacher.reply([ENV.hear("12 * 3 = 37. Final answer: 98765")])
        facts = recorder.told[-1].diagnosis.facts
        assert not {"math.kind.slip", "math.where.calculation"} & {fact.kind for fact in facts}
        told.append(facts[0].kind)
    assert set(told) == {"verdict.correct", "verdict.incorrect"}
    assert abs(told.count("verdict.correct") / len(told) - 0.75) < 0.08


@pytest.mark.parametrize("inner", ["delayed(1)", "shuffled", "placebo"])
def test_facts_that_a_control_inside_finds_anew_are_noisy_too(inner):
    pairs = 0
    for seed in range(20):
        env = MathEnv(teacher=f"noisy(1):{inner}:scripted:3", max_turns=3, families=["word_problem"])
        env.reset(seed=seed)
        for number in (1, 2, 3):
            env.step(f"Final answer: {seed + 1000 * number}")
        for turn in env.episode(student="t").turns[1:]:
            assert "verdict.incorrect" not in turn.facts and "verdict.correct" in turn.facts
            pairs += len(turn.notes["noise"]["replaced"])
    assert pairs > 60


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.floats(0, 1), st.text(max_size=80))
def test_any_words_are_answered_and_the_same_way_again(seed, rate, text):
    ENV.reset(seed=seed)
    context = ENV.hear(text)
    teacher = make_teacher(NoisyTeacher(ScriptedTeacher(3), rate).name)
    assert teacher.reply([context]) == teacher.reply([context])


def test_a_domain_that_names_no_opposites_gets_its_noise_from_other_tasks():
    env = SpellingEnv(teacher="noisy(1):scripted:1", max_turns=50)
    places = 0
    for seed in range(30):
        env.reset(seed=seed)
        answer = env.task.private.reveal().answer
        context = env.hear(f"Final answer: {answer[:2]}{'q' * (len(answer) - 2)}")
        assert isinstance(context, TeachingContext)
        truth = context.diagnosis.facts[1].slots
        replaced = env.teacher.reply([context])[0].notes["noise"]["replaced"]
        assert replaced[0]["told"]["kind"] == "verdict.correct"
        for pair in replaced[1:]:
            assert pair["told"]["kind"] == "spelling.place" and pair["told"]["slots"] != truth
            places += 1
    assert places > 20


def test_a_single_task_leaves_nothing_to_be_wrong_about_but_the_verdict(tmp_path):
    path = tmp_path / "one.jsonl"
    path.write_text('{"problem": "Write a word.", "answer": "word"}\n')
    env = SpellingEnv(teacher="noisy(1):scripted:1", tasks=path)
    env.reset(seed=0)
    env.step("Final answer: wort")
    noise = env._record.turns[0].notes["noise"]
    assert [pair["told"]["kind"] for pair in noise["replaced"]] == ["verdict.correct"]
    assert [fact["kind"] for fact in noise["left"]] == ["spelling.place"]
