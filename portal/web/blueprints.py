"""Blueprints by audience: each brings its guard, so that a route without one cannot exist (default deny)."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint

from portal.core.access import Permission
from portal.web import guards

View = TypeVar("View", bound=Callable)


class Audience(StrEnum):
    """For whom a page is."""

    PUBLIC = "public"
    CLIENT = "client"
    STAFF = "staff"
    GATEWAY = "gateway"
    OPERATIONS = "operations"
    DEMO = "demo"


_GUARDS: dict[Audience, Callable | None] = {
    Audience.PUBLIC: guards.visitor,
    Audience.CLIENT: guards.client_only,
    Audience.STAFF: guards.staff_only,
    Audience.GATEWAY: None,
    Audience.OPERATIONS: None,
    Audience.DEMO: guards.demo_only,
}


class AudienceBlueprint(Blueprint):
    """A blueprint whose every route is for one audience and passes that audience's guard first."""

    def __init__(self, name: str, import_name: str, audience: Audience) -> None:
        super().__init__(name, import_name)
        self.audience = audience
        guard = _GUARDS[audience]
        if guard is not None:
            self.before_request(guard)


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a staff view with the permission that its guard asks for."""

    def mark(view: View) -> View:
        view.needed_permission = permission  # type: ignore[attr-defined]  # a mark on a function has no type
        return view

    return mark


def open_to_all_staff(view: View) -> View:
    """Mark a staff view that every signed-in member of staff may open."""
    view.needed_permission = None  # type: ignore[attr-defined]  # a mark on a function has no type
    return view


def asked_by_itself(view: View) -> View:
    """Mark a view that open pages ask for without anybody: it is no sign of life (R17), nor a page to come back to."""
    view.asked_by_itself = True  # type: ignore[attr-defined]  # a mark on a function has no type
    return view
