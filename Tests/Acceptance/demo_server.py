"""Starts and stops the real binary, and keeps what it printed."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_LIMIT_SECONDS = 20
STOP_LIMIT_SECONDS = 20


def binary() -> Path:
    return Path(
        os.environ.get("DOORWARD_BINARY", REPOSITORY / ".build/debug/doorward")
    ).resolve()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One running `doorward`, whatever its subcommand."""

    def __init__(self, arguments, directory: Path, name: str):
        self.output = directory / f"{name}.log"
        # A file instead of a pipe: nobody drains a pipe while the tests run, and
        # a full one would stop the server.
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [str(binary()), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env={**os.environ, "SWIFT_BACKTRACE": "enable=yes,color=no"},
            )

    def printed(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_until(self, ready):
        """The first true value of `ready()`; the printed text if none comes."""
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(
                    f"exited with {self.process.returncode} while starting:\n"
                    f"{self.printed()}"
                )
            value = ready()
            if value:
                return value
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        raise AssertionError(
            f"not ready after {START_LIMIT_SECONDS} s:\n{self.printed()}"
        )

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"SIGTERM ignored for {STOP_LIMIT_SECONDS} s")


class Demo(Server):
    def __init__(self, directory: Path, name: str = "demo", port: int | None = None):
        self.port = port or free_port()
        self.data = directory / "data"
        self.manifest_file = directory / f"{name}-manifest.json"
        super().__init__(
            [
                "demo",
                "--listen",
                f"127.0.0.1:{self.port}",
                "--data",
                str(self.data),
                "--manifest",
                str(self.manifest_file),
            ],
            directory,
            name,
        )

    def read_manifest(self):
        try:
            return json.loads(self.manifest_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            # Not there yet, or caught half written.
            return None

    def manifest(self) -> dict:
        return self.wait_until(self.read_manifest)
