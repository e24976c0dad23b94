"""What the gateway reads from its environment at start."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from telemetry import topics
from telemetry.settings import ProcessSettings
from telemetry.store.contract import Retention

_DEFAULT = Retention()


class GatewaySettings(ProcessSettings):
    """PLANTROOM_ + the field's name in capitals."""

    gateway: str = Field(
        default="gateway-1", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", examples=["gateway-1"]
    )
    """Name of this gateway: in its client id and its topics, so two of them never share one."""
    raw_days: int = Field(default=_DEFAULT.raw_days, ge=1)
    minute_days: int = Field(default=_DEFAULT.minute_days, ge=1)
    hour_days: int = Field(default=_DEFAULT.hour_days, ge=1)
    dead_letter_rows: int = Field(default=100_000, ge=100)
    dead_letter_megabytes: int = Field(default=64, ge=1)
    spool_max_mb: float = Field(default=2048, ge=0, le=1_000_000, allow_inf_nan=False)
    """Disk the readings may use while the store is away, MiB; 0: no spool, the broker keeps the messages."""
    gateway_metrics_port: int = Field(default=0, ge=0, le=65535)
    """Serves Prometheus metrics on the loopback interface; 0: not at all."""
    device_topics: str = ""
    """Filters below ``plantroom/v1/devices/``, separated by commas, where several gateways share the
    devices of one broker; empty: all devices."""
    formats: str = Field(
        default="", pattern=r"^[a-z0-9_]*( *, *[a-z0-9_]+)*$", examples=["zigbee2mqtt,chirpstack"]
    )
    """Foreign formats that are read besides our own, by name: ``sparkplug,zigbee2mqtt,shelly``."""
    mappings: Path | None = None
    """Folder with the site's own mapping files; one of the same name replaces a shipped one."""
    sparkplug_host: str = Field(default="", pattern=r"^[^/+#\x00]{0,128}$")
    """The host id that edge nodes have as their primary host; empty: no host state is published."""
    sparkplug_groups: str = Field(default="", pattern=r"^[^/+#\x00]*$")
    """Only these Sparkplug groups, separated by commas, where several gateways share the work; empty: all."""

    @field_validator("device_topics")
    @classmethod
    def _check_filters(cls, text: str) -> str:
        for each in _split(text):
            if not topics.is_device_filter(each):
                raise ValueError(
                    f"{each}: not a filter of device topics; give for example "
                    f"{topics.telemetry('pump-a')} or {topics.ALL_DEVICES}, several separated by commas"
                )
        return text

    @property
    def device_filters(self) -> list[str]:
        return _split(self.device_topics) or [topics.ALL_DEVICES]

    @property
    def format_names(self) -> list[str]:
        return _split(self.formats)

    @property
    def sparkplug_group_names(self) -> list[str]:
        return _split(self.sparkplug_groups)

    @property
    def retention(self) -> Retention:
        return Retention(raw_days=self.raw_days, minute_days=self.minute_days, hour_days=self.hour_days)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
