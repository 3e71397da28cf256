"""The fields of a line of comma-separated values, as TF reads it."""

from graphcore.core import errors


def fields(line, delimiter, quotes, columns):
    """The fields of ``line``, or those whose numbers are in ``columns``, if there are any; quotes are taken off."""
    found, place, number = [], 0, 0
    while place < len(line):
        if line[place] in b"\r\n":  # between two fields, where TF passes them
            place += 1
            continue
        if quotes and line[place:place + 1] == b'"':
            field, place = _quoted(line, place + 1, delimiter)
        else:
            field, place = _plain(line, place, delimiter, quotes)
        if not columns or number in columns:
            found.append(field)
            if len(found) == len(columns):
                return found
        number += 1
    if line.endswith(delimiter) and (not columns or number in columns):
        found.append(b"")
    return found


def _plain(line, start, delimiter, quotes):
    """(the field that begins at ``start``, where the next one begins)."""
    end = line.find(delimiter, start)
    end = len(line) if end < 0 else end
    field = line[start:end]
    if b"\n" in field or b"\r" in field or quotes and b'"' in field:
        raise errors.InvalidArgumentError(None, None, "Unquoted fields cannot have quotes/CRLFs inside. The field is "
                                                      f"{field.decode('utf-8', 'replace')!r}")
    return field, end + 1


def _quoted(line, start, delimiter):
    """The same for a field whose first quote is before ``start``."""
    parts, place = [], start
    while True:
        end = line.find(b'"', place)
        if end < 0:
            raise errors.InvalidArgumentError(None, None, "Quoted field has to end with quote followed by delim or end. It begins at byte "
                                                          f"{start - 1} of the record")
        parts.append(line[place:end])
        if end == len(line) - 1 or line[end + 1:end + 2] == delimiter:
            return b'"'.join(parts), end + 2
        if line[end + 1:end + 2] != b'"':
            raise errors.InvalidArgumentError(None, None, "Quote inside a string has to be escaped by another quote. It is at byte "
                                                          f"{end} of the record")
        place = end + 2
