"""The plan: what comes of how everything stands, if nobody does anything and nothing new is written.

It goes from moment to moment at which something happens by itself, and at each does what a pass does, on counts of
needs: its size is that of the different needs, however many people share them.
"""

from datetime import datetime

from dispatch.compose.course import Course
from dispatch.compose.outlook import Coming, Outlook
from dispatch.compose.shelf import Shelf


def foresee(outlook: Outlook, now: datetime, until: datetime) -> list[Coming]:
    """What starts, or would, from a pass at `now` on up to `until`; in order of time, then by list."""
    shelf = Shelf(outlook)
    courses = [Course(standing, outlook.language, shelf) for standing in outlook.lists]
    at: datetime | None = now
    while at is not None and at <= until:
        shelf.appear(at)
        for course in courses:
            course.take_pass(at)
        at = _next_moment(shelf, courses, at)
    for course in courses:
        course.finish(now, until)
    found = [coming for course in courses for coming in course.found]
    return sorted(found, key=lambda coming: (coming.at, coming.list_slug))


def _next_moment(shelf: Shelf, courses: list[Course], after: datetime) -> datetime | None:
    moments = [course.next_moment(after) for course in courses] + [shelf.next_date()]
    return min((moment for moment in moments if moment is not None), default=None)
