"""`python -m nexuskg` and the console script: run the command line, and never show a traceback."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """The exit code: 0 fine, 1 findings, 2 usage or any other error."""
    try:
        from nexuskg.cli import run

        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
