"""Bad days to order: what shall go wrong, with which operation, and how often."""

import threading
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from crewcheck_agent.simulator.operations import OPERATIONS, Operation

_FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})


def _not_framing(name: str) -> str:
    if name.lower() in _FRAMING:
        raise ValueError(f"{name} is the server's own business; to break an answer off, use cut")
    return name


Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"), AfterValidator(_not_framing)]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")]


class Fault(BaseModel):
    """One thing that goes wrong. Without a status or a body, the real answer is given, only spoilt.

    Attributes:
        operation: which operation it spoils; None for every one.
        status: answered instead of the real answer, with a problem as its body unless there is a ``body``.
        body: answered instead of the real answer, with status 200 unless there is a ``status``.
        content_type: the answer's Content-Type.
        retry_after: the answer's Retry-After, in either of its forms.
        headers: more headers of the answer, replacing those of the same name (``Location``, ``Date``, …).
        delay: seconds that pass before anything else happens.
        drop: the connection is closed without an answer.
        drip: the body is sent byte by byte, each this many seconds after the one before.
        cut: the connection is closed after so many bytes of the body.
        times: how many requests are spoilt; None for all of them until the fault is cleared.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, strict=True)

    operation: Operation | None = None
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    body: str | None = None
    content_type: HeaderValue | None = None
    retry_after: HeaderValue | None = None
    headers: dict[HeaderName, HeaderValue] = {}
    delay: Seconds = 0.0
    drop: bool = False
    drip: Seconds = 0.0
    cut: Annotated[int, Field(ge=0)] | None = None
    times: Annotated[int, Field(ge=1)] | None = None

    def replaced_headers(self) -> dict[str, str]:
        """The headers that this fault forces upon an answer."""
        named = {"Content-Type": self.content_type, "Retry-After": self.retry_after}
        return {name: value for name, value in named.items() if value is not None} | self.headers


class Faults:
    """At most one fault per operation. Safe to use from several threads."""

    def __init__(self) -> None:
        self._set: dict[Operation, Fault] = {}
        self._turn = threading.Lock()

    def put(self, fault: Fault) -> None:
        """Let this go wrong from now on, instead of what went wrong before with the same operation."""
        spoilt = OPERATIONS if fault.operation is None else (fault.operation,)
        with self._turn:
            for operation in spoilt:
                self._set[operation] = fault.model_copy(update={"operation": operation})

    def take(self, operation: Operation | None) -> Fault | None:
        """What goes wrong with the request at hand. It counts as one of the fault's times."""
        with self._turn:
            fault = self._set.get(operation) if operation else None
            if fault is None or fault.operation is None:
                return None
            if fault.times == 1:
                del self._set[fault.operation]
            elif fault.times is not None:
                self._set[fault.operation] = fault.model_copy(update={"times": fault.times - 1})
            return fault

    def now(self) -> list[Fault]:
        """The faults that still lie ahead."""
        with self._turn:
            return list(self._set.values())

    def clear(self) -> None:
        """Let everything be well again."""
        with self._turn:
            self._set.clear()
