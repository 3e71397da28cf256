"""Colours of pixels ``[..., 3]``: between red, green, blue and hue, saturation, value; and hues and saturations changed.

TF computes hues in two ways that differ in their last bits; both are here, in the order of TF's operations.
"""

import numpy as np


def _channels(pixels):
    return pixels[..., 0], pixels[..., 1], pixels[..., 2]


def _joined(channels, like):
    result = np.empty_like(like)
    for number, channel in enumerate(channels):
        result[..., number] = channel
    return result


def hsv_of_rgb(pixels):
    """Hue, saturation and value of red, green and blue, all of them from 0 to 1."""
    red, green, blue = _channels(pixels)
    number = pixels.dtype.type
    value = np.maximum(np.maximum(red, blue), green)
    extent = value - np.minimum(np.minimum(red, blue), green)
    saturation = np.where(value > 0, extent / value, number(0))
    step = (number(1) / extent) * number(1 / 6)
    hue = np.where(red == value, step * (green - blue),
                   np.where(green == value, step * (blue - red) + number(2 / 6), step * (red - green) + number(4 / 6)))
    hue = np.where(extent > 0, hue, number(0))
    hue = np.where(hue < 0, hue + number(1), hue)
    return _joined((hue, saturation, value), pixels)


def rgb_of_hsv(pixels):
    """Red, green and blue of hue, saturation and value."""
    hue, saturation, value = _channels(pixels)
    number = pixels.dtype.type
    place = hue * number(6)
    parts = (np.abs(place - number(3)) - number(1), number(2) - np.abs(place - number(2)), number(2) - np.abs(place - number(4)))
    rest = number(1) - saturation
    return _joined([(rest + saturation * np.clip(part, number(0), number(1))) * value for part in parts], pixels)


# ---------------------------------------------------------------- hue


def with_hue(pixels, delta):
    """The pixels with their hue moved by ``delta`` turns; float32."""
    hue, lowest, highest = _hue_and_range(*_channels(pixels))
    hue = hue + np.float32(delta) * np.float32(6)
    # TF adds and takes away 6 until the hue is within a turn: more than once only if delta is more than one. Far outside
    # that takes for ever, and changes nothing in the end: there the hue has no digits left that say where in the turn it is.
    hue = np.where(np.abs(hue) < 600, hue, np.fmod(hue, np.float32(6)))
    while (low := hue < 0).any():
        hue = np.where(low, hue + np.float32(6), hue)
    while (high := hue >= 6).any():
        hue = np.where(high, hue - np.float32(6), hue)
    return _joined(_rgb_of_range(hue, lowest, highest), pixels)


def _hue_and_range(red, green, blue):
    """The hue in sixths of a turn, and the least and the largest of the channels."""
    sixth = np.where(red < green, np.where(blue < red, 1, np.where(blue > green, 3, 2)),
                     np.where(blue < green, 0, np.where(blue > red, 4, 5)))
    highest = np.choose(sixth, (red, green, green, blue, blue, red))
    middle = np.choose(sixth, (green, red, blue, green, red, blue))
    lowest = np.choose(sixth, (blue, blue, red, red, green, green))
    ratio = (middle - lowest) / (highest - lowest)
    hue = sixth.astype(np.float32) + np.where(sixth % 2 == 0, ratio, np.float32(1) - ratio)
    return np.where(highest == lowest, np.float32(0), hue), lowest, highest


def _rgb_of_range(hue, lowest, highest):
    sixth = np.trunc(hue)
    ratio = hue - sixth
    sixth = np.nan_to_num(sixth).astype(np.int64)
    ratio = np.where(sixth % 2 == 0, ratio, np.float32(1) - ratio)
    middle = lowest + ratio * (highest - lowest)
    return (np.choose(sixth, (highest, middle, lowest, lowest, middle, highest)),
            np.choose(sixth, (middle, highest, highest, middle, lowest, lowest)),
            np.choose(sixth, (lowest, lowest, middle, highest, highest, middle)))


# ---------------------------------------------------------------- saturation


def with_saturation(pixels, scale):
    """The pixels with their saturation times ``scale``, at most 1; float32."""
    hue, saturation, value = _hsv(*_channels(pixels))
    saturation = np.minimum(np.float32(1), np.maximum(np.float32(0), saturation * np.float32(scale)))
    return _joined(_rgb(hue, saturation, value), pixels)


def _hsv(red, green, blue):
    value = np.maximum(red, np.maximum(green, blue))
    extent = value - np.minimum(red, np.minimum(green, blue))
    saturation = np.where(value > 0, extent / value, np.float32(0))
    step = np.float32(1) / (np.float32(6) * extent)
    # TF's thirds are float64 numbers.
    hue = np.where(red == value, step * (green - blue),
                   np.where(green == value, ((step * (blue - red)).astype(np.float64) + 2.0 / 6.0).astype(np.float32),
                            ((step * (red - green)).astype(np.float64) + 4.0 / 6.0).astype(np.float32)))
    hue = np.where(extent <= 0, np.float32(0), hue)
    return np.where(hue < 0, hue + np.float32(1), hue), saturation, value


def _rgb(hue, saturation, value):
    chroma = saturation * value
    least = value - chroma
    place = hue * np.float32(6)
    sixth = np.nan_to_num(np.trunc(place)).astype(np.int64)
    within = np.where(place <= 0, place + np.float32(2), place)
    for _ in range(3):  # a place is at most 6
        within = np.where(within >= 2, within - np.float32(2), within)
    middle = chroma * (np.float32(1) - np.abs(within - np.float32(1)))
    nothing = np.zeros_like(chroma)
    sixth = np.where((sixth < 0) | (sixth > 5), 6, sixth)
    channels = (np.choose(sixth, (chroma, middle, nothing, nothing, middle, chroma, nothing)),
                np.choose(sixth, (middle, chroma, chroma, middle, nothing, nothing, nothing)),
                np.choose(sixth, (nothing, nothing, middle, chroma, chroma, middle, nothing)))
    return [channel + least for channel in channels]


# ---------------------------------------------------------------- contrast


def with_contrast(images, factor):
    """Images whose values are ``factor`` times as far from the mean of their channel; float32."""
    means = images.mean(axis=(-3, -2), keepdims=True, dtype=np.float32)
    return (images - means) * np.float32(factor) + means
