"""What a person of the organization may do: roles, permissions, and which has which."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody is to the organization."""

    RELATIONSHIP_MANAGER = "relationship_manager"
    SUPPORT = "support"
    VIEWER = "viewer"
    ADMIN = "admin"


class Permission(StrEnum):
    """One kind of thing that can be done in the portal."""

    SEE = "see"
    DOWNLOAD = "download"
    EDIT = "edit"
    REQUEST = "request"
    REFRESH = "refresh"
    MEND = "mend"
    CATEGORIZE = "categorize"
    DELETE = "delete"
    CONFIGURE = "configure"
    MANAGE_USERS = "manage_users"


_P: Final = Permission

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.RELATIONSHIP_MANAGER: frozenset(
        {_P.SEE, _P.DOWNLOAD, _P.EDIT, _P.REQUEST, _P.REFRESH, _P.MEND, _P.CATEGORIZE, _P.DELETE}
    ),
    # Support mends journeys, and needs nobody's figures for it.
    Role.SUPPORT: frozenset({_P.SEE, _P.EDIT, _P.REFRESH, _P.MEND}),
    Role.VIEWER: frozenset({_P.SEE, _P.DOWNLOAD}),
    Role.ADMIN: frozenset(Permission),
}  # fmt: skip

TITLES: Final[Mapping[Role, str]] = {
    Role.RELATIONSHIP_MANAGER: "Relationship manager",
    Role.SUPPORT: "Support",
    Role.VIEWER: "Viewer",
    Role.ADMIN: "Administrator",
}


def may(role: Role, permission: Permission) -> bool:
    """Whether somebody of that role may do it."""
    return permission in PERMISSIONS[role]
