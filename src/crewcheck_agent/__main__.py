"""Where `crewcheck-agent` begins. The daemon paints before it imports; every other command goes to its tool."""

import sys


def main() -> int:
    """Run the command line in `sys.argv`; returns the exit code."""
    try:
        return _run(sys.argv[1:])
    except KeyboardInterrupt:  # be it while the program is still being read
        return 130  # 128 + SIGINT, as shells have it


def _run(arguments: list[str]) -> int:
    if arguments == ["run"]:
        from crewcheck_agent.run import run  # noqa: PLC0415 - each command imports what it needs

        return run()
    from crewcheck_agent.tools.cli import main as command  # noqa: PLC0415 - as above

    return command(arguments)


if __name__ == "__main__":
    sys.exit(main())
