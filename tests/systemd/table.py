"""What was told on the machine, as tables that one can read."""

COLUMNS = {
    "ear": ("root", "user", "less network lines", "unit"),
    "courier": ("root", "user", "unit"),
}


def table(told):
    """Give the whole of it as Markdown."""
    parts = []
    for side, columns in COLUMNS.items():
        found = {
            one["column"]: {each["probe"]: each for each in one["attempts"]}
            for one in told
            if one["what"] == "probes" and one["side"] == side
        }
        if not set(columns) <= found.keys():
            continue
        parts += ["", f"| the {side} tries | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
        for probe in found["unit"]:
            cells = [_cell(found[column].get(probe), how=column == "unit") for column in columns]
            parts.append(f"| {probe} | {' | '.join(cells)} |")
    parts.append("")
    parts += [f"{one['what']}: {_facts(one)}" for one in told if one["what"] != "probes"]
    return "\n".join(parts)


def _cell(attempt, *, how):
    if attempt is None:
        return "not tried"
    if not attempt["refused"]:
        return "done"
    return f"**refused** ({attempt['how']})" if how else "refused"


def _facts(one):
    return ", ".join(f"{key} {value}" for key, value in one.items() if key not in {"what", "journal"})
