from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikiagent.mine import requirements


def found(path: str, text: str) -> list[tuple[str, str, int]]:
    lines = tuple(textwrap.dedent(text).split("\n"))
    out = []
    for package, wish, place in requirements.read(path, lines):
        assert place.first == place.last
        assert 1 <= place.first <= len(lines)
        out.append((package, wish, place.first))
    return out


def test_only_set_up_files_at_the_root_are_read() -> None:
    assert found("docs/setup.py", "setup(install_requires=['a'])") == []
    assert found("README.md", "install_requires") == []


def test_setup_py_with_a_list_in_the_call() -> None:
    assert found(
        "setup.py",
        """\
        from setuptools import setup
        extras = {"test": ["pytest"]}
        setup(
            name="torch",
            python_requires=">=3.9.0",
            install_requires=[
                "numpy>=1.17,<3.0.0",  # not ["numpy==2"]
                "torch",
                # "old>=1",
            ],
            extras_require=extras,
        )
        """,
    ) == [("python", ">=3.9.0", 5), ("numpy", "numpy>=1.17,<3.0.0", 7), ("torch", "torch", 8)]


def test_setup_py_with_a_list_at_module_level() -> None:
    assert found(
        "setup.py",
        '''\
        """Release notes: `REQUIRED = ["transformers"]` comes first."""
        REQUIRED_PKGS = [
            # For locking (see [1])
            "filelock",
            'pyarrow>=21.0.0',
        ]
        TESTS_REQUIRE = ["pytest", "torch==2.0.1"]
        REQUIRED_PKGS += ["dill>=0.3.0"]
        REQUIRED_PKGS.append("xxhash")
        setuptools.setup(install_requires=REQUIRED_PKGS, extras_require={"tests": TESTS_REQUIRE})
        ''',
    ) == [
        ("filelock", "filelock", 4),
        ("pyarrow", "pyarrow>=21.0.0", 5),
        ("dill", "dill>=0.3.0", 8),
        ("xxhash", "xxhash", 9),
    ]


def test_setup_py_that_reads_its_requirements_from_elsewhere_says_nothing() -> None:
    assert found("setup.py", 'setup(install_requires=open("requirements.txt").read().split())') == []


def test_setup_py_with_a_condition() -> None:
    code = 'setup(install_requires=["a"] + (["b"] if sys.platform == "win32" else []))'
    assert [wish for _, wish, _ in found("setup.py", code)] == ["a", "b"]


def test_setup_cfg() -> None:
    assert found(
        "setup.cfg",
        """\
        [metadata]
        name = numpy
        [options.extras_require]
        fast = numpy>=2
        [options]
        python_requires = >=3.8
        install_requires =
            # numpy>=9
            numpy>=1.2
            tomli; python_version < "3.11"
        """,
    ) == [("python", ">=3.8", 6), ("numpy", "numpy>=1.2", 9), ("tomli", 'tomli; python_version < "3.11"', 10)]


PROJECT = """\
[build-system]
requires = ["numpy>=1.20", "setuptools"]  # requires-python is below
[project]
name = "numpy-tools"
requires-python = ">=3.10"
keywords = ["torch>=2"]
dependencies = [
  # "torch>=2" was here
  "numpy>=1.20",
  "fsspec[http]>=2023.1",
  "torch>=2",
  'tomli>=2 ; python_version < "3.11"',
  "quoted; sys_platform == \\"win32\\"",
]
[project.optional-dependencies]
test = ["pytest", "numpy>=1.20"]
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pyproject_cites_the_line_inside_the_list(end: str) -> None:
    assert found("pyproject.toml", PROJECT.replace("\n", end)) == [
        ("python", ">=3.10", 5),
        ("numpy", "numpy>=1.20", 9),
        ("fsspec", "fsspec[http]>=2023.1", 10),
        ("torch", "torch>=2", 11),
        ("tomli", 'tomli>=2 ; python_version < "3.11"', 12),
        ("quoted", 'quoted; sys_platform == "win32"', 13),
    ]


def test_pyproject_with_a_name_that_begins_another() -> None:
    text = '[project]\ndependencies = [\n  "torch-geometric",\n  "torchvision",\n  "torch>=2",\n  "torch",\n]\n'
    assert [line for *_, line in found("pyproject.toml", text)] == [3, 4, 5, 6]


def test_pyproject_of_poetry() -> None:
    assert found(
        "pyproject.toml",
        """\
        [tool.poetry.group.dev.dependencies]
        numpy = "^1.20"
        [tool.poetry.dependencies]
        python = "^3.9"
        numpy = "^1.20"
        requests = {version = ">=2.1,<3", extras = ["socks"]}
        exact = "1.5"
        any = "*"
        torch = {version = "^2", optional = true}
        """,
    ) == [
        ("python", ">=3.9", 4),
        ("numpy", "numpy>=1.20", 5),
        ("requests", "requests>=2.1,<3", 6),
        ("exact", "exact==1.5", 7),
        ("any", "any", 8),
    ]


@pytest.mark.parametrize(
    "text",
    ["[project", "project = 3", "[project]\ndependencies = 3", "[project]\ndependencies = [1, 'not a requirement!']"],
)
def test_broken_pyproject_says_nothing(text: str) -> None:
    assert found("pyproject.toml", text) == []


@given(st.sampled_from(["setup.py", "setup.cfg", "pyproject.toml"]), st.text())
def test_never_raises(path: str, text: str) -> None:
    found(path, text)


EXTRAS = {
    "pyproject.toml": (
        '[project]\nname = "zoo"\n[project.optional-dependencies]\n'
        'lions = [\n    "lion>=2",\n    "cage",\n]\ntest = ["pytest"]\n'
    ),
    "setup.cfg": "[options.extras_require]\nlions =\n    lion>=2\n    cage\ndev =\n    ruff\n",
    "setup.py": 'extras = {}\nextras["lions"] = [\n    "lion>=2",\n    "cage",\n]\nextras["docs"] = ["x"]\nsetup()\n',
}


@pytest.mark.parametrize("path", EXTRAS)
def test_extras_for_users_are_read_and_those_for_developers_are_not(path: str) -> None:
    lines = tuple(EXTRAS[path].split("\n"))
    ((extra, wanted, place),) = requirements.extras(path, lines)
    assert (extra, wanted) == ("lions", ("lion>=2", "cage"))
    shown = "\n".join(lines[place.first - 1 : place.last])
    assert all(text in shown for text in wanted)
    assert len(place) == 2


def test_extras_that_are_lists_with_a_name() -> None:
    code = 'LIONS = [\n    "lion>=2",\n    "cage",\n]\nEXTRAS = {"lions": LIONS, "more": f()}\nsetup(extras=EXTRAS)'
    ((extra, wanted, place),) = requirements.extras("setup.py", tuple(code.split("\n")))
    assert (extra, wanted, place.first, place.last) == ("lions", ("lion>=2", "cage"), 2, 3)


def test_extras_passed_as_a_dictionary() -> None:
    text = 'setup(\n    extras_require={"lions": ["lion>=2"], "docs": ["x"]},\n    package_data={"zoo": ["a.txt"]},\n)'
    found = list(requirements.extras("setup.py", tuple(text.split("\n"))))
    assert [(extra, wanted, place.first) for extra, wanted, place in found] == [("lions", ("lion>=2",), 2)]


@pytest.mark.parametrize(("path", "text"), [("setup.cfg", "[broken"), ("pyproject.toml", "a = ["), ("a/setup.py", "x")])
def test_no_extras_where_a_file_is_broken_or_no_setup_file(path: str, text: str) -> None:
    assert list(requirements.extras(path, (text,))) == []
