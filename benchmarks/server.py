"""A server of its own process, with the time until it is ready and the memory that it takes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Server", "free_port", "running"]

_PATIENCE = 900.0
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers. `seconds` from starting the process until it was ready."""

    pid: int
    port: int
    seconds: float

    def memory(self) -> dict[str, float]:
        """Resident memory in MB, `now` and at its `peak`; empty where the system does not tell."""
        status = Path(f"/proc/{self.pid}/status")
        if not status.is_file():
            return {}
        told = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status.read_text(), re.MULTILINE))
        return {"now": int(told["VmRSS"]) / 1024, "peak": int(told["VmHWM"]) / 1024}

    def processor(self) -> float:
        """Seconds of processor that it has used; 0 where the system does not tell."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.is_file():
            return 0.0
        used = stat.read_text().rpartition(")")[2].split()
        return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None, path: str = "/readyz", port: int | None = None
) -> Iterator[Server]:
    """`python -m MODULE ARGUMENTS --port PORT`, a free one where none is given; ready when `path` answers 200; ended with the block."""
    port = port or free_port()
    inherited = {name: value for name, value in os.environ.items() if name not in _THREAD_LIMITS}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments, "--port", str(port)],
        env={**inherited, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(process, f"http://127.0.0.1:{port}{path}", started)
        yield Server(process.pid, port, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await(process: subprocess.Popen[bytes], url: str, started: float) -> None:
    while time.perf_counter() - started < _PATIENCE:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it was ready")
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.01)
    raise TimeoutError(f"{url} was not ready after {_PATIENCE:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
