"""The words in which the rules of access are written."""

from typing import NamedTuple

VIEWERS = ("owner", "classmate", "own_ta", "instructor", "other_ta", "nobody")


class Rule(NamedTuple):
    """What each viewer gets. yes: not refused; hidden: 404; staff_only: 403; sign_in: 401, or the sign-in page."""

    owner: str
    classmate: str
    own_ta: str
    instructor: str
    other_ta: str
    nobody: str


EVERYBODY = Rule("yes", "yes", "yes", "yes", "yes", "yes")
SIGNED_IN = Rule("yes", "yes", "yes", "yes", "yes", "sign_in")
MEMBERS = Rule("yes", "yes", "yes", "yes", "hidden", "sign_in")
STAFF = Rule("staff_only", "staff_only", "yes", "yes", "hidden", "sign_in")
OWNER_AND_STAFF = Rule("yes", "hidden", "yes", "yes", "hidden", "sign_in")
STAFF_OF_VISIBLE = Rule("staff_only", "hidden", "yes", "yes", "hidden", "sign_in")
MEMBERS_ALONE = Rule("yes", "yes", "staff_only", "staff_only", "hidden", "sign_in")  # 403 for staff: teams are the students'
STAFF_OF_NOTHING = Rule("staff_only", "staff_only", "hidden", "hidden", "hidden", "sign_in")  # there is no team and no pair
ALWAYS_SIGN_IN = Rule(*["sign_in"] * 6)
INSTRUCTORS = Rule("staff_only", "staff_only", "staff_only", "yes", "hidden", "sign_in")
NOT_FOR_STAFF = Rule("yes", "hidden", "staff_only", "staff_only", "hidden", "sign_in")  # nobody declares for somebody else
NO_CHANNEL = Rule("staff_only", "staff_only", "staff_only", "hidden", "hidden", "sign_in")  # instructors', and there is none
INSTRUCTORS_OF_NOTHING = Rule("staff_only", "staff_only", "staff_only", "hidden", "hidden", "sign_in")  # no such file or section
NO_SUCH_LINK = Rule(*["hidden"] * 6)
OWNER_ONLY = Rule("yes", "hidden", "hidden", "hidden", "hidden", "sign_in")

NOTHING = Rule("hidden", "hidden", "hidden", "hidden", "hidden", "sign_in")  # there is no roll call and no leave

COURSE, ASSIGNMENT = "/courses/{course}", "/courses/{course}/assignments/{assignment}"
