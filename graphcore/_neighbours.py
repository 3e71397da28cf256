"""Finds `graphcore.ops`, `graphcore.session` and `graphcore.summaries` in a clone.

In the repository these three packages lie beside `graphcore/`; an installation puts them inside it.
Python that finds `graphcore/` in a clone (started there, or with the clone on `PYTHONPATH`) therefore
needs to be told where they are. `install()` adds one entry to `graphcore.__path__` and one path hook
that answers for that entry and for these three names only. The whole root on `__path__` would be
simpler and wrong: it makes `graphcore.tests` and `graphcore.graphcore` importable, each a second copy.

Because the entry is part of `__path__`, `pkgutil.walk_packages` lists the same modules in a clone as
in an installation, and the clone's own packages win over those of another installed copy.
"""

import os
import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location

NEIGHBOURS = ("ops", "session", "summaries")

# No file system entry has this name, so no other path hook claims it.
_MARK = "<beside>"


class NeighbourFinder:
    """Path entry finder for the packages that lie beside `package_directory`."""

    def __init__(self, package_directory: str):
        self.package_directory = package_directory

    def find_spec(self, fullname: str, target: object = None) -> ModuleSpec | None:
        """Return the spec of the neighbour called `fullname`, or None if it is not one."""
        parent, _, name = fullname.rpartition(".")
        if parent != __package__ or name not in neighbours_of(self.package_directory):
            return None
        directory = os.path.join(os.path.dirname(self.package_directory), name)
        return spec_from_file_location(
            fullname, os.path.join(directory, "__init__.py"), submodule_search_locations=[directory]
        )

    def iter_modules(self, prefix: str = "") -> list[tuple[str, bool]]:
        """Return (name, is a package) of each neighbour, for `pkgutil`."""
        return [(prefix + name, True) for name in neighbours_of(self.package_directory)]


def neighbours_of(package_directory: str) -> tuple[str, ...]:
    """Return the names of the packages that lie beside `package_directory` and not inside it."""
    root = os.path.dirname(package_directory)
    return tuple(name for name in NEIGHBOURS if _is_package(root, name) and not _is_package(package_directory, name))


def neighbour_hook(entry: str) -> NeighbourFinder:
    """Return the finder of an entry that `install` added to `__path__`; ImportError for any other entry."""
    directory, mark = os.path.split(entry)
    if mark != _MARK:
        raise ImportError(f"{entry!r} is not a {_MARK} entry of {__package__}.__path__")
    return NeighbourFinder(directory)


def install() -> None:
    """Make the neighbours importable; nothing changes where they are inside the package or already found."""
    search_path = sys.modules[__package__].__path__
    package_directory = os.path.dirname(os.path.abspath(__file__))
    entry = os.path.join(package_directory, _MARK)
    if entry in search_path or not neighbours_of(package_directory):
        return
    # Compared by name: a package imported anew after leaving `sys.modules` has a new function of the same meaning.
    if not any(getattr(hook, "__module__", None) == __name__ for hook in sys.path_hooks):
        sys.path_hooks.append(neighbour_hook)
    search_path.append(entry)


def _is_package(directory: str, name: str) -> bool:
    return os.path.isfile(os.path.join(directory, name, "__init__.py"))
