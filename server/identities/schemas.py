"""JSON shapes of links to accounts elsewhere."""

from datetime import datetime

from server.accounts.schemas import Shown
from server.identities.models import LinkedBy


class IdentityOut(Shown):
    id: int
    issuer: str
    label: str
    linked_by: LinkedBy
    linked_at: datetime
    last_used_at: datetime | None
