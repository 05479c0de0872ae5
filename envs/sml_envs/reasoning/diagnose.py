"""What a teacher may say about an utterance: the check that belongs to the dataset, and what to do next.

`CHECKS` names the check of every dataset that has one of its own; the others' answers are compared with the
reference, where there is only one right answer, and the place of the first difference is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.reasoning.diagnosis import arithmetic, collections, grids, logic, moves
from sml_envs.reasoning.diagnosis.differences import compare
from sml_envs.reasoning.diagnosis.facts import Check, ahead, avoid
from sml_envs.reasoning.methods import METHODS
from sml_envs.reasoning.record import Dataset
from sml_envs.reasoning.verify import tidy
from sml_gym import (
    Diagnosis,
    Direction,
    Fact,
    Informativeness,
    Outcome,
    Task,
    Utterance,
    UtteranceKind,
    Verdict,
)

_ONE_WORD = (
    "acre",
    "circuit_logic",
    "color_cube_rotation",
    "course_schedule",
    "family_relationships",
    "game_of_life_halting",
    "isomorphic_strings",
    "mahjong_puzzle",
    "needle_haystack",
    "ransom_note",
    "syllogism",
    "tsumego",
    "zebra_puzzles",
)

CHECKS: Mapping[str, tuple[Check, str]] = {
    "sudoku": (grids.check_sudoku, "changed clue, number twice in a row, column or box, settled cell"),
    "mini_sudoku": (grids.check_sudoku, "changed clue, number twice in a row, column or box, settled cell"),
    "futoshiki": (grids.check_futoshiki, "changed clue, number twice, broken sign, settled cell"),
    "n_queens": (grids.check_queens, "queens that attack each other, moved queens, empty rows"),
    "kakurasu": (grids.check_kakurasu, "row or column whose weighted sum is off"),
    "survo": (grids.check_survo, "changed clue, sum that is off, numbers not on offer"),
    "binary_matrix": (grids.check_distances, "wrong cell, too near or too far"),
    "game_of_life": (grids.check_life, "wrong cell, whose neighbours to count"),
    "tower_of_hanoi": (moves.check_hanoi, "first illegal move and why, next move"),
    "jugs": (moves.check_jugs, "unknown jug, amounts reached, next move"),
    "shortest_path": (moves.check_path, "first step off the grid or blocked, detour, next step"),
    "rush_hour": (moves.check_rush_hour, "first blocked or unknown car, next move"),
    "quantum_lock": (moves.check_lock, "number reached, too many presses, next button"),
    "sokoban": (moves.check_sokoban, "first blocked move, boxes left, next move"),
    "knight_swap": (collections.check_knight_swap, "first illegal move and why, next move"),
    "countdown": (arithmetic.check_countdown, "numbers misused, value reached and how far off"),
    "puzzle24": (arithmetic.check_twenty_four, "numbers misused, value reached and how far off"),
    "prime_factorization": (
        arithmetic.check_factors,
        "factor that is no prime or no divisor, product too low or high",
    ),
    "gcd": (arithmetic.check_gcd, "number that it does not divide, or not the greatest"),
    "lcm": (arithmetic.check_lcm, "number of which it is no multiple, or not the least"),
    "fraction_simplification": (arithmetic.check_fraction, "other value, or not in lowest terms"),
    "base_conversion": (
        arithmetic.check_base,
        "digit that the base lacks, first wrong digit, too low or high",
    ),
    "polynomial_multiplication": (
        arithmetic.check_polynomial,
        "term missing, not wanted, too low or too high",
    ),
    "polynomial_equations": (arithmetic.check_roots, "which number solves nothing, how many are missing"),
    "knights_knaves": (logic.check_knights, "whose statement contradicts the answer"),
    "propositional_logic": (collections.check_conclusion, "a case that refutes the conclusion"),
    "cryptarithm": (
        logic.check_cryptarithm,
        "letter without digit, digit twice, column that does not add up",
    ),
    "graph_color": (logic.check_colouring, "edge between equal colours, vertex without one"),
    "word_ladder": (logic.check_ladder, "step that changes more than one letter, wrong start or end"),
    "palindrome_generation": (
        logic.check_palindrome,
        "letters that do not mirror, letters missing or too many",
    ),
    "word_sorting": (logic.check_word_order, "word missing or foreign, neighbours in the wrong order"),
    "number_sorting": (logic.check_number_order, "number missing or foreign, neighbours in the wrong order"),
    "group_anagrams": (collections.check_anagrams, "word missing or foreign, group without anagrams"),
    "palindrome_partitioning": (collections.check_partitions, "piece that is no palindrome, wrong spelling"),
    **dict.fromkeys(
        _ONE_WORD,
        (logic.check_choice, "correctness only (one word out of few)"),
    ),
}
"""For each dataset with a check of its own: the check, and what it finds, for the table in the README."""

SEVERAL_RIGHT = frozenset({"rubiks_cube", "boxnet", "simple_integration", "intermediate_integration"})
"""Datasets without a check whose answers can be right and yet differ from the reference."""

GENERIC = "place of the first difference; numbers too low or too high"
CORRECTNESS = "correctness only (many answers are right)"

_TOPIC = "answer"
_REFUSE = Fact("reasoning.answer.refuse", {}, Informativeness.CORRECTNESS, Direction.REWARD, _TOPIC)
_COMMIT = Fact("reasoning.next.commit", {}, Informativeness.WHAT, Direction.FUTURE_POSITIVE, "next")
_AGAIN = avoid("avoid.same")
_UNCLEAR = avoid("avoid.unclear")


def findings(name: str) -> str:
    """What the scripted teacher finds in wrong answers to a dataset's problems, in a few words."""
    if name in CHECKS:
        return CHECKS[name][1]
    return CORRECTNESS if name in SEVERAL_RIGHT else GENERIC


def diagnose(task: Task, dataset: Dataset, utterance: Utterance, verdict: Verdict) -> Diagnosis:
    """The facts about one utterance, in speaking order."""
    method = METHODS.get(dataset.name)
    idea = None if method is None else ahead("next.method", method=method)
    if utterance.kind is UtteranceKind.QUESTION:
        if idea is None:
            return Diagnosis((_REFUSE,))
        told = Fact(idea.kind, idea.slots, idea.informativeness, idea.direction, _TOPIC)
        return Diagnosis((_REFUSE, told))
    facts: list[Fact] = []
    if verdict.outcome is Outcome.CORRECT:
        return Diagnosis()
    if verdict.outcome is Outcome.INCORRECT and verdict.answer is not None:
        reference = task.private.reveal()
        answer = tidy(dataset.name, verdict.answer)
        if dataset.name in CHECKS:
            facts = CHECKS[dataset.name][0](reference.data["item"]["metadata"], reference.answer, answer)
        elif dataset.name not in SEVERAL_RIGHT:
            facts = compare(reference.answer, answer)
    else:
        facts = [_COMMIT]
    if idea is not None and not any(
        fact.topic == "next" and fact.informativeness == idea.informativeness for fact in facts
    ):
        facts.append(idea)
    if verdict.outcome is Outcome.INCORRECT:
        facts.append(_AGAIN)
    elif verdict.outcome is Outcome.MALFORMED:
        facts.append(_UNCLEAR)
    return Diagnosis(tuple(facts))
