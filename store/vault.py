"""Secrets at rest: authorization codes and tokens, sealed with a key derived from the one secret."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Vault:
    """Seals text so that the database alone gives nothing away."""

    def __init__(self, secret: bytes) -> None:
        key = HKDF(SHA256(), length=32, salt=None, info=b"rapport tokens").derive(
            secret
        )
        self._fernet = Fernet(urlsafe_b64encode(key))

    def seal(self, text: str) -> bytes:
        """Return `text` encrypted and signed."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Return what was sealed; raise `cryptography.fernet.InvalidToken` with another secret."""
        return self._fernet.decrypt(sealed).decode()
