"""The machine itself: its configuration, its identity, its disk, its power."""

import os
import pwd
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from crewcheck_agent.core.diagnosis import Finding, Note, Step, Verdict, failed, ok, unknown, warning
from crewcheck_agent.core.problem import Code, Problem, printable
from crewcheck_agent.doctor.patient import Patient, Silence
from crewcheck_agent.kiosk.files import write_atomically
from crewcheck_agent.kiosk.store import Damaged

_MIB = 1024 * 1024
_FULL, _NEARLY_FULL = _MIB, 32 * _MIB  # bytes; a logo's original has at most 10 MiB
_IN_MEMORY = {"tmpfs", "ramfs"}
_USER = "crewcheck-agent"
_OF_A_CODE = {Code.BAD_TOKEN, Code.UNAUTHORIZED, Code.NOT_FOUND}  # why the one that was scanned last changed nothing


def configuration(patient: Patient) -> Finding:
    """Whether it can be used; the first line of what is wrong with it."""
    if patient.misconfigured:
        wrong = printable(str(patient.misconfigured).partition("\n")[0], 400)
        return failed(Step.CONFIGURATION, Problem(Code.CONFIGURATION, wrong.rstrip(".")), file=str(patient.file))
    there = patient.file.is_file()
    return ok(Step.CONFIGURATION, Note.CONFIGURED if there else Note.DEFAULTS, file=str(patient.file))


def identity(patient: Patient) -> Finding:
    """Whether this kiosk knows who it is."""
    who, token = patient.identity, patient.token
    if who:
        facts = {"tenantId": who.tenant_id, "deviceId": who.device_id, "environment": who.environment}
        return ok(Step.IDENTITY, Note.IDENTIFIED, **facts)
    if isinstance(token, Damaged):
        if isinstance(token.error, PermissionError) and not patient.status:
            return unknown(Step.IDENTITY, Note.NEEDS_ROOT)
        if not isinstance(token.error, PermissionError):
            return failed(Step.IDENTITY, token.problem)
    if patient.is_shut:
        return unknown(Step.IDENTITY, Note.NEEDS_ROOT)
    refused = patient.problem and patient.problem.code in _OF_A_CODE
    return failed(Step.IDENTITY, (patient.problem if refused else None) or Problem(Code.NOT_PROVISIONED))


def disk(patient: Patient) -> Finding:
    """Whether what must be kept can be written, read again, and is there after a power cut."""
    lasting = patient.settings.state_dir
    folders = [lasting, patient.settings.cache_dir]
    try:
        seen = [_folder(each) for each in folders]
    except OSError as error:  # a disk that does not even tell its size
        return failed(Step.DISK, Problem(Code.STORAGE, printable(error.strerror or type(error).__name__)), folders=[])
    facts = {"folders": seen}
    if patient.problem and patient.problem.code is Code.STORAGE:
        return failed(Step.DISK, patient.problem, **facts)
    for folder, each in zip(folders, seen, strict=True):
        problem = _trouble(folder, each, _uid_of_agent(patient))
        if problem is None and folder == lasting and each["exists"] and each["fileSystem"] in _IN_MEMORY:
            problem = Problem(Code.STORAGE, str(folder), variant="volatile")
        if problem:
            verdict = Verdict.WARNING if problem.variant in {"nearlyFull", "volatile"} else Verdict.FAILED
            return Finding(Step.DISK, verdict, problem, None, facts)
    if any(each["writable"] is None and each["exists"] for each in seen):
        return unknown(Step.DISK, Note.NEEDS_ROOT, **facts)
    missing = [each["path"] for each in seen if not each["exists"]]
    if missing and patient.is_shut:
        return unknown(Step.DISK, Note.NEEDS_ROOT, **facts)
    if missing and patient.agent is not Silence.NONE_RUNS:
        return unknown(Step.DISK, Note.NO_FOLDER, missing=missing, **facts)
    return ok(Step.DISK, Note.ROOM, freeMebibytes=min(each["freeBytes"] for each in seen) // _MIB, **facts)


def power(patient: Patient) -> Finding:
    """What a Raspberry Pi knows of its supply, now and since it started."""
    now, before = _under_voltage(patient.root / "sys")
    if now is None:
        return unknown(Step.POWER, Note.NOT_TOLD)
    if now:
        return failed(Step.POWER, Problem(Code.POWER), underVoltage=True)
    if before:
        return warning(Step.POWER, Problem(Code.POWER, variant="before"), underVoltage=False, underVoltageBefore=True)
    return ok(Step.POWER, Note.POWERED, underVoltage=False)


def _folder(folder: Path) -> dict[str, Any]:
    there = next(each for each in (folder, *folder.parents) if _is_there(each))
    room = os.statvfs(there)
    return {
        "path": str(folder),
        "exists": there == folder,
        "freeBytes": room.f_bavail * room.f_frsize,
        "readOnly": bool(room.f_flag & os.ST_RDONLY),
        "fileSystem": _file_system(there),
        "writable": True if _is_there(folder) and os.access(folder, os.W_OK | os.X_OK, effective_ids=True) else None,
    }


def _is_there(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # behind a door that is shut to this user
        return False


def _trouble(folder: Path, seen: Mapping[str, Any], uid: int | None) -> Problem | None:
    if seen["readOnly"]:
        return Problem(Code.STORAGE, "Read-only file system")
    if seen["writable"]:
        try:
            _try(folder)
        except OSError as error:
            return Problem(Code.STORAGE, printable(error.strerror or type(error).__name__))
        if uid is not None and folder.stat().st_uid != uid:
            return Problem(Code.STORAGE, str(folder), variant="foreign")
    if seen["freeBytes"] < _FULL:
        return Problem(Code.STORAGE, "No space left on device")
    if seen["freeBytes"] < _NEARLY_FULL:
        return Problem(Code.STORAGE, f"{seen['freeBytes'] / _MIB:.0f}\u00a0MiB", variant="nearlyFull")
    return None


def _try(folder: Path) -> None:
    """Write as the agent writes, read it again, and leave nothing behind."""
    file, data = folder / f"doctor-{os.getpid()}", os.urandom(4096)
    try:
        write_atomically(file, data, stat.S_IRUSR | stat.S_IWUSR)
        if file.read_bytes() != data:
            raise OSError("what was written is not what is read")
    finally:
        file.unlink(missing_ok=True)


def _uid_of_agent(patient: Patient) -> int | None:
    """Whose the files must be, where that is not this user anyway."""
    if os.geteuid() != 0:
        return None
    with suppress(OSError, KeyError):
        if patient.status:
            return Path("/proc", str(patient.status["agent"]["pid"])).stat().st_uid
        return pwd.getpwnam(_USER).pw_uid if patient.unit else None
    return None


def _file_system(folder: Path) -> str | None:
    """The type of the file system that a folder is on; see proc_pid_mountinfo(5)."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            fields, _, kind = line.partition(" - ")
            if fields.split()[2] == number:
                return kind.split()[0]
    return None


def _under_voltage(sysfs: Path) -> tuple[bool | None, bool]:
    for value in _numbers(sysfs.glob("devices/platform/soc/soc:firmware/get_throttled"), 16):
        return bool(value & 0x1), bool(value & 0x10000)  # under-voltage: now, and since the start
    names = (each for each in sysfs.glob("class/hwmon/hwmon*/name") if _text(each) == "rpi_volt")
    for value in _numbers((each.with_name("in0_lcrit_alarm") for each in names), 10):
        return bool(value), False
    return None, False


def _text(file: Path) -> str:
    with suppress(OSError):
        return file.read_text(encoding="utf-8", errors="replace").strip()
    return ""


def _numbers(files: Iterator[Path], base: int) -> Iterator[int]:
    for file in files:
        with suppress(OSError, ValueError):
            yield int(file.read_text(encoding="ascii"), base)
