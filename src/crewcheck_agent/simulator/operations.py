"""The names of what can be asked, as faults and the journal use them."""

from typing import Literal, TypeAlias, get_args

Operation: TypeAlias = Literal["list", "create", "get", "update", "delete", "connect", "reset", "logo"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)


def operation_of(method: str, path: str) -> Operation | None:  # noqa: PLR0911 # a table: one line per operation
    """Which operation a request is, by its method and its path as sent (still percent-encoded)."""
    match method, path.split("/")[1:]:
        case "GET", ["api", _, "devices"]:
            return "list"
        case "POST", ["api", _, "devices"]:
            return "create"
        case "GET", ["api", _, "devices", _]:
            return "get"
        case "PUT", ["api", _, "devices", _]:
            return "update"
        case "DELETE", ["api", _, "devices", _]:
            return "delete"
        case "POST", ["api", _, "devices", _, "connect"]:
            return "connect"
        case "POST", ["api", _, "devices", _, "connections", "reset"]:
            return "reset"
        case "GET", ["_sim", "devices", _, "logo"]:
            return "logo"
        case _:
            return None
