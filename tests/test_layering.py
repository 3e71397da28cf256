"""Imports point down: the order of STYLE.md section 1, checked on the sources that `setup.cfg` maps."""

import sys

import pytest

from tests.sources import Import, imports, modules, package_directories

# Top first. A unit may import units of the lines below its own; units of one line do not import each other.
# `graphcore` is the package's own `__init__`: the public surface.
LAYERS = (
    ("__main__",),
    ("compat", "demo", "commands"),
    ("graphcore",),
    ("test",),
    ("app", "testing"),
    # Public namespaces: they give names to what lies below, and little else.
    ("audio", "bitwise", "contrib", "debugging", "dtypes", "examples", "flags", "gfile", "image", "initializers", "io", "linalg", "logging",
     "manip", "math", "python", "python_io", "random", "sets", "signal", "sparse", "spectral", "strings", "summary", "version"),
    ("keras",),
    ("layers", "train", "datasets"),
    ("nn", "losses", "data", "summaries"),
    ("autodiff", "interop", "drawing"),
    ("ops", "session"),
    ("core", "proto"),
    ("_neighbours", "_later"),
)
LINE = {unit: number for number, line in enumerate(LAYERS) for unit in line}

# Imported where they are used: each costs more than all of graphcore.
HEAVY = {
    "numba", "llvmlite", "tensorboard", "scipy", "google", "PIL", "matplotlib", "pandas", "sklearn", "tqdm", "h5py", "IPython",
}
# Modules for where loops are compiled: they may import what is heavy, and are heavy themselves.
COMPILING = ("graphcore.session.kernels.vector_", "graphcore.session.kernels.words", "graphcore.ops.kernels.compiled.",
             *(f"graphcore.session.native.{name}" for name in ("code", "expressions", "machine", "moving", "nests", "numbers", "products")))
# What core, which everything else stands on, may use besides the standard library.
CORE_LIBRARIES = {"numpy", "ml_dtypes", "threadpoolctl"}

MODULES = modules()
UNITS = {module.split(".")[1] for module in MODULES if "." in module}


def unit_of(module: str) -> str:
    """Return the unit that `module` belongs to: the second part of its name, or `graphcore` itself."""
    return module.split(".")[1] if "." in module else module


def unit_imported(entry: Import) -> str | None:
    """Return the unit that an import names, or None for another library."""
    if entry.module.split(".")[0] != "graphcore":
        return None
    if entry.module == "graphcore" and entry.name in UNITS:
        return entry.name
    return unit_of(entry.module)


def fault(importer: str, imported: str | None) -> str | None:
    """Return what is wrong with `importer` importing `imported`, or None."""
    if imported is None or imported == importer:
        return None
    if imported not in LINE:
        return f"{imported} has no place in LAYERS"
    if LINE[imported] > LINE[importer]:
        return None
    return f"{importer} imports {imported}, which is {'beside' if LINE[imported] == LINE[importer] else 'above'} it"


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    importer = unit_of(module)
    assert importer in LINE, f"{module}: give {importer!r} a line in LAYERS, and in STYLE.md"
    faults = [(entry.line, fault(importer, unit_imported(entry))) for entry in imports(module, MODULES[module])]
    assert not [f"{MODULES[module]}:{line}: {text}" for line, text in faults if text]


@pytest.mark.parametrize("module", MODULES)
def test_no_second_copy_is_imported(module):
    directories = {directory.name for directory in package_directories().values()} - {"graphcore"}
    wrong = [entry for entry in imports(module, MODULES[module]) if entry.module.split(".")[0] in directories]
    assert not [f"{MODULES[module]}:{entry.line}: write graphcore.{entry.module}" for entry in wrong]


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith(COMPILING)])
def test_heavy_libraries_are_imported_when_used(module):
    entries = [entry for entry in imports(module, MODULES[module]) if entry.at_import]
    heavy = [entry for entry in entries if entry.module.split(".")[0] in HEAVY or f"{entry.module}.{entry.name}".startswith(COMPILING)]
    assert not [f"{MODULES[module]}:{entry.line}: {entry.module}" for entry in heavy]


@pytest.mark.parametrize("module", [module for module in MODULES if unit_of(module) == "core"])
def test_core_stands_on_numpy(module):
    allowed = CORE_LIBRARIES | {"graphcore"} | set(sys.stdlib_module_names)
    entries = imports(module, MODULES[module])
    assert not [f"{MODULES[module]}:{entry.line}: {entry.module}" for entry in entries if entry.module.split(".")[0] not in allowed]


@pytest.mark.parametrize(
    ("importer", "imported", "expected"),
    [
        ("ops", "core", None),
        ("core", "ops", "core imports ops, which is above it"),
        ("ops", "session", "ops imports session, which is beside it"),
        ("train", "graphcore", "train imports graphcore, which is above it"),
        ("ops", "ops", None),
        ("ops", None, None),
    ],
)
def test_fault_names_both_units(importer, imported, expected):
    assert fault(importer, imported) == expected
