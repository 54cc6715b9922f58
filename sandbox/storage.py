"""What must survive a crash: logins, codes, tokens and scenarios, in one SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from sandbox.books.company import key_of
from sandbox.scenarios import Scenario

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS login (
    id INTEGER PRIMARY KEY,
    product TEXT NOT NULL,
    company TEXT NOT NULL,
    company_key TEXT NOT NULL,
    scenario TEXT NOT NULL,
    created_at TEXT NOT NULL,
    is_revoked INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0,
    minute INTEGER NOT NULL DEFAULT 0,
    calls_this_minute INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS login_company_key ON login (company_key);
CREATE TABLE IF NOT EXISTS code (
    code TEXT PRIMARY KEY,
    login_id INTEGER NOT NULL REFERENCES login (id),
    redirect_uri TEXT NOT NULL,
    expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS token_pair (
    access TEXT PRIMARY KEY,
    refresh TEXT NOT NULL UNIQUE,
    given_for TEXT NOT NULL UNIQUE,
    login_id INTEGER NOT NULL REFERENCES login (id),
    expires_at REAL NOT NULL,
    is_used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS awaited_scenario (
    company_key TEXT PRIMARY KEY,
    scenario TEXT NOT NULL
);
"""


class Login(NamedTuple):
    """One customer's consent: which product, whose books, and how it behaves."""

    id: int
    product: str
    company: str
    company_key: str
    scenario: str
    created_at: str
    is_revoked: int
    calls: int
    minute: int
    calls_this_minute: int


class Code(NamedTuple):
    """What an approval sends back with the customer; `expires_at` is in epoch seconds."""

    code: str
    login_id: int
    redirect_uri: str
    expires_at: float


class TokenPair(NamedTuple):
    """
    An access token, and the refresh token for the next pair.

    `given_for` is the code or refresh token that it was given for.
    """

    access: str
    refresh: str
    given_for: str
    login_id: int
    expires_at: float
    is_used: int = 0


class Storage:
    """The only SQL of the sandbox. One process at a time owns the file."""

    def __init__(self, database: Path) -> None:
        database.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            database, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, even when the process is killed in between."""
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            yield

    def add_login(
        self, product: str, company: str, scenario: Scenario, at: datetime
    ) -> int:
        """Take a consent; the scenario that awaited this company is used up."""
        key = key_of(company)
        self._run("DELETE FROM awaited_scenario WHERE company_key = ?", key)
        row = self._one(
            "INSERT INTO login (product, company, company_key, scenario, created_at)"
            " VALUES (?, ?, ?, ?, ?) RETURNING id",
            *(product, company, key, scenario, at.isoformat()),
        )
        return int(row[0])

    def login(self, login_id: int) -> Login:
        return Login(*self._one("SELECT * FROM login WHERE id = ?", login_id))

    def logins(self) -> list[Login]:
        return [Login(*row) for row in self._run("SELECT * FROM login ORDER BY id")]

    def revoke(self, token: str) -> None:
        """End the login that an access or refresh token belongs to, if there is one."""
        self._run(
            "UPDATE login SET is_revoked = 1 WHERE id IN"
            " (SELECT login_id FROM token_pair WHERE access = ? OR refresh = ?)",
            *(token, token),
        )

    def set_scenario(self, company: str, scenario: Scenario) -> int:
        """Change every login of a company; where there is none, the next one will have it."""
        key = key_of(company)
        changed = self._run(
            "UPDATE login SET scenario = ? WHERE company_key = ?", scenario, key
        ).rowcount
        if not changed:
            self._run("REPLACE INTO awaited_scenario VALUES (?, ?)", key, scenario)
        return changed

    def awaited_scenario(self, company: str) -> Scenario:
        found = self._maybe_one(
            "SELECT scenario FROM awaited_scenario WHERE company_key = ?",
            key_of(company),
        )
        return Scenario(found[0]) if found else Scenario.DEFAULT

    def count_call(self, login_id: int, minute: int) -> Login:
        """Count one more call, and how many there were in this minute."""
        row = self._one(
            "UPDATE login SET calls = calls + 1, minute = ?1, calls_this_minute ="
            " CASE WHEN minute = ?1 THEN calls_this_minute + 1 ELSE 1 END"
            " WHERE id = ?2 RETURNING *",
            *(minute, login_id),
        )
        return Login(*row)

    def add_code(self, code: Code) -> None:
        self._run("INSERT INTO code VALUES (?, ?, ?, ?)", *code)

    def code(self, code: str) -> Code | None:
        row = self._maybe_one("SELECT * FROM code WHERE code = ?", code)
        return Code(*row) if row else None

    def add_pair(self, pair: TokenPair) -> None:
        self._run("INSERT INTO token_pair VALUES (?, ?, ?, ?, ?, ?)", *pair)

    def extend_pair(self, access: str, expires_at: float) -> None:
        self._run(
            "UPDATE token_pair SET expires_at = ? WHERE access = ?",
            *(expires_at, access),
        )

    def use_pair(self, pair: TokenPair) -> None:
        """Remember that its owner has it: what it was given for is spent."""
        if not pair.is_used:
            self._run("UPDATE token_pair SET is_used = 1 WHERE access = ?", pair.access)

    def pair_of_access(self, access: str) -> TokenPair | None:
        return self._pair("SELECT * FROM token_pair WHERE access = ?", access)

    def pair_of_refresh(self, refresh: str) -> TokenPair | None:
        return self._pair("SELECT * FROM token_pair WHERE refresh = ?", refresh)

    def pair_given_for(self, given_for: str) -> TokenPair | None:
        return self._pair("SELECT * FROM token_pair WHERE given_for = ?", given_for)

    def _pair(self, statement: str, value: str) -> TokenPair | None:
        row = self._maybe_one(statement, value)
        return TokenPair(*row) if row else None

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _maybe_one(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._run(statement, *values).fetchone()
        return row

    def _one(self, statement: str, *values: Any) -> tuple[Any, ...]:
        (row,) = self._run(statement, *values)
        return tuple(row)
