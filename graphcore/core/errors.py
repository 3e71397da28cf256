"""`tf.errors`: what a graph raises while it runs, one class per status code of TF."""

import inspect
import warnings

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16


class OpError(Exception):
    """An operation failed; `message` says how, `op` is the operation if it is known.

    Usually one of the subclasses is raised. The text names the user's line that made the operation.
    """

    def __init__(self, node_def, op, message, error_code):
        super().__init__()
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = error_code

    @property
    def message(self):
        """What went wrong, without the place."""
        return self._message

    @property
    def op(self):
        """The Operation that failed; None if it is not known."""
        return self._op

    @property
    def node_def(self):
        """The NodeDef of the operation; None if it is not known."""
        if self._node_def is None and self._op is not None:
            # Made on demand: most errors are caught and never asked for it.
            self._node_def = getattr(self._op, "node_def", None)
        return self._node_def

    @property
    def error_code(self):
        """The status code, one of the constants of this module."""
        return self._error_code

    def __str__(self):
        if self._op is None:
            return str(self._message)
        source = getattr(self._op, "source", None)
        place = f"\n  {source}" if source else " unknown"
        return f"{self._message}\n\nOriginal stack trace for {self._op.name!r}:{place}"

    def __reduce__(self):
        # An operation belongs to a graph of this process; the text is what travels.
        values = {"node_def": None, "op": None, "message": str(self), "error_code": self._error_code}
        parameters = list(inspect.signature(type(self).__init__).parameters)[1:]
        return type(self), tuple(values[name] for name in parameters)


class CancelledError(OpError):
    """The operation was cancelled, for example a queue was closed with pending work or a session was closed."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, CANCELLED)


class UnknownError(OpError):
    """Something failed without a better class, for example a Python function called by the graph."""

    def __init__(self, node_def, op, message, error_code=UNKNOWN):
        super().__init__(node_def, op, message, error_code)


class InvalidArgumentError(OpError):
    """An input or attribute of the operation has a wrong value, shape or type."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, INVALID_ARGUMENT)


class DeadlineExceededError(OpError):
    """The time allowed for the step ran out."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, DEADLINE_EXCEEDED)


class NotFoundError(OpError):
    """A file, a directory or a key of a checkpoint does not exist."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, NOT_FOUND)


class AlreadyExistsError(OpError):
    """What was to be created is there already, such as a file or a resource."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, ALREADY_EXISTS)


class PermissionDeniedError(OpError):
    """The program may not do this, for example read that file."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, PERMISSION_DENIED)


class UnauthenticatedError(OpError):
    """The caller is not known to the service asked."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, UNAUTHENTICATED)


class ResourceExhaustedError(OpError):
    """Memory, disk or a quota is used up."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, RESOURCE_EXHAUSTED)


class FailedPreconditionError(OpError):
    """The state does not allow this yet, such as reading a variable before it is initialized."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, FAILED_PRECONDITION)


class AbortedError(OpError):
    """Something running at the same time came in between; the step may be tried again."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, ABORTED)


class OutOfRangeError(OpError):
    """The end was passed: an exhausted dataset, or a closed queue with too few elements."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, OUT_OF_RANGE)


class UnimplementedError(OpError):
    """The operation is not there for these types, shapes or options."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, UNIMPLEMENTED)


class InternalError(OpError):
    """Something that must hold inside does not: a fault of the library, not of the program."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, INTERNAL)


class UnavailableError(OpError):
    """The service cannot be reached at this moment."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, UNAVAILABLE)


class DataLossError(OpError):
    """Data are lost or damaged for good, for example a truncated record file."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, DATA_LOSS)


_CLASS_OF_CODE = {
    CANCELLED: CancelledError,
    UNKNOWN: UnknownError,
    INVALID_ARGUMENT: InvalidArgumentError,
    DEADLINE_EXCEEDED: DeadlineExceededError,
    NOT_FOUND: NotFoundError,
    ALREADY_EXISTS: AlreadyExistsError,
    PERMISSION_DENIED: PermissionDeniedError,
    UNAUTHENTICATED: UnauthenticatedError,
    RESOURCE_EXHAUSTED: ResourceExhaustedError,
    FAILED_PRECONDITION: FailedPreconditionError,
    ABORTED: AbortedError,
    OUT_OF_RANGE: OutOfRangeError,
    UNIMPLEMENTED: UnimplementedError,
    INTERNAL: InternalError,
    UNAVAILABLE: UnavailableError,
    DATA_LOSS: DataLossError,
}
_CODE_OF_CLASS = {error_class: code for code, error_class in _CLASS_OF_CODE.items()}


def exception_type_from_error_code(error_code):
    """The class raised for a status code; KeyError for a number that is none."""
    return _CLASS_OF_CODE[error_code]


def error_code_from_exception_type(cls):
    """The status code of one of the classes above; for another class a warning, and an UnknownError is returned."""
    if cls in _CODE_OF_CLASS:
        return _CODE_OF_CLASS[cls]
    warnings.warn("Unknown class exception", stacklevel=2)
    return UnknownError(None, None, "Unknown class exception", None)
