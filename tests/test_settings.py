"""Settings are read once, and nonsense is refused in plain words."""

from datetime import timedelta
from pathlib import Path

import pytest

from emails.transport import SmtpTransport
from settings import Misconfigured, Settings

SECRET = "a secret of thirty-two characters"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without `.env`, and an environment with a secret alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAPPORT_SECRET", SECRET)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20s", timedelta(seconds=20)),
        ("30m", timedelta(minutes=30)),
        ("6h", timedelta(hours=6)),
        ("2d", timedelta(days=2)),
        ("1h30m", timedelta(minutes=90)),
        (" 15M ", timedelta(minutes=15)),
        ("PT30M", timedelta(minutes=30)),
        ("P1DT12H", timedelta(hours=36)),
    ],
)
def test_durations_are_read_as_people_write_them(
    text: str, meant: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Short durations and ISO 8601 both mean what they say.
    """
    monkeypatch.setenv("RAPPORT_PROVIDER_GIVE_UP", text)

    assert meant == Settings.load().provider_give_up


@pytest.mark.parametrize("text", ["soon", "", "5", "-20s", "1.5h", "30 minutes", "m"])
def test_other_words_are_no_duration(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What is no duration is refused, with an example of what would be one.
    """
    monkeypatch.setenv("RAPPORT_EMAIL_GIVE_UP", text)

    with pytest.raises(Misconfigured) as refused:
        Settings.load()

    assert (
        f"RAPPORT_EMAIL_GIVE_UP: {text!r} is no duration: "
        "write it like 20s, 30m, 6h or PT30M." == str(refused.value)
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PROVIDER_GIVE_UP", "0s", "a duration has to be longer than nothing."),
        ("PROVIDER_GIVE_UP", "PX", "'PX' is no duration: write it like 20s"),
        ("BASE_URL", "rapport.example", "has to begin with http:// or https://."),
        (
            "SMTP_URL",
            "127.0.0.1:1025",
            "begin with smtp://, smtps:// or smtp+starttls://.",
        ),
        ("SMTP_URL", "smtp://me:pw@mail.example", "write smtp+starttls:// or smtps://"),
        ("SMTP_URL", "smtp://me@10.0.0.1:25", "write smtp+starttls:// or smtps://"),
        ("OBJECTS_URL", "/objects", "has to begin with file:// or s3://."),
        ("SECRET", "short", "it has to be at least 16 characters long."),
        ("LOG_FORMAT", "xml", "Input should be 'pretty' or 'json'."),
        ("EMAIL_SENDER", "nobody", "String should match pattern"),
        ("WORKER_METRICS", "9464", "String should match pattern"),
    ],
)
def test_nonsense_is_refused_by_name(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A refusal names the variable and says what is wrong with it.
    """
    monkeypatch.setenv(f"RAPPORT_{name}", value)

    with pytest.raises(Misconfigured) as refused:
        Settings.load()

    assert str(refused.value).startswith(f"RAPPORT_{name}: ")
    assert sentence in str(refused.value)


def test_secret_must_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Nothing runs on a secret that everybody knows.
    """
    monkeypatch.delenv("RAPPORT_SECRET")

    with pytest.raises(Misconfigured, match=r"^RAPPORT_SECRET is not set\.$"):
        Settings.load()


@pytest.mark.parametrize(
    "address",
    [
        "smtp://catcher:1025",
        "smtp://me:hunter2@127.0.0.1:1025",
        "smtp://me:hunter2@[::1]:1025",
        "smtp://me:hunter2@localhost",
        "smtps://me:hunter2@mail.example:465",
        "smtp+starttls://me:hunter2@mail.example:587",
    ],
)
def test_every_way_to_a_mail_server_is_taken(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A password goes encrypted, or does not leave this machine.
    """
    monkeypatch.setenv("RAPPORT_SMTP_URL", address)

    settings = Settings.load()

    assert address == settings.smtp_url
    assert SmtpTransport(settings.smtp_url).host in address


def test_a_password_that_is_refused_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    The sentence says what to write instead, without it.
    """
    monkeypatch.setenv("RAPPORT_SMTP_URL", "smtp://me:hunter2@mail.example")

    with pytest.raises(Misconfigured) as refused:
        Settings.load()

    assert "hunter2" not in str(refused.value)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Settings that end up in a log or a traceback give no secret away.
    """
    monkeypatch.setenv("RAPPORT_SMTP_URL", "smtps://name:hunter2@mail.example")
    monkeypatch.setenv("RAPPORT_DATABASE_URL", "postgresql+psycopg://me:hunter2@db/x")

    shown = repr(Settings.load())

    assert SECRET not in shown
    assert "hunter2" not in shown


def test_addresses_end_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Paths can be put behind an address as they are.
    """
    monkeypatch.setenv("RAPPORT_BASE_URL", "https://rapport.example/bank/")

    assert "https://rapport.example/bank" == Settings.load().base_url


def test_file_is_read_after_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    `.env` gives what the environment leaves open.
    """
    monkeypatch.setenv("RAPPORT_LOG_LEVEL", "ERROR")
    (tmp_path / ".env").write_text("RAPPORT_LOG_LEVEL=DEBUG\nRAPPORT_LOG_FORMAT=json\n")

    settings = Settings.load()

    assert ("ERROR", "json") == (settings.log_level, settings.log_format)


def test_objects_are_kept_in_the_local_folder(tmp_path: Path) -> None:
    """
    Without a setting, objects are beside the database.
    """
    assert (tmp_path / ".rapport/objects").as_uri() == Settings.load().objects_url
