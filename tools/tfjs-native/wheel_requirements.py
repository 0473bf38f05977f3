"""Prints the requirements of a wheel's extra, one per line: wheel_requirements.py WHEEL EXTRA"""

import re
import sys
import zipfile


def main(wheel, extra):
    with zipfile.ZipFile(wheel) as files:
        metadata = next(name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        lines = files.read(metadata).decode().splitlines()
    for line in lines:
        match = re.fullmatch(rf"Requires-Dist: ([^;]+); *extra == [\"']{extra}[\"']", line)
        if match:
            print(match[1].strip())


main(*sys.argv[1:])
