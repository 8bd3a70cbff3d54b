"""The database's errors as StoreError: what it says, on one line, and what a person can do."""

from types import TracebackType

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from dispatch.errors import StoreError

# PostgreSQL by its code (https://www.postgresql.org/docs/current/errcodes-appendix.html); SQLite, and PostgreSQL
# where no connection came about, by a sign in the message.
SPACE = "Free some space; nothing that was stored is lost, and the next pass goes on."
HELD = "Another process holds it; try again when that has ended."
GONE = "Once the server is there again, the next pass goes on; nothing that was stored is lost."
CREATE = "Make it with createdb, or mend the name in [store] url."
PASSWORD = "Mend the user in [store] url, or the password in PGPASSWORD or ~/.pgpass."  # noqa: S105
CODES = {
    "08": GONE,
    "25006": "It takes no writes: name the primary server in [store] url.",
    "28": PASSWORD,
    "3D000": CREATE,
    "40": "Nothing was changed; try again.",
    "42501": "Make the user of [store] url the owner of this database.",
    "53100": SPACE,
    "53300": "Raise the server's max_connections, or stop what uses them up.",
    "55P03": HELD,
    "57P": GONE,
}
SIGNS = {
    "disk is full": SPACE,
    "readonly": "Make the file and its folder writable for this user.",
    "unable to open": "Make sure that its folder exists and is writable for this user.",
    "database is locked": HELD,
    "password authentication failed": PASSWORD,
    "no password supplied": PASSWORD,
    "authentication failed": PASSWORD,
    "no pg_hba.conf entry": "Let this user in by the server's pg_hba.conf.",
    "role ": "Make the user with createuser, or mend it in [store] url.",
    "database ": CREATE,
    "too many clients": CODES["53300"],
    "resolve host": "Mend the host in [store] url.",
    "connection": "Start the server, or mend host and port in [store] url; the next pass goes on.",
}
OTHERWISE = "Nothing was changed."


class Explained:
    """Around work on the store at `place`: its database's errors leave as StoreError."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, DBAPIError):
            words = " ".join(str(error.orig).split()).rstrip(".?")
            raise StoreError(f"The store {self._place} says: {words}. {_cure(error.orig, words)}") from error
        if isinstance(error, SQLAlchemyError):
            raise StoreError(f"The store {self._place} cannot be used: {error}") from error


def _cure(error: object, words: str) -> str:
    code = getattr(error, "sqlstate", None)
    table, said = (CODES, str(code)) if code else (SIGNS, words)
    found = (cure for sign, cure in table.items() if (said.startswith(sign) if code else sign in said))
    return next(found, OTHERWISE)
