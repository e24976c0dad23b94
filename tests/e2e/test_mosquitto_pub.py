"""From a plain shell to the screen, the alarm and the one ticket: the way of a single JSON message."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from tests.support.plantroom import RunningPlantroom
from tests.support.rules import change_rule
from tests.support.waiting import eventually

POINT = "pump_1_bearing_temp"
RULE = "bearing_hot_1"  # over 80 °C
HOT = json.dumps({"values": {POINT: 91}})
COLD = json.dumps({"values": {POINT: 45}})
DELAYS = {"on_delay_s": 1, "off_delay_s": 0, "verify_s": 2}


@dataclass(frozen=True)
class Pump:
    """A pump that no simulator speaks for."""

    id: int
    device: str
    point: int


@pytest.fixture(scope="module")
def pump(running_plantroom: RunningPlantroom) -> Iterator[Pump]:
    with running_plantroom.client("admin") as admin:
        space = admin.get("spaces").json()["items"][0]["id"]
        name = {"en": "Shell pump", "zh": "命令行水泵"}
        body = {"key": "shell-pump", "name": name, "profile": "pump", "space_id": space}
        answer = admin.post("assets", json=body)
        assert answer.status_code == 201, answer.text
        asset = answer.json()
        rules = admin.get("rules", params={"profile": "pump"}).json()["items"]
        rule = next(rule for rule in rules if rule["key"] == RULE)
        change_rule(admin, rule["id"], DELAYS, asset_id=asset["id"])
        points = admin.get(f"assets/{asset['id']}").json()["points"]
        yield Pump(asset["id"], "shell-pump", next(one["id"] for one in points if one["key"] == POINT))
        before = {name: rule[name] for name in DELAYS}
        change_rule(admin, rule["id"], before, asset_id=asset["id"])


def known(plantroom: RunningPlantroom, pump: Pump) -> None:
    """Publish until the gateway has learned of the new pump."""
    with plantroom.client("engineer") as client:

        def arrived() -> bool:
            assert plantroom.publish(pump.device, COLD).returncode == 0
            return bool(client.get("readings/latest", params={"asset": pump.id}).json()["readings"])

        eventually(arrived, interval_s=0.5)


def test_one_message_reaches_the_live_stream(running_plantroom: RunningPlantroom, pump: Pump) -> None:
    known(running_plantroom, pump)
    with (
        running_plantroom.client("engineer") as client,
        client.stream("GET", "live", params={"asset": pump.id}, timeout=20) as stream,
    ):
        lines = stream.iter_lines()
        next(lines)  # the stream stands
        began = time.monotonic()
        assert (
            running_plantroom.publish(pump.device, json.dumps({"point": POINT, "value": 63.5})).returncode
            == 0
        )
        values = next(values for values in _readings(lines) if (pump.point, 63.5) in values)
    print(f"shown {time.monotonic() - began:.3f} s after mosquitto_pub was started: {values}")


def test_over_the_limit_makes_one_alarm_and_one_ticket_however_it_flaps(
    running_plantroom: RunningPlantroom, pump: Pump
) -> None:
    known(running_plantroom, pump)
    with running_plantroom.client("engineer") as client:
        assert running_plantroom.publish(pump.device, HOT).returncode == 0
        alarm = eventually(lambda: _alarms(client, pump)[0])
        assert alarm["state"] == "unacknowledged"
        assert alarm["facts"][0]["point_id"] == pump.point
        assert alarm["facts"][0]["value"] == 91
        for count in range(2, 4):  # back in band and out again, each time longer than the delays
            assert running_plantroom.publish(pump.device, COLD).returncode == 0
            eventually(lambda: _alarms(client, pump)[0]["returned_at"])
            assert running_plantroom.publish(pump.device, HOT).returncode == 0
            eventually(lambda n=count: _alarms(client, pump)[0]["occurrences"] == n)
        assert len(_alarms(client, pump)) == 1
        tickets = [ticket for ticket in _tickets(client, pump) if ticket["rule_id"] == alarm["rule"]["id"]]
        assert len(tickets) == 1
        assert tickets[0]["id"] == alarm["ticket_id"]


def test_what_cannot_be_read_is_kept_for_an_admin(running_plantroom: RunningPlantroom, pump: Pump) -> None:
    assert running_plantroom.publish(pump.device, '{"values": {"bearing"').returncode == 0
    assert running_plantroom.publish("nobody", COLD).returncode == 0
    with running_plantroom.client("admin") as admin:

        def reasons() -> set[str]:
            items = admin.get("dead-letters").json()["items"]
            found = {item["reason"] for item in items}
            assert {"not_json", "unknown_device"} <= found
            return found

        eventually(reasons)


def _readings(lines: Iterator[str]) -> Iterator[set[tuple[int, float]]]:
    """The (point, value) pairs of each ``readings`` event."""
    event = ""
    for line in lines:
        if line.startswith("event:"):
            event = line.partition(":")[2].strip()
        elif line.startswith("data:") and event == "readings":
            rows = json.loads(line.partition(":")[2])
            yield {(row[0], row[2]) for row in rows}


def _alarms(client: httpx2.Client, pump: Pump) -> list[dict[str, object]]:
    items = client.get("alarms", params={"asset": pump.id, "state": "all"}).json()["items"]
    found = [item for item in items if item["rule"]["key"] == RULE]
    assert found, "no alarm yet"
    return found


def _tickets(client: httpx2.Client, pump: Pump) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get("tickets", params={"asset": pump.id}).json()["items"]
    return found
