"""`SML-Rule-v0`: rules agree on the example and differ on the question; what is said of a wrong one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sml_envs.rule
from sml_envs.hidden import best_play
from sml_envs.hidden.game import OUTSIDE, hidden_of
from sml_envs.rule import RuleEnv
from sml_envs.rule.families import FAMILIES, SIZES
from sml_envs.rule.game import stands_in
from sml_envs.rule.predicates import CONDITIONS, MEETS_ALL
from sml_envs.rule.sequences import REARRANGEMENTS, SHIFTS

CARD = Path(sml_envs.rule.__file__).with_name("README.md").read_text(encoding="utf-8")
CELLS = [pytest.param(f, level, id=f"{f.name}-{level}") for f in FAMILIES for level in f.levels]
NUMBER = r"-?\d+"


def games(family, level, n=40):
    return [family.game(level, seed)[0] for seed in range(n)]


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_the_stated_number_of_rules_differ_on_both_questions(family, level):
    for game in games(family, level):
        again = game.again()
        assert len(game.answers) == len(set(game.answers)) == len(set(again.answers)) == SIZES[level - 1]
        assert [rule.name for rule in game.rules] == [rule.name for rule in again.rules]
        assert all(one != two for one, two in zip(game.answers, again.answers, strict=True))
        assert again.again() is None
        assert all(rule.name in game.statement for rule in game.rules)
        assert game.statement != again.statement


def value(expression, **names):
    """What a stated operation gives, worked out from its text by a reader of sums of products."""
    terms = re.findall(r"([+-]?) ?((?:-?\w+)(?: \* \w+)*)", expression)
    total = 0
    for sign, term in terms:
        product = 1
        for factor in term.split(" * "):
            flip = factor.startswith("-")
            factor = factor.lstrip("-")
            product *= (int(factor) if factor.isdecimal() else names[factor]) * (-1 if flip else 1)
        total += -product if sign == "-" else product
    return total


@pytest.mark.parametrize("level", [1, 2, 3])
def test_operations_do_what_their_names_say_and_agree_on_the_example(level):
    family = FAMILIES[0]
    for game in games(family, level):
        a, b, result = map(int, re.search(rf"It gives (\d+) \? (\d+) = ({NUMBER})", game.statement).groups())
        x, y = map(int, re.search(r"What is (\d+) \? (\d+)\?", game.statement).groups())
        assert {value(rule.name, a=a, b=b) for rule in game.rules} == {result}
        assert [str(value(rule.name, a=x, b=y)) for rule in game.rules] == list(game.answers)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_machines_do_what_their_names_say_and_agree_on_the_example(level):
    family = FAMILIES[1]
    for game in games(family, level):
        shown, result = map(int, re.search(rf"It turns (\d+) into ({NUMBER}),", game.statement).groups())
        asked = int(re.search(r"does it turn (\d+) into\?", game.statement)[1])
        assert {value(rule.name, x=shown) for rule in game.rules} == {result}
        assert [str(value(rule.name, x=asked)) for rule in game.rules] == list(game.answers)


REARRANGED = {
    "sort it upwards": (1, 2, 3, 4, 5),
    "sort it downwards": (5, 4, 3, 2, 1),
    "reverse it": (4, 1, 5, 2, 3),
    "move its first number to the end": (2, 5, 1, 4, 3),
    "move its last number to the front": (4, 3, 2, 5, 1),
    "move its first two numbers to the end": (5, 1, 4, 3, 2),
    "exchange its first and its last number": (4, 2, 5, 1, 3),
    "exchange its first two numbers": (2, 3, 5, 1, 4),
    "exchange its last two numbers": (3, 2, 5, 4, 1),
    "exchange the numbers of each pair of neighbours": (2, 3, 1, 5, 4),
    "move its smallest number to the front": (1, 3, 2, 5, 4),
    "move its smallest number to the end": (3, 2, 5, 4, 1),
    "move its largest number to the front": (5, 3, 2, 1, 4),
    "move its largest number to the end": (3, 2, 1, 4, 5),
    "exchange its smallest and its largest number": (3, 2, 1, 5, 4),
}


def test_rearrangements_do_what_their_names_say():
    assert {rule.name: rule.of((3, 2, 5, 1, 4)) for rule in REARRANGEMENTS} == REARRANGED
    assert all(rule.of((7, 7, 7, 7, 7)) == (7, 7, 7, 7, 7) for rule in REARRANGEMENTS)


def test_shifts_move_letters_as_their_names_say():
    steps = {shift.name: [shift.by(place, 4) for place in range(4)] for shift in SHIFTS}
    assert steps == {
        "move every letter {step}": [1, 1, 1, 1],
        "move the first letter {step}": [1, 0, 0, 0],
        "move all letters but the last {step}": [1, 1, 1, 0],
        "move the first two letters {step}": [1, 1, 0, 0],
        "move the first and the last letter {step}": [1, 0, 0, 1],
        "move the first letter {step}, the second twice as far, the third three times as far, and so on": [
            *(1, 2, 3, 4)
        ],
        "move the first letter {step}, each further one twice as far as the one before it": [1, 2, 4, 8],
        "move the last letter {step}, the one before it twice as far, and so on to the front": [4, 3, 2, 1],
        "move the letters in odd places {step}": [1, 0, 1, 0],
        "move the letters in odd places {step}, and those in even places as far the other way": [
            1,
            -1,
            1,
            -1,
        ],
        "move the letters in odd places {step}, and those in even places twice as far": [1, 2, 1, 2],
        "move the first letter {step}, and all others as far the other way": [1, -1, -1, -1],
        "move the first letter {step}, and all others twice as far": [1, 2, 2, 2],
    }
    assert all(shift.by(0, 1) == 1 for shift in SHIFTS)  # so that all agree on a word of one letter


def test_conditions_agree_on_what_the_text_shows():
    assert len(MEETS_ALL) >= 3
    assert all(condition.of(items) for condition in CONDITIONS for items in MEETS_ALL)
    for items, expected in (((29, 3, 8), 0), ((2, 4, 6), 17)):
        assert sum(condition.of(items) for condition in CONDITIONS) >= expected


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_what_is_said_rules_out_the_rule_that_was_tried_and_never_the_hidden_one(family, level):
    for game in games(family, level, 8):
        n = len(game.answers)
        for hidden in range(n):
            for said in range(n):
                if hidden == said:
                    continue
                facts = {fact.kind: fact for fact in game.facts(hidden, said)}
                example = facts.get("rule.example")
                if example is not None:
                    given, result = example.slots["shown_input"], example.slots["shown_output"]
                    inputs = {game.show_input(item): item for item in game.examples}
                    assert game.show(game.rules[hidden].of(inputs[given])) == result
                    assert game.show(game.rules[said].of(inputs[given])) != result
                    assert not stands_in(game.answers[hidden], f"{given} {result}")
                    assert not stands_in(given, game.statement.rpartition("What")[2])
                assert facts["rule.avoid"].slots["named_rule"] == game.rules[said].name


def test_most_wrong_answers_have_an_example_that_tells_the_rules_apart():
    told = missing = 0
    for family in FAMILIES:
        for game in games(family, 3, 20):
            for said in range(1, 12):
                kinds = {fact.kind for fact in game.facts(0, said)}
                told += bool(kinds & {"rule.example", "rule.meets", "rule.fails"})
                missing += not kinds & {"rule.example", "rule.meets", "rule.fails"}
    assert missing / (told + missing) < 0.02


def test_an_answer_of_no_rule_is_told_so_and_no_more():
    env = RuleEnv(families="operation", teacher="scripted:3")
    for task in env.source.take(20):
        game = hidden_of(task).game
        assert game.read("999999") == OUTSIDE
        kinds = [fact.kind for fact in env.examine(task, "Final answer: 999999").diagnosis.facts]
        assert kinds == ["verdict.incorrect", "rule.outside"]


@pytest.mark.parametrize(
    ("family", "level", "answers"),
    [
        ("operation", 1, ("x", "3/2", "1 or 2", "a + b")),
        ("rearranged_list", 1, ("nothing", "[1, two]", "[]", "[1.5, 2]")),
        ("shifted_word", 1, ("two words", "abc1", "")),
        ("condition", 1, ("7", "AB", "the first one")),
    ],
)
def test_what_is_no_answer_is_malformed(family, level, answers):
    env = RuleEnv(families=family, levels=level)
    env.reset(seed=0)
    for answer in answers:
        assert env.examine(env.task, f"Final answer: {answer}").verdict.outcome == "malformed"


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_the_card_states_sizes_and_optima(family, level):
    row = next(line for line in CARD.splitlines() if line.startswith(f"| `{family.name}` | {level} |"))
    cells = [cell.strip() for cell in row.split("|")[3:8]]
    assert cells[0] == str(SIZES[level - 1])
    for informativeness, cell in enumerate(cells[1:]):
        worst, _, mean = cell.partition("; ")
        least, _, most = worst.partition(" to ")
        found = [best_play(game.messages(informativeness)) for game in games(family, level, 20)]
        assert all(int(least) <= optimum.worst <= int(most or least) for optimum in found)
        assert abs(float(sum(o.mean for o in found)) / len(found) - float(mean)) < 0.25
