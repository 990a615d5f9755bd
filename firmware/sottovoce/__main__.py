"""Let ``python -m sottovoce`` be the ``sottovoce`` command."""

from sottovoce.cli.main import run

if __name__ == "__main__":
    run()
