"""Memory as compiled kernels see it: copies."""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


def _pointer(context, builder, kind, array, index):
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [index], inbounds=True)


@intrinsic
def copy_bytes(typingctx, target, target_index, source, source_index, count):
    """Copy ``count`` bytes between places of two arrays that do not overlap; the indices count elements."""

    def generate(context, builder, signature, arguments):
        target, target_index, source, source_index, count = arguments
        cgutils.raw_memcpy(builder, _pointer(context, builder, signature.args[0], target, target_index),
                           _pointer(context, builder, signature.args[2], source, source_index), count, 1)
        return context.get_dummy_value()

    return types.void(target, types.int64, source, types.int64, types.int64), generate
