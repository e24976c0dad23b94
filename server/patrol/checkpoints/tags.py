"""The text of a tag: what stands in its address, and whether the tag is what it says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from server.patrol.checkpoints import sun
from server.patrol.checkpoints.models import Tag
from server.patrol.checkpoints.policy import TagKind
from server.sealing import CannotOpen, Sealer

CODE_LENGTH = 12
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without 0 1 i l o, which people mix up when a label is read to them by telephone."""
_CODE = re.compile(rf"[{_ALPHABET}]{{{CODE_LENGTH}}}")
_SYSTEM = b"Plantroom"
"""Part of the diversification input: the same tag has other keys in other systems."""
_KEYS = "patrol-tag-keys"
SIGNATURE_BYTES = 12


class Malformed(ValueError):
    """The text is no tag of ours."""


@dataclass(frozen=True)
class TagText:
    """A tag's address, taken apart."""

    code: str
    signature: str | None = None
    picc_data: str | None = None
    uid: str | None = None
    counter: str | None = None
    file_data: str | None = None
    cmac: str | None = None

    @property
    def has_message(self) -> bool:
        """Whether it carries a dynamic message of an NTAG 424 DNA."""
        return self.cmac is not None

    def __repr__(self) -> str:
        return f"TagText(code={self.code!r}, ...)"


def read_text(text: str, public_url: str) -> TagText:
    """Take the scanned text apart. The host may be any of our own earlier ones; the path must be /t/{code}.

    Raises Malformed.
    """
    text = text.strip()
    if len(text) > 2000:
        raise Malformed("too long")
    parts = urlsplit(text if "://" in text else public_url + text)
    path = parts.path.rstrip("/")
    if parts.scheme not in {"http", "https"} or "/t/" not in path:
        raise Malformed("no address of a tag")
    code = path.rpartition("/t/")[2].lower()
    if not _CODE.fullmatch(code):
        raise Malformed("no code of a tag")
    try:
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=12)
    except ValueError as error:
        raise Malformed("too many parts") from error
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise Malformed("a part stands there twice")
        fields[name] = value
    return TagText(
        code=code,
        signature=fields.get("s"),
        picc_data=fields.get("e"),
        uid=fields.get("u"),
        counter=fields.get("n"),
        file_data=fields.get("d"),
        cmac=fields.get("c"),
    )


class TagKeys:
    """Signs labels and knows the keys of secure tags. All comes from the installation's one key."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._label_key = sealer.derive("patrol-labels")
        self._meta_master = sealer.derive("patrol-tags-meta", 16)
        self._file_master = sealer.derive("patrol-tags-file", 16)

    def new_code(self) -> str:
        """A code nobody can guess: 59 bits."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))

    def signature(self, code: str) -> str:
        """What stands behind ``s=`` on a label."""
        digest = hmac.new(self._label_key, b"label:" + code.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:SIGNATURE_BYTES]).decode()

    def is_signed(self, text: TagText) -> bool:
        """Whether the signature is ours; in constant time."""
        given = (text.signature or "").encode()
        return hmac.compare_digest(given, self.signature(text.code).encode())

    def address(self, tag: Tag, public_url: str) -> str:
        """What is printed on the label or written to the tag. An NTAG 424 adds its message itself."""
        base = f"{public_url}/t/{tag.code}"
        return base if tag.kind == TagKind.NTAG424 else f"{base}?s={self.signature(tag.code)}"

    def derived(self, uid: bytes) -> sun.Keys:
        """The keys to be written to a new tag (AN10922, input: UID and the name of the system)."""
        return sun.Keys(
            meta=sun.diversify(self._meta_master, uid + _SYSTEM),
            file=sun.diversify(self._file_master, uid + _SYSTEM),
        )

    def keys_of(self, tag: Tag) -> sun.Keys:
        """The tag's own keys. Raises server.sealing.CannotOpen where they were sealed with another key."""
        if tag.meta_key is not None and tag.file_key is not None:
            return sun.Keys(meta=self.unseal(tag.meta_key), file=self.unseal(tag.file_key))
        return self.derived(bytes.fromhex(tag.uid or ""))

    def seal(self, key: bytes) -> str:
        """A given key as it is kept in the database."""
        return self._sealer.seal(key.hex(), purpose=_KEYS)

    def unseal(self, sealed: str) -> bytes:
        """Raises server.sealing.CannotOpen."""
        return bytes.fromhex(self._sealer.open(sealed, purpose=_KEYS))


def mac_input(tag: Tag, text: TagText) -> bytes:
    """The part of the address the tag signs besides its UID and counter."""
    if tag.mac_covers == "data" and text.file_data is not None:
        return f"{text.file_data}&c=".encode()
    if tag.mac_covers == "message":
        first = text.picc_data if text.picc_data is not None else f"{text.uid}&n={text.counter}"
        middle = f"&d={text.file_data}" if text.file_data is not None else ""
        return f"{first}{middle}&c=".encode()
    return b""


def verify_tap(keys: TagKeys, tag: Tag, text: TagText, *, allow_zero_key: bool = False) -> sun.Tap:
    """The tap, if this tag made it. Raises sun.BadMessage, sun.ZeroKey."""
    try:
        own = keys.keys_of(tag)
    except CannotOpen as error:
        raise sun.BadMessage("the tag's key cannot be read on this server") from error
    tap = _verified(own, tag, text, allow_zero_key=allow_zero_key)
    if tap.uid.hex().upper() != tag.uid:
        raise sun.BadMessage("it is another tag's message")
    return tap


def is_factory_message(tag: Tag, text: TagText) -> bool:
    """Whether a tag with the factory's zero key made it: a clone, or a tag nobody set up."""
    try:
        _verified(sun.Keys(sun.ZERO_KEY, sun.ZERO_KEY), tag, text, allow_zero_key=True)
    except sun.BadMessage:
        return False
    return True


def _verified(own: sun.Keys, tag: Tag, text: TagText, *, allow_zero_key: bool) -> sun.Tap:
    covered = mac_input(tag, text)
    if text.cmac is None:
        raise sun.BadMessage("there is no signature")
    if text.picc_data is not None:
        return sun.verify_encrypted(
            own,
            picc_data=text.picc_data,
            cmac=text.cmac,
            mac_input=covered,
            file_data=text.file_data,
            allow_zero_key=allow_zero_key,
        )
    if text.uid is None or text.counter is None:
        raise sun.BadMessage("a part of the message is missing")
    return sun.verify_plain(
        own,
        uid=text.uid,
        counter=text.counter,
        cmac=text.cmac,
        mac_input=covered,
        file_data=text.file_data,
        allow_zero_key=allow_zero_key,
    )
