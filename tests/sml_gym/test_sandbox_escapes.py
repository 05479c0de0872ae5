"""Programs that try to get out of the sandbox, to harm it, or to be taken for right: none may succeed.

Each file of `tests/data/sandbox` is one program. Its docstring says what success would look like: it
returns the word ESCAPED or a secret of the host's, or leaves a mark on the host. It is called twice, and an
honest program comes after it.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sml_gym.sandbox import Call, Limits, Program, Sandbox, same
from sml_gym.sandbox.monty import MontyEngine, Unfit

PROGRAMS = sorted((Path(__file__).parents[1] / "data" / "sandbox").glob("*.py"))
LIMITS = Limits(seconds=0.4, total_seconds=1.0, memory_bytes=96 * 2**20)
HONEST = Program("def double(x):\n    return 2 * x", (Call("double", (21,)),))

# One of each kind runs every time; all of them run with the slow tests.
SAMPLE = {
    "read_secret", "read_traversal", "read_site_packages", "write_file", "proc_environ", "tcp_connect",
    "fork", "thread", "kill_host", "raw_clone3", "raw_io_uring", "raw_exec_memory", "raise_limit",
    "equal_to_everything", "equal_str", "patched_builtins", "exit_zero", "exit_hard", "search_frames",
    "search_environment", "reply_in_advance", "reply_with_same_ticket", "reply_lying_counts", "close_all",
    "destructor", "sleep", "loop_blocking_signals", "big_power", "memory_list", "recursion_in_c",
    "print_flood", "return_shared", "return_same_hashes", "parser", "fault_handler", "raw_beyond_32_bits",
}  # fmt: skip
ATTACKS = [pytest.param(p, id=p.stem, marks=() if p.stem in SAMPLE else pytest.mark.slow) for p in PROGRAMS]
# These can be run bare without harm, and must then succeed: else they would prove nothing.
HARMLESS = (
    "read_secret", "read_passwd", "read_os_open", "read_pathlib", "read_loader", "read_runpy",
    "import_by_path", "read_traversal", "read_dir_fd", "read_site_packages", "list_root", "list_folder",
    "read_device", "write_tempfile", "symlink", "mkdir", "proc_environ", "proc_maps", "proc_host",
    "proc_descriptors", "tcp_connect", "tcp_listen", "socket_pair", "fork", "subprocess", "popen", "thread",
    "executor", "kill_host", "alarm", "duplicate", "pipe", "memory_file", "event_descriptor", "raw_clone",
    "raw_exec_memory", "raw_memfd_exec", "raw_prctl_dumpable", "raw_landlock", "search_environment",
    "search_environment_low",
)  # fmt: skip


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """What there is to find on the host, and to leave marks on."""
    folder = tmp_path_factory.mktemp("host")
    secret = f"secret-{secrets.token_hex(8)}"
    (folder / "secret.txt").write_text(secret)
    (folder / "secret_module.py").write_text(f"SECRET = {secret!r}\n")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    os.environ["SML_GYM_TEST_SECRET"] = secret
    target = {
        "file": str(folder / "secret.txt"),
        "folder": str(folder),
        "module": str(folder / "secret_module.py"),
        "package": pytest.__file__,
        "port": listener.getsockname()[1],
        "pid": os.getpid(),
        "variable": "SML_GYM_TEST_SECRET",
    }
    yield SimpleNamespace(folder=folder, secret=secret, listener=listener, target=target)
    del os.environ["SML_GYM_TEST_SECRET"]
    listener.close()


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


def marks(host: SimpleNamespace) -> dict[str, Any]:
    """Everything on the host that a program could have changed."""
    try:
        connection = host.listener.accept()
    except BlockingIOError:
        connection = None
    return {
        "names": sorted(path.name for path in host.folder.iterdir() if path.name != "__pycache__"),
        "text": (host.folder / "secret.txt").read_text(),
        "mode": (host.folder / "secret.txt").stat().st_mode,
        "time": (host.folder / "secret.txt").stat().st_mtime,
        "connection": connection,
        "shared": os.path.exists("/dev/shm/sml-gym-escape"),
    }


def check(values: list[Any], wanted: str, host: SimpleNamespace) -> None:
    for value in values:
        assert not same(value, wanted)
        assert not any(word in repr(value) for word in ("ESCAPED", host.secret, wanted))


def attacked(program: Path, host: SimpleNamespace, wanted: str) -> Program:
    return Program(program.read_text(), (Call("attack", (host.target,)), Call("later", (wanted[-4:],))))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("program", ATTACKS)
def test_no_program_gets_out_of_the_cpython_worker(
    program: Path, host: SimpleNamespace, box: Sandbox
) -> None:
    before, wanted = marks(host), f"wanted-{secrets.token_hex(16)}"

    run = box.run(attacked(program, host, wanted), LIMITS, engine="cpython")

    check([run.stdout, run.failure], wanted, host)
    check([part for call in run.calls for part in (call.value, call.stdout, call.failure)], wanted, host)
    assert marks(host) == before
    assert box.run(HONEST, engine="cpython").calls[0].value == 42
    assert no_child_is_left(box)


@pytest.fixture(scope="module")
def closed_box() -> Iterator[Sandbox]:
    with Sandbox(engines=("cpython",), landlock=False) as box:
        yield box


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_no_program_gets_out_without_landlock_either(
    program: Path, host: SimpleNamespace, closed_box: Sandbox
) -> None:
    test_no_program_gets_out_of_the_cpython_worker(program, host, closed_box)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("program", ATTACKS)
def test_no_program_gets_out_of_monty(program: Path, host: SimpleNamespace, monty: MontyEngine) -> None:
    # Asked directly: the sandbox would hand most of them to CPython at once.
    before, wanted = marks(host), f"wanted-{secrets.token_hex(16)}"
    found: list[Any] = []

    with monty.session(program.read_text(), LIMITS) as session:
        try:
            found.append(session.start())
            for call in attacked(program, host, wanted).calls:
                found.append(session.call(call))
        except Unfit as exc:
            found.append(str(exc))

    check([part for part in found if "is not defined" not in str(part)], wanted, host)
    assert marks(host) == before
    with monty.session(HONEST.code, Limits()) as session:
        session.start()
        assert session.call(HONEST.calls[0]).value == 42


@pytest.fixture(scope="module")
def monty() -> Iterator[MontyEngine]:
    engine = MontyEngine()
    yield engine
    engine.close()


@pytest.mark.parametrize("name", HARMLESS)
def test_the_programs_succeed_where_nothing_holds_them(
    name: str, host: SimpleNamespace, tmp_path: Path
) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    for path in host.folder.iterdir():
        if path.is_file():
            (folder / path.name).write_text(path.read_text())
    target = {
        **host.target,
        "file": str(folder / "secret.txt"),
        "folder": str(folder),
        "module": str(folder / "secret_module.py"),
    }
    code = next(path for path in PROGRAMS if path.stem == name).read_text()
    script = f"{code}\n\nimport json\nprint(repr(attack(json.loads({json.dumps(target)!r}))))"
    bare = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, start_new_session=True
    )
    shown = ("ESCAPED", host.secret, "secret.txt")
    assert any(word in bare.stdout for word in shown) or bare.returncode == -14  # the alarm rang


def no_child_is_left(box: Sandbox) -> bool:
    pid = box._cpython.zygote("programs").pid
    for _ in range(200):
        if not Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return True
        time.sleep(0.02)
    return False
