"""attendance.json: whether somebody still waits for a run whose trainer is nobody's child (services/launcher).

`{"version": 1, "job": ID, "fence": n, "beat": n, "stop": bool}`, replaced every two seconds by the launcher that holds
the run. Where there is no such file, nobody attends and the run goes on to its end.
"""

import json
import threading
import time
from pathlib import Path

UNATTENDED_S = 120.0
POLL_S = 1.0


class Attendance:
    def __init__(self, file: Path, job: str | None) -> None:
        self.file = file
        self.job = job
        self._beat: tuple[int, int] | None = None
        self._changed = time.monotonic()

    def over(self) -> str | None:
        """Why the run is no longer wanted; None while it is. To be asked every few seconds."""
        try:
            found = json.loads(self.file.read_bytes())
            beat = (int(found["fence"]), int(found["beat"]))
            job, stop = str(found["job"]), bool(found["stop"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            beat, job, stop = self._beat or (0, 0), self.job or "", False  # unreadable: as if nothing had changed
        if beat != self._beat:
            self._beat, self._changed = beat, time.monotonic()
        if self.job is not None and job != self.job:
            return f"the run belongs to job {job} now"
        if stop:
            return "the trainer was asked to stop"
        if time.monotonic() - self._changed > UNATTENDED_S:
            return f"no launcher has attended the run for {UNATTENDED_S:g} s"
        return None

    def watch(self, stop: threading.Event) -> None:
        """Sets `stop` once the run is no longer wanted."""

        def poll() -> None:
            while not stop.wait(POLL_S):
                if why := self.over():
                    print(f"stopping: {why}", flush=True)
                    stop.set()

        threading.Thread(target=poll, daemon=True).start()
