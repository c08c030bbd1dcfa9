"""Where `crewcheck-agent` begins. The daemon paints before it imports; every other command goes to its tool."""

import sys


def main() -> int:
    """Run the command line in `sys.argv`; returns the exit code."""
    if sys.argv[1:] == ["run"]:
        from crewcheck_agent.run import run  # noqa: PLC0415 - each command imports what it needs

        return run()
    from crewcheck_agent.tools.cli import main as command  # noqa: PLC0415 - as above

    return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
