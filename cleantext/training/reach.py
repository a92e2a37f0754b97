"""How far the inputs of a network's products reach, channel by channel.

Of the feed-forward parts a channel or two reach five times as far as all others (Dettmers et al.,
2022, LLM.int8(); Xiao et al., 2022, SmoothQuant). In int8 all channels of an input share one scale,
so those few would cost the others more than two bits: the exporter treats them apart.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cleantext.training.network import Network

__all__ = ["Reach", "farthest", "measure"]

#: By name of a product, the largest absolute value of each channel of its input.
Reach = dict[str, NDArray[np.float32]]

#: Windows that are read, spread evenly over the corpus.
_WINDOWS = 40


def measure(network: Network, tokens: NDArray[np.uint16], *, first: int, last: int) -> Reach:
    """The reach of the inputs of every layer's ``up`` and ``down``, on windows of a corpus.

    Args:
        network: in fp32.
        tokens: subwords of the corpus, one after another.
        first: the subword that opens a window.
        last: the one that closes it.
    """
    inner = min(network.shape.positions - 2, len(tokens))
    found: Reach = {}
    hooks = []
    for i, layer in enumerate(network.layers):
        for part in ("up", "down"):
            hook = partial(_note, found, f"layers.{i}.{part}")
            hooks.append(layer.get_submodule(part).register_forward_pre_hook(hook))
    with torch.inference_mode():
        for start in np.linspace(0, len(tokens) - inner, _WINDOWS).astype(int).tolist():
            window = [first, *tokens[start : start + inner].tolist(), last]
            network.encode(torch.tensor([window]))
    for hook in hooks:
        hook.remove()
    return found


def _note(found: Reach, name: str, _module: Any, inputs: tuple[Tensor, ...]) -> None:
    reach = inputs[0].abs().amax(dim=(0, 1)).numpy()
    found[name] = np.maximum(found.get(name, 0), reach).astype(np.float32)


def farthest(reach: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The channels that reach farthest, in order of their numbers.

    >>> farthest(np.array([1, 9, 2, 7], np.float32), 2).tolist()
    [1, 3]
    """
    return np.sort(np.argsort(-reach, kind="stable")[:count])
