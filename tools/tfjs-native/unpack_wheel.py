"""Unpacks parts of a wheel: unpack_wheel.py WHEEL FOLDER FROM=TO...

FROM is a file of the wheel, or with a slash at its end all files below a folder; TO is where it goes in FOLDER.
A FROM that names a file and is not in the wheel is an error.
"""

import os
import shutil
import sys
import zipfile


def main(wheel, folder, *parts):
    moves = [part.split("=", 1) for part in parts]
    found = set()
    with zipfile.ZipFile(wheel) as files:
        for name in [name for name in files.namelist() if not name.endswith("/")]:
            for source, target in moves:
                if name != source and not (source.endswith("/") and name.startswith(source)):
                    continue
                found.add(source)
                path = os.path.join(folder, target + name[len(source) :])
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with files.open(name) as packed, open(path, "wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked, 1 << 20)
    missing = [source for source, _ in moves if not source.endswith("/") and source not in found]
    if missing:
        sys.exit(f"{os.path.basename(wheel)} has no {', '.join(missing)}")


main(*sys.argv[1:])
