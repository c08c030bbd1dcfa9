"""The simulated service's memory: one tenant, its operator, its devices and their keys."""

import hashlib
import hmac
import secrets
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace


class UnknownDeviceError(LookupError):
    """No device has this id: it never had, or it was deleted."""


class DeviceExistsError(ValueError):
    """A device with this id is there already."""


@dataclass(frozen=True)
class Kiosk:
    """A registered device. Of its key only the digest is kept, as a careful service does."""

    device_id: str
    name: str
    description: str | None = None
    is_enabled: bool = True
    key_digest: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """Everything that a restart must not lose."""

    tenant_id: str
    operator_key: str = field(repr=False)
    kiosks: tuple[Kiosk, ...] = ()


def fresh_snapshot(tenant_id: str) -> Snapshot:
    """A tenant without devices, and a new operator key."""
    return Snapshot(tenant_id, operator_key=secrets.token_urlsafe(24))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class World:
    """The devices of one tenant. Safe to use from several threads.

    Attributes:
        revision: how many changes there were since the start.

    Args:
        snapshot: what to start from.
        keep: called with the next snapshot before it takes effect; what it raises stops the change.
    """

    def __init__(self, snapshot: Snapshot, keep: Callable[[Snapshot], None] = lambda _: None) -> None:
        self.tenant_id = snapshot.tenant_id
        self.operator_key = snapshot.operator_key
        self._kiosks = {kiosk.device_id: kiosk for kiosk in snapshot.kiosks}
        self._keep = keep
        self.revision = 0
        self._turn = threading.RLock()

    def kiosks(self) -> tuple[Kiosk, ...]:
        """All devices, oldest first."""
        return tuple(self._kiosks.values())

    def kiosk(self, device_id: str) -> Kiosk:
        """The device with this id.

        Raises:
            UnknownDeviceError: there is none.
        """
        try:
            return self._kiosks[device_id]
        except KeyError:
            raise UnknownDeviceError(device_id) from None

    def create(self, name: str, description: str | None = None, device_id: str | None = None) -> Kiosk:
        """Register a device. It is enabled, and has no key until one is issued.

        Raises:
            DeviceExistsError: the id that was asked for is taken.
        """
        kiosk = Kiosk(device_id or str(uuid.uuid4()), name, description)
        with self._turn:
            if kiosk.device_id in self._kiosks:
                raise DeviceExistsError(kiosk.device_id)
            self._commit({**self._kiosks, kiosk.device_id: kiosk})
        return kiosk

    def change(self, device_id: str, **changes: object) -> Kiosk:
        """Replace the named fields of a device, and leave the others as they are.

        Raises:
            UnknownDeviceError: there is no such device.
        """
        with self._turn:
            kiosk = replace(self.kiosk(device_id), **changes)  # type: ignore[arg-type] # checked by the caller's model
            self._commit({**self._kiosks, device_id: kiosk})
        return kiosk

    def delete(self, device_id: str) -> None:
        """Forget a device and its key.

        Raises:
            UnknownDeviceError: there is no such device.
        """
        with self._turn:
            self.kiosk(device_id)
            self._commit({known: kiosk for known, kiosk in self._kiosks.items() if known != device_id})

    def issue_key(self, device_id: str) -> str:
        """A fresh key for a device. The one before stops working at once.

        Raises:
            UnknownDeviceError: there is no such device.
        """
        key = secrets.token_urlsafe(32)
        self.change(device_id, key_digest=_digest(key))
        return key

    def is_operator(self, tenant_id: str, key: str) -> bool:
        """Whether this key may manage this tenant's devices. Takes as long for every wrong key."""
        right_key = hmac.compare_digest(_digest(key), _digest(self.operator_key))
        return right_key and tenant_id == self.tenant_id

    def is_key_of(self, kiosk: Kiosk, key: str) -> bool:
        """Whether this is the device's own key. Takes as long for every wrong key."""
        return hmac.compare_digest(_digest(key), kiosk.key_digest or "")

    def _commit(self, kiosks: dict[str, Kiosk]) -> None:
        self._keep(Snapshot(self.tenant_id, self.operator_key, tuple(kiosks.values())))
        self._kiosks = kiosks
        self.revision += 1
