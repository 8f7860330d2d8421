#!/usr/bin/env python3
"""Unpacks Arrow's and Parquet's headers and libraries from a pyarrow wheel, after checking the wheel's hash.

unpack_arrow.py WHEELS VERSION SHA256 TARGET makes TARGET/include and TARGET/lib; the libraries get their
unversioned names as links, so that -larrow and -lparquet find them. TARGET appears whole or not at all; TARGET/ok
marks that it is whole.
"""

import hashlib
import pathlib
import re
import shutil
import sys
import zipfile

LIBRARY = re.compile(r"pyarrow/(lib(?:arrow|arrow_s3|parquet)\.so)\.(\d+)$")


def fail(text: str) -> None:
    sys.exit(f"unpack_arrow: {text}")


def unpack(wheel: pathlib.Path, target: pathlib.Path) -> None:
    (target / "lib").mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            library = LIBRARY.match(name)
            if library:
                versioned = target / "lib" / pathlib.PurePosixPath(name).name
                versioned.write_bytes(archive.read(name))
                versioned.chmod(0o755)
                (target / "lib" / library[1]).symlink_to(versioned.name)
            elif "/licenses/" in name and not name.endswith("/"):
                (target / pathlib.PurePosixPath(name).name).write_bytes(archive.read(name))
            elif name.startswith("pyarrow/include/") and not name.endswith("/"):
                path = target / name.removeprefix("pyarrow/")
                if ".." in path.parts:
                    fail(f"{wheel}: refuses to unpack {name}")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))


def main(wheels: str, version: str, sha256: str, target_name: str) -> None:
    found = sorted(pathlib.Path(wheels).glob(f"pyarrow-{version}-cp311-*.whl"))
    if not found:
        fail(f"no wheel of pyarrow {version} in {wheels}")
    wheel = found[0]
    got = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if got != sha256:
        fail(f"{wheel} has SHA-256 {got}, not {sha256}: delete it and run ./dev setup again")
    target = pathlib.Path(target_name)
    fresh = target.with_name(target.name + ".new")
    for old in (fresh, target):
        shutil.rmtree(old, ignore_errors=True)
    unpack(wheel, fresh)
    for needed in ("lib/libarrow.so", "lib/libparquet.so", "include/arrow/api.h", "include/parquet/api/writer.h"):
        if not (fresh / needed).exists():
            fail(f"{wheel} has no {needed}")
    (fresh / "ok").write_text(f"pyarrow {version} sha256 {sha256}\n")
    fresh.rename(target)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
