"""The leaves of one rule on one asset, asked so that one which cannot judge stops nobody else."""

from __future__ import annotations

from server.errors import Label
from server.rules.compiled import NEVER, Leaf, Node, Signal
from server.rules.problems import at, short, why


class Guarded:
    """A condition with what is wrong with it on this asset."""

    __slots__ = ("asset", "faults", "faults_ms", "leaves", "root", "rule", "timed")

    def __init__(self, key: tuple[int, int], condition: tuple[Node, list[Leaf]]) -> None:
        self.rule, self.asset = key
        self.root, self.leaves = condition
        self.timed = [leaf for leaf in self.leaves if leaf.is_timed]
        self.faults: dict[int, Label] = {}
        """What cannot be judged on this asset, by rule; shared by all rules of the asset."""
        self.faults_ms = -1
        """When that changed, and the engine has not taken notice yet; -1: it has."""

    def ask(self, leaf: Leaf, at_ms: int) -> None:
        """Let a leaf judge. One that cannot keeps its truth and counts as unknown; the others go on."""
        try:
            truth = leaf.judge(at_ms)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one rule must not stop the others
            self._fail(leaf, error, at_ms)
            return
        if leaf.problem is not None:
            leaf.problem = None
            self.note_faults(at_ms)
        if truth != leaf.true:
            leaf.true = truth
            leaf.involved = leaf.involved or truth

    def see(self, leaf: Leaf, signal: Signal, at_ms: int) -> bool:
        """Show a reading to a leaf that sees all of them; whether it must judge."""
        try:
            return leaf.observe(signal, at_ms)
        except Exception as error:  # noqa: BLE001 - as in ``ask``
            self._fail(leaf, error, at_ms)
            return False

    def note_faults(self, at_ms: int) -> None:
        """Say in ``faults`` how this rule is."""
        problem = next((leaf.problem for leaf in self.leaves if leaf.problem is not None), None)
        if problem == self.faults.get(self.rule):
            return
        if problem is None:
            self.faults.pop(self.rule, None)
        else:
            self.faults[self.rule] = problem
        self.faults_ms = at_ms

    def wake(self, leaf: Leaf, at_ms: int) -> None:
        """Let a leaf go on whose time has come, and judge."""
        try:
            leaf.wake(at_ms)
        except Exception as error:  # noqa: BLE001 - as in ``ask``
            self._fail(leaf, error, at_ms)
        self.ask(leaf, at_ms)
        if leaf.next_ms <= at_ms:
            leaf.next_ms = NEVER  # one that cannot name a later time is not woken for ever

    def _fail(self, leaf: Leaf, error: Exception, at_ms: int) -> None:
        reason = short(why(error))
        problem = reason if leaf.signal is None else at(leaf.signal.key, reason)
        if leaf.problem != problem:
            leaf.problem = problem
            self.note_faults(at_ms)
