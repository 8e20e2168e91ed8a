"""No test can reach a real account, or finds what somebody's shell says: credentials and region are of nobody."""

import os

import pytest

for name in [name for name in os.environ if name.startswith(("AWS_", "POWERTOOLS_")) or name == "POLICY_FILE"]:
    del os.environ[name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-3",
    "POWERTOOLS_METRICS_NAMESPACE": "Sourdine",
    "SWEEP_AT_ONCE": "1",  # moto's backends are not made for threads
    **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
    "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/sourdine-hypothesis",
}


def pytest_configure(config: pytest.Config) -> None:
    from hypothesis import settings

    settings.register_profile("sourdine", deadline=None)
    settings.load_profile("sourdine")
