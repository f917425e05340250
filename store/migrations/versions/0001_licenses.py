"""What is licensed, to whom, who holds which role, and the licenses issued."""

from store.migrations.statements import run

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE products (
        id {own_id} NOT NULL,
        name VARCHAR(80) NOT NULL,
        audience VARCHAR(200) NOT NULL,
        console_name VARCHAR(80) NOT NULL,
        menu_path VARCHAR(200) NOT NULL,
        upload_path VARCHAR(200) NOT NULL,
        install_url VARCHAR(500),
        permitted_use JSON NOT NULL,
        CONSTRAINT pk_products PRIMARY KEY (id),
        CONSTRAINT uq_products_name UNIQUE (name)
    )
    """,
    """
    CREATE TABLE companies (
        id {own_id} NOT NULL,
        name VARCHAR(120) NOT NULL,
        account_manager_name VARCHAR(120) NOT NULL,
        account_manager_email VARCHAR(254) NOT NULL,
        CONSTRAINT pk_companies PRIMARY KEY (id),
        CONSTRAINT uq_companies_name UNIQUE (name)
    )
    """,
    """
    CREATE TABLE persons (
        id {own_id} NOT NULL,
        workspace_id VARCHAR(20) NOT NULL,
        slack_id VARCHAR(20),
        email VARCHAR(254),
        name VARCHAR(120) NOT NULL,
        zone VARCHAR(60) DEFAULT 'UTC' NOT NULL,
        active BOOLEAN DEFAULT true NOT NULL,
        guest BOOLEAN DEFAULT false NOT NULL,
        slack_id_imported BOOLEAN DEFAULT false NOT NULL,
        checked_at {time},
        company_id {id},
        CONSTRAINT pk_persons PRIMARY KEY (id),
        CONSTRAINT fk_persons_company_id FOREIGN KEY(company_id) REFERENCES companies (id)
    )
    """,
    "CREATE INDEX ix_persons_company_id ON persons (company_id)",
    "CREATE UNIQUE INDEX uq_persons_email ON persons (email)",
    "CREATE UNIQUE INDEX uq_persons_slack_id ON persons (workspace_id, slack_id)",
    """
    CREATE TABLE infrastructures (
        id {own_id} NOT NULL,
        company_id {id} NOT NULL,
        product_id {id} NOT NULL,
        name VARCHAR(120) NOT NULL,
        activation_code VARCHAR(31) NOT NULL,
        hosting VARCHAR(12) NOT NULL,
        files VARCHAR(8) NOT NULL,
        approval_channel VARCHAR(20),
        flagged BOOLEAN DEFAULT false NOT NULL,
        CONSTRAINT pk_infrastructures PRIMARY KEY (id),
        CONSTRAINT ck_infrastructures_hosting CHECK (hosting IN ('on_premises', 'cloud')),
        CONSTRAINT ck_infrastructures_files CHECK (files IN ('signed', 'held')),
        CONSTRAINT fk_infrastructures_company_id FOREIGN KEY(company_id) REFERENCES companies (id),
        CONSTRAINT fk_infrastructures_product_id FOREIGN KEY(product_id) REFERENCES products (id),
        CONSTRAINT uq_infrastructures_activation_code UNIQUE (activation_code)
    )
    """,
    "CREATE UNIQUE INDEX uq_infrastructures_name ON infrastructures (company_id, name)",
    """
    CREATE TABLE subscriptions (
        id {own_id} NOT NULL,
        infrastructure_id {id} NOT NULL,
        edition VARCHAR(80) NOT NULL,
        features JSON NOT NULL,
        limits JSON NOT NULL,
        starts_at {time} NOT NULL,
        ends_at {time},
        unbroken_since {time} NOT NULL,
        highest_version VARCHAR(40) NOT NULL,
        grace_days INTEGER DEFAULT '14' NOT NULL,
        state VARCHAR(10) DEFAULT 'active' NOT NULL,
        CONSTRAINT pk_subscriptions PRIMARY KEY (id),
        CONSTRAINT ck_subscriptions_state CHECK (state IN ('active', 'suspended')),
        CONSTRAINT uq_subscriptions_infrastructure_id UNIQUE (infrastructure_id),
        CONSTRAINT fk_subscriptions_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id)
    )
    """,
    """
    CREATE TABLE slots (
        id {own_id} NOT NULL,
        infrastructure_id {id} NOT NULL,
        environment_type VARCHAR(16) NOT NULL,
        name VARCHAR(80) NOT NULL,
        removed_at {time},
        CONSTRAINT pk_slots PRIMARY KEY (id),
        CONSTRAINT ck_slots_environment_type
            CHECK (environment_type IN ('development', 'non_production', 'production', 'management')),
        CONSTRAINT fk_slots_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id)
    )
    """,
    "CREATE INDEX ix_slots_type ON slots (infrastructure_id, environment_type)",
    "CREATE UNIQUE INDEX uq_slots_name ON slots (infrastructure_id, name) WHERE removed_at IS NULL",
    """
    CREATE TABLE registrations (
        id {own_id} NOT NULL,
        slot_id {id} NOT NULL,
        infrastructure_id {id} NOT NULL,
        serial VARCHAR(31) NOT NULL,
        platform_version VARCHAR(60) NOT NULL,
        registrant_id {id} NOT NULL,
        state VARCHAR(8) NOT NULL,
        registered_at {time} NOT NULL,
        ended_at {time},
        ended_by {id},
        end_reason TEXT,
        replaces_id {id},
        CONSTRAINT pk_registrations PRIMARY KEY (id),
        CONSTRAINT ck_registrations_state CHECK (state IN ('reserved', 'open', 'ended')),
        CONSTRAINT fk_registrations_slot_id FOREIGN KEY(slot_id) REFERENCES slots (id),
        CONSTRAINT fk_registrations_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id),
        CONSTRAINT fk_registrations_registrant_id FOREIGN KEY(registrant_id) REFERENCES persons (id),
        CONSTRAINT fk_registrations_ended_by FOREIGN KEY(ended_by) REFERENCES persons (id),
        CONSTRAINT fk_registrations_replaces_id FOREIGN KEY(replaces_id) REFERENCES registrations (id)
    )
    """,
    "CREATE INDEX ix_registrations_infrastructure_id ON registrations (infrastructure_id)",
    "CREATE UNIQUE INDEX uq_registrations_open_slot ON registrations (slot_id) WHERE state = 'open'",
    """
    CREATE UNIQUE INDEX uq_registrations_serial ON registrations (serial)
        WHERE state IN ('reserved', 'open')
    """,
    """
    CREATE TABLE signing_keys (
        id {own_id} NOT NULL,
        kid VARCHAR(64) NOT NULL,
        algorithm VARCHAR(5) NOT NULL,
        state VARCHAR(12) NOT NULL,
        public_pem TEXT NOT NULL,
        private_encrypted {bytes} NOT NULL,
        created_at {time} NOT NULL,
        activated_at {time},
        retired_at {time},
        CONSTRAINT pk_signing_keys PRIMARY KEY (id),
        CONSTRAINT ck_signing_keys_state CHECK (state IN ('next', 'active', 'retired', 'compromised')),
        CONSTRAINT ck_signing_keys_algorithm CHECK (algorithm IN ('ES256', 'EdDSA')),
        CONSTRAINT uq_signing_keys_kid UNIQUE (kid)
    )
    """,
    "CREATE UNIQUE INDEX uq_signing_keys_active ON signing_keys (state) WHERE state = 'active'",
    """
    CREATE TABLE licenses (
        id {own_id} NOT NULL,
        jti VARCHAR(36) NOT NULL,
        registration_id {id} NOT NULL,
        slot_id {id} NOT NULL,
        seq INTEGER NOT NULL,
        key_id {id} NOT NULL,
        not_before {time} NOT NULL,
        license_end {time},
        expires_at {time},
        sameness VARCHAR(64) NOT NULL,
        text_encrypted {bytes} NOT NULL,
        sha256 VARCHAR(64) NOT NULL,
        issued_at {time} NOT NULL,
        replaces VARCHAR(36),
        CONSTRAINT pk_licenses PRIMARY KEY (id),
        CONSTRAINT uq_licenses_jti UNIQUE (jti),
        CONSTRAINT fk_licenses_registration_id
            FOREIGN KEY(registration_id) REFERENCES registrations (id),
        CONSTRAINT fk_licenses_slot_id FOREIGN KEY(slot_id) REFERENCES slots (id),
        CONSTRAINT fk_licenses_key_id FOREIGN KEY(key_id) REFERENCES signing_keys (id)
    )
    """,
    "CREATE INDEX ix_licenses_registration_id ON licenses (registration_id)",
    "CREATE UNIQUE INDEX uq_licenses_seq ON licenses (slot_id, seq)",
    """
    CREATE TABLE roles (
        id {own_id} NOT NULL,
        person_id {id} NOT NULL,
        role VARCHAR(24) NOT NULL,
        company_id {id},
        infrastructure_id {id},
        state VARCHAR(7) DEFAULT 'active' NOT NULL,
        held_from {time} NOT NULL,
        held_until {time},
        set_by {id},
        CONSTRAINT pk_roles PRIMARY KEY (id),
        CONSTRAINT ck_roles_role
            CHECK (role IN ('company_admin', 'infrastructure_admin', 'financial_contact',
            'technical_contact', 'additional_contact', 'member', 'auditor', 'operator')),
        CONSTRAINT ck_roles_state CHECK (state IN ('active', 'resting')),
        CONSTRAINT fk_roles_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
        CONSTRAINT fk_roles_company_id FOREIGN KEY(company_id) REFERENCES companies (id),
        CONSTRAINT fk_roles_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id),
        CONSTRAINT fk_roles_set_by FOREIGN KEY(set_by) REFERENCES persons (id)
    )
    """,
    "CREATE INDEX ix_roles_company_id ON roles (company_id)",
    "CREATE INDEX ix_roles_infrastructure_id ON roles (infrastructure_id)",
    "CREATE INDEX ix_roles_person_id ON roles (person_id)",
    """
    CREATE UNIQUE INDEX uq_roles_held
        ON roles (person_id, role, coalesce(company_id, 0), coalesce(infrastructure_id, 0))
        WHERE held_until IS NULL
    """,
    """
    CREATE UNIQUE INDEX uq_roles_single_contact ON roles (infrastructure_id, role)
        WHERE held_until IS NULL AND role IN ('financial_contact', 'technical_contact')
    """,
)


def upgrade() -> None:
    """Create the tables with their constraints and indexes."""
    run(STATEMENTS)
