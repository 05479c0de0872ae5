"""The sandbox's contract, on both engines: values, failures, limits, and processes that end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sml_gym.cli.main import main
from sml_gym.errors import ConfigError, VerifierError
from sml_gym.sandbox import Call, Engine, Failure, FailureKind, Limits, Program, Sandbox, same, shared_sandbox
from sml_gym.sandbox.screen import fit_for_monty
from sml_gym.workers import DeadlineExceeded, WorkerLost, WorkerRaised

ECHO = "def echo(x):\n    return x"
QUICK = Limits(seconds=0.3, total_seconds=1.5, memory_bytes=64 * 2**20, output_bytes=2000)
ENGINES: tuple[Engine, ...] = ("monty", "cpython")


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


def run(box: Sandbox, code: str, *calls: Call, limits: Limits = QUICK, **options: Any) -> Any:
    return box.run(Program(code, calls), limits, **options)


def failure(box: Sandbox, code: str, *calls: Call, limits: Limits = QUICK) -> Failure:
    """The one failure of a program: of its module, or of its last call."""
    found = run(box, code, *calls, limits=limits)
    what = found.failure or found.calls[-1].failure
    assert isinstance(what, Failure)
    return what


# ---- values ----


@pytest.mark.parametrize("engine", ENGINES)
def test_calls_share_one_interpreter_and_return_in_order(box: Sandbox, engine: Engine) -> None:
    code = """
seen = []
print("up")
def add(x, *, times=1):
    print("add", x)
    seen.append(x)
    return seen * times
"""

    got = run(box, code, Call("add", (1,)), Call("add", ("a",), {"times": 2}), engine=engine)

    assert got.engine == engine
    assert got.stdout == "up\n"
    assert [call.value for call in got.calls] == [[1], [1, "a", 1, "a"]]
    assert [call.stdout for call in got.calls] == ["add 1\n", "add a\n"]


VALUES: list[Any] = [
    None, True, False, 0, -1, 2**200, -(2**63), 1.5, -0.0, 1e300, float("inf"), float("-inf"), 1j, -2.5 + 1j,
    "", "text",
    "ünï \x00 \n 'q\" \\", "😀", b"", b"\x00\xff'\"\\", [], [1, [2, [3]]], (), (1,), (1, "a", None),
    {}, {"a": 1, 2: "b", (1, 2): [3], None: 1.5}, [{"k": (1, b"x")}], {1: {None: 2}},
]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_values_keep_their_exact_types(box: Sandbox, engine: Engine) -> None:
    got = run(box, ECHO, *(Call("echo", (value,)) for value in VALUES), engine=engine)

    for value, result in zip(VALUES, got.calls, strict=True):
        assert result.failure is None
        assert repr(result.value) == repr(value)
        assert type(result.value) is type(value)


def test_sets_surrogates_and_nan_cross_too(box: Sandbox) -> None:
    values: list[Any] = [
        {True: 0},
        {1.0: 0},
        {1, "a"},
        frozenset({(1, 2)}),
        {frozenset()},
        "\ud800",
        float("nan"),
    ]

    got = run(box, ECHO, *(Call("echo", (value,)) for value in values))

    assert all(same(result.value, value) for result, value in zip(got.calls, values, strict=True))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("Counter('aab')", {"a": 2, "b": 1}),
        ("defaultdict(list, {1: [2]})", {1: [2]}),
        ("OrderedDict(a=1)", {"a": 1}),
        ("namedtuple('P', 'x y')(1, 2)", (1, 2)),
        ("IntEnum('E', 'A B').B", 2),
        ("type('S', (str,), {'__eq__': lambda s, o: True})('x')", "x"),
        ("type('L', (list,), {'__iter__': lambda s: iter(())})([1])", [1]),
        ("type('F', (float,), {'__float__': lambda s: 9.0})(-0.0)", -0.0),
        ("type('I', (int,), {'__index__': lambda s: 9, '__add__': lambda s, o: 9})(3)", 3),
    ],
)
def test_an_instance_of_a_subclass_arrives_as_what_it_holds(
    box: Sandbox, expression: str, value: Any
) -> None:
    code = f"from collections import *\nfrom enum import IntEnum\ndef f():\n    return {expression}"

    got = run(box, code, Call("f")).calls[0]

    assert repr(got.value) == repr(value)
    assert type(got.value) is type(value)


@pytest.mark.parametrize(
    "expression",
    ["len", "lambda: 1", "object()", "(x for x in [1])", "reversed([1])", "map(str, [1])", "range(3)",
     "{}.keys()",
     "iter([])", "int", "...", "NotImplemented", "ValueError('x')", "bytearray(b'x')", "[1, [len]]",
     "{1: range(2)}",
     "__import__('datetime').date(2020, 1, 1)", "__import__('decimal').Decimal(1)"],
)  # fmt: skip
def test_what_is_no_plain_data_is_said_to_be_so(box: Sandbox, expression: str) -> None:
    assert failure(box, f"def f():\n    return {expression}", Call("f")).kind is FailureKind.NOT_PLAIN


def test_a_method_is_called_on_a_new_instance(box: Sandbox) -> None:
    code = """
class Solution:
    def __init__(self):
        self.n = 0
    def up(self, x):
        self.n += x
        return self.n
"""

    for engine in ENGINES:
        got = run(box, code, Call("Solution.up", (2,)), Call("Solution.up", (3,)), engine=engine)
        assert [call.value for call in got.calls] == [2, 3]


def test_the_same_program_does_the_same_every_time(box: Sandbox) -> None:
    code = "import random\ndef f():\n    return [random.random(), list({'a', 'b', 'c', 'd'}), hash('x')]"

    first, *others = [run(box, code, Call("f")).calls[0].value for _ in range(4)]
    assert others == [first] * 3


def test_arguments_must_be_plain(box: Sandbox) -> None:
    with pytest.raises(ValueError, match="not plain"):
        run(box, ECHO, Call("echo", (object(),)))
    with pytest.raises(ValueError, match="not the name"):
        Call("f(); import os")
    with pytest.raises(ValueError, match="Limits"):
        Limits(seconds=0)


# ---- failures ----


@pytest.mark.parametrize(
    ("code", "kind", "exception", "line"),
    [
        ("x = 1\ny = [\n", FailureKind.SYNTAX, "SyntaxError", 2),
        ("def f():\nreturn 1", FailureKind.SYNTAX, "IndentationError", 2),
        ("x = '\ud800'", FailureKind.SYNTAX, "UnicodeEncodeError", None),
        ("x = 1\x00", FailureKind.SYNTAX, "SyntaxError", None),
        ("x = 1\n\nx / 0", FailureKind.EXCEPTION, "ZeroDivisionError", 3),
        ("import no_such_module", FailureKind.EXCEPTION, "ModuleNotFoundError", 1),
        ("import numpy", FailureKind.EXCEPTION, "ModuleNotFoundError", 1),
        ("raise SystemExit(0)", FailureKind.EXCEPTION, "SystemExit", 1),
        ("while True:\n    pass", FailureKind.TIMEOUT, "", None),
        ("x = [0] * 10**9", FailureKind.MEMORY, "MemoryError", 1),
        ("print('x' * 3000)", FailureKind.OUTPUT, "", None),
        ("import os\nos._exit(0)", FailureKind.CRASHED, "", None),
    ],
)
def test_a_module_that_fails_is_called_no_more(
    box: Sandbox, code: str, kind: FailureKind, exception: str, line: int | None
) -> None:
    got = run(box, code, Call("f"))

    assert got.failure is not None
    assert (got.failure.kind, got.failure.exception, got.failure.line) == (kind, exception, line)
    assert got.calls == ()


def test_a_failed_call_does_not_prevent_the_next(box: Sandbox) -> None:
    code = """
import os, sys
def fine(x):
    return x
def raises():
    return {}["key"]
def helper(x):
    return 1 / x
def deep():
    return helper(0)
def leaves():
    sys.exit(3)
def ends():
    os._exit(0)
def hangs():
    while True:
        pass
def hoards():
    return [0] * 10**9
def prints():
    print("x" * 5000)
def many():
    return list(range(600_000))
def itself():
    x = []
    x.append(x)
    return x
def recurses():
    return recurses()
"""
    calls = [
        "raises",
        "deep",
        "leaves",
        "ends",
        "hangs",
        "hoards",
        "prints",
        "many",
        "itself",
        "recurses",
        "nothing",
    ]

    got = run(box, code, *(part for name in calls for part in (Call(name), Call("fine", (name,)))))

    found = [call.failure for call in got.calls[::2]]
    assert [(f.kind.value, f.exception, f.line) for f in found if f] == [
        ("exception", "KeyError", 6),
        ("exception", "ZeroDivisionError", 8),
        ("exception", "SystemExit", 12),
        ("crashed", "", None),
        ("timeout", "", None),
        ("memory", "MemoryError", 19),
        ("output", "", None),
        ("output", "", None),
        ("not_plain", "", None),
        ("exception", "RecursionError", 29),
        ("no_function", "", None),
    ]
    assert [call.value for call in got.calls[1::2]] == calls
    assert got.calls[12].stdout == "x" * 2000


def test_more_calls_than_a_socket_holds_do_not_wait_to_be_sent(box: Sandbox) -> None:
    # A write that waits for a program that is at work is time that nobody counts.
    code = "import sys, time\ntime.sleep(0.2)\ndef f(x):\n    time.sleep(60)"
    limits = Limits(seconds=0.4, total_seconds=0.8)

    start = time.monotonic()
    got = run(box, code, *[Call("f", (n,)) for n in range(600)], limits=limits)
    alone = run(box, code, *[Call("f", (n,)) for n in range(10)], limits=limits)

    assert {c.failure.kind for c in got.calls + alone.calls} == {FailureKind.TIMEOUT}
    assert len(got.calls) == 600
    assert time.monotonic() - start < 60  # 600 calls of 0.4 s would be 240


def test_when_the_total_time_is_up_the_calls_left_say_so(box: Sandbox) -> None:
    limits = Limits(seconds=0.3, total_seconds=0.5)

    got = run(box, "def f():\n    while True:\n        pass", *[Call("f")] * 5, limits=limits)

    assert [call.failure and call.failure.kind for call in got.calls] == [FailureKind.TIMEOUT] * 5
    assert got.calls[-1].failure is not None
    assert got.calls[-1].failure.message == "the total time is up"


def test_a_busy_machine_is_not_held_against_a_program() -> None:
    # About 0.25 s of work within 0.4 s, twice, on one processor that eight others keep busy.
    code = (
        "import time\ndef f():\n    while time.process_time() < 0.25:\n        pass\n    return 1\n"
        "def g():\n    while time.process_time() < 0.5:\n        pass\n    return 2"
    )
    with Sandbox(engines=("cpython",)) as box:
        run(box, code)
        processor = {min(os.sched_getaffinity(0))}
        os.sched_setaffinity(processes(box)[0], processor)
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
        try:
            for process in busy:
                os.sched_setaffinity(process.pid, processor)
            got = run(box, code, Call("f"), Call("g"), limits=Limits(seconds=0.4, total_seconds=60.0))
        finally:
            for process in busy:
                process.kill()
                process.wait()
    assert [(call.value, call.failure) for call in got.calls] == [(1, None), (2, None)]


def test_messages_are_cut(box: Sandbox) -> None:
    found = failure(box, "raise type('E' * 1000, (Exception,), {})('m' * 10_000)")

    assert (len(found.exception), len(found.message)) == (200, 2000)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [("9**9**9**9", FailureKind.TIMEOUT), ("sorted([S(), S()])", FailureKind.TIMEOUT),
     ("__import__('re').match('(x+x+)+y', 'x' * 60)", FailureKind.TIMEOUT),
     ("__import__('time').sleep(100)", FailureKind.TIMEOUT), ("sum(range(10**12))", FailureKind.TIMEOUT)],
)  # fmt: skip
def test_deadlines_end_what_never_looks_at_a_clock(box: Sandbox, expression: str, kind: FailureKind) -> None:
    code = (
        f"class S:\n    def __lt__(self, other):\n        while True: pass\ndef f():\n    return {expression}"
    )

    assert failure(box, code, Call("f")).kind is kind


def test_large_arguments_and_replies_do_not_hold_each_other_up(box: Sandbox) -> None:
    big = "x" * 3_000_000
    calls = [Call("echo", (value,)) for value in (big, 1, big, "y" * 20_000, 2, big)]

    got = run(box, "import heapq\n" + ECHO, *calls, limits=Limits())

    assert [call.value for call in got.calls] == [call.args[0] for call in calls]


# ---- scripts ----


def test_a_script_reads_standard_input_in_every_way(box: Sandbox) -> None:
    code = """
import os, sys
if __name__ == "__main__":
    first = input()
    second = sys.stdin.readline()
    print(first, second.strip(), sys.stdin.read().split())
    sys.stdout.write("written\\n")
    sys.stdout.flush()
    os.write(1, b"bytes\\n")
    exit()
"""
    got = box.run(Program(code, stdin="one\ntwo ü\n3 4\n"), QUICK)

    assert (got.failure, got.stdout) == (None, "one two ü ['3', '4']\nwritten\nbytes\n")
    assert box.run(Program("print(open(0).read() * 2)", stdin="x"), QUICK).stdout == "xx\n"
    assert box.run(Program("input()", stdin=""), QUICK).failure == Failure(
        FailureKind.EXCEPTION, "EOFError", "EOF when reading a line", 1
    )
    assert box.run(Program("import sys\nsys.exit(1)", stdin=""), QUICK).failure is not None
    assert failure(box, "input()").exception == "EOFError"  # no input was given, and the host's is not there


def test_a_large_input_and_no_reader_do_not_hold_anyone(box: Sandbox) -> None:
    got = box.run(Program("print('done')", stdin="x" * 10_000_000), QUICK)

    assert got.stdout == "done\n"


# ---- sessions ----


def test_a_session_is_called_one_call_at_a_time(box: Sandbox) -> None:
    with box.session("n = 0\ndef up():\n    global n\n    n += 1\n    return n", QUICK) as session:
        assert [session.call(Call("up")).value for _ in range(3)] == [1, 2, 3]
        assert session.engine == "monty"
        found = session.call(Call("nothing"))
        assert found.failure is not None
        assert found.failure.kind is FailureKind.NO_FUNCTION
        assert session.engine == "cpython"
        assert session.call(Call("up")).value == 4  # the calls before were made once more


def test_sessions_can_be_held_side_by_side(box: Sandbox) -> None:
    with Sandbox(concurrency=1) as narrow:
        opened = [narrow.session(f"import heapq\ndef f():\n    return {n}").__enter__() for n in range(6)]
        opened += [narrow.session(f"def f():\n    return {n}").__enter__() for n in range(6, 12)]
        assert [session.call(Call("f")).value for session in opened] == list(range(12))
        for session in opened:
            session.__exit__(None, None, None)


# ---- which engine ----


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    return reversed(x)",
        "def f(x):\n    return map(str, x)[0]",
        "def f(x):\n    m = zip(x, x)\n    return list(m) + list(m)",
        "def f(x):\n    g = (i for i in x)\n    return g",
        "def f(x):\n    return list(set(x))",
        "def f(x):\n    return [y for y in {3, 1, 2}]",
        "def f(x):\n    seen = set()\n    seen.add(3)\n    for y in seen:\n        return y",
        "def f(x):\n    for i, y in enumerate(x):\n        x.pop()\n    return x",
        "def f(x):\n    return round(x, 2)",
        "def f(x):\n    return hash(x)",
        "def f(x):\n    return f'{list(set(x))}'",
        "def f(x):\n    return any(x.append(1) for y in x)",
        "if __name__ == '__main__':\n    x = 1",
        "def repr(x):\n    return '1'",
        "class A:\n    def __repr__(self):\n        return '1'",
        "def f(x):\n    yield x",
        "def f():\n    return 'ü'",
        "def f(x):\n    return x.find('', 5)",
        "def f(x):\n    return x.count(g(x), 1)",
        "def f(x):\n    try:\n        return x[9]\n    except IndexError as e:\n        return str(e)",
        "def f(x):\n    return x is x + 0",
        "import re\ndef f(x):\n    return re.findall('a*', x)",
        "import math\ndef f(x):\n    return math.cbrt(x)",
        "def f(x: List[int]):\n    return x",
        "def f(x) -> Foo:\n    return x",
        "from typing import List\ndef f(x: Dict[str, int]):\n    return x",
        "from typing import Nothing\ndef f(x):\n    return x",
        "from typing import List\ndef f(x: List[int, str]):\n    return x",
        "def f(x: str[int]):\n    return x",
        "def f(x: 'Foo' | None):\n    return x",
        "x: Foo = 1\ndef f():\n    return x",
        "class A:\n    x: Foo = 1\ndef f():\n    return 1",
        "def f[T](x: T) -> T:\n    return x",
        "type X = int\ndef f(x):\n    return x",
        "def f(x):\n    return f'{'x'}'",
        "def f(x):\n    return f\"{'\\n'.join(x)}\"",
        "def f(x):\n    try:\n        return x\n    except ValueError, TypeError:\n        return 1",
        "def f(x):\n\tif x:\n        return x",
        "def f(x):\n    return [x := y for y in x]",
        "def f(x):\n    return x\nreturn 1",
        "s = set()\n" * 20_000,
    ],
)
def test_what_monty_would_do_otherwise_it_does_not_get(code: str) -> None:
    assert not fit_for_monty(code)


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    return [y * 2 for y in x]",
        "def f(x):\n    return list(map(str, x))",
        "def f(x):\n    return sum(y for y in x if y > 0)",
        "def f(x):\n    out = []\n    for i, y in enumerate(x):\n        out.append(i * y)\n    return out",
        "def f(x):\n    return len(set(x))",
        "def f(x):\n    s = set()\n    for y in x:\n        s.add(y)\n    return len(s)",
        "def f(x):\n    # a set of map and zip\n    return 'hash(round)'",
        "def f(x):\n    return ''.join(c for c in x if c.isalpha())",
        "def f(x):\n    return x.startswith(('a', 'b')) and x.find('c') is None",
        "def f(x):\n    try:\n        return x[9]\n    except (IndexError, KeyError):\n        return 0",
        "def f(x: list[dict[str, tuple[int, ...]]] | None, *y, z: 'Any' = 3) -> int:\n    return x",
        "from typing import List, Optional\ndef f(x: Optional[List['str']] = None) -> List:\n    return x",
    ],
)
def test_small_programs_go_to_monty(box: Sandbox, code: str) -> None:
    assert fit_for_monty(code)


def test_the_engines_agree_where_both_may_run(box: Sandbox) -> None:
    # What monty does otherwise (a list where CPython has an iterator) must come out as CPython has it.
    code = "def f(x):\n    m = map(str, x)\n    return [list(m), list(m)]"

    assert run(box, code, Call("f", ([1, 2],))).calls[0].value == [["1", "2"], []]
    assert failure(box, "def f(x):\n    return reversed(x)", Call("f", ([1],))).kind is FailureKind.NOT_PLAIN
    assert run(box, "def f():\n    return round(2.675, 2)", Call("f")).calls[0].value == 2.67


# ---- where there is no isolation ----


def test_without_an_engine_nothing_is_run() -> None:
    with Sandbox(engines=()) as nothing:
        for ask in (
            lambda: nothing.run(Program("x = 1")),
            lambda: nothing.invoke("math:sqrt", 4, deadline=1.0),
            lambda: nothing.session("x = 1").__enter__(),
        ):
            with pytest.raises(ConfigError, match="sml-gym doctor"):
                ask()


def test_without_the_worker_what_monty_cannot_run_is_refused() -> None:
    with Sandbox(engines=("monty",)) as monty:
        assert monty.run(Program(ECHO, (Call("echo", (1,)),))).calls[0].value == 1
        for code in ("import heapq", "x = 1 / 0", "while True:\n    pass"):
            with pytest.raises(ConfigError, match="sml-gym doctor"):
                monty.run(Program(code), QUICK)
        with pytest.raises(ConfigError, match="sml-gym doctor"):
            monty.invoke("math:sqrt", 4, deadline=1.0)
        with pytest.raises(ConfigError, match="sml-gym doctor"):
            monty.preload("math")


WITHOUT_SECCOMP = """
# This process and all that it starts live, from here on, on a kernel that has no seccomp.
import ctypes, struct, sys
from sml_gym.sandbox import _confine
number = _confine._SECCOMP[_confine.architecture()]
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(program)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, header, 0, 0) == 0
"""


def test_on_a_kernel_without_seccomp_the_worker_refuses() -> None:
    code = (
        WITHOUT_SECCOMP
        + """
from sml_gym.errors import ConfigError
from sml_gym.sandbox import *
box = Sandbox()
assert box.run(Program("def f():\\n    return 1", (Call("f"),))).calls[0].value == 1
program = Program("import os\\nos._exit(7)")
for ask in (lambda: box.run(program), lambda: box.invoke("os:_exit", 7, deadline=5.0)):
    try:
        ask()
    except ConfigError as exc:
        print(exc)
from sml_gym.cli.main import main
print(main(["doctor", "--engines", "cpython"]), main(["doctor"]))
"""
    )
    bare = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert bare.stderr == ""
    assert bare.stdout.count("the kernel takes no seccomp filters") >= 2
    assert bare.stdout.count("sml-gym doctor") >= 2
    assert "by monty alone" in bare.stdout
    assert bare.stdout.endswith("1 0\n")


def test_without_landlock_nothing_at_all_can_be_opened() -> None:
    with Sandbox(engines=("cpython",), landlock=False) as box:
        assert (
            run(box, "import heapq, json, re, dataclasses\n" + ECHO, Call("echo", (1,))).calls[0].value == 1
        )
        for path in ("/etc/passwd", os.__file__, "/dev/null", "/proc/self/maps"):
            assert failure(box, f"open({path!r})").exception == "PermissionError"
        assert failure(box, "import tomllib").exception in (
            "ImportError",
            "ModuleNotFoundError",
            "PermissionError",
        )


def test_the_standard_library_can_be_imported_and_nothing_else(box: Sandbox) -> None:
    assert run(box, "import tomllib, wsgiref.util, xml.dom.minidom").failure is None
    assert failure(box, "import pytest").exception == "ModuleNotFoundError"
    assert failure(box, f"open({pytest.__file__!r})").exception == "PermissionError"


@pytest.mark.parametrize("engines", ["monty", "cpython", "monty,cpython"])
def test_doctor_tries_what_it_reports(engines: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--engines", engines]) == 0

    said = capsys.readouterr().out
    assert "Students' code can be run" in said
    assert said.count("prevented") >= 12 * len(engines.split(","))
    assert "not prevented" not in said


def test_doctor_says_so_where_code_cannot_be_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--engines", "[]"]) == 1
    assert "not run at all" in capsys.readouterr().out
    assert main(["doctor", "--engines", "docker"]) == 2


# ---- trusted functions on data that are not ----


def test_a_module_that_answers_to_any_name_does_not_confuse_it(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Namespace(types.ModuleType):  # as `torch.classes` is one
        def __getattr__(self, name: str) -> object:
            return object()

    monkeypatch.setitem(sys.modules, "odd_namespace", Namespace("odd_namespace"))
    with Sandbox(engines=("cpython",)) as fresh:
        assert fresh.invoke("json:loads", "[1]", deadline=5.0) == [1]


def test_a_trusted_function_is_called_in_isolation(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")

    assert box.invoke("json:loads", "[1, 2.5, null]", deadline=5.0) == [1, 2.5, None]
    assert box.invoke("os.path:basename", "/a/b", deadline=5.0) == "b"
    with pytest.raises(WorkerRaised, match="PermissionError"):
        box.invoke("os:listdir", str(tmp_path), deadline=5.0)
    refusals: set[str] = set()
    for function, args in (
        ("os:mkdir", [str(tmp_path / "new")]),
        ("os:fork", []),
        ("os:system", ["true"]),
        ("os:kill", [os.getpid(), 0]),
        ("socket:create_server", [["127.0.0.1", 0]]),
        ("linecache:getline", [str(tmp_path / "secret"), 1]),
    ):
        try:
            assert box.invoke(function, *args, deadline=5.0) in (
                "",
                -1,
                127 << 8,
            )  # the last is that of a shell that never ran
        except WorkerRaised as exc:
            refusals.add(exc.kind)
    assert refusals == {"PermissionError"}
    assert os.listdir(tmp_path) == ["secret"]
    assert box.invoke("linecache:getline", pytest.__file__, 1, deadline=5.0)  # an installed package


def test_an_invocation_ends(box: Sandbox) -> None:
    with pytest.raises(DeadlineExceeded):
        box.invoke("time:sleep", 100, deadline=0.2)
    with pytest.raises(DeadlineExceeded):
        box.invoke("builtins:eval", "9**9**9**9", deadline=0.2)
    with pytest.raises(WorkerLost):
        box.invoke("os:_exit", 0, deadline=5.0)
    with pytest.raises(WorkerRaised, match="ZeroDivisionError"):
        box.invoke("operator:truediv", 1, 0, deadline=5.0)
    with pytest.raises(WorkerRaised, match="MemoryError"):
        box.invoke("operator:mul", "x", 10**11, deadline=5.0)
    with pytest.raises(WorkerRaised, match="No module named"):
        box.invoke("no_such_module:f", deadline=5.0)
    with pytest.raises(WorkerRaised, match="AttributeError"):
        box.invoke("math:no_such_function", deadline=5.0)
    assert box.invoke("math:sqrt", 9, deadline=5.0) == 3.0


def test_modules_are_imported_once_and_ahead(box: Sandbox) -> None:
    box.preload("fractions", "decimal")

    assert box.invoke("math:gcd", 4, 6, deadline=5.0) == 2
    with pytest.raises(WorkerRaised, match="No module named"):
        box.preload("no_such_module")


# ---- processes ----


def processes(box: Sandbox) -> list[int]:
    """The zygote and its children."""
    pid = box._cpython.zygote("programs").pid
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition: Callable[[], bool]) -> bool:
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_killed_zygote_is_replaced(box: Sandbox) -> None:
    first = run(box, "import heapq\n" + ECHO, Call("echo", (1,)))
    os.kill(processes(box)[0], signal.SIGKILL)

    assert run(box, "import heapq\n" + ECHO, Call("echo", (1,))) == first


def test_a_zygote_that_dies_in_the_middle_is_no_verdict() -> None:
    with Sandbox(engines=("cpython",)) as box, box.session("def f():\n    return 1") as session:
        zygote, child = processes(box)
        os.kill(zygote, signal.SIGKILL)
        assert until(lambda: not alive(child))
        assert session.call(Call("f")).value == 1  # a new one ran the module again


def test_children_that_are_killed_from_outside_are_no_verdict() -> None:
    with (
        Sandbox(engines=("cpython",)) as box,
        box.session("import time\ndef f():\n    time.sleep(5)") as session,
    ):
        stop = threading.Event()

        def kill() -> None:
            while not stop.wait(0.01):
                for pid in processes(box)[1:]:
                    os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            with pytest.raises(VerifierError):
                session.call(Call("f"))
        finally:
            stop.set()
            killer.join()


def test_a_program_is_run_elsewhere_when_a_worker_of_monty_was_killed() -> None:
    def children() -> set[int]:
        tasks = Path("/proc/self/task").iterdir()
        return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}

    with Sandbox() as box:
        program = Program(ECHO, (Call("echo", (1,)),))
        before = children()
        assert box.run(program).engine == "monty"
        workers = children() - before
        assert workers
        for pid in workers:
            os.kill(pid, signal.SIGKILL)

        assert [box.run(program).calls[0].value for _ in range(3)] == [1, 1, 1]
        assert box.run(program).engine == "monty"


@pytest.mark.parametrize("ending", ["exit", "killed"])
def test_everything_ends_with_the_parent(ending: str) -> None:
    code = """
import sys, time
from pathlib import Path
from sml_gym.sandbox import *
box = Sandbox()
box.run(Program("def f():\\n    return 1", (Call("f"),)))
box.invoke("math:sqrt", 4, deadline=5.0)
session = box.session("import heapq").__enter__()
own = Path("/proc/self/task")
pids = [p for task in own.iterdir() for p in (task / "children").read_text().split()]
pids += [p for pid in pids for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
print(*pids, flush=True)
sys.stdin.read()
"""
    host = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert host.stdin is not None
    assert host.stdout is not None
    pids = list(map(int, host.stdout.readline().split()))
    assert len(pids) >= 4  # two zygotes, a child, a worker of monty
    assert all(map(alive, pids))

    if ending == "exit":
        host.stdin.close()
    else:
        host.kill()
    host.wait()

    assert until(lambda: not any(map(alive, pids)))
    host.stdout.close()
    host.stdin.close()


def test_a_busy_child_ends_with_a_parent_that_is_killed() -> None:
    code = """
import threading
from sml_gym.sandbox import *
box = Sandbox(engines=("cpython",))
box.run(Program("import heapq"))
print(box._cpython.zygote("programs").pid, flush=True)
box.run(Program("print('x')\\nwhile True: pass"), Limits(seconds=60, total_seconds=60))
"""
    host = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    zygote = int(host.stdout.readline())
    children = Path(f"/proc/{zygote}/task/{zygote}/children")
    assert until(lambda: bool(children.read_text().strip()))
    child = int(children.read_text().split()[0])

    host.kill()
    host.wait()

    assert until(lambda: not alive(zygote) and not alive(child))
    host.stdout.close()


def test_a_forked_child_has_processes_of_its_own(box: Sandbox) -> None:
    programs = [Program(ECHO, (Call("echo", (7,)),)), Program("import heapq\n" + ECHO, (Call("echo", (7,)),))]
    mine = [box.run(program).calls[0].value for program in programs]
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        well = False
        try:
            well = [box.run(program).calls[0].value for program in programs] == [7, 7]
            box.close()
        finally:
            os._exit(0 if well else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert [box.run(program).calls[0].value for program in programs] == mine == [7, 7]


def test_many_threads_share_a_sandbox(box: Sandbox) -> None:
    wrong: Counter[str] = Counter()

    def work(number: int) -> None:
        for step in range(12):
            start = "import heapq\n" if step % 2 else ""
            got = run(box, start + ECHO, Call("echo", ([number, step],)))
            wrong[got.engine] += got.calls[0].value != [number, step]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == {"monty": 0, "cpython": 0}
    assert until(lambda: len(processes(box)) == 1)


def test_a_closed_sandbox_takes_no_programs() -> None:
    box = Sandbox()
    run(box, "import heapq")
    pid = processes(box)[0]
    box.close()

    assert not alive(pid)
    for ask in (lambda: run(box, "x = 1"), lambda: box.invoke("math:sqrt", 4, deadline=1.0)):
        with pytest.raises(VerifierError, match="closed"):
            ask()


def test_the_shared_sandbox_is_one() -> None:
    assert shared_sandbox() is shared_sandbox()
