"""Unpacks the C++ half of a pyarrow wheel: unpack_arrow.py WHEEL FOLDER -> FOLDER/include, lib.

FOLDER appears whole or not at all, so an interrupted run leaves nothing that looks finished.
"""
import pathlib
import re
import shutil
import sys
import tempfile
import zipfile

LIBRARIES = re.compile(r"pyarrow/(lib(?:arrow|arrow_compute|parquet)\.so)(\.\d+)")
HEADERS = re.compile(r"pyarrow/(include/(?:arrow|parquet)/.+)")
LICENSES = re.compile(r"pyarrow-[^/]+\.dist-info/(licenses/.+)")


def unpack(wheel, folder):
    """Copies headers, libraries (with their .so links) and licences of `wheel` to `folder`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = pathlib.Path(tempfile.mkdtemp(prefix=".arrow-", dir=folder.parent))
    part.chmod(0o755)
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            library = LIBRARIES.fullmatch(name)
            other = HEADERS.fullmatch(name) or LICENSES.fullmatch(name)
            if name.endswith("/") or not (library or other):
                continue
            target = part / ("lib/" + library[1] + library[2] if library else other[1])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
            if library:
                (target.parent / library[1]).symlink_to(target.name)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


if __name__ == "__main__":
    unpack(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
