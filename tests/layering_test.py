#!/usr/bin/env python3
"""Holds the floors of the house: a room of src/ includes only itself and what stands below it.

The table is the one of the design, lowest floor first. Each room may also use what stands below what it uses.
Third-party headers stay in .cc files: our headers include the standard library and our own headers. Each check is
tried on bad samples before it is trusted.
"""

import re
import sys

import source_tree

# room: what it may use directly
USES: dict[str, list[str]] = {
    "base": [],
    "event": ["base"],
    "decode": ["event"],
    "command": ["base"],
    "view": ["event", "command"],
    "sigma": ["view"],
    # Importers take CSV and XML apart with the decoders' scanners.
    "intel": ["decode"],
    "vault": ["event"],
    "behaviour": ["view"],
    "triage": ["behaviour", "sigma"],
    "assess": ["view", "triage", "vault"],
    "engine": ["decode", "command", "sigma", "intel", "vault", "behaviour", "triage", "assess"],
    # What an indicator or a rule of YARA says of itself is shown beside its matches.
    "report": ["triage", "assess", "intel"],
    "collect": ["engine"],
    "console": ["collect", "report"],
    # The simulator writes through the writers beside the decoders; only the program stands on it.
    "range": ["decode"],
    "cli": ["console", "range"],
}
# A few structs that cross floors as plain data: (file that includes, what it includes): why.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("src/sigma/loader.cc", "decode/archive_members.h"): "one reader of archives (docs/adr/0013)",
}

# Third-party headers that one file alone includes, because they cost every file that does seconds.
ALONE: dict[str, str] = {"CLI/CLI.hpp": "src/cli/arguments.cc"}

STANDARD = set("""
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem format forward_list
fstream functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map
memory memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator
semaphore set shared_mutex source_location span spanstream sstream stack stacktrace stdexcept stop_token streambuf
string string_view strstream syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map
unordered_set utility valarray variant vector version
""".split())
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def below(room: str) -> set[str]:
    found: set[str] = set()
    waiting = list(USES[room])
    while waiting:
        lower = waiting.pop()
        if lower not in found:
            found.add(lower)
            waiting += USES[lower]
    return found


def problems(name: str, text: str, exists=lambda path: True) -> list[str]:
    """What is wrong with the includes of one file under src/."""
    parts = name.split("/")
    if len(parts) < 3:
        return [f"{name}: stands in no room"]
    room = parts[1]
    if room not in USES:
        return [f"{name}: '{room}' is not a room of the table in tests/layering_test.py"]
    found = []
    for match in INCLUDE.finditer(text):
        ours, theirs = match.groups()
        place = f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        if ours is not None:
            found += [f"{place}: {problem}" for problem in own_include(name, room, ours, exists)]
        elif name.endswith(".h") and theirs not in STANDARD:
            found.append(f"{place}: <{theirs}> in a header: third-party and system headers stay in .cc files")
        elif ALONE.get(theirs, name) != name:
            found.append(f"{place}: <{theirs}> belongs to {ALONE[theirs]} alone")
    return found


def own_include(name: str, room: str, ours: str, exists) -> list[str]:
    other = ours.split("/")[0]
    if other not in USES or "/" not in ours or ".." in ours:
        return [f'"{ours}" is not written from src/ (as "base/result.h")']
    if not exists("src/" + ours):
        return [f'"{ours}" does not exist']
    if other != room and other not in below(room) and (name, ours) not in EXCEPTIONS:
        return [f"{room} stands below or beside {other} and must not include \"{ours}\""]
    return []


BAD = [
    ("src/base/a.h", '#include "event/batch.h"\n', "base stands below or beside event"),
    ("src/event/a_test.cc", '#include "decode/unit.h"\n', "event stands below or beside decode"),
    ("src/decode/evtx/a.cc", '  #  include "sigma/rule.h"\n', "decode stands below or beside sigma"),
    ("src/range/a.cc", '#include "cli/hunt.h"\n', "range stands below or beside cli"),
    ("src/engine/a.cc", '#include "report/summary.h"\n', "engine stands below or beside report"),
    ("src/attic/a.cc", "", "'attic' is not a room"),
    ("src/a.cc", "", "stands in no room"),
    ("src/base/a.h", "#include <fmt/format.h>\n", "third-party"),
    ("src/base/a.h", "#include <sys/mman.h>\n", "third-party"),
    ("src/base/a.cc", '#include "result.h"\n', "not written from src/"),
    ("src/base/a.cc", '#include "../event/batch.h"\n', "not written from src/"),
    ("src/cli/program.cc", "#include <CLI/CLI.hpp>\n", "belongs to src/cli/arguments.cc alone"),
    ("src/base/b.cc", '\n#include "base/absent.h"\n', "b.cc:2: \"base/absent.h\" does not exist"),
]
GOOD = [
    ("src/cli/a.cc", '#include <fmt/format.h>\n#include "range/estate.h"\n#include "base/result.h"\n'),
    ("src/sigma/a.h", '#include <vector>\n\n#include "base/result.h"\n#include "event/batch.h"\n'),
    ("src/base/a.cc", '// #include "event/batch.h" would be wrong\n#include <sys/mman.h>\n'),
]


def self_test() -> list[str]:
    found = []
    for name, text, expected in BAD:
        got = problems(name, text, exists=lambda path: "absent" not in path)
        if len(got) != 1 or expected not in got[0]:
            found.append(f"self-test: {name} with {text!r}: expected one problem with {expected!r}, got {got}")
    for name, text in GOOD:
        got = problems(name, text)
        if got:
            found.append(f"self-test: {name} with {text!r}: expected none, got {got}")
    for room, lower in USES.items():
        found += [f"self-test: {room} uses {other}, which is no room" for other in lower if other not in USES]
        if not found and room in below(room):
            found.append(f"self-test: {room} stands below itself")
    return found


def main() -> int:
    found = self_test()
    if "--self-test" not in sys.argv:
        for name in source_tree.files():
            if name.startswith("src/") and name.endswith((".h", ".cc", ".inc")):
                found += problems(name, source_tree.text_of(name), lambda path: (source_tree.ROOT / path).is_file())
    print("\n".join(found) if found else "layering: nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
