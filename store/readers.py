"""Connections for reading, which on SQLite stay open between reads."""

from collections import deque

from sqlalchemy import Connection, Engine


class Readers:
    """Hands out connections without a transaction, and keeps up to `most` of them for the next who reads.

    Nothing stands between two reads on such a connection: each statement is a transaction of its own. Taking
    one from SQLAlchemy's pool and giving it back costs more than the usual read itself. A server's connection
    may break while nobody looks, so those go back to the pool, which tries them before it hands them out.
    """

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._most = most
        self._idle: deque[Connection] = deque()

    def take(self) -> Connection:
        """A connection that nobody else uses until it is given back or closed."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def give(self, connection: Connection) -> None:
        """Take back a connection on which nothing went wrong."""
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close every connection that nobody uses."""
        while self._idle:
            self._idle.pop().close()
