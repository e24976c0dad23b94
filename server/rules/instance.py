"""One rule on one asset: normal -> pending -> active -> returning -> normal, in event time.

Pending waits for the on-delay, returning for the off-delay. Both deadlines are instants of event
time, and what happens at a deadline carries that instant, however late it is found out. A delay
counts only while the truth is known (see ``compiled``): silence stops it, the next reading of the
silent point lets it go on for what was left.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Literal

import msgspec

from server.rules.compiled import NEVER, Fact, Leaf, Node, Signal

MARKS_PER_MS = 16
"""Room for what can happen to one instance within one millisecond."""

Kind = Literal["left_band", "entered_band", "raised", "returned", "withdrawn"]


class Transition(msgspec.Struct, frozen=True):
    """Something that happened to one rule on one asset. Evaluating again gives the same, mark included."""

    kind: Kind
    rule: int
    asset: int
    at_ms: int
    since_ms: int
    """raised: the first crossing; returned, entered_band: back in band since."""
    mark: int
    """Grows with every transition of the instance: what was applied once is known by it."""
    facts: tuple[Fact, ...] = ()


class State(IntEnum):
    NORMAL = 0
    PENDING = 1
    ACTIVE = 2
    RETURNING = 3


class Instance:
    """The state machine. ``catch_up`` before a reading changes anything, ``move`` after."""

    __slots__ = (
        "asset",
        "changed_ms",
        "deadline_ms",
        "faults",
        "faults_changed",
        "frozen_ms",
        "leaves",
        "left_ms",
        "mark",
        "off_delay_ms",
        "on_delay_ms",
        "root",
        "rule",
        "scheduled_ms",
        "signature",
        "since_ms",
        "state",
        "timed",
        "truth",
    )

    def __init__(
        self,
        key: tuple[int, int],
        *,
        signature: int,
        condition: tuple[Node, list[Leaf]],
        on_delay_ms: int,
        off_delay_ms: int,
    ) -> None:
        self.rule, self.asset = key
        self.signature = signature
        self.root, self.leaves = condition
        self.timed = [leaf for leaf in self.leaves if leaf.is_timed]
        self.faults: dict[int, str] = {}
        """What cannot be judged on this asset, by rule; shared by all rules of the asset."""
        self.faults_changed = False
        """The engine's: it has not taken notice of it yet."""
        self.on_delay_ms = on_delay_ms
        self.off_delay_ms = off_delay_ms
        self.state = State.NORMAL
        self.truth = False
        self.since_ms = -1
        self.changed_ms = -1
        self.deadline_ms = NEVER
        """When the running delay ends; NEVER: none runs, or it is frozen."""
        self.frozen_ms = -1
        """Since when the running delay stands still; -1: it does not."""
        self.left_ms = 0
        self.mark = 0
        self.scheduled_ms = NEVER
        """The engine's: for when the deadline stands in its queue."""

    @property
    def wake_ms(self) -> float:
        """From which reading time on its points must ask it even where no truth changes."""
        return -math.inf if self.frozen_ms >= 0 else self.due_ms

    @property
    def due_ms(self) -> float:
        """When something happens to it although nothing is read."""
        if not self.timed:
            return self.deadline_ms
        return min(self.deadline_ms, self._timer_ms())

    @property
    def is_raised(self) -> bool:
        return self.state in (State.ACTIVE, State.RETURNING)

    def catch_up(self, until_ms: int, out: list[Transition]) -> None:
        """Let happen what is due up to and including ``until_ms``, from what was known so far."""
        while True:
            timer_ms = self._timer_ms()
            if self._end_delay(until_ms, timer_ms, out):
                continue
            if timer_ms > until_ms:
                return
            for leaf in self.timed:
                if leaf.next_ms == timer_ms:
                    self._wake(leaf, int(timer_ms))
            self._note(int(timer_ms), out)

    def move(self, at_ms: int, out: list[Transition]) -> None:
        """Take note at ``at_ms`` that leaves may have changed, or a silent point spoke."""
        self._note(at_ms, out)
        self.catch_up(at_ms, out)

    def ask(self, leaf: Leaf, at_ms: int) -> None:
        """Let a leaf judge. One that cannot keeps its truth and counts as unknown; the others go on."""
        try:
            truth = leaf.judge(at_ms)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one rule must not stop the others
            self.fail(leaf, error)
            return
        if leaf.problem is not None:
            leaf.problem = None
            self.note_faults()
        if truth != leaf.true:
            leaf.true = truth
            leaf.involved = leaf.involved or truth

    def see(self, leaf: Leaf, signal: Signal, at_ms: int) -> bool:
        """Show a reading to a leaf that sees all of them; whether it must judge."""
        try:
            return leaf.observe(signal, at_ms)
        except Exception as error:  # noqa: BLE001 - as in ``ask``
            self.fail(leaf, error)
            return True

    def fail(self, leaf: Leaf, error: Exception) -> None:
        """Remember why a leaf cannot be judged."""
        point = f"point {leaf.signal.point}: " if leaf.signal is not None else ""
        text = f"{point}{str(error) or type(error).__name__}"[:400]
        if leaf.problem != text:
            leaf.problem = text
            self.note_faults()

    def note_faults(self) -> None:
        """Say in ``faults`` how this rule is."""
        text = next((leaf.problem for leaf in self.leaves if leaf.problem is not None), None)
        if text is None:
            self.faults.pop(self.rule, None)
        else:
            self.faults[self.rule] = text
        self.faults_changed = True

    def _timer_ms(self) -> float:
        return min((leaf.next_ms for leaf in self.timed), default=NEVER)

    def _wake(self, leaf: Leaf, at_ms: int) -> None:
        try:
            leaf.wake(at_ms)
        except Exception as error:  # noqa: BLE001 - as in ``ask``
            self.fail(leaf, error)
        if leaf.next_ms <= at_ms:
            leaf.next_ms = NEVER  # one that cannot name a later time is not woken for ever
        self.ask(leaf, at_ms)

    def _end_delay(self, until_ms: int, timer_ms: float, out: list[Transition]) -> bool:
        """Let the running delay end, or silence stop it, if that comes up to ``until_ms`` and first."""
        if self.deadline_ms == NEVER:
            return False
        deadline = int(self.deadline_ms)
        silence = self._unknown_from(min(until_ms, deadline))
        if silence is not None and silence < deadline and silence <= timer_ms:
            self._freeze(silence)
            return True
        if deadline <= until_ms and deadline <= timer_ms:
            self._fire(deadline, out)
            return True
        return False

    def _note(self, at_ms: int, out: list[Transition]) -> None:
        at_ms = max(at_ms, self.changed_ms)
        truth = self.root.held()
        if truth != self.truth:
            self.truth = truth
            self.changed_ms = at_ms
            if truth:
                self._cross(at_ms, out)
            else:
                self._clear(at_ms, out)
        self._thaw_or_freeze(at_ms)

    def withdraw(self, at_ms: int, out: list[Transition]) -> None:
        """The rule does not look at this asset any more."""
        if self.is_raised:
            self._emit("withdrawn", at_ms, at_ms, out)

    def adopt(self, *, since_ms: int, mark: int) -> None:
        """Take over an alarm that is known to be raised; the leaves are judged by the readings to come."""
        self.state, self.truth = State.ACTIVE, True
        self.since_ms = self.changed_ms = since_ms
        self.mark = max(self.mark, mark)

    def _cross(self, at_ms: int, out: list[Transition]) -> None:
        self._emit("left_band", at_ms, at_ms, out)
        if self.state is State.RETURNING:
            self._wait(State.ACTIVE, NEVER)
        else:
            self.since_ms = at_ms
            self._wait(State.PENDING, at_ms + self.on_delay_ms)

    def _clear(self, at_ms: int, out: list[Transition]) -> None:
        self._emit("entered_band", at_ms, at_ms, out)
        if self.state is State.PENDING:
            self._wait(State.NORMAL, NEVER)
            self._forget()
        else:
            self._wait(State.RETURNING, at_ms + self.off_delay_ms)

    def _fire(self, deadline_ms: int, out: list[Transition]) -> None:
        if self.state is State.PENDING:
            self._wait(State.ACTIVE, NEVER)
            self._emit("raised", deadline_ms, self.since_ms, out)
        else:
            self._wait(State.NORMAL, NEVER)
            self._emit("returned", deadline_ms, self.changed_ms, out)
            self._forget()

    def _wait(self, state: State, deadline_ms: float) -> None:
        self.state, self.deadline_ms, self.frozen_ms = state, deadline_ms, -1

    def _forget(self) -> None:
        for leaf in self.leaves:
            leaf.involved = leaf.true

    def _freeze(self, at_ms: int) -> None:
        self.left_ms = int(self.deadline_ms) - at_ms
        self.frozen_ms, self.deadline_ms = at_ms, NEVER

    def _thaw_or_freeze(self, at_ms: int) -> None:
        if self.state not in (State.PENDING, State.RETURNING):
            return
        is_known = self.root.known(at_ms) is not None
        if is_known and self.frozen_ms >= 0:
            self.deadline_ms = max(at_ms, self.frozen_ms) + self.left_ms
            self.frozen_ms = -1
        elif not is_known and self.frozen_ms < 0:
            self._freeze(at_ms)

    def _unknown_from(self, until_ms: int) -> int | None:
        """The first instant up to ``until_ms`` from which silence leaves the truth unknown."""
        begins = {begin for leaf in self.leaves for begin in leaf.unknown_from() if begin <= until_ms}
        for silence in sorted(begins):
            if self.root.known(silence) is None:
                return silence
        return None

    def _emit(self, kind: Kind, at_ms: int, since_ms: int, out: list[Transition]) -> None:
        self.mark = max(at_ms * MARKS_PER_MS, self.mark + 1)
        facts: tuple[Fact, ...] = ()
        if kind == "raised":
            facts = tuple(fact for leaf in self.leaves if leaf.true for fact in leaf.facts(at_ms))
        out.append(Transition(kind, self.rule, self.asset, at_ms, since_ms, self.mark, facts))
