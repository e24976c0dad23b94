"""What depends on the database's own locking, on PostgreSQL as well."""

from __future__ import annotations

from tests.server.notifications.test_bots import test_a_storm_goes_out_as_digests_and_the_bot_is_never_blocked
from tests.server.notifications.test_escalation import test_it_goes_on_while_nobody_answers_and_repeats
from tests.server.notifications.test_outbox import (
    test_two_servers_send_each_message_once,
    test_two_servers_take_each_step_once,
    test_what_a_killed_server_had_claimed_is_sent_again_with_the_same_key,
)

__all__ = [
    "test_a_storm_goes_out_as_digests_and_the_bot_is_never_blocked",
    "test_it_goes_on_while_nobody_answers_and_repeats",
    "test_two_servers_send_each_message_once",
    "test_two_servers_take_each_step_once",
    "test_what_a_killed_server_had_claimed_is_sent_again_with_the_same_key",
]
