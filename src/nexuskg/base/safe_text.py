"""Text as it may be shown to a terminal or piped on: what was read is not to steer what shows it."""

from __future__ import annotations

import re


def printable(message: str, keep: str = "") -> str:
    """The message with what is not printable written out, but for the characters to keep.

    >>> printable("a\\x1b[2J\\n", keep="\\n") == "a\\\\x1b[2J\\n"
    True
    """
    if message.isprintable():
        return message
    return "".join(c if c.isprintable() or c in keep else ascii(c)[1:-1] for c in message)


def one_line(message: str) -> str:
    """The message as one printable line.

    >>> one_line(" two\\n lines ")
    'two lines'
    """
    return printable(" ".join(message.split()))


def escape_controls(document: str) -> str:
    """JSON or Turtle with the control characters of its strings escaped, which both may otherwise hold as they are.

    >>> escape_controls('["\\x9b31m"]')
    '["\\\\u009b31m"]'
    """
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", document)
