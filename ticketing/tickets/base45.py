"""Base45 (RFC 9285) of whole pairs of bytes, in the letters of a QR code's alphanumeric mode. Pure."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_LARGEST_PAIR = 0xFFFF


def encode(data: bytes) -> str:
    """Return three letters for each two bytes. Raises ValueError for an odd number of bytes."""
    if len(data) % 2:
        raise ValueError("only pairs of bytes are encoded here")
    letters = []
    for high, low in zip(data[::2], data[1::2], strict=True):
        rest, first = divmod(high * 256 + low, 45)
        third, second = divmod(rest, 45)
        letters += [ALPHABET[first], ALPHABET[second], ALPHABET[third]]
    return "".join(letters)


def decode(text: str) -> bytes:
    """Return the bytes. Raises ValueError for a text that `encode` does not make."""
    if len(text) % 3 or not set(text) <= _VALUE.keys():
        raise ValueError("not base45 of pairs")
    values = [_VALUE[letter] for letter in text]
    pairs = [
        first + second * 45 + third * 2025
        for first, second, third in zip(values[::3], values[1::3], values[2::3], strict=True)
    ]
    if any(pair > _LARGEST_PAIR for pair in pairs):
        raise ValueError("three letters stand for more than two bytes")
    return b"".join(pair.to_bytes(2) for pair in pairs)
