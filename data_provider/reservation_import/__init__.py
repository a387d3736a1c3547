"""Read the exports of booking systems as reservations.

- `mapping`: which column of a file is what (TOML), and which shipped mapping fits a header.
- `column_guess`: which column is what, guessed by the header's words and the cells.
- `mapping_questions`: a mapping made by asking.
- `table_lines`: the rows of a CSV or Excel file, every physical line counted.
- `cell_values`: dates, amounts and status words in the spellings of several countries.
- `spellings`: which order of dates and which decimal sign a file uses; asked where both fit.
- `reservation_lines`: one row as a part of a reservation.
- `reservation_assembly`: the parts of one reservation put together.
- `line_store`: parts of the same reservation, found wherever they stand in a large file.
- `file_import`: a whole file into the queue.
"""
