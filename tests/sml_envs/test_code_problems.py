"""Our own code problems: every family, a sample of seeds."""

from __future__ import annotations

import ast
import copy
import os
import random
import re
import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np

from sml_envs.code import problems
from sml_envs.code.problems import FAMILIES, TOPICS, CodeFamily
from sml_envs.code.problems.templates import compiled, filled
from sml_gym import GeneratedTasks, Reference
from sml_gym.sandbox import Call, Program, Sandbox, same
from sml_gym.seeding import split_of

CELLS = [(family, level) for family in FAMILIES for level in family.levels]


def made(family: CodeFamily, level: int, seed: int) -> tuple[str, Reference]:
    draft = family.generate(random.Random(f"{family.name}:{level}:{seed}"), level)
    return draft.problem, draft.reference()


def test_there_are_enough_families_in_every_topic_and_level() -> None:
    assert len(FAMILIES) >= 120
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    assert all(len(families) >= 12 for families in TOPICS.values())
    assert len(TOPICS) == 7
    assert {level for _, level in CELLS} == {1, 2, 3, 4}
    assert sum(max(family.levels) >= 3 for family in FAMILIES) >= len(FAMILIES) / 3
    assert all(1 <= len(family.levels) <= 3 and family.about for family in FAMILIES)


def test_problems_are_whole_and_their_tests_varied() -> None:
    for family, level in CELLS:
        for seed in range(3):
            name = f"{family.name}:{level}:{seed}"
            problem, reference = made(family, level, seed)
            cases = reference.data["cases"]
            hidden = [case for case in cases if not case.shown]
            assert 2 <= len(cases) - len(hidden) <= 3, name
            assert 8 <= len(hidden) <= 20, name
            assert all(case.label and "$" not in case.label for case in cases), name
            assert len({repr(case.args) for case in cases}) == len(cases), name
            assert len({repr(case.expected) for case in cases}) >= 2, name
            assert "$" not in problem and "$" not in reference.answer, name
            asked = problem.partition("Write this")[0]
            assert "  " not in asked and " .\n" not in asked and " \n" not in asked, name
            assert 2 <= len(reference.steps) <= 5 and all(step.action for step in reference.steps), name
            assert reference.data["signature"] in problem, name


def test_a_seed_gives_the_same_problem_and_another_one_another() -> None:
    for family, level in CELLS:
        assert made(family, level, 5) == made(family, level, 5)
        assert len({made(family, level, seed)[0] for seed in range(4)}) == 4, family.name


def test_problems_differ_in_what_they_ask() -> None:
    for family, level in CELLS:
        rules = {family.rule(*family.sketch(random.Random(seed), level)) for seed in range(150)}
        assert len(rules) >= 30, (family.name, level, len(rules))


def test_references_compute_what_is_expected_and_change_no_argument() -> None:
    for family, level in CELLS:
        _, reference = made(family, level, 11)
        function = compiled(reference.answer, reference.data["entry_point"])
        for case in reference.data["cases"]:
            args = copy.deepcopy(case.args)
            assert repr(function(*args)) == repr(case.expected), (family.name, case.label)
            assert repr(args) == repr(case.args), (family.name, case.label)


def test_shards_hold_what_the_problem_holds() -> None:
    for family, level in CELLS:
        problem, reference = made(family, level, 2)
        shards = reference.shards
        assert shards is not None
        assert reference.data["signature"] in shards.goal
        told = "\n".join((shards.goal, *[part.text for part in shards.parts]))
        for line in problem.splitlines():
            if line and line not in ("Write this Python function:", "For example:"):
                assert line.removeprefix("- ") in told, (family.name, line)
        for part in shards.parts:
            assert part.names and all(name == name.lower() for name in part.names), (family.name, part)
            assert part.text[0] != " " and part.text.rstrip(".)")[-1] != " ", (family.name, part)


def test_drawn_names_hide_nothing_in_a_reference() -> None:
    """A parameter's name is no local variable of the reference, whatever it is drawn to be."""
    for family, level in CELLS:
        drawn = {name for parameter in family.parameters for name in parameter.names} | set(family.calls)
        assert len(drawn) == sum(len(p.names) for p in family.parameters) + len(family.calls), family.name
        keys = {parameter.names[0] for parameter in family.parameters} | {"f"}
        for seed in range(12):
            pick, spec = family.sketch(random.Random(seed), level)
            assert not keys & set(pick.values), family.name
            body = filled(spec.code, {key: f"{key}_" for key in keys}, pick.values)
            for node in ast.walk(ast.parse(f"def f():\n{body}")):
                used = (
                    node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else ""
                )
                assert used not in drawn, (family.name, used)


def test_isomorphs_share_the_structure_and_nothing_else() -> None:
    rng = np.random.default_rng(3)
    for family in FAMILIES:
        task = GeneratedTasks((family,), "train").sample(rng)
        other = problems.isomorph(task, family, rng)
        assert other is not None, task.id
        assert other.problem != task.problem
        assert (other.family, other.level) == (task.family, task.level)
        assert split_of(other.problem) == "train"
        assert GeneratedTasks((family,), "train").get(other.id).problem == other.problem
        shapes = [family.sketch(random.Random(t.id), t.level)[0].shape for t in (task, other)]
        assert shapes[0] == shapes[1]


def test_a_task_of_another_source_has_no_isomorph() -> None:
    task = GeneratedTasks(FAMILIES, "train").take(1)[0]
    family = next(f for f in FAMILIES if f.name == task.family)
    stranger = type(task)("row 7", task.problem, task.private, task.family, task.level)
    assert family.isomorph(stranger, np.random.default_rng(0)) is None


_DIGEST = """
import hashlib, random
from sml_envs.code.problems import FAMILIES
digest = hashlib.sha256()
for family in FAMILIES:
    draft = family.generate(random.Random(f"{family.name}:9"), family.levels[-1])
    digest.update(repr((draft.problem, draft.reference())).encode())
print(digest.hexdigest())
"""


def test_nothing_depends_on_the_hash_seed() -> None:
    seen = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_references_pass_their_tests_in_the_sandbox() -> None:
    engines: Counter[str] = Counter()
    with Sandbox() as sandbox:
        for family, level in CELLS:
            _, reference = made(family, level, 1)
            cases = reference.data["cases"]
            calls = tuple(Call(reference.data["entry_point"], case.args) for case in cases)
            run = sandbox.run(Program(reference.answer, calls))
            engines[run.engine] += 1
            assert run.failure is None, family.name
            for case, result in zip(cases, run.calls, strict=True):
                assert result.failure is None, (family.name, case.label, result.failure)
                assert same(result.value, case.expected, rel_tol=case.rel_tol), (family.name, case.label)
    assert engines["monty"] > 0.8 * engines.total()


def test_places_of_brackets_are_counted_as_the_text_says() -> None:
    family = next(family for family in FAMILIES if family.name == "brackets")
    seen = 0
    for task in GeneratedTasks([family], "train", (2,)).take(40, seed=1):
        for base in (0, 1):
            if f"place of the last bracket that is still open (also counted from {base})" in task.problem:
                cases = task.private.reveal().data["cases"]
                case = next(case for case in cases if case.label == "brackets that stay open")
                assert case.expected == case.args[0].index("b") + 1 + base
                seen += 1
    assert seen > 4


def test_entries_for_what_is_not_given_are_no_things() -> None:
    code = """
def serve(stock, wanted):
    left, out, things = dict(stock), [], []
    for item in wanted:
        if item == WORD:
            if things:
                left[things.pop()] += 1
                place = max(i for i, entry in enumerate(out) if entry != GONE)
                out = out[:place] + out[place + 1:]
        elif left.get(item, 0) > KEEP and TEST:
            left[item] -= 1
            out.append(item)
            things.append(item)
        else:
            out.append(GONE)
    return out
"""
    tests = {
        r"never given directly after the same thing": "(things[-1:] != [item])",
        r"when (\d) or more things were given already": "(len(things) < {} or len(item) >= 4)",
        r"never given more than (\d) times": "things.count(item) < {}",
    }
    family = next(family for family in FAMILIES if family.name == "take_from_stock")
    seen: set[str] = set()
    for task in GeneratedTasks([family], "train", (2,)).take(60, seed=1):
        word = re.search(r"A wish `'(\w+)'` is not a thing: it takes back", task.problem)
        gone = re.search(r"not given, `('[^']*')` stands in the list", task.problem)
        keep = re.search(r"more than (\d) pieces", task.problem)
        if word is None or gone is None or keep is None:
            continue
        for pattern, test in tests.items():
            if limit := re.search(pattern, task.problem):
                program = code.replace("WORD", repr(word[1])).replace("GONE", gone[1])
                program = program.replace("KEEP", keep[1]).replace("TEST", test.format(*limit.groups()))
                cases = task.private.reveal().data["cases"]
                with_program: dict[str, Any] = {}
                exec(program, with_program)  # noqa: S102 - our own text
                for case in cases:
                    assert with_program["serve"](*copy.deepcopy(case.args)) == case.expected, task.id
                seen.add(pattern)
    assert seen == set(tests)


def test_who_is_inside_is_told_in_the_order_asked_for() -> None:
    orders = {
        "in the order of the alphabet": sorted,
        "in the order of coming": list,
        "the one who came last first": lambda there: there[::-1],
    }
    family = next(family for family in FAMILIES if family.name == "event_log")
    seen = set()
    for task in GeneratedTasks([family], "train", (2,)).take(60, seed=1):
        order = next(order for order in orders if f"inside at the end, {order}." in task.problem)
        come = re.search(r"- `'(.*)'` lets the person come in", task.problem)
        assert come
        most = 3 if "At most 3" in task.problem else 2
        for case in task.private.reveal().data["cases"]:
            names = [name for name, _ in case.args[0]]
            once = len({*names}) == len(names) <= most
            if once and all(what == come[1] for _, what in case.args[0]):
                assert case.expected == orders[order](names)
                seen.update([order] if len(names) > 1 else [])
    assert len(seen) == 3


def test_counting_out_counts_less_after_a_long_name_only() -> None:
    def play(names: list[str], at: int, count: int, stay: int) -> list[str]:
        ring, gone = [*names], []
        now = count
        while len(ring) > stay:
            at = (at + now - 1) % len(ring)
            gone.append(ring.pop(at))
            now = 2 if len(gone[-1]) > 3 else count
        return gone

    family = next(family for family in FAMILIES if family.name == "count_out")
    seen = 0
    for task in GeneratedTasks([family], "train", (3,)).take(60, seed=1):
        start = re.search(r"with the (first|last) person of the list as 1 and goes on to (\d)", task.problem)
        stay = re.search(r"ends when (\d) or fewer", task.problem)
        assert start
        assert stay
        if "more than 3 letters" in task.problem and "those who went out, in the order" in task.problem:
            for case in task.private.reveal().data["cases"]:
                names = case.args[0]
                at = 0 if start[1] == "first" else len(names) - 1
                assert case.expected == play(names, at, int(start[2]), int(stay[1]))
            seen += 1
    assert seen > 3


def test_names_with_a_sign_are_never_in_a_chain_with_it() -> None:
    family = next(family for family in FAMILIES if family.name == "follow_links")
    for task in GeneratedTasks([family], "train", (3,)).take(40, seed=1):
        sign = re.search(r"begins with one `'(.)'`", task.problem)
        assert sign
        for case in task.private.reveal().data["cases"]:
            assert not any(name.startswith(sign[1]) for name in case.expected)
