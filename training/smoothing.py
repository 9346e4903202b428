"""Even out activations before quantisation (SmoothQuant, arXiv:2211.10438).

With one int8 scale for a whole activation tensor, a single large channel takes the
resolution of all others. Dividing each channel by a factor and multiplying its weights
by the same factor leaves the float result as it is and spreads the range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

__all__ = ["smooth"]

_BALANCE = 0.65


class _SmoothedLinear(nn.Module):
    """(..., in) -> (..., out), equal to the linear layer it replaces."""

    def __init__(self, linear: nn.Linear, activation_peaks: torch.Tensor) -> None:
        super().__init__()
        weight_peaks = linear.weight.abs().amax(dim=0).clamp(min=1e-5)
        factors = activation_peaks.clamp(min=1e-5) ** _BALANCE / weight_peaks ** (1 - _BALANCE)
        self.register_buffer("shrink", 1 / factors)
        self.linear = nn.Linear(linear.in_features, linear.out_features)
        self.linear.weight = nn.Parameter(linear.weight * factors, requires_grad=False)
        self.linear.bias = linear.bias

    def forward(self, activations: torch.Tensor) -> torch.Tensor:
        return self.linear(activations * self.shrink)


@torch.no_grad()
def smooth(model: nn.Module, calibration: Mapping[str, torch.Tensor], chosen: Callable[[str], bool]) -> None:
    """Replace the chosen linear layers in place; `calibration` is a batch that the model takes.

    Its `input_ids` and `attention_mask` are (batch, length).
    """
    layers = {name: layer for name, layer in model.named_modules() if isinstance(layer, nn.Linear) and chosen(name)}
    peaks = _activation_peaks(model, layers, calibration)
    for name, layer in layers.items():
        parent, _, child = name.rpartition(".")
        setattr(model.get_submodule(parent), child, _SmoothedLinear(layer, peaks[name]))


def _activation_peaks(
    model: nn.Module, layers: Mapping[str, nn.Linear], calibration: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Layer -> (in,): the largest magnitude that each input channel takes on real tokens."""
    peaks: dict[str, torch.Tensor] = {}
    real = calibration["attention_mask"].bool()

    def record(name: str) -> Callable[..., None]:
        def hook(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            peaks[name] = inputs[0][real].abs().amax(dim=0)

        return hook

    handles = [layer.register_forward_pre_hook(record(name)) for name, layer in layers.items()]
    try:
        model(**calibration)
    finally:
        for handle in handles:
            handle.remove()
    return peaks
