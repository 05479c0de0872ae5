"""Grids with rules: which row, column, box, sign or sum an answer breaks, and which cell is settled next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sml_envs.reasoning.diagnosis.differences import compare_rows, compare_shapes, rows_of
from sml_envs.reasoning.diagnosis.facts import Facts, ahead, at, cell, right, what, where

Grid = list[list[int]]
Cell = tuple[int, int]
Group = tuple[str, list[Cell]]


# ---- Latin squares: sudoku, mini sudoku, futoshiki ----


def check_sudoku(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """Changed clues, numbers that stand twice in a row, column or box, and the cells that differ."""
    return _check_latin(metadata, _numbers(answer), ())


def check_futoshiki(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """As for sudoku, and the signs between cells."""
    rows = [[int(digit) for digit in re.findall(r"\d", line)] for line in answer.splitlines()]
    return _check_latin(metadata, [row for row in rows if row], metadata["constraints"])


def _check_latin(
    metadata: Mapping[str, Any], given: Grid | None, relations: Sequence[tuple[int, int, int, int, str]]
) -> Facts:
    puzzle, solution = metadata["puzzle"], metadata["solution"]
    size = len(solution)
    if given is None:
        return [where("grid.numbers")]
    shape = compare_shapes(_words(solution), _words(given))
    if shape:
        return shape
    groups = list(_groups(size, 0 if relations or "constraints" in metadata else round(size**0.5)))
    found: Facts = []
    for row, column in _cells(size):
        if puzzle[row][column] and given[row][column] != puzzle[row][column]:
            found = at(cell(row, column), what("grid.given", place=cell(row, column)))
            break
    if not found:
        found = _repeated(given, groups) or _relation(given, relations) or _range(given, size)
    if not found:
        wrong = next((c for c in _cells(size) if given[c[0]][c[1]] != solution[c[0]][c[1]]), None)
        if wrong is None:
            return [what("text.form")]
        found = [where("place.wrong", place=cell(*wrong))]
    whole = next((row for row in range(size) if given[row] == solution[row]), None)
    if whole is not None:
        found.append(right("right.place", place=f"row {whole + 1}"))
    settled = _settled(puzzle, given, solution, groups)
    if settled is not None:
        found.append(ahead("next.cell", place=cell(*settled)))
    return found


def _groups(size: int, box: int) -> Iterator[Group]:
    for n in range(size):
        yield f"row {n + 1}", [(n, other) for other in range(size)]
        yield f"column {n + 1}", [(other, n) for other in range(size)]
    for top in range(0, size, box or size):
        for left in range(0, size, box or size):
            if box:
                name = f"the box of rows {top + 1} to {top + box} and columns {left + 1} to {left + box}"
                yield name, [(top + i, left + j) for i in range(box) for j in range(box)]


def _cells(size: int) -> Iterator[Cell]:
    return ((row, column) for row in range(size) for column in range(size))


def _repeated(given: Grid, groups: list[Group]) -> Facts:
    for name, cells in groups:
        seen: set[int] = set()
        for row, column in cells:
            value = given[row][column]
            if value in seen:
                return at(name, what("grid.repeat", value=str(value), place=name))
            seen.add(value)
    return []


def _relation(given: Grid, relations: Sequence[tuple[int, int, int, int, str]]) -> Facts:
    for top, left, bottom, further, sign in relations:
        one, other = given[top][left], given[bottom][further]
        if not (one < other if sign == "<" else one > other):
            first, second = cell(top, left), cell(bottom, further)
            return at(first, what("grid.relation", place=first, other=second))
    return []


def _range(given: Grid, size: int) -> Facts:
    for row, column in _cells(size):
        if not 1 <= given[row][column] <= size:
            return at(cell(row, column), what("grid.range", place=cell(row, column)))
    return []


def _settled(puzzle: Grid, given: Grid, solution: Grid, groups: list[Group]) -> Cell | None:
    """An empty cell that the student has wrong and for which the rest of the clues leaves one number."""
    size = len(puzzle)
    known = [
        [puzzle[r][c] or (given[r][c] if given[r][c] == solution[r][c] else 0) for c in range(size)]
        for r in range(size)
    ]
    for row, column in _cells(size):
        if known[row][column]:
            continue
        near = {known[r][c] for _, cells in groups if (row, column) in cells for r, c in cells}
        if len(set(range(1, size + 1)) - near) == 1:
            return row, column
    return None


# ---- queens ----


def check_queens(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A queen that was taken away, two that attack each other, or too few."""
    puzzle = metadata["puzzle"]
    board = rows_of(answer)
    shape = compare_shapes(puzzle, board)
    if shape:
        return shape
    size = len(puzzle)
    for row, column in _cells(size):
        if board[row][column] not in ("_", "Q"):
            return at(cell(row, column), what("queens.sign", place=cell(row, column)))
        if puzzle[row][column] == "Q" != board[row][column]:
            return at(cell(row, column), what("grid.given", place=cell(row, column)))
    queens = [c for c in _cells(size) if board[c[0]][c[1]] == "Q"]
    for n, (row, column) in enumerate(queens):
        for other_row, other_column in queens[n + 1 :]:
            if (
                row == other_row
                or column == other_column
                or abs(row - other_row) == abs(column - other_column)
            ):
                first, second = cell(row, column), cell(other_row, other_column)
                return [*at(second, what("queens.attack", place=first, other=second)), ahead("queens.move")]
    rows = {row for row, _ in queens}
    empty = next((row for row in range(size) if row not in rows), None)
    if empty is None:
        return [what("text.form")]
    place = f"row {empty + 1}"
    return [
        *at(place, what("queens.empty", place=place)),
        right("queens.peace"),
        ahead("next.place", place=place),
    ]


# ---- sums: kakurasu, survo ----


def check_kakurasu(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first row or column whose weighted sum is not as wanted."""
    given = _numbers(answer)
    if given is None:
        return [where("grid.numbers")]
    shape = compare_shapes(_words(metadata["solution"]), _words(given))
    if shape:
        return shape
    for row, values in enumerate(given):
        for column, value in enumerate(values):
            if value not in (0, 1):
                return at(cell(row, column), what("grid.range", place=cell(row, column)))
    sums = [sum(n + 1 for n, value in enumerate(row) if value) for row in given]
    tops = [sum(n + 1 for n, row in enumerate(given) if row[column]) for column in range(len(given[0]))]
    return _sums("row", sums, metadata["row_sums"]) or _sums("column", tops, metadata["col_sums"])


def check_survo(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """Changed clues, sums that do not come out, numbers that were not to be placed."""
    given, puzzle = _numbers(answer), metadata["puzzle"]
    if given is None:
        return [where("grid.numbers")]
    shape = compare_shapes(_words(puzzle), _words(given))
    if shape:
        return shape
    size = len(puzzle)
    for row, column in _cells(size):
        if puzzle[row][column] and given[row][column] != puzzle[row][column]:
            return at(cell(row, column), what("grid.given", place=cell(row, column)))
    sums = [sum(row[:-1]) for row in given]
    tops = [sum(row[column] for row in given[:-1]) for column in range(size)]
    found = _sums("row", sums, [row[-1] for row in puzzle]) or _sums("column", tops, puzzle[-1])
    if found:
        return found
    placed = sorted(given[r][c] for r, c in _cells(size) if not puzzle[r][c])
    if placed != sorted(metadata["candidate_numbers"]):
        return [where("survo.numbers"), what("survo.other_numbers")]
    return compare_rows(_words(metadata["solution"]), _words(given))


def _sums(thing: str, given: Sequence[int], wanted: Sequence[int]) -> Facts:
    for n, (one, other) in enumerate(zip(given, wanted, strict=True)):
        if one != other:
            place = f"{thing} {n + 1}"
            slots = {"place": place, "given": str(one), "wanted": str(other)}
            found = at(place, what("grid.sum", **slots))
            before = n - 1
            if before >= 0:
                found.append(right("right.place", place=f"{thing} {before + 1}"))
            return [*found, ahead("next.place", place=place)]
    return []


# ---- grids that are worked out cell by cell ----


def check_distances(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first wrong distance to the nearest 0, and whether it is too near or too far."""
    given, wanted = _numbers(answer), metadata["solution"]
    if given is None:
        return [where("grid.numbers")]
    found = compare_rows(_words(wanted), _words(given))
    place = _first_difference(wanted, given)
    if place is not None:
        low = given[place[0]][place[1]] < wanted[place[0]][place[1]]
        found.insert(1, what("cell.low" if low else "cell.high", place=cell(*place)))
        if metadata["matrix"][place[0]][place[1]] == 0:
            found[1] = what("cell.zero", place=cell(*place))
    return found


def check_life(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first wrong cell of a Game of Life, and whether it should live or die by the rule."""
    wanted = json.loads(gold)
    try:
        given = json.loads(answer)
    except (ValueError, RecursionError):
        return [where("json.unreadable")]
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        return [where("json.unreadable")]
    found = compare_rows(_words(wanted), _words(given))
    place = _first_difference(wanted, given)
    if place is not None and metadata["simulation_steps"] == 1:
        # Two states only, so what is wrong with the value would be the value: the rule is named instead.
        found.append(ahead("life.count", place=cell(*place)))
    return found


def _first_difference(wanted: Sequence[Sequence[Any]], given: Sequence[Sequence[Any]]) -> Cell | None:
    if [len(row) for row in wanted] != [len(row) for row in given]:
        return None
    for row, (one, other) in enumerate(zip(wanted, given, strict=True)):
        for column, (value, said) in enumerate(zip(one, other, strict=True)):
            if value != said:
                return row, column
    return None


def _numbers(text: str) -> Grid | None:
    """A grid of whole numbers, None for anything else."""
    try:
        return [[int(word) for word in row] for row in rows_of(text)]
    except ValueError:
        return None


def _words(grid: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [[str(value) for value in row] for row in grid]
