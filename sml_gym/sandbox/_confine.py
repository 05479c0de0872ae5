"""Confining this process, for good: Landlock, a seccomp filter, limits, no capabilities.

Written with ctypes alone: the three Landlock calls, prctl, seccomp and capset are a few lines each, the one
binding of libseccomp on the package index needs the C library installed and was last released years ago,
and a filter of 50 rules is easier to judge here than behind a library.

The filter is a list of what is allowed; everything else is refused with EPERM, `clone3` with ENOSYS (glibc
then tries `clone`, which is refused). Another architecture, or the 32-bit numbers of this one, end the
process.

This file imports nothing of sml_gym: the confined process loads it by itself.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Sequence

# Names with their numbers on x86_64 and on aarch64 (None: there is none).
_ALLOWED = {
    # what every program does
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "lseek": (8, 62),
    "ftruncate": (77, 46),  # of what is open for writing: standard output
    "close": (3, 57),
    "fstat": (5, 80),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "brk": (12, 214),
    "madvise": (28, 233),
    "futex": (202, 98),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "restart_syscall": (219, 128),
    # who and when it is
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "sched_yield": (24, 124),
    "getcwd": (79, 17),
    # whether a file is there; what can be opened is Landlock's to say
    "newfstatat": (262, 79),
}
_DIRECTORIES = {"getdents64": (217, 61)}
_MMAP, _MPROTECT, _IOCTL, _FCNTL, _OPENAT, _CLONE3 = (
    (9, 222),
    (10, 226),
    (16, 29),
    (72, 25),
    (257, 56),
    (435, 435),
)
_PRCTL, _SECCOMP, _CAPSET = (157, 167), (317, 277), (126, 91)
_LANDLOCK = (444, 445, 446)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_PROT_EXEC, _MAP_ANONYMOUS = 4, 0x20
_TCGETS, _FIONCLEX, _FIOCLEX = 0x5401, 0x5450, 0x5451
_F_GETFD, _F_SETFD, _F_GETFL = 1, 2, 3
_X32_BIT = 0x40000000

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3


class Unconfined(Exception):
    """The kernel refused to confine this process. Nothing may be run in it."""


def architecture() -> int | None:
    """The column of this machine's system-call numbers, or None where there is none."""
    found = _ARCHITECTURES.get(platform.machine())
    return found[0] if found and struct.calcsize("P") == 8 and sys.byteorder == "little" else None


_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long


def _call(number: int, *arguments: object) -> int:
    """A system call; raises `OSError`."""
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result: int = _LIBC.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def landlock_abi() -> int:
    """The version of Landlock that the kernel offers; 0 for none."""
    try:
        return _call(_LANDLOCK[0], None, 0, 1)
    except OSError:
        return 0


def seccomp_available() -> bool:
    """Whether the kernel takes seccomp filters (asked without installing one)."""
    column = architecture()
    if column is None:
        return False
    try:
        _call(_SECCOMP[column], 1, 0, None)
    except OSError as exc:
        return exc.errno == errno.EFAULT  # it would have taken a filter that is there
    return False


def seccomp_filter(*, files: bool, libraries: bool) -> bytes:
    """The filter's program.

    Args:
        files: allow opening for reading (what may be opened is then Landlock's to say).
        libraries: allow mapping files as code, which loading a compiled module takes.
    """
    column = architecture()
    if column is None:
        raise Unconfined(f"there is no filter for {platform.machine()}")
    denied = _ERRNO | errno.EPERM
    rules: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _ARCHITECTURES[platform.machine()][1]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
    ]
    plain = {**_ALLOWED, **(_DIRECTORIES if files else {})}
    for numbers in plain.values():
        if (number := numbers[column]) is not None:
            rules += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    rules += _refuse_bits(_MPROTECT[column], 2, _PROT_EXEC, denied)
    rules += _mapping(_MMAP[column], libraries, denied)
    rules += _one_of(_IOCTL[column], 1, (_TCGETS, _FIOCLEX, _FIONCLEX), _ERRNO | errno.ENOTTY)
    rules += _one_of(_FCNTL[column], 1, (_F_GETFD, _F_SETFD, _F_GETFL), denied)
    if files:
        reading = os.O_CLOEXEC | os.O_DIRECTORY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_LARGEFILE | 0o100000
        rules += _refuse_bits(_OPENAT[column], 2, 0xFFFFFFFF & ~reading, _ERRNO | errno.EACCES)
    else:
        rules += [(_EQUAL, 0, 1, _OPENAT[column]), (_RETURN, 0, 0, _ERRNO | errno.EACCES)]
    rules += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    rules += [(_RETURN, 0, 0, denied)]
    return b"".join(struct.pack("HBBI", *rule) for rule in rules)


def _argument(index: int) -> tuple[int, int, int, int]:
    return (_LOAD, 0, 0, 16 + 8 * index)  # the low half, which holds all bits that mean something


def _refuse_bits(number: int, index: int, bits: int, refusal: int) -> list[tuple[int, int, int, int]]:
    """Allow a system call unless an argument has one of the bits."""
    return [
        (_EQUAL, 0, 4, number),
        _argument(index),
        (_ANY_BIT, 0, 1, bits),
        (_RETURN, 0, 0, refusal),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _one_of(number: int, index: int, values: Sequence[int], refusal: int) -> list[tuple[int, int, int, int]]:
    """Allow a system call if an argument is one of the values."""
    checks = [(_EQUAL, len(values) - position, 0, value) for position, value in enumerate(values)]
    return [
        (_EQUAL, 0, len(values) + 3, number),
        _argument(index),
        *checks,
        (_RETURN, 0, 0, refusal),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _mapping(number: int, libraries: bool, refusal: int) -> list[tuple[int, int, int, int]]:
    """Memory that is code: none, or only what comes from a file."""
    if not libraries:
        return _refuse_bits(number, 2, _PROT_EXEC, refusal)
    return [
        (_EQUAL, 0, 6, number),
        _argument(2),
        (_ANY_BIT, 0, 3, _PROT_EXEC),
        _argument(3),
        (_ANY_BIT, 0, 1, _MAP_ANONYMOUS),
        (_RETURN, 0, 0, refusal),
        (_RETURN, 0, 0, _ALLOW),
    ]


def landlock_ruleset(readable: Iterable[str]) -> int:
    """A ruleset that lets these files and folders be read and nothing else; its descriptor.

    Raises:
        Unconfined: without Landlock.
    """
    abi = landlock_abi()
    if abi < 1:
        raise Unconfined("the kernel has no Landlock")
    handled = (1 << 13) - 1
    handled |= (1 << 13 if abi >= 2 else 0) | (1 << 14 if abi >= 3 else 0) | (1 << 15 if abi >= 5 else 0)
    fields = [handled, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0]  # files; TCP; signals and abstract sockets
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _call(_LANDLOCK[0], ctypes.create_string_buffer(struct.pack("QQQ", *fields)), size, 0)
    for path in readable:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # what is not there need not be allowed
        rights = _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, descriptor))
        _call(_LANDLOCK[1], ruleset, 1, rule, 0)
        os.close(descriptor)
    # Out of the way of the descriptors that a child is given.
    high = fcntl.fcntl(ruleset, fcntl.F_DUPFD_CLOEXEC, 64)
    os.close(ruleset)
    return high


def die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent dies."""
    column = architecture()
    if column is None:
        raise Unconfined(f"no system calls are known for {platform.machine()}")
    _call(_PRCTL[column], 1, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def limit(*, memory_bytes: int, cpu_seconds: int, file_bytes: int, descriptors: int = 32) -> None:
    """Limits that the kernel holds; they can only be lowered afterwards."""
    for what, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, descriptors),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(what, (value, value))


class Confinement:
    """Everything prepared that one child after the other needs to confine itself quickly.

    Args:
        readable: files and folders that may be read. None: nothing can be opened at all, and Landlock is not
            needed.
        libraries: whether compiled modules may be loaded.
    """

    def __init__(self, readable: Iterable[str] | None, *, libraries: bool) -> None:
        self._column = architecture()
        if self._column is None:
            raise Unconfined(f"no system calls are known for {platform.machine()}")
        if not seccomp_available():
            raise Unconfined("the kernel takes no seccomp filters")
        self.ruleset = None if readable is None else landlock_ruleset(readable)
        program = seccomp_filter(files=readable is not None, libraries=libraries)
        self._program = ctypes.create_string_buffer(program, len(program))
        self._header = ctypes.create_string_buffer(
            struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(self._program))
        )

    def apply(self) -> None:
        """Confine this process. Raises `OSError` where the kernel refuses; then nothing may be run."""
        column = self._column
        assert column is not None
        _call(_PRCTL[column], 38, 1, 0, 0, 0)  # no new privileges
        _call(_PRCTL[column], 4, 0, 0, 0, 0)  # not dumpable: no other process looks in
        capabilities = struct.pack("Ii", 0x20080522, 0)
        _call(_CAPSET[column], ctypes.create_string_buffer(capabilities), ctypes.create_string_buffer(24))
        if self.ruleset is not None:
            _call(_LANDLOCK[2], self.ruleset, 0)
            os.close(self.ruleset)
        _call(_SECCOMP[column], 1, 0, self._header)
