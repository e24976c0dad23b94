"""The protobuf message of Sparkplug B, described here by its field numbers (specification 3.0, 6.4).

The descriptor is built when this module is imported: no generated code, no compiler. Data sets,
templates and extensions are read as bytes, which look the same on the wire: they hold no single
value and are refused with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableSequence
from typing import Final, Protocol, cast

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_Field = descriptor_pb2.FieldDescriptorProto
BOOLEAN: Final = 11
_PACKAGE: Final = "plantroom.sparkplug"


class PropertyValue(Protocol):
    """One property of a metric, such as its unit."""

    int_value: int
    long_value: int
    string_value: str

    def WhichOneof(self, oneof_group: str) -> str | None: ...  # noqa: N802  # protobuf's name


class PropertyValues(Protocol):
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> PropertyValue: ...
    def add(self) -> PropertyValue: ...


class PropertySet(Protocol):
    """Two lists of the same length."""

    keys: MutableSequence[str]
    values: PropertyValues


class Metric(Protocol):
    """One metric as it stands in a payload."""

    name: str
    alias: int
    timestamp: int
    datatype: int
    is_historical: bool
    is_null: bool
    properties: PropertySet
    int_value: int
    long_value: int
    float_value: float
    double_value: float
    boolean_value: bool
    string_value: str

    def HasField(self, field_name: str) -> bool: ...  # noqa: N802  # protobuf's name
    def WhichOneof(self, oneof_group: str) -> str | None: ...  # noqa: N802  # protobuf's name


class MetricList(Protocol):
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Metric]: ...
    def __getitem__(self, index: int) -> Metric: ...
    def add(self) -> Metric: ...


class Payload(Protocol):
    """A whole message."""

    timestamp: int
    metrics: MetricList
    seq: int
    uuid: str

    def HasField(self, field_name: str) -> bool: ...  # noqa: N802  # protobuf's name
    def ParseFromString(self, serialized: bytes) -> int: ...  # noqa: N802  # protobuf's name
    def SerializeToString(self) -> bytes: ...  # noqa: N802  # protobuf's name


_MESSAGES: Final[dict[str, list[tuple[str, int, int, str]]]] = {
    # name, number, type, and: "" optional, "value" part of the choice, "*" repeated
    "PropertyValue": [
        ("type", 1, _Field.TYPE_UINT32, ""),
        ("is_null", 2, _Field.TYPE_BOOL, ""),
        ("int_value", 3, _Field.TYPE_UINT32, "value"),
        ("long_value", 4, _Field.TYPE_UINT64, "value"),
        ("float_value", 5, _Field.TYPE_FLOAT, "value"),
        ("double_value", 6, _Field.TYPE_DOUBLE, "value"),
        ("boolean_value", 7, _Field.TYPE_BOOL, "value"),
        ("string_value", 8, _Field.TYPE_STRING, "value"),
    ],
    "PropertySet": [
        ("keys", 1, _Field.TYPE_STRING, "*"),
        ("values", 2, _Field.TYPE_MESSAGE, "*PropertyValue"),
    ],
    "Metric": [
        ("name", 1, _Field.TYPE_STRING, ""),
        ("alias", 2, _Field.TYPE_UINT64, ""),
        ("timestamp", 3, _Field.TYPE_UINT64, ""),
        ("datatype", 4, _Field.TYPE_UINT32, ""),
        ("is_historical", 5, _Field.TYPE_BOOL, ""),
        ("is_transient", 6, _Field.TYPE_BOOL, ""),
        ("is_null", 7, _Field.TYPE_BOOL, ""),
        ("properties", 9, _Field.TYPE_MESSAGE, "PropertySet"),
        ("int_value", 10, _Field.TYPE_UINT32, "value"),
        ("long_value", 11, _Field.TYPE_UINT64, "value"),
        ("float_value", 12, _Field.TYPE_FLOAT, "value"),
        ("double_value", 13, _Field.TYPE_DOUBLE, "value"),
        ("boolean_value", 14, _Field.TYPE_BOOL, "value"),
        ("string_value", 15, _Field.TYPE_STRING, "value"),
        ("bytes_value", 16, _Field.TYPE_BYTES, "value"),
        ("dataset_value", 17, _Field.TYPE_BYTES, "value"),
        ("template_value", 18, _Field.TYPE_BYTES, "value"),
        ("extension_value", 19, _Field.TYPE_BYTES, "value"),
    ],
    "Payload": [
        ("timestamp", 1, _Field.TYPE_UINT64, ""),
        ("metrics", 2, _Field.TYPE_MESSAGE, "*Metric"),
        ("seq", 3, _Field.TYPE_UINT64, ""),
        ("uuid", 4, _Field.TYPE_STRING, ""),
    ],
}


def _describe() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="plantroom/sparkplug.proto", package=_PACKAGE, syntax="proto2"
    )
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        if any(mark == "value" for _name, _number, _type, mark in fields):
            message.oneof_decl.add(name="value")
        for name, number, kind, mark in fields:
            field = message.field.add(name=name, number=number)
            field.type = cast("descriptor_pb2.FieldDescriptorProto.Type.ValueType", kind)
            field.label = _Field.LABEL_REPEATED if mark.startswith("*") else _Field.LABEL_OPTIONAL
            if mark == "value":
                field.oneof_index = 0
            elif mark.strip("*"):
                field.type_name = f".{_PACKAGE}.{mark.strip('*')}"
    return file


def _payload_class() -> type[Payload]:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_describe())
    described = pool.FindMessageTypeByName(f"{_PACKAGE}.Payload")
    return cast("type[Payload]", message_factory.GetMessageClass(described))


new_payload: Final = _payload_class()


def parse_payload(data: bytes) -> Payload:
    """The payload of one message; raises ValueError for bytes that are none."""
    payload = new_payload()
    try:
        payload.ParseFromString(data)
    except DecodeError as error:
        raise ValueError(f"the payload is no Sparkplug B message: {error}") from None
    if payload.uuid:  # the mark of the compressed form, SPBV1.0_COMPRESSED
        raise ValueError(f"payloads in the form {payload.uuid!r:.60} are not read")
    return payload


def rebirth_command(now_ms: int) -> bytes:
    """The payload of an NCMD that asks a node to publish its births again."""
    payload = new_payload()
    payload.timestamp = now_ms
    metric = payload.metrics.add()
    metric.name = "Node Control/Rebirth"
    metric.timestamp = now_ms
    metric.datatype = BOOLEAN
    metric.boolean_value = True
    return payload.SerializeToString()
