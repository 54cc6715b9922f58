"""Roles and what they may do."""

from domain.roles import PERMISSIONS, TITLES, Permission, Role, may


def test_every_role_is_in_every_table() -> None:
    """
    Each role has its permissions and a name that people read.
    """
    assert set(Role) == set(PERMISSIONS) == set(TITLES)


def test_everybody_sees() -> None:
    """
    Whoever may sign in may look.
    """
    assert all(may(role, Permission.SEE) for role in Role)


def test_an_administrator_may_do_everything() -> None:
    """
    Whatever there is to do, somebody can do it.
    """
    assert all(may(Role.ADMIN, permission) for permission in Permission)


def test_a_viewer_changes_nothing() -> None:
    """
    A viewer looks and downloads, and that is all.
    """
    assert {Permission.SEE, Permission.DOWNLOAD} == PERMISSIONS[Role.VIEWER]


def test_only_an_administrator_gives_rights() -> None:
    """
    Nobody but an administrator can make themselves or others more than they are.
    """
    holders = [role for role in Role if may(role, Permission.MANAGE_USERS)]

    assert [Role.ADMIN] == holders
