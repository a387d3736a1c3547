"""Uploaded files are in UPLOADS_DIR, which several hosts may share, or else in DATA_DIR."""

from pathlib import Path

from django.test import override_settings

from data_provider.file_upload.upload_model import FileUpload
from data_provider.file_upload.upload_storage import content_path


def test_files_are_in_the_folder_that_hosts_share() -> None:
    upload = FileUpload()
    with override_settings(DATA_DIR=Path("/data"), UPLOADS_DIR="/uploads"):
        assert content_path(upload) == Path(f"/uploads/{upload.id}/content")


def test_without_one_they_are_in_the_data_folder() -> None:
    upload = FileUpload()
    with override_settings(DATA_DIR=Path("/data"), UPLOADS_DIR=""):
        assert content_path(upload) == Path(f"/data/uploads/{upload.id}/content")
