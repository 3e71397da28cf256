"""``tf.logging``: messages through Python's logger "tensorflow"; nothing is set up before the first one."""

import logging as _logging
import sys as _sys
import threading as _threading
from logging import DEBUG, ERROR, FATAL, INFO, WARN

_lock = _threading.Lock()
_logger = None
_calls = {}  # (file, line) → how often a message was asked for there


def get_logger():
    """The logger of all messages.

    When first asked for it is given a handler that writes ``LEVEL:tensorflow:message`` to stderr, unless the program has set
    up the root logger; in an interactive Python it writes to stdout, from INFO on.
    """
    global _logger
    with _lock:
        if _logger is None:
            logger = _logging.getLogger("tensorflow")
            if not _logging.getLogger().handlers and not logger.handlers:
                _add_handler(logger)
            _logger = logger
    return _logger


def _add_handler(logger):
    interactive = bool(getattr(_sys, "ps1", None)) or _sys.flags.interactive
    if interactive:
        logger.setLevel(INFO)
    handler = _logging.StreamHandler(_sys.stdout if interactive else _sys.stderr)
    handler.setFormatter(_logging.Formatter(_logging.BASIC_FORMAT, None))
    logger.addHandler(handler)


def _write(level, msg, args, kwargs):
    # Three frames up: the caller of the public function is named in the record.
    get_logger().log(level, msg, *args, **{"stacklevel": 3, **kwargs})


def log(level, msg, *args, **kwargs):
    """Log ``msg % args`` at ``level``."""
    _write(level, msg, args, kwargs)


def debug(msg, *args, **kwargs):
    """Log ``msg % args`` at level DEBUG."""
    _write(DEBUG, msg, args, kwargs)


def info(msg, *args, **kwargs):
    """Log ``msg % args`` at level INFO."""
    _write(INFO, msg, args, kwargs)


def warn(msg, *args, **kwargs):
    """Log ``msg % args`` at level WARN."""
    _write(WARN, msg, args, kwargs)


def warning(msg, *args, **kwargs):
    """Log ``msg % args`` at level WARN."""
    _write(WARN, msg, args, kwargs)


def error(msg, *args, **kwargs):
    """Log ``msg % args`` at level ERROR."""
    _write(ERROR, msg, args, kwargs)


def fatal(msg, *args, **kwargs):
    """Log ``msg % args`` at level FATAL; the program goes on."""
    _write(FATAL, msg, args, kwargs)


def TaskLevelStatusMessage(msg):
    """Log ``msg`` at level ERROR."""
    _write(ERROR, msg, (), {})


def vlog(level, msg, *args, **kwargs):
    """Log ``msg % args`` at ``level``."""
    _write(level, msg, args, kwargs)


def log_if(level, msg, condition, *args):
    """Log ``msg % args`` at ``level`` if ``condition`` is true."""
    if condition:
        _write(level, msg, args, {})


def log_every_n(level, msg, n, *args):
    """Log ``msg % args`` at ``level`` the first time this line is reached, and every ``n``-th time after it."""
    if _call_number() % n == 0:
        _write(level, msg, args, {})


def log_first_n(level, msg, n, *args):
    """Log ``msg % args`` at ``level`` the first ``n`` times this line is reached."""
    if _call_number() < n:
        _write(level, msg, args, {})


def _call_number():
    """How often the caller's line was reached before."""
    frame = _sys._getframe(2)
    place = frame.f_code.co_filename, frame.f_lineno
    _calls[place] = number = _calls.get(place, -1) + 1
    return number


def get_verbosity():
    """The level from which messages are written."""
    return get_logger().getEffectiveLevel()


def set_verbosity(v):
    """Write messages of level ``v`` and above only."""
    get_logger().setLevel(v)


def flush():
    """NotImplementedError, as in TF 1.15; messages are written at once."""
    raise NotImplementedError("tf.logging.flush: there is nothing to flush, messages are written at once")


__all__ = ["DEBUG", "ERROR", "FATAL", "INFO", "TaskLevelStatusMessage", "WARN", "debug", "error", "fatal", "flush", "get_verbosity",
           "info", "log", "log_every_n", "log_first_n", "log_if", "set_verbosity", "vlog", "warn", "warning"]
