"""What tests of bad input share: the error, the user's line in it, and that nothing is lost."""

import os
import sys
import traceback

import pytest

import graphcore as tf
from graphcore.core import flags, source


def line(back=0):
    """``file:line`` of the caller, or of a line before it."""
    frame = sys._getframe(1)
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno - back}"


class Expected:
    """What `fails` caught."""

    text = ""
    error = None


class fails:
    """``with fails(cls, phrase) as caught:`` the block raises that class with that phrase, in few frames of ours."""

    def __init__(self, cls, phrase):
        self.cls, self.phrase = cls, phrase

    def __enter__(self):
        self.short = flags.traceback.set("short")
        self.short.__enter__()
        self.caught = Expected()
        return self.caught

    def __exit__(self, cls, error, trace):
        self.short.__exit__(None, None, None)
        assert error is not None, f"nothing was raised; {self.cls.__name__} was due"
        if not isinstance(error, self.cls):
            return False
        self.caught.text, self.caught.error = str(error), error
        assert self.phrase in self.caught.text
        assert_users_frames_come_first(error)
        return True


def assert_users_frames_come_first(error):
    """The printed traceback begins with the user, and no chained error shows this package's inside."""
    assert error.__cause__ is None and error.__suppress_context__ or error.__context__ is None
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    assert not source.is_internal(files[0])
    assert sum(source.is_internal(name) for name in files) <= 9


@pytest.fixture
def session():
    with tf.Session() as opened:
        yield opened


@pytest.fixture
def counter(session):
    """A variable of value 5, initialised."""
    variable = tf.Variable(5.0, name="counter")
    session.run(variable.initializer)
    return variable


def assert_all_is_well(session, counter):
    """Session and variable are as they were, and go on working."""
    assert session.run(counter) == 5.0
    assert session.run(counter + 1.0) == 6.0
