import pytest

from domain.logo import origin


@pytest.mark.parametrize(
    ("logo_url", "expected"),
    [
        ("https://bank.example/logo.svg?v=2", "https://bank.example"),
        ("HTTPS://Bank.Example", "https://bank.example"),
        ("http://127.0.0.1:8000/static/logo.png", "http://127.0.0.1:8000"),
    ],
)
def test_a_logo_on_the_web_has_an_origin(logo_url: str, expected: str) -> None:
    """
    A picture on the web may be shown, and says from where it comes.
    """
    assert expected == origin(logo_url)


@pytest.mark.parametrize(
    "logo_url",
    [
        None,
        "",
        "logo.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://bank.example; script-src *",
        "https://bank.example/a b",
        "https://bank.example\n/logo.png",
        "https://user@bank.example/logo.png",
    ],
)
def test_anything_else_is_not_shown(logo_url: str | None) -> None:
    """
    What is no plain web address never reaches a page or a header.
    """
    assert origin(logo_url) is None
