"""What a customer can pick is a plain value."""

from domain.software import AuthorizationRequest, Software


def test_a_software_says_who_talks_to_it() -> None:
    """
    Its key is what is asked for at the provider's own page, its name what people read.
    """
    ledgerly = Software("ledgerly", "Ledgerly", provider="sandbox")

    request = AuthorizationRequest(ledgerly.key, "Hoxton Tea", "s", "http://127.0.0.1/")

    assert ("ledgerly", "sandbox") == (request.software, ledgerly.provider)
