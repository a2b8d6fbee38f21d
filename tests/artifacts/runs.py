"""Contents of metrics.json for the runs that a report must be able to show."""

import math
import random
from typing import Any

TOPICS = [
    "Case_Based",
    "Genetic_Algorithms",
    "Neural_Networks",
    "Probabilistic_Methods",
    "Reinforcement_Learning",
    "Rule_Learning",
    "Theory",
]
_DAY_MS = 86_400_000
_START_MS = 1_704_067_200_000


def scores(confusion: list[list[int]], loss: float, roc_auc: float | None = None) -> dict[str, Any]:
    """Return the numbers of one part that belong to a confusion matrix."""
    whole, size = sum(map(sum, confusion)), len(confusion)
    recalls = [row[i] / max(1, sum(row)) for i, row in enumerate(confusion)]
    f1 = [2 * confusion[i][i] / max(1, sum(confusion[i]) + sum(row[i] for row in confusion)) for i in range(size)]
    return {
        "num": whole,
        "loss": loss,
        "accuracy": sum(confusion[i][i] for i in range(size)) / whole,
        "balanced_accuracy": sum(recalls) / size,
        "f1_macro": sum(f1) / size,
        "roc_auc": roc_auc,
        "average_precision": None if roc_auc is None else roc_auc - 0.02,
        "confusion_matrix": confusion,
        "class_counts": {str(i): sum(row) for i, row in enumerate(confusion)},
    }


def history(epochs: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return the history of a classification that overfits after two thirds of its epochs."""
    noise = random.Random(seed)
    rows = []
    for epoch in range(1, epochs + 1):
        age = epoch / epochs
        late = max(0.0, age - 0.66)
        rows.append(
            {
                "epoch": epoch,
                "loss": 0.45 + 0.3 * math.exp(-4 * age) + noise.gauss(0, 0.004),
                "val_loss": 0.55 + 0.2 * math.exp(-5 * age) + 0.3 * late + noise.gauss(0, 0.008),
                "accuracy": 0.64 - 0.14 * math.exp(-5 * age) - 0.1 * late + noise.gauss(0, 0.006),
            }
        )
    return rows


def binary(epochs: int = 60) -> dict[str, Any]:
    """Return a finished run on hourly market vertices, split by time."""
    day = [_START_MS + index * 6 * _DAY_MS for index in range(61)]
    size = [random.Random(index).randint(130, 160) for index in range(60)]
    return {
        "schema_version": 1,
        "status": "finished",
        "queue_id": "queue-7f3a-btcusdt",
        "telemetry_id": "gnn-trainer__btcusdt",
        "symbol": "BTCUSDT",
        "type": "gnn_trainer",
        "graph_name": "market_2024",
        "created_at": "2026-11-22T12:06:34+00:00",
        "model": {
            "type": "GraphSAGE",
            "class": "GraphSAGE",
            "args": {
                "in_channels": 9,
                "hidden_channels": 64,
                "num_layers": 2,
                "out_channels": 1,
                "dropout": 0.1,
            },
            "num_parameters": 9537,
        },
        "task": "binary",
        "loss_fn": "bce_with_logits",
        "class_weights": {"0": 0.94, "1": 1.07},
        "features": [
            _feature("open", mean=42317.25, scale=1830.4),
            _feature("volume", missing=312, imputed=812.5, missing_indicator=True, mean=951.2, scale=402.9),
            _feature("rsi_14", mean=51.3, scale=11.8, missing=14, imputed=50.9),
            _feature("spread", mean=0.00042, scale=0.00011),
            _feature("is_weekend", kind="boolean"),
            _feature("session", kind="category", columns=3, categories=["asia", "europe", "us"]),
        ],
        "target": {"name": "price_up", "labelled": 8544, "unlabelled": 96, "mean": None, "scale": None},
        "classes": ["0", "1"],
        "split": {
            "method": "temporal",
            "time_field": "open_time",
            "time_unit": "ms",
            "embargo": 3 * _DAY_MS,
            "counts": {
                "train": 5943,
                "val": 1225,
                "test": 1232,
                "embargo": 144,
                "unlabelled": 96,
                "unassigned": 0,
            },
            "boundaries": {
                "train_end": "2024-09-08T00:00:00+00:00",
                "val_start": "2024-09-14T00:00:00+00:00",
                "val_end": "2024-11-04T00:00:00+00:00",
                "test_start": "2024-11-10T00:00:00+00:00",
            },
            "class_counts": {
                "train": {"0": 3160, "1": 2783},
                "val": {"0": 640, "1": 585},
                "test": {"0": 630, "1": 602},
            },
            "time_axis": {
                "edges": day,
                "train": [size[i] if i < 42 else 0 for i in range(60)],
                "val": [size[i] if 43 <= i < 51 else 0 for i in range(60)],
                "test": [size[i] if i >= 52 else 0 for i in range(60)],
                "embargo": [size[i] if i in (42, 51) else 0 for i in range(60)],
            },
        },
        "metrics": {
            "train": scores([[2150, 1010], [980, 1803]], 0.601, 0.721),
            "val": scores([[402, 238], [228, 357]], 0.641, 0.668),
            "test": scores([[391, 239], [241, 361]], 0.652, 0.655),
        },
        "baselines": {
            "majority_class": {
                "train": scores([[3160, 0], [2783, 0]], 0.69, 0.5),
                "val": scores([[640, 0], [585, 0]], 0.691, 0.5),
                "test": scores([[630, 0], [602, 0]], 0.692, 0.5),
            },
            "linear": {
                "train": scores([[1700, 1460], [1290, 1493]], 0.683, 0.552),
                "val": scores([[330, 310], [287, 298]], 0.687, 0.531),
                "test": scores([[330, 300], [291, 311]], 0.689, 0.527),
                "rows_used": 5943,
            },
        },
        "curves": {
            "roc": {
                "part": "test",
                "fpr": [i / 300 for i in range(301)],
                "tpr": [(i / 300) ** 0.55 for i in range(301)],
            },
            "predicted_vs_true": None,
        },
        "history": history(epochs),
        "best_epoch": round(epochs * 0.65),
        "epochs_run": epochs,
        "epochs": epochs,
        "stop_reason": "epochs",
        "graph": {
            "vertices": 8640,
            "edges": 51_204,
            "vertex_collections": {
                "candles": {"vertices": 8640, "attributes": ["open", "volume", "rsi_14", "spread", "session"]}
            },
            "edge_collections": {
                "next_candle": _edges(8639, dangling=0),
                "correlated_with": _edges(42_565, dangling=17, self_loops=4, duplicates=230),
            },
            "isolated_vertices": 3,
            "missing_values": {"volume": 312, "rsi_14": 14, "price_up": 96},
            "warnings": [
                "Target: none was named, so price_up was taken, the first label-like attribute of the graph.",
                "Time: 1,204 edges carry the future into the past; MESSAGES=causal drops them.",
            ],
        },
        "settings": {
            "GRAPH_NAME": "market_2024",
            "MODEL_TYPE": "GraphSAGE",
            "EPOCHS": epochs,
            "HIDDEN_CHANNELS": 64,
            "LEARNING_RATE": 0.01,
            "FEATURES": ["open", "volume", "rsi_14", "spread", "is_weekend", "session"],
            "SEED": 42,
            "SPLIT": "auto",
            "RESUME": True,
            "TARGET": None,
        },
        "timings": {
            "import": 2.41,
            "load": 1.9,
            "prepare": 0.31,
            "train": 14.2,
            "epoch_median": 0.021,
            "save": 0.08,
            "total": 78.9,
        },
        "environment": {
            "python": "3.11.9",
            "torch": "2.13.0",
            "torch_geometric": "2.8.1",
            "numpy": "2.4.6",
            "device": "cpu",
            "threads": 2,
        },
    }


def multiclass() -> dict[str, Any]:
    """Return a finished run over seven classes with one wide vector feature and a random split."""
    noise = random.Random(7)
    confusion = [[noise.randint(0, 9) for _ in TOPICS] for _ in TOPICS]
    for index in range(len(TOPICS)):
        confusion[index][index] = noise.randint(45, 130)
    plain = [[row[i] // 2 if i == j else row[j] + 4 for j in range(7)] for i, row in enumerate(confusion)]
    largest = [[sum(row) if j == 3 else 0 for j in range(7)] for row in confusion]
    sizes = dict(zip(TOPICS, map(sum, confusion), strict=True))
    run = binary()
    return run | {
        "graph_name": "cora",
        "symbol": None,
        "task": "multiclass",
        "loss_fn": "cross_entropy",
        "class_weights": None,
        "classes": TOPICS,
        "model": {"type": "GAT", "class": "GAT", "args": {"hidden_channels": 8, "num_layers": 2, "heads": 8}},
        "features": [_feature("bag_of_words", kind="vector", columns=1433, mean=None, scale=None)],
        "target": {"name": "label", "labelled": 2708, "unlabelled": 0, "mean": None, "scale": None},
        "split": {
            "method": "random",
            "time_field": None,
            "time_unit": None,
            "embargo": 0,
            "counts": {
                "train": 1896,
                "val": 406,
                "test": 406,
                "embargo": 0,
                "unlabelled": 0,
                "unassigned": 0,
            },
            "boundaries": None,
            "class_counts": {
                "train": {name: 3 * n for name, n in sizes.items()},
                "val": sizes,
                "test": sizes,
            },
            "time_axis": None,
        },
        "metrics": {name: scores(confusion, 0.62) for name in ("train", "val", "test")},
        "baselines": {
            "linear": {name: scores(plain, 1.21) for name in ("train", "val", "test")},
            "majority_class": {name: scores(largest, 1.9) for name in ("train", "val", "test")},
        },
        "curves": {"roc": None, "predicted_vs_true": None},
        "stop_reason": "patience",
        "epochs": 200,
        "graph": run["graph"] | {"warnings": [], "missing_values": {}, "isolated_vertices": 0},
    }


def regression() -> dict[str, Any]:
    """Return a finished run that predicts a number and is worse than its linear baseline."""
    noise = random.Random(3)
    true = [noise.gauss(0, 0.02) for _ in range(4000)]
    predicted = [0.6 * value + noise.gauss(0, 0.009) for value in true]
    rows = [
        {
            "epoch": epoch,
            "loss": 900 * math.exp(-epoch / 6) + 1.1 + noise.random() / 10,
            "val_loss": 950 * math.exp(-epoch / 6) + 1.3 + noise.random() / 10,
            "mae": 0.01 + 0.05 * math.exp(-epoch / 9),
            "rmse": 0.014 + 0.07 * math.exp(-epoch / 9),
            "r2": 0.6 - 400 * math.exp(-epoch / 2),
        }
        for epoch in range(1, 81)
    ]
    run = binary()
    ours = {"num": 4000, "loss": 1.21, "mae": 0.0113, "rmse": 0.0142, "r2": 0.497}
    linear = {"num": 4000, "loss": 1.18, "mae": 0.0109, "rmse": 0.0139, "r2": 0.512}
    mean = {"num": 4000, "loss": 2.2, "mae": 0.0161, "rmse": 0.0201, "r2": -0.001}
    return run | {
        "graph_name": "returns",
        "task": "regression",
        "loss_fn": "mse",
        "class_weights": None,
        "classes": None,
        "target": {
            "name": "future_return",
            "labelled": 8544,
            "unlabelled": 96,
            "mean": 0.0002,
            "scale": 0.0201,
        },
        "split": run["split"] | {"class_counts": None},
        "metrics": {"train": ours | {"mae": 0.0101}, "val": ours, "test": ours},
        "baselines": {
            "mean": {"train": mean, "val": mean, "test": mean},
            "linear": {"train": linear, "val": linear, "test": linear, "rows_used": 5943},
        },
        "curves": {"roc": None, "predicted_vs_true": {"part": "test", "true": true, "predicted": predicted}},
        "history": rows,
        "best_epoch": 71,
        "epochs_run": 80,
        "epochs": 80,
    }


def heterogeneous() -> dict[str, Any]:
    """Return a finished run over three daily graphs of eight candle collections, levels and a heatmap."""
    symbols = ["btcusdt", "ethusdt", "solusdt", "xrpusdt", "adausdt", "dogeusdt", "ltcusdt", "bnbusdt"]
    candles = {f"candles_{symbol}_5m": 1080 for symbol in symbols}
    run = binary()
    types = [
        _type("candles_5m", candles, target=True, features=4, columns=5, time_field="ts"),
        _type("heatmap_trades_1h", {"heatmap_trades_1h": 9000}, features=2, columns=2, time_field="time_bucket"),
        _type("levels_sr", {"levels_sr": 412}, features=0, columns=0),
    ]
    relations = [
        _relation("candles_5m", "candle_next", "candles_5m", 8632, collections=[f"next_{s}" for s in symbols]),
        _relation("candles_5m", "candle_to_level", "levels_sr", 25_120, weights={"min": 0.0, "mean": 0.41, "max": 1.0}),
        _relation("levels_sr", "level_to_heatbin", "heatmap_trades_1h", 4120, from_future=0),
        _relation("heatmap_trades_1h", "traded_in", "candles_5m", 9000, from_future=1204, dropped=1204),
        _relation(
            "levels_sr",
            "rev_candle_to_level",
            "candles_5m",
            25_120,
            reverse_of=["candles_5m", "candle_to_level", "levels_sr"],
        ),
    ]
    days = [f"btc_graph_5m_2024_06_0{day}" for day in (1, 2, 3)]
    parts = [(2880, 2880, 0, 0), (2880, 2000, 880, 0), (2880, 0, 1180, 1700)]
    return run | {
        "graph_name": ",".join(days),
        "model": {
            "type": "GCN",
            "class": "HeteroConv",
            "args": {
                "target_type": "candles_5m",
                "relations": [[r["source"], r["name"], r["target"]] for r in relations],
                "hidden_channels": 64,
                "num_layers": 2,
                "embedded": {"levels_sr": 412},
            },
            "num_parameters": 71_233,
            "notes": ["GCN between two types works on both vertex sets joined to one."],
        },
        "features": [
            *(feature | {"type": "candles_5m"} for feature in run["features"][:3]),
            _feature("base_volume", mean=12.0, scale=4.0) | {"type": "heatmap_trades_1h", "missing": 90},
        ],
        "graph": run["graph"]
        | {
            "vertex_collections": {
                **{name: {"vertices": size, "attributes": ["open", "close", "ts"]} for name, size in candles.items()},
                "levels_sr": {"vertices": 412, "attributes": ["level_price", "type"]},
                "heatmap_trades_1h": {"vertices": 9000, "attributes": ["base_volume", "trades", "time_bucket"]},
            },
            "edge_collections": {
                **{f"next_{symbol}": _edges(1079) for symbol in symbols},
                "candle_to_level": _edges(25_120, dangling=31),
                "level_to_heatbin": _edges(4120),
                "traded_in": _edges(9000),
            },
            "messages": "causal",
            "types": types,
            "relations": relations,
            "graphs": [
                dict(zip(("name", "vertices", "train", "val", "test"), (day, *sizes), strict=True))
                for day, sizes in zip(days, parts, strict=True)
            ],
        },
    }


def interrupted() -> dict[str, Any]:
    """Return a run that was stopped before its first epoch was done."""
    return binary() | {
        "status": "interrupted",
        "stop_reason": "SIGTERM",
        "epochs_run": 0,
        "epochs": 100,
        "best_epoch": None,
        "history": [],
        "metrics": {"train": None, "val": None, "test": None},
        "baselines": None,
        "curves": {"roc": None, "predicted_vs_true": None},
    }


def _feature(name: str, **facts: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "number",
        "columns": 1,
        "missing": 0,
        "missing_indicator": False,
        "imputed": None,
        "mean": None,
        "scale": None,
        "categories": None,
    } | facts


def _type(name: str, collections: dict[str, int], **facts: Any) -> dict[str, Any]:
    known = {"name": name, "target": False, "collections": collections, "vertices": sum(collections.values())}
    return known | {"features": 0, "columns": 0, "time_field": None} | facts


def _relation(source: str, name: str, target: str, edges: int, **facts: Any) -> dict[str, Any]:
    ends = {"source": source, "name": name, "target": target, "collections": [name], "reverse_of": None}
    counts = {"edges": edges, "self_loops": 0, "duplicates": 0, "from_future": 0, "dropped": 0, "weights": None}
    return ends | counts | facts


def _edges(edges: int, **facts: int) -> dict[str, Any]:
    ends = {"from": ["candles"], "to": ["candles"]}
    return ends | {"edges": edges, "dangling": 0, "self_loops": 0, "duplicates": 0} | facts
