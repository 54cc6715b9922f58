"""The `rapport` command: one process of Rapport each, or all of them with `up`."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from domain.roles import Role
from logs import configure
from settings import Misconfigured, Settings

app: Final = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it would show the values of local variables
    help="Customers share their business data with their bank, in journeys.",
)

people: Final = typer.Typer(
    no_args_is_help=True, help="Who of the bank may sign in to the portal."
)
app.add_typer(people, name="users")

_PASS_ON: Final = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    home: Annotated[
        Path, typer.Option(help="The folder for everything that Rapport writes.")
    ] = Path(".rapport"),
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="Bring ten demo customers in.")
    ] = False,
    temporal_address: Annotated[
        str | None, typer.Option(help="Use this Temporal server, and start none.")
    ] = None,
) -> None:
    """Start everything on embedded defaults, and stay until Ctrl-C."""
    import local

    try:
        local.up(local.Options(home, host, port, demo, temporal_address), _say)
    except local.Stopped as stopped:
        _refuse(str(stopped))


@app.command()
def api(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the API, the portal and the customers' pages."""
    settings = _settings()
    import server

    asyncio.run(server.run(settings, host, port))


@app.command()
def worker() -> None:
    """Run the workflows and activities."""
    settings = _settings()
    import worker

    asyncio.run(worker.run(settings))


@app.command(context_settings=_PASS_ON)
def sandbox(context: typer.Context) -> None:
    """Serve accounting software to practise on: a program with options of its own."""
    _become("sandbox", context.args)


@app.command(context_settings=_PASS_ON)
def catcher(context: typer.Context) -> None:
    """Take every email and deliver none: a program with options of its own."""
    _become("sandbox.catcher", context.args)


@app.command()
def migrate(
    organization: Annotated[
        str | None, typer.Option(help="Make this organization, if there is none.")
    ] = None,
    api_key_file: Annotated[
        Path | None, typer.Option(exists=True, help="Holds the organization's API key.")
    ] = None,
) -> None:
    """Bring the database and Temporal's search attributes to the newest state."""
    if (organization is None) != (api_key_file is None):
        raise typer.BadParameter("--organization and --api-key-file go together")
    key = api_key_file.read_text().strip() if api_key_file is not None else ""
    asyncio.run(_migrate(_settings(), organization, key))


async def _migrate(settings: Settings, organization: str | None, key: str) -> None:
    from api.portal.accounts import ensure_demo_users
    from store.bootstrap import ensure_organization
    from store.database import Database
    from store.migrate import migrate
    from workflows.client import connect
    from workflows.schedules import ensure_schedules, ensure_search_attributes

    await migrate(settings.database_url)
    if organization is not None:
        database = Database(settings.database_url)
        ours = await ensure_organization(database, name=organization, key=key)
        if settings.demo_sign_in:
            await ensure_demo_users(database, ours)
        await database.close()
    client = await connect()
    await ensure_search_attributes(client)
    await ensure_schedules(client)


@people.command("add")
def add_user(
    email: Annotated[str, typer.Argument(help="The address to sign in with.")],
    name: Annotated[str, typer.Option(help="What the person is called.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from there.")
    ] = False,
    organization: Annotated[
        str | None, typer.Option(help="Its id, where there are several.")
    ] = None,
) -> None:
    """Add a person; asks for the password."""
    settings = _settings()
    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    wish = {"email": email, "name": name, "role": role, "password": password}
    refused = asyncio.run(_add_user(settings, organization, wish))
    if refused is not None:
        _refuse(refused)
    _say(f"{email} may sign in now.")


async def _add_user(
    settings: Settings, organization: str | None, wish: Mapping[str, str]
) -> str | None:
    from api.portal.accounts import Unfit, add_account
    from store.database import Database

    database = Database(settings.database_url)
    try:
        await add_account(database, organization, wish)
    except Unfit as unfit:
        return str(unfit)
    finally:
        await database.close()
    return None


def _settings() -> Settings:
    """Read the settings, and set up the logs as they say."""
    try:
        settings = Settings.load()
    except Misconfigured as wrong:
        _refuse(str(wrong))
    configure(settings.log_format, settings.log_level)
    return settings


def _become(module: str, arguments: Sequence[str]) -> NoReturn:
    """Give this process over to a program that Rapport does not import."""
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *arguments])  # noqa: S606 (no shell)


def _say(line: str) -> None:
    typer.echo(line)


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def main() -> None:
    """
    Run one command and leave at once.

    Temporal's client may crash a short process in the interpreter's last moments,
    and then the exit code would lie: so those moments are left out.
    """
    try:
        app()
    except SystemExit as leaving:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(leaving.code or 0))


if __name__ == "__main__":
    main()
