"""What an exception tells its caller to do.

```
HypercareError
├── Rejected      this input is bad: keep it as a dead letter, go on with its neighbours
│   └── Unwanted  it is well made, and nobody wants it: the same, but no sign that a sender has to be mended
├── Unavailable   something we depend on is away: try again later, lose nothing
└── Stop          a person has to act: end, say what happened and how to mend it
```
"""

from __future__ import annotations


class HypercareError(Exception):
    """Root of every error that is raised on purpose."""


class Rejected(HypercareError):  # noqa: N818 - an instruction, not a malfunction
    """Bad input: ``reason`` is a stable code, ``detail`` says what and where inside the input."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Unwanted(Rejected):
    """Well-formed input that says nothing, such as spam: a flood of it must not stop a stage as bad input does."""


class Unavailable(HypercareError):  # noqa: N818 - an instruction, not a malfunction
    """A broker, an index or a network is away for now."""


class Stop(HypercareError):  # noqa: N818 - an instruction, not a malfunction
    """Nothing more can be done without a person; ``fix`` is what that person can do, best as a command."""

    def __init__(self, problem: str, *, fix: str = "", exit_code: int = 1) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix
        self.exit_code = exit_code
