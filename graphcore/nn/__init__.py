"""``tf.nn``: activations, losses and what neural networks are made of."""

from graphcore.nn.embedding import embedding_lookup
from graphcore.ops.activations import crelu, elu, leaky_relu, relu, relu6, selu, softplus, softsign, swish
from graphcore.ops.batch_norms import batch_norm_with_global_normalization, fused_batch_norm
from graphcore.ops.biases import bias_add, relu_layer, xw_plus_b
from graphcore.ops.convolution import conv1d, conv2d, conv2d_backprop_filter, conv2d_backprop_input, conv2d_transpose
from graphcore.ops.depthwise import (
    depthwise_conv2d,
    depthwise_conv2d_native,
    depthwise_conv2d_native_backprop_filter,
    depthwise_conv2d_native_backprop_input,
    separable_conv2d,
)
from graphcore.ops.dropout import dropout, zero_fraction
from graphcore.ops.local_norms import local_response_normalization, lrn
from graphcore.ops.losses import (
    log_poisson_loss,
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from graphcore.ops.mathematics import sigmoid
from graphcore.ops.normalization import batch_normalization, moments, normalize_moments, sufficient_statistics, weighted_moments
from graphcore.ops.norms import l2_loss, l2_normalize
from graphcore.ops.pooling import avg_pool, avg_pool2d, max_pool, max_pool2d, max_pool_with_argmax
from graphcore.ops.positions import in_top_k, top_k
from graphcore.ops.softmaxes import log_softmax, softmax
from graphcore.ops.space_depth import depth_to_space, space_to_depth
from graphcore.ops.trigonometry import tanh
