"""Requests with their cards and deliveries, conversations, and the record."""

from store.migrations.statements import run

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    CREATE TABLE requests (
        id {own_id} NOT NULL,
        kind VARCHAR(14) NOT NULL,
        infrastructure_id {id} NOT NULL,
        requester_id {id} NOT NULL,
        reason TEXT NOT NULL,
        step VARCHAR(24),
        asked_at {time} NOT NULL,
        first_posted_at {time},
        expires_at {time},
        version INTEGER DEFAULT '1' NOT NULL,
        form_key VARCHAR(64),
        CONSTRAINT pk_requests PRIMARY KEY (id),
        CONSTRAINT ck_requests_kind CHECK (kind IN ('license', 'serial_change', 'release')),
        CONSTRAINT ck_requests_step
            CHECK (step IN ('contacts', 'infrastructure_admins', 'company_admins', 'operators')),
        CONSTRAINT fk_requests_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id),
        CONSTRAINT fk_requests_requester_id FOREIGN KEY(requester_id) REFERENCES persons (id)
    )
    """,
    "CREATE INDEX ix_requests_expiry ON requests (expires_at)",
    "CREATE INDEX ix_requests_infrastructure_id ON requests (infrastructure_id)",
    "CREATE INDEX ix_requests_requester_id ON requests (requester_id)",
    "CREATE UNIQUE INDEX uq_requests_form_key ON requests (form_key)",
    """
    CREATE TABLE request_items (
        id {own_id} NOT NULL,
        request_id {id} NOT NULL,
        registration_id {id} NOT NULL,
        reserved_id {id},
        requester_id {id} NOT NULL,
        state VARCHAR(10) NOT NULL,
        decider_id {id},
        decided_at {time},
        decline_reason TEXT,
        cause VARCHAR(40),
        license_id {id},
        delivered_at {time},
        CONSTRAINT pk_request_items PRIMARY KEY (id),
        CONSTRAINT ck_request_items_state
            CHECK (state IN ('pending', 'forwarded', 'declined', 'withdrawn', 'expired', 'closed',
            'direct')),
        CONSTRAINT fk_request_items_request_id FOREIGN KEY(request_id) REFERENCES requests (id),
        CONSTRAINT fk_request_items_registration_id
            FOREIGN KEY(registration_id) REFERENCES registrations (id),
        CONSTRAINT fk_request_items_reserved_id FOREIGN KEY(reserved_id) REFERENCES registrations (id),
        CONSTRAINT fk_request_items_requester_id FOREIGN KEY(requester_id) REFERENCES persons (id),
        CONSTRAINT fk_request_items_decider_id FOREIGN KEY(decider_id) REFERENCES persons (id),
        CONSTRAINT fk_request_items_license_id FOREIGN KEY(license_id) REFERENCES licenses (id)
    )
    """,
    "CREATE INDEX ix_request_items_registration_id ON request_items (registration_id)",
    "CREATE INDEX ix_request_items_request_id ON request_items (request_id)",
    """
    CREATE UNIQUE INDEX uq_request_items_pending ON request_items (registration_id, requester_id)
        WHERE state = 'pending'
    """,
    """
    CREATE TABLE asked (
        id {own_id} NOT NULL,
        request_id {id} NOT NULL,
        person_id {id} NOT NULL,
        step VARCHAR(24) NOT NULL,
        reached BOOLEAN NOT NULL,
        direct BOOLEAN NOT NULL,
        CONSTRAINT pk_asked PRIMARY KEY (id),
        CONSTRAINT fk_asked_request_id FOREIGN KEY(request_id) REFERENCES requests (id),
        CONSTRAINT fk_asked_person_id FOREIGN KEY(person_id) REFERENCES persons (id)
    )
    """,
    "CREATE INDEX ix_asked_person_id ON asked (person_id)",
    "CREATE UNIQUE INDEX uq_asked_person ON asked (request_id, person_id)",
    """
    CREATE TABLE conversations (
        id {own_id} NOT NULL,
        workspace_id VARCHAR(20) NOT NULL,
        slack_id VARCHAR(20) NOT NULL,
        kind VARCHAR(7) NOT NULL,
        person_id {id},
        name VARCHAR(120),
        archived BOOLEAN DEFAULT false NOT NULL,
        absent BOOLEAN DEFAULT false NOT NULL,
        shared BOOLEAN DEFAULT false NOT NULL,
        checked_at {time},
        CONSTRAINT pk_conversations PRIMARY KEY (id),
        CONSTRAINT ck_conversations_kind CHECK (kind IN ('channel', 'direct')),
        CONSTRAINT uq_conversations_person_id UNIQUE (person_id),
        CONSTRAINT fk_conversations_person_id FOREIGN KEY(person_id) REFERENCES persons (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_conversations_slack_id ON conversations (workspace_id, slack_id)",
    """
    CREATE TABLE conversation_members (
        id {own_id} NOT NULL,
        conversation_id {id} NOT NULL,
        slack_id VARCHAR(20) NOT NULL,
        CONSTRAINT pk_conversation_members PRIMARY KEY (id),
        CONSTRAINT fk_conversation_members_conversation_id
            FOREIGN KEY(conversation_id) REFERENCES conversations (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_conversation_members ON conversation_members (conversation_id, slack_id)",
    """
    CREATE TABLE cards (
        id {own_id} NOT NULL,
        request_id {id} NOT NULL,
        conversation_id {id} NOT NULL,
        ts VARCHAR(20) NOT NULL,
        version INTEGER NOT NULL,
        posted_at {time} NOT NULL,
        CONSTRAINT pk_cards PRIMARY KEY (id),
        CONSTRAINT fk_cards_request_id FOREIGN KEY(request_id) REFERENCES requests (id),
        CONSTRAINT fk_cards_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id)
    )
    """,
    "CREATE INDEX ix_cards_conversation ON cards (request_id, conversation_id)",
    """
    CREATE TABLE deliveries (
        id {own_id} NOT NULL,
        occasion VARCHAR(160) NOT NULL,
        kind VARCHAR(16) NOT NULL,
        person_id {id},
        channel VARCHAR(20),
        request_id {id},
        item_id {id},
        registration_id {id},
        notice VARCHAR(40),
        facts JSON NOT NULL,
        lane VARCHAR(60) NOT NULL,
        state VARCHAR(6) DEFAULT 'queued' NOT NULL,
        created_at {time} NOT NULL,
        due_at {time} NOT NULL,
        attempts INTEGER DEFAULT '0' NOT NULL,
        first_attempt_at {time},
        leased_until {time},
        lease VARCHAR(36),
        steps JSON NOT NULL,
        error VARCHAR(80),
        sent_at {time},
        CONSTRAINT pk_deliveries PRIMARY KEY (id),
        CONSTRAINT ck_deliveries_kind CHECK (kind IN ('card', 'file', 'notice', 'reply')),
        CONSTRAINT ck_deliveries_state CHECK (state IN ('queued', 'sent', 'failed')),
        CONSTRAINT uq_deliveries_occasion UNIQUE (occasion),
        CONSTRAINT fk_deliveries_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
        CONSTRAINT fk_deliveries_request_id FOREIGN KEY(request_id) REFERENCES requests (id),
        CONSTRAINT fk_deliveries_item_id FOREIGN KEY(item_id) REFERENCES request_items (id),
        CONSTRAINT fk_deliveries_registration_id
            FOREIGN KEY(registration_id) REFERENCES registrations (id)
    )
    """,
    "CREATE INDEX ix_deliveries_due ON deliveries (due_at, id) WHERE state = 'queued'",
    "CREATE INDEX ix_deliveries_item_id ON deliveries (item_id)",
    "CREATE INDEX ix_deliveries_lane ON deliveries (lane, id) WHERE state = 'queued'",
    "CREATE INDEX ix_deliveries_request_id ON deliveries (request_id)",
    """
    CREATE TABLE stand_ins (
        id {own_id} NOT NULL,
        contact_id {id} NOT NULL,
        person_id {id} NOT NULL,
        infrastructure_id {id} NOT NULL,
        starts_at {time} NOT NULL,
        ends_at {time} NOT NULL,
        CONSTRAINT pk_stand_ins PRIMARY KEY (id),
        CONSTRAINT fk_stand_ins_contact_id FOREIGN KEY(contact_id) REFERENCES persons (id),
        CONSTRAINT fk_stand_ins_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
        CONSTRAINT fk_stand_ins_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id)
    )
    """,
    "CREATE INDEX ix_stand_ins_contact_id ON stand_ins (contact_id)",
    "CREATE INDEX ix_stand_ins_person_id ON stand_ins (person_id)",
    """
    CREATE TABLE audit_entries (
        id {own_id} NOT NULL,
        infrastructure_id {id},
        chain {id} NOT NULL,
        position {id} NOT NULL,
        at {time} NOT NULL,
        actor_id {id},
        source VARCHAR(16) NOT NULL,
        action VARCHAR(40) NOT NULL,
        subject VARCHAR(60) NOT NULL,
        facts JSON NOT NULL,
        previous VARCHAR(64) NOT NULL,
        hash VARCHAR(64) NOT NULL,
        CONSTRAINT pk_audit_entries PRIMARY KEY (id),
        CONSTRAINT fk_audit_entries_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id),
        CONSTRAINT fk_audit_entries_actor_id FOREIGN KEY(actor_id) REFERENCES persons (id)
    )
    """,
    "CREATE INDEX ix_audit_entries_actor_id ON audit_entries (actor_id)",
    "CREATE UNIQUE INDEX uq_audit_entries_position ON audit_entries (chain, position)",
    """
    CREATE TABLE audit_heads (
        chain {id} NOT NULL,
        position {id} NOT NULL,
        hash VARCHAR(64) NOT NULL,
        CONSTRAINT pk_audit_heads PRIMARY KEY (chain)
    )
    """,
    """
    CREATE TABLE workspaces (
        id {own_id} NOT NULL,
        workspace_id VARCHAR(20) NOT NULL,
        name VARCHAR(120) NOT NULL,
        bot_id VARCHAR(20) NOT NULL,
        bot_user_id VARCHAR(20) NOT NULL,
        app_id VARCHAR(20),
        connected BOOLEAN DEFAULT true NOT NULL,
        CONSTRAINT pk_workspaces PRIMARY KEY (id),
        CONSTRAINT uq_workspaces_workspace_id UNIQUE (workspace_id)
    )
    """,
)


def upgrade() -> None:
    """Create the tables with their constraints and indexes."""
    run(STATEMENTS)
