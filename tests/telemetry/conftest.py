import pytest

pytest.register_assert_rewrite("tests.telemetry.store_contract", "tests.telemetry.series_contract")
