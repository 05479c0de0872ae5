"""`SML-Guess-v0`: what is said of a guess, and the optima that theory knows."""

from __future__ import annotations

from fractions import Fraction
from math import floor, log2
from pathlib import Path

import gymnasium as gym
import pytest

import sml_envs.guess
import sml_gym  # noqa: F401
from sml_envs.guess import GuessEnv
from sml_envs.guess.families import FAMILIES
from sml_envs.guess.numbers import Distance, HigherLower
from sml_envs.guess.words import WORDS
from sml_envs.hidden import best_play

CARD = Path(sml_envs.guess.__file__).with_name("README.md").read_text(encoding="utf-8")


def said(game, hidden, guess, informativeness):
    """Kinds and slots of what a scripted teacher says."""
    at = game.answers.index
    return {kind: dict(slots) for kind, slots in game.message(at(hidden), at(guess), informativeness)}


def game_of(family, level):
    return next(f for f in FAMILIES if f.name == family).game(level, 0)[0]


@pytest.mark.parametrize("size", range(1, 41))
def test_higher_and_lower_is_binary_search(size):
    optimum = best_play(HigherLower(size, 4, 8).messages(1))
    assert optimum.worst == floor(log2(size)) + 1
    # A balanced search tree has 2^(d - 1) nodes at depth d but for the last (Knuth, TAOCP 3, 6.2.1).
    assert optimum.mean == Fraction(sum(floor(log2(n)) + 1 for n in range(1, size + 1)), size)


def test_what_is_said_of_a_number():
    game = HigherLower(100, 10, 16)
    assert said(game, "40", "50", 1) == {"guess.high": {}}
    assert said(game, "40", "50", 2) == {"guess.near_high": {}}
    assert said(game, "40", "10", 2) == {"guess.far_low": {}}
    assert said(game, "40", "51", 2) == {"guess.far_high": {}}
    low_high = {"bound_below": "32", "bound_above": "49"}
    assert said(game, "40", "10", 3) == {"guess.far_low": {}, "guess.between": low_high}
    last = said(game, "100", "10", 3)["guess.between"]
    assert last == {"bound_below": "96", "bound_above": "101"}


def test_bounds_hold_the_number_and_never_are_it():
    game = HigherLower(30, 4, 8)
    for hidden in range(30):
        bounds = dict(game.message(hidden, (hidden + 1) % 30, 3))["guess.between"]
        low, high = sorted(int(value) for _, value in bounds)
        assert low < hidden + 1 < high


def test_what_is_said_of_a_distance():
    game = Distance(40, (3, 8, 18))
    for guess, how, near in (
        ("23", "very near", 1),
        ("28", "near", 1),
        ("38", "far", 0),
        ("39", "very far", 0),
    ):
        assert said(game, "20", guess, 1) == {"guess.near" if near else "guess.far": {}}
        assert said(game, "20", guess, 2) == {"guess.distance": {"distance": how}}
    assert said(game, "20", "39", 3)["guess.half"] == {"half": "lower"}
    assert said(game, "21", "39", 3)["guess.half"] == {"half": "upper"}


def test_what_is_said_of_a_code():
    game = game_of("code", 3)
    assert said(game, "ABC", "ACB", 1) == {"guess.count": {"in_place": "one"}}
    assert said(game, "ABC", "ACB", 2) == {"guess.counts": {"in_place": "one", "elsewhere": "two"}}
    assert said(game, "AAB", "BBB", 2) == {"guess.counts": {"in_place": "one", "elsewhere": "none"}}
    assert said(game, "ABC", "ACB", 3)["guess.change"] == {"spot": "second place"}


def test_what_is_said_of_a_card():
    game = game_of("card", 3)
    card = "red circle small"
    assert said(game, card, "red star small", 1) == {"guess.count": {"in_place": "two"}}
    assert said(game, card, "red star small", 2) == {
        "guess.right_places": {"right_places": "colour and size"}
    }
    assert said(game, card, "blue star large", 2) == {"guess.right_places": {"right_places": "none"}}
    assert said(game, card, "blue star large", 3)["guess.take"] == {"spot": "colour", "symbol": "red"}
    assert game.read("The small red circle") is None
    assert game.read("a small, red circle") is None
    assert game.read("Small red CIRCLE card") == game.answers.index(card)


def test_words_are_apart_and_of_one_length():
    assert len(set(WORDS)) == len(WORDS) > 100
    assert {len(word) for word in WORDS} == {5}


def test_guesses_outside_tell_nothing_and_say_what_is_wanted():
    env = GuessEnv(families="number", levels=1, teacher="scripted:3")
    env.reset(seed=0)
    for guess in ("0", "11", "-3", "3.5", "two", "1000000", "1 or 2"):
        words, reward, *_, info = env.step(f"Final answer: {guess}")
        assert (reward, info["verdict"]) == (0, "malformed")
        assert "it has to be a whole number from 1 to 10" in words
        env.reset(seed=0)


def test_feedback_leads_to_the_answer():
    env = gym.make("SML-Guess-v0", families="number", levels=3, teacher="scripted:1", max_turns=7)
    for seed in range(20):
        env.reset(seed=seed)
        low, high = 1, 100
        for _ in range(7):
            guess = (low + high) // 2
            words, reward, ended, _, _ = env.step(f"Final answer: {guess}")
            if ended:
                break
            if "low" in words or "larger" in words:
                low = guess + 1
            else:
                high = guess - 1
        assert reward == 1


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_card_states_sizes_and_optima(family):
    for level in family.levels:
        row = next(line for line in CARD.splitlines() if line.startswith(f"| `{family.name}` | {level} |"))
        cells = [cell.strip() for cell in row.split("|")[3:8]]
        games = [family.game(level, seed)[0] for seed in range(20)]
        assert cells[0] == str(len(games[0].answers))
        for informativeness, cell in enumerate(cells[1:]):
            worst, _, mean = cell.partition("; ")
            least, _, most = worst.partition(" to ")
            found = [best_play(game.messages(informativeness)) for game in games]
            assert all(int(least) <= optimum.worst <= int(most or least) for optimum in found)
            slack = 0.2 if most else 0.01
            assert abs(float(sum(o.mean for o in found)) / len(found) - float(mean)) < slack


def test_there_is_no_isomorph_of_a_guess():
    from sml_gym import ConfigError
    from sml_gym.wrappers import Isomorph

    with pytest.raises(ConfigError, match="has no isomorph"):
        Isomorph(GuessEnv())
