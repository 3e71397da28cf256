"""tf.audio: WAV files read and written, as they should be and otherwise."""
import struct

import numpy as np
from catalog import program, raises

SAMPLES = [0, 1, -1, 16384, -16384, 32767, -32768, 12345]


def chunk(name, content):
    return name + struct.pack("<I", len(content)) + content


def form(kind=1, channels=1, rate=8000, a_second=None, frame=None, bits=16, more=b""):
    frame = 2 * channels if frame is None else frame
    a_second = 2 * channels * rate if a_second is None else a_second
    return chunk(b"fmt ", struct.pack("<HHIIHH", kind, channels, rate, a_second, frame, bits) + more)


def samples(values=SAMPLES):
    return chunk(b"data", struct.pack("<%dh" % len(values), *values))


def wav(*chunks, **how):
    content = how.get("start", b"WAVE") + b"".join(chunks)
    return how.get("riff", b"RIFF") + struct.pack("<I", how.get("size", len(content))) + content


def decoded(tf, content, **options):
    """Sound and rate, or the error's class and text."""
    with tf.Session() as session:
        try:
            sound = session.run(tf.audio.decode_wav(tf.constant(content), **options))
            return [sound.audio, sound.sample_rate]
        except (tf.errors.OpError, ValueError) as error:
            return [type(error).__name__, getattr(error, "message", str(error)).split("\n")[0].split(". ")[0].split(";")[0].strip()]


@program
def files(tf):
    return {"mono": decoded(tf, wav(form(), samples())), "stereo": decoded(tf, wav(form(channels=2), samples())),
            "four": decoded(tf, wav(form(channels=4, rate=44100), samples())),
            "long form": decoded(tf, wav(form(more=b"\0\0"), samples())),
            "longer form": decoded(tf, wav(form(more=b"\x02\0ab"), samples())),
            "other chunks": decoded(tf, wav(form(), chunk(b"LIST", b"abcd"), samples(), chunk(b"more", b"xy"))),
            "odd chunk": decoded(tf, wav(form(), chunk(b"LIST", b"abc"), samples())),
            "wrong size": decoded(tf, wav(form(), samples(), size=7)), "no samples": decoded(tf, wav(form(), samples([]))),
            "three of two": decoded(tf, wav(form(channels=2), samples([1, 2, 3]))),
            "two data": decoded(tf, wav(form(), samples([1, 2]), samples([3])))}


@program
def faults(tf):
    whole = wav(form(), samples())
    wrong = {
        "empty": b"", "text": b"no sound at all", "riff": wav(form(), samples(), riff=b"RIFX"),
        "wave": wav(form(), samples(), start=b"AVI "),
        "list first": wav(chunk(b"LIST", b"abcd"), form(), samples()), "no form": wav(samples()), "no data": wav(form()),
        "short form": wav(chunk(b"fmt ", b"ab")), "float": wav(form(kind=3), samples()), "no channels": wav(form(channels=0), samples()),
        "8 bits": wav(form(bits=8), samples()), "frame": wav(form(frame=3), samples()), "bytes a second": wav(form(a_second=5), samples()),
        "rate": wav(form(rate=0), samples())}
    found = {name: decoded(tf, content) for name, content in sorted(wrong.items())}
    for place in (3, 10, 15, 30, 38, 42, len(whole) - 1):
        found["cut at %d" % place] = decoded(tf, whole[:place])
    return found


@program
def wanted_sizes(tf):
    two, one = wav(form(channels=2), samples()), wav(form(), samples())
    found = {}
    for channels in (-1, 0, 1, 2, 3):
        for length in (-1, 0, 2, 6):
            options = dict(desired_channels=channels, desired_samples=length)
            found["%d %d" % (channels, length)] = [decoded(tf, two, **options), decoded(tf, one, **options)]
    return found


@program(graph=True)
def shapes(tf):
    content = tf.placeholder(tf.string, name="content")
    sounds = [tf.audio.decode_wav(content), tf.audio.decode_wav(content, desired_channels=2, name="two"),
              tf.audio.decode_wav(content, 1, 100, name="both"), tf.audio.decode_wav(content, desired_samples=7)]
    encoded = tf.audio.encode_wav(sounds[2].audio, 8000, name="again")
    return {"shapes": [[each.audio.shape.as_list(), each.sample_rate.shape.as_list()] for each in sounds], "encoded": str(encoded),
            "printed": str(sounds[0])}


@program
def encoded(tf):
    sounds = {"mono": ([[0.0], [0.5], [-0.5], [1.0], [-1.0]], 8000), "stereo": ([[0.1, -0.1], [2.0, -2.0]], 44100),
              "fine": ([[x / 65536.0] for x in range(-5, 6)], 1), "odd": ([[float("nan")], [float("inf")], [-float("inf")]], 16000)}
    with tf.Session() as session:
        return {name: session.run(tf.audio.encode_wav(tf.constant(sound, tf.float32), rate))
                for name, (sound, rate) in sorted(sounds.items())}


def encode(tf, sound, rate):
    tf.Session().run(tf.audio.encode_wav(tf.placeholder_with_default(np.array(sound, np.float32), None),
                                         tf.placeholder_with_default(np.array(rate, np.int32), None)))


@raises("audio must be 2-dimensional[3]")
def encoding_a_vector(tf):
    encode(tf, [1, 2, 3], 8000)


@raises("Input sample_rate should be a scalar tensor, got [1] instead.")
def encoding_with_rates(tf):
    encode(tf, [[1]], [8000])


@raises("sample_rate must be in (0, 2^32), got: 0")
def encoding_without_rate(tf):
    encode(tf, [[1]], 0)


@raises("audio is null")
def encoding_nothing(tf):
    encode(tf, np.zeros([0, 1]), 8000)


@raises("Shape must be rank 2 but is rank 1")
def encoding_a_vector_while_building(tf):
    tf.audio.encode_wav(tf.zeros([3]), 8000)


@raises("contents must be scalar, got shape [1]")
def decoding_several(tf):
    tf.Session().run(tf.audio.decode_wav(tf.placeholder_with_default([b""], None)))


@raises("Shape must be rank 0 but is rank 1")
def decoding_several_while_building(tf):
    tf.audio.decode_wav([b""])


@raises("channels must be non-negative, got -2")
def decoding_less_than_no_channels(tf):
    tf.audio.decode_wav(b"", desired_channels=-2)
