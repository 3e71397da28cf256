"""Settings: environment, override, refusal."""

import pytest

from graphcore.core import flags
from graphcore.core.flags import Flag


def test_default_environment_and_override(monkeypatch):
    monkeypatch.delenv("GRAPHCORE_TEST", raising=False)
    assert Flag("GRAPHCORE_TEST", int, 5).get() == 5
    monkeypatch.setenv("GRAPHCORE_TEST", "7")
    flag = Flag("GRAPHCORE_TEST", int, 5)
    with flag.set(0):
        assert not flag
    assert flag.get() == 7 and repr(flag) == "GRAPHCORE_TEST=7"


def test_the_environment_is_read_once(monkeypatch):
    monkeypatch.setenv("GRAPHCORE_TEST", "7")
    flag = Flag("GRAPHCORE_TEST", int, 5)
    flag.get()
    monkeypatch.setenv("GRAPHCORE_TEST", "8")
    assert flag.get() == 7


@pytest.mark.parametrize("flag, value, phrase", [
    (flags.debug, 9, "GRAPHCORE_DEBUG must be a number from 0 .quiet. to 4"), (flags.verify, "maybe", "must be on"),
    (flags.jit, "never", "GRAPHCORE_JIT must be 'off', 'lazy' .* or 'eager' .*, not 'never'"),
])
def test_bad_values(flag, value, phrase):
    with pytest.raises(ValueError, match=phrase), flag.set(value):
        pass


def test_values():
    with flags.verify.set("on"), flags.debug.set("3"), flags.jit.set("eager"):
        assert (flags.verify.get(), flags.debug.get(), flags.jit.get()) == (True, 3, "eager")
