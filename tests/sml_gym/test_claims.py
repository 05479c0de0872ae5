"""What words claim and whether it is so: single sentences by hand, and noise whose truth is known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_gym import Informativeness, Outcome, Verdict, env_factory
from sml_gym.claims import STATEMENT, ClaimReader, correctness
from sml_gym.evaluation import Plan
from sml_gym.replay import examine_turn
from sml_gym.students import make_student

ENV = env_factory("SML-Math-v0", split="test")()
READER = ClaimReader(ENV)


def task_of(family: str):
    env = env_factory("SML-Math-v0", split="test", families=[family])()
    return env.source.take(1)[0]


SUM = task_of("gcd")
ANSWER = int(SUM.private.reveal().answer)


def judged(words: str, utterance: str, task=SUM, said: str = "") -> dict[str, bool | None]:
    claims = READER.judge(task, ENV.examine(task, utterance), words, said or utterance)
    return {claim.kind if claim.kind != STATEMENT else claim.text: claim.true for claim in claims}


HIGH = f"Final answer: {abs(ANSWER) * 3 + 1001}"
RIGHT = f"Final answer: {ANSWER}"


@pytest.mark.parametrize(
    ("words", "utterance", "expected"),
    [
        ("That is not correct.", HIGH, {"verdict.incorrect": True}),
        ("That is correct.", HIGH, {"verdict.correct": False}),
        ("That is correct.", RIGHT, {"verdict.correct": True}),
        ("Not quite.", RIGHT, {"verdict.incorrect": False}),
        ("You have not given a final answer yet.", HIGH, {"verdict.no_attempt": False}),
        ("You have not given a final answer yet.", "Hm.", {"verdict.no_attempt": True}),
        # A true fact that the diagnosis does not name is no contradiction, a false one is.
        ("Your answer is too high.", HIGH, {"math.size.high": True}),
        ("Your answer is too low.", HIGH, {"math.size.low": False}),
        ("That is far too low, I think. Your answer is far too low.", HIGH, {"math.size.far_low": False}),
        ("The sign is wrong.", HIGH, {"math.kind.sign": ANSWER < 0}),
        ("You are off by one.", HIGH, {"math.kind.off_by_one": False}),
        ("You are off by one.", f"Final answer: {ANSWER + 1}", {"math.kind.off_by_one": True}),
        (
            "Your answer is too large by a factor of two.",
            f"Final answer: {2 * ANSWER}",
            {"math.kind.large_factor": True},
        ),
        (
            "Your answer is too large by a factor of three.",
            f"Final answer: {2 * ANSWER}",
            {"math.kind.large_factor": False},
        ),
        # Calculations, the student's own ones included.
        ("3 * 4 = 12.", HIGH, {"3 * 4 = 12": True}),
        ("Note that 12 * 7 = 85.", HIGH, {"12 * 7 = 85": False}),
        ("12 * 7 is not 85.", HIGH, {"math.kind.slip": True}),
        ("12 * 7 is not 84.", HIGH, {"math.kind.slip": False}),
        ("12 * 7 = 85 is wrong.", f"12 * 7 = 85. {HIGH}", {"math.answer.step_wrong": True}),
        ("Yes, 12 * 7 = 85 is right.", f"12 * 7 = 85. {HIGH}", {"math.answer.step_right": False}),
        ("You wrote 12 * 7 = 85, so look again.", f"12 * 7 = 85. {HIGH}", {}),
        ("So it is not true that 12 * 7 = 85, is it?", HIGH, {}),
        ("From 12 * 7 = 85 you went on.", f"12 * 7 = 85. {HIGH}", {}),  # quoted
        # Advice and talk claim nothing.
        ("Try again! Write the numbers below each other.", HIGH, {}),
        ("This is not complicated. I is not you.", HIGH, {}),
        ("Next step: Add 3 and 4.", HIGH, {}),
        ("", HIGH, {}),
    ],
)
def test_single_sentences(words, utterance, expected):
    assert judged(words, utterance) == expected


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("Your answer is incorrect.", "incorrect"),
        ("Sorry, but that's not right.", "incorrect"),
        ("Unfortunately, your final answer isn't correct", "incorrect"),
        ("No.", "incorrect"),
        ("Not quite right!", "incorrect"),
        ("Yes, that's right!", "correct"),
        ("Exactly, your answer is correct.", "correct"),
        ("You got it!", "correct"),
        ("Correct!", "correct"),
        ("You are right about the sign.", None),
        ("You're right so far.", None),
        ("That is right up to the second step.", None),
        ("Your first step is correct.", None),
        ("Is that correct?", None),
        ("You are on the right track.", None),
        ("The tens digit is wrong.", None),
        ("It is not right to give up.", None),
        ("It is incorrect that only one ticket was sold.", None),
        ("x" * 500 + " that is correct.", None),
    ],
)
def test_words_on_correctness(words, says):
    assert [claim.kind for claim in correctness(words)] == ([] if says is None else [f"verdict.{says}"])


def test_digits_and_terms_are_judged_one_by_one():
    digits = task_of("last_digits_product")
    answer = digits.private.reveal().answer
    wrong = f"{(int(answer[0]) + 1) % 10}{answer[1:]}"
    place = {2: "tens", 3: "hundreds"}.get(len(answer), "units")
    high = int(wrong[0]) > int(answer[0])
    said = f"Final answer: {wrong}"
    assert judged(f"The {place} digit is too high.", said, digits) == {"math.digit.high": high}
    assert judged(f"The {place} digit is too low.", said, digits) == {"math.digit.low": not high}
    assert judged(f"The {place} digit is right.", said, digits) == {"math.digit.right": False}


def dialogues(teacher: str, n: int = 35):
    """Words with the truth about them, from dialogues of a student that attempts, calculates and asks."""
    plan = Plan("SML-Math-v0", ["real"], teacher, n_tasks=n, max_turns=6)
    held = plan.hold(make_student("listener", plan.env, plan.tasks), "real")
    for episode in held:
        task = plan.env.source.get(episode.task_id)
        for turn in episode.turns:
            yield episode, turn, task, examine_turn(plan.env, task, turn)


@pytest.mark.parametrize(
    "teacher", ["binary", *(f"scripted:{int(i)}" for i in Informativeness), "verbose:scripted:3"]
)
def test_the_scripted_teacher_never_says_what_is_not_so(teacher):
    count = 0
    for _, turn, task, examined in dialogues(teacher):
        claims = READER.judge(task, examined, turn.feedback)
        assert [claim for claim in claims if claim.true is False] == []
        count += sum(claim.true is True for claim in claims)
    assert count > 90


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_noise_is_found_where_the_record_says_that_it_is(rate):
    """The check of the check: what the noisy teacher notes is the truth about its words."""
    agree = differ = told = 0
    for _, turn, task, examined in dialogues(f"noisy({rate}):scripted:2"):
        noted = turn.notes.get("noise", {}).get("replaced", [])
        wrong = {(one["told"]["kind"], tuple(sorted(one["told"]["slots"].items()))) for one in noted}
        for claim in READER.judge(task, examined, turn.feedback):
            if claim.true is None:
                continue
            told += 1
            noisy = (claim.kind, claim.slots) in wrong
            agree += noisy is (claim.true is False)
            differ += noisy is not (claim.true is False)
    assert told > 120
    assert differ / told < 0.01


def test_the_default_judge_knows_contraries_and_other_slots():
    import spelling_domain

    env = spelling_domain.SpellingEnv(split="test")
    task = env.source.take(1)[0]
    word = task.private.reveal().answer
    examined = env.examine(task, f"Final answer: {'#' + word[1:]}")
    reader = ClaimReader(env)
    words = "Letter 1 is not right. Look at letter 2."
    assert [(c.slots[0][1], c.true) for c in reader.judge(task, examined, words)] == [
        ("1", True),
        ("2", False),
    ]
    assert reader.judge(task, examined, "Dear me, letters are hard.") == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from([HIGH, RIGHT, "What now?", "\\boxed{"]))
def test_any_words_can_be_read(words, utterance):
    for claim in READER.judge(SUM, ENV.examine(SUM, utterance), words):
        assert claim.text
        assert claim.true in (True, False, None)


def test_long_and_hostile_words_are_read_in_time():
    for words in (
        "Your " * 100_000,
        "1=1" * 50_000,
        "(" * 50_000 + "= 5",
        "No, " * 50_000,
        "a is not " * 20_000,
    ):
        READER.judge(SUM, ENV.examine(SUM, HIGH), words)


def test_a_correct_attempt_has_no_mistake():
    examined = ENV.examine(SUM, RIGHT)
    assert examined.verdict == Verdict(Outcome.CORRECT, str(ANSWER))
    assert judged("You are off by one. The sign is wrong.", RIGHT) == {
        "math.kind.off_by_one": False,
        "math.kind.sign": False,
    }
