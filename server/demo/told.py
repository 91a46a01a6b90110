"""What the demo's course was told: a welcome that stays on top, and a change of room. Once; later starts leave it."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.announcements import service
from server.announcements.models import Announcement
from server.courses.models import Course
from server.database import current_time

DAY = timedelta(days=1)
HELLO = "欢迎来到深度学习 · Welcome to Deep Learning"
WELCOME = r"""
整个学期其实只做一件事，每次作业亲手实现其中一步。 · All term we do one thing, and each homework builds a part of it by hand:

$$\theta \leftarrow \theta - \eta \nabla_\theta L(\theta)$$

- 有问题请在群里提，好问题计入课堂参与；全学期共有 **三个宽限日**，尽量留到后面再用。
- Ask in the group: good questions count as participation. You have **three grace days** for the whole term; keep them for later.
"""
MOVED = "第 4 周换教室 · Week 4 is in another room"
ROOM = """
周四的课改在 **六教 6A101**，时间不变，照常签到。

Thursday's class is in **building 6, room 6A101**, at the usual time and with the usual roll call.
"""


def tell_course(session: Session, *, course: Course, staff: User) -> None:
    if session.scalar(select(Announcement.id).where(Announcement.course_id == course.id).limit(1)):
        return
    now = current_time(session)
    known = {"course": course, "by": staff}
    service.publish(session, **known, title=HELLO, text=WELCOME, pinned=True, now=now - 14 * DAY)
    service.publish(session, **known, title=MOVED, text=ROOM, now=now - DAY)
