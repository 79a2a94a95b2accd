"""Who covers for whom, as a pure rule."""

from collections.abc import Collection, Mapping


def cover_of(staff_id: int, named: Mapping[int, int], able: Collection[int], away: Collection[int]) -> int | None:
    """Who looks after the work of somebody who is away, or None.

    `named` says whom each person who is away named, `able` who may cover, `away` who is away. Where her cover is away
    too, that person's own cover does, and no further; nobody ever covers for herself.
    """
    cover = named.get(staff_id)
    if cover in away and cover in able:
        cover = named.get(cover) if cover is not None else None
    usable = cover is not None and cover in able and cover not in away and cover != staff_id
    return cover if usable else None
