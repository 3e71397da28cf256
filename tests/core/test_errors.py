"""tf.errors: codes, classes and text."""

import pickle
from types import SimpleNamespace

import pytest

from graphcore.core import errors

# The codes of TF 1.15.
CODES = {"CANCELLED": 1, "UNKNOWN": 2, "INVALID_ARGUMENT": 3, "DEADLINE_EXCEEDED": 4, "NOT_FOUND": 5,
         "ALREADY_EXISTS": 6, "PERMISSION_DENIED": 7, "RESOURCE_EXHAUSTED": 8, "FAILED_PRECONDITION": 9, "ABORTED": 10,
         "OUT_OF_RANGE": 11, "UNIMPLEMENTED": 12, "INTERNAL": 13, "UNAVAILABLE": 14, "DATA_LOSS": 15,
         "UNAUTHENTICATED": 16}


@pytest.mark.parametrize("name, code", CODES.items())
def test_code_and_class(name, code):
    error_class = getattr(errors, name.title().replace("_", "") + "Error")
    assert getattr(errors, name) == code == error_class(None, None, "m").error_code
    assert errors.exception_type_from_error_code(code) is error_class
    assert errors.error_code_from_exception_type(error_class) == code
    assert error_class.__bases__ == (errors.OpError,)


def test_text_names_the_operation_and_the_users_line():
    op = SimpleNamespace(name="CheckNumerics", source="train.py:12", node_def="the definition")
    error = errors.InvalidArgumentError(node_def=None, op=op, message="bad : Tensor had NaN values")
    assert str(error) == "bad : Tensor had NaN values\n\nOriginal stack trace for 'CheckNumerics':\n  train.py:12"
    assert (error.op, error.message, error.node_def) == (op, "bad : Tensor had NaN values", "the definition")
    assert error.args == ()


def test_without_operation_the_text_is_the_message():
    error = errors.OpError(None, None, "m", 3)
    assert (str(error), repr(error), error.op, error.node_def, error.error_code) == ("m", "OpError()", None, None, 3)


def test_survives_pickling_as_text():
    error = pickle.loads(pickle.dumps(errors.NotFoundError(None, SimpleNamespace(name="n"), "gone")))
    assert type(error) is errors.NotFoundError and str(error).startswith("gone") and error.op is None


def test_unknown_codes_and_classes():
    assert errors.UnknownError(None, None, "m", 77).error_code == 77
    with pytest.raises(KeyError):
        errors.exception_type_from_error_code(77)
    with pytest.warns(UserWarning, match="Unknown class exception"):
        assert isinstance(errors.error_code_from_exception_type(ValueError), errors.UnknownError)
