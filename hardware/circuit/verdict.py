"""Everything that is checked of one circuit."""

from dataclasses import dataclass

from circuit import attack, lines, moving, senses
from circuit.figure import Figure, Spread
from circuit.netlist import Netlist
from circuit.proofs import Proof, prove


@dataclass(frozen=True)
class Verdict:
    """Proofs and figures of one circuit."""

    proofs: list[Proof]
    figures: list[Figure]

    @property
    def holds(self) -> bool:
        """Whether every proof and every bound holds."""
        return all(proof.holds for proof in self.proofs) and all(figure.holds for figure in self.figures)

    @property
    def reasons(self) -> list[str]:
        """What does not hold, in words."""
        broken = [figure for figure in self.figures if not figure.holds]
        told = [f"{f.what}: {f.value:.3g} {f.unit}".rstrip() + f", must be {f.bound}" for f in broken]
        return [proof.against for proof in self.proofs if not proof.holds] + told

    @property
    def keys(self) -> set[str]:
        """The keys of figures that break their bound."""
        return {figure.key for figure in self.figures if not figure.holds}


def judge(netlist: Netlist, spread: Spread) -> Verdict:
    """Prove and simulate."""
    found = [figure for part in (attack, senses, lines, moving) for figure in part.figures(netlist, spread)]
    return Verdict(prove(netlist), found)
