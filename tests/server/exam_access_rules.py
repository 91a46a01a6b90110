"""Who gets what from the routes of exams."""

from tests.server.access_words import (
    ASSIGNMENT,
    COURSE,
    EVERYBODY,
    INSTRUCTORS,
    INSTRUCTORS_OF_NOTHING,
    MEMBERS,
    NOTHING,
    STAFF,
    STAFF_OF_NOTHING,
)

EXAM = f"{COURSE}/exams/{{exam}}"
EXAMS = {
    f"GET /api/v1{COURSE}/exams": MEMBERS,
    f"GET /api/v1{EXAM}": MEMBERS,
    f"POST /api/v1{EXAM}/start": MEMBERS,
    f"POST /api/v1{EXAM}/place": MEMBERS,
    f"GET /api/v1{EXAM}/paper": MEMBERS,  # what a place of one's own opens, `exams/test_sitting.py` asks
    f"PUT /api/v1{EXAM}/answers": MEMBERS,
    f"GET /api/v1{EXAM}/clock": MEMBERS,
    f"POST /api/v1{EXAM}/files/{{question}}": MEMBERS,
    f"POST /api/v1{EXAM}/checks": MEMBERS,
    f"GET /api/v1{EXAM}/checks": MEMBERS,
    f"POST /api/v1{EXAM}/hand-in": MEMBERS,
    f"GET {COURSE}/exams": MEMBERS,
    f"GET {EXAM}": MEMBERS,
    f"GET {EXAM}/room": MEMBERS,  # to the door, whoever does not sit
    f"GET {EXAM}/room/questions": MEMBERS,  # refused without a place
}

SET_UP = f"{ASSIGNMENT}/exam"
EXAMS_FOR_STAFF = {
    f"GET /api/v1{SET_UP}": STAFF,
    f"PUT /api/v1{SET_UP}": INSTRUCTORS,
    f"DELETE /api/v1{SET_UP}": INSTRUCTORS,
    f"GET /api/v1{EXAM}/checklist": STAFF,
    f"POST /api/v1{EXAM}/checklist": STAFF,
    f"GET /api/v1{EXAM}/live": STAFF,
    f"GET /api/v1{EXAM}/grants": STAFF,
    f"POST /api/v1{EXAM}/grants": STAFF,
    f"POST /api/v1{EXAM}/grants/{{grant_id}}/take-back": STAFF,  # without a body nothing is looked up, nor below
    f"POST /api/v1{EXAM}/accommodations": STAFF,
    f"POST /api/v1{EXAM}/places/{{place_id}}": STAFF,
    f"GET /api/v1{EXAM}/notices": STAFF,
    f"POST /api/v1{EXAM}/notices": STAFF,
    f"POST /api/v1{EXAM}/sittings/{{login}}/hand-in": STAFF,
    f"POST /api/v1{EXAM}/sittings/{{login}}/reopen": STAFF,
    f"GET /api/v1{EXAM}/missed": STAFF,
    f"POST /api/v1{EXAM}/missed/{{missed_id}}/count": STAFF,
    f"POST /api/v1{EXAM}/missed/{{missed_id}}/dismiss": STAFF,
    f"GET {EXAM}/setup": STAFF,
    f"POST {EXAM}/setup": INSTRUCTORS,
    f"POST {EXAM}/setup/unmake": INSTRUCTORS,
    f"GET {EXAM}/setup/checklist": STAFF,
    f"POST {EXAM}/setup/ticks": STAFF_OF_NOTHING,  # of nothing on the list
    f"GET {EXAM}/time": STAFF,
    f"POST {EXAM}/time/grants": STAFF,
    f"POST {EXAM}/time/grants/{{grant_id}}/take-back": STAFF,
    f"POST {EXAM}/time/accommodations": STAFF,
    f"GET {EXAM}/live": STAFF,
    f"GET {EXAM}/live/table": STAFF,
    f"POST {EXAM}/live/places/{{place_id}}": STAFF_OF_NOTHING,
    f"POST {EXAM}/live/notices": STAFF,
    f"GET {EXAM}/live/students/{{login}}": STAFF,
    f"POST {EXAM}/live/students/{{login}}/grants": STAFF,
    f"POST {EXAM}/live/students/{{login}}/hand-in": STAFF,
    f"POST {EXAM}/live/students/{{login}}/reopen": STAFF,
    f"POST {EXAM}/live/missed/{{missed_id}}/count": STAFF_OF_NOTHING,
    f"POST {EXAM}/live/missed/{{missed_id}}/dismiss": STAFF_OF_NOTHING,
    f"GET {EXAM}/clock-wall": STAFF,
    f"GET {EXAM}/clock-wall/live": STAFF,
}
AFTER_EXAMS = {
    f"GET /api/v1{EXAM}/results": STAFF,
    f"GET /api/v1{EXAM}/results/export": STAFF,
    f"GET /api/v1{EXAM}/release": STAFF,
    f"POST /api/v1{EXAM}/release": INSTRUCTORS,
    f"GET /api/v1{EXAM}/moderation": STAFF,
    f"POST /api/v1{EXAM}/moderation": INSTRUCTORS,
    f"POST /api/v1{EXAM}/moderation/{{moderated_id}}": STAFF_OF_NOTHING,
    f"POST /api/v1{EXAM}/moderation/{{moderated_id}}/settle": INSTRUCTORS_OF_NOTHING,
    f"GET /api/v1{EXAM}/archive": INSTRUCTORS,
    "GET /exam-archives.pem": EVERYBODY,
    f"POST /api/v1{EXAM}/rehearsals": INSTRUCTORS,
    f"PUT /api/v1{EXAM}/rehearsals/{{rehearsal}}/report": INSTRUCTORS,  # without a body nothing is looked up
    f"DELETE /api/v1{EXAM}/rehearsals/{{rehearsal}}": INSTRUCTORS_OF_NOTHING,
    f"GET {EXAM}/paper": NOTHING,  # the exam of the scene is not released
    f"GET {EXAM}/papers": STAFF,
    f"GET {EXAM}/papers/compare": STAFF_OF_NOTHING,
    f"GET {EXAM}/papers/{{login}}": STAFF_OF_NOTHING,
    f"GET {EXAM}/results": STAFF,
    f"POST {EXAM}/release": INSTRUCTORS,
    f"POST {EXAM}/moderation": INSTRUCTORS,
    f"POST {EXAM}/moderation/{{moderated_id}}": STAFF_OF_NOTHING,
}
