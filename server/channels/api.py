"""Channels as JSON."""

from fastapi import APIRouter

from server.channels import queries, service
from server.channels.access import OwnChannel, OwnDelivery
from server.channels.schemas import ChannelOut, DeliveryOut, NewChannel
from server.courses.access import InstructorMembership, StaffMembership
from server.database import Now, SessionDep
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}/channels", tags=["announcements"])


@router.get("")
def list_all(staff: StaffMembership, session: SessionDep) -> list[ChannelOut]:
    return [ChannelOut.of(channel) for channel in service.list_channels(session, course=staff.course)]


@router.post("", status_code=201)
def add(instructor: InstructorMembership, new: NewChannel, session: SessionDep, settings: SettingsDep) -> ChannelOut:
    channel = service.add(
        session,
        course=instructor.course,
        by=instructor.user,
        kind=new.kind,
        name=new.name,
        address=new.address.get_secret_value(),
        signing=new.signing.get_secret_value(),
        occasions=new.occasions,
        settings=settings,
    )
    return ChannelOut.of(channel)


@router.get("/deliveries")
def list_deliveries(staff: StaffMembership, session: SessionDep) -> list[DeliveryOut]:
    """Newest first."""
    return [DeliveryOut.of(each) for each in queries.list_deliveries(session, course=staff.course)]


@router.post("/deliveries/{delivery_id}/again", status_code=202)
def try_again(instructor: InstructorMembership, delivery: OwnDelivery, session: SessionDep, now: Now) -> None:
    """Only what failed, or may not have arrived."""
    service.try_again(session, delivery=delivery, by=instructor.user, now=now)


@router.post("/{channel_id}/test", status_code=202)
def send_test(instructor: InstructorMembership, channel: OwnChannel, session: SessionDep, now: Now) -> DeliveryOut:
    """What came of it stands among the deliveries a little later."""
    return DeliveryOut.of(service.send_test(session, channel=channel, by=instructor.user, now=now))


@router.delete("/{channel_id}", status_code=204)
def remove(instructor: InstructorMembership, channel: OwnChannel, session: SessionDep, now: Now) -> None:
    service.remove(session, channel=channel, by=instructor.user, now=now)
