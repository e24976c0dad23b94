"""Settings every process shares, read once from the environment in its ``main`` and then passed on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "PLANTROOM_"


class SecretFiles(PydanticBaseSettingsSource):
    """PLANTROOM_X_FILE=path gives X, so that no secret has to stand in the environment itself."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, object]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


class ProcessSettings(BaseSettings):
    """Base of each process's settings: data folder, broker, store. Variables are PLANTROOM_ + the field's name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data: Path = Path("data/plantroom")
    store_url: str = ""
    """Where readings are kept; empty: a SQLite file in the data folder."""
    store_token: SecretStr | None = None
    """API token of an InfluxDB store; 1.8: user:password."""
    mqtt_url: str = Field(
        default="mqtt://127.0.0.1:1883",
        pattern=r"^mqtts?://[^/@]+$",
        examples=["mqtt://127.0.0.1:1883", "mqtts://broker.example.com:8883"],
    )
    """User and password are settings of their own: addresses appear in logs."""
    mqtt_username: str | None = None
    mqtt_password: SecretStr | None = None
    mqtt_ca_file: Path | None = None
    """Certificate authority of an ``mqtts`` broker; empty: the system's."""
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")

    @model_validator(mode="after")
    def _fill_defaults(self) -> Self:
        if not self.store_url:
            object.__setattr__(self, "store_url", f"sqlite:///{self.data / 'readings.db'}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What a caller gives, then secrets named by file, then the environment."""
        return init_settings, SecretFiles(settings_cls), env_settings


def secret(value: SecretStr | None) -> str | None:
    """What a secret setting holds, for the one who needs it."""
    return value.get_secret_value() if value else None


S = TypeVar("S", bound=ProcessSettings)


def load(kind: type[S]) -> S:
    """Read the settings of a process; on a wrong one say which, in one line each, and exit with 2."""
    try:
        return kind()
    except ValidationError as error:
        refuse(*(_sentence(kind, problem["loc"], problem["msg"]) for problem in error.errors()))
    except OSError as error:
        refuse(f"{error.filename}: cannot read this secret file: {error.strerror}")


def refuse(*lines: str) -> NoReturn:
    """Say why the process does not start, and end it with exit code 2."""
    for line in lines:
        print(f"plantroom: {line}", file=sys.stderr)
    raise SystemExit(2)


def _sentence(kind: type[ProcessSettings], location: tuple[str | int, ...], message: str) -> str:
    # the value given is left out: it may be a secret
    message = message.removeprefix("Value error, ")
    if not location:  # about several settings, which it names
        return message
    name = "_".join(str(part) for part in location)
    field = kind.model_fields.get(name)
    examples = f"; for example {' or '.join(map(str, field.examples))}" if field and field.examples else ""
    return f"{PREFIX}{name.upper()}: {message}{examples}"
