"""Lists the repository's files and blanks comments and literals in C++ text, for the lints."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
CPP_SUFFIXES = {".h", ".cc"}

# One comment or literal. Digit separators (1'000) are kept from looking like character literals.
_CPP_TOKEN = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | R"(?P<raw>[^\s()\\]{0,16})\(.*?\)(?P=raw)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'
    """,
    re.DOTALL | re.VERBOSE,
)


def files():
    """Returns every file that is committed or could be, as paths relative to ROOT, sorted."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:  # An archive without its history.
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
    skipped = ("build/", ".quickstart/")
    return sorted(pathlib.Path(name) for name in set(names)
                  if not name.startswith(skipped) and (ROOT / name).is_file())


def read(path):
    """Returns the text of a file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def code_only(text):
    """Returns C++ text with comments and literals blanked, with every line still in its place."""

    def blank(match):
        token = match.group(0)
        kept = '""' if token[0] in "R\"'" else " "
        return kept + "\n" * token.count("\n")

    return _CPP_TOKEN.sub(blank, text)
