"""A silent AAC frame (ISO/IEC 14496-3, 4.4.2): no scale factor band, so that it is right at any rate.

Frames do not lean on earlier ones but for half a window of overlap, and for what HE-AAC repeats at high frequencies.
"""

from __future__ import annotations

from chalicelib.errors import UnsupportedCodec

_SPLITTABLE = {2, 5, 29}
"""Object types whose frames are raw_data_blocks: LC, and HE-AAC (SBR, with or without PS) on top of it."""

_ICS_INFO, _GAIN, _NO_TOOLS, _END = "0" * 11, "0" * 8, "000", "111"
_MONO = "000" + "0000" + _GAIN + _ICS_INFO + _NO_TOOLS + _END
_STEREO = "001" + "0000" + "1" + _ICS_INFO + "00" + 2 * (_GAIN + _NO_TOOLS) + _END


def silent_frame(configuration: bytes) -> bytes:
    """A frame of silence under an AudioSpecificConfig. Raises UnsupportedCodec for what is not LC, mono or stereo."""
    bits = "".join(f"{byte:08b}" for byte in configuration)
    kind, at = int(bits[:5] or "0", 2), 5
    at += 28 if bits[at : at + 4] == "1111" else 4  # a rate that is not in the table is written out
    channels = int(bits[at : at + 4] or "0", 2)
    if kind not in _SPLITTABLE or channels not in (1, 2):
        raise UnsupportedCodec("of AAC, only LC and HE-AAC in mono or stereo are read")
    frame = _STEREO if channels == 2 else _MONO
    return int(frame.ljust(-(-len(frame) // 8) * 8, "0"), 2).to_bytes(-(-len(frame) // 8), "big")
