"""CloudWatch: numbers from our own store, alarms whose state follows them, composite alarms."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from moto.cloudwatch import models
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from .. import alarms, metric_math
from ..metric_store import STORE, Dimensions, Point, parse_time
from ._patch import operation, wrap


# Numbers ------------------------------------------------------------------------------------------------------------
@operation(CloudWatchResponse)
def put_metric_data(self: Any) -> ActionResult:
    namespace = self._get_param("Namespace")
    data = list(self._get_param("MetricData", []))
    for entity in self._get_param("EntityMetricData", []):
        data += entity.get("MetricData", [])
    for datum in data:
        where = (namespace, datum["MetricName"], _dimensions(datum), parse_time(datum.get("Timestamp")))
        if datum.get("StatisticValues"):
            STORE.put_statistics(*where, datum["StatisticValues"], datum.get("Unit"))
        else:
            values = datum.get("Values") or [datum["Value"]]
            STORE.put(*where, values, datum.get("Counts"), datum.get("Unit"))
    return EmptyResult()


@operation(CloudWatchResponse)
def get_metric_statistics(self: Any) -> ActionResult:
    namespace, name = self._get_param("Namespace"), self._get_param("MetricName")
    dimensions = _dimensions({"Dimensions": self._get_param("Dimensions", [])})
    start, end = parse_time(self._get_param("StartTime")), parse_time(self._get_param("EndTime"))
    extended = self._get_param("ExtendedStatistics", [])
    samples = STORE.samples(namespace, name, dimensions, start, end, int(self._get_param("Period")))
    points = []
    for instant, sample in sorted(samples.items()):
        point: dict[str, Any] = {"Timestamp": _time(instant), "Unit": STORE.unit(namespace, name, dimensions)}
        point |= {statistic: sample.statistic(statistic) for statistic in self._get_param("Statistics", [])}
        if extended:
            point["ExtendedStatistics"] = {statistic: sample.statistic(statistic) for statistic in extended}
        points.append(point)
    return ActionResult({"Label": name, "Datapoints": points})


@operation(CloudWatchResponse)
def get_metric_data(self: Any) -> ActionResult:
    start, end = parse_time(self._get_param("StartTime")), parse_time(self._get_param("EndTime"))
    queries = self._get_param("MetricDataQueries", [])
    series = evaluate(queries, start, end)
    newest_first = self._get_param("ScanBy", "TimestampDescending") != "TimestampAscending"
    results = []
    for query in queries:
        if query.get("ReturnData") is False:
            continue
        points = sorted(series[query["Id"]], reverse=newest_first)
        metric = (query.get("MetricStat") or {}).get("Metric") or {}
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or metric.get("MetricName") or query["Id"],
                "Timestamps": [_time(instant) for instant, _ in points],
                "Values": [value for _, value in points],
                "StatusCode": "Complete",
            }
        )
    return ActionResult({"MetricDataResults": results, "Messages": []})


def evaluate(queries: list[dict[str, Any]], start: float, end: float) -> dict[str, list[Point]]:
    """Metrics first, then the expressions over them in the order in which they need one another."""
    series: dict[str, list[Point]] = {}
    for query in queries:
        if stat := query.get("MetricStat"):
            metric = stat["Metric"]
            series[query["Id"]] = STORE.query(
                metric["Namespace"],
                metric["MetricName"],
                _dimensions(metric),
                start,
                end,
                int(stat["Period"]),
                stat["Stat"],
            )
    return metric_math.evaluate({q["Id"]: q["Expression"] for q in queries if q.get("Expression")}, series)


@operation(CloudWatchResponse)
def list_metrics(self: Any) -> ActionResult:
    namespace, name = self._get_param("Namespace"), self._get_param("MetricName")
    wanted = {(d["Name"], d.get("Value")) for d in self._get_param("Dimensions", [])}
    found = [
        {
            "Namespace": n,
            "MetricName": m,
            "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
        }
        for n, m, dimensions in STORE.keys()
        if namespace in (None, n)
        and name in (None, m)
        and all(k in dimensions and v in (None, dimensions[k]) for k, v in wanted)
    ]
    return ActionResult({"Metrics": found})


def _dimensions(holder: dict[str, Any]) -> Dimensions:
    return {d["Name"]: d["Value"] for d in holder.get("Dimensions") or []}


def _time(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, tz=timezone.utc)


# Alarms -------------------------------------------------------------------------------------------------------------
@wrap(models.Alarm, "__init__")
def _alarm_init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.state_value = "INSUFFICIENT_DATA"
    self.set_until = 0.0


@wrap(CloudWatchResponse, "describe_alarms")
def _describe_alarms(original: Any, self: Any) -> Any:
    """moto looks at one of the request's conditions alone."""
    alarms.refresh(self.cloudwatch_backend)
    answer = original(self)
    state = self._get_param("StateValue")
    for kind, found in answer.result.items():
        answer.result[kind] = [alarm for alarm in found if state in (None, "", alarm.state_value)]
    return answer


@wrap(CloudWatchResponse, "describe_alarms_for_metric")
def _describe_alarms_for_metric(original: Any, self: Any) -> Any:
    alarms.refresh(self.cloudwatch_backend)
    return original(self)


@wrap(models.CloudWatchBackend, "set_alarm_state")
def _set_alarm_state(original: Any, self: Any, alarm_name: str, *args: Any) -> None:
    original(self, alarm_name, *args)
    alarms.hold(self.alarms[alarm_name])


@operation(CloudWatchResponse)
def put_composite_alarm(self: Any) -> Any:
    return self.put_metric_alarm()
