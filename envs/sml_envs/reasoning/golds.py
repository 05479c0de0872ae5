"""Reference answers for the datasets that come with none, because many answers are right.

Two keep one in their metadata; for three it is worked out here.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

_SIDE = 6
_EXIT_ROW = 2


def gold_answer(name: str, item: Mapping[str, Any]) -> str | None:
    """An item's reference answer, None where there is none."""
    answer = item["answer"]
    if answer is not None:
        return str(answer)
    make = _GOLDS.get(name)
    return None if make is None else make(item["metadata"])


def _colouring(metadata: Mapping[str, Any]) -> str:
    return json.dumps({str(vertex): colour for vertex, colour in metadata["possible_answer"].items()})


def _conclusion(metadata: Mapping[str, Any]) -> str | None:
    return str(metadata["example_answer"]) if metadata["example_answer"] else None


def _unscrambled(metadata: Mapping[str, Any]) -> str:
    """The scramble backwards, each turn undone."""
    turns = reversed(metadata["scramble_moves"].split())
    return " ".join(
        turn if turn.endswith("2") else turn[:-1] if turn.endswith("'") else f"{turn}'" for turn in turns
    )


# ---- Rush Hour: breadth first over the positions of all cars ----


def _rush_hour(metadata: Mapping[str, Any]) -> str | None:
    """A shortest list of moves that brings the first car to the exit, in the notation of the problem."""
    cars, walls = _cars(metadata["board_config"])
    start = tuple(first for first, _, _ in cars)
    came: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None] = {start: None}
    queue = deque([start])
    goal = _EXIT_ROW * _SIDE + _SIDE - cars[0][1]
    while queue:
        state = queue.popleft()
        if state[0] == goal:
            return _moves(came, state)
        taken = set(walls)
        for (_, size, stride), first in zip(cars, state, strict=True):
            taken.update(range(first, first + size * stride, stride))
        for number, (_, size, stride) in enumerate(cars):
            for sign in (-1, 1):
                place = state[number]
                for steps in range(1, _SIDE):
                    ahead = place - stride if sign < 0 else place + size * stride
                    if (
                        not _adjacent(ahead, place if sign < 0 else place + (size - 1) * stride)
                        or ahead in taken
                    ):
                        break
                    place += sign * stride
                    following = (*state[:number], place, *state[number + 1 :])
                    if following not in came:
                        came[following] = (
                            state,
                            f"{chr(ord('A') + number)}{'+' if sign > 0 else '-'}{steps}",
                        )
                        queue.append(following)
    return None


def _cars(board: str) -> tuple[list[tuple[int, int, int]], list[int]]:
    """The cars as (first cell, length, stride) in the order of their letters, and the walls' cells."""
    cells: dict[str, list[int]] = {}
    for cell, label in enumerate(board):
        if label not in "ox":
            cells.setdefault(label, []).append(cell)
    cars = [(where[0], len(where), where[1] - where[0]) for _, where in sorted(cells.items())]
    return cars, [cell for cell, label in enumerate(board) if label == "x"]


def _adjacent(ahead: int, end: int) -> bool:
    """Whether the cell ahead is on the board and beside a car's end, not around the edge."""
    if not 0 <= ahead < _SIDE * _SIDE:
        return False
    return abs(ahead - end) == _SIDE or ahead // _SIDE == end // _SIDE


def _moves(came: Mapping[tuple[int, ...], tuple[tuple[int, ...], str] | None], state: tuple[int, ...]) -> str:
    moves: list[str] = []
    while (step := came[state]) is not None:
        state, move = step
        moves.append(move)
    return " ".join(reversed(moves))


# ---- BoxNet: one box after the other ----


def _boxnet(metadata: Mapping[str, Any]) -> str:
    """A plan in which one agent acts at a time: each box walks to a target of its colour, rows first."""
    boxes: list[tuple[str, float, float]] = []
    targets: dict[str, list[tuple[float, float]]] = {}
    for square, things in metadata["initial_state"].items():
        row, column = (float(part) for part in square.split("_"))
        for thing in things:
            kind, colour = thing.split("_", 1)
            if kind == "box":
                boxes.append((colour, row, column))
            else:
                targets.setdefault(colour, []).append((row, column))
    plan: list[dict[str, str]] = []
    for colour, row, column in boxes:
        goal = targets[colour].pop()
        while (row, column) != goal:
            agent = f"Agent[{row}, {column}]"
            if row != goal[0]:
                row += 1 if goal[0] > row else -1
            else:
                column += 1 if goal[1] > column else -1
            plan.append({agent: f"move(box_{colour}, square[{row}, {column}])"})
        plan.append({f"Agent[{row}, {column}]": f"move(box_{colour}, target_{colour})"})
    return json.dumps(plan)


_GOLDS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "graph_color": _colouring,
    "propositional_logic": _conclusion,
    "rubiks_cube": _unscrambled,
    "rush_hour": _rush_hour,
    "boxnet": _boxnet,
}


WORKED_OUT = frozenset(_GOLDS)
"""Datasets whose reference answers come from here."""
