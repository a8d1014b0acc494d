"""Finds the functions of C++ text from its braces, with their length, parameters and nesting.

It reads text whose comments and literals are blanked (repository.code_only). It is no parser: it
tells a function from other blocks by what stands before the opening brace.
"""
import dataclasses
import re

_CONTROL = re.compile(r"^(?:\}?\s*else\b|if\b|for\b|while\b|switch\b|do\b|try\b|catch\b)")
_SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b[^()=]*$")
_SIGNATURE_END = re.compile(
    r"\)\s*(?:const|noexcept|override|final|mutable|&&?|->\s*[\w:<>,&*\s]+|\s)*$")
_CASE = re.compile(r"^\s*(?:case\b.*:|default:)")


@dataclasses.dataclass
class Function:
    """One function definition. `lines` leaves out the lines of a switch that are one case each."""
    name: str
    line: int
    lines: int
    parameters: int
    nesting: int


@dataclasses.dataclass
class _Block:
    kind: str  # scope, function, control or other
    head: str
    head_start: int
    start: int


def _parameters(head):
    """Returns (name, number of parameters) of a signature, or None if it has no parentheses."""
    opening = head.find("(")
    if opening < 0:
        return None
    name = re.search(r"([\w~:]+|operator\s*\S+)\s*$", head[:opening])
    depth, count, content, angle = 0, 1, "", 0
    for char in head[opening:]:
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0:
                break
        elif char == "<":
            angle += 1
        elif char == ">":
            angle = max(0, angle - 1)
        elif char == "," and depth == 1 and angle == 0:
            count += 1
        if depth >= 1:
            content += char
    is_empty = content.strip("( \n") in ("", "void")
    return (name[1].split("::")[-1] if name else "?"), (0 if is_empty else count)


def _without_initializers(head):
    """Cuts the member initialisers of a constructor off its signature."""
    depth = 0
    for position, char in enumerate(head):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == ":" and depth == 0 and head[:position].rstrip().endswith(")"):
            if head[position - 1 : position + 2].count(":") == 1:
                return head[:position]
    return head


def _classify(head, enclosing):
    """Says what kind of block the text before a brace opens."""
    text = " ".join(head.split())
    text = re.sub(r"^(?:template\s*<.*?>\s*)+(?=\S)", "", text)
    if _CONTROL.match(text):
        return "control"
    if enclosing == "scope":
        if _SCOPE.search(text) and "(" not in text:
            return "scope"
        signature = _without_initializers(text)
        if signature != text and text[-1] not in ")}":
            return "other"  # The braces of one member's initialiser.
        if "(" in text and _SIGNATURE_END.search(signature):
            return "function"
        if "extern" in text:
            return "scope"
    return "other"


def find(code):
    """Yields the functions of one file in the order in which they end."""
    blocks = [_Block("scope", "", 0, 1)]
    nesting_max = 0
    head_start, line, parentheses = 0, 1, 0
    lines = code.split("\n")
    for position, char in enumerate(code):
        if char == "\n":
            line += 1
            if code[head_start:position].lstrip().startswith("#") and lines[line - 2][-1:] != "\\":
                head_start = position + 1  # A preprocessor line belongs to nothing.
        elif char == "(":
            parentheses += 1
        elif char == ")":
            parentheses -= 1
        elif char == ";" and parentheses <= 0:
            head_start, parentheses = position + 1, 0
        elif char == ":" and re.search(r"\b(?:public|private|protected)\s*$",
                                       code[head_start:position]):
            head_start = position + 1
        elif char == "{":
            head = code[head_start:position]
            first = line - head.lstrip().count("\n")
            kind = _classify(head, blocks[-1].kind)
            blocks.append(_Block(kind, head, head_start, first))
            inside = [block.kind for block in blocks]
            if blocks[-1].kind == "function":
                nesting_max = 0
            elif blocks[-1].kind == "control" and "function" in inside:
                nesting_max = max(nesting_max, inside.count("control"))
            if blocks[-1].kind != "other" or parentheses == 0:
                head_start = position + 1
        elif char == "}" and len(blocks) > 1:
            block = blocks.pop()
            if block.kind == "other" and code[position + 1 :].lstrip()[:1] in (",", "{"):
                head_start = block.head_start  # A member's initialiser: the signature goes on.
            elif block.kind != "other" or parentheses == 0:
                head_start = position + 1
            if block.kind == "function":
                name, parameters = _parameters(block.head) or ("?", 0)
                body = lines[block.start - 1 : line]
                cases = sum(1 for text in body if _CASE.match(text))
                yield Function(name, block.start, len(body) - cases, parameters, nesting_max)
