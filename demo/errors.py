"""The one error of the demo: something a person can understand and act on, shown without a stack trace."""


class DemoError(Exception):
    """The message is all the reader gets to see: it says what is wrong and what to do."""
