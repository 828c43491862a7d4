"""The two ways a stage ends early."""


class TrainerError(Exception):
    """A failure with a code that callers act on; becomes an `error` event and exit code 1."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        where: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = {"expected": expected, "found": found, "where": where, "remedy": remedy}

    def __str__(self) -> str:
        parts = [f"{self.code}: {self.message}"]
        parts += [f"{name}: {text}" for name, text in self.details.items() if text is not None]
        return "; ".join(parts)


class Stopped(Exception):
    """SIGTERM, or the parent has died; the checkpoint is written. Becomes exit code 75."""
