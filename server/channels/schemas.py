"""JSON shapes of channels. An address comes in and never goes out."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from server.channels.models import Channel, Delivery, Kind, Occasion, Sending


class NewChannel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Kind
    name: str
    address: SecretStr = Field(description="The webhook as the group's bot shows it; of `email`, the recipient.")
    signing: SecretStr = Field(SecretStr(""), description="DingTalk alone: the key of a bot that wants signatures (加签).")
    occasions: list[Occasion] = list(Occasion)


class ChannelOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: Kind
    name: str
    hint: str
    occasions: list[Occasion]
    added_at: datetime

    @classmethod
    def of(cls, channel: Channel) -> Self:
        return cls.model_validate(channel)


class DeliveryOut(BaseModel):
    """`answer` is what came of the last try, in both languages."""

    id: int
    channel: str
    subject: str
    title: str
    state: Sending
    due_at: datetime
    tries: int
    sent_at: datetime | None
    answer: dict[str, str] | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return cls(
            channel=delivery.channel.name, **{name: getattr(delivery, name) for name in cls.model_fields if name != "channel"}
        )
