"""The Debian packages: built on a bare Debian 13, judged by lintian, installed, upgraded, removed and purged."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deploy.debian_root import CHECKOUT, Failed, Root, builder, minimal, obstacle

from crewcheck_agent import __version__

OBSTACLE = obstacle()
pytestmark = pytest.mark.skipif(bool(OBSTACLE), reason=OBSTACLE)

NEXT = "9.9.9"
AGENT = "crewcheck-agent"
TOOLS = "crewcheck-agent-tools"
IDENTITY = '{"deviceId": "d", "tenantId": "t", "apiKey": "k", "environment": "https://app.neostore.cloud"}'

STAYS = re.compile(
    r"/(dev|proc|run|src|sys|tmp|packages)(/|$)|/var/(log|tmp)/|/var/lib/(dpkg|apt)/|/var/cache/(apt|debconf)/"
    r"|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$|/etc/resolv.conf$"
)
"""What is not the packages' to leave as it was: Debian's own records, and the locked user (README.Debian says why)."""


def build(root: Root, output: str) -> list[str]:
    """The names of the packages that are now in that folder of the root."""
    printed = root.run("bash", "/src/deploy/build-deb", "--output", output).splitlines()
    assert [Path(path).parent.as_posix() for path in printed] == [output, output], "paths, and nothing else"
    return [Path(path).name for path in printed]


def tree(root: Root) -> set[str]:
    """Every path with its kind, owner and mode."""
    found = root.sh("find / -xdev -printf '%p %y %U %G %m %l\\n'")
    return {line for line in found.splitlines() if not STAYS.match(line.split()[0])}


def compiled(root: Root, package: str) -> tuple[int, int]:
    """How many Python files a package has, and how many of them are compiled."""
    files = [line for line in root.run("dpkg", "--listfiles", package).splitlines() if line.endswith(".py")]
    found = [path for name in files if (path := root.path / name.lstrip("/")).parent.joinpath("__pycache__").is_dir()
             and any(path.parent.joinpath("__pycache__").glob(f"{path.stem}.*.pyc"))]  # fmt: skip
    return len(files), len(found)


def leftovers(root: Root) -> list[str]:
    """What is left of the Python package."""
    return root.sh("find /usr/lib/python3 -path '*crewcheck*'").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Root]:
    with minimal(tmp_path) as root:
        yield root


def next_version(folder: Path) -> Path:
    """A copy of the checkout that is a later version."""
    kept = shutil.ignore_patterns(".git", ".venv", "dist", "build", ".*_cache", "__pycache__", "tests")
    copy = shutil.copytree(CHECKOUT, folder / "next", ignore=kept)
    module = copy / "src" / "crewcheck_agent" / "__init__.py"
    module.write_text(module.read_text(encoding="utf-8").replace(__version__, NEXT), encoding="utf-8")
    return copy


def test_lintian_has_nothing_to_say_and_the_same_tree_gives_the_same_packages() -> None:
    with builder() as root:
        root.sh("rm -rf /packages /again")
        names = build(root, "/packages")
        assert names == [f"{AGENT}_{__version__}_all.deb", f"{TOOLS}_{__version__}_all.deb"]
        root.sh("lintian --allow-root --fail-on error,warning --tag-display-limit 0 /packages/*.deb >&2")
        assert build(root, "/again") == names
        root.sh("cd /packages; sha256sum *.deb >sums; cd /again; sha256sum --check --quiet ../packages/sums")


def test_from_installation_to_purge(machine: Root, tmp_path: Path) -> None:
    with builder() as root:
        root.sh("rm -rf /packages")
        names = build(root, "/packages")
        later = build(root.with_source(next_version(tmp_path)), "/packages")
        depends = root.sh("for each in /packages/*.deb; do dpkg-deb --field $each Depends; done").replace("\n", ", ")
        shutil.copytree(root.path / "packages", machine.path / "packages")

    from_debian = ", ".join(each for each in re.split(r", *", depends) if each and not each.startswith(AGENT))
    machine.run("apt-get", "satisfy", "--quiet", "--yes", "--no-install-recommends", from_debian)
    before = tree(machine)

    def install(*packages: str) -> None:
        machine.run("apt-get", "install", "--yes", *(f"/packages/{name}" for name in packages))

    # Installed: enabled, compiled, its user and directories there, and the tool says what is true.
    install(names[0])
    enabled = machine.path / "etc/systemd/system/multi-user.target.wants/crewcheck-agent.service"
    assert enabled.is_symlink()
    assert machine.run("stat", "-c", "%U %a", "/var/lib/crewcheck-agent").strip() == "crewcheck-agent 700"
    files, ready = compiled(machine, AGENT)
    assert files == ready > 50
    with pytest.raises(Failed, match=r"exit code 8\n.*no agent is running"):
        machine.run("crewcheck-agent", "status")
    with pytest.raises(Failed, match=r"exit code 2\n(.|\n)*install the package\ncrewcheck-agent-tools"):
        machine.run("crewcheck-agent", "demo", "--once")
    assert "ordering cycle" not in machine.sh("systemd-analyze verify --man=no crewcheck-agent.service 2>&1")
    masked = machine.sh("mkdir /tmp/g; cd /tmp/g; /usr/lib/systemd/system-generators/crewcheck-agent . . .; ls")
    assert masked.split() == ["autovt@.service", "ctrl-alt-del.target", "getty@.service"]

    # The tools: the whole story on Debian's libraries, as the service's own user.
    install(names[1])
    files, ready = compiled(machine, TOOLS)
    assert files == ready > 10
    as_service = ("setpriv", "--reuid=crewcheck-agent", "--regid=crewcheck-agent", "--clear-groups")
    told = machine.run(*as_service, "env", "HOME=/tmp", "crewcheck-agent", "demo", "--once")
    assert "All of it was seen on the kiosk's own screen" in told

    # Upgraded: who it is, how it is configured and what it shows stay.
    machine.sh(
        f"echo '{IDENTITY}' >/var/lib/crewcheck-agent/token.json; chown crewcheck-agent: /var/lib/crewcheck-agent/*;"
        "echo picture >/var/cache/crewcheck-agent/some.picture; echo 'rotation = 90' >/etc/crewcheck-agent/agent.toml"
    )
    kept = "/var/lib/crewcheck-agent/token.json /var/cache/crewcheck-agent/some.picture /etc/crewcheck-agent/agent.toml"
    sums = machine.sh(f"sha256sum {kept}; stat -c '%n %U %a' {kept}")
    install(*later)
    assert machine.run("crewcheck-agent", "--version").split()[-1] == NEXT
    assert machine.sh(f"sha256sum {kept}; stat -c '%n %U %a' {kept}") == sums
    assert enabled.is_symlink()
    for package in (AGENT, TOOLS):
        files, ready = compiled(machine, package)
        assert files == ready

    # Removed: nothing of it works any more, and nothing of what it was is lost.
    machine.run("apt-get", "remove", "--yes", AGENT)
    assert leftovers(machine) == []
    assert not (machine.path / "usr/lib/systemd/system-generators/crewcheck-agent").exists()
    assert machine.sh(f"sha256sum {kept}; stat -c '%n %U %a' {kept}") == sums

    # Purged: as if it had never been there.
    machine.run("apt-get", "purge", "--yes", AGENT, TOOLS)
    assert sorted(tree(machine) ^ before) == []
