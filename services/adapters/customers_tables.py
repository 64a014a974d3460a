"""The tables of a customer database that `customers_sql` reads; a utility's own may be views over its billing system (docs/customers.md)."""

from sqlalchemy import BigInteger, Column, Date, Float, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()

customers = Table("customers", metadata, Column("id", String(200), primary_key=True))

feeders = Table(
    "feeders",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("station", String(200), nullable=True),
)
"""A premise is supplied through its feeder, and the feeder through its station."""

premises = Table(
    "premises",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("customer_id", String(200), ForeignKey("customers.id"), nullable=False, index=True),
    Column("address", String(200), nullable=False),
    Column("area", String(200), nullable=False),
    Column("longitude", Float, nullable=True),
    Column("latitude", Float, nullable=True),
    Column("feeder_id", String(200), ForeignKey("feeders.id"), nullable=True),
    Column("transformer", String(200), nullable=True),
)

accounts = Table(
    "accounts",
    metadata,
    Column("customer_id", String(200), ForeignKey("customers.id"), primary_key=True),
    Column("balance_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False, server_default="CAD"),
    Column("due_on", Date, nullable=True),
    Column("next_payment_cents", Integer, nullable=True),
    Column("next_payment_on", Date, nullable=True),
    Column("plan", String(16), nullable=True),
)
