"""What a message leads to: readings, signs of life of gateways, good-byes of devices, hints that rules changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import structlog

from server.rules.evaluate import Engine
from server.rules.gateways import GatewayWatch
from server.rules.horizon import Horizon, Step
from server.rules.keeping import Keeper
from server.rules.order import InOrder
from server.rules.transition import Transition
from telemetry import topics
from telemetry.inbox import Incoming
from telemetry.messages import DevicePresence, GatewayHealth, ReadingBatch

log = structlog.get_logger("rules")

HEARD = (topics.ALL_READINGS, topics.ALL_GATEWAY_HEALTH, topics.ALL_PRESENCES, topics.ALL_CHANGED)
"""What to subscribe to."""
_READINGS, _CHANGED = topics.readings(0).rsplit("0", 1)[0], topics.changed("")
_PRESENCES = topics.presence("")


class Hearing:
    """Asks no clock: ``now_ms`` is an argument."""

    def __init__(self, engine: Engine, order: InOrder, keeper: Keeper, gateways: GatewayWatch) -> None:
        self.horizon = Horizon()
        self.of_devices: Mapping[str, Sequence[int]] = {}
        """The points of each device."""
        self.has_changed = False
        """Somebody said that rules or assets are others by now."""
        self.readings = 0
        """Since the start."""
        self._engine = engine
        self._order = order
        self._keeper = keeper
        self._gateways = gateways
        self._batch = msgspec.json.Decoder(ReadingBatch)
        self._health = msgspec.json.Decoder(GatewayHealth)
        self._presence = msgspec.json.Decoder(DevicePresence)

    def hear(self, message: Incoming, now_ms: int) -> list[Transition]:
        """What one message leads to. One that cannot be read is reported and passed over."""
        try:
            if message.topic.startswith(_READINGS):
                return self._evaluate(self._batch.decode(message.payload))
            if message.topic.startswith(_CHANGED):
                noun = message.topic.removeprefix(_CHANGED)
                self.has_changed = self.has_changed or noun in ("rules", "assets")
                return []
            if message.topic.startswith(_PRESENCES):
                return self._hear_presence(self._presence.decode(message.payload))
            return self._hear_gateway(message.payload, now_ms)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("a message could not be read", topic=message.topic, error=str(error))
            return []

    def silence(self, now_ms: int) -> list[Transition]:
        """What it leads to that all was heard and nothing more has come, while connected."""
        return self._step(self.horizon.tick(now_ms)) + self._engine.feed(self._gateways.tick(now_ms))

    def _evaluate(self, batch: ReadingBatch) -> list[Transition]:
        self.readings += len(batch.readings)
        self._order.put(batch.readings)
        return self._step(self.horizon.heard(batch.stored_ms))

    def _hear_gateway(self, payload: bytes, now_ms: int) -> list[Transition]:
        if not payload:
            return []
        health = self._health.decode(payload)
        step = self.horizon.gateway(
            health.gateway, at_ms=health.at_ms, started_ms=health.started_ms, online=health.online
        )
        return self._step(step) + self._engine.feed(self._gateways.hear(health, now_ms))

    def _hear_presence(self, presence: DevicePresence) -> list[Transition]:
        """One that is back says so by its readings."""
        if presence.online:
            return []
        points = self.of_devices.get(presence.device, ())
        self._keeper.must_keep(points)  # no store remembers that a device said good-bye
        return self._engine.lose(points, presence.at_ms)

    def _step(self, step: Step | None) -> list[Transition]:
        if step is None:
            return []
        found: list[Transition] = []
        if step.resume_ms is not None:
            found += self._engine.resume(step.resume_ms)
            self._keeper.must_keep_all()
        found += self._engine.feed(self._order.take(step.advance_ms))
        return found + self._engine.advance(step.advance_ms)
