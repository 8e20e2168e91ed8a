"""The API answers."""

from chalice.test import Client

from app import app


def test_health_says_ok_and_nothing_of_anybody() -> None:
    with Client(app) as client:
        answer = client.http.get("/health")
    assert (answer.status_code, answer.json_body) == (200, {"status": "ok"})


def test_there_is_no_other_route() -> None:
    assert set(app.routes) == {
        "/agents/{agent}/acknowledgements",
        "/agents/{agent}/names",
        "/agents/{agent}/recording",
        "/calls/{call}/decision",
        "/calls/{call}/objection",
        "/calls/{call}/payment/start",
        "/calls/{call}/payment/stop",
        "/twilio/voice",
        "/twilio/voice/answer",
        "/webhooks/{provider}",
        "/announcements/{language}",
        "/calls/decision",
        "/contracts",
        "/holds",
        "/agents/{agent}/teams",
        "/recordings/{recording}",
        "/recordings/{recording}/evaluation",
        "/recordings/{recording}/hold",
        "/recordings/{recording}/listen",
        "/recordings/{recording}/muting",
        "/recordings/{recording}/rectification",
        "/announcements/{language}/audio",
        "/exports/{request}/{token}",
        "/requests/{request}/downloaded",
        "/health",
        "/notice",
        "/notice/employees",
        "/register",
        "/desk/register",
        "/desk/requests",
        "/desk/requests/{request}",
        "/desk/requests/{request}/extend",
        "/desk/requests/{request}/refuse",
        "/desk/requests/{request}/release",
        "/desk/requests/{request}/answer",
        "/desk/requests/{request}/proven",
        "/desk/objections/withdrawn",
        "/agents/{agent}/recordings",
        "/requests",
        "/requests/{request}",
        "/requests/{request}/answer",
        "/requests/{request}/code",
        "/requests/{request}/proof",
    }
