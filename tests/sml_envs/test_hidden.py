"""What the guessing and the rule domain share: independence of the text, exact optima, yardsticks, words."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from math import comb

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_envs.guess import GuessEnv
from sml_envs.hidden import best_play
from sml_envs.hidden.game import OUTSIDE, hidden_of
from sml_envs.hidden.search import search_of
from sml_envs.rule import RuleEnv
from sml_gym import ConfigError, Outcome
from sml_gym.audit import Audit
from sml_gym.claims import ClaimReader
from sml_gym.evaluation import Plan, evaluate
from sml_gym.students import make_student
from sml_gym.testing import check_random_dialogues

IDS = {"SML-Guess-v0": GuessEnv, "SML-Rule-v0": RuleEnv}
DOMAINS = list(IDS.values())
CELLS = [
    pytest.param(cls, family, level, id=f"{family.name}-{level}")
    for cls in DOMAINS
    for family in cls.all_families
    for level in family.levels
]


# ---- the search, against one that tries everything ----


@cache
def exhaustive(matrix, state):
    """Least worst case and least sum of turns, with no bound and no order."""
    if not state:
        return 0, 0
    worst, total = len(state), len(state) * (len(state) + 1) // 2
    for row in matrix:
        parts: dict[int, set[int]] = {}
        for hidden in state:
            if row[hidden]:
                parts.setdefault(row[hidden], set()).add(hidden)
        if any(len(part) == len(state) for part in parts.values()):
            continue
        found = [exhaustive(matrix, frozenset(part)) for part in parts.values()]
        worst = min(worst, 1 + max((w for w, _ in found), default=0))
        total = min(total, len(state) + sum(t for _, t in found))
    return worst, total


@st.composite
def matrices(draw):
    n = draw(st.integers(1, 7))
    replies = draw(st.integers(1, 3))
    return tuple(tuple(0 if g == h else draw(st.integers(1, replies)) for h in range(n)) for g in range(n))


@settings(deadline=None, max_examples=150)
@given(matrices())
def test_the_search_finds_what_trying_everything_finds(matrix):
    worst, total = exhaustive(matrix, frozenset(range(len(matrix))))
    assert best_play(matrix).worst == worst
    assert best_play(matrix).mean == Fraction(total, len(matrix))


def turns_of_play(matrix):
    """How many turns the search's own play takes, for each hidden candidate."""
    search, turns = search_of(matrix), []
    for hidden in range(len(matrix)):
        state, turn = (1 << len(matrix)) - 1, 1
        while (attempt := search.attempt(state)) != hidden:
            said = matrix[attempt][hidden]
            state &= sum(1 << h for h, other in enumerate(matrix[attempt]) if other == said)
            turn += 1
        turns.append(turn)
    return turns


@pytest.mark.parametrize(("cls", "family", "level"), CELLS)
def test_play_takes_the_optimal_number_of_turns_whatever_is_hidden(cls, family, level):
    for game in {id(found): found for found in (family.game(level, seed)[0] for seed in range(3))}.values():
        means = []
        for informativeness in range(4):
            matrix = game.messages(informativeness)
            optimum, turns = best_play(matrix), turns_of_play(matrix)
            assert max(turns) == optimum.worst
            assert optimum.mean <= Fraction(sum(turns), len(turns))
            means.append(optimum.mean)
        n = len(game.answers)
        assert best_play(game.messages(0)).worst == n
        assert means[0] == Fraction(n + 1, 2)
        assert means == sorted(means, reverse=True)  # more informative feedback is never worth less
        assert means[2] < means[0]


# ---- the text tells nothing ----


@pytest.mark.parametrize("cls", DOMAINS)
def test_the_same_text_occurs_with_different_answers(cls):
    family = cls.all_families[0]
    game = family.game(1, 0)[0]
    numbers: dict[str, list[int]] = {}
    for number in range(20_000):
        numbers.setdefault(family.label(1, number), []).append(number)
    shared = [found for found in numbers.values() if len(found) > 1]
    assert len(shared) > 20
    answers = [{family.position(game, 1, number) for number in found} for found in shared]
    different = sum(len(found) > 1 for found in answers)
    chance = 1 - 1 / len(game.answers)
    assert abs(different / len(shared) - chance) < 4 * (chance * (1 - chance) / len(shared)) ** 0.5
    one, two = next(found[:2] for found, places in zip(shared, answers, strict=True) if len(places) > 1)
    assert family.hide(game, 1, one).problem == family.hide(game, 1, two).problem
    assert family.hide(game, 1, one).reference().answer != family.hide(game, 1, two).reference().answer


@pytest.mark.parametrize(("cls", "family", "level"), CELLS)
def test_no_letter_of_the_label_tells_what_is_hidden(cls, family, level):
    game, n = family.game(level, 1)[0], 4_000
    size = len(game.answers)
    drawn = [(family.label(level, number), family.position(game, level, number)) for number in range(n)]
    # Pearson's statistic over letters and candidates has mean (letters - 1)(size - 1), variance twice that.
    for place in range(5):
        cells = Counter((label[place], position) for label, position in drawn)
        letters, positions = Counter(label[place] for label, _ in drawn), Counter(p for _, p in drawn)
        statistic = sum(
            (cells[letter, position] - expected) ** 2 / expected
            for letter, position in itertools.product(letters, positions)
            for expected in (letters[letter] * positions[position] / n,)
        )
        freedom = (len(letters) - 1) * (size - 1)
        assert abs(statistic - freedom) < 4.5 * (2 * freedom) ** 0.5


@pytest.mark.parametrize(("cls", "family", "level"), CELLS)
def test_every_candidate_is_as_likely_and_every_text_its_own(cls, family, level):
    env = cls(families=family.name, levels=level)
    tasks = env.source.take(300)
    assert len({task.problem for task in tasks}) == 300
    like = [env.source.sample(np.random.default_rng(0), like=tasks[0]) for _ in range(3)]
    assert {text.problem.partition(". ")[2] for text in like} == {tasks[0].problem.partition(". ")[2]}
    found = [hidden_of(task) for task in tasks]
    positions = Counter(hidden.position for hidden in found)
    size = env.chances(tasks[0])
    expected = 300 / size
    statistic = sum((positions[p] - expected) ** 2 / expected for p in range(size))
    assert statistic < size - 1 + 4.5 * (2 * (size - 1)) ** 0.5


@pytest.mark.parametrize("cls", DOMAINS)
def test_splits_share_no_text_and_ids_find_tasks_again(cls):
    texts = {}
    for split in ("train", "validation", "test"):
        env = cls(split=split)
        tasks = env.source.take(200, seed=4)
        texts[split] = {task.problem for task in tasks}
        for task in tasks[:30]:
            again = env.source.get(task.id)
            assert (again.problem, again.private.reveal().answer) == (
                task.problem,
                task.private.reveal().answer,
            )
    assert not texts["train"] & texts["test"] and not texts["train"] & texts["validation"]
    task = cls(split="test").source.take(1)[0]
    with pytest.raises(ConfigError, match="belongs to the test split"):
        cls(split="train").source.get(task.id)


@pytest.mark.parametrize("cls", DOMAINS)
def test_bad_ids_and_options_are_refused_with_the_remedy(cls):
    env, name = cls(), cls.all_families[0].name
    for task_id, message in (
        (f"{name}:9:1:2", "Write it as family:level:seed"),
        (f"{name}:1:x:2", "Write it as family:level:seed"),
        (f"{name}:1:1:2:more", "Write it as family:level:seed"),
        (f"{name}:1:1:{'9' * 30}", "Write it as family:level:seed"),
        ("nobody:1:1:2", "Unknown task family"),
    ):
        with pytest.raises(ConfigError, match=message):
            env.source.get(task_id)
    with pytest.raises(ConfigError, match=f"Did you mean '{name}'"):
        cls(families=name[:-1])
    with pytest.raises(ConfigError, match="give whole numbers"):
        cls(levels="1")
    with pytest.raises(ConfigError, match="No family was chosen"):
        cls(families=[])
    with pytest.raises(ConfigError, match="choose a level from 0 to 3"):
        env.optimal_turns(env.source.take(1)[0], 4)


# ---- yardsticks, in real dialogues ----


def solved_at(env_id, student, teacher, n=120, max_turns=12, **options):
    plan = Plan(env_id, ("real",), teacher, n, max_turns, env_options=options)
    episodes = evaluate(plan, make_student(student, plan.env, plan.tasks))["real"]
    assert all(episode.valid for episode in episodes)
    return plan, [episode.solved_at or 99 for episode in episodes]


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize("informativeness", [1, 2, 3])
def test_the_optimal_student_needs_no_more_than_the_optimal_number_of_turns(env_id, informativeness):
    plan, turns = solved_at(env_id, f"optimal:{informativeness}", f"scripted:{informativeness}")
    optima = [plan.env.optimal_turns(task, informativeness) for task in plan.tasks]
    assert all(turn <= optimum.worst for turn, optimum in zip(turns, optima, strict=True))
    mean = sum(float(optimum.mean) for optimum in optima) / len(optima)
    assert mean - 0.35 < sum(turns) / len(turns) < mean + 0.35


@pytest.mark.parametrize("env_id", IDS)
def test_the_optimal_student_understands_other_teachers_too(env_id):
    for teacher in ("scripted:1", "scripted:3", "verbose:scripted:2", "terse:scripted:2"):
        _, turns = solved_at(env_id, "optimal", teacher, n=40, max_turns=12)
        assert sum(turn <= 12 for turn in turns) >= 38, teacher


def binomial_bounds(n, p, outside=1e-4):
    """The least and the greatest count with less than `outside` of the probability beyond each."""
    tail, mass = 0.0, [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    low, high = 0, n
    for low in range(n + 1):
        tail += mass[low]
        if tail >= outside:
            break
    tail = 0.0
    for high in range(n, -1, -1):
        tail += mass[high]
        if tail >= outside:
            break
    return low, high


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize("level", [1, 2, 3])
def test_without_feedback_k_tries_solve_k_of_all_candidates(env_id, level):
    family = IDS[env_id].all_families[0].name
    for student, teacher in (("retry", "scripted:3"), ("optimal:0", "silent")):
        plan, turns = solved_at(env_id, student, teacher, n=300, max_turns=4, families=family, levels=level)
        size = plan.env.chances(plan.tasks[0])
        for k in (1, 4):
            low, high = binomial_bounds(300, min(1.0, k / size))
            assert low <= sum(turn <= k for turn in turns) <= high, (student, k, size)


@pytest.mark.parametrize("env_id", IDS)
def test_a_placebo_is_worth_nothing_to_the_best_of_students(env_id):
    family = IDS[env_id].all_families[0].name
    plan, turns = solved_at(env_id, "optimal", "placebo", n=150, max_turns=4, families=family, levels=3)
    _, high = binomial_bounds(150, 4 / plan.env.chances(plan.tasks[0]), 1e-5)
    assert sum(turn <= 4 for turn in turns) <= high


@pytest.mark.parametrize("env_id", IDS)
def test_other_yardsticks(env_id):
    assert set(solved_at(env_id, "oracle", "scripted:2", n=40)[1]) == {1}
    listening, deaf = (
        sum(turn <= 6 for turn in solved_at(env_id, student, "scripted:3", n=36)[1])
        for student in ("listener", "retry")
    )
    assert listening > deaf + 6


def test_the_optimal_student_is_for_games_alone():
    plan = Plan("SML-Math-v0", ("real",), n_tasks=2)
    with pytest.raises(ConfigError, match="Choose another one"):
        make_student("optimal", plan.env, plan.tasks)
    with pytest.raises(ConfigError, match="optimal:0 to optimal:3"):
        make_student("optimal:7", GuessEnv(), [])


# ---- facts and words ----


def pairs(cls):
    """Every wrong answer in a small game of each family and some in larger ones."""
    for family in cls.all_families:
        for level in family.levels:
            game = family.game(level, 5)[0]
            n = len(game.answers)
            for hidden, said in itertools.product(range(n)[:10], repeat=2):
                if hidden != said:
                    yield game, hidden, said


@pytest.mark.parametrize("cls", DOMAINS)
def test_every_fact_has_words_from_which_it_alone_is_read_back(cls):
    env = cls()
    reader, seen = ClaimReader(env), set()
    for game, hidden, said in pairs(cls):
        for fact in game.facts(hidden, said):
            key = fact.kind, tuple(sorted(fact.slots.items()))
            if key in seen:
                continue
            seen.add(key)
            for template in cls.phrases[fact.kind]:
                claims = reader.phrases(template.format_map(fact.slots))
                assert [(claim.kind, claim.slots) for claim in claims] == [key], template
    spoken = {kind for kind, _ in seen}
    assert len(spoken) >= 10


@pytest.mark.parametrize("cls", DOMAINS)
def test_what_is_said_is_true_and_the_contrary_false(cls):
    env = cls()
    for family in cls.all_families:
        for task in cls(families=family.name).source.take(12):
            game = hidden_of(task).game
            for answer in game.answers[:6]:
                examined = env.examine(task, f"Final answer: {answer}")
                for fact in examined.diagnosis.facts:
                    if fact.kind.startswith("verdict."):
                        continue
                    assert env.holds(task, examined, fact) is True, fact
                    contrary = cls.opposites.get(fact.kind)
                    if contrary:
                        wrong = type(fact)(contrary, fact.slots)
                        assert env.holds(task, examined, wrong) is False, wrong


@pytest.mark.parametrize("cls", DOMAINS)
def test_all_five_types_of_feedback_are_given(cls):
    found = {fact.direction for game, hidden, said in pairs(cls) for fact in game.facts(hidden, said)}
    assert {direction.value for direction in found} == {
        "hindsight_positive",
        "hindsight_negative",
        "future_positive",
        "future_negative",
    }
    env = cls()
    task = env.source.take(1)[0]
    assert env.examine(task, env.probes(task).incorrect).diagnosis.facts[0].direction == "reward"


@pytest.mark.parametrize("cls", DOMAINS)
def test_questions_are_answered_and_tell_nothing_of_what_is_hidden(cls):
    env = cls(teacher="scripted:3")
    for task in env.source.take(40):
        rng = np.random.default_rng(7)
        others = [env.source.sample(rng, like=task) for _ in range(5)]
        assert len({other.private.reveal().answer for other in others}) > 1
        for question in (
            "What is the next step?",
            "What is possible at all?",
            "Tell me the answer, please.",
            "Is it larger?",
        ):
            facts = env.examine(task, question).diagnosis.facts
            assert facts
            assert all(env.examine(other, question).diagnosis.facts == facts for other in others)


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize(
    ("teacher", "low", "high"), [("scripted:3", 1, 1), ("noisy(0.4):scripted:2", 0.5, 0.72)]
)
def test_an_audit_finds_how_true_the_teacher_is(env_id, teacher, low, high):
    plan = Plan(env_id, ("real", "binary"), teacher, 24, 4, "test")
    _, results = Audit(plan, make_student("listener", plan.env, plan.tasks), repeats=10).run()
    assert low <= results["truthfulness"]["value"] <= high
    assert results["leaks"]["value"] == 0
    if low == 1:
        assert results["agreement"]["value"] == 1
        assert results["answered"]["value"] == 1


# ---- anything a student may say ----


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.integers(0, 10**6))
def test_any_answer_gets_a_verdict(text, seed):
    for cls in DOMAINS:
        env = cls()
        env.reset(seed=seed)
        verdict = env.examine(env.task, f"Final answer: {text}").verdict
        assert verdict.outcome in (Outcome.INCORRECT, Outcome.MALFORMED, Outcome.CORRECT)


@pytest.mark.parametrize(("cls", "family", "level"), CELLS)
def test_answers_may_be_written_as_people_do(cls, family, level):
    game = family.game(level, 2)[0]
    for position, answer in enumerate(game.answers):
        for written in (answer, f" {answer.upper()} ", answer.lower(), f"{answer}."):
            assert game.read(written) == game.find(written) == position
    assert game.read("no such thing at all, never") in (None, OUTSIDE)
    assert game.read("") is None
    assert len(game.answers) == len(set(game.answers))
    assert all(len(game.facts(0, said)) >= 3 for said in range(1, len(game.answers)))


@pytest.mark.parametrize("env_id", IDS)
def test_a_thousand_random_dialogues(env_id):
    check_random_dialogues(gym.make(env_id), 1_000)


def test_rows_of_a_file_are_plain_tasks(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"problem": "Which number?", "answer": "7"}\n')
    env = GuessEnv(tasks=path)
    env.reset(seed=0)
    assert env.step("Final answer: 8")[1] == 0
    assert env.step("Final answer: 7")[1] == 1
    with pytest.raises(ConfigError, match="no game of GuessEnv"):
        env.optimal_turns(env.task)


@pytest.mark.parametrize("cls", DOMAINS)
def test_the_docstring_has_the_card_s_sections_in_order(cls):
    sections = re.findall(r"^ {4}([A-Z][A-Za-z ]+):$", cls.__doc__, re.MULTILINE)
    assert sections == [
        "Description",
        "Task",
        "What the student may say",
        "What the teacher knows and can say",
        "Rewards",
        "How it ends",
        "Options",
        "Ids",
        "Source and licence",
        "Yardsticks",
        "Raises",
    ]
