"""Image files: PNG, JPEG, GIF and BMP, read and written."""
import base64

import numpy as np
from catalog import program, raises

SMALL = np.array([[[1, 250, 3], [40, 50, 60], [70, 80, 90]], [[9, 8, 7], [200, 0, 100], [255, 255, 255]]], np.uint8)

# Written by hand and by Pillow: a PNG of 16 bits with a filter of each kind, one with a palette and opacity; a GIF of two frames, the
# second one smaller and with a clear colour; a BMP of 24 bits from the bottom up; a JPEG whose colours are half as fine.
FILES = {
    "deep": (
        "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAGEAIAAADUCR9fAAAAxUlEQVR4nAG6AEX/AItjSM5P7+a9i+bcdhWQ6EmECILkPueHvombynAKngFO0B"
        "4HcMwxv25qBelwWODfg2a1RbR9BrBIFW3iAFMCOQReT96xiQNYjczET6IpGkgO+73V8em2zJEDuC5yA2Bk6tro/OZQQU/LK9Aq7AfGE9EIA2rI"
        "qsRARAPWzwRRm9fOsVn+EvSefWKjGZTzknfKuhyD7595CRNNmIUAXXydwfi34YPaWzhOl5tvnWMh+tnTVVGHohAcXlAOs6VcG7hgXFUAAAAASU"
        "VORK5CYII="),
    "palette": (
        "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEBAMAAAC0HehzAAAAElBMVEW80X6wxXSZ03mMynuvuXGEtWWbNixWAAAAA3RSTlP/ZABFf16QAAAAGU"
        "lEQVR4nGMMffOf5f+D90z/PnxgesjPAABPXQjmPVNFoAAAAABJRU5ErkJggg=="),
    "frames": (
        "R0lGODlhBQAEAIIAAAAAAP8AAAD/AAAA////AAD///8A/////yH5BAAAAAAALAAAAAAFAAQAAAMNWCFTgUIBIWhjIIVyCQAh+QQJAAADACwBAA"
        "EAAwACAIL/////AP///wAA////AAAA/wAAAP8AAAADBBgyVJYAOw=="),
    "bottom_up": (
        "Qk1mAAAAAAAAADYAAAAoAAAABQAAAAMAAAABABgAAAAAADAAAADEDgAAxA4AAAAAAAAAAAAAbLV1a9aKccihcdKzg9bPAGqqfXTCk23Dn3TKt3"
        "vEvwBXrH5btZZkvKlnu7t+r8gA"),
    "coarse": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC"
        "0oMCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wAARCAAJ"
        "AAsDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAgEAABAwMFAQAAAAAAAAAAAAAEAAERAgMhEjREcXLB/8QAFQEBAQAAAAAAAA"
        "AAAAAAAAAAAwX/xAAbEQABBAMAAAAAAAAAAAAAAAABAAIDBAUSE//aAAwDAQACEQMRAD8ApootFkeYy7ZlkZNI0l3GZ8SlPEq6+IGdu7vpQHuN"
        "eQhiTDXJOepX/9k="),
}
FILES = {name: base64.b64decode(text) for name, text in FILES.items()}


def run(tf, **made):
    with tf.Session() as session:
        return {name: session.run(tensor) for name, tensor in made.items()}


def shapes(**tensors):
    return {name: str(tensor.shape) for name, tensor in tensors.items()}


# ---------------------------------------------------------------- files


@program
def decoded_files(tf):
    image = tf.image
    seen = {"deep_%d" % channels: image.decode_png(FILES["deep"], channels=channels, dtype=tf.uint16) for channels in (0, 1, 3, 4)}
    seen.update({"palette_%d" % channels: image.decode_png(FILES["palette"], channels=channels) for channels in (0, 1, 3, 4)})
    return run(tf, shallow=image.decode_png(FILES["deep"]), wider=image.decode_png(FILES["palette"], dtype=tf.uint16),
               frames=image.decode_gif(FILES["frames"]),
               bottom_up=image.decode_bmp(FILES["bottom_up"]), one_frame=image.decode_gif(FILES["palette"]), **seen)


@program
def decoded_jpeg(tf):
    decode, file = tf.image.decode_jpeg, FILES["coarse"]
    return run(tf, usual=decode(file), gray=decode(file, channels=1), slow=decode(file, dct_method="INTEGER_ACCURATE"),
               sharp=decode(file, fancy_upscaling=False),
               smaller=decode(file, ratio=2), least=decode(file, ratio=8), part=tf.image.decode_and_crop_jpeg(file, [2, 3, 4, 5]),
               shape=tf.image.extract_jpeg_shape(file), is_one=tf.image.is_jpeg(file), is_none=tf.image.is_jpeg([FILES["deep"], file]),
               png=tf.image.decode_png(file))


@program(graph=True)
def decoded_file_of_any_kind(tf):
    return run(tf, first=tf.image.decode_image(FILES["frames"], dtype=tf.float32, expand_animations=False, name="any"))


@program
def decoded_files_of_any_kind(tf):
    decode = tf.image.decode_image
    return run(tf, png=decode(FILES["palette"], channels=3), jpeg=decode(FILES["coarse"], dtype=tf.float32), gif=decode(FILES["frames"]),
               bmp=decode(FILES["bottom_up"], name="bmp"))


@program
def written_jpeg(tf):
    encode = tf.image.encode_jpeg
    files = run(tf, usual=encode(SMALL), gray=encode(SMALL[..., :1], quality=20), fine=encode(SMALL, chroma_downsampling=False,
               density_unit="cm", x_density=7),
                steps=encode(SMALL, progressive=True), small=encode(SMALL, optimize_size=True, xmp_metadata="<about/>"))
    return {name: base64.b64encode(file).decode() for name, file in files.items()}


@program
def written_png(tf):
    again = {}
    for name, pixels in (("colours", SMALL), ("gray", SMALL[..., :1]), ("opacity", SMALL[..., :2]), ("row", SMALL[:1]), ("column",
               SMALL[:, :1])):
        again[name] = tf.image.decode_png(tf.image.encode_png(pixels))
    deep = tf.constant(SMALL.astype(np.uint16) * 250)
    return run(tf, deep=tf.image.decode_png(tf.image.encode_png(deep, compression=9), dtype=tf.uint16), **again)


@program
def shapes_of_decoded_files(tf):
    image, file = tf.image, tf.placeholder(tf.string, [])
    return shapes(png=image.decode_png(file), gray=image.decode_jpeg(file, channels=1), gif=image.decode_gif(file),
               bmp=image.decode_bmp(file, channels=3),
                  part=image.decode_and_crop_jpeg(file, [0, 0, 3, 4]), any=image.decode_image(file), size=image.extract_jpeg_shape(file))


@raises("Expected image (JPEG, PNG, or GIF), got unknown format starting with 'abc'")
def file_of_no_kind(tf):
    tf.Session().run(tf.image.decode_png(b"abc"))


@raises("Expected image (JPEG, PNG, or GIF), got empty file")
def file_without_anything(tf):
    tf.Session().run(tf.image.decode_jpeg(b""))


@raises("Invalid JPEG data or crop window, data size ")
def file_that_is_cut_off(tf):
    tf.Session().run(tf.image.decode_jpeg(FILES["coarse"][:-30]))


@raises("Got 2 frames, but animated gifs can only be decoded by tf.image.decode_gif or tf.image.decode_image")
def moving_file_as_one_image(tf):
    tf.Session().run(tf.image.decode_png(FILES["frames"]))


@raises("channels attribute 1 does not match bits per pixel from file 3")
def gray_of_a_bmp(tf):
    tf.Session().run(tf.image.decode_bmp(FILES["bottom_up"], channels=1))


@raises("Unable to decode bytes as JPEG, PNG, GIF, or BMP")
def any_file_of_no_kind(tf):
    tf.Session().run(tf.image.decode_image(b"zzzzzz"))


@raises("ratio must be 1, 2, 4, or 8, got 3")
def a_third_of_a_jpeg(tf):
    tf.Session().run(tf.image.decode_jpeg(FILES["coarse"], ratio=3))


@raises("image must have 1 or 3 channels, got [2,3,2]")
def jpeg_of_two_channels(tf):
    tf.Session().run(tf.image.encode_jpeg(SMALL[..., :2]))
