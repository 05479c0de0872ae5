"""Answers that are moves: carried out one by one, up to the first that cannot be made."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from sml_envs.reasoning.diagnosis.facts import Facts, ahead, at, nth, right, what, where
from sml_gym import Fact

_STEPS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
_HANOI = re.compile(r"move disk (\d{1,3}) from peg (\d{1,3}) to peg (\d{1,3})\.?", re.IGNORECASE)
_JUG = re.compile(r"(fill|empty) ([A-Z])|pour ([A-Z])->([A-Z])")
_CAR = re.compile(r"([A-Z])([+-])(\d{1,2})")
_MOST_MOVES = 2_000
_SIDE = 6


def _illegal(position: int, finding: Fact) -> Facts:
    facts = at(nth(position, "move"), finding)
    if position:
        facts.append(right("moves.legal_until", place=nth(position - 1, "move")))
    return facts


def check_hanoi(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first move that takes what is not there or puts a larger disk on a smaller one."""
    pegs: dict[int, list[int]] = {peg: [] for peg in range(1, metadata["num_pegs"] + 1)}
    pegs[metadata["start_peg"]] = list(range(metadata["num_disks"], 0, -1))
    moves = [line.strip() for line in answer.splitlines() if line.strip()][:_MOST_MOVES]
    for position, move in enumerate(moves):
        read = _HANOI.fullmatch(move)
        if read is None:
            return _illegal(position, what("move.unreadable", place=nth(position, "move")))
        disk, source, target = (int(number) for number in read.groups())
        if source not in pegs or target not in pegs or source == target:
            return _illegal(position, what("hanoi.peg", place=nth(position, "move")))
        if not pegs[source] or pegs[source][-1] != disk:
            slots = {"place": nth(position, "move"), "disk": str(disk), "peg": str(source)}
            return _illegal(position, what("hanoi.not_on_top", **slots))
        if pegs[target] and pegs[target][-1] < disk:
            slots = {"place": nth(position, "move"), "disk": str(disk), "other": str(pegs[target][-1])}
            return _illegal(position, what("hanoi.larger", **slots))
        pegs[target].append(pegs[source].pop())
    if len(pegs[metadata["target_peg"]]) == metadata["num_disks"]:
        return _too_long(len(moves), metadata["solution_length"])
    return [*_unreached(), *_next_of_gold(gold.splitlines(), moves)]


def check_jugs(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first move that names no jug, or that the amounts never come out right."""
    puzzle = metadata["puzzle"]
    full: list[int] = puzzle["jug_capacities"]
    names = [chr(ord("A") + number) for number in range(len(full))]
    moves = _list_of(answer)
    if moves is None:
        return [where("json.unreadable")]
    held = [0] * len(full)
    reached: int | None = None
    for position, move in enumerate(moves[:_MOST_MOVES]):
        read = _JUG.fullmatch(move) if isinstance(move, str) else None
        if read is None:
            return _illegal(position, what("move.unreadable", place=nth(position, "move")))
        used = [name for name in (read[2], read[3], read[4]) if name]
        if any(name not in names for name in used):
            return _illegal(position, what("jugs.unknown", place=nth(position, "move")))
        one = names.index(used[0])
        if read[1]:
            held[one] = full[one] if read[1] == "fill" else 0
        else:
            other = names.index(used[1])
            poured = min(held[one], full[other] - held[other]) if one != other else 0
            held[one], held[other] = held[one] - poured, held[other] + poured
        if reached is None and puzzle["target"] in held:
            reached = position
    if reached is not None and reached < len(moves) - 1:
        return at(nth(reached, "move"), what("jugs.past", place=nth(reached, "move")))
    amounts = ", ".join(f"{name} {amount}" for name, amount in zip(names, held, strict=True))
    ahead_of = _next_of_gold([str(move) for move in json.loads(gold)], [str(move) for move in moves])
    return [where("moves.unreached"), what("jugs.amounts", amounts=amounts), right("moves.legal"), *ahead_of]


def check_path(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first step off the grid or into a blocked cell, else whether the path is short or a detour."""
    grid: list[list[str]] = metadata["matrix"]
    steps = answer.split()[:_MOST_MOVES]
    if steps == ["infeasible"]:
        return [where("path.exists")]
    # Where there is no path, the steps are walked all the same: to say so would be the answer.
    row, column = next((r, c) for r, line in enumerate(grid) for c, sign in enumerate(line) if sign == "*")
    for position, step in enumerate(steps):
        place = nth(position, "step")
        if step not in _STEPS:
            return at(place, what("move.unreadable", place=place))
        row, column = row + _STEPS[step][0], column + _STEPS[step][1]
        problem = ""
        if not (0 <= row < len(grid) and 0 <= column < len(grid[0])):
            problem = "path.off"
        elif grid[row][column] == "X":
            problem = "path.blocked"
        if problem:
            before = (row - _STEPS[step][0], column - _STEPS[step][1])
            facts = at(place, what(problem, place=place))
            if position:
                facts.append(right("moves.legal_until", place=nth(position - 1, "step")))
            return [*facts, *_next_step(grid, before, gold)]
        if grid[row][column] == "#" and position < len(steps) - 1:
            return at(nth(position, "step"), what("path.past", place=place))
    if grid[row][column] == "#":
        if len(steps) <= len(gold.split()):
            return [what("text.form")]
        return [where("path.detour"), what("moves.too_many", count=str(len(steps)))]
    return [*_unreached(), *_next_step(grid, (row, column), gold)]


def _next_step(grid: Sequence[Sequence[str]], start: tuple[int, int], gold: str) -> Facts:
    """The direction in which a shortest way goes on from a cell; nothing where that is the whole answer."""
    if len(gold.split()) < 3:
        return []
    goal = next((r, c) for r, line in enumerate(grid) for c, sign in enumerate(line) if sign == "#")
    distance = {goal: 0}
    queue = deque([goal])
    while queue:
        row, column = queue.popleft()
        for down, along in _STEPS.values():
            near = (row + down, column + along)
            inside = 0 <= near[0] < len(grid) and 0 <= near[1] < len(grid[0])
            if inside and near not in distance and grid[near[0]][near[1]] != "X":
                distance[near] = distance[row, column] + 1
                queue.append(near)
    if start not in distance or not distance[start]:
        return []
    for name, (down, along) in _STEPS.items():
        if distance.get((start[0] + down, start[1] + along), distance[start]) < distance[start]:
            return [ahead("next.step", step=name)]
    return []


def check_rush_hour(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first car that does not exist or cannot go so far."""
    board = metadata["board_config"]
    cells: dict[str, list[int]] = {}
    for number, label in enumerate(board):
        if label not in "ox":
            cells.setdefault(label, []).append(number)
    cars = dict(
        zip((chr(ord("A") + n) for n in range(len(cells))), (cells[k] for k in sorted(cells)), strict=True)
    )
    walls = {number for number, label in enumerate(board) if label == "x"}
    words = answer.split()[:_MOST_MOVES]
    for position, word in enumerate(words):
        place = nth(position, "move")
        read = _CAR.fullmatch(word)
        if read is None:
            return _illegal(position, what("move.unreadable", place=place))
        if read[1] not in cars:
            return _illegal(position, what("cars.unknown", place=place, car=read[1]))
        car = cars[read[1]]
        stride = (car[1] - car[0]) * (1 if read[2] == "+" else -1)
        others = walls.union(*(other for name, other in cars.items() if name != read[1]))
        for _ in range(int(read[3])):
            end = car[-1] if stride > 0 else car[0]
            ahead_cell = end + stride
            same_line = abs(stride) == _SIDE or ahead_cell // _SIDE == end // _SIDE
            if not 0 <= ahead_cell < _SIDE * _SIDE or not same_line or ahead_cell in others:
                return _illegal(position, what("cars.blocked", place=place, car=read[1]))
            car[:] = [number + stride for number in car]
    return [*_unreached(), *_next_of_gold(gold.split(), words)]


def check_lock(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The number that the student's buttons reach, beside the target."""
    names = re.findall(r"[A-C]", answer.upper())[:_MOST_MOVES]
    wanted = re.findall(r"[A-C]", gold.upper())
    buttons = {button["name"]: button for button in metadata["buttons"]}
    value, light = metadata["initial_value"], metadata["initial_state"]
    for position, name in enumerate(names):
        button = buttons.get(name)
        if button is None:
            return _illegal(position, what("move.unreadable", place=nth(position, "move")))
        if button["active_state"] in ("any", light):
            operand = button["value"]
            value = {"add": value + operand, "subtract": value - operand, "multiply": value * operand}[
                button["type"]
            ]
        light = "green" if light == "red" else "red"
        if abs(value) > 10**12:
            return _illegal(position, what("lock.far", place=nth(position, "move")))
    if value == metadata["target_value"]:
        return _too_long(len(names), len(wanted))
    kind = "lock.low" if value < metadata["target_value"] else "lock.high"
    return [where("moves.unreached"), what(kind, value=str(value)), *_next_of_gold(wanted, names)]


def check_sokoban(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first letter that is no move or a move against a wall, and how many boxes are left."""
    rows = [line.split() for line in metadata["gamestr"].splitlines() if line.strip()]
    signs = {(r, c): sign for r, line in enumerate(rows) for c, sign in enumerate(line)}
    boxes = {place for place, sign in signs.items() if sign in "@$"}
    goals = {place for place, sign in signs.items() if sign in "X$%"}
    player = next(place for place, sign in signs.items() if sign in "*%")
    steps = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}
    moves = answer.strip()[:_MOST_MOVES]
    for position, letter in enumerate(moves):
        place = nth(position, "move")
        if letter not in steps:
            return _illegal(position, what("move.unreadable", place=place))
        down, along = steps[letter]
        target = (player[0] + down, player[1] + along)
        beyond = (target[0] + down, target[1] + along)
        if signs.get(target, "+") == "+":
            return _illegal(position, what("path.blocked", place=place))
        if target in boxes:
            if signs.get(beyond, "+") == "+" or beyond in boxes:
                return _illegal(position, what("sokoban.stuck", place=place))
            boxes = (boxes - {target}) | {beyond}
        player = target
    left = len(boxes - goals)
    kind = what("sokoban.one_left") if left == 1 else what("sokoban.left", count=str(left))
    return [where("moves.unreached"), kind, right("moves.legal"), *_next_of_gold(list(gold), list(moves))]


def _list_of(answer: str) -> list[Any] | None:
    try:
        moves = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return moves if isinstance(moves, list) else None


def _unreached() -> Facts:
    return [where("moves.unreached"), right("moves.legal")]


def _too_long(count: int, best: int) -> Facts:
    """That the moves reach the goal, and what is wrong with them all the same."""
    return [
        where("moves.works"),
        what("moves.too_many", count=str(count)) if count > best else what("text.form"),
    ]


def _next_of_gold(wanted: Sequence[str], moves: Sequence[str]) -> Facts:
    """The reference's next move, if the student has made all before it and more are to come."""
    done = len(moves)
    if [move.strip() for move in moves] != [move.strip() for move in wanted[:done]] or len(wanted) - done < 2:
        return []
    return [ahead("next.step", step=wanted[done].strip())]
