"""What training makes small: cross-entropy of the labels and, with a teacher, of its shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from cleantext.training.batches import Batch
from cleantext.training.network import Network
from cleantext.training.packed import IGNORE

__all__ = ["Losses", "mean_losses"]


@dataclass(frozen=True)
class Losses:
    """Computes the loss of a batch on a device.

    Attributes:
        device: where to.
        autocast: products in bfloat16.
        teacher: a network of the same labels and vocabulary whose shares are learnt from too.
        share: of the teacher in the loss of gaps and cases, from 0 to 1; the labels have the rest.
        temperature: by which the logits of both are divided (Hinton et al., 2015).
    """

    device: torch.device
    autocast: bool = False
    teacher: Network | None = None
    share: float = 0.5
    temperature: float = 2.0

    def __call__(self, network: Network, batch: Batch) -> Tensor:
        """The mean loss of gaps, of cases and of parts, in nats: ``float32[3]``."""
        tokens, *labels = (
            torch.from_numpy(array).to(self.device, non_blocking=True).long()
            for array in (batch.tokens, batch.roles, batch.cases, batch.parts)
        )
        labels[0] = labels[0][:, :-1]
        places = [(each.reshape(-1) != IGNORE).nonzero().squeeze(1) for each in labels]
        targets = [each.reshape(-1)[at] for each, at in zip(labels, places, strict=True)]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            logits = _logits(network, tokens, places)
            losses = [F.cross_entropy(x, y) for x, y in zip(logits, targets, strict=True)]
            if self.teacher is not None:
                with torch.no_grad():
                    taught = _logits(self.teacher, tokens, places)
                for i in range(2):  # parts are learnt well enough without
                    soft = self._distance(logits[i], taught[i])
                    losses[i] = (1 - self.share) * losses[i] + self.share * soft
        return torch.stack(losses)

    def _distance(self, logits: Tensor, taught: Tensor) -> Tensor:
        """The divergence of the shares from the teacher's, times the temperature squared."""
        heat = self.temperature
        ours, theirs = (F.log_softmax(x / heat, dim=-1) for x in (logits, taught))
        return F.kl_div(ours, theirs, reduction="batchmean", log_target=True) * heat**2


def _logits(network: Network, tokens: Tensor, places: list[Tensor]) -> list[Tensor]:
    """Logits of the gaps, cases and parts at their places, ``float32[n, classes]`` each."""
    hidden = network.encode(tokens)
    width = hidden.shape[-1]
    before, after = hidden[:, :-1].reshape(-1, width), hidden[:, 1:].reshape(-1, width)
    flat = hidden.reshape(-1, width)
    gaps, cases, parts = places
    made = (
        network.gaps(before[gaps], after[gaps]),
        network.cases(flat[cases]),
        network.parts(flat[parts]),
    )
    return [logits.float() for logits in made]


def mean_losses(network: Network, batches: Iterable[Batch], losses: Losses) -> list[float]:
    """The mean loss of gaps, cases and parts over batches, without a teacher's."""
    plain = Losses(losses.device, losses.autocast)
    with torch.no_grad():
        values = torch.stack([plain(network, batch) for batch in batches])
    return [float(value) for value in values.mean(0)]
