"""Names of summary ops: the tag and the name scope that follow from a summary's name and family."""

import contextlib
import logging
import re

from graphcore.core.scopes import get_default_graph, name_scope

_log = logging.getLogger("tensorflow")    # that of tf.logging, as the line is TF's
_ILLEGAL = re.compile(r"[^-/\w\.]")


def clean_tag(name):
    """``name`` with the characters that a tag may not have replaced by ``_``; logged when it changes."""
    if name is None:
        return None
    cleaned = _ILLEGAL.sub("_", name).lstrip("/")
    if cleaned != name:
        _log.info("Summary name %s is illegal; using %s instead.", name, cleaned)
    return cleaned


@contextlib.contextmanager
def summary_scope(name, family, values, default_name=None):
    """(tag, name scope) of a summary op."""
    name, family = clean_tag(name), clean_tag(family)
    base = name if family is None else f"{family}/{name}"
    with name_scope(base, default_name, values) as scope:
        tag = scope.rstrip("/")
        yield (tag if family is None else f"{family}/{tag}"), scope


def collect(summary, collections, default):
    """``summary``, after it was added to the collections, or to the ``default`` ones for None."""
    get_default_graph().add_to_collections(default if collections is None else collections, summary)
    return summary
