"""Logs each file that a Python program writes, wherever it is, and each program that it starts.

Python imports this module first of all in every process that has this folder in its PYTHONPATH.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

LOG = os.open(os.environ["PSA_TEST_FILE_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
PROGRAMS = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen")


def record(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and arguments[2] & WRITING:
        write("file", arguments[0])
    elif event == "os.rename":
        write("file", arguments[1])
    elif event == "sqlite3.connect":
        write("file", arguments[0])
    elif event in PROGRAMS:
        write("program", arguments[:2])


def write(kind: str, what: Any) -> None:
    text = Path(os.fsdecode(what)).absolute() if isinstance(what, (str, bytes)) else repr(what)
    os.write(LOG, f"{kind} {text}\n".encode(errors="backslashreplace"))


sys.addaudithook(record)
