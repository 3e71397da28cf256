# -*- coding: utf-8 -*-
"""Text taken apart: split, matched by regular expressions, read as bytes and as comma-separated values."""
import numpy as np
from catalog import program, raises

TEXTS = ["abcABC.* kK1 \u00e9_X\n\t-]^$", "ab\nac", "",
         u"x\u03c3\u03c2\u03a3\u00b5 \u0178\u1e9e\u00df\u65e5\x0b", b"\xffa\xc3"]


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


# ---------------------------------------------------------------- splitting


@program(graph=True)
def split_at_any_byte(tf):
    split, rows = tf.string_split, ["a b  c", "", "x"]
    return run(tf, plain=split(rows), all=split(rows, skip_empty=False), bytes=split(["abc", u"\u00e9"], ""),
               several=split(["a,b;c,;d"], ",;"),
               old=split(["a,b"], delimiter=","), none=split(np.zeros([0], object)), empty=split(["", ""], ",", skip_empty=False),
               ends=split([",a,"], ",", skip_empty=False), fed=split(fed(tf, ["a b"]), fed(tf, " "), name="named"))


@program(graph=True)
def split_as_python_does(tf):
    split = tf.strings.split
    return run(tf, space=split(["a b  c", "", " x "]), comma=split(["a,b,,c", "", ",x,"], ","), long=split(["a<>b<><>c", "", "<>x<>"], "<>",
                                                                                                           1),
               first=split([" a  b  c ", ""], maxsplit=1), none=split([" a  b ", ""], maxsplit=0), all=split(["a,b,c"], ",", maxsplit=-3),
               other=split([b"a\x0bb\x1cc\xc2\xa0d\x00e"]), twice=split(["aaaa"], "aa"), source=split(source=["a b"]))


@program
def split_of_other_ranks(tf):
    matrix = tf.strings.split([["a b", "c"], ["", "d e f"]])
    return run(tf, matrix=matrix, fed=tf.strings.split(fed(tf, ["a b"])), vector=tf.strings.split("a b", result_type="RaggedTensor"),
               bytes=tf.strings.bytes_split(u"a\u00e9"))


@program
def shapes_of_split(tf):
    parts = [tf.string_split(["a b", "c"]), tf.strings.split(["a"]), tf.strings.split(fed(tf, ["a"]))]
    return {"shapes": [[str(part.shape) for part in (each.indices, each.values, each.dense_shape, each)] for each in parts]}


@raises("Shape must be rank 1 but is rank 0 for 'StringSplit/StringSplit' (op: 'StringSplit') with input shapes: [], [].")
def split_of_a_scalar(tf):
    tf.string_split("a b")


@raises("input must be a vector, got shape: [1,1]")
def split_of_a_fed_matrix(tf):
    tf.Session().run(tf.strings.split(fed(tf, [["a b"]])))


@raises("delimiter must be a scalar, got shape: [1]")
def split_at_a_fed_vector(tf):
    tf.Session().run(tf.string_split(["a b"], fed(tf, [" "])))


@raises("'Tensor' object has no attribute 'to_sparse'")
def split_of_a_scalar_as_sparse(tf):
    tf.strings.split("a b")


@raises("result_type must be 'RaggedTensor' or 'SparseTensor'.")
def split_into_something_else(tf):
    tf.string_split(["a b"], result_type="list")


# ---------------------------------------------------------------- regular expressions

PATTERNS = [
    "a", "", "x*", "a*", "(a)(b|c)", ".", ".*", ".*?", ".+$", "(?m)^", "(?m)$", "^", "$", "(?s)b.a", "(?s).", "\\C", "\\b", "\\B", "\\Aa",
    "\\z",
    "\\d", "\\D+", "\\s", "\\w+", "\\W", "\\pL", "\\p{Lu}+", "\\P{^Lu}", "\\p{^L}", "\\pN", "\\p{Greek}+", "\\p{C}", "\\p{Han}", "\\p{Any}",
    "[^\\pN]",
    "[[:alpha:]]+", "[[:^alpha:]]", "[[:punct:]]", "[[:space:]]", "[[:word:]]", "[a-c]", "[^a-c]", "[]]", "[^]a]", "[-a]", "[a-]",
    "[\\d-z]",
    "[a-b-c]", "[[a]", "[$^]", "[\\x00-\\x{10FFFF}]", "[^\\n]", "[a\\]b]", "(?i)K", "(?i)[a-c]", "(?i)[^a-c]", "(?i:A)b", "(?i)a(?-i)b",
    "(a(?i)b)c", u"(?i)\u03c3", u"(?i)\u00df", u"(?i)\u00ff", u"(?i)\u00b5", "(?i)\\w", "(?U)a.*", "(?U)a.+?", "a{0}", "a{1,2}", "x{",
    "x{,5}",
    "x{01}", "\\Q.*\\E", "\\Qab", "\\Q.\\E*", "\\x61", "\\x{e9}", "\\141", "\\.", "\\_", "\\v", "(?P<n>a)(?P<n>b)", "((((a))))", "a|b|",
    "|", "(|)",
    "(a*)*", "(a|b)*?c", "^*", "$+", u"\u00e9", u"[\u00e0-\u00ff]+", u"[^\u00e9]",
]
REFUSED = [
    "(a", ")", "a)", "[a", "[]", "*", "a|*", "a**", "a++", "a*?*", "a{1}{2}", "a{1001}", "a{2,1}", "(a{500}){3}", "(?=a)", "(?!a)",
    "(?<=a)", "(?>a)",
    "(?P=n)", "(?P<n", u"(?P<\u00e9>x)", "(?x)a", "(?#c)a", "(?", "(?i", "(?i-)a", "(?-)a", "(?i--s)a", "(a)\\1", "\\8", "\\Z", "\\G",
    "\\e", "\\h",
    u"\\\u00e9", "\\xz", "\\x1", "\\x{}", "\\x{110000}", "a\\", "[z-a]", "[a-\\d]", "[a--b]", "[\\b]", "[\\C]", "\\pX", "\\p{Foo}",
           "\\p{Cn}",
    "\\p{Lu",
]


@program
def replaced(tf):
    pattern = tf.placeholder(tf.string, [])
    made = tf.regex_replace(TEXTS, pattern, "<\\0>")
    with tf.Session() as session:
        return {each: session.run(made, {pattern: each}) for each in PATTERNS}


@program
def matched(tf):
    pattern, found = tf.placeholder(tf.string, []), {}
    made = tf.strings.regex_full_match(["abc", "ab", "", "abc\n", u"\u00e9", b"\xff", "a|b", "x{01}"], pattern)
    with tf.Session() as session:
        for each in PATTERNS + ["a|abc", "(a|ab)(c|bcd)?", "[a-c]*", "\\C\\C", "abc$", "a.+"]:
            found[each] = session.run(made, {pattern: each})
    return found


@program
def refused_patterns(tf):
    """What TF says of patterns that RE2 does not take, from the pattern on."""
    pattern, found = tf.placeholder(tf.string, []), {}
    made = tf.strings.regex_full_match("abc", pattern)
    with tf.Session() as session:
        for each in REFUSED:
            try:
                session.run(made, {pattern: each})
                found[each] = "taken"
            except tf.errors.InvalidArgumentError as error:
                found[each] = error.message.split("\n")[0].split(" [[")[0].strip()
    return found


@program(graph=True)
def rewritten(tf):
    replace = tf.strings.regex_replace
    made = {rewrite: replace("hello", "(l)(l)", rewrite) for rewrite in ("\\2-\\1", "\\\\", "<\\0>", "\\3", "a\\xb", "\\", "")}
    made["once"] = replace(["abab", "b"], "a", "x", replace_global=False)
    made["once, wrong"] = replace(["abab"], "a", "x\\y", replace_global=False)
    made["fed"] = replace(fed(tf, ["ab"]), fed(tf, "a"), fed(tf, "x"), name="named")
    made["match"] = tf.strings.regex_full_match([["ab"]], fed(tf, "a."))
    made["static match"] = tf.strings.regex_full_match([["ab"]], "a.")
    return run(tf, **made)


@raises("Invalid pattern: (l, error: missing ): (l")
def replaced_what_is_no_pattern(tf):
    tf.Session().run(tf.regex_replace("hello", "(l", ""))


@raises("Pattern must be scalar, but received [1]")
def matched_with_two_patterns(tf):
    tf.Session().run(tf.strings.regex_full_match("a", fed(tf, ["a"])))


@raises("Rewrite must be scalar, but received [1]")
def replaced_by_a_vector(tf):
    tf.Session().run(tf.regex_replace("a", "a", fed(tf, ["a"])))


@raises("Shape must be rank 0 but is rank 1 for 'RegexReplace' (op: 'RegexReplace') with input shapes: [1], [1], [].")
def replaced_with_a_vector_of_patterns(tf):
    tf.regex_replace(["a"], ["a"], "x")


# ---------------------------------------------------------------- bytes and comma-separated values


@program(graph=True)
def raw_bytes(tf):
    raw = tf.decode_raw
    return run(tf, bytes=raw(["ab", "cd"], tf.uint8), short=raw("abcd", tf.int16), turned=raw("abcd", tf.int16, little_endian=False),
               float=raw(["abcdefgh"], tf.float32), complex=raw(["abcdefgh"], tf.complex64), pair=raw(["abcdefgh"], tf.complex64, False),
               bool=raw([b"\x00\x01\x02"], tf.bool), half=tf.io.decode_raw([["abcd"]], tf.float16), none=raw(np.zeros([0, 2], object),
                                                                                                             tf.int16),
               empty=raw(["", ""], tf.int32), old=raw(bytes=["a"], out_type=tf.int8), fed=raw(fed(tf, ["abcdefgh"]), tf.int64))


@raises("DecodeRaw requires input strings to all be the same size, but element 1 has size 2 != 3")
def raw_bytes_of_two_sizes(tf):
    tf.Session().run(tf.decode_raw(["ab", "cde"], tf.uint8))


@raises("Input to DecodeRaw has length 3 that is not a multiple of 2, the size of int16")
def raw_bytes_that_do_not_fit(tf):
    tf.Session().run(tf.decode_raw(["abc"], tf.int16))


@raises("decode_raw_v1() missing 1 positional argument: 'out_type'")
def raw_bytes_of_no_type(tf):
    tf.decode_raw(["abc"])


@program(graph=True)
def comma_separated(tf):
    read, texts = tf.decode_csv, [[""], [""]]
    return run(tf, rows=read(["1,2.5,abc", "4,,x"], [[0], [1.5], ["d"]]), scalar=tf.io.decode_csv("1,2", [[0], [np.float64(0)]]),
               matrix=read([["1,2"], ["3,4"]], [[0], np.array([0])]), quoted=read('"a,b","c""d"', texts),
               bare=read('"a",c', texts, use_quote_delim=False),
               bars=read("a|b", texts, field_delim="|"), lines=read('"a\nb",c', texts), missing=read(",", [["p"], ["q"]]),
               none=read("a,NA,", [["p"], [3], ["q"]], na_value="NA"), chosen=read("1,2,3", [[0], [0]], select_cols=[0, 2], name="chosen"),
               spaces=read(" 1 , 2.5 ", [[0], [0.0]]), empty=read(np.zeros([0], object), texts), escaped=read('"a""","b"', texts),
               last=read('a,""', [["p"], ["q"]]), required=read("1,2", [tf.constant([], tf.int32), 7]),
               fed=read(fed(tf, ["1,2"]), [[0], [0]]),
               led=read("\na,b", texts))


@program
def wrong_lines(tf):
    texts = [[""], [""]]
    made = {line: lambda line=line: tf.decode_csv(line, texts) for line in
            ('a"b,c', '"a"b,c', '"a,c', "a,b\n", "a,b\r\n", "a\r,b", "", "a", "a,b,c", '""a",b', 'a,"', 'a, "b"', "a,b\nc")}
    made["chosen"] = lambda: tf.decode_csv('a,b"x,c', texts, select_cols=[0, 2])
    made["few"] = lambda: tf.decode_csv("a,b,c", texts, select_cols=[0, 5])
    return failures(tf, made)


@raises("Expect 2 fields but have 1 in record 1")
def line_with_too_few_fields(tf):
    tf.Session().run(tf.decode_csv(["1,2", "3"], [[0], [0]]))


@raises("Field 1 in record 0 is not a valid double: a")
def field_that_is_no_number(tf):
    tf.Session().run(tf.decode_csv("1,a", [[0], np.array([0.0])]))


@raises("Field 0 is required but missing in record 0!")
def field_that_is_missing(tf):
    tf.Session().run(tf.decode_csv(",1", [tf.constant([], tf.int32), [0]]))


@raises("Unquoted fields cannot have quotes/CRLFs inside")
def line_with_a_quote(tf):
    tf.Session().run(tf.decode_csv('a"b', [[""]]))


@raises("Quoted field has to end with quote followed by delim or end")
def line_with_an_open_quote(tf):
    tf.Session().run(tf.decode_csv('"a', [[""]]))


@raises("Quote inside a string has to be escaped by another quote")
def line_with_a_lone_quote(tf):
    tf.Session().run(tf.decode_csv('"a"b,c', [[""], [""]]))


@raises("field_delim should be only 1 char")
def line_with_a_long_delimiter(tf):
    tf.Session().run(tf.decode_csv("a", [[""]], field_delim="||"))


@raises("Shape of a default must be a length-0 or length-1 vector, or a scalar. for 'DecodeCSV' (op: 'DecodeCSV')")
def default_of_two(tf):
    tf.decode_csv("1", [[0, 1]])


@raises("There should only be 1 default per field but field 0 has 2")
def default_of_two_fed(tf):
    tf.Session().run(tf.decode_csv("1", [fed(tf, [0, 1])]))


@raises("DataType bool not in list of allowed values: float32, float64, int32, int64, string")
def default_of_another_type(tf):
    tf.decode_csv("1", [[True]])


@raises("select_cols is not strictly increasing.")
def columns_out_of_order(tf):
    tf.decode_csv("1,2,3", [[0], [0]], select_cols=[2, 0])


@raises("Length of select_cols and record_defaults do not match.")
def columns_without_defaults(tf):
    tf.decode_csv("1,2,3", [[0]], select_cols=[1, 2])


@raises("Attr 'OUT_TYPE' of 'DecodeCSV' Op passed list of length 0 less than minimum 1.")
def no_columns(tf):
    tf.decode_csv("1", [])


# ---------------------------------------------------------------- encodings


@program
def transcoded(tf):
    texts, found = [b"ab\xc3\xa9\xff\xe6\x97z\xed\xa0\x80\xf5", b"\x00a\xd8\x00\x00b\x01", b"a\x01\x7f\n\x80\x81", b""], {}
    code = tf.strings.unicode_transcode
    for encoding in ("UTF-8", "utf8", "UTF-16-BE", "UTF-16", "UTF-16-LE", "UTF-32-BE", "latin1", "US-ASCII"):
        found[encoding] = code(texts, encoding, "UTF-8")
        found[encoding + " ignored"] = code([texts], encoding, "UTF-8", errors="ignore")
    found.update(controls=code(u"a\x00\x01\t\n\x1f\x7f\u0085", "UTF-8", "UTF-8", replace_control_characters=True),
                 wide=code(u"a\U0001f600", "UTF-8", "UTF-16-BE"), char=code([b"a\xff"], "UTF-8", "UTF-32-BE", replacement_char=0x1F600))
    return run(tf, **found)


@raises("Invalid formatting on input string")
def transcoded_strictly(tf):
    tf.Session().run(tf.strings.unicode_transcode(b"\xff", "UTF-8", "UTF-8", errors="strict"))


@raises("Could not create converter for input encoding: LATIN-9x")
def transcoded_from_nothing(tf):
    tf.Session().run(tf.strings.unicode_transcode(b"a", "LATIN-9x", "UTF-8"))


@raises("replacement_char out of unicode codepoint range")
def transcoded_with_no_character(tf):
    tf.Session().run(tf.strings.unicode_transcode(b"a", "UTF-8", "UTF-8", replacement_char=-1))


@raises("Attr 'output_encoding' of 'UnicodeTranscode' Op passed string 'latin1' not in: \"UTF-8\", \"UTF-16-BE\", \"UTF-32-BE\".")
def transcoded_to_another_encoding(tf):
    tf.strings.unicode_transcode(b"a", "UTF-8", "latin1")
