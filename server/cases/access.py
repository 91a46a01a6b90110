"""Cases are for staff; a student who was told of a case about himself holds his own `Party`, and nothing else of it.

Who is a party of a case is no staff in it, whatever role he has by now.
"""

from typing import Annotated

from fastapi import Depends

from server.cases import queries
from server.cases.models import Case, Party
from server.courses.access import Place, StaffMembership
from server.database import SessionDep


def require_case(case_id: int, staff: StaffMembership, session: SessionDep) -> Case:
    return queries.get_case(session, course=staff.course, case_id=case_id, reader=staff.user)


StaffCase = Annotated[Case, Depends(require_case, scope="function")]


def require_party(case_id: int, party_id: int, staff: StaffMembership, session: SessionDep) -> Party:
    return queries.get_party(session, course=staff.course, case_id=case_id, party_id=party_id, reader=staff.user)


StaffParty = Annotated[Party, Depends(require_party, scope="function")]


def require_own(case_id: int, place: Place, session: SessionDep) -> Party:
    """404 for everybody who was not told, and so for whoever only guesses. Whoever has withdrawn is heard all the same."""
    return queries.get_own(session, course=place.course, case_id=case_id, student=place.user)


OwnParty = Annotated[Party, Depends(require_own, scope="function")]
