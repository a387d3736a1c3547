"""Plain-text tables for a terminal, columns separated by ` | `."""

from collections.abc import Sequence


def text_table(lines: Sequence[Sequence[str]], *, left_columns: int = 0) -> str:
    """Format lines of equally many cells; the first left_columns are aligned left, others right."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        " | ".join(
            cell.ljust(width) if place < left_columns else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
