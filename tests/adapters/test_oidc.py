"""ID tokens: whose are taken, and whose never."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.oidc import LEEWAY, LONGEST, NoTokens, OidcTokens
from chalicelib.adapters.signing_keys import SigningKeys
from chalicelib.errors import IdentityUnavailable, NotAuthenticated, SourdineError
from chalicelib.services.ports import Claims
from tests.adapters.cognito import signed_in
from tests.adapters.issuer import AT, AUDIENCE, NAME, NOW, Clock, Published, by_hand, public, public_pem, token

JWKS = f"{NAME}/keys"


def tokens(published: Published | None = None, **settings: str) -> OidcTokens:
    return OidcTokens(NAME, AUDIENCE, SigningKeys(NAME, JWKS, published or Published(), Clock()), **settings)


def verified(**said: Any) -> Claims:
    return tokens().verify(token(**said), NOW)


@pytest.mark.parametrize("kid", ["one", "ec-one"])
def test_a_token_says_who_it_is_what_they_may_be_and_which_agent(kid: str) -> None:
    assert verified(kid=kid) == Claims("83bbeb0a", frozenset({"agent"}), "jeanne.martin@exemple.example")


@pytest.mark.parametrize(
    "said",
    [
        {"exp": AT - LEEWAY},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"iat": AT + LEEWAY + 1},
        {"iat": None},
        {"iat": [AT]},
        {"nbf": AT + LEEWAY + 1},
        {"nbf": "now"},
        {"iss": NAME + "/"},
        {"iss": NAME.upper()},
        {"iss": None},
        {"iss": None, "aud": None},
        {"aud": "elsewhere"},
        {"aud": AUDIENCE + " "},
        {"aud": [AUDIENCE, "elsewhere"]},
        {"aud": ["elsewhere"]},
        {"aud": []},
        {"aud": None},
        {"aud": {AUDIENCE: 1}},
        {"token_use": "access"},
        {"token_use": ["id"]},
        {"sub": None},
        {"sub": ""},
    ],
    ids=str,
)
def test_a_token_of_the_issuer_that_is_not_for_us_and_for_now_is_refused_without_its_values(said: Any) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        verified(**said)
    assert not any(value in str(refused.value) for value in ("83bbeb0a", "exemple", NAME, "elsewhere", str(AT)))


@pytest.mark.parametrize(
    "said",
    [
        {"exp": AT - LEEWAY + 1},
        {"exp": AT + 0.5},
        {"iat": AT + LEEWAY},
        {"nbf": AT + LEEWAY},
        {"nbf": AT - 5},
        {"aud": [AUDIENCE]},
        {"token_use": None},
    ],
    ids=str,
)
def test_clocks_may_differ_by_a_minute_and_a_list_of_one_is_one(said: Any) -> None:
    assert verified(**said).subject == "83bbeb0a"


def test_the_moment_is_the_one_that_is_passed() -> None:
    with pytest.raises(NotAuthenticated, match="expired"):
        tokens().verify(token(), NOW + timedelta(hours=2))
    with pytest.raises(NotAuthenticated, match="not valid yet"):
        tokens().verify(token(), NOW - timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "teams"),
    [
        (["north", "south east"], {"north", "south east"}),
        ("north,south", {"north", "south"}),
        (" north , south west,", {"north", "south", "west"}),
        ("", set()),
        (None, set()),
        (7, set()),
        ([7, None, "north"], {"north"}),
        ({"north": 1}, set()),
    ],
    ids=str,
)
def test_whose_calls_a_supervisor_hears_is_a_claim_that_the_settings_name(value: Any, teams: set[str]) -> None:
    assert verified(**{"custom:teams": value}).teams == teams
    claims = tokens(team_claim="squads").verify(token(squads=value, **{"custom:teams": ["elsewhere"]}), NOW)
    assert claims.teams == teams
    assert "north" not in repr(claims)


FORGED = {
    "signed by nobody": by_hand({"alg": "none", "kid": "one"}),
    "without a word of how": by_hand({"kid": "one"}),
    "HMAC with the public key, the key confusion": by_hand({"alg": "HS256", "kid": "one"}, public_pem("one")),
    "HMAC with the published key": by_hand({"alg": "HS256", "kid": "one"}, json.dumps(public("one")).encode()),
    "HMAC, said to be RSA": by_hand({"alg": "RS256", "kid": "one"}, public_pem("one")),
    "the algorithm as a list": by_hand({"alg": ["RS256"], "kid": "one"}, b"x"),
    "an algorithm that is not taken": by_hand({"alg": "RS512", "kid": "one"}, b"x"),
    "an algorithm of another key": by_hand({"alg": "ES256", "kid": "one"}, b"x"),
    "another's key under a known id": token("two", headers={"kid": "one"}),
    "an id of no key": token("two"),
    "no id": by_hand({"alg": "RS256"}, b"x"),
    "an id that is no text": by_hand({"alg": "RS256", "kid": {"x": 1}}, b"x"),
    "with an extension that must be understood": token(headers={"crit": ["x"], "x": 1}),
    "an access token by its type": token(headers={"typ": "at+jwt"}),
    "one bit off": token()[:-2] + ("AA" if not token().endswith("AA") else "BB"),
    "with its key in the header": by_hand(
        {"alg": "HS256", "kid": "two", "jwk": public("two"), "jku": "file:///"}, b"x"
    ),
    "nothing": "",
    "two parts": "e30.e30",
    "four parts": token() + ".e30",
    "padded": token() + "=",
    "with spaces": token() + " ",
    "with a line's end": token() + "\n",
    "not base64": "%%%.%%%.%%%",
    "a header that is no object": "W10.e30.e30",
    "surrogates": "\ud800.e30.e30",
    "too long": token(more="x" * LONGEST),
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_what_the_issuer_did_not_sign_is_refused(text: str) -> None:
    with pytest.raises(NotAuthenticated, match="none of this company's"):
        tokens().verify(text, NOW)


def test_a_token_as_long_as_may_be_is_read() -> None:
    assert len(token(more="x" * 11_000)) < LONGEST
    assert verified(more="x" * 11_000).subject


def test_only_what_may_be_a_token_makes_anybody_ask_the_issuer() -> None:
    published = Published()
    for name in ("signed by nobody", "HMAC with the public key, the key confusion", "not base64", "too long", "no id"):
        with pytest.raises(NotAuthenticated):
            tokens(published).verify(FORGED[name], NOW)
    assert published.asked == []


def test_where_the_keys_cannot_be_read_nobody_is_let_in() -> None:
    with pytest.raises(IdentityUnavailable):
        tokens(Published(is_down=True)).verify(token(), NOW)


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        (["agent", "supervisor"], {"agent", "supervisor"}),
        ("agent  supervisor", {"agent", "supervisor"}),
        ("dpo", {"dpo"}),
        (["agent", 7, None, ["dpo"]], {"agent"}),
        ([], set()),
        ("", set()),
        (None, set()),
        ({"dpo": True}, set()),
        (True, set()),
    ],
)
def test_roles_are_a_list_or_words(claim: Any, roles: set[str]) -> None:
    assert tokens(role_claim="roles").verify(token(roles=claim), NOW).roles == roles


@pytest.mark.parametrize(
    ("said", "agent"),
    [
        ({"email": "  Paul@Exemple.example "}, "paul@exemple.example"),
        ({"email": None}, ""),
        ({"email": ["paul"]}, ""),
        ({"email_verified": False}, ""),
        ({"email_verified": "false"}, ""),
        ({"email_verified": "true"}, "jeanne.martin@exemple.example"),
        ({"email_verified": "True"}, ""),
        ({"email_verified": None}, ""),
    ],
)
def test_an_agent_is_whom_the_claim_names_unless_they_only_say_so_themselves(said: Any, agent: str) -> None:
    assert verified(**said).agent == agent


def test_another_claim_can_name_the_agent() -> None:
    assert tokens(agent_claim="extension").verify(token(extension="4711", email_verified=False), NOW).agent == "4711"


def test_what_a_token_says_of_a_person_stays_out_of_what_is_printed() -> None:
    assert "83bbeb0a" not in repr(verified()) and "jeanne" not in repr(verified())


def test_without_an_identity_provider_no_token_is_taken() -> None:
    with pytest.raises(NotAuthenticated, match="no identity provider is configured"):
        NoTokens().verify(token(), NOW)


_SEGMENT = st.text("ABCDEFGHIJabcdefghij0123456789-_", max_size=60)
_HEADER = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "b64"]),
    st.one_of(
        st.sampled_from(["RS256", "ES256", "one", "ec-one", "JWT"]), st.none(), st.booleans(), st.lists(st.text())
    ),
)


@given(st.one_of(st.text(), st.lists(_SEGMENT, max_size=4).map(".".join), _HEADER.map(lambda h: by_hand(h, b"x"))))
def test_whatever_is_sent_is_refused_and_nothing_breaks(text: str) -> None:
    with pytest.raises(SourdineError):
        tokens().verify(text, NOW)


def test_cognitos_own_tokens_are_taken_and_its_access_tokens_are_not() -> None:
    pytest.importorskip("joserfc", reason="moto's Cognito signs with it")
    with signed_in("Jeanne@exemple.example", "agent") as (issuer, client, given_tokens, fetch):
        ours = OidcTokens(issuer, client, SigningKeys(issuer, fetch=fetch), agent_claim="custom:agent")
        now = given_tokens["at"]
        assert ours.verify(given_tokens["IdToken"], now).agent == "jeanne@exemple.example"
        assert ours.verify(given_tokens["IdToken"], now).roles == {"agent"}
        with pytest.raises(NotAuthenticated):
            ours.verify(given_tokens["AccessToken"], now)
