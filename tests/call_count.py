"""Which public numerical functions are recorded with too few argument sets: ``python -m tests.call_count`` from the repository.

An argument set is a line of a table in ``oracle/calls``, or a call written in a program in ``oracle/programs``; ``-v`` lists
the counts of all functions.
"""

import ast
import inspect
import sys
from pathlib import Path

from tests import api_count

ORACLE = Path(__file__).parent / "oracle"
ENOUGH = 3
NUMERICAL = ("", "audio", "bitwise", "debugging", "image", "initializers", "io", "linalg", "losses", "manip", "math", "nn", "quantization",
             "random", "sets", "signal", "sparse", "spectral", "strings")
# What makes no values: state of the package, graphs and scopes, variables and their bookkeeping, messages; or ragged tensors.
NOT_NUMERICAL = """
AggregationMethod AttrValue ConfigProto DType DeviceSpec Dimension Event FixedLenFeature FixedLenSequenceFeature GPUOptions Graph
GraphDef GraphKeys
GraphOptions HistogramProto IndexedSlices InteractiveSession LogMessage MetaGraphDef NameAttrList NoGradient NodeDef NotDifferentiable
OpError Operation OptimizerOptions RegisterGradient RunMetadata RunOptions Session SessionLog SparseFeature SparseTensorValue Summary
SummaryMetadata Tensor TensorInfo TensorShape UnconnectedGradients VarLenFeature Variable VariableAggregation VariableScope
VariableSynchronization add_check_numerics_ops add_to_collection add_to_collections all_variables assert_variables_initialized colocate_with
container control_dependencies control_flow_v2_enabled custom_gradient device disable_control_flow_v2 disable_eager_execution
disable_resource_variables disable_tensor_equality disable_v2_behavior disable_v2_tensorshape enable_control_flow_v2
enable_eager_execution enable_resource_variables enable_tensor_equality enable_v2_behavior enable_v2_tensorshape executing_eagerly
fixed_size_partitioner get_collection get_collection_ref get_default_graph get_default_session get_local_variable get_logger get_seed
get_variable get_variable_scope global_variables global_variables_initializer import_graph_def init_scope initialize_all_tables
initialize_all_variables initialize_local_variables initialize_variables local_variables local_variables_initializer make_ndarray
make_tensor_proto make_template min_max_variable_partitioner model_variables moving_average_variables name_scope no_regularizer op_scope
register_tensor_conversion_function report_uninitialized_variables reset_default_graph resource_variables_enabled
set_random_seed tables_initializer trainable_variables variable_axis_size_partitioner variable_creator_scope variable_op_scope
variable_scope variables_initializer
debugging.set_log_device_placement debugging.get_log_device_placement image.ResizeMethod
initializers.global_variables initializers.local_variables initializers.tables_initializer initializers.variables
io.FixedLenFeature io.FixedLenSequenceFeature io.SparseFeature io.TFRecordCompressionType io.TFRecordOptions io.TFRecordWriter
io.VarLenFeature io.tf_record_iterator io.gfile
losses.Reduction losses.add_loss losses.get_losses losses.get_regularization_loss losses.get_regularization_losses
strings.bytes_split
random.get_seed random.set_random_seed sparse.SparseTensor
""".split()


def functions():
    """{one public name: all public names of the same function} of what is here and numerical."""
    groups = {}
    for name, kind in api_count.ours().items():
        space = name.rpartition(".")[0]
        if space in NUMERICAL and kind.startswith(("function", "class")) and name in api_count.recorded():
            groups.setdefault(id(inspect.unwrap(api_count.api.reached(api_count.tf, name))), []).append(name)
    return {min(names, key=lambda name: ("." in name, name)): names for names in groups.values() if not set(names) & set(NOT_NUMERICAL)}


def argument_sets():
    """{public name: the calls of it that are recorded}."""
    import call_table

    found = {}
    for family in call_table.families():
        for call in call_table.load(family):
            found.setdefault(call.function, set()).add(call.text)
    for path in sorted((ORACLE / "programs").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = call_table.dotted(node.func) if isinstance(node, ast.Call) else ""
            if name.startswith("tf."):
                found.setdefault(name[len("tf."):], set()).add(ast.unparse(node))
    return found


def counts():
    """{public name: how many argument sets of it, by any of its names, are recorded}."""
    sets = argument_sets()
    return {name: len(set().union(*(sets.get(each, ()) for each in names))) for name, names in functions().items()}


def main():
    found = counts()
    few = {name: count for name, count in found.items() if count < ENOUGH}
    for name, count in found.items() if "-v" in sys.argv else few.items():
        print(f"{count:4} {name}")
    print(f"{len(found)} numerical functions, {sum(found.values())} recorded argument sets; {len(few)} functions have fewer than {ENOUGH}.")


if __name__ == "__main__":
    main()
