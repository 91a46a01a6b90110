"""E-mail, outside of any transaction; and looking for what is due."""

from server.broker import SEND_MAIL, SWEEP_MAIL, celery
from server.channels.mail import is_configured, send_mail
from server.channels.rules import Outcome
from server.database import current_time, session_factory
from server.messages import service
from server.messages.models import PersonalMessage
from server.messages.views import letter_of
from server.settings import Settings, get_settings


@celery.task(name=SEND_MAIL, ignore_result=True)
def mail_message(message_id: int) -> None:
    settings = get_settings()
    with session_factory.begin() as session:
        if not is_configured(settings):
            service.call_off_mail(session, message_id=message_id)
            return
        message = service.claim_mail(session, message_id=message_id, now=current_time(session))
        if message is None:
            return
    outcome = try_once(message, settings)  # takes seconds: no transaction is open here
    with session_factory.begin() as session:
        service.record_mail(session, message_id=message_id, outcome=outcome, now=current_time(session))


def try_once(message: PersonalMessage, settings: Settings) -> Outcome:
    letter = letter_of(message, settings=settings)
    return send_mail(message.user.email or "", letter.subject, letter.text, settings=settings)


@celery.task(name=SWEEP_MAIL, ignore_result=True)
def sweep_mail() -> int:
    with session_factory.begin() as session:
        return service.sweep_mail(session, now=current_time(session))
