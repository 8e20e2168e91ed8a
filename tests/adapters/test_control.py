"""What providers are told while a call goes on, word for word, and what their answers mean."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from chalicelib.adapters.control import ProviderControl
from chalicelib.adapters.memory import MemorySecrets
from chalicelib.adapters.memory_web import MemoryWeb
from chalicelib.errors import CannotControl, InvalidSettings, ProviderRefused, ProviderUnreachable, SourdineError
from chalicelib.services.ports import Answer, Reach
from chalicelib.telephony.providers import CONTROLS, FETCHES, PROVIDERS
from chalicelib.telephony.webhook import Act

CONTACT = {"instance": "i" * 36, "contact": "c" * 36, "initial": "d" * 36}
PARAMETERS = {"InstanceId": "i" * 36, "ContactId": "c" * 36, "InitialContactId": "d" * 36}
METHODS = {
    Act.PAUSE: "suspend_contact_recording",
    Act.RESUME: "resume_contact_recording",
    Act.STOP: "stop_contact_recording",
}
TOKEN = {"token": "t0ken"}
CREDENTIALS: dict[str, dict[str, Any]] = {
    "twilio": {"account": "AC1", **TOKEN},
    "genesys": {"host": "api.mypurecloud.de", **TOKEN},
    "ringcentral": TOKEN,
    "dialpad": TOKEN,
    "aircall": {"api_id": "id", "api_token": "t0ken", "pause": True},
}
IDS: dict[str, dict[str, str]] = {
    "twilio": {"account": "AC1", "call": "CA2"},
    "genesys": {"conversation": "0f6b-1"},
    "ringcentral": {"session": "s-1", "party": "p-1", "recording": "9"},
    "dialpad": {"user": "42"},
    "aircall": {"call": "81"},
}
_TWILIO = "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls/CA2/Recordings"
_GENESYS = "https://api.mypurecloud.de/api/v2/conversations/calls/0f6b-1/recordingstate"
_RINGCENTRAL = "https://platform.ringcentral.com/restapi/v1.0/account/~/telephony/sessions/s-1/parties/p-1/recordings/9"
_DIALPAD = "https://dialpad.com/api/v2/users/42/activecall"
_AIRCALL = "https://api.aircall.io/v1/calls/81"
TOLD: list[tuple[str, Act, str, str, bytes | None]] = [
    ("twilio", Act.PAUSE, "POST", f"{_TWILIO}/Twilio.CURRENT.json", b"Status=paused&PauseBehavior=silence"),
    ("twilio", Act.RESUME, "POST", f"{_TWILIO}/Twilio.CURRENT.json", b"Status=in-progress"),
    ("twilio", Act.STOP, "POST", f"{_TWILIO}/Twilio.CURRENT.json", b"Status=stopped"),
    ("genesys", Act.PAUSE, "PUT", _GENESYS, b'{"recordingState": "PAUSED"}'),
    ("genesys", Act.RESUME, "PUT", _GENESYS, b'{"recordingState": "ACTIVE"}'),
    ("genesys", Act.STOP, "PUT", _GENESYS, b'{"recordingState": "NONE"}'),
    ("ringcentral", Act.PAUSE, "PATCH", _RINGCENTRAL, b'{"active": false}'),
    ("ringcentral", Act.RESUME, "PATCH", _RINGCENTRAL, b'{"active": true}'),
    ("ringcentral", Act.STOP, "PATCH", _RINGCENTRAL, b'{"active": false}'),
    ("dialpad", Act.PAUSE, "PATCH", _DIALPAD, b'{"is_recording": false}'),
    ("dialpad", Act.RESUME, "PATCH", _DIALPAD, b'{"is_recording": true}'),
    ("dialpad", Act.STOP, "PATCH", _DIALPAD, b'{"is_recording": false}'),
    ("aircall", Act.PAUSE, "POST", f"{_AIRCALL}/pause_recording", None),
    ("aircall", Act.RESUME, "POST", f"{_AIRCALL}/resume_recording", None),
    ("aircall", Act.STOP, "POST", f"{_AIRCALL}/pause_recording", None),
]
AUTHORIZATION = {
    "twilio": "Basic QUMxOnQwa2Vu",
    "aircall": "Basic aWQ6dDBrZW4=",
    **dict.fromkeys(("genesys", "ringcentral", "dialpad"), "Bearer t0ken"),
}
CONTENT = {
    "twilio": "application/x-www-form-urlencoded",
    **dict.fromkeys(("genesys", "ringcentral", "dialpad"), "application/json"),
}


def reach(provider: str, **ids: str) -> Reach:
    return Reach(provider, "call", IDS[provider] | ids)


def by_http(web: MemoryWeb, **known: dict[str, Any]) -> ProviderControl:
    return ProviderControl(web, MemorySecrets(known=known or CREDENTIALS), None)


@pytest.fixture
def connect() -> Any:
    return boto3.client("connect", region_name="eu-west-2")


@pytest.fixture
def web() -> MemoryWeb:
    """Which allows whatever is told here."""
    found = MemoryWeb()
    for _, _, method, url, _ in TOLD:
        found.tell(method, url, Answer(200, {}))
    return found


def on_connect(client: Any, act: Act = Act.PAUSE, **ids: str) -> None:
    control = ProviderControl(MemoryWeb(), MemorySecrets(), client)
    control.act(act, Reach("connect", "c" * 36, CONTACT | ids))


@pytest.mark.parametrize("act", Act)
def test_amazon_connect_is_told_by_its_own_api(connect: Any, act: Act) -> None:
    with Stubber(connect) as stub:
        stub.add_response(METHODS[act], {}, PARAMETERS)
        on_connect(connect, act)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "status", "raised"),
    [
        ("ResourceNotFoundException", 404, ProviderRefused),
        ("InvalidRequestException", 400, ProviderRefused),
        ("InvalidParameterException", 400, ProviderRefused),
        ("InternalServiceException", 500, ProviderUnreachable),
        ("ThrottlingException", 429, ProviderUnreachable),
        ("AccessDeniedException", 403, ProviderRefused),
    ],
)
def test_what_amazon_connect_refuses_is_not_asked_again_and_what_it_cannot_do_now_is(
    connect: Any, code: str, status: int, raised: type[SourdineError]
) -> None:
    with Stubber(connect) as stub:
        stub.add_client_error(METHODS[Act.PAUSE], code, "of contact cccc", status, expected_params=PARAMETERS)
        with pytest.raises(raised) as caught:
            on_connect(connect)
    assert "cccc" not in str(caught.value)
    if isinstance(caught.value, ProviderRefused):
        assert caught.value.status == status


def test_an_amazon_connect_that_does_not_answer_is_asked_again() -> None:
    class Down:
        def stop_contact_recording(self, **_: str) -> None:
            raise EndpointConnectionError(endpoint_url="https://connect.eu-west-2.amazonaws.com")

    with pytest.raises(ProviderUnreachable):
        on_connect(Down(), Act.STOP)


@pytest.mark.parametrize("name", CONTACT)
def test_a_contact_whose_ids_are_not_all_known_cannot_be_reached(connect: Any, name: str) -> None:
    with Stubber(connect), pytest.raises(CannotControl, match=name):
        on_connect(connect, Act.PAUSE, **{name: ""})


@pytest.mark.parametrize(
    ("provider", "act", "method", "url", "body"), TOLD, ids=[f"{each[0]}-{each[1]}" for each in TOLD]
)
def test_a_provider_is_told_so_word_for_word(
    web: MemoryWeb, provider: str, act: Act, method: str, url: str, body: bytes | None
) -> None:
    by_http(web).act(act, reach(provider))
    [(asked_of, asked)] = web.asked
    assert (asked_of, asked.method, asked.url, asked.body) == (provider, method, url, body)
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers.pop("authorization") == AUTHORIZATION[provider]
    assert headers.pop("content-type", None) == CONTENT.get(provider)
    assert headers == {}


def test_every_provider_that_is_controlled_is_here() -> None:
    assert {each[0] for each in TOLD} == CONTROLS.keys()


def test_a_recording_that_twilio_named_is_told_itself(web: MemoryWeb) -> None:
    web.tell("POST", f"{_TWILIO}/RE3.json", Answer(200, {}))
    by_http(web).act(Act.PAUSE, reach("twilio", recording="RE3"))
    assert web.asked[0][1].url == f"{_TWILIO}/RE3.json"


def test_aircall_is_told_only_where_somebody_tried_it(web: MemoryWeb) -> None:
    untried = {"api_id": "id", "api_token": "t0ken"}
    for credentials in (untried, untried | {"pause": False}, untried | {"pause": "true"}, untried | {"pause": 1}):
        with pytest.raises(CannotControl, match="not verified"):
            by_http(web, aircall=credentials).act(Act.PAUSE, reach("aircall"))
    assert web.asked == []


@pytest.mark.parametrize("provider", sorted(({*PROVIDERS, *FETCHES} - CONTROLS.keys()) | {"asterisk", "", "drop"}))
@pytest.mark.parametrize("act", Act)
def test_a_provider_without_control_cannot_be_told(web: MemoryWeb, provider: str, act: Act) -> None:
    with pytest.raises(CannotControl, match="no way to"):
        by_http(web, **{provider: TOKEN}).act(act, Reach(provider, "call", {}))
    assert web.asked == []


@pytest.mark.parametrize("provider", CONTROLS)
@pytest.mark.parametrize("known", ["nothing", "no credentials"])
def test_without_a_secret_or_without_credentials_nobody_can_be_told(web: MemoryWeb, provider: str, known: str) -> None:
    others = {"nobody": TOKEN} if known == "nothing" else {provider: {}}
    with pytest.raises(CannotControl):
        by_http(web, **others).act(Act.PAUSE, reach(provider))
    assert web.asked == []


@pytest.mark.parametrize("provider", CONTROLS)
def test_without_the_calls_ids_or_with_such_as_lead_elsewhere_it_cannot_be_reached(
    web: MemoryWeb, provider: str
) -> None:
    for name in IDS[provider]:
        for value in ("", ".", ".."):
            with pytest.raises(CannotControl):
                by_http(web).act(Act.PAUSE, reach(provider, **{name: value}))
    assert web.asked == []


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        *((status, ProviderRefused) for status in (301, 400, 401, 403, 404, 409, 410, 422)),
        *((status, ProviderUnreachable) for status in (408, 425, 429, 500, 502, 503, 504)),
    ],
)
@pytest.mark.parametrize("provider", CONTROLS)
def test_what_a_status_means(provider: str, status: int, raised: type[SourdineError]) -> None:
    web = MemoryWeb()
    [method, url] = next([each[2], each[3]] for each in TOLD if each[0] == provider)
    web.tell(method, url, Answer(status, {}, b"the caller's number"))
    with pytest.raises(raised) as caught:
        by_http(web).act(Act.PAUSE, reach(provider))
    assert not isinstance(caught.value, ProviderRefused) or caught.value.status == status
    assert "number" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_kind_of_yes_is_one(status: int) -> None:
    web = MemoryWeb()
    web.tell("PUT", _GENESYS, Answer(status, {}))
    by_http(web).act(Act.PAUSE, reach("genesys"))


@pytest.mark.parametrize(
    "host", ["", 7, "evil.test", "api.evil.test/", "api.a.b@c.d", "api.-.com", "api.1.2", "api.a.1"]
)
def test_a_region_that_is_no_host_cannot_be_told(web: MemoryWeb, host: Any) -> None:
    with pytest.raises(CannotControl):
        by_http(web, genesys={"host": host, **TOKEN}).act(Act.PAUSE, reach("genesys"))
    assert web.asked == []


@pytest.mark.parametrize("error", [ProviderRefused(401), ProviderUnreachable("no token now")])
def test_a_token_that_is_not_given_is_the_providers_refusal(web: MemoryWeb, error: SourdineError) -> None:
    class NoToken(MemorySecrets):
        def credentials(self, provider: str) -> Any:
            raise error

    with pytest.raises(type(error)):
        ProviderControl(web, NoToken(), None).act(Act.PAUSE, reach("genesys"))


def test_a_body_is_json_that_the_provider_can_read(web: MemoryWeb) -> None:
    for provider, act, _, _, body in TOLD:
        if CONTENT.get(provider) == "application/json":
            by_http(web).act(act, reach(provider))
            assert json.loads(body or b"") == json.loads(web.asked[-1][1].body or b"")


def test_bad_settings_name_what_is_missing(web: MemoryWeb) -> None:
    with pytest.raises(CannotControl, match="`token`") as caught:
        by_http(web, twilio={"account": "AC1"}).act(Act.PAUSE, reach("twilio"))
    assert isinstance(caught.value.__cause__, InvalidSettings)
