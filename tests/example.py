"""An example company with people of every role, written with plain inserts."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, insert

from store import tables

WORKSPACE = "T0ACME"
APPROVAL_CHANNEL = "C0LICENSES"
START = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TERM_START = datetime(2026, 1, 1, tzinfo=UTC)
TERM_END = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Example:
    """Ids of what the example consists of.

    Acme Logistics has `core` (on premises, with an approval channel), `depot` (on premises, flagged,
    without a channel and without contacts) and `cloud`; Globex has `globex`. In the approval channel are
    Rui, Fiona, Eva and Tom, not Ada. Lena is not linked to Slack; Gus is a guest whose Slack id the import
    does not name.
    """

    workspace: str
    channel: str
    product: int
    acme: int
    globex_company: int
    core: int
    depot: int
    cloud: int
    globex: int
    ana: int  # engineer (member of core and depot)
    ben: int  # engineer (member of core)
    rui: int  # technical contact of core
    fiona: int  # financial contact of core
    ada: int  # additional contact of core
    tom: int  # infrastructure administrator of core and depot
    eva: int  # company admin of Acme Logistics
    max: int  # auditor of Acme Logistics
    olga: int  # operator
    lena: int  # member of core, known by e-mail only
    gus: int  # guest, member of core
    otto: int  # engineer of Globex
    nina: int  # company admin of Globex
    development: tuple[int, ...]  # slots of core: Development 1, Development 2
    quality: tuple[int, ...]  # Quality 1, Quality 2
    production: tuple[int, ...]  # Prod 1, Prod 2, Prod 3
    management: tuple[int, ...]  # Management 1
    depot_production: tuple[int, ...]  # Prod 1
    globex_production: tuple[int, ...]  # Production 1


def serial(number: int) -> str:
    """A serial number of the example, a different one for each number."""
    return f"7QK-4ZP-M2X-9HB-T5R-C8W-E{number // 1000 % 10}N-{number % 1000:03}"


class _Writer:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, table: Table, **values: object) -> int:
        return int(self._connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())

    def product(self) -> int:
        return self.add(
            tables.products,
            name="Meridian Platform",
            audience="meridian-platform",
            console_name="Meridian Console",
            menu_path="Administration > Licensing",
            upload_path="Administration > Licensing > Upload license",
            install_url="https://docs.meridian.example/licensing",
            permitted_use={
                "development": "Building and unit testing by developers.",
                "non_production": "Quality, test and pre-production; no live data.",
                "production": "Live use by end users.",
                "management": "Managing the other environments.",
            },
        )

    def company(self, name: str) -> int:
        return self.add(
            tables.companies,
            name=name,
            account_manager_name="Jo Park",
            account_manager_email="jo.park@meridian.example",
        )

    def person(
        self, name: str, slack_id: str | None, company_id: int | None, zone: str, **more: object
    ) -> int:
        host = "meridian.example" if company_id is None else "acme.example"
        return self.add(
            tables.persons,
            **{
                "workspace_id": WORKSPACE,
                "slack_id": slack_id,
                "email": f"{name.lower().replace(' ', '.')}@{host}",
                "name": name,
                "zone": zone,
                "company_id": company_id,
                "slack_id_imported": slack_id is not None,
                **more,
            },
        )

    def infrastructure(self, name: str, company_id: int, product_id: int, code: str, **more: object) -> int:
        return self.add(
            tables.infrastructures,
            **{
                "company_id": company_id,
                "product_id": product_id,
                "name": name,
                "activation_code": code,
                "hosting": "on_premises",
                "files": "signed",
                **more,
            },
        )

    def subscription(self, infrastructure_id: int) -> None:
        self.add(
            tables.subscriptions,
            infrastructure_id=infrastructure_id,
            edition="Enterprise",
            features=["high_availability"],
            limits={"users": 500},
            starts_at=TERM_START,
            ends_at=TERM_END,
            unbroken_since=TERM_START,
            highest_version="11",
        )

    def slots(self, infrastructure_id: int, environment_type: str, *names: str) -> tuple[int, ...]:
        return tuple(
            self.add(
                tables.slots,
                infrastructure_id=infrastructure_id,
                environment_type=environment_type,
                name=name,
            )
            for name in names
        )

    def role(
        self, role: str, person_id: int, infrastructure_id: int | None = None, company_id: int | None = None
    ) -> None:
        self.add(
            tables.roles,
            person_id=person_id,
            role=role,
            infrastructure_id=infrastructure_id,
            company_id=company_id,
            held_from=TERM_START,
        )

    def channel(self, members: tuple[str, ...]) -> None:
        channel = self.add(
            tables.conversations,
            workspace_id=WORKSPACE,
            slack_id=APPROVAL_CHANNEL,
            kind="channel",
            name="licenses",
        )
        for member in members:
            self.add(tables.conversation_members, conversation_id=channel, slack_id=member)


def load(connection: Connection) -> Example:
    """Write the example company and give its ids."""
    write = _Writer(connection)
    product, acme, globex = write.product(), write.company("Acme Logistics"), write.company("Globex")
    people = _people(write, acme, globex)
    places = _places(write, product, acme, globex)
    _roles(write, people, places, acme, globex)
    write.channel(("U0RUI", "U0FIONA", "U0EVA", "U0TOM"))
    core = places["core"]
    return Example(
        workspace=WORKSPACE,
        channel=APPROVAL_CHANNEL,
        product=product,
        acme=acme,
        globex_company=globex,
        **places,
        **people,
        development=write.slots(core, "development", "Development 1", "Development 2"),
        quality=write.slots(core, "non_production", "Quality 1", "Quality 2"),
        production=write.slots(core, "production", "Prod 1", "Prod 2", "Prod 3"),
        management=write.slots(core, "management", "Management 1"),
        depot_production=write.slots(places["depot"], "production", "Prod 1"),
        globex_production=write.slots(places["globex"], "production", "Production 1"),
    )


def _people(write: _Writer, acme: int, globex: int) -> dict[str, int]:
    return {
        "ana": write.person("Ana Silva", "U0ANA", acme, "Europe/Lisbon"),
        "ben": write.person("Ben Okafor", "U0BEN", acme, "Europe/London"),
        "rui": write.person("Rui Costa", "U0RUI", acme, "Europe/Lisbon"),
        "fiona": write.person("Fiona Marsh", "U0FIONA", acme, "Europe/London"),
        "ada": write.person("Ada Novak", "U0ADA", acme, "Europe/Prague"),
        "tom": write.person("Tom Berg", "U0TOM", acme, "Europe/Oslo"),
        "eva": write.person("Eva Lang", "U0EVA", acme, "Europe/Berlin"),
        "max": write.person("Max Weber", "U0MAX", acme, "Europe/Berlin"),
        "olga": write.person("Olga Ruiz", "U0OLGA", None, "America/Montevideo"),
        "lena": write.person("Lena Holm", None, acme, "Europe/Stockholm"),
        "gus": write.person("Gus Tan", "U0GUS", acme, "Asia/Singapore", guest=True, slack_id_imported=False),
        "otto": write.person(
            "Otto Brandt", "U0OTTO", globex, "America/Chicago", email="otto.brandt@globex.example"
        ),
        "nina": write.person(
            "Nina Rossi", "U0NINA", globex, "Europe/Rome", email="nina.rossi@globex.example"
        ),
    }


def _places(write: _Writer, product: int, acme: int, globex: int) -> dict[str, int]:
    places = {
        "core": write.infrastructure(
            "Acme Core", acme, product, "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", approval_channel=APPROVAL_CHANNEL
        ),
        "depot": write.infrastructure(
            "Acme Depot", acme, product, "AD2.L8R.3NY.1QM.5SU.9XA.4WC.7PD", flagged=True
        ),
        "cloud": write.infrastructure(
            "Acme Cloud", acme, product, "AX3.M9S.4PZ.2RN.6TV.1YB.5XD.8QE", hosting="cloud"
        ),
        "globex": write.infrastructure("Globex Core", globex, product, "GX4.N1T.5QA.3SP.7UW.2ZC.6YE.9RF"),
    }
    for infrastructure_id in places.values():
        write.subscription(infrastructure_id)
    return places


def _roles(write: _Writer, people: dict[str, int], places: dict[str, int], acme: int, globex: int) -> None:
    in_core = {
        "ana": "member",
        "ben": "member",
        "lena": "member",
        "gus": "member",
        "rui": "technical_contact",
        "fiona": "financial_contact",
        "ada": "additional_contact",
        "tom": "infrastructure_admin",
    }
    for name, role in in_core.items():
        write.role(role, people[name], places["core"])
    for name in ("ana", "ben", "eva"):
        write.role("member", people[name], places["cloud"])
    write.role("member", people["ana"], places["depot"])
    write.role("infrastructure_admin", people["tom"], places["depot"])
    write.role("member", people["otto"], places["globex"])
    write.role("company_admin", people["eva"], company_id=acme)
    write.role("company_admin", people["nina"], company_id=globex)
    write.role("auditor", people["max"], company_id=acme)
    write.role("operator", people["olga"])
