"""The measures of every epoch, of validation; the full ones are taken once, of the best epoch."""

from __future__ import annotations

from torch import Tensor


def quick_measures(task: str, outputs: Tensor, y: Tensor, scale: float) -> dict[str, float | None]:
    """Measures of some vertices; None where there are none, or where a measure is not defined.

    Args:
        task: binary, multiclass or regression.
        outputs: float [vertices, outputs].
        y: their labels as the model learns them.
        scale: what regression labels were divided by.
    """
    if not y.numel():
        return dict.fromkeys(("mae", "rmse", "r2") if task == "regression" else ("accuracy",))
    if task != "regression":
        predicted = outputs.argmax(dim=1) if task == "multiclass" else (outputs.squeeze(-1) > 0).to(y.dtype)
        return {"accuracy": float((predicted == y).double().mean())}
    error = (outputs.squeeze(-1) - y).double() * scale
    known = y.double() * scale
    r2 = 1 - float((error**2).sum() / ((known - known.mean()) ** 2).sum()) if y.min() < y.max() else None
    return {"mae": float(error.abs().mean()), "rmse": float((error**2).mean().sqrt()), "r2": r2}
