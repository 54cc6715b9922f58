"""A process that meets customers' files learns what Python needs, and no more."""

from domain.surroundings import harmless


def test_only_what_is_needed_passes() -> None:
    """
    Whatever holds our secrets, or somebody else's, stays out.
    """
    needed = {"PATH": "/bin", "LC_ALL": "C.UTF-8", "PYTHONPATH": "/rapport"}
    secrets = dict.fromkeys(
        (
            "AWS_SECRET_ACCESS_KEY",
            "DATABASE_URL",
            "PGPASSWORD",
            "RAPPORT_SECRET",
            "TEMPORAL_API_KEY",
        ),
        "hush",
    )

    assert needed == harmless(needed | secrets)
