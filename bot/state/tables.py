"""The tables of the state, and the number of their shape. In: nothing. Out: SQLAlchemy tables for any database."""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA = 2  # raised whenever a table changes; a database of a later number is refused
GROWN = frozenset({"1"})  # what lacks nothing but tables that came later: they are added, and nothing else changes

_ID, _OWNER, _TIME, _HASH = sa.String(32), sa.String(64), sa.String(20), sa.String(64)

metadata = sa.MetaData()

meta = sa.Table("wenbao_meta", metadata, sa.Column("key", sa.String(32), primary_key=True), sa.Column("value", sa.Text))

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("owner", _OWNER, nullable=False),  # a hash: who reads the database cannot act as anybody
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created", _TIME, nullable=False),
    sa.Column("updated", _TIME, nullable=False, index=True),
    sa.Index("conversations_by_owner", "owner", "updated"),
)

exchanges = sa.Table(
    "exchanges",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("conversation", _ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("standalone", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),  # JSON: all that is needed to show it again
    sa.Column("passages", sa.Text, nullable=False),  # JSON
    sa.Column("follow_ups", sa.Text, nullable=False),  # JSON
    sa.Column("refused", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(32)),
    sa.Column("model", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("generation", sa.Integer),
    sa.Column("took_ms", sa.Float, nullable=False),
    sa.Column("created", _TIME, nullable=False, index=True),
    sa.UniqueConstraint("conversation", "number"),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("exchange", _ID, sa.ForeignKey("exchanges.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("verdict", sa.String(4), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created", _TIME, nullable=False, index=True),
)

shares = sa.Table(
    "shares",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("exchange", _ID, sa.ForeignKey("exchanges.id", ondelete="CASCADE"), nullable=False, unique=True),
    sa.Column("owner", _OWNER, nullable=False),
    sa.Column("created", _TIME, nullable=False),
)

keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),  # a revoked key keeps it: the audit's lines name it
    sa.Column("secret", _HASH, nullable=False, unique=True),  # its hash, as of everything here that opens something
    sa.Column("scopes", sa.Text, nullable=False),  # JSON
    sa.Column("groups", sa.Text, nullable=False, quote=True),  # JSON
    sa.Column("created", _TIME, nullable=False),
    sa.Column("revoked", _TIME),
    sa.Column("used", _TIME),
)

sessions = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("secret", _HASH, nullable=False, unique=True),
    sa.Column("subject", _HASH, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("groups", sa.Text, nullable=False, quote=True),  # JSON
    sa.Column("via", sa.String(8), nullable=False),
    sa.Column("created", _TIME, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False, index=True),  # Unix seconds
    sa.Column("ended", _TIME),
)

used_tokens = sa.Table(
    "used_tokens",
    metadata,
    sa.Column("token", _HASH, primary_key=True),  # of issuer and jti
    sa.Column("until", sa.BigInteger, nullable=False, index=True),
)
