"""The source tree as `setup.cfg` maps it: which file is which module, and what it imports."""

import ast
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Import:
    """One imported name: `from a.b import c` is module `a.b` and name `c`, `import a.b` has no name."""

    module: str
    name: str | None
    line: int
    at_import: bool    # carried out when the file is imported, not inside a function or for a type checker


@cache
def settings() -> ConfigParser:
    """Return `setup.cfg`."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def listed(section: str, option: str) -> list[str]:
    """Return the entries of a many-line option of `setup.cfg`."""
    lines = (line.strip() for line in settings()[section][option].splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def package_directories() -> dict[str, Path]:
    """Return the directory of each mapped package, as in `package_dir`."""
    pairs = (line.split("=") for line in listed("options", "package_dir"))
    return {package.strip(): ROOT / directory.strip() for package, directory in pairs}


@cache
def modules() -> dict[str, Path]:
    """Return the file of every module of the library by its import name, in order of name."""
    found = {}
    for package, directory in package_directories().items():
        for file in directory.rglob("*.py"):
            parts = file.relative_to(directory).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            found[".".join((package, *parts))] = file
    return dict(sorted(found.items()))


def imports(module: str, file: Path) -> list[Import]:
    """Return every import in `file`, those inside functions too, with relative ones made absolute."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    return list(_imports_below(tree, package, True))


def _imports_below(node: ast.AST, package: str, at_import: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, None, child.lineno, at_import) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            origin = _absolute(child, package)
            yield from (Import(origin, alias.name, child.lineno, at_import) for alias in child.names)
        else:
            deferred = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _for_type_checkers(child)
            yield from _imports_below(child, package, at_import and not deferred)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join(parts + ([node.module] if node.module else []))


def _for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
