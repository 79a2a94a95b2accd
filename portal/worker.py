"""What `flask worker` becomes: every table and what texts say, but no pages, no commands and no Flask (decision 42)."""

import os

from portal.jobs import memory


def main() -> None:
    """Work until SIGTERM or SIGINT. Raises SettingsInvalid."""
    memory.before_loading()
    from portal.core.settings import Settings
    from portal.jobs import tables, worker  # noqa: F401  # tables for themselves alone
    from portal.process import connect, register_texts

    settings = Settings.from_env(os.environ)
    connect(settings)
    register_texts()
    worker.run(settings)


if __name__ == "__main__":
    main()
