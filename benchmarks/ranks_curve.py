"""How far the loss of several ranks is from that of one process, in float32, over ten epochs: whole runs."""

from __future__ import annotations

from benchmarks.results import is_quick, keep
from benchmarks.several import Ran, run
from benchmarks.side_by_side import shown_count

MODELS = ("GraphSAGE", "GCN", "GAT")


def losses(ran: Ran) -> list[float]:
    """Of training and validation, epoch by epoch."""
    return [epoch[name] for epoch in ran.record["history"] for name in ("loss", "val_loss")]


def main() -> None:
    """Each model on both graphs, by one process, by two ranks and by three."""
    num_vertices = 10_000 if is_quick() else 200_000
    for graph in ("candle-like", "random"):
        for model_type in MODELS:
            flags = ["--model_type", model_type, "--target", "target", "--epochs", "10", "--patience", "0"]
            alone = losses(run(graph, num_vertices, 1, flags))
            for size in (2, 3):
                shared = losses(run(graph, num_vertices, size, flags))
                far = max(abs(one / other - 1) for one, other in zip(shared, alone, strict=True))
                shape = f"{shown_count(num_vertices)} vertices, {shown_count(20 * num_vertices)} edges"
                what = f"loss of {size} ranks over 10 epochs, {graph} graph, {shape}, {model_type}"
                print(f"{what}\n  {far:.1e} from one process (at most 1e-5)", flush=True)
                keep(what, f"{far:.1e} from one process", peer="one process", target="at most 1e-5")


if __name__ == "__main__":
    main()
