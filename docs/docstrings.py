"""Docstrings as Markdown: paragraphs, sections of arguments, examples."""

import ast
import re
import textwrap

_CODE = re.compile(r"(``.+?``|`[^`\n]+`)", re.DOTALL)
_SPECIAL = re.compile(r"([\\*_\[\]<>#|~${}!])")
_SECTION = re.compile(r"(Args|Arguments|Returns|Raises|Yields|Example|Examples):$")
_ENTRY = re.compile(r"([\w*, .`]+?): (.*)", re.DOTALL)


def markdown(docstring):
    """The Markdown of a docstring whose indentation is clean."""
    blocks, lines = [], docstring.splitlines()
    while lines:
        if not lines[0].strip():
            lines.pop(0)
        elif lines[0].startswith(">>>"):
            blocks.append(_fenced(_taken(lines, lambda line: line.strip()), "pycon"))
        elif _SECTION.match(lines[0]):
            blocks.append(_section(lines.pop(0)[:-1], _taken(lines, lambda line: line.startswith(" ") or not line.strip())))
        elif lines[0].startswith("    "):
            blocks.append(_fenced(_taken(lines, lambda line: line.startswith(" ") or not line.strip()), "text"))
        else:
            blocks.append(_paragraph(_taken(lines, lambda line: line.strip() and not line.startswith((">>>", "    ")))))
    return "\n\n".join(block for block in blocks if block)


def escaped(text):
    """Text in which only code is marked."""
    parts = _CODE.split(text)
    return "".join(_code(part) if number % 2 else _SPECIAL.sub(r"\\\1", part) for number, part in enumerate(parts)).replace("\n", " ")


def _code(part):
    inner = part.strip("`").replace("|", "\\|").replace("\n", " ")
    return f"`{inner}`"


def _taken(lines, wanted):
    """The lines from the front that are wanted; the first one in any case."""
    taken = [lines.pop(0)] if lines else []
    while lines and wanted(lines[0]):
        taken.append(lines.pop(0))
    return taken


def _paragraph(lines):
    if all(line.lstrip().startswith(("- ", "* ")) or line.startswith("  ") for line in lines):
        text = "\n".join(f"\n{line}" if line.startswith(("- ", "* ")) else line for line in lines)
        return "\n".join(f"- {escaped(item.strip()[2:])}" for item in text.split("\n\n") if item.strip()) or ""
    text = "\n".join(lines)
    text = text[:-1] if text.endswith("::") else text
    # A number or a sign in front would begin a list.
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", re.sub(r"^([-+])", r"\\\1", escaped(text))) if text != ":" else ""


def _fenced(lines, language):
    text = textwrap.dedent("\n".join(lines)).strip("\n")
    return f"```{'python' if language == 'text' and _is_python(text) else language}\n{text}\n```"


def _is_python(text):
    """Whether a block can be coloured as Python: some are formulas."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _section(title, lines):
    """Arguments and the like as a list; examples as they stand."""
    text = textwrap.dedent("\n".join(lines)).strip("\n")
    if not text or title.startswith("Example"):
        return markdown(text)
    entries = re.split(r"\n(?=\S)", text)
    heading = {"Arguments": "Args"}.get(title, title)
    return f"**{heading}**\n\n" + "\n".join(f"- {_entry(entry)}" for entry in entries)


def _entry(text):
    text = re.sub(r"\s*\n\s*", " ", text)
    match = _ENTRY.fullmatch(text)
    return f"`{match[1].strip('`')}`: {escaped(match[2])}" if match else escaped(text)
