"""A headless Chromium that tests drive: the DevTools protocol over two pipes, nothing to install.

Chromium reads commands from its file descriptor 3 and answers on 4, each message a JSON object
that ends with a zero byte (``--remote-debugging-pipe``).
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

#: What browsers are called, the first one found is taken.
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # containers run as root; only pages made here are opened
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowRight": 39}


def find() -> str | None:
    """The browser, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One browser process with one page.

    Attributes:
        events: what the page reported since it was opened: name and parameters.
    """

    def __init__(self, command: str, *, seconds: float = 30.0) -> None:
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self._seconds = seconds
        self._last = 0
        self._session: str | None = None
        self._buffer = b""
        self._profile = tempfile.mkdtemp()
        self._pid, self._to, self._from = _start(command, self._profile)
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility", "DOM"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        """End the process and remove its profile."""
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._profile, ignore_errors=True)

    # --- the protocol -----------------------------------------------------------------------------

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """The result of a command.

        Raises:
            RuntimeError: if the browser refuses it.
            TimeoutError: if it does not answer.
        """
        self._last += 1
        message: dict[str, object] = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        while True:
            answer = self._read()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            if "method" in answer:
                self.events.append((answer["method"], answer.get("params", {})))

    def _read(self) -> dict[str, Any]:
        end = time.monotonic() + self._seconds
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._from], [], [], max(0.0, end - time.monotonic()))
            chunk = os.read(self._from, 1 << 20) if ready else b""
            if not chunk:
                raise TimeoutError(f"the browser said nothing for {self._seconds} seconds")
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        return dict(json.loads(message))

    # --- the page ---------------------------------------------------------------------------------

    def open(self, url: str) -> None:
        """Load a page; events are counted from here."""
        self.events.clear()
        self.send("Page.navigate", url=url)
        self.wait(lambda: any(name == "Page.loadEventFired" for name, _ in self.events))

    def wait(self, done: Callable[[], bool]) -> None:
        """Let the page go on until ``done``."""
        end = time.monotonic() + self._seconds
        while not done():
            if time.monotonic() > end:
                raise TimeoutError("the page did not get there")
            time.sleep(0.01)
            self.run("0")  # what the page has reported meanwhile is read on the way

    def run(self, script: str) -> Any:
        """The value of an expression of JavaScript; a promise is awaited.

        Raises:
            RuntimeError: if it throws.
        """
        answer = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release a key."""
        code = _KEYS[key]
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                modifiers=8 * shift,
                **({"text": text} if text and kind == "keyDown" else {}),
            )

    def look(self, *, width: int = 1200, height: int = 900, scheme: str = "light") -> None:
        """Set the size of the window, in CSS pixels, and the colour scheme a person prefers."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def tree(self) -> list[dict[str, Any]]:
        """The nodes of the accessibility tree: role, name, description and the rest."""
        nodes = self.send("Accessibility.getFullAXTree")["nodes"]
        return [node for node in nodes if not node.get("ignored")]

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """Write a PNG of the page."""
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(shot["data"]))


def _start(command: str, profile: str) -> tuple[int, int, int]:
    """Process id, the descriptor to write to and the one to read from."""
    pipes = [*os.pipe(), *os.pipe()]
    # out of the way of 3 and 4, which the process gets
    theirs_in, to, from_, theirs_out = (
        fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in pipes
    )
    for end in pipes:
        os.close(end)
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    ends = [(os.POSIX_SPAWN_DUP2, theirs_in, 3), (os.POSIX_SPAWN_DUP2, theirs_out, 4)]
    arguments = [command, *_FLAGS, f"--user-data-dir={profile}"]
    pid = os.posix_spawn(
        command, arguments, dict(os.environ), file_actions=[*quiet, *ends], setpgroup=0
    )
    os.close(theirs_in)
    os.close(theirs_out)
    return pid, to, from_
