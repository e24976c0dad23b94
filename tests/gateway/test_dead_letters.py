"""What could not be read is kept, told in a sentence, and bounded."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest

from gateway.dead_letters import LONGEST_PAYLOAD, DeadLetterFile, letters_of, make_letter
from gateway.decoders.decoded import Refusal
from gateway.pipeline import Refused
from telemetry.messages import DeadLetter
from tests.gateway.support import incoming


def letter(number: int, payload: bytes = b"x") -> DeadLetter:
    return make_letter("gateway-1", incoming(payload, mid=number), "not_json", "It is not JSON.")


def rows(path: Path) -> list[tuple[str, int]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT id, size FROM dead_letters ORDER BY number").fetchall()
    finally:
        connection.close()


def opened(path: Path, *, most_rows: int = 1000, most_bytes: int = 10**9) -> DeadLetterFile:
    file = DeadLetterFile(path, most_rows=most_rows, most_bytes=most_bytes)
    file.open()
    return file


def test_a_letter_kept_twice_is_one(tmp_path: Path) -> None:
    file = opened(tmp_path / "letters.db")
    file.keep([letter(1), letter(2)])
    file.keep([letter(1)])
    assert [key for key, _ in rows(tmp_path / "letters.db")] == [letter(1).id, letter(2).id]


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    file = opened(tmp_path / "letters.db", most_rows=100)
    for number in range(250):
        file.keep([letter(number)])
    kept = [key for key, _ in rows(tmp_path / "letters.db")]
    assert 90 <= len(kept) <= 100
    assert kept == [letter(number).id for number in range(250)][-len(kept) :]
    assert file.dropped == 250 - len(kept)


def test_the_oldest_go_when_they_are_too_large(tmp_path: Path) -> None:
    file = opened(tmp_path / "letters.db", most_bytes=100_000)
    for number in range(40):
        file.keep([letter(number, b"y" * 9_700)])
    assert len(rows(tmp_path / "letters.db")) in {9, 10}
    assert file.dropped >= 30


def test_it_goes_on_with_its_file_after_a_restart(tmp_path: Path) -> None:
    opened(tmp_path / "letters.db", most_rows=100).keep([letter(number) for number in range(100)])
    again = opened(tmp_path / "letters.db", most_rows=100)
    again.keep([letter(100)])
    assert again.dropped > 0


def test_a_letter_says_what_was_wrong_and_what_was_kept() -> None:
    message = incoming(b'{"values":...}')
    refusals = [Refusal("wrong_type", "'a' is an array"), Refusal("wrong_type", "'b' is an object")]
    (one,) = letters_of("gateway-1", [Refused(message, refusals, 3)])
    assert one.detail == "'a' is an array; 'b' is an object. The other 3 value(s) of the message were stored."
    (none,) = letters_of("gateway-1", [Refused(message, refusals[:1], 0)])
    assert none.detail == "'a' is an array. Nothing of it was stored."
    (same,) = letters_of("gateway-1", [Refused(message, [Refusal("unknown_device", "no device 'x'")] * 9, 0)])
    assert same.detail == "no device 'x'. Nothing of it was stored."


def test_a_thousand_faults_of_a_message_are_one_letter_a_reason() -> None:
    refusals = [Refusal("wrong_type", f"{number} is wrong") for number in range(1000)]
    letters = letters_of("gateway-1", [Refused(incoming(b"x"), [*refusals, Refusal("not_finite", "n")], 0)])
    assert [made.reason for made in letters] == ["wrong_type", "not_finite"]
    assert "and 990 more" in letters[0].detail


@pytest.mark.parametrize("payload", [b"\xff\x00\xfe", "水泵".encode(), b"\xff" * 300_000])
def test_any_payload_becomes_text_that_any_database_takes(payload: bytes) -> None:
    made = make_letter("gateway-1", incoming(payload, topic="a\ud800b"), "not_json", "d\ud800")
    assert made.size == len(payload)
    assert len(made.payload) <= LONGEST_PAYLOAD
    assert "\0" not in made.payload
    assert msgspec.json.decode(msgspec.json.encode(made), type=DeadLetter) == made


def test_the_same_message_delivered_again_has_the_same_id() -> None:
    first = make_letter("gateway-1", incoming(b"x", received_ms=1), "not_json", "d")
    assert make_letter("gateway-1", incoming(b"x", received_ms=2, again=True), "not_json", "d").id == first.id
    assert make_letter("gateway-1", incoming(b"x", mid=2), "not_json", "d").id != first.id
    assert make_letter("gateway-2", incoming(b"x"), "not_json", "d").id != first.id
