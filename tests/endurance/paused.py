"""SIGSTOP at a request of a run's end, while another run of the queue finishes: the bucket holds one run's result."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

from tests.endurance.services import Services, services, terminal, what_does_not_fit
from tests.standins.s3_front import Fault, Request, S3Front

_LAST_REQUEST = 18
"""The last one that a run is paused at, counted from the first part of its model on."""
_LONGEST_WAIT_S = 120.0


class Pause:
    """Pauses a run at the n-th request of its end, and may hold that request back."""

    def __init__(self, number: int, *, is_held: bool) -> None:
        """Nothing is paused yet."""
        self._number, self._is_held = number, is_held
        self._seen, self._lock = -1, threading.Lock()
        self.pid = 0
        self.request = ""
        self.paused, self.awake = threading.Event(), threading.Event()

    def __call__(self, request: Request) -> Fault | None:
        """Look at a request of the run."""
        with self._lock:
            if self._seen < 0 and not (request.method == "POST" and ".pt?uploads" in request.path):
                return None
            self._seen += 1
            is_it = self._seen == self._number
        if is_it:
            os.kill(self.pid, signal.SIGSTOP)
            self.request = f"{request.method} {request.path.rpartition('/')[2].partition('&')[0]:.40}"
            self.paused.set()
            if self._is_held:
                self.awake.wait(_LONGEST_WAIT_S)
        return None


def pause_one(ready: Services, front: S3Front, moment: int, number: int, *, is_held: bool) -> list[str]:
    """Pause a run at a request, let another one finish, wake the first; returns what is wrong afterwards."""
    names = f"paused-{moment}", f"other-{moment}"
    pause = Pause(number, is_held=is_held)
    ready.choose = pause
    wrong = []
    with ready.start(names[0], front.endpoint) as run:
        pause.pid = run.process.pid
        while not pause.paused.wait(0.05) and run.process.poll() is None:
            pass
        was_paused = pause.paused.is_set()
        with ready.start(names[1]) as other:
            ended_other = other.wait(_LONGEST_WAIT_S)
        between = ready.stored()
        if was_paused:
            run.process.send_signal(signal.SIGCONT)
        pause.awake.set()
        ended = run.wait(_LONGEST_WAIT_S)
    ready.choose = lambda request: None
    stored = ready.stored()
    wrong += what_does_not_fit(stored)
    if "/metrics.json" in stored:
        winner = json.loads(stored["/metrics.json"])["telemetry_id"]
        codes = {names[0]: ended.exit_code, names[1]: ended_other.exit_code}
        trained = {names[0]: True, names[1]: '"status": "training"' in ended_other.stdout}
        for name, code in codes.items():
            if code == 0 and trained[name] and name != winner:
                wrong.append(f"{name} trained and ended with 0, and {winner} is there")
        if codes[winner] != 0:
            wrong.append(f"{winner} is there and ended with {codes[winner]}")
        if between.get("/metrics.json") != stored["/metrics.json"]:
            wrong.append("the paused run changed what the other one had finished")
        how = "held" if is_held else "sent"
        print(
            f"{moment:4} paused at {pause.request or 'nothing'} ({how}): exit codes {codes}, {winner} is there",
            flush=True,
        )
    return wrong


def main(num_moments: int) -> int:
    """Pause and compare at each moment; returns the exit code."""
    problems: list[str] = []
    with services() as (ready, front):
        for moment in range(num_moments):
            ready.clear()
            number = round(moment * _LAST_REQUEST / max(1, num_moments - 1))
            wrong = pause_one(ready, front, moment, number, is_held=moment % 2 == 0)
            problems += [f"moment {moment}: {each}" for each in wrong]
        events = ready.events()
        for moment in range(num_moments):
            said = {name: terminal(events[f"{name}-{moment}"]) for name in ("paused", "other")}
            if said["other"] != ["finished"] or said["paused"] not in ([], ["finished"]):
                problems.append(f"moment {moment}: the runs said {said}")
            print(f"{moment:4} said {said}")
    print(f"{num_moments} moments, {len(problems)} problems", *problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=10)
    sys.exit(main(parser.parse_args().moments))
