"""The broker in the iotcore wheel, as a process of its own: ``python -m server.commands.embedded_broker CONFIG``.

It has no way to be stopped from within and keeps nothing on disk; ending the process is the way.
"""

from __future__ import annotations

import logging
import signal
import sys

from iotcore import IotCoreBroker


def main(config: str) -> None:
    # rumqttd writes an "error" span for each packet it routes; what matters shows at its clients
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    # the broker runs in native threads that Python's own handlers would never interrupt
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    IotCoreBroker(config_path=config).run_forever()


if __name__ == "__main__":
    main(sys.argv[1])
