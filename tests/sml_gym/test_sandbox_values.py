"""What crosses the sandbox's border, and how it is compared: properties over all plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sml_gym.sandbox import Call, Limits, Program, Sandbox, same
from sml_gym.sandbox._plain import BadData, NotPlain, TooLarge, decode, encode
from sml_gym.sandbox.literal import read_literal
from sml_gym.sandbox.screen import fit_for_monty

_TEXT = st.text(st.characters(), max_size=20)  # surrogates too
_HASHABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | _TEXT
    | st.binary(max_size=20),
    lambda part: st.tuples(part, part) | st.frozensets(part, max_size=4),
    max_leaves=6,
)
PLAIN = st.recursive(
    _HASHABLE,
    lambda part: (
        st.lists(part, max_size=4)
        | st.tuples(part, part)
        | st.sets(_HASHABLE, max_size=4)
        | st.dictionaries(_HASHABLE, part, max_size=4)
    ),
    max_leaves=20,
)
FAST = settings(deadline=None, max_examples=100)
SLOW = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def exactly(one: Any, other: Any) -> bool:
    """The same also to the eye: types, signs of zero, order of dicts. Sets have no order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (set, frozenset)):
        return same(one, other)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(exactly, one, other))
    if isinstance(one, dict):
        return exactly(list(one.items()), list(other.items()))
    return repr(one) == repr(other)


@given(PLAIN)
@FAST
def test_what_is_written_is_read_as_it_was(value: Any) -> None:
    assert exactly(decode(encode(value)), value)


@given(
    st.binary(max_size=200)
    | PLAIN.map(encode).flatmap(lambda data: st.integers(0, len(data)).map(lambda n: data[:n]))
)
@FAST
def test_no_bytes_can_do_more_than_be_refused(data: bytes) -> None:
    try:
        value = decode(data)
    except BadData:
        return
    assert exactly(decode(encode(value)), value)


@given(PLAIN)
@FAST
def test_what_python_writes_is_read_without_its_parser(value: Any) -> None:
    assert same(read_literal(repr(value), 100), value)


@given(st.text(st.sampled_from("[](){}:, '\"\\xu0123456789abefjnNT.-+"), max_size=40))
@FAST
def test_no_text_can_do_more_than_be_refused(text: str) -> None:
    try:
        value = read_literal(text, 100)
    except BadData:
        return
    assert same(read_literal(repr(value), 100), value)


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.mark.parametrize("engine", [None, "cpython"])
def test_values_go_through_the_sandbox_and_back(box: Sandbox, engine: Any) -> None:
    with box.session("def echo(x):\n    return x", Limits(total_seconds=60), engine=engine) as session:

        @given(PLAIN)
        @SLOW
        def echoes(value: Any) -> None:
            got = session.call(Call("echo", (value,)))
            assert got.failure is None
            assert exactly(got.value, value)

        echoes()


def test_values_have_bounds() -> None:
    deep: Any = 1
    for _ in range(101):
        deep = [deep]
    with pytest.raises(NotPlain, match="deep"):
        encode(deep)
    with pytest.raises(TooLarge):
        encode([0] * 500_001)
    with pytest.raises(TooLarge):
        encode(["x" * 2**20] * 17)
    with pytest.raises(TooLarge):
        encode(1 << 20_000)
    assert decode(encode(1 << 13_000)) == 1 << 13_000
    for data in (
        b"",
        b"?",
        b"l\xff\xff\xff\xff",
        b"l\1\0\0\0" * 1000,
        b"s\2\0\0\0\xff\xff",
        b"nn",
        b"S\1\0\0\0l\0\0\0\0",
    ):
        with pytest.raises(BadData):
            decode(data)
    for text in (
        "x",
        "f()",
        "[1",
        "{1: 2, 3}",
        "{[1]}",
        "'\\q'",
        "9" * 5000,
        "[" * 1000,
        "range(3)",
        "__import__('os')",
    ):
        with pytest.raises(BadData):
            read_literal(text, 100)


def test_keys_of_one_hash_are_not_stored() -> None:
    # The hash of these is 0: a dict of a hundred thousand of them would be built for hours.
    keys = [(2**61 - 1) * number for number in range(3_000)]
    crafted = b"S" + len(keys).to_bytes(4, "little") + b"".join(map(encode, keys))

    with pytest.raises(BadData, match="hash"):
        decode(crafted)
    with pytest.raises(BadData, match="hash"):
        read_literal("{" + ", ".join(map(str, keys)) + "}", 100)
    assert decode(encode(set(keys[:500]))) == set(keys[:500])


def test_more_keys_than_can_be_stored_quickly_whatever_they_are_do_not_cross() -> None:
    # Keys of different hashes can be chosen such that each is tried against all those stored before.
    numbers, texts = range(40_000), [str(number) for number in range(40_000)]
    nested = [set(range(start, start + 1000)) for start in range(0, 40_000, 1000)]

    for value in (set(numbers), dict.fromkeys(numbers), nested):
        with pytest.raises(NotPlain, match="too many keys"):
            encode(value)
        with pytest.raises(BadData, match="too many keys"):
            read_literal(repr(value), 10)
    crafted = b"S" + (40_000).to_bytes(4, "little") + b"".join(encode(number) for number in numbers)
    with pytest.raises(BadData, match="too many keys"):
        decode(crafted)
    assert decode(encode(dict.fromkeys(texts))) == dict.fromkeys(texts)


# ---- comparing ----


@given(PLAIN)
@FAST
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, decode(encode(value)))


@given(PLAIN, PLAIN)
@FAST
def test_comparing_works_both_ways(one: Any, other: Any) -> None:
    assert same(one, other) == same(other, one)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (True, 1), (1, 1.0), (0, False), ((1,), [1]), ([1], (1,)), ("1", 1), (b"a", "a"), (None, 0), (None,
        False), ({1}, frozenset({1})), ({True}, {1}), ({1: 2}, {True: 2}), ({1: 2}, {1: 2.0}), ([1, 2], [2,
        1]), ([1], [1, 2]), ({1: 2}, {1: 2, 3: 4}), ({"a": 1}, {"b": 1}), (float("nan"), 0.0), (1j, 1), ([],
        {}), ([[]], [()]), ({(1, True)}, {(1, 1)}), (0.1 + 0.2, 0.3), (object(), object()), (type("S",
        (str,), {})("x"), "x"),
    ],
)  # fmt: skip
def test_what_is_not_the_same(got: Any, wanted: Any) -> None:
    assert not same(got, wanted)


def test_what_is_the_same_when_told_so() -> None:
    assert same(float("nan"), float("nan"))
    assert same({float("nan")}, {float("nan")})
    assert same(0.0, -0.0)
    assert same({1: 2, 3: [4]}, {3: [4], 1: 2})
    assert same([0.1 + 0.2], [0.3], rel_tol=1e-9)
    assert not same([0.31], [0.3], rel_tol=1e-9)
    assert same(1e-12, 0.0, abs_tol=1e-9)
    assert same([(1, [2])], ((1, (2,)),), tuples_as_lists=True)
    assert not same([1, 2], {1, 2}, tuples_as_lists=True)
    assert same({"a": 1}, {"a": 1.0}, ints_as_floats=True)
    assert not same(True, 1.0, ints_as_floats=True)
    assert not same(10**400, float("inf"), ints_as_floats=True)
    assert same(float("inf"), float("inf"), rel_tol=0.1)
    assert not same(float("inf"), 1.0, rel_tol=0.1)


def test_no_method_of_a_value_is_ever_asked() -> None:
    class Everything:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    for wanted in (1, "x", [1], {}, None, 1.5):
        assert not same(Everything(), wanted)
        assert not same([Everything()], [wanted])


# ---- the engines agree ----

EXPRESSIONS = """
[7 // -2, -7 % 3, 7 % -3, 2 ** -1, divmod(-7, 2), pow(3, 4, 5), abs(-3.5), -7.5 // 2, 7.5 % -2]
[1e16, 1e15, 1e22, 0.1 + 0.2, 1 / 3, 1e-5, 100000.0, 5e-324, 1e308 * 10, 10 ** 20 / 3]
[str(1e16), str(1e22), str(0.1), str(1e-5), str(-0.0), str(123456789012345678.0)]
[int('  12 '), int('-0b11', 2), int('ff', 16), float(' 1e3 '), int(3.99), int(-3.99), int('1_0')]
[2 ** 100, 2 ** 0.5, (-8) ** (1 / 3), 0 ** 0, 10 ** 20 // 3, -(10 ** 20) // 3]
[True + 1, True == 1, isinstance(True, int), not None, bool('0'), bool([])]
'%5.2f|%r|%d|%s|%x|%e|%g|%%' % (3.14159, 'a', 3, None, 255, 1.5, 0.0001)
'{:>10,.2f}|{:^5}|{:+d}'.format(1234.5, 'a', 3)
f'{3.14159:.2e} {255:#x} {5:08b} {0.1 + 0.2} {"x":>3}'
['a,b,,c'.split(','), ' a  b '.split(), 'abc'.partition('b'), 'a-b'.rsplit('-', 1)]
['ab\\ncd'.splitlines()]
['hello world'.title(), 'hELLO'.capitalize(), 'aB'.swapcase(), 'abc'.center(7, '*'), '7'.zfill(3)]
['abc'.find('d'), 'aXbX'.replace('X', '', 1), 'abc'.startswith(('a', 'b')), '1'.isdigit(), 'abc'.count('b')]
[[1, 2, 3][5:], [1, 2, 3][-5:2], 'abc'[::2], 'abc'[::-1], list(range(10, 0, -3))]
[sorted([3, 1, 2], reverse=True), sorted('bca'), sorted([(1, 'b'), (1, 'a')], key=lambda t: t[0])]
[min([], default=3), max('abc', key=ord), sum([[1], [2]], []), sum([0.1] * 10)]
[dict(zip('ab', [1, 2])), {**{'a': 1}, 'b': 2}, list({'b': 1, 'a': 2}), {1: 1, True: 2}, {1.0: 2}]
[[i for i in range(10) if i % 2], {i: i * i for i in range(3)}, [[j for j in range(i)] for i in range(3)]]
[chr(97), ord('a'), bin(-5), hex(255), oct(8), 'abc' in 'xabcx', [1, 2] < [1, 3], (1, 'a') == (1, 'a')]
[len(set([1, 1, 2])), sorted(set([3, 1, 2])), [*range(3), *'ab'], 'ab'.join(['x', 'y'])]
[all([]), any([]), any(x > 5 for x in [1, 9]), all(x > 5 for x in [1, 9]), sum(i * i for i in range(10))]
list(map(lambda x: x * 2, [1, 2])) + list(filter(None, [0, 1])) + list(reversed([1, 2]))
[str({1: 2, 'a': [1]}), str((1,)), str([None, True]), str(["it's", 'a"b\\'c\\n'])]
""".strip().splitlines()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_engines_agree(box: Sandbox, expression: str) -> None:
    code = f"def f():\n    return {expression}"
    assert fit_for_monty(code)
    program = Program(code, (Call("f"),))

    monty, cpython = box.run(program), box.run(program, engine="cpython")

    assert exactly(monty.calls[0].value, cpython.calls[0].value)
    assert monty.calls[0].failure is cpython.calls[0].failure is None
