"""Record how TensorFlow 1.15 declares its ops: arguments, attributes, the dtypes of its CPU kernels, whether it has a gradient.

    PYTHON-WITH-TF-1.15 tests/oracle/record_opdefs.py

Writes ``golden/opdefs.json``, a line for each op, without those of subsystems that are no part of a graph's numbers (`LEFT_OUT`).
"kernels" lists the combinations of dtypes that have a CPU kernel; it is left out where that is what the attributes allow.
"""
import json
import os
import re
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import opdefs
import tensorflow as tf
from tensorflow.core.framework import op_def_pb2
from tensorflow.python import pywrap_tensorflow
from tensorflow.python.framework import kernels, ops

LEFT_OUT = re.compile("Dataset|TPU|Xla|Boosted|BigQuery|Bigtable|Cloud|Nccl|Collective|Mkl|^_|^Experimental|Requantiz|^Quantized|"
                      "KafkaDa|GcsConf|TreeEnsemble|Cudnn|Trees|Debug|HostCompute|^BoostedTrees")


def declared_ops():
    """Every OpDef that the runtime knows, by name."""
    listed = op_def_pb2.OpList()
    listed.ParseFromString(pywrap_tensorflow.TF_GetBuffer(pywrap_tensorflow.TF_GetAllOpList()))
    return {op.name: op for op in listed.op}


def cpu_kernels():
    """{op name: [{attribute: dtype names}, ...]} of the kernels for the CPU."""
    found = {}
    for kernel in kernels.get_all_registered_kernels().kernel:
        if kernel.device_type in ("CPU", "DEFAULT") and not kernel.label:
            constraints = {each.name: {tf.as_dtype(t).name for t in each.allowed_values.list.type} for each in kernel.constraint}
            found.setdefault(kernel.op, []).append(constraints)
    return found


def merged(combinations):
    """The combinations of dtypes with those that differ in one attribute only put together."""
    done = False
    while not done:
        done = True
        for n, first in enumerate(combinations):
            for second in combinations[n + 1:]:
                differing = [k for k in set(first) | set(second) if first.get(k) != second.get(k)]
                if len(differing) <= 1 and set(first) == set(second):
                    combinations.remove(second)
                    for key in differing:
                        first[key] = first[key] | second[key]
                    done = False
                    break
            if not done:
                break
    return combinations


def argument(arg):
    kind = arg.type_attr or arg.type_list_attr or tf.as_dtype(arg.type).name
    return opdefs.argument_text(arg.name, kind, arg.number_attr, arg.is_ref)


def attribute(attr):
    default, allowed = None, None
    if attr.HasField("default_value"):
        default = value_text(attr.default_value)
    if attr.HasField("allowed_values"):
        listed = attr.allowed_values.list
        allowed = opdefs.types_text({tf.as_dtype(t).name for t in listed.type}) if listed.type else \
            " ".join(sorted(each.decode() for each in listed.s))
    elif attr.type in ("type", "list(type)"):
        allowed = "ANY"
    return opdefs.attribute_text(attr.type, default, allowed, attr.minimum if attr.has_minimum else None)


def value_text(value):
    kind = value.WhichOneof("value")
    if kind == "list":
        items = next((list(items) for _, items in value.list.ListFields()), [])
        items = [tf.as_dtype(t).name for t in items] if value.list.type else items
        items = [tf.TensorShape(s) for s in items] if value.list.shape else items
        return "[%s]" % ", ".join(plain_text(each) for each in items)
    if kind == "type":
        return tf.as_dtype(value.type).name
    if kind == "tensor":
        return str(tf.make_ndarray(value.tensor))
    if kind == "shape":
        return plain_text(tf.TensorShape(value.shape))
    return plain_text(getattr(value, kind))


def plain_text(value):
    if isinstance(value, bytes):
        return repr(value.decode("latin-1"))
    return "%g" % value if isinstance(value, float) else str(value)


def described(op, combinations, gradients):
    text = {"args": ", ".join(map(argument, op.input_arg)) + " -> " + ", ".join(map(argument, op.output_arg)),
            "attrs": {attr.name: attribute(attr) for attr in op.attr}}
    if op.is_stateful:
        text["stateful"] = True
    allowed = {attr.name: {tf.as_dtype(t).name for t in attr.allowed_values.list.type} or set(opdefs.TYPES) for attr in op.attr}
    # Some kernels name attributes that their op no longer has.
    narrow = [{k: opdefs.types_text(v) for k, v in sorted(each.items()) if k in allowed and v != allowed[k]}
              for each in merged(combinations)]
    if narrow != [{}]:
        text["kernels"] = narrow
    if op.name in gradients:
        text["gradient"] = gradients[op.name]
    return text


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "opdefs.json")
    known, registered = cpu_kernels(), ops._gradient_registry._registry
    gradients = {name: entry["type"] is not None for name, entry in registered.items()}
    lines = []
    for name, op in sorted(declared_ops().items()):
        if not LEFT_OUT.search(name):
            lines.append("%s: %s" % (json.dumps(name), json.dumps(described(op, known.get(name, []), gradients))))
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write("{\n " + ",\n ".join(lines) + "\n}\n")
    print("%d ops" % len(lines))


if __name__ == "__main__":
    main()
