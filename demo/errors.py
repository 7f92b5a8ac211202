"""The demo's error, shown as a message without a stack trace."""


class DemoError(Exception):
    """The message says what is wrong and what to do; nothing else is shown."""
