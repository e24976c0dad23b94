"""NTAG 424 DNA: the published vectors, and every way in which a message is not genuine."""

from __future__ import annotations

import pytest

from server.patrol.checkpoints import sun

ZERO = sun.Keys(bytes(16), bytes(16))
OWN = sun.Keys(bytes(range(16)), bytes(range(16, 32)))
UID = bytes.fromhex("04DE5F1EACC040")


def test_encrypted_vector() -> None:
    tap = sun.verify_encrypted(
        ZERO, picc_data="EF963FF7828658A599F3041510671E88", cmac="94EED9EE65337086", allow_zero_key=True
    )
    assert (tap.uid, tap.counter) == (UID, 61)
    assert sun.session_mac_key(bytes(16), UID, 61).hex().upper() == "3FB5F6E3A807A03D5E3570ACE393776F"


def test_plain_vector() -> None:
    tap = sun.verify_plain(
        ZERO, uid="041E3C8A2D6B80", counter="000006", cmac="4B00064004B0B3D3", allow_zero_key=True
    )
    assert tap.counter == 6


def test_vector_with_encrypted_file_data_and_mac_input() -> None:
    data = "CEE9A53E3E463EF1F459635736738962"
    tap = sun.verify_encrypted(
        ZERO,
        picc_data="FD91EC264309878BE6345CBE53BADF40",
        cmac="ECC1E7F6C6C73BF6",
        mac_input=f"{data}&cmac=".encode(),
        file_data=data,
        allow_zero_key=True,
    )
    assert (tap.counter, tap.file_data) == (8, b"x" * 16)


def test_diversification_and_cmac_vectors() -> None:
    master = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    diversified = sun.diversify(master, bytes.fromhex("04782E21801D803042F54E585020416275"))
    assert diversified.hex().upper() == "A8DD63A3B89D54B37CA802473FDA9175"
    key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
    assert sun.aes_cmac(key, b"").hex().upper() == "BB1D6929E95937287FA37D129B756746"
    message = bytes.fromhex("6BC1BEE22E409F96E93D7E117393172A")
    assert sun.aes_cmac(key, message).hex().upper() == "070A16B46B4D4144F79BDD9DD04A287C"


def test_diversified_keys_with_file_data_round_trip() -> None:
    keys = sun.Keys(sun.diversify(bytes(range(16)), UID), sun.diversify(bytes(range(1, 17)), UID))
    picc = sun.encrypt_picc_data(keys.meta, UID, 70_000)
    data = sun.encrypt_file_data(keys.file, UID, 70_000, b"seal broken: no!")
    covered = f"{data}&c=".encode()
    mac = sun.mac_of(keys.file, UID, 70_000, covered).hex()
    tap = sun.verify_encrypted(keys, picc_data=picc, cmac=mac, mac_input=covered, file_data=data)
    assert tap == sun.Tap(UID, 70_000, b"seal broken: no!")


def test_no_single_changed_digit_passes() -> None:
    picc, mac = sun.encrypt_picc_data(OWN.meta, UID, 5), sun.mac_of(OWN.file, UID, 5).hex().upper()
    whole = picc + mac
    for index, digit in enumerate(whole):
        changed = whole[:index] + ("0" if digit != "0" else "1") + whole[index + 1 :]
        with pytest.raises(sun.BadMessage):
            sun.verify_encrypted(OWN, picc_data=changed[:32], cmac=changed[32:])


@pytest.mark.parametrize(
    "cmac", ["", "94EED9EE6533708", "94EED9EE653370866", "94EED9EE6533708G", "９4EED9EE65337086"]
)
def test_a_cut_or_odd_mac_is_refused(cmac: str) -> None:
    with pytest.raises(sun.BadMessage):
        sun.verify_plain(OWN, uid=UID.hex(), counter="000005", cmac=cmac)


def test_factory_keys_are_refused_outside_of_tests() -> None:
    with pytest.raises(sun.ZeroKey):
        sun.verify_plain(ZERO, uid="041E3C8A2D6B80", counter="000006", cmac="4B00064004B0B3D3")


def test_keys_do_not_show_in_text() -> None:
    assert "00" not in repr(OWN)
