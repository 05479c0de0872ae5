"""Deadlines that end: workers are killed, replaced, isolated, and gone with their parent."""

import json
import os
import signal
import struct
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from sml_gym import _worker_main
from sml_gym.workers import DeadlineExceeded, WorkerLost, WorkerPool, WorkerRaised, shared_pool

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers need POSIX")


@pytest.fixture
def pool():
    with WorkerPool(1) as made:
        yield made


def is_running(pid):
    """Whether a process exists and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds=20.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.01)


def test_a_call_gives_the_functions_result(pool):
    assert pool.call("operator:add", 2, 3, deadline=5) == 5
    assert pool.call("json:loads", '{"a": [1, null, "\\ud800"]}', deadline=5) == {"a": [1, None, "\ud800"]}


def test_nothing_is_started_before_the_first_call(pool):
    assert pool.pids == []
    pool.call("operator:add", 2, 3, deadline=5)
    assert len(pool.pids) == 1


def test_a_worker_serves_many_calls(pool):
    assert len({pool.call("os:getpid", deadline=5) for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("function", "args"),
    [("time:sleep", [60]), ("builtins:pow", [9, 9**10])],
    ids=["a call that sleeps", "a call that holds the interpreter"],
)
@pytest.mark.timeout(30)
def test_a_deadline_kills_the_worker_and_a_new_one_answers(pool, function, args):
    first = pool.call("os:getpid", deadline=5)
    with pytest.raises(DeadlineExceeded, match=function):
        pool.call(function, *args, deadline=0.2)
    assert not is_running(first)
    second = pool.call("os:getpid", deadline=5)
    assert second != first


@pytest.mark.timeout(30)
def test_the_replacement_is_started_without_a_further_call(pool):
    with pytest.raises(DeadlineExceeded):
        pool.call("time:sleep", 60, deadline=0.1)
    wait_until(lambda: len(pool.pids) == 1)


@pytest.mark.timeout(30)
def test_what_a_worker_started_dies_with_it(pool, tmp_path):
    note = tmp_path / "pid"
    with pytest.raises(DeadlineExceeded):
        pool.call("subprocess:call", ["sh", "-c", f"echo $$ > {note}; exec sleep 60"], deadline=1.0)
    wait_until(lambda: not is_running(int(note.read_text())))


def test_the_clock_starts_when_the_work_starts(tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(1.5)\ndef answer(): return 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    with WorkerPool(1) as pool:
        assert pool.call("slow_to_import:answer", deadline=1.0) == 42


def test_a_function_that_never_gets_imported_is_given_up(tmp_path, monkeypatch):
    (tmp_path / "never_imported.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with WorkerPool(1, start_deadline=1.0) as pool, pytest.raises(WorkerLost, match="too long to import"):
        pool.call("never_imported:answer", deadline=1.0)


def test_an_exception_is_reported_and_the_worker_lives(pool):
    before = pool.call("os:getpid", deadline=5)
    with pytest.raises(WorkerRaised) as caught:
        pool.call("operator:truediv", 1, 0, deadline=5)
    assert caught.value.kind == "ZeroDivisionError"
    assert "division by zero" in caught.value.message
    assert pool.call("os:getpid", deadline=5) == before


@pytest.mark.parametrize("function", ["no_such_module:f", "math:no_such_function"])
def test_a_function_that_is_not_there_is_named(pool, function):
    with pytest.raises(WorkerRaised, match="no_such"):
        pool.call(function, deadline=5)


def test_a_result_that_is_no_json_is_an_exception(pool):
    with pytest.raises(WorkerRaised, match="TypeError"):
        pool.call("builtins:object", deadline=5)


@pytest.mark.timeout(30)
def test_a_worker_that_dies_is_tried_once_more_and_then_given_up(pool):
    with pytest.raises(WorkerLost, match="signal 6"):
        pool.call("os:abort", deadline=5)
    assert pool.call("operator:add", 1, 1, deadline=5) == 2


@pytest.mark.timeout(30)
def test_a_worker_that_died_between_calls_is_not_noticed_by_the_caller(pool):
    victim = pool.call("os:getpid", deadline=5)
    os.kill(victim, signal.SIGKILL)
    assert pool.call("operator:add", 1, 1, deadline=5) == 2


def test_prints_do_not_get_between_the_messages(pool):
    assert pool.call("builtins:print", "x" * 10_000, deadline=5) is None
    assert pool.call("os:system", "echo noise; echo noise >&2", deadline=5) == 0
    assert pool.call("operator:add", 1, 1, deadline=5) == 2


def test_a_called_function_cannot_read_the_requests(pool):
    with pytest.raises(WorkerRaised, match="EOFError"):
        pool.call("builtins:input", deadline=5)
    assert pool.call("operator:add", 1, 1, deadline=5) == 2


def test_memory_is_bounded():
    with WorkerPool(1, memory_bytes=2**29) as pool:
        with pytest.raises(WorkerRaised, match="MemoryError"):
            pool.call("operator:mul", "x", 2**30, deadline=10)
        assert pool.call("resource:getrlimit", 4, deadline=5)[1] == 0  # RLIMIT_CORE


@pytest.mark.timeout(60)
def test_threads_share_a_pool():
    results = {}
    with WorkerPool(2) as pool:

        def work(k):
            results[k] = [pool.call("operator:mul", k, n, deadline=10) for n in range(20)]

        threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(pool.pids) <= 2
    assert results == {k: [k * n for n in range(20)] for k in range(6)}


@pytest.mark.timeout(60)
def test_warm_starts_a_worker_with_its_imports(pool):
    pool.warm("colorsys")
    wait_until(lambda: len(pool.pids) == 1)
    assert pool.call("colorsys:rgb_to_hsv", 0, 0, 0, deadline=5) == [0.0, 0.0, 0]


def test_close_leaves_no_process_and_takes_no_call():
    pool = WorkerPool(2)
    pid = pool.call("os:getpid", deadline=5)
    pool.close()
    assert not is_running(pid)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)  # not even a zombie
    with pytest.raises(WorkerLost, match="closed"):
        pool.call("operator:add", 1, 1, deadline=5)


@pytest.mark.timeout(60)
def test_a_forked_child_has_workers_of_its_own(pool):
    ours = pool.call("os:getpid", deadline=5)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - runs in the child
        try:
            os.write(write, str(pool.call("os:getpid", deadline=5)).encode())
            pool.close()
        finally:
            os._exit(0)
    os.close(write)
    theirs = os.read(read, 100).decode()
    os.close(read)
    os.waitpid(child, 0)
    assert theirs.isdigit()
    assert int(theirs) != ours
    assert pool.call("os:getpid", deadline=5) == ours


PARENT = """
    import sys, threading, time
    from sml_gym.workers import WorkerPool
    pool = WorkerPool(1)
    print(pool.call("os:getpid", deadline=5), flush=True)
    if sys.argv[1] == "busy":
        threading.Thread(target=pool.call, args=("builtins:pow", 9, 9**10), kwargs={"deadline": 60}).start()
        time.sleep(0.5)
        print("busy", flush=True)
    if sys.argv[1] != "ends":
        time.sleep(60)
"""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_workers_die_with_a_parent_that_is_killed(state):
    command = [sys.executable, "-c", textwrap.dedent(PARENT), state]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        if state == "busy":
            assert parent.stdout.readline() == "busy\n"
        parent.kill()
    wait_until(lambda: not is_running(worker))


@pytest.mark.timeout(60)
def test_workers_end_with_a_parent_that_ends():
    command = [sys.executable, "-c", textwrap.dedent(PARENT), "ends"]
    worker = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert not is_running(worker)


@pytest.mark.timeout(60)
def test_a_call_that_nobody_is_left_to_kill_ends_by_itself():
    # Spoken to directly, with a deadline so far in the past that the worker's own limit is near.
    request = json.dumps({"id": 1, "function": "time:sleep", "args": [60], "deadline": -4.5}).encode()
    command = [
        sys.executable,
        "-P",
        _worker_main.__file__,
        str(os.getpid()),
        str(2**31),
        json.dumps(sys.path),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as worker:
        worker.stdin.write(struct.pack(">I", len(request)) + request)
        worker.stdin.flush()
        assert worker.wait() == -signal.SIGALRM


def test_the_shared_pool_is_one_per_process():
    assert shared_pool() is shared_pool()


def test_a_pool_needs_a_worker():
    with pytest.raises(ValueError, match="at least 1"):
        WorkerPool(0)
