"""One rule on one asset: normal -> pending -> active -> returning -> normal, in event time.

Pending waits for the on-delay, returning for the off-delay. Both deadlines are instants of event
time, and what happens at a deadline carries that instant, however late it is found out. A delay
counts only while the truth is known (see ``compiled``): silence stops it, the next reading of the
silent point lets it go on for what was left.

While it is raised, its severity is the highest of its own and of the steps that are reached: a step of
a level has a condition of its own (``Step``), a step of time is reached a while after it was raised.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum

from server.rules.compiled import NEVER, Fact, Leaf, Node
from server.rules.course import Course
from server.rules.guarded import Guarded
from server.rules.transition import MARKS_PER_MS, Kind, Transition


class State(IntEnum):
    NORMAL = 0
    PENDING = 1
    ACTIVE = 2
    RETURNING = 3


class Instance(Guarded):
    """The state machine. ``catch_up`` before a reading changes anything, ``move`` after."""

    __slots__ = (
        "changed_ms",
        "course",
        "deadline_ms",
        "frozen_ms",
        "left_ms",
        "mark",
        "off_delay_ms",
        "on_delay_ms",
        "raised_ms",
        "scheduled_ms",
        "severity",
        "signature",
        "since_ms",
        "state",
        "steps",
        "told_ms",
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
        course: Course = Course(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(key, condition)
        self.signature = signature
        self.steps: list[Step] = []
        self.course = course
        self.on_delay_ms = on_delay_ms
        self.off_delay_ms = off_delay_ms
        self.state = State.NORMAL
        self.truth = False
        self.since_ms = -1
        self.changed_ms = -1
        self.raised_ms = -1
        self.told_ms = -1
        """When it was raised or asked to be seen again last."""
        self.severity = ""
        """As told last; empty: not told since it was raised."""
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
        if self.raised_ms < 0 and not self.timed:
            return self.deadline_ms
        return min(self.deadline_ms, self._timer_ms())

    @property
    def is_raised(self) -> bool:
        return self.state in (State.ACTIVE, State.RETURNING)

    def catch_up(self, until_ms: int, out: list[Transition]) -> None:
        """Let happen what is due up to and including ``until_ms``, from what was known so far."""
        while self.due_ms <= until_ms or self.deadline_ms != NEVER:
            timer_ms = self._timer_ms()
            if self._end_delay(until_ms, timer_ms, out):
                continue
            if timer_ms > until_ms:
                return
            at_ms = int(timer_ms)
            for leaf in self.timed:
                if leaf.next_ms == timer_ms:
                    self.wake(leaf, at_ms)
            self._note(at_ms, out)
            self._go_on(at_ms, out)

    def move(self, at_ms: int, out: list[Transition]) -> None:
        """Take note at ``at_ms`` that leaves may have changed, or a silent point spoke."""
        self._note(at_ms, out)
        self.catch_up(at_ms, out)

    def withdraw(self, at_ms: int, out: list[Transition]) -> None:
        """The rule does not look at this asset any more."""
        if self.is_raised:
            self._emit("withdrawn", at_ms, at_ms, out)

    def adopt(self, *, since_ms: int, mark: int) -> None:
        """Take over an alarm that is known to be raised; the leaves are judged by the readings to come."""
        self.state, self.truth = State.ACTIVE, True
        self.since_ms = self.changed_ms = self.raised_ms = self.told_ms = since_ms
        self.mark = max(self.mark, mark)

    def tell_severity(self, at_ms: int, out: list[Transition]) -> None:
        """Say how severe it is, where that was not said yet."""
        if self.is_raised and self._severity(at_ms) != self.severity:
            self._emit("severity", at_ms, self.since_ms, out)

    # -- time --

    def _timer_ms(self) -> float:
        next_ms = min((leaf.next_ms for leaf in self.timed), default=NEVER)
        if self.raised_ms < 0:
            return next_ms
        course = self.course.next_ms(raised_ms=self.raised_ms, told_ms=self.told_ms, severity=self.severity)
        return min(next_ms, course)

    def _go_on(self, at_ms: int, out: list[Transition]) -> None:
        """While it is raised: become more severe, ask to be seen again."""
        if not self.is_raised:
            return
        self.tell_severity(at_ms, out)
        if self.course.remind_ms and at_ms >= self.told_ms + self.course.remind_ms:
            self.told_ms = at_ms
            self._emit("reminded", at_ms, self.since_ms, out)

    def _severity(self, at_ms: int) -> str:
        reached = [step.severity_of for step in self.steps if step.is_raised]
        return self.course.severity_at(at_ms, raised_ms=self.raised_ms, reached=reached)

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
            for step in self.steps:
                step.catch_up(deadline - 1, out)
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
            self.raised_ms = self.told_ms = deadline_ms
            self._emit("raised", deadline_ms, self.since_ms, out)
        else:
            self._wait(State.NORMAL, NEVER)
            self.raised_ms, self.severity = -1, ""
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
        severity = ""
        if kind in ("raised", "severity"):
            facts = tuple(_facts(self.leaves, at_ms))
            severity = self.severity = self._severity(at_ms)
        out.append(Transition(kind, self.rule, self.asset, at_ms, since_ms, self.mark, facts, severity))


class Step(Instance):
    """A level above: it has the delays and the silence of a rule, and tells its owner instead of the world."""

    __slots__ = ("owner", "severity_of")

    def __init__(
        self,
        owner: Instance,
        *,
        severity: str,
        condition: tuple[Node, list[Leaf]],
        on_delay_ms: int,
    ) -> None:
        super().__init__(
            (owner.rule, owner.asset),
            signature=owner.signature,
            condition=condition,
            on_delay_ms=on_delay_ms,
            off_delay_ms=owner.off_delay_ms,
        )
        self.owner = owner
        self.severity_of = severity

    def note_faults(self, at_ms: int) -> None:
        """The owner's leaves and its steps' are one rule to people."""
        problem = next((leaf.problem for leaf in self.leaves if leaf.problem is not None), None)
        if problem is not None and self.rule not in self.faults:
            self.faults[self.rule] = problem
            self.faults_ms = at_ms
        elif problem is None:
            self.owner.note_faults(at_ms)

    def _fire(self, deadline_ms: int, out: list[Transition]) -> None:
        # what the owner did before this instant was done at the severity of before
        self.owner.catch_up(deadline_ms, out)
        super()._fire(deadline_ms, out)
        self.owner.tell_severity(deadline_ms, out)

    def _emit(self, kind: Kind, at_ms: int, since_ms: int, out: list[Transition]) -> None:
        """Nobody is told."""


def _facts(leaves: Sequence[Leaf], at_ms: int) -> list[Fact]:
    return [fact for leaf in leaves if leaf.true for fact in leaf.facts(at_ms)]
