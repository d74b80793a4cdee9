"""CloudWatch metric math, the part that alarms and dashboards of web applications use.

Arithmetic and comparisons over series and numbers, and FILL, IF, SUM, AVG, MIN, MAX, ABS, CEIL, FLOOR.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any, Union

Point = tuple[int, float]
Value = Union[float, dict[int, float], list[Any]]

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: lambda a, b: float(a > b),
    ast.GtE: lambda a, b: float(a >= b),
    ast.Lt: lambda a, b: float(a < b),
    ast.LtE: lambda a, b: float(a <= b),
    ast.Eq: lambda a, b: float(a == b),
    ast.NotEq: lambda a, b: float(a != b),
}
_EACH = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
_OVER: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


def evaluate(expressions: dict[str, str], series: dict[str, list[Point]]) -> dict[str, list[Point]]:
    """The series, and one more for each expression. ValueError names what is not understood."""
    known: dict[str, Value] = {name: dict(points) for name, points in series.items()}
    instants = sorted({instant for points in series.values() for instant, _ in points})
    left = dict(expressions)
    while left:
        ready = [n for n, text in left.items() if not (_names(text) & set(left)) - {n}]
        if not ready:
            raise ValueError(f"metric math: {', '.join(left)} need one another")
        for name in ready:
            value: Any = _Evaluation(known, instants).of(ast.parse(left.pop(name), mode="eval").body)
            known[name] = value if isinstance(value, dict) else {i: float(value) for i in instants}
    return {name: sorted(points.items()) for name, points in known.items() if isinstance(points, dict)}


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}


class _Evaluation:
    def __init__(self, known: dict[str, Value], instants: list[int]):
        self._known = known
        self._instants = instants

    def of(self, node: ast.AST) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return float(node.value)
        if isinstance(node, ast.Name):
            if node.id not in self._known:
                raise ValueError(f"metric math: {node.id} is no metric of this query")
            return self._known[node.id]
        if isinstance(node, ast.BinOp):
            return self._combine(_OPERATORS[type(node.op)], self.of(node.left), self.of(node.right))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._combine(_OPERATORS[type(node.ops[0])], self.of(node.left), self.of(node.comparators[0]))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self._combine(operator.mul, -1.0, self.of(node.operand))
        if isinstance(node, ast.List):
            return [self.of(element) for element in node.elts]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node.func.id.upper(), [self.of(argument) for argument in node.args])
        raise ValueError(f"metric math: {ast.unparse(node)!r} is not understood here")

    def _combine(self, function: Callable[[float, float], float], left: Value, right: Value) -> Value:
        if not isinstance(left, dict) and not isinstance(right, dict):
            return function(left, right)  # type: ignore[arg-type]
        points: dict[int, float] = {}
        for instant in self._instants:
            a, b = _at(left, instant), _at(right, instant)
            if a is not None and b is not None and not (function is operator.truediv and b == 0):
                points[instant] = function(a, b)
        return points

    def _call(self, name: str, arguments: list[Any]) -> Value:
        if name == "FILL" and len(arguments) == 2:
            points, filler = arguments
            return {i: points[i] if i in points else _at(filler, i) or 0.0 for i in self._instants}
        if name == "IF" and len(arguments) in (2, 3):
            return self._choose(*arguments)
        if name in _EACH and len(arguments) == 1:
            return {i: float(_EACH[name](v)) for i, v in arguments[0].items()}
        if name in _OVER and len(arguments) == 1:
            return self._over(_OVER[name], arguments[0])
        raise ValueError(f"metric math: the function {name} is not known here")

    def _choose(self, condition: Value, then: Value, otherwise: Value | None = None) -> Value:
        points: dict[int, float] = {}
        for instant in self._instants:
            test = _at(condition, instant)
            chosen = None if test is None else _at(then if test else otherwise, instant)
            if chosen is not None:
                points[instant] = chosen
        return points

    def _over(self, function: Callable[[list[float]], float], argument: Any) -> Value:
        """Of a list: one value per instant. Of one series: one value for all of it."""
        if isinstance(argument, dict):
            return function(list(argument.values())) if argument else 0.0
        points: dict[int, float] = {}
        for instant in self._instants:
            values = [v for v in (_at(member, instant) for member in argument) if v is not None]
            if values:
                points[instant] = function(values)
        return points


def _at(value: Any, instant: int) -> float | None:
    return value.get(instant) if isinstance(value, dict) else value
