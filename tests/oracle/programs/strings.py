# -*- coding: utf-8 -*-
"""Text: hashes, numbers, base64, case, parts of strings, strings joined."""
import numpy as np
from catalog import program, raises

GRID = [["a", "b"], ["c", "d"], ["e", "f"]]
CUBE = np.array(list("abcdefgh"), object).reshape(2, 2, 2)
NAN, INF = float("nan"), float("inf")
LONG = [bytes(bytearray((7 * place + 3 * size) % 256 for place in range(size))) for size in list(range(70)) + [127, 128, 129, 191, 192, 193,
                                                                                                               300]]


def run(tf, **made):
    with tf.Session() as session:
        return {name: session.run(tensor) for name, tensor in made.items()}


def fed(tf, value, shape=None):
    return tf.placeholder_with_default(value, shape)


def failures(tf, made):
    """The first line of the error of each function, without the places of nodes."""
    found = {}
    for name, function in sorted(made.items()):
        try:
            tf.Session().run(function())
            found[name] = "nothing"
        except tf.errors.OpError as error:
            found[name] = type(error).__name__
    return found


# ---------------------------------------------------------------- hashes


@program
def hashes_of_every_length(tf):
    most = 2**63 - 1
    return run(tf, fast=tf.strings.to_hash_bucket_fast(LONG, most), strong=tf.strings.to_hash_bucket_strong(LONG, most, [-3, 2**62 + 5]),
               old=tf.strings.to_hash_bucket(LONG, most))


@program(graph=True)
def hash_buckets(tf):
    words = [["cat", ""], ["dog", u"\u65e5\u672c"]]
    return run(tf, fast=tf.string_to_hash_bucket_fast(words, 10), strong=tf.string_to_hash_bucket_strong(words, 7, [1, 2]),
               old=tf.string_to_hash_bucket(words, 1000), scalar=tf.string_to_hash_bucket_fast("cat", 1),
               empty=tf.string_to_hash_bucket_fast(np.zeros([0, 2], object), 5), unknown=tf.string_to_hash_bucket(fed(tf, ["x"]), 3))


@raises("Key must have 2 elements")
def hash_with_a_short_key(tf):
    tf.Session().run(tf.string_to_hash_bucket_strong(["a"], 10, [1]))


@raises("Attr 'num_buckets' of 'StringToHashBucketFast' Op passed 0 less than minimum 1.")
def hash_into_no_buckets(tf):
    tf.string_to_hash_bucket_fast(["a"], 0)


@raises("Expected string passed to parameter 'input' of op 'StringToHashBucketFast', got [1] of type 'list' instead.")
def hash_of_a_number(tf):
    tf.string_to_hash_bucket_fast([1], 3)


# ---------------------------------------------------------------- numbers


@program
def numbers_as_text(tf):
    floats = [1.5, -2.0, 3e20, NAN, INF, -INF, 1e-10, 0.5, 2.5]
    made = {"int": tf.as_string([1, -2, 300]), "bool": tf.as_string([True, False], width=7), "scalar": tf.as_string(np.int8(-5)),
            "double": tf.as_string(np.array([1 / 3.0, 1e30])), "complex": tf.as_string(np.array([1 + 2j, -1.5 - 2.25j], np.complex64)),
            "complex filled": tf.as_string(np.array([1 + 2j]), precision=2, width=8, fill="0"),
            "empty": tf.as_string(np.zeros([0, 2], np.int32)), "long": tf.as_string(np.array([2**62]), width=3)}
    for fill in ("", "0", "-", "+", " ", "#"):
        made["int" + fill] = tf.as_string([1, -2, 300], width=5, fill=fill)
        made["float" + fill] = tf.as_string(floats, width=12, fill=fill)
        made["none" + fill] = tf.as_string(floats, fill=fill, precision=0)
    made.update(scientific=tf.as_string(floats, scientific=True, precision=3), shortest=tf.as_string(floats, shortest=True))
    return run(tf, **made)


@raises("Cannot select both scientific and shortest notation")
def text_scientific_and_shortest(tf):
    tf.Session().run(tf.as_string([1.0], scientific=True, shortest=True))


@raises("precision not supported for datatype int32")
def text_of_integers_with_precision(tf):
    tf.Session().run(tf.as_string([1], precision=3))


@raises("scientific and shortest format not supported for datatype int64")
def text_of_scientific_integers(tf):
    tf.Session().run(tf.as_string(np.array([1]), scientific=True))


@raises("Fill string must be one or fewer characters")
def text_filled_with_two(tf):
    tf.Session().run(tf.as_string([1], width=3, fill="00"))


@raises("Value passed to parameter 'input' has DataType uint8 not in list of allowed values")
def text_of_bytes(tf):
    tf.as_string(np.array([1], np.uint8))


NUMERALS = ["1", "-2", " 3 ", "007", "\t7\n", "-0", "16777217", "2147483647", "-2147483648"]
DECIMALS = ["+4", "1.5", "1e3", "0x10", "-0XfF", "inf", "-INF", "+nan", "  ", "1e400", "1e-400", ".5", "5.", "1.e2", "0.1", "1e39", "1e-46",
            "1.00000017881393432617187499", "1.00000017881393432617187500", "1.00000017881393432617187501", "9" * 30, "1e-45",
            "3.4028236e38", "1." + 29 * "0", 30 * " " + "1"]
WRONG = ["", "1 2", "abc", "1e", "1_000", "Infinity", "1f", "0x", "- 5", "+-5", "e5", "0x1p3", "1\x00", u"\u0661", "nan(1)", ".", "--1",
         "1." + 30 * "0", "1" + 31 * " "]


@program(graph=True)
def text_as_numbers(tf):
    return run(tf, default=tf.string_to_number(NUMERALS + DECIMALS), double=tf.strings.to_number(NUMERALS + DECIMALS, tf.float64),
               int=tf.string_to_number(input=NUMERALS, out_type=tf.int32), empty=tf.string_to_number(np.zeros([0, 3], object)),
               long=tf.string_to_number(NUMERALS + ["9223372036854775807", "-9223372036854775808"], tf.int64, name="long"),
               scalar=tf.string_to_number(fed(tf, "12"), tf.int64))


@program
def what_is_no_number(tf):
    made = {}
    for dtype in ("float32", "float64", "int32", "int64"):
        for text in WRONG + ([] if dtype[0] == "f" else ["+4", "1.5", "1e3", "0x10", "  ", "9223372036854775808"]):
            made[dtype + " " + repr(text).lstrip("u")] = lambda dtype=dtype, text=text: tf.string_to_number(text, getattr(tf, dtype))
    return failures(tf, made)


@raises("StringToNumberOp could not correctly convert string: x")
def text_that_is_no_number(tf):
    tf.Session().run(tf.string_to_number(["1", "x"]))


@raises("Cannot specify both 'string_tensor' and 'input'")
def number_of_two_texts(tf):
    tf.string_to_number("1", input="2")


# ---------------------------------------------------------------- characters


@program
def base64(tf):
    plain = ["", "a", "ab", "abc", "hello?>", b"\xff\xfe\xfd"]
    return run(tf, bare=tf.encode_base64(plain), padded=tf.io.encode_base64(plain, pad=True),
               back=tf.decode_base64(["", "YQ", "YQ==", "YWI", "YWI=", "_-79", "YR"]), scalar=tf.io.decode_base64("YWJj"))


@program
def what_is_no_base64(tf):
    made = {text: lambda text=text: tf.decode_base64(text) for text in
            ("Y", "YQ=", "====", "Y===", "Y Q", "+/79", "YQ==YQ==", "Y=Q=", "YWJjY", "YQ\n", "YQ==\n")}
    return failures(tf, made)


@raises("Invalid character found in base64.")
def wrong_base64(tf):
    tf.Session().run(tf.decode_base64("YW J"))


@raises("Base64 string length cannot be 1 modulo 4.")
def short_base64(tf):
    tf.Session().run(tf.decode_base64("YWJjY"))


@program(graph=True)
def case_and_space(tf):
    words = [u"ABC \u00c9 \u0391\u03a3", b"x\xffY\xc3(", u"abc \u00e9 \u00df \u0149 \u01c6 \ufb01"]
    return run(tf, lower=tf.strings.lower(words), upper=tf.strings.upper(words), lower_unicode=tf.strings.lower(words, encoding="utf-8"),
               upper_unicode=tf.strings.upper(words, encoding="utf-8"),
               strip=tf.strings.strip([" a b \t\n\v\f\r", "", "  ", "\x00a ", "\x1c a", u"\u00a0a"]), old=tf.string_strip(fed(tf, " x ")))


@raises("only utf-8 or '' (no encoding) is supported, received latin1")
def case_of_another_encoding(tf):
    tf.Session().run(tf.strings.lower("A", encoding="latin1"))


@program(graph=True)
def lengths(tf):
    words = [[u"\u00e9", ""], ["abc", u"\u65e5\u672c"], [b"\xff\x80a", b"\x80"]]
    return run(tf, bytes=tf.strings.length(words), characters=tf.strings.length(words, unit="UTF8_CHAR"),
               scalar=tf.strings.length("ab", "n"))


@raises("Attr 'unit' of 'StringLength' Op passed string 'CHAR' not in: \"BYTE\", \"UTF8_CHAR\".")
def length_in_another_unit(tf):
    tf.strings.length("a", unit="CHAR")


@program
def parts_of_text(tf):
    part, words = tf.strings.substr, [u"h\u00e9llo", u"\u65e5\u672c\u8a9e"]
    return run(tf, all=part(["hello", "world"], 1, 3), each=part(["hello", "world"], [1, -2], [3, 9]),
               of_one=tf.substr("hello", [1, 5], [3, 1]),
               rows=part([["hello"], ["world"]], [1, 2], [3, 1]), negative=part(["hello"], -5, 2), rest=part(["hello"], 2, -1),
               long=part(["hello"], np.int64(1), np.int64(2)), empty=part(np.zeros([0], object), 1, 1),
               characters=part(words, 1, 1, unit="UTF8_CHAR"), last=part(words, -2, 9, unit="UTF8_CHAR"),
               behind=part(words[1:], 3, 1, unit="UTF8_CHAR"), none=part(words, 0, -1, unit="UTF8_CHAR"),
               broken=part([b"h\xff\x80\x80llo", b"\x80\x80a"], 1, 1, unit="UTF8_CHAR"))


@program
def shapes_of_parts(tf):
    part, one = tf.strings.substr, tf.constant([1])
    made = [part(fed(tf, ["a"]), 1, 1), part(fed(tf, ["a"], [None]), [[1], [2]], [[1], [1]]), part("abc", fed(tf, [1]), one),
            part(fed(tf, [["a", "b", "c"]], [None, 3]), [1, 2, 3], [1, 1, 1])]
    return {"shapes": [str(each.shape) for each in made]}


@raises("pos -3 out of range for string b'a' at index 1")
def part_before_the_text(tf):
    tf.Session().run(tf.strings.substr(["hello", "a"], -3, 2))


@raises("pos 9 out of range for string b'hi' at index (0, 1)")
def part_behind_the_text(tf):
    tf.Session().run(tf.strings.substr([["hello", "hi"], ["abc", "de"]], [1, 9], [1, 1]))


@raises("pos 4 out of range for string at index 1")
def part_behind_the_characters(tf):
    tf.Session().run(tf.strings.substr(["hello", u"\u65e5"], 4, 1, unit="UTF8_CHAR"))


@raises("Dimensions must be equal, but are 2 and 3 for 'Substr' (op: 'Substr') with input shapes: [2], [3], [3].")
def parts_of_other_sizes(tf):
    tf.strings.substr(["a", "b"], [1, 2, 3], [1, 1, 1])


@raises("pos and len shapes must match: [2] vs. [3] for 'Substr' (op: 'Substr') with input shapes: [1], [2], [3].")
def parts_with_too_many_lengths(tf):
    tf.strings.substr(["a"], [1, 2], [1, 1, 1])


@raises("Incompatible shapes: [2] vs. [3]")
def parts_of_other_fed_sizes(tf):
    tf.Session().run(tf.strings.substr(["a", "b"], fed(tf, [0, 0, 0]), fed(tf, [1, 1, 1])))


# ---------------------------------------------------------------- joining


@program(graph=True)
def joined(tf):
    return run(tf, scalar=tf.strings.join(["a", ["b", "c"]], separator="-"), equal=tf.string_join([["a", "b"], ["c", "d"]], name="j"),
               one=tf.strings.join(["a"]), none=tf.strings.join([np.zeros([0], object), "a"]), fed=tf.strings.join([fed(tf, "a"), "c"]),
               mixed=tf.strings.join([fed(tf, "a"), fed(tf, ["b"]), "c"]))


@raises("Dimension 0 in both shapes must be equal, but are 2 and 1. Shapes are [2] and [1]. for 'StringJoin'")
def joined_of_two_sizes(tf):
    tf.strings.join([["a", "b"], ["c"]])


@raises("Input shapes do not match: [2] vs. [1]")
def joined_of_two_fed_sizes(tf):
    tf.Session().run(tf.strings.join([["a", "b"], fed(tf, ["c"])]))


@raises("List argument 'inputs' to 'StringJoin' Op with length 0 shorter than minimum length 1.")
def joined_nothing(tf):
    tf.strings.join([])


@program(graph=True)
def reduced(tf):
    join = tf.reduce_join
    return run(tf, all=join(GRID), first=join(GRID, 0), last=join(GRID, -1, separator="-"), two=join(GRID, [0, 1]),
               back=join(GRID, [1, 0], separator=","),
               none=join(GRID, []), kept=join(GRID, [0], keepdims=True), named=tf.strings.reduce_join(GRID, 1, name="n"), scalar=join("a"),
               fed=join(fed(tf, GRID)), axis=join(fed(tf, GRID, [None, 2]), fed(tf, [0])), old=join(GRID, reduction_indices=[0],
                                                                                                    separator="+"))


@program
def reduced_cubes(tf):
    join, empty = tf.reduce_join, np.zeros([0, 2], object)
    return run(tf, ends=join(CUBE, [0, 2], separator="."), turned=join(CUBE, [2, 0], separator="."), kept=join(CUBE, [-1, 0],
                                                                                                               keepdims=True),
               gone=join(empty, 0), left=join(empty, 1), all=join(empty))


@raises("Invalid reduction dimension 2 for input with 2 dimensions. for 'ReduceJoin/ReduceJoin' (op: 'ReduceJoin')")
def reduced_over_no_axis(tf):
    tf.reduce_join(GRID, 2)


@raises("Invalid reduction dimension 5 for input with 2 dimension(s)")
def reduced_over_no_fed_axis(tf):
    tf.Session().run(tf.reduce_join(GRID, fed(tf, 5)))


@raises("Duplicate reduction dimension -1")
def reduced_twice(tf):
    tf.Session().run(tf.reduce_join(GRID, [1, -1]))


@program(graph=True)
def segments_joined(tf):
    join = tf.strings.unsorted_segment_join
    return run(tf, vector=join(["a", "b", "c"], [0, 1, 0], 3, separator="-"), rows=join([["a", "b"], ["c", "d"]], [1, 1], 2),
               matrix=join([["a", "b"], ["c", "d"]], [[0, 1], [1, 0]], 2, separator="-"),
               fed=join(fed(tf, ["a"]), fed(tf, [0]), fed(tf, 2)))


@raises("segment_ids are not allowed to exceed num_segments or to have negative values.")
def segments_joined_beyond_the_last(tf):
    tf.Session().run(tf.strings.unsorted_segment_join(["a", "b"], [0, 3], 2))


@program(graph=True)
def formatted(tf):
    show = tf.strings.format
    return run(tf, two=show("a {} b {}", [tf.constant([1, 2]), tf.constant("x")]), long=show("{}", tf.constant([1.5, 2, 3, 4, 5, 6, 7, 8])),
               ends=show("a % b", [tf.constant(np.arange(20.0).reshape(4, 5))], placeholder="%", summarize=1), none=show("a", []),
               python=show("{} {}", (1, "a")))


@raises("1 placeholder(s) in template does not match 0 tensor(s) provided as input")
def formatted_nothing(tf):
    tf.strings.format("a {}", [])
