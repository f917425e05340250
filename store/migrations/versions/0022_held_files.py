"""License files that the vendor made, in versions, and which of them an item was given."""

from store.migrations.statements import run

revision = "0022"
down_revision = "0021"

STATEMENTS = (
    """
    CREATE TABLE held_files (
        id {own_id} NOT NULL,
        registration_id {id} NOT NULL,
        version INTEGER NOT NULL,
        name VARCHAR(100) NOT NULL,
        media_type VARCHAR(100) NOT NULL,
        size INTEGER NOT NULL,
        sha256 VARCHAR(64) NOT NULL,
        names_serial BOOLEAN,
        content_encrypted {bytes} NOT NULL,
        uploaded_by {id} NOT NULL,
        uploaded_at {time} NOT NULL,
        CONSTRAINT pk_held_files PRIMARY KEY (id),
        CONSTRAINT fk_held_files_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id),
        CONSTRAINT fk_held_files_uploaded_by FOREIGN KEY(uploaded_by) REFERENCES persons (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_held_files_version ON held_files (registration_id, version)",
    """
    ALTER TABLE request_items ADD COLUMN held_file_id {id}
    CONSTRAINT fk_request_items_held_file_id REFERENCES held_files (id)
    """,
)


def upgrade() -> None:
    """Add the table and the column."""
    run(STATEMENTS)
