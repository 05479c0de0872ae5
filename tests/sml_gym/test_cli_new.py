"""`sml-gym new` writes a package that works as it is: installed, found by its entry point, its tests pass."""

import os
import subprocess
import sys

import pytest

import sml_gym
from sml_gym.cli.main import main
from sml_gym.cli.new import TEMPLATE

SECTIONS = [
    "Description",
    "Task",
    "What the student may say",
    "What the teacher knows and can say",
    "Rewards",
    "How it ends",
    "Options",
    "Ids",
    "Source and licence",
    "Yardsticks",
]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A new package and the folder that it is installed to."""
    folder = tmp_path_factory.mktemp("new") / "bird-songs"
    assert main(["new", "bird-songs", "--out", str(folder)]) == 0
    site = folder.parent / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index",
         "--disable-pip-version-check", "--target", str(site), str(folder)],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    return folder, site


def run(package, *arguments):
    folder, site = package
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=100
    )


def test_its_own_tests_pass_as_generated(package):
    done = run(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert done.returncode == 0 and "5 passed" in done.stdout, done.stdout + done.stderr


def test_it_is_found_like_any_other_domain(package):
    done = run(package, "-m", "sml_gym.cli.main", "validate", "--env", "BirdSongs-v0", "--n", "50")
    assert done.returncode == 0 and "Nothing wrong" in done.stdout, done.stdout + done.stderr


def test_nothing_of_the_template_s_name_is_left_and_the_card_has_its_sections(package):
    folder, _ = package
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".py", ".md", ".toml"):
            text = path.read_text()
            assert not any(name in text for name in ("my_domain", "my-domain", "MyDomain")), path
    card = (folder / "bird_songs" / "README.md").read_text()
    assert [line[3:] for line in card.splitlines() if line.startswith("## ")] == SECTIONS
    assert (folder / "bird_songs" / "py.typed").exists()
    for name in ("env.py", "families.py", "phrases.py", "README.md"):
        assert "Replace this" in (folder / "bird_songs" / name).read_text()


def test_the_template_is_part_of_the_package():
    assert TEMPLATE.is_relative_to(os.path.dirname(sml_gym.__file__))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("My Domain", "is no name for a package"),
        ("9lives", "is no name for a package"),
        ("../up", "is no name for a package"),
        ("a" * 41, "is no name for a package"),
        ("class", "means something to Python already"),
        ("json", "means something to Python already"),
        ("numpy", "is installed already"),
        ("sml-gym", "is installed already"),
    ],
)
def test_bad_names_are_refused(name, says, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["new", name, "--out", str(out)]) == 2
    assert says in capsys.readouterr().err and not out.exists()


def test_an_existing_folder_is_not_touched(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bird-songs").mkdir()
    (tmp_path / "bird-songs" / "mine.txt").write_text("mine")
    assert main(["new", "bird-songs"]) == 2
    assert "there already and not empty" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "bird-songs").iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main(["new", "bird-songs", "--out", "."]) == 0
    assert (tmp_path / "empty" / "bird_songs" / "env.py").exists()
    assert not (tmp_path / "empty.new").exists()
    assert main(["new"]) == 2
    assert "One name is wanted, not 0" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["new", "bird-songs", "--out", str(tmp_path / "file" / "inside")]) == 2
    assert "Cannot write to" in capsys.readouterr().err
