"""Files that people upload in the browser: the same engine as the commands, with the same promises.

- `upload_model`: an upload and its states, each of which survives the death of any process.
- `upload_storage`: the file's bytes in a private folder of DATA_DIR, deleted when they are queued.
- `upload_recognition`: what kind of file it is, and which column is what.
- `upload_preview`: the first reservations or events as they would be understood.
- `excel_sample`: a copy of an Excel file's first rows, which pages read faster.
- `receiving`: who may send which file, and what it is.
- `mapping_form`: what a person chose on the page.
- `upload_loading`: into the queue, once, whichever worker dies meanwhile.
- `upload_start`: whether a file can be loaded as it is understood now.
- `upload_rest`: the same for programs.
- `upload_pages`, `part_views`: the pages, and the address that takes a file in parts.
"""
