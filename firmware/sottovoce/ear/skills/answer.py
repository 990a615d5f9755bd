"""Yes and no, when nothing waits for them: confirm.py takes those that answer a question."""

from sottovoce.vocabulary import Earcon, Intent, Outcome


class Answer:
    """Says that nothing is done."""

    family = "answer"

    def handle(self, intent: Intent) -> Outcome:
        """Leave it at that."""
        if intent.name == "AnswerYes":
            return Outcome(Earcon.UNSURE, "There is nothing that I may do on a spoken yes.")
        return Outcome(Earcon.DONE, "All right, I leave it.")
