"""``python -m graphcore version``: the facts that a bug report needs."""

import os
import platform
import sys
from importlib import metadata

_LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "protobuf", "tensorboard", "ml_dtypes", "google-crc32c", "threadpoolctl", "pillow")


def main(arguments):
    """Print versions, processor, BLAS and settings."""
    if arguments:
        print(f"graphcore version: takes no arguments, got {' '.join(arguments)}", file=sys.stderr)
        return 2
    for name, value in facts():
        print(f"{name:20} {value}")
    return 0


def facts():
    """Yield (name, value) pairs."""
    import graphcore

    own = _version("graphcore-tf1", "not installed, run from its sources")
    yield "graphcore", f"{own}; the names are those of TensorFlow {graphcore.__version__}"
    yield "Python", f"{platform.python_implementation()} {platform.python_version()}"
    yield "system", platform.platform()
    yield "processor", f"{_processor()}, {os.cpu_count()} threads"
    for name in _LIBRARIES:
        yield name, _version(name)
    yield from _blas()
    for name in sorted(name for name in os.environ if name.startswith(("GRAPHCORE_", "NUMBA_", "OMP_", "OPENBLAS_", "MKL_"))):
        yield name, os.environ[name]


def _version(distribution, missing="not installed"):
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return missing


def _processor():
    """What code is compiled for; the processor's family where Numba's compiler is not there to ask."""
    try:
        from llvmlite import binding
    except ImportError:
        return platform.machine()
    return f"{platform.machine()} {binding.get_host_cpu_name()}"


def _blas():
    """The libraries that multiply matrices, and how many threads they use."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return
    import numpy

    numpy.ones([2, 2]) @ numpy.ones([2, 2])
    for library in threadpool_info():
        if library["user_api"] == "blas":
            yield "BLAS", (f"{library['internal_api']} {library['version']} ({library.get('architecture', '?')}), "
                           f"{library['num_threads']} threads")
