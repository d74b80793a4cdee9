"""Parses sources with a tree-sitter grammar: parse.py <grammar> <file>... Says where what cannot be parsed begins."""

import importlib
import sys

from tree_sitter import Language, Node, Parser


def mistakes(node: Node):
    if node.is_error or node.is_missing:
        yield node
        return
    for child in node.children:
        yield from mistakes(child)


grammar, *files = sys.argv[1:]
parser = Parser(Language(importlib.import_module(f"tree_sitter_{grammar}").language()))
found = 0
for file in files:
    with open(file, "rb") as source:
        tree = parser.parse(source.read())
    for node in mistakes(tree.root_node):
        row, column = node.start_point
        what = f"{node.type} is missing" if node.is_missing else "cannot be parsed from here"
        print(f"{file}:{row + 1}:{column + 1}: {what}")
        found += 1
sys.exit(1 if found else 0)
