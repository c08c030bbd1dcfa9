"""`crewcheck-agent bundle`: a support archive of all that tells about this kiosk, and no secret.

The archive holds a folder with `manifest.json` in it:

```json
{"createdAt": "RFC 3339", "version": "…", "secretsKnown": true,
 "members": [{"name": "journal.txt", "bytes": 1234, "takenOut": {"connectionCode": 2}}],
 "leftOut": [{"name": "screen.png", "reason": "…"}]}
```
"""

import io
import json
import os
import re
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from gettext import gettext as _
from gettext import ngettext
from pathlib import Path

from crewcheck_agent import __version__
from crewcheck_agent.core.problem import printable
from crewcheck_agent.doctor.patient import Patient
from crewcheck_agent.tools import evidence
from crewcheck_agent.tools.agent import Agent
from crewcheck_agent.tools.doctor import admitted
from crewcheck_agent.tools.evidence import Part
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.secrets import Secrets, secrets_of

_PRIVATE = 0o600


@dataclass(slots=True)
class _Archive:
    """What goes into it, and what does not."""

    members: dict[str, bytes] = field(default_factory=dict)
    taken_out: dict[str, Mapping[str, int]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def bundle(output: str | None) -> ExitCode:
    """Write the archive to `output`, `-` for standard output; without one, to a file named after the device.

    A file that exists is never replaced.
    """
    if output == "-" and sys.stdout.isatty():
        print("crewcheck-agent: " + _("An archive is nothing to show: redirect it, or name a file."), file=sys.stderr)
        return ExitCode.USAGE
    patient = admitted()
    secrets = secrets_of(patient)
    archive = _collected(patient, secrets)
    moment = datetime.now().astimezone()
    name = f"crewcheck-{_safe(patient)}-{moment:%Y%m%d-%H%M%S}"
    archive.members["manifest.json"] = _manifest(archive, secrets, moment)
    packed = _packed(archive.members, name)
    if output == "-":
        sys.stdout.buffer.write(packed)
        return ExitCode.FINE
    path = Path(output or f"{name}.tar.gz")
    try:
        _write_new(path, packed)
    except OSError as error:
        advice = _("Name another place with --output.")
        print(f"crewcheck-agent: {path}: {error.strerror}. {advice}", file=sys.stderr)
        return ExitCode.FAILED
    print("\n".join(_told(path, archive, secrets)))
    return ExitCode.FINE


def _collected(patient: Patient, secrets: Secrets) -> _Archive:
    archive = _Archive()
    for part in evidence.parts(patient, Agent(patient.settings)):
        if part.may_hold_secrets and not secrets.known:
            archive.left_out[part.name] = (
                _("it could hold the key, which this user may not read: run this with sudo")
                if patient.located
                else _("it could hold the key, and the configuration does not tell where that is: mend it first")
            )
            continue
        try:
            data = part.fetch()
        except Exception as error:  # noqa: BLE001 - whatever is broken here, the rest tells of it
            why = printable(getattr(error, "strerror", None) or str(error) or type(error).__name__, 300)
            archive.left_out[part.name], _counts = secrets.cleaned(why)
            continue
        _add(archive, part, data, secrets)
    return archive


def _add(archive: _Archive, part: Part, data: bytes, secrets: Secrets) -> None:
    text, counts = secrets.cleaned(data.decode("latin-1" if part.binary else "utf-8", errors="replace"))
    if part.binary and counts:
        archive.left_out[part.name] = _("it holds a secret that cannot be taken out")
        return
    archive.members[part.name] = data if part.binary else text.encode()
    archive.taken_out[part.name] = counts


def _manifest(archive: _Archive, secrets: Secrets, moment: datetime) -> bytes:
    content = {
        "createdAt": moment.isoformat(timespec="seconds"),
        "version": __version__,
        "secretsKnown": secrets.known,
        "members": [
            {"name": name, "bytes": len(data), "takenOut": archive.taken_out[name]}
            for name, data in archive.members.items()
        ],
        "leftOut": [{"name": name, "reason": reason} for name, reason in archive.left_out.items()],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def _packed(members: Mapping[str, bytes], folder: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode, entry.mtime = len(data), _PRIVATE, int(time.time())
            tar.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def _write_new(path: Path, data: bytes) -> None:
    """Raises FileExistsError rather than replace anything; a link counts as what is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _safe(patient: Patient) -> str:
    """The device's name as a file's: whatever an operator called it."""
    name = patient.identity.device_id if patient.identity else "unprovisioned"
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:40].strip("-") or "device"


def _told(path: Path, archive: _Archive, secrets: Secrets) -> Iterator[str]:
    yield _("{file} holds {names}.").format(file=path, names=", ".join(archive.members))
    taken = sum(sum(counts.values()) for counts in archive.taken_out.values())
    if secrets.known:
        yield ngettext("{number} secret was taken out.", "{number} secrets were taken out.", taken).format(number=taken)
    if archive.left_out:
        yield _("Left out:")
        yield from (f"  {name}: {reason}" for name, reason in archive.left_out.items())
