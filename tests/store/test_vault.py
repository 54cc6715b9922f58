"""Secrets at rest."""

import pytest
from cryptography.fernet import InvalidToken

from store.vault import Vault


def test_what_was_sealed_comes_back() -> None:
    """
    And is not to be seen meanwhile; the same text is sealed differently each time.
    """
    vault = Vault(b"one secret")

    sealed = [vault.seal("a token: ü") for _ in range(2)]

    assert sealed[0] != sealed[1]
    assert "a token: ü" == vault.open(sealed[0])
    assert b"token" not in sealed[0]


def test_another_secret_opens_nothing() -> None:
    """
    The database alone gives nothing away.
    """
    sealed = Vault(b"one secret").seal("a token")

    with pytest.raises(InvalidToken):
        Vault(b"another secret").open(sealed)
