"""``tf.nn``: activations, losses and what neural networks are made of."""

from graphcore.nn.average_losses import compute_average_loss, scale_regularization_loss
from graphcore.nn.embedding import embedding_lookup
from graphcore.nn.sampled import nce_loss, sampled_softmax_loss
from graphcore.nn.sparse_embedding import embedding_lookup_sparse, safe_embedding_lookup_sparse
from graphcore.ops.activations import crelu, elu, leaky_relu, relu, relu6, selu, softplus, softsign, swish
from graphcore.ops.alignments import (
    ctc_beam_search_decoder,
    ctc_beam_search_decoder_v2,
    ctc_greedy_decoder,
    ctc_loss,
    ctc_loss_v2,
)
from graphcore.ops.batch_norms import batch_norm_with_global_normalization, fused_batch_norm
from graphcore.ops.biases import bias_add, relu_layer, xw_plus_b
from graphcore.ops.convolution import conv1d, conv2d, conv2d_backprop_filter, conv2d_backprop_input, conv2d_transpose
from graphcore.ops.convolution3d import conv3d, conv3d_backprop_filter, conv3d_backprop_filter_v2, conv3d_transpose
from graphcore.ops.convolution_nd import atrous_conv2d, atrous_conv2d_transpose, conv1d_transpose, conv_transpose
from graphcore.ops.convolution_nd import convolution_of_any_rank as convolution
from graphcore.ops.depthwise import (
    depthwise_conv2d,
    depthwise_conv2d_native,
    depthwise_conv2d_native_backprop_filter,
    depthwise_conv2d_native_backprop_input,
    separable_conv2d,
)
from graphcore.ops.depthwise import depthwise_conv2d_native_backprop_filter as depthwise_conv2d_backprop_filter
from graphcore.ops.depthwise import depthwise_conv2d_native_backprop_input as depthwise_conv2d_backprop_input
from graphcore.ops.dilated import with_space_to_batch
from graphcore.ops.dropout import dropout, zero_fraction
from graphcore.ops.fractional_pooling import fractional_avg_pool, fractional_max_pool
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
from graphcore.ops.morphology import dilation2d, erosion2d
from graphcore.ops.normalization import batch_normalization, moments, normalize_moments, sufficient_statistics, weighted_moments
from graphcore.ops.norms import l2_loss, l2_normalize
from graphcore.ops.pooling import avg_pool, avg_pool2d, max_pool, max_pool2d, max_pool_with_argmax
from graphcore.ops.pooling3d import avg_pool3d, max_pool3d
from graphcore.ops.pooling_nd import avg_pool1d, avg_pool_v2, max_pool1d, max_pool_v2, pool
from graphcore.ops.positions import in_top_k, top_k
from graphcore.ops.sampling import (
    all_candidate_sampler,
    compute_accidental_hits,
    fixed_unigram_candidate_sampler,
    learned_unigram_candidate_sampler,
    log_uniform_candidate_sampler,
    uniform_candidate_sampler,
)
from graphcore.ops.softmaxes import log_softmax, softmax
from graphcore.ops.space_batch import space_to_batch
from graphcore.ops.space_depth import depth_to_space, space_to_depth
from graphcore.ops.trigonometry import tanh
