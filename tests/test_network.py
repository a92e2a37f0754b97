"""The network's attention on a processor, and when it multiplies in bfloat16."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch.nn import functional as F

from cleantext.training import settings
from cleantext.training.network import Layer, Network, Shape
from cleantext.training.settings import Settings

SHAPE = Shape(vocabulary=50, roles=5, cases=3, width=32, layers=2, heads=4, inner=64, positions=24)


@pytest.mark.parametrize("biased", [False, True])
def test_attention_in_bfloat16_is_that_of_the_fused_kernel(biased: bool) -> None:
    torch.manual_seed(0)
    layer = Layer(SHAPE)
    x = torch.randn(3, 20, 32)
    bias = torch.randn(1, 4, 20, 20) if biased else None
    wanted = layer(x, bias)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(x, bias)
    torch.testing.assert_close(found.float(), wanted, atol=0.03, rtol=0.03)


def test_gradients_in_bfloat16_point_the_same_way() -> None:
    torch.manual_seed(0)
    network = Network(SHAPE)
    tokens, roles = torch.randint(50, (4, 20)), torch.randint(5, (4 * 19,))
    gradients = []
    for reduced in (False, True):
        network.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=reduced):
            hidden = network.encode(tokens)
            logits = network.gaps(hidden[:, :-1].flatten(0, 1), hidden[:, 1:].flatten(0, 1))
            F.cross_entropy(logits.float(), roles).backward()
        gradients.append(network.layers[0].qkv.weight.grad.flatten().clone())
    assert F.cosine_similarity(*gradients, dim=0) > 0.99


@pytest.mark.parametrize("faster", [False, True])
def test_a_processor_uses_bfloat16_where_that_is_faster(
    faster: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "_faster_in_bfloat16", lambda: faster)
    assert Settings.for_device("cpu").autocast is faster
    assert Settings.for_device("cpu", autocast=not faster).autocast is not faster
    assert Settings.for_device("cuda").autocast is True


def test_which_is_faster_is_found_by_trying() -> None:
    assert settings._faster_in_bfloat16() in (False, True)
