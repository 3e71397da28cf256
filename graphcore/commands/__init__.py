"""What `python -m graphcore` can do, a module for each command; ``main(arguments)`` gives the exit code."""
