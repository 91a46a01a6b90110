"""Sending, outside of any transaction; and looking for what is due."""

from cryptography.exceptions import InvalidTag

from server.broker import SEND_DELIVERY, SWEEP_DELIVERIES, celery
from server.channels import rules, service
from server.channels.models import Delivery
from server.channels.rules import Outcome
from server.channels.sealing import unseal
from server.database import current_time, session_factory
from server.settings import Settings, get_settings


@celery.task(name=SEND_DELIVERY, ignore_result=True)
def send_delivery(delivery_id: int) -> None:
    with session_factory.begin() as session:
        delivery = service.claim(session, delivery_id=delivery_id, now=current_time(session))
        if delivery is None:
            return
        sealed = delivery.channel.sealed
    outcome = try_once(delivery, sealed, get_settings())  # takes seconds: no transaction is open here
    with session_factory.begin() as session:
        service.record(session, delivery_id=delivery_id, outcome=outcome, now=current_time(session))


def try_once(delivery: Delivery, sealed: bytes, settings: Settings) -> Outcome:
    from server.channels.sending import Parcel, send

    channel, root = delivery.channel, (settings.public_url or "").rstrip("/")
    try:
        address = unseal(settings, sealed, course_id=channel.course_id)
    except InvalidTag:
        return rules.failed(
            "The channel's address cannot be read, since the platform's secret has changed. Add the channel anew.",
            "平台密钥已更换，无法读取该渠道的地址，请重新添加。",
        )
    text = delivery.text.replace("](/", f"]({root}/") if root else delivery.text
    parcel = Parcel(delivery.title, text, f"{root}{delivery.path}" if root else "")
    return send(channel.kind, address, parcel, settings=settings)


@celery.task(name=SWEEP_DELIVERIES, ignore_result=True)
def sweep_deliveries() -> int:
    with session_factory.begin() as session:
        return service.sweep(session, now=current_time(session))
