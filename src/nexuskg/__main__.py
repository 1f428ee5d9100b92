"""`python -m nexuskg` and the console script: run the command line, and never show a traceback."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """The exit code: 0 fine, 1 findings, 2 usage or any other error."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    try:
        from nexuskg.cli.main import run

        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone: nothing is wrong
        _drop_output()
        return 0
    except OSError as error:
        _drop_output()
        print(f"nexuskg: the output cannot be written ({error.strerror}).", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return code


def _drop_output() -> None:
    """Write nowhere what is still to be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
