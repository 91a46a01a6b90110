"""How a worker shows that it lives."""

import os
from pathlib import Path

from celery.signals import heartbeat_sent


@heartbeat_sent.connect
def show_life(**_: object) -> None:
    """Every few seconds while the broker answers; a container's health check looks at how old the file is."""
    if alive := os.environ.get("GRADUS_ALIVE"):
        Path(alive).touch()
