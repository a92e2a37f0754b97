"""Jobs: many records from files to files, unattended, resumable, with a summary at the end."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleantext.jobs.engine import StoppedError, resumable, run
    from cleantext.jobs.outputs import document_from
    from cleantext.jobs.progress import Progress
    from cleantext.jobs.records import JobError
    from cleantext.jobs.summary import Summary

__all__ = ["JobError", "Progress", "StoppedError", "Summary", "document_from", "resumable", "run"]

_HOME = {
    "StoppedError": "cleantext.jobs.engine",
    "JobError": "cleantext.jobs.records",
    "Progress": "cleantext.jobs.progress",
    "Summary": "cleantext.jobs.summary",
    "document_from": "cleantext.jobs.outputs",
    "resumable": "cleantext.jobs.engine",
    "run": "cleantext.jobs.engine",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'cleantext.jobs' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
