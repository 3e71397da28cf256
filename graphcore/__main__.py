"""``python -m graphcore COMMAND``: a demonstration, and tools for logs and graphs."""

import os
import sys
from importlib import import_module

# Loaded when they are asked for.
_COMMANDS = {
    "demo": ("graphcore.demo", "learn Boston housing prices in a static graph"),
    "inspect": ("graphcore.commands.inspect", "tags, steps and counts of the event files in a directory"),
    "graph": ("graphcore.commands.graph", "draw the graph of a .pb, .pbtxt or .meta file or a log directory as SVG"),
    "version": ("graphcore.commands.version", "facts for a bug report"),
}


def main(arguments):
    """Run a command; gives the exit code: 0 done, 1 it could not be, 2 not understood."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if command in ("help", "-h", "--help"):
        print(_usage())
        return 0
    if command not in _COMMANDS:
        print(f"python -m graphcore: there is no command {command!r}\n{_usage()}", file=sys.stderr)
        return 2
    return import_module(_COMMANDS[command][0]).main(rest)


def _usage():
    lines = "\n".join(f"  {name:10}{summary}" for name, (_, summary) in _COMMANDS.items())
    return f"usage: python -m graphcore COMMAND [--help]\n{lines}"


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads, `head` for example, has enough. Python would flush once more at the end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
