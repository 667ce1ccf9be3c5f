"""The one exception of the bench."""


class BenchError(Exception):
    """The bench cannot run, or cannot go on; `hint` is the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}\n{hint}")
        self.message = message
        self.hint = hint
