"""What a course asks of its students, as they read it before they hand in. A course may have words of its own."""

from grader.protocol import Text
from server.courses.models import Course

OURS = Text(
    en="""\
What you hand in is your own work, and you can explain it and change it.

You may talk ideas over with others, look things up and use tools, as far as the handout does not rule it out. Then say so:
**who or what** helped, **with what**, and **for which part**. Naming a source shows which thoughts are yours. If nothing
beyond the course's material helped, say that: it takes one click.

The staff read a sample of the works. It is drawn by lot, and so that everybody is drawn at some time. Whoever is drawn
explains a few places of the code in a short talk.
""",
    zh="""\
提交的内容应当是你自己的成果，你要能讲清楚，也能自己改。

在作业说明允许的范围内，可以和别人讨论思路、查资料、使用工具，但要写明：**谁或什么**帮了你、**帮了什么**、**用在哪一部分**。
写明来源，才看得出哪些是你自己的想法。如果课程材料之外什么都没用，点一下“没有”即可。

教学团队会抽查一部分作业。名单由抽签决定，并保证每个人迟早都会被抽到；被抽到的同学需要用几分钟讲解代码中的几处。
""",
)


def wording_of(course: Course) -> Text:
    """The course's own where it has any; in one language alone, it holds for readers of the other as well."""
    own_en, own_zh = course.honour_en, course.honour_zh
    if own_en is None and own_zh is None:
        return OURS
    return Text(en=own_en or own_zh or "", zh=own_zh or own_en or "")
