"""Finding a graph's operations and tensors: by name, or by what stands for one."""

from graphcore.core.node import Operation, Tensor

_MOST_SEARCHED = 5000


class Elements:
    """What a `Graph` offers to find its elements."""

    def get_operations(self):
        """The operations in the order they were made."""
        return list(self._ops)

    def get_operation_by_name(self, name):
        if not isinstance(name, str):
            raise TypeError("Operation names are strings (or similar), not %s." % type(name).__name__)
        return self.as_graph_element(name, allow_tensor=False, allow_operation=True)

    def get_tensor_by_name(self, name):
        if not isinstance(name, str):
            raise TypeError("Tensor names are strings (or similar), not %s." % type(name).__name__)
        return self.as_graph_element(name, allow_tensor=True, allow_operation=False)

    def as_graph_element(self, obj, allow_tensor=True, allow_operation=True):
        """The Tensor or Operation of this graph that ``obj`` (itself, its name, a variable) stands for."""
        if not (allow_tensor or allow_operation):
            raise ValueError("allow_tensor and allow_operation can't both be False.")
        kinds = " or ".join(k for k, on in (("Tensor", allow_tensor), ("Operation", allow_operation)) if on)
        if not isinstance(obj, (Tensor, Operation, str)):
            element = getattr(obj, "_as_graph_element", None)
            if element is not None:
                obj = element()
        if isinstance(obj, bytes):
            obj = obj.decode()
        if isinstance(obj, str):
            return self._named(obj, allow_tensor, allow_operation)
        if (isinstance(obj, Tensor) and allow_tensor) or (isinstance(obj, Operation) and allow_operation):
            if obj.graph is not self:
                raise ValueError(f"{'Tensor' if isinstance(obj, Tensor) else 'Operation'} {obj!s} is not an element of this "
                                 f"graph.{_foreign(obj)}")
            return obj
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {kinds}.")

    def _named(self, name, allow_tensor, allow_operation):
        if ":" in name and allow_tensor:
            op_name, _, index = name.rpartition(":")
            if not op_name or not index.isdigit() or ":" in op_name:
                raise ValueError(f"The name {name!r} looks a like a Tensor name, but is not a valid one. "
                                 'Tensor names must be of the form "<op_name>:<output_index>".')
            op = self._operation(op_name)
            if op is None:
                raise KeyError(f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, does not "
                               f"exist in the graph.{self._similar(op_name)}")
            if int(index) >= len(op.outputs):
                raise KeyError(f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, "
                               f"exists but only has {len(op.outputs)} outputs.")
            return op.outputs[int(index)]
        if ":" in name:
            raise ValueError(f"Name {name!r} appears to refer to a Tensor, not a Operation.")
        if not allow_operation:
            if self._operation(name) is not None:
                raise ValueError(f"The name {name!r} refers to an Operation, not a Tensor. "
                                 'Tensor names must be of the form "<op_name>:<output_index>".')
            raise ValueError(f"The name {name!r} looks like an (invalid) Operation name, not a Tensor. "
                             'Tensor names must be of the form "<op_name>:<output_index>".')
        op = self._operation(name)
        if op is None:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.{self._similar(name)}")
        return op

    def _similar(self, name):
        """A hint at names like ``name`` for an error message; nothing in large graphs."""
        import difflib  # only errors need it

        names = [op.name for op in self._ops] if len(self._ops) <= _MOST_SEARCHED else []
        near = difflib.get_close_matches(name, names, 3)
        return f" Similar names: {', '.join(map(repr, near))}." if near else ""


def _foreign(element):
    op = element.op if isinstance(element, Tensor) else element
    return f" It was made at {op.source or '?'}, in another tf.Graph."
