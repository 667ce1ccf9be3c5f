"""The one exception of the embedded server."""


class EmbeddedError(Exception):
    """The embedded server cannot do what was asked; `hint` is the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}\n{hint}")
        self.message = message
        self.hint = hint
