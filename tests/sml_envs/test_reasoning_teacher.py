"""What the teacher finds in wrong answers: exact rules, told by place, never by the right value."""

from __future__ import annotations

import json
import random

import pytest

pytest.importorskip("reasoning_gym", reason="needs the extra 'reasoning'")

from sml_envs.reasoning import ReasoningEnv
from sml_envs.reasoning.diagnose import CHECKS
from sml_envs.reasoning.diagnosis.differences import compare
from sml_envs.reasoning.record import datasets
from sml_gym import Informativeness, Outcome
from sml_gym.teachers.wording import CORE_PHRASES, word

SERVED = sorted(name for name, dataset in datasets().items() if not dataset.refused)
SUDOKU = {
    "puzzle": [[0, 0, 2, 0], [0, 0, 0, 0], [4, 2, 3, 0], [0, 3, 0, 0]],
    "solution": [[3, 1, 2, 4], [2, 4, 1, 3], [4, 2, 3, 1], [1, 3, 4, 2]],
}
FUTOSHIKI = {
    "puzzle": [[0, 2, 0], [0, 0, 0], [0, 0, 0]],
    "solution": [[1, 2, 3], [2, 3, 1], [3, 1, 2]],
    "constraints": [(0, 0, 1, 0, "<")],
}
QUEENS = {"puzzle": [list("_Q__"), list("____"), list("____"), list("____")]}
HANOI = {"num_disks": 3, "num_pegs": 3, "start_peg": 1, "target_peg": 3, "solution_length": 7}
JUGS = {"puzzle": {"jug_capacities": [3, 5], "target": 4}}
GRID = {"matrix": [list("*OO"), list("XXO"), list("#OO")]}
LOCK = {
    "initial_value": 0,
    "initial_state": "red",
    "target_value": 6,
    "buttons": [
        {"name": "A", "type": "add", "value": 3, "active_state": "any"},
        {"name": "B", "type": "multiply", "value": 2, "active_state": "green"},
        {"name": "C", "type": "subtract", "value": 1, "active_state": "any"},
    ],
}
KNIGHTS = {
    "names": ["Ann", "Bob"],
    "statements": (("lying", 1), ("and", ("telling-truth", 0), ("telling-truth", 1))),
    "knight_knave_terms": {"knight": "sage", "knave": "fool"},
}
CRYPT = {"words_letters": ["AB", "B"], "result_letters": "CD", "allow_leading_zero": False}
COLOURS = {"puzzle": {"vertices": [0, 1, 2], "edges": [(0, 1), (1, 2)], "color_options": [1, 2]}}
LADDER = {"start_word": "COLD", "end_word": "WARM"}
SURVO = {
    "puzzle": [[1, 0, 3], [0, 4, 7], [4, 6, 10]],
    "candidate_numbers": [2, 3],
    "solution": [[1, 2, 3], [3, 4, 7], [4, 6, 10]],
}
KAKURASU = {"row_sums": [1, 2], "col_sums": [1, 2], "solution": [[1, 0], [0, 1]]}
PALINDROME = {"letters": list("abcba")}
PREMISES = {"premises": ["(P → Q)", "P"], "variables": ["P", "Q", "R"]}
ANAGRAMS = {"words": ["eat", "tea", "tan", "nat"]}
RUSH = {"board_config": "ooooooooooooAAooBoooooBooooooooooooo"}
SOKOBAN = {"gamestr": "+ + + + +\n+ * @ X +\n+ - - - +\n+ + + + +\n"}
LIFE = {"simulation_steps": 1}


def found(name: str, metadata: dict, gold: str, answer: str) -> dict[str, dict[str, str]]:
    """The facts about an answer: slots by kind."""
    facts = CHECKS[name][0](metadata, gold, answer)
    return {fact.kind.removeprefix("reasoning."): dict(fact.slots) for fact in facts}


CASES = [
    (
        "mini_sudoku",
        SUDOKU,
        "",
        "3 1 2 4\n2 4 1 3\n4 2 3 1\n1 3 4 4",
        "grid.repeat",
        {"value": "4", "place": "row 4"},
    ),
    (
        "mini_sudoku",
        SUDOKU,
        "",
        "3 1 2 4\n2 4 1 3\n4 2 1 3\n1 3 4 2",
        "grid.given",
        {"place": "row 3, column 3"},
    ),
    ("mini_sudoku", SUDOKU, "", "3 1 2 4\n2 4 1 3\n4 2 3 1", "grid.rows_more", {}),
    (
        "mini_sudoku",
        SUDOKU,
        "",
        "3 1 2 4\n2 4 1 3\n4 2 3 1\n1 3 4 9",
        "grid.range",
        {"place": "row 4, column 4"},
    ),
    (
        "mini_sudoku",
        SUDOKU,
        "",
        "3 1 2 4\n2 4 1 3\n4 2 3 1\n4 3 1 2",
        "next.cell",
        {"place": "row 4, column 1"},
    ),
    (
        "futoshiki",
        FUTOSHIKI,
        "",
        "3   2   1\n1   3   2\n2   1   3",
        "grid.relation",
        {"place": "row 1, column 1", "other": "row 2, column 1"},
    ),
    (
        "n_queens",
        QUEENS,
        "",
        "_ Q _ _\n_ _ _ Q\nQ _ _ _\n_ _ _ Q",
        "queens.attack",
        {"place": "row 2, column 4", "other": "row 4, column 4"},
    ),
    (
        "n_queens",
        QUEENS,
        "",
        "Q _ _ _\n_ _ _ Q\n_ Q _ _\n_ _ _ _",
        "grid.given",
        {"place": "row 1, column 2"},
    ),
    ("n_queens", QUEENS, "", "_ Q _ _\n_ _ _ Q\nQ _ _ _\n_ _ _ _", "queens.empty", {"place": "row 4"}),
    ("kakurasu", KAKURASU, "", "1 0\n1 0", "grid.sum", {"place": "row 2", "given": "1", "wanted": "2"}),
    ("survo", SURVO, "", "1 3 3\n2 4 7\n4 6 10", "grid.sum", {"place": "row 1", "given": "4", "wanted": "3"}),
    (
        "binary_matrix",
        {"matrix": [[0, 1, 1]], "solution": [[0, 1, 2]]},
        "",
        "0 1 1",
        "cell.low",
        {"place": "row 1, column 3"},
    ),
    ("game_of_life", LIFE, "[[0,1],[1,0]]", "[[0,1],[1,1]]", "life.count", {"place": "row 2, column 2"}),
    (
        "tower_of_hanoi",
        HANOI,
        "",
        "Move disk 1 from Peg 1 to Peg 3\nMove disk 2 from Peg 1 to Peg 3",
        "hanoi.larger",
        {"place": "the second move", "disk": "2", "other": "1"},
    ),
    (
        "tower_of_hanoi",
        HANOI,
        "",
        "Move disk 2 from Peg 1 to Peg 3",
        "hanoi.not_on_top",
        {"place": "the first move", "disk": "2", "peg": "1"},
    ),
    (
        "tower_of_hanoi",
        HANOI,
        "Move disk 1 from Peg 1 to Peg 3\nMove disk 2 from Peg 1 to Peg 2\nx",
        "Move disk 1 from Peg 1 to Peg 3",
        "next.step",
        {"step": "Move disk 2 from Peg 1 to Peg 2"},
    ),
    (
        "jugs",
        JUGS,
        '["fill B", "pour B->A", "empty A"]',
        '["fill C"]',
        "jugs.unknown",
        {"place": "the first move"},
    ),
    (
        "jugs",
        JUGS,
        '["fill B", "pour B->A", "empty A"]',
        '["fill B", "pour B->A"]',
        "jugs.amounts",
        {"amounts": "A 3, B 2"},
    ),
    (
        "shortest_path",
        GRID,
        "right right down down left left",
        "down",
        "path.blocked",
        {"place": "the first step"},
    ),
    (
        "shortest_path",
        GRID,
        "right right down down left left",
        "right right right",
        "path.off",
        {"place": "the third step"},
    ),
    ("shortest_path", GRID, "right right down down left left", "right right", "next.step", {"step": "down"}),
    (
        "shortest_path",
        GRID,
        "right right down down left left",
        "right left right right down down left left",
        "path.detour",
        {},
    ),
    ("rush_hour", RUSH, "B-2 A+4", "A+3", "cars.blocked", {"place": "the first move", "car": "A"}),
    ("rush_hour", RUSH, "B-2 A+4", "C+1", "cars.unknown", {"place": "the first move", "car": "C"}),
    ("quantum_lock", LOCK, "A → B", "A → A → C", "lock.low", {"value": "5"}),
    ("quantum_lock", LOCK, "A → B", "C → C → C → A → A → A", "moves.too_many", {"count": "6"}),
    ("sokoban", SOKOBAN, "R", "L", "path.blocked", {"place": "the first move"}),
    ("sokoban", SOKOBAN, "R", "RR", "sokoban.stuck", {"place": "the second move"}),
    ("sokoban", SOKOBAN, "R", "D", "sokoban.one_left", {}),
    (
        "countdown",
        {"numbers": [2, 3, 4], "target": 20},
        "",
        "2*3*4",
        "target.high",
        {"value": "24", "off": "4"},
    ),
    ("countdown", {"numbers": [2, 3, 4], "target": 20}, "", "4*4 + 4", "use.often", {"number": "4"}),
    ("countdown", {"numbers": [2, 3, 4], "target": 20}, "", "4*5", "use.foreign", {"number": "5"}),
    ("puzzle24", {"numbers": [2, 3, 4, 1]}, "", "2*3*4", "use.missing", {"number": "1"}),
    ("puzzle24", {"numbers": [2, 3, 4, 1]}, "", "2*3*4", "target.reached", {}),
    ("prime_factorization", {"number": 12}, "", "3 × 4", "factors.not_prime", {"number": "4"}),
    ("prime_factorization", {"number": 12}, "", "2 × 3", "factors.low", {"value": "6"}),
    ("prime_factorization", {"number": 12}, "", "5 × 2", "factors.no_divisor", {"number": "5"}),
    ("gcd", {"numbers": [12, 18]}, "6", "4", "divisor.not_of", {"number": "18"}),
    ("gcd", {"numbers": [12, 18]}, "6", "3", "divisor.larger", {}),
    ("lcm", {"numbers": [4, 6]}, "12", "8", "multiple.not_of", {"number": "6"}),
    ("lcm", {"numbers": [4, 6]}, "12", "24", "multiple.smaller", {}),
    (
        "fraction_simplification",
        {"simplified_numerator": 1, "simplified_denominator": 2},
        "",
        "2/4",
        "fraction.reducible",
        {},
    ),
    (
        "base_conversion",
        {"target_base": 3, "decimal_value": 5},
        "12",
        "13",
        "base.digit",
        {"digit": "3", "base": "3"},
    ),
    (
        "polynomial_multiplication",
        {},
        "2*x**2 - 3*x + 1",
        "2*x**2 + 3*x + 1",
        "polynomial.high",
        {"place": "the term in x"},
    ),
    (
        "polynomial_multiplication",
        {},
        "2*x**2 - 3*x + 1",
        "2*x**2 - 3*x",
        "polynomial.missing",
        {"place": "the constant term"},
    ),
    ("polynomial_equations", {}, "-1.0, 2.0", "-1.0", "roots.few", {}),
    ("polynomial_equations", {}, "-1.0, 2.0", "-1.0, 3.0", "roots.none", {"place": "the second solution"}),
    ("knights_knaves", KNIGHTS, "", "Ann is a sage, and Bob is a sage.", "clue.broken_by", {"name": "Ann"}),
    ("knights_knaves", KNIGHTS, "", "Ann is a fool, and Bob is a fool.", "clue.kept", {"name": "Bob"}),
    ("knights_knaves", KNIGHTS, "", "Ann is a sage.", "people.missing_one", {"name": "Bob"}),
    ("propositional_logic", PREMISES, "", "(Q ∧ R)", "logic.case", {"case": "P true, Q true, R false"}),
    ("propositional_logic", PREMISES, "", "(R ∨ ¬R)", "logic.trivial", {}),
    ("cryptarithm", CRYPT, "", "A=1,B=2,C=1,D=4", "crypt.twice", {"letter": "A", "other": "C"}),
    (
        "cryptarithm",
        CRYPT,
        "",
        "A=1,B=9,C=2,D=7",
        "crypt.column",
        {"place": "the first column from the right", "total": "28", "reads": "27"},
    ),
    ("cryptarithm", CRYPT, "", "A=0,B=9,C=2,D=7", "crypt.zero", {"letter": "A"}),
    (
        "graph_color",
        COLOURS,
        "",
        '{"0": 1, "1": 1, "2": 2}',
        "colour.same",
        {"place": "vertex 0", "other": "vertex 1"},
    ),
    ("graph_color", COLOURS, "", '{"0": 1, "1": 3, "2": 2}', "colour.other", {"place": "vertex 1"}),
    ("graph_color", COLOURS, "", '{"0": 1, "1": 2}', "colour.missing", {"place": "vertex 2"}),
    ("word_ladder", LADDER, "", "COLD,CORD,WORM,WARM", "ladder.many", {"before": "CORD", "after": "WORM"}),
    ("word_ladder", LADDER, "", "COLD,CORD,CARD", "ladder.end", {}),
    ("palindrome_generation", PALINDROME, "", "abcda", "palindrome.mirror", {"place": "the second letter"}),
    ("palindrome_generation", PALINDROME, "", "aba", "palindrome.missing", {"letter": "b"}),
    (
        "word_sorting",
        {"sorted_words": ["a", "b", "c"]},
        "",
        "a, c, b",
        "list.order",
        {"one": "c", "other": "b"},
    ),
    ("number_sorting", {}, "['1', '2', '3']", "['1', '3']", "list.missing", {"thing": "2"}),
    (
        "group_anagrams",
        ANAGRAMS,
        "",
        '[["eat", "tan"], ["tea", "nat"]]',
        "anagrams.none",
        {"one": "eat", "other": "tan"},
    ),
    (
        "group_anagrams",
        ANAGRAMS,
        "",
        '[["eat"], ["tea"], ["tan", "nat"]]',
        "anagrams.apart",
        {"one": "the first group", "other": "the second group"},
    ),
    (
        "palindrome_partitioning",
        {"string": "aab"},
        "",
        '[["a", "ab"]]',
        "partition.piece",
        {"place": "the first partition", "thing": "ab"},
    ),
]


@pytest.mark.parametrize(("name", "metadata", "gold", "answer", "kind", "slots"), CASES)
def test_the_broken_rule_is_found(name, metadata, gold, answer, kind, slots):
    facts = found(name, metadata, gold, answer)
    assert kind in facts, facts
    assert facts[kind] == slots


def test_more_than_ten_families_are_diagnosed_here():
    assert len({case[0] for case in CASES}) >= 25


@pytest.mark.parametrize(
    ("gold", "answer", "kinds"),
    [
        ("12", "13", {"number.off_by_one"}),
        ("120", "13", {"number.low"}),
        ("-5", "5", {"number.sign"}),
        ("3/4", "1/2", {"number.low"}),
        ("a b c", "a c b", {"place.wrong", "text.order", "right.until", "next.place"}),
        ("hello", "hell", {"place.wrong", "text.short", "right.until", "next.place"}),
        ("1 2\n3 4", "1 2\n3 5", {"place.wrong", "wrong.one", "right.until", "next.place"}),
        ("[1, 2, 3]", "[1, 9, 3]", {"place.wrong", "wrong.one", "right.until", "next.place"}),
        ("0xff", "255", {"number.form"}),
    ],
)
def test_other_answers_are_compared_with_the_reference(gold, answer, kinds):
    assert {fact.kind.removeprefix("reasoning.") for fact in compare(gold, answer)} == kinds


_ODD = (
    "{}",
    "[]",
    "[[1],[2]]",
    "null",
    '{"0": 1}',
    "no",
    "infeasible",
    "up",
    "A=1",
    "²",
    "٣",
    "9" * 60,
    "P",
    "× ×",
    "a,b",
)


def _wrong_answers(rng: random.Random, gold: str) -> list[str]:
    """The reference with a character dropped or changed, its words and lines exchanged, and other things."""
    cut = rng.randrange(len(gold))
    digit = str(rng.randrange(10))
    answers = [
        gold[:cut] + gold[cut + 1 :],
        gold[:cut] + digit + gold[cut + 1 :],
        gold[:cut],
        f"{gold} {digit}",
    ]
    for sign in (" ", "\n", ",", ", "):
        parts = gold.split(sign)
        one, other = rng.randrange(len(parts)), rng.randrange(len(parts))
        parts[one], parts[other] = parts[other], parts[one]
        answers.append(sign.join(parts))
    return [*answers, rng.choice(_ODD)]


@pytest.mark.parametrize("name", sorted(CHECKS)[::4])
def test_any_wrong_answer_gets_words_and_never_the_answer(name):
    _speak_of_wrong_answers(name, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVED)
def test_any_wrong_answer_of_any_dataset_gets_words(name):
    _speak_of_wrong_answers(name, 5)


def _speak_of_wrong_answers(name: str, tasks: int) -> None:
    env = ReasoningEnv(task=name)
    bank = {**CORE_PHRASES, **env.phrases}
    rng = random.Random(name)
    for seed in range(tasks):
        env.reset(seed=seed)
        gold = env.task.private.reveal().answer
        for answer in _wrong_answers(rng, gold):
            examined = env.examine(env.task, f"Final answer:\n{answer}")
            if examined.verdict.outcome is Outcome.CORRECT:
                continue
            for turn in range(3):
                said = word(examined.diagnosis.facts, bank, seed, turn)
                assert len(gold) < 8 or gold in answer or gold not in said


def test_each_level_says_more():
    env = ReasoningEnv(task="sudoku", max_turns=10)
    env.reset(seed=0)
    rows = [row.split() for row in env.task.private.reveal().answer.splitlines()]
    puzzle = env.task.private.reveal().data["item"]["metadata"]["puzzle"]
    column = puzzle[0].index(0)
    rows[0][column] = rows[0][column - 1]
    answer = "Final answer:\n" + "\n".join(" ".join(row) for row in rows)
    facts = env.examine(env.task, answer).diagnosis.facts
    assert {fact.informativeness for fact in facts} == set(Informativeness)
    assert f"row 1, column {column + 1}" not in json.dumps(
        [dict(f.slots) for f in facts if f.informativeness == 2]
    )


def test_a_question_is_answered_with_the_method_and_not_with_the_answer():
    env = ReasoningEnv(task="gcd", teacher="scripted:3")
    env.reset(seed=0)
    feedback, *_, info = env.step("What should I do next?")
    assert info["utterance_kind"] == "question"
    assert "remainder" in feedback
    env = ReasoningEnv(task="gcd", teacher="scripted:0")
    env.reset(seed=0)
    assert "remainder" not in env.step("What should I do next?")[0]
