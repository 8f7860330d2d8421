"""The files of the checkout, for the tests that read the sources.

What git knows or would add; outside git, what lies there.
"""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_OURS = {"build", ".cache", ".git", ".venv", "node_modules"}


def files() -> list[str]:
    """Paths relative to the root, sorted; files that were deleted but not yet committed are left out."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    if listing.returncode == 0:
        names = listing.stdout.decode().split("\0")
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not NOT_OURS & set(pathlib.PurePosixPath(name).parts)]
    return sorted(name for name in names if name and (ROOT / name).is_file())


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")
