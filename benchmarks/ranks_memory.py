"""The memory of a rank, against that of one process on the same graph: real processes, full batch.

Counted is the most that a process has held from its first epoch to its last, beyond its libraries; of several ranks the one
that held most, which is rank 0.
"""

from __future__ import annotations

from benchmarks.results import is_quick, keep
from benchmarks.several import run
from benchmarks.side_by_side import shown_bytes, shown_count

MODELS = ("GraphSAGE", "GCN", "GAT")
TARGETS = {2: 0.65, 4: 0.45}
"""At most these shares of one process, on the candle-like graph."""


def main() -> None:
    """Each model on both graphs, by one process, by two ranks and by four."""
    num_vertices = 20_000 if is_quick() else 400_000
    for graph in ("candle-like", "random"):
        for model_type in MODELS:
            flags = ["--model_type", model_type, "--target", "target", "--epochs", "3"]
            (alone,) = run(graph, num_vertices, 1, flags).memory
            for size, target in TARGETS.items():
                ranks = run(graph, num_vertices, size, flags).memory
                epochs, loading = ([found[phase] for found in ranks] for phase in ("epochs", "loading"))
                shape = f"{shown_count(num_vertices)} vertices, {shown_count(20 * num_vertices)} edges"
                what = f"memory of {size} ranks, {graph} graph, {shape}, {model_type}"
                ratio = f"{max(epochs) / alone['epochs']:.2f}"
                shown = f"rank 0 {shown_bytes(epochs[0])}, others {shown_bytes(max(epochs[1:]))}"
                goal = f"at most {target}" if graph == "candle-like" else "–"
                print(f"{what}\n  {shown}; one process {shown_bytes(alone['epochs'])}; ratio {ratio} ({goal})")
                print(
                    f"  while loading {', '.join(map(shown_bytes, loading))}; {shown_bytes(alone['loading'])}",
                    flush=True,
                )
                keep(what, shown, peer="one process", peers_time=shown_bytes(alone["epochs"]), ratio=ratio, target=goal)


if __name__ == "__main__":
    main()
