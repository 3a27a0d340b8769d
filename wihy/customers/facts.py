"""What happened to customers, for others to react to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CustomerCreated:
    """A customer is known from now on."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class CustomerChanged:
    """These columns of a customer have a new value (`password_hash`: that it is new, never what it is)."""

    customer_id: int
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerDeactivated:
    """A customer can do nothing any more until they are activated again."""

    customer_id: int
