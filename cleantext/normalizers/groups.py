"""Numbers of groups, shared by the normalizers that read one decision.

A full stop and the capital after it are proposed by two normalizers and must stand or fall
together, so both take the group's number from the place of the gap.
"""

from __future__ import annotations

from cleantext.tagger.decode import Decision

__all__ = ["pair_groups", "start_group"]


def start_group(gap: int) -> int:
    """The group of a sentence end at gap ``gap`` of the text: odd numbers."""
    return 2 * gap + 1


def pair_groups(decision: Decision, start: int) -> dict[int, int]:
    """The group of the paired marks at each gap of a region that begins at word ``start``: even.

    A gap that closes one quotation and opens the next ties the two together.
    """
    groups: dict[int, int] = {}
    for opened, closed in sorted(decision.pairs):
        group = groups.get(opened, 2 * (start + opened) + 2)
        groups[opened] = group
        groups[closed] = group
    return groups
