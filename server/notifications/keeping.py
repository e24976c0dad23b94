"""How a channel's settings and secrets are kept: the settings as they are, the secrets sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from server.errors import Invalid, Label
from server.notifications.channels.contract import ChannelSecrets, Refused, Target, Way
from server.notifications.models import Channel
from server.sealing import CannotOpen, Sealer
from server.web.validation import sentence

_PURPOSE = "channel"
_LOCKED = Label(
    en="the channel's secrets cannot be read: was PLANTROOM_SERVER_KEY changed?",
    zh="无法读取该通道的密钥：是否更改过 PLANTROOM_SERVER_KEY？",
)
M = TypeVar("M", bound=BaseModel)


class Keeping:
    """Seals and opens."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def target(self, way: Way, channel: Channel, *, address: str = "") -> Target:
        """What a way needs to send by this channel. Raises Refused where the secrets cannot be opened."""
        try:
            secrets = way.secrets.model_validate(self._opened(channel))
            settings = way.settings.model_validate(channel.settings)
        except (CannotOpen, ValidationError) as error:
            raise Refused(_LOCKED) from error
        return Target(settings, secrets, address)

    def put(
        self, way: Way, channel: Channel, settings: Mapping[str, object], secrets: Mapping[str, str | None]
    ) -> Target:
        """Set what is given; secrets that are not named stay as they are. Raises Invalid naming what is wrong."""
        try:
            before = self._opened(channel) if channel.secrets else {}
        except CannotOpen:
            before = {}
        wanted = {name: value for name, value in {**before, **secrets}.items() if value}
        checked = _checked(way.settings, settings)
        sealed = _checked(way.secrets, wanted)
        channel.settings = checked.model_dump(mode="json")
        channel.secrets = self._sealer.seal(json.dumps(_plain(sealed)), purpose=_PURPOSE)
        return Target(checked, sealed)

    def known(self, channel: Channel) -> list[str]:
        """Names of the secrets that are set."""
        try:
            return sorted(self._opened(channel))
        except CannotOpen:
            return []

    def _opened(self, channel: Channel) -> dict[str, str]:
        found = json.loads(self._sealer.open(channel.secrets, purpose=_PURPOSE))
        assert isinstance(found, dict)
        return {str(name): str(value) for name, value in found.items()}


def _plain(secrets: ChannelSecrets) -> dict[str, str]:
    return {
        name: value.get_secret_value()
        for name in type(secrets).model_fields
        if isinstance(value := getattr(secrets, name), SecretStr)
    }


def _checked(model: type[M], given: Mapping[str, object]) -> M:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name, what = ".".join(str(part) for part in first["loc"]), sentence(first)
        raise Invalid(
            f"{name}: {what['en']}", f"{name}：{what['zh']}", code="bad_channel", field=name
        ) from None
