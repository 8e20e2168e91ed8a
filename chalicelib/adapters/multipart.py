"""An object in parts, some of which S3 copies out of another one by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.ranged import read_exactly
from chalicelib.audio.plan import Copy, Piece

Arguments = Mapping[str, Any]

_CHECKSUM = {"ChecksumAlgorithm": "CRC32"}
"""What botocore sends with each part by itself: S3 refuses it unannounced, and wants to be told it again at the end."""


def multipart(
    client: Any, target: Arguments, made: Arguments, copied: Arguments, pieces: Sequence[Piece], redacted: BinaryIO
) -> None:
    """Write `target`, part by part: `made` says what it is, `copied` what is copied, `redacted` holds what is written.

    Whatever is raised, the upload is aborted first; where even that fails, the bucket's lifecycle does it.
    """
    upload = {**target, "UploadId": client.create_multipart_upload(**target, **made, **_CHECKSUM)["UploadId"]}
    try:
        parts = []
        for number, piece in enumerate(pieces, 1):
            answer = _sent(client, {**upload, "PartNumber": number}, copied, piece, redacted)
            told = {name: value for name, value in answer.items() if name == "ETag" or name.startswith("Checksum")}
            parts.append({"PartNumber": number, **told})
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    except BaseException:
        with suppress(BotoCoreError, ClientError):
            client.abort_multipart_upload(**upload)
        raise


def _sent(client: Any, part: Arguments, copied: Arguments, piece: Piece, redacted: BinaryIO) -> Any:
    """S3's answer to one part, copied or written."""
    if isinstance(piece, Copy):
        which = f"bytes={piece.first}-{piece.last - 1}"
        return client.upload_part_copy(**part, **copied, CopySourceRange=which)["CopyPartResult"]
    return client.upload_part(**part, Body=read_exactly(redacted, piece.first, piece.last))
