"""`sml-gym new`: a package with a domain that works, to be made one's own."""

from __future__ import annotations

import importlib.util
import keyword
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from sml_gym.cli.options import Command
from sml_gym.errors import ConfigError
from sml_gym.registration import env_ids

TEMPLATE = Path(__file__).parent.parent / "templates" / "domain"

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST = 40


@dataclass(frozen=True)
class NewOptions:
    """What to write, and where.

    Attributes:
        name: the package's name, such as my-domain.
        out: the folder to write it to; null: the name, in the folder one is in.
    """

    name: list[str] = field(default_factory=list)
    out: str | None = None


@dataclass(frozen=True)
class Names:
    """What a new package's parts are called."""

    distribution: str
    module: str
    class_: str

    @property
    def env_id(self) -> str:
        """The id of its environment."""
        return f"{self.class_}-v0"


def run(options: NewOptions) -> None:
    """Write the package and say what comes next."""
    if len(options.name) != 1:
        raise ConfigError(f"One name is wanted, not {len(options.name)}. Write: sml-gym new my-domain")
    names = check_name(options.name[0])
    folder = Path(options.out if options.out is not None else names.distribution)
    write_package(folder, names)
    print(f"{folder} holds the package {names.distribution} with {names.env_id}. It works as it is; try")
    print(f"  cd {folder} && pip install -e '.[dev]' && pytest")
    print("and then make it yours: its README says what to replace.")


def check_name(name: str) -> Names:
    """The names of a package. Raises `ConfigError` for one that is no name, or is taken."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise ConfigError(
            f"{name!r} is no name for a package. Take lower-case letters and digits in words joined by "
            f"hyphens, at most {_LONGEST}, such as my-domain."
        )
    parts = re.split("[-_]", name)
    names = Names("-".join(parts), "_".join(parts), "".join(part.capitalize() for part in parts))
    if keyword.iskeyword(names.module) or names.module in sys.stdlib_module_names or names.module == "tests":
        raise ConfigError(f"{names.module!r} means something to Python already. Take another name.")
    if importlib.util.find_spec(names.module) is not None:
        raise ConfigError(f"A package {names.module!r} is installed already. Take another name.")
    if names.env_id in env_ids():
        raise ConfigError(f"The id {names.env_id!r} is taken. Take another name.")
    return names


def write_package(folder: Path, names: Names) -> None:
    """Write the package to a folder that is not there yet, whole or not at all.

    Raises `ConfigError` if the folder holds something, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is there already and not empty. Choose another --out.")
    folder = folder.absolute()
    fresh = folder.with_name(f"{folder.name}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        for source in sorted(TEMPLATE.rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                target = fresh / _renamed(str(source.relative_to(TEMPLATE)), names)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(_renamed(source.read_text("utf-8"), names), "utf-8")
        if folder.exists():  # an empty one, in which one may be standing
            for part in fresh.iterdir():
                part.rename(folder / part.name)
            fresh.rmdir()
        else:
            fresh.rename(folder)
    except OSError as exc:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ConfigError(f"Cannot write to {folder}: {exc.strerror}. Choose another --out.") from exc


def _renamed(text: str, names: Names) -> str:
    return (
        text.replace("my_domain", names.module)
        .replace("my-domain", names.distribution)
        .replace("MyDomain", names.class_)
    )


COMMAND = Command(
    summary="Write a package with a domain of your own: class, entry point, card and test.",
    options=NewOptions,
    run=run,
    positional="name",
    example="sml-gym new my-domain --out packages/my-domain",
)
