"""TF's protobuf messages: GraphDef, Summary, Event, ConfigProto and the rest, each loaded when it is first named.

`tensorboard.compat.proto` ships TF's own messages, so files written here are TF's files. The few it lacks are
declared at the end of this file. Importing this module loads neither tensorboard nor protobuf::

    from graphcore import proto
    graph_def = proto.GraphDef()          # loads graph_pb2
    proto.types_pb2.DT_FLOAT              # whole modules go by their name
"""

import importlib
from functools import cache

_HOME = "tensorboard.compat.proto"

# The names that each generated module gives.
_MESSAGES = {
    "allocation_description_pb2": "AllocationDescription",
    "attr_value_pb2": "AttrValue NameAttrList",
    "cluster_pb2": "ClusterDef JobDef",
    "config_pb2": "CallableOptions ConfigProto GPUOptions GraphOptions OptimizerOptions RunMetadata "
                  "RunOptions SessionMetadata TensorConnection ThreadPoolOptionProto",
    "cost_graph_pb2": "CostGraphDef",
    "event_pb2": "Event LogMessage SessionLog SourceMetadata TaggedRunMetadata",
    "function_pb2": "FunctionDef FunctionDefLibrary GradientDef",
    "graph_pb2": "GraphDef",
    "histogram_pb2": "HistogramProto",
    "meta_graph_pb2": "AssetFileDef CollectionDef MetaGraphDef SignatureDef TensorInfo",
    "node_def_pb2": "NodeDef",
    "op_def_pb2": "OpDef OpDeprecation OpList",
    "resource_handle_pb2": "ResourceHandleProto",
    "rewriter_config_pb2": "AutoParallelOptions RewriterConfig ScopedAllocatorOptions",
    "rpc_options_pb2": "RPCOptions",
    "saved_object_graph_pb2": "SavedObjectGraph",
    "saver_pb2": "SaverDef",
    "step_stats_pb2": "AllocationRecord AllocatorMemoryUsed DeviceStepStats MemoryStats NodeExecStats NodeOutput "
                      "StepStats",
    "summary_pb2": "Summary SummaryDescription SummaryMetadata",
    "tensor_description_pb2": "TensorDescription",
    "tensor_pb2": "TensorProto VariantTensorDataProto",
    "tensor_shape_pb2": "TensorShapeProto",
    "types_pb2": "DataType",
    "variable_pb2": "SaveSliceInfoDef VariableAggregation VariableDef VariableSynchronization",
    "versions_pb2": "VersionDef",
}
_MODULE_OF = {name: module for module, names in _MESSAGES.items() for name in names.split()}

# Messages that tensorboard lacks, field by field as in TF's .proto files: `[repeated] type name = number [oneof name]`.
# An upper-case type is another message of this table, `map<Message>` a map from strings to messages.
_DECLARED = {
    "InterconnectLink": ("int32 device_id = 1", "string type = 2", "int32 strength = 3"),
    "LocalLinks": ("repeated InterconnectLink link = 1",),
    "DeviceLocality": ("int32 bus_id = 1", "int32 numa_node = 2", "LocalLinks links = 3"),
    "DeviceAttributes": ("string name = 1", "string device_type = 2", "int64 memory_limit = 4",
                         "DeviceLocality locality = 5", "fixed64 incarnation = 6", "string physical_device_desc = 7"),
    "BytesList": ("repeated bytes value = 1",),
    "FloatList": ("repeated float value = 1",),
    "Int64List": ("repeated int64 value = 1",),
    "Feature": ("BytesList bytes_list = 1 oneof kind", "FloatList float_list = 2 oneof kind", "Int64List int64_list = 3 oneof kind"),
    "Features": ("map<Feature> feature = 1",),
    "Example": ("Features features = 1",),
    "FeatureList": ("repeated Feature feature = 1",),
    "FeatureLists": ("map<FeatureList> feature_list = 1",),
    "SequenceExample": ("Features context = 1", "FeatureLists feature_lists = 2"),
}
_PACKAGE = "graphcore"

__all__ = sorted([*_MODULE_OF, *_MESSAGES, *_DECLARED])


def __getattr__(name):
    """Load the message, enum or generated module called `name`, and keep it for the next time."""
    if name in _MODULE_OF:
        found = getattr(_generated(_MODULE_OF[name]), name)
    elif name in _MESSAGES:
        found = _generated(name)
    elif name in _DECLARED:
        found = _declared_messages()[name]
    else:
        raise AttributeError(f"module {__name__!r} has no message {name!r}")
    globals()[name] = found
    return found


def __dir__():
    return sorted({*globals(), *__all__})


def _generated(module):
    """Import one of tensorboard's generated modules."""
    return importlib.import_module(f"{_HOME}.{module}")


@cache
def _declared_messages():
    """Build the classes of `_DECLARED`: {name: message class}."""
    from google.protobuf import descriptor_pb2, descriptor_pool

    file = descriptor_pb2.FileDescriptorProto(name="graphcore/declared.proto", package=_PACKAGE, syntax="proto3")
    for message, fields in _DECLARED.items():
        message_type = file.message_type.add(name=message)
        for field in fields:
            _add_field(message_type, field)
    # A pool of our own: TF itself, imported into the same process, must not meet our declarations.
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return {name: _message_class(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"), pool) for name in _DECLARED}


def _add_field(message_type, declaration):
    """Add the field written as `[repeated] type name = number [oneof name]` to a DescriptorProto."""
    declaration, _, oneof = declaration.partition(" oneof ")
    *repeated, type_name, name, _, number = declaration.split()
    field = message_type.field.add(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL
    if oneof:
        if not message_type.oneof_decl:
            message_type.oneof_decl.add(name=oneof)
        field.oneof_index = 0
    if type_name.startswith("map<"):
        # A map is a repeated message of a key and a value, which is declared inside.
        entry = message_type.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add_field(entry, "string key = 1")
        _add_field(entry, f"{type_name[len('map<'):-1]} value = 2")
        field.label, field.type = field.LABEL_REPEATED, field.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{message_type.name}.{entry.name}"
    elif type_name[0].isupper():
        field.type, field.type_name = field.TYPE_MESSAGE, f".{_PACKAGE}.{type_name}"
    else:
        field.type = getattr(field, f"TYPE_{type_name.upper()}")


def _message_class(descriptor, pool):
    """Return the Python class of a message descriptor."""
    from google.protobuf import message_factory

    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    # Up to protobuf 4.21 a factory object made the classes.
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)
