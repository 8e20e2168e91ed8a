"""What Twilio signs (FACTS 2.1): the address and the form's fields, by HMAC-SHA1 with the account's auth token.

A body that is no form is signed by its SHA-256, which stands in the address as `bodySHA256`. Twilio's beta, SharedKey
with HMAC-SHA256, is not understood: its deliveries are refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

from chalicelib.errors import InvalidDelivery
from chalicelib.telephony.read import header, json_object, require_same
from chalicelib.telephony.webhook import Delivery, Payload, Secrets

FORM = "application/x-www-form-urlencoded"
_URL = re.compile(r"((https?)://[^/?#]+?)(:\d+)?([/?#].*)?", re.DOTALL)
_PORTS = {"https": ":443", "http": ":80"}
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MOST_FIELDS = 1_000


def signed_payload(delivery: Delivery, secrets: Secrets) -> Payload:
    """The fields of a form, or the JSON of another body, that one of the secrets signed."""
    found = header(delivery, "x-twilio-signature")
    is_form = delivery.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
    fields = _fields(delivery.body) if is_form else []
    urls = [url for spelt in _spellings(delivery.url) for url in _with_and_without_port(spelt)]
    require_same(found, [signature(url, fields, secret) for secret in filter(None, secrets) for url in urls])
    if is_form:
        return _said_once(fields)
    require_same(_hash_in(delivery.url), [hashlib.sha256(delivery.body).hexdigest()], "body-hash")
    return json_object(delivery.body)


def signature(url: str, fields: Iterable[tuple[str, str]], secret: str) -> str:
    """Of an address and of a form's fields, each name with each of its values once."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    mac = hmac.new(secret.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def _fields(body: bytes) -> list[tuple[str, str]]:
    """Nothing is mended: what is read must be what was signed."""
    try:
        text = body.decode("ascii")
        fields = parse_qsl(text, True, True, "utf-8", "strict", _MOST_FIELDS) if text else []
    except ValueError as error:
        raise InvalidDelivery("the body is no form in UTF-8") from error
    if _BAD_ESCAPE.search(text):
        raise InvalidDelivery("the form holds a percent sign that escapes nothing")
    return fields


def _said_once(fields: Iterable[tuple[str, str]]) -> Payload:
    """A field that is said twice with different values says nothing."""
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    return {name: each.pop() for name, each in values.items() if len(each) == 1}


def _spellings(url: str) -> list[str]:
    """The address with its query escaped in each of the usual ways: API Gateway hands over what it unescaped."""
    address, mark, query = url.partition("?")
    pairs = parse_qsl(query, True)
    ways = [(how, safe) for how in (quote_plus, quote) for safe in ("", "@:/,", "@:/,;!$'()*~")]
    spelt = [f"{address}{mark}{urlencode(pairs, safe=safe, quote_via=how)}" for how, safe in ways] if mark else []
    return list(dict.fromkeys((url, *spelt)))


def _with_and_without_port(url: str) -> tuple[str, ...]:
    """Twilio does not always sign the address in the same of these two forms."""
    parts = _URL.fullmatch(url)
    if parts is None:
        return (url,)
    host, scheme, port, rest = parts.groups(default="")
    return (f"{host}{rest}", f"{host}{port or _PORTS[scheme]}{rest}")


def _hash_in(url: str) -> str:
    query = url.partition("?")[2].partition("#")[0]
    return dict(reversed(parse_qsl(query))).get("bodySHA256", "")
