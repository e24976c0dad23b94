"""stub"""

from telemetry.store.influx_client import InfluxClient


def check(client: InfluxClient) -> None:
    pass
