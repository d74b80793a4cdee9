"""`python -m retrofit_emulator --port P --journal FILE --region R`"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from .server import Server


def main() -> int:
    arguments = _arguments()
    _settle_hashes()
    _configure_moto(arguments.region)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    log = logging.getLogger("retrofit")
    log.setLevel(logging.DEBUG if arguments.log_requests else logging.INFO)

    started = time.monotonic()
    try:
        listening = Server(arguments.port)
    except OSError as error:
        log.error("cannot listen on 127.0.0.1:%d: %s", arguments.port, error)
        return 1
    from . import determinism

    determinism.install()
    from . import compaction, pace, patches
    from .emulator import Emulator
    from .journal import JournalError

    determinism.seed_backends(compaction.remember_baseline)
    patches.apply()
    from .autoscaler import Autoscaler

    emulator = Emulator(arguments.region, arguments.journal)
    try:
        replayed = emulator.replay()
    except JournalError as error:
        log.error("%s", error)
        return 1
    if replayed and compaction.is_empty(replayed):
        log.info("all that %d changes made is gone: beginning with an empty journal", len(replayed))
        emulator.forget()
        _begin_again(listening.server_port)
    listening.handle = emulator.handle
    _end_on_signals(listening)
    Autoscaler(emulator).start()
    if pace.FACTOR != 1:
        log.info("a minute of alarms, cooldowns and warm-ups lasts %g s", pace.MINUTE_SECONDS)
    seconds = time.monotonic() - started
    log.info("ready on 127.0.0.1:%d after %.1f s, %d changes replayed", listening.server_port, seconds, len(replayed))
    print(f"ready {listening.server_port}", flush=True)
    listening.serve_forever()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="retrofit_emulator", description="An AWS API on loopback.")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one and prints it")
    parser.add_argument("--journal", type=Path, required=True, help="file that keeps the state between runs")
    parser.add_argument("--region", required=True, help="the region that schedules and policies act in")
    parser.add_argument("--log-requests", action="store_true", help="one line per request on standard error")
    return parser.parse_args()


def _settle_hashes() -> None:
    """Sets of strings must come in the same order in each process, or a replay could differ."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        _execute(sys.argv[1:])


def _begin_again(port: int) -> NoReturn:
    """In the same process, on the same port, with nothing left over from the replay."""
    _execute([*sys.argv[1:], "--port", str(port)])


def _execute(arguments: list[str]) -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", "retrofit_emulator", *arguments])


def _configure_moto(region: str) -> None:
    """Read by moto as it is imported."""
    here = Path(__file__).parent
    os.environ.update(
        {
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": region,
            "MOTO_AMIS_PATH": str(here / "amis.json"),
            "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
            "MOTO_ACM_VALIDATION_WAIT": "0",
            "MOTO_DISABLE_GLOBAL_CORS": "true",
        }
    )
    # A profile or an endpoint of the user's shell must not lead moto's own SDK anywhere.
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        os.environ.pop(name, None)


def _end_on_signals(listening: Any) -> None:
    def end(_signal: int, _frame: Any) -> None:
        threading.Thread(target=listening.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


if __name__ == "__main__":
    sys.exit(main())
