"""``op.run()`` and ``tensor.eval()``: running something in the default session, or in a given one."""

from graphcore.core.node import Operation, Tensor, method_of
from graphcore.core.scopes import session_for


@method_of(Operation, "run")
def run_operation(op, feed_dict=None, session=None):
    """Run ``op`` in ``session`` or the default session."""
    return session_for(op, session, "execute operation", "run", "with sess.as_default():").run(op, feed_dict)


@method_of(Tensor, "eval")
def evaluate(tensor, feed_dict=None, session=None):
    """The value of ``tensor`` in ``session`` or the default session."""
    return session_for(tensor, session, "evaluate tensor", "eval", "with sess.as_default()").run(tensor, feed_dict)


__all__ = ["evaluate", "run_operation"]
