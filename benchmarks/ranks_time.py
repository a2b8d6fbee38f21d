"""An epoch of two ranks with a thread each, against one process with two threads: whole runs, in turns.

Both have two CPUs, so use the machine for nothing else: whoever waits for a CPU keeps the other rank waiting too.
"""

from __future__ import annotations

from statistics import median

from benchmarks.results import is_quick, keep
from benchmarks.several import run
from benchmarks.side_by_side import shown_count, shown_spread

MODELS = ("GraphSAGE", "GCN", "GAT")


def main() -> None:
    """Some pairs of runs of each model."""
    num_vertices, pairs = (20_000, 1) if is_quick() else (400_000, 5)
    for model_type in MODELS:
        flags = ["--model_type", model_type, "--target", "target", "--epochs", "12", "--patience", "0"]
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for pair in range(pairs):
            for size in (1, 2) if pair % 2 else (2, 1):
                timings = run("candle-like", num_vertices, size, flags, threads=2 // size).record["timings"]
                seconds[size].append(timings["epoch_median"])
        more = 100 * (median(seconds[2]) / median(seconds[1]) - 1)
        shape = f"{shown_count(num_vertices)} vertices, {shown_count(20 * num_vertices)} edges"
        what = f"epoch of 2 ranks x 1 thread, candle-like graph, {shape}, {model_type}"
        ours, peer = shown_spread(seconds[2]), shown_spread(seconds[1])
        print(f"{what}\n  2 ranks {ours}\n  alone   {peer}\n  more    {more:+.1f} % (at most +5 %)", flush=True)
        keep(what, ours, peer="1 process x 2 threads", peers_time=peer, ratio=f"{more:+.1f} %", target="at most +5 %")


if __name__ == "__main__":
    main()
