"""``python -m graphcore demo``: the regression on real data; ``version``: facts for a bug report."""

import sys


def main(arguments):
    """Run a subcommand; gives the exit code."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if command == "demo":
        from graphcore.demo import main as demo

        return demo(rest)
    if command == "version":
        return _version()
    print("usage: python -m graphcore demo [--logdir DIR] [--epochs N] | version")
    return 0 if command in ("help", "-h", "--help") else 2


def _version():
    import platform
    from importlib import metadata

    import numpy

    import graphcore

    for name in ("graphcore-tf1", "numba", "protobuf", "tensorboard"):
        try:
            print(name, metadata.version(name))
        except metadata.PackageNotFoundError:
            print(name, "not installed")
    print("TensorFlow API", graphcore.__version__)
    print("NumPy", numpy.__version__, "Python", platform.python_version(), platform.platform())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
