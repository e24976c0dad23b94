"""Secure Unique NFC (SUN) messages of NTAG 424 DNA tags: what a tap says, and whether the tag itself said it.

The tag adds to its address, at each tap, who it is and how often it was read, and a MAC over both.
Sources: NXP AN12196 (SUN), AN10922 (key diversification), RFC 4493 (AES-CMAC). Nothing of a message
belongs in a log: it is a key to a door until its counter is used.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

KEY_BYTES = 16
UID_BYTES = 7
ZERO_KEY = bytes(KEY_BYTES)
"""The key of every tag as it leaves the factory: whoever buys one can make its messages."""
LARGEST_COUNTER = 0xFFFFFF

_UID_AND_COUNTER = 0xC7
"""PICC data tag: UID mirrored, counter mirrored, UID of seven bytes."""
_MAC_VECTOR = bytes.fromhex("3CC300010080")
_ENCRYPTION_VECTOR = bytes.fromhex("C33C00010080")
_DIVERSIFY_128 = b"\x01"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


class BadMessage(ValueError):
    """It is no SUN message of this tag: cut, changed, or made with another key."""


class ZeroKey(ValueError):
    """The key is the factory's, with which anyone can make messages."""


@dataclass(frozen=True)
class Tap:
    """What a verified message says."""

    uid: bytes
    counter: int
    file_data: bytes | None = None
    """Decrypted file data (SDMENC), where the tag mirrors any."""


@dataclass(frozen=True)
class Keys:
    """The two keys of a tag: one hides who it is, one signs."""

    meta: bytes
    file: bytes

    def __post_init__(self) -> None:
        if len(self.meta) != KEY_BYTES or len(self.file) != KEY_BYTES:
            raise ValueError("an AES-128 key has 16 bytes")

    def __repr__(self) -> str:
        return "Keys(...)"


def verify_encrypted(
    keys: Keys,
    *,
    picc_data: str,
    cmac: str,
    mac_input: bytes = b"",
    file_data: str | None = None,
    allow_zero_key: bool = False,
) -> Tap:
    """Check a message whose UID and counter are encrypted. ``mac_input`` is the text of the address
    between the offsets of MAC input and MAC. Raises BadMessage, ZeroKey."""
    _refuse_zero(keys.meta, allow_zero_key=allow_zero_key)
    uid, counter = decrypt_picc_data(keys.meta, picc_data)
    return _verified(
        keys,
        uid,
        counter,
        cmac=cmac,
        mac_input=mac_input,
        file_data=file_data,
        allow_zero_key=allow_zero_key,
    )


def verify_plain(
    keys: Keys,
    *,
    uid: str,
    counter: str,
    cmac: str,
    mac_input: bytes = b"",
    file_data: str | None = None,
    allow_zero_key: bool = False,
) -> Tap:
    """Check a message that says UID (14 hex) and counter (6 hex, most significant byte first) openly."""
    uid_bytes, counter_bytes = _bytes(uid, UID_BYTES), _bytes(counter, 3)
    number = int.from_bytes(counter_bytes, "big")
    return _verified(
        keys,
        uid_bytes,
        number,
        cmac=cmac,
        mac_input=mac_input,
        file_data=file_data,
        allow_zero_key=allow_zero_key,
    )


def decrypt_picc_data(meta_key: bytes, picc_data: str) -> tuple[bytes, int]:
    """(UID, read counter) of 32 hex digits. Raises BadMessage where the key does not fit."""
    cipher = _bytes(picc_data, 16)
    decryptor = Cipher(algorithms.AES(meta_key), modes.CBC(bytes(16))).decryptor()
    plain = decryptor.update(cipher) + decryptor.finalize()
    if plain[0] != _UID_AND_COUNTER:
        raise BadMessage("the first part cannot be read with this tag's key")
    return plain[1:8], int.from_bytes(plain[8:11], "little")


def session_mac_key(file_key: bytes, uid: bytes, counter: int) -> bytes:
    """The key that signs one tap."""
    return aes_cmac(file_key, _MAC_VECTOR + uid + counter.to_bytes(3, "little"))


def session_encryption_key(file_key: bytes, uid: bytes, counter: int) -> bytes:
    """The key that hides the file data of one tap."""
    return aes_cmac(file_key, _ENCRYPTION_VECTOR + uid + counter.to_bytes(3, "little"))


def mac_of(file_key: bytes, uid: bytes, counter: int, mac_input: bytes = b"") -> bytes:
    """The eight bytes a tag puts at the end of its address."""
    return aes_cmac(session_mac_key(file_key, uid, counter), mac_input)[1::2]


def decrypt_file_data(file_key: bytes, uid: bytes, counter: int, data: str) -> bytes:
    """The hidden file data of one tap; a multiple of 16 bytes."""
    if not _HEX.fullmatch(data) or len(data) % 32:
        raise BadMessage("the file data are cut")
    key = session_encryption_key(file_key, uid, counter)
    return _cbc(key, _file_vector(key, counter), bytes.fromhex(data), encrypts=False)


def encrypt_file_data(file_key: bytes, uid: bytes, counter: int, data: bytes) -> str:
    """What the tag does; for trials and tests."""
    key = session_encryption_key(file_key, uid, counter)
    return _cbc(key, _file_vector(key, counter), data, encrypts=True).hex().upper()


def encrypt_picc_data(meta_key: bytes, uid: bytes, counter: int, padding: bytes = bytes(5)) -> str:
    """What the tag does; for trials and tests."""
    plain = bytes([_UID_AND_COUNTER]) + uid + counter.to_bytes(3, "little") + padding
    return _cbc(meta_key, bytes(16), plain, encrypts=True).hex().upper()


def diversify(master: bytes, diversification: bytes) -> bytes:
    """A tag's own AES-128 key from a master key (AN10922); ``diversification`` has 1 to 31 bytes."""
    if not 1 <= len(diversification) <= 31:
        raise ValueError("the diversification input has 1 to 31 bytes")
    message = _DIVERSIFY_128 + diversification
    if len(message) < 32:  # AN10922 always takes two blocks: pad before the MAC does, with its second subkey
        return _cmac_of_padded(master, message)
    return aes_cmac(master, message)


def aes_cmac(key: bytes, message: bytes) -> bytes:
    """RFC 4493."""
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def _verified(
    keys: Keys,
    uid: bytes,
    counter: int,
    *,
    cmac: str,
    mac_input: bytes,
    file_data: str | None,
    allow_zero_key: bool,
) -> Tap:
    _refuse_zero(keys.file, allow_zero_key=allow_zero_key)
    given = _bytes(cmac, 8)
    if not hmac.compare_digest(given, mac_of(keys.file, uid, counter, mac_input)):
        raise BadMessage("the signature is not of this tag")
    plain = decrypt_file_data(keys.file, uid, counter, file_data) if file_data is not None else None
    return Tap(uid, counter, plain)


def _cmac_of_padded(key: bytes, message: bytes) -> bytes:
    padded = message + b"\x80" + bytes(31 - len(message))
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - one block: the subkey of CMAC
    subkey = _doubled(_doubled(encryptor.update(bytes(16))))
    last = bytes(a ^ b for a, b in zip(padded[16:], subkey, strict=True))
    return _cbc(key, bytes(16), padded[:16] + last, encrypts=True)[16:]


def _doubled(block: bytes) -> bytes:
    number = int.from_bytes(block, "big") << 1
    return ((number & (2**128 - 1)) ^ (0x87 if number >> 128 else 0)).to_bytes(16, "big")


def _file_vector(key: bytes, counter: int) -> bytes:
    return _cbc(key, bytes(16), counter.to_bytes(3, "little") + bytes(13), encrypts=True)


def _cbc(key: bytes, vector: bytes, data: bytes, *, encrypts: bool) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector))
    worker = cipher.encryptor() if encrypts else cipher.decryptor()
    return worker.update(data) + worker.finalize()


def _refuse_zero(key: bytes, *, allow_zero_key: bool) -> None:
    if not allow_zero_key and hmac.compare_digest(key, ZERO_KEY):
        raise ZeroKey("the tag has the factory's key")


def _bytes(text: str, count: int) -> bytes:
    if len(text) != 2 * count or not _HEX.fullmatch(text):
        raise BadMessage(f"a part of the address should have {2 * count} hexadecimal digits")
    return bytes.fromhex(text)
