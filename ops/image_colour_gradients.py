"""How hue, saturation and value change with red, green and blue."""

from graphcore.ops import arithmetic, casting, comparison, division, joining


def of_hsv(colours, dy):
    """The gradient of `RGBToHSV` in its ``colours``, from ``dy`` in hues, saturations and values.

    Where two channels are equal it is that of one of them, as TF chooses it.  As in TF the saturation of a channel that is 0
    does not change, and neither does the hue of a gray.
    """
    channels = [colours[..., number] for number in range(3)]
    biggest, smallest = _masks(*channels)
    most, least = _picked(biggest, channels), _picked(smallest, channels)
    extent = most - least
    red, green, blue = channels
    # The hue is a third, two thirds or none, and a sixth of this over the extent.
    difference = _picked(biggest, (green - blue, blue - red, red - green))
    visible = casting.cast(most > 0, colours.dtype)
    gradients = []
    for number, channel in enumerate(channels):
        own, shrinks = biggest[number], biggest[number] - smallest[number]
        rises = biggest[number - 1] - biggest[number - 2]
        hue = division.div_no_nan(rises, extent) - division.div_no_nan(difference * shrinks, arithmetic.square(extent))
        saturation = own * division.div_no_nan(least, arithmetic.square(most)) - division.div_no_nan(smallest[number], most)
        saturation *= casting.cast(channel > 0, colours.dtype)
        gradients.append(dy[..., 2] * own + dy[..., 1] * saturation + dy[..., 0] * (visible * hue / 6))
    return joining.stack(gradients, axis=-1)


def _masks(red, green, blue):
    """1 where a channel is the biggest, and 1 where it is the smallest, 0 elsewhere; for each of the three."""
    both = comparison.logical_and
    biggest = both(red >= blue, red >= green), both(green > red, green >= blue), both(blue > red, blue > green)
    smallest = both(red < blue, red < green), both(green <= red, green < blue), both(blue <= red, blue <= green)
    return [[casting.cast(mask, red.dtype) for mask in masks] for masks in (biggest, smallest)]


def _picked(masks, values):
    """Of three values the one whose mask is 1."""
    first, second, third = [mask * value for mask, value in zip(masks, values)]
    return first + second + third
