"""The trial's result as a page of text."""

from __future__ import annotations

from server.patrol.trial.run import Outcome

SHOWN = 20


def report(outcome: Outcome) -> str:
    """What was scored, what was missed, and whether that is good enough."""
    attacks = sum(outcome.attacks.values())
    share = 100 * outcome.downgraded / max(1, outcome.honest)
    lines = [
        f"scans       {outcome.scans}, {attacks} of them attacked ({100 * attacks / max(1, outcome.scans):.1f} %)",
        f"attacks     {attacks - len(outcome.unflagged)} of {attacks} flagged",
        *(f"            {count:5} {name}" for name, count in sorted(outcome.attacks.items())),
        f"honest      {outcome.downgraded} of {outcome.honest} downgraded ({share:.2f} %)",
        *(
            f"            {count:5} shown as {name}"
            for name, count in sorted(outcome.honest_excepted.items())
        ),
        "checkpoints " + ", ".join(f"{count} {state}" for state, count in sorted(outcome.legs.items())),
        f"            {len(outcome.wrong_legs)} not as the truth says",
        f"log         {'holds' if outcome.chain_holds else 'BROKEN'}",
    ]
    lines += [f"NOT FLAGGED {text}" for text in outcome.unflagged[:SHOWN]]
    lines += [f"WRONG       {text}" for text in outcome.wrong_legs[:SHOWN]]
    lines.append("passed" if outcome.passed else "FAILED")
    return "\n".join(lines)
