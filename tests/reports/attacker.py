"""Somebody who has every page and file of a quarter and wants one small number out of them.

She writes down an unknown for every figure of every breakdown at every centre from every source, and an equation for
every number that was shown and for everything that is known of the definitions: that the figures of a breakdown add up
to its base, that a woman is at one centre from one source, that nothing is below 0. Gaussian elimination over
fractions and the simplex method then give her, for any sum of unknowns, the least and the most that it can be. No
attack with linear reasoning alone does better.
"""

from fractions import Fraction
from itertools import product
from typing import Any

from portal.reports.hiding import Breakdown, Family, Numbers

Unknown = tuple[str, str, int, str]
"""Breakdown, figure, centre, source."""

Sum = dict[Unknown, int]


class Knowledge:
    """Equations over the unknowns of one family."""

    def __init__(self, family: Family, boroughs: dict[int, str], sources: tuple[str, ...]) -> None:
        self.family, self.boroughs, self.sources = family, boroughs, sources
        self.equations: list[tuple[Sum, int]] = []
        self.unknowns: list[Unknown] = [
            (breakdown.code, figure, centre, source)
            for breakdown in family.breakdowns
            for figure, centre, source in product(breakdown.figures, boroughs, sources)
        ]
        for centre, source in product(boroughs, sources):
            self._definitions(centre, source)

    def sum_of(self, breakdown: str, figures: Any, level: str, group: Any) -> Sum:
        """The unknowns behind a number: some figures of a breakdown in some groups of a level."""
        centres, sources = list(self.boroughs), list(self.sources)
        if level == "borough":
            centres = [centre for centre in centres if self.boroughs[centre] in group]
        elif level == "centre":
            centres = [centre for centre in centres if centre in group]
        elif level == "source":
            sources = [source for source in sources if source in group]
        return {(breakdown, figure, centre, source): 1 for figure, centre, source in product(figures, centres, sources)}

    def reads(self, numbers: Numbers) -> None:
        """Every number that the portal shows at any level."""
        for level, shown in numbers.items():
            for code, table in shown.tables.items():
                for block, row in zip(table.blocks, table.values, strict=True):
                    for group, value in zip(shown.groups, row, strict=True):
                        self.learns(self.sum_of(code, block, level, group), value)

    def learns(self, whole: Sum, value: int) -> None:
        """That a sum of unknowns has this value."""
        self.equations.append((whole, value))

    def bounds(self) -> "Bounds":
        """What follows."""
        return Bounds(self.unknowns, self.equations)

    def _definitions(self, centre: int, source: str) -> None:
        first = self.family.breakdowns[0]
        for breakdown in self.family.breakdowns[1:]:
            difference = {(breakdown.code, figure, centre, source): 1 for figure in breakdown.figures}
            base = _base(breakdown, first)
            difference |= {(code, figure, centre, source): -1 for code, figure in base}
            self.equations.append((difference, 0))


def _base(breakdown: Breakdown, first: Breakdown) -> list[tuple[str, str]]:
    return [breakdown.base] if breakdown.base else [(first.code, figure) for figure in first.figures]


class Bounds:
    """The least and the most of sums of unknowns under equations, none of them below 0: the simplex method.

    One tableau over exact fractions; each question starts from where the last one ended. Bland's rule, so that it
    always ends.
    """

    def __init__(self, unknowns: list[Unknown], equations: list[tuple[Sum, int]]) -> None:
        self._column = {unknown: number for number, unknown in enumerate(unknowns)}
        self._width = len(unknowns)
        rows = [self._row(whole, value) for whole, value in equations]
        self._rows, self._basis = _eliminated(rows, self._width)
        self._make_feasible()

    def of(self, whole: Sum) -> tuple[Fraction, Fraction]:
        """The least and the most that a sum can be."""
        return -self._most({key: -factor for key, factor in whole.items()}), self._most(whole)

    def _row(self, whole: Sum, value: int) -> list[Fraction]:
        row = [Fraction(0)] * (self._width + 1)
        for unknown, factor in whole.items():
            row[self._column[unknown]] = Fraction(factor)
        row[-1] = Fraction(value)
        return row

    def _make_feasible(self) -> None:
        """Phase one, row by row: drive what is below 0 up, never letting go of a row that is not."""
        while True:
            wrong = next((number for number, row in enumerate(self._rows) if row[-1] < 0), None)
            if wrong is None:
                return
            # Most of (the basic unknown of the wrong row) while only rows that are right limit the step.
            gain = [-factor for factor in self._rows[wrong][:-1]]
            gain[self._basis[wrong]] = Fraction(0)
            entering = next((column for column in range(self._width) if gain[column] > 0), None)
            if entering is None:
                raise AssertionError("what was shown contradicts itself")
            self._pivot(self._leaving(entering, wrong), entering)

    def _most(self, whole: Sum) -> Fraction:
        goal = [Fraction(0)] * (self._width + 1)
        for unknown, factor in whole.items():
            goal[self._column[unknown]] = Fraction(factor)
        for row, basic in zip(self._rows, self._basis, strict=True):
            goal = _without(goal, row, basic)
        while True:
            entering = next((column for column in range(self._width) if goal[column] > 0), None)
            if entering is None:
                return -goal[-1]
            leaving = self._leaving(entering, None)
            self._pivot(leaving, entering)
            goal = _without(goal, self._rows[leaving], entering)

    def _leaving(self, entering: int, wrong: int | None) -> int:
        best: tuple[Fraction, int, int] | None = None
        for number, row in enumerate(self._rows):
            if (row[entering] > 0 and row[-1] >= 0) or (number == wrong and row[entering] < 0):
                found = (row[-1] / row[entering], self._basis[number], number)
                best = found if best is None or found < best else best
        if best is None:
            raise AssertionError("nothing that was shown limits it")
        return best[2]

    def _pivot(self, leaving: int, entering: int) -> None:
        factor = self._rows[leaving][entering]
        self._rows[leaving] = [value / factor if value else value for value in self._rows[leaving]]
        for number, row in enumerate(self._rows):
            if number != leaving and row[entering]:
                self._rows[number] = _without(row, self._rows[leaving], entering)
        self._basis[leaving] = entering


def _without(row: list[Fraction], pivot: list[Fraction], column: int) -> list[Fraction]:
    factor = row[column]
    if not factor:
        return row
    return [value - factor * other if other else value for value, other in zip(row, pivot, strict=True)]


def _eliminated(rows: list[list[Fraction]], width: int) -> tuple[list[list[Fraction]], list[int]]:
    """The reduced rows that say all that these say, and the unknown that each stands for."""
    done: list[list[Fraction]] = []
    basis: list[int] = []
    for given in rows:
        row = given
        for other, column in zip(done, basis, strict=True):
            row = _without(row, other, column)
        column = next((number for number in range(width) if row[number]), None)
        if column is None:
            if row[-1]:
                raise AssertionError("what was shown contradicts itself")
            continue
        factor = row[column]
        row = [value / factor if value else value for value in row]
        done = [_without(other, row, column) for other in done]
        done.append(row)
        basis.append(column)
    return done, basis
