"""Every table of the desk, with its uniqueness rules as named constraints.

Times are UTC and aware. No two unique constraints of one table share their columns, because SQLite names
only the table and the columns of the constraint that a statement violates.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    func,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive one is refused, since nobody knows which moment it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 # SQLAlchemy's signature
        """Turn an aware moment into UTC; raises `ValueError` for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment without a time zone cannot be stored"
            raise ValueError(message)
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object] | None:
        """Keep the last moments as they are written: the rows of one act share a few, and SQLite's are long texts."""
        write = super().bind_processor(dialect)
        return write and lru_cache(maxsize=64)(write)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 # as above
        """Give the moment in UTC: SQLite's has no zone, PostgreSQL's has that of the session."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _table(name: str, *parts: Any) -> Table:
    return Table(name, metadata, *parts)


products = _table(
    "products",
    _id(),
    Column("name", String(80), nullable=False, unique=True),
    Column("audience", String(200), nullable=False),
    Column("console_name", String(80), nullable=False),
    Column("menu_path", String(200), nullable=False),  # where serial and version are read
    Column("upload_path", String(200), nullable=False),  # where the license file is uploaded
    Column("install_url", String(500)),
    Column("permitted_use", JSON, nullable=False),  # environment type -> sentence
)

companies = _table(
    "companies",
    _id(),
    Column("name", String(120), nullable=False, unique=True),
    Column("account_manager_name", String(120), nullable=False),
    Column("account_manager_email", String(254), nullable=False),
)

persons = _table(
    "persons",
    _id(),
    Column("workspace_id", String(20), nullable=False),
    Column("slack_id", String(20)),  # absent until linked
    Column("email", String(254)),  # lower case
    Column("name", String(120), nullable=False),
    Column("zone", String(60), nullable=False, server_default="UTC"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("guest", Boolean, nullable=False, server_default=text("false")),
    Column("slack_id_imported", Boolean, nullable=False, server_default=text("false")),
    Column("checked_at", UtcDateTime),  # when Slack was last asked who this is
    Column("paused_until", UtcDateTime),  # not answered until then: refused too often
    _ref("company_id", "companies", nullable=True, index=True),
    Index("uq_persons_slack_id", "workspace_id", "slack_id", unique=True),
    Index("uq_persons_email", "email", unique=True),
)

infrastructures = _table(
    "infrastructures",
    _id(),
    _ref("company_id", "companies"),
    _ref("product_id", "products"),
    Column("name", String(120), nullable=False),
    Column("activation_code", String(31), nullable=False, unique=True),
    Column("hosting", String(12), nullable=False),
    Column("files", String(8), nullable=False),
    Column("approval_channel", String(20)),  # Slack's id of the conversation
    Column("flagged", Boolean, nullable=False, server_default=text("false")),
    Column("working_hours", JSON(none_as_null=True)),  # zone, days, from, until; absent: any time will do
    Index("uq_infrastructures_name", "company_id", "name", unique=True),
    _one_of("hosting", "on_premises", "cloud"),
    _one_of("files", "signed", "held"),
)

subscriptions = _table(
    "subscriptions",
    _id(),
    Column("infrastructure_id", Id, ForeignKey("infrastructures.id"), nullable=False, unique=True),
    Column("edition", String(80), nullable=False),
    Column("features", JSON, nullable=False),  # list of names
    Column("limits", JSON, nullable=False),  # name -> number; an absent limit is unlimited
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),  # first moment after the term; absent when perpetual
    Column("unbroken_since", UtcDateTime, nullable=False),  # start of the unbroken run of terms
    Column("highest_version", String(40), nullable=False),
    Column("grace_days", Integer, nullable=False, server_default="14"),
    Column("state", String(10), nullable=False, server_default="active"),
    Column("suspension_reason", Text),  # of the present suspension
    Column("licenses_after", Id),  # licenses up to this id were made before a suspension and are replaced
    Column("told_end", UtcDateTime),  # the end that people were told of last
    Column("told_days", Integer),  # how many days before it; 0 at the start of grace, -1 at its end
    Column("told_at", UtcDateTime),
    Index("ix_subscriptions_ends_at", "ends_at"),
    _one_of("state", "active", "suspended"),
)

suspensions = _table(
    "suspensions",
    _id(),
    _ref("infrastructure_id", "infrastructures"),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("licenses_to", Id),  # of an ended one: licenses up to this id were made before it
    Index("ix_suspensions_infrastructure_id", "infrastructure_id"),
    Index(
        "uq_suspensions_open",
        "infrastructure_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

reissues = _table(
    "reissues",
    _id(),
    _ref("infrastructure_id", "infrastructures"),
    Column("cause", String(13), nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    _ref("begun_by", "persons", nullable=True),
    Column("licenses_after", Id, nullable=False),  # its own licenses have higher ids
    Column("position", Id, nullable=False),  # registrations up to this id are done
    Column("finished_at", UtcDateTime),
    Index(
        "uq_reissues_unfinished",
        "infrastructure_id",
        unique=True,
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    ),
    _one_of("cause", "renewal", "reinstatement", "compromise"),
)

slots = _table(
    "slots",
    _id(),
    _ref("infrastructure_id", "infrastructures"),
    Column("environment_type", String(16), nullable=False),
    Column("name", String(80), nullable=False),
    Column("removed_at", UtcDateTime),
    Index(
        "uq_slots_name",
        "infrastructure_id",
        "name",
        unique=True,
        sqlite_where=text("removed_at IS NULL"),
        postgresql_where=text("removed_at IS NULL"),
    ),
    Index("ix_slots_type", "infrastructure_id", "environment_type", "removed_at"),
    _one_of("environment_type", "development", "non_production", "production", "management"),
)

registrations = _table(
    "registrations",
    _id(),
    _ref("slot_id", "slots"),
    _ref("infrastructure_id", "infrastructures", index=True),
    Column("serial", String(31), nullable=False),
    Column("platform_version", String(60), nullable=False),
    _ref("registrant_id", "persons"),
    Column("state", String(8), nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    _ref("ended_by", "persons", nullable=True),
    Column("end_reason", Text),
    _ref("replaces_id", "registrations", nullable=True),  # of a serial change: what it takes the place of
    Index(
        "uq_registrations_open_slot",
        "slot_id",
        "state",  # so that to count what is taken takes the index alone
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index(
        "uq_registrations_serial",
        "serial",
        unique=True,
        sqlite_where=text("state IN ('reserved', 'open')"),
        postgresql_where=text("state IN ('reserved', 'open')"),
    ),
    _one_of("state", "reserved", "open", "ended"),
)

bulk_results = _table(
    "bulk_results",
    _id(),
    _ref("person_id", "persons"),
    Column(
        "form_key", String(64), nullable=False
    ),  # the modal that made it: the same submission again finds it
    Column("content", LargeBinary, nullable=False),  # a table, as it is sent
    Column("made_at", UtcDateTime, nullable=False),
    Index("uq_bulk_results_form_key", "form_key", unique=True),
    Index("ix_bulk_results_made_at", "made_at"),
)

signing_keys = _table(
    "signing_keys",
    _id(),
    Column("kid", String(64), nullable=False, unique=True),  # RFC 7638 thumbprint
    Column("algorithm", String(5), nullable=False),
    Column("state", String(12), nullable=False),
    Column("public_pem", Text, nullable=False),
    Column("private_encrypted", LargeBinary, nullable=False),  # empty for a key that is kept elsewhere
    Column("created_at", UtcDateTime, nullable=False),
    Column("activated_at", UtcDateTime),
    Column("retired_at", UtcDateTime),
    Column("compromised_at", UtcDateTime),
    Column(
        "purpose",
        String(10),
        CheckConstraint("purpose IN ('production', 'test')", name="purpose"),
        nullable=False,
        server_default="production",
    ),
    Column(
        "kept_in",
        String(8),
        _one_of("kept_in", "database", "file", "token"),
        nullable=False,
        server_default="database",
    ),
    Column("kept_at", Text),  # the path of the file, or where in the token; absent in the database
    Index(
        "uq_signing_keys_active",
        "state",
        unique=True,
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
    ),
    _one_of("state", "next", "active", "retired", "compromised"),
    _one_of("algorithm", "ES256", "EdDSA"),
)

licenses = _table(
    "licenses",
    _id(),
    Column("jti", String(36), nullable=False, unique=True),
    _ref("registration_id", "registrations", index=True),
    _ref("slot_id", "slots"),
    Column("seq", Integer, nullable=False),  # running number in its slot, from 1
    _ref("key_id", "signing_keys"),
    Column("not_before", UtcDateTime, nullable=False),
    Column("license_end", UtcDateTime),  # end of the term; absent when perpetual
    Column("expires_at", UtcDateTime),  # end of grace; absent when perpetual
    Column("sameness", String(64), nullable=False),  # decides whether a license is unchanged
    Column("text_encrypted", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the file's bytes
    Column("issued_at", UtcDateTime, nullable=False),
    Column("replaces", String(36)),  # the previous jti of the slot
    Index("uq_licenses_seq", "slot_id", "seq", unique=True),
)

revocation_lists = _table(
    "revocation_lists",
    _id(),
    Column("seq", Integer, nullable=False),  # its running number, from 1
    Column("digest", String(64), nullable=False),  # SHA-256 of what it lists
    Column("entries", Integer, nullable=False),  # how many licenses it lists
    Column("made_at", UtcDateTime, nullable=False),
    Index("uq_revocation_lists_seq", "seq", unique=True),
)

held_files = _table(
    "held_files",
    _id(),
    _ref("registration_id", "registrations"),
    Column("version", Integer, nullable=False),  # running number in its registration, from 1
    Column("name", String(100), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    Column("sha256", String(64), nullable=False),  # of the file's bytes
    Column("names_serial", Boolean),  # whether it names its serial number; absent: it is no text
    Column("content_encrypted", LargeBinary, nullable=False),
    _ref("uploaded_by", "persons"),
    Column("uploaded_at", UtcDateTime, nullable=False),
    Index("uq_held_files_version", "registration_id", "version", unique=True),
)

requests = _table(
    "requests",
    _id(),
    Column("kind", String(14), nullable=False),
    _ref("infrastructure_id", "infrastructures", index=True),
    _ref("requester_id", "persons", index=True),
    Column("reason", Text, nullable=False),
    Column("step", String(24)),  # whom it was put to; absent when every item was born direct
    Column("asked_at", UtcDateTime, nullable=False),
    Column("first_posted_at", UtcDateTime),  # deadlines count from here
    Column("expires_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default="1"),  # raised by every change; drawn on cards
    Column("form_key", String(64)),  # the modal that made it: the same submission again finds it
    Column("urgent", Boolean, nullable=False, server_default=text("false")),  # production is down
    Column("reminded", Integer, nullable=False, server_default="0"),  # reminders that have come
    Column("escalated_at", UtcDateTime),  # when the company admins were asked as well
    Column("through_workflow", Boolean, nullable=False, server_default=text("false")),
    Index("uq_requests_form_key", "form_key", unique=True),
    Index("ix_requests_expiry", "expires_at"),
    Index("ix_requests_asked", "requester_id", "asked_at"),
    _one_of("kind", "license", "serial_change", "release"),
    _one_of("step", "contacts", "infrastructure_admins", "company_admins", "operators"),
)

request_items = _table(
    "request_items",
    _id(),
    _ref("request_id", "requests", index=True),
    _ref("registration_id", "registrations", index=True),
    _ref("reserved_id", "registrations", nullable=True),  # of a serial change: the registration that waits
    _ref("requester_id", "persons"),
    Column("state", String(10), nullable=False),
    _ref("decider_id", "persons", nullable=True),
    Column("decided_at", UtcDateTime),
    Column("decline_reason", Text),
    Column("cause", String(40)),  # why it was closed
    _ref("license_id", "licenses", nullable=True),
    Column("delivered_at", UtcDateTime),
    _ref("held_file_id", "held_files", nullable=True),
    Index(
        "uq_request_items_pending",
        "registration_id",
        "requester_id",
        unique=True,
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    _one_of("state", "pending", "forwarded", "declined", "withdrawn", "expired", "closed", "direct"),
)

workflow_steps = _table(
    "workflow_steps",
    _id(),
    Column("execution_id", String(64), nullable=False, unique=True),  # Slack's id of this run of the step
    _ref(
        "item_id", "request_items", nullable=True, index=True
    ),  # what it waits for; absent: nothing was asked for
    Column("run_at", UtcDateTime, nullable=False),
    Column("outcome", String(11)),  # what became of the item; absent while it waits
    Column("refusal", Text),  # why nothing was asked for, as Slack is told
)

asked = _table(
    "asked",
    _id(),
    _ref("request_id", "requests"),
    _ref("person_id", "persons", index=True),
    Column("step", String(24), nullable=False),
    Column("reached", Boolean, nullable=False),  # false: skipped and named
    Column("direct", Boolean, nullable=False),  # true: has the card as a direct message of their own
    Column("by_mail", Boolean, nullable=False, server_default=text("false")),  # not in Slack, asked by e-mail
    Index("uq_asked_person", "request_id", "person_id", unique=True),
)

conversations = _table(
    "conversations",
    _id(),
    Column("workspace_id", String(20), nullable=False),
    Column("slack_id", String(20), nullable=False),
    Column("kind", String(7), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), unique=True),  # whose direct message it is
    Column("name", String(120)),
    Column("archived", Boolean, nullable=False, server_default=text("false")),
    Column("absent", Boolean, nullable=False, server_default=text("false")),  # the bot is not in it
    Column("shared", Boolean, nullable=False, server_default=text("false")),  # with another organization
    Column("checked_at", UtcDateTime),
    Index("uq_conversations_slack_id", "workspace_id", "slack_id", unique=True),
    _one_of("kind", "channel", "direct"),
)

conversation_members = _table(
    "conversation_members",
    _id(),
    _ref("conversation_id", "conversations"),
    Column("slack_id", String(20), nullable=False),
    Index("uq_conversation_members", "conversation_id", "slack_id", unique=True),
)

cards = _table(
    "cards",
    _id(),
    _ref("request_id", "requests"),
    _ref("conversation_id", "conversations"),
    Column("ts", String(20), nullable=False),
    Column("version", Integer, nullable=False),  # the request's version that was drawn
    Column("posted_at", UtcDateTime, nullable=False),
    Index("ix_cards_conversation", "request_id", "conversation_id"),
)

_WITH_FILES = (
    "state = 'sent' AND deletion_queued_at IS NULL "
    "AND (kind IN ('file', 'reissue') OR notice IN ('bulk_result', 'report', 'revocations'))"
)
deliveries = _table(
    "deliveries",
    _id(),
    Column("occasion", String(160), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    _ref("person_id", "persons", nullable=True),  # to whom, as a direct message
    Column("channel", String(20)),  # or into which conversation, by Slack's id
    _ref("request_id", "requests", nullable=True, index=True),
    _ref("item_id", "request_items", nullable=True, index=True),
    _ref("registration_id", "registrations", nullable=True),
    Column("notice", String(40)),  # which words a notice says
    Column("facts", JSON, nullable=False),  # ids and plain facts of the notice; no secrets, no finished words
    Column("lane", String(60), nullable=False),  # order is kept within one lane
    Column("state", String(6), nullable=False, server_default="queued"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("first_attempt_at", UtcDateTime),
    Column("leased_until", UtcDateTime),
    Column("lease", String(36)),  # who holds it
    Column("steps", JSON, nullable=False),  # steps already done: channel, ts, file id
    Column("error", String(80)),  # Slack's code of the last failure
    Column("sent_at", UtcDateTime),
    Column("deletion_queued_at", UtcDateTime),  # when the deletion of its files from Slack was queued
    Index(
        "ix_deliveries_files",
        "sent_at",
        "id",
        sqlite_where=text(_WITH_FILES),
        postgresql_where=text(_WITH_FILES),
    ),
    Index(
        "ix_deliveries_due",
        "due_at",
        "id",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    Index(
        "ix_deliveries_lane",
        "lane",
        "id",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    _one_of(
        "kind", "card", "file", "notice", "reply", "reissue", "reminder", "home", "step", "mail", "deletion"
    ),
    _one_of("state", "queued", "sent", "failed"),
)

homes = _table(
    "homes",
    _id(),
    _ref("person_id", "persons"),
    Column("opened_at", UtcDateTime, nullable=False),  # when they last looked at it
    Column("page", Integer, nullable=False, server_default="0"),  # of their infrastructures, from 0
    Index("uq_homes_person_id", "person_id", unique=True),
    Index("ix_homes_opened_at", "opened_at"),
)

roles = _table(
    "roles",
    _id(),
    _ref("person_id", "persons", index=True),
    Column("role", String(24), nullable=False),
    _ref("company_id", "companies", nullable=True, index=True),
    _ref("infrastructure_id", "infrastructures", nullable=True, index=True),
    Column("state", String(7), nullable=False, server_default="active"),
    Column("held_from", UtcDateTime, nullable=False),
    Column("held_until", UtcDateTime),
    _ref("set_by", "persons", nullable=True),  # absent: the import
    Index(
        "uq_roles_held",
        "person_id",
        "role",
        func.coalesce(text("company_id"), 0),
        func.coalesce(text("infrastructure_id"), 0),
        unique=True,
        sqlite_where=text("held_until IS NULL"),
        postgresql_where=text("held_until IS NULL"),
    ),
    Index(
        "ix_roles_everywhere",
        "company_id",
        "infrastructure_id",
        "person_id",
        sqlite_where=text("company_id IS NULL AND infrastructure_id IS NULL"),
        postgresql_where=text("company_id IS NULL AND infrastructure_id IS NULL"),
    ),
    Index(
        "uq_roles_single_contact",
        "infrastructure_id",
        "role",
        unique=True,
        sqlite_where=text("held_until IS NULL AND role IN ('financial_contact', 'technical_contact')"),
        postgresql_where=text("held_until IS NULL AND role IN ('financial_contact', 'technical_contact')"),
    ),
    _one_of(
        "role",
        "company_admin",
        "infrastructure_admin",
        "financial_contact",
        "technical_contact",
        "additional_contact",
        "member",
        "auditor",
        "operator",
    ),
    _one_of("state", "active", "resting"),
)

stand_ins = _table(
    "stand_ins",
    _id(),
    _ref("contact_id", "persons", index=True),
    _ref("person_id", "persons", index=True),
    _ref("infrastructure_id", "infrastructures"),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

access_requests = _table(
    "access_requests",
    _id(),
    _ref("person_id", "persons"),
    Column("typed", Text, nullable=False),  # what they say they need
    _ref("company_id", "companies", nullable=True),  # whose admins were asked; absent: the operators
    _ref("infrastructure_id", "infrastructures", nullable=True),  # the one whose activation code they typed
    Column("form_key", String(64)),  # the modal that made it: the same submission again finds it
    Column("asked_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False, server_default="open"),
    _ref("answered_by", "persons", nullable=True),
    Column("answered_at", UtcDateTime),
    Index("uq_access_requests_form_key", "form_key", unique=True),
    Index("ix_access_requests_person", "person_id", "asked_at"),
    _one_of("state", "open", "added", "declined"),
)

attempts = _table(
    "attempts",
    _id(),
    _ref("person_id", "persons"),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(8), nullable=False),
    Index("ix_attempts_person", "person_id", "at"),
    Index("ix_attempts_at", "at"),
    _one_of("kind", "right", "unknown", "often"),
)

pauses = _table(
    "pauses",
    _id(),
    _ref("person_id", "persons"),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("counts", JSON, nullable=False),  # kind of failed attempt -> how many led to it
    Column("told_at", UtcDateTime),  # when the operators were told
    Index("ix_pauses_ends_at", "ends_at"),
    Index("ix_pauses_told_at", "told_at"),
)

audit_entries = _table(
    "audit_entries",
    _id(),
    _ref("infrastructure_id", "infrastructures", nullable=True),  # absent: the desk's own chain
    Column("chain", Id, nullable=False),  # the infrastructure's id, or 0 for the desk
    Column("position", Id, nullable=False),  # from 1, without gaps
    Column("at", UtcDateTime, nullable=False),
    _ref("actor_id", "persons", nullable=True, index=True),  # absent: the desk itself
    Column("source", String(16), nullable=False),  # from where: slack, mail, command, import, schedule
    Column("action", String(40), nullable=False),
    Column("subject", String(60), nullable=False),  # on what, such as "slot 17"
    Column("facts", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("uq_audit_entries_position", "chain", "position", unique=True),
    Index("ix_audit_entries_subject", "subject", "id"),
)

audit_heads = _table(
    "audit_heads",
    Column("chain", Id, primary_key=True, autoincrement=False),
    Column("position", Id, nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_forwardings = _table(
    "audit_forwardings",
    _id(),
    Column("destination", String(8), nullable=False, unique=True),
    Column("lease", String(36)),  # who sends at the moment
    Column("leased_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("failed_since", UtcDateTime),  # since when nothing has arrived; absent while all is well
    Column("error", String(200)),
    _one_of("destination", "file", "syslog"),
)

audit_forwarded = _table(
    "audit_forwarded",
    _id(),
    Column("destination", String(8), nullable=False),
    Column("chain", Id, nullable=False),
    Column("position", Id, nullable=False),  # entries up to this one have arrived
    Index("uq_audit_forwarded_chain", "destination", "chain", unique=True),
)

workspaces = _table(
    "workspaces",
    _id(),
    Column("workspace_id", String(20), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("bot_id", String(20), nullable=False),
    Column("bot_user_id", String(20), nullable=False),
    Column("app_id", String(20)),
    Column("connected", Boolean, nullable=False, server_default=text("true")),  # false: app removed
)
