/** Saved searches and one dashboard, as OpenSearch Dashboards imports them. */

interface SavedObject {
  readonly type: "index-pattern" | "search" | "visualization" | "dashboard";
  readonly id: string;
  readonly attributes: Record<string, unknown>;
  readonly references: readonly { readonly name: string; readonly type: string; readonly id: string }[];
}

const INDEX = {
  name: "kibanaSavedObjectMeta.searchSourceJSON.index",
  type: "index-pattern",
  id: "retrofit-logs",
};

const source = (query: string) => ({
  searchSourceJSON: JSON.stringify({
    query: { language: "kuery", query },
    filter: [],
    indexRefName: INDEX.name,
  }),
});

const SEARCHES: Readonly<
  Record<string, { readonly title: string; readonly query: string; readonly columns: readonly string[] }>
> = {
  errors: {
    title: "Errors by version and fleet",
    query: "log.level : (error or fatal)",
    columns: ["service.name", "service.version", "retrofit.fleet", "host.id", "message"],
  },
  "sign-ins": {
    title: "Sign-ins",
    query: "event.dataset : auth",
    columns: ["host.id", "process.name", "message"],
  },
  forwarders: {
    title: "Forwarders: what waits and what was left out",
    query: "event.dataset : forwarder",
    columns: ["host.id", "forwarder.queued", "forwarder.dropped", "forwarder.limited", "message"],
  },
};

interface Chart {
  readonly title: string;
  readonly query: string;
  /** One line or bar for each value of it. */
  readonly by: string;
}

const CHARTS: Readonly<Record<string, Chart>> = {
  "errors-by-version": {
    title: "Errors by version",
    query: "log.level : (error or fatal)",
    by: "service.version",
  },
  "errors-by-fleet": {
    title: "Errors by fleet",
    query: "log.level : (error or fatal)",
    by: "retrofit.fleet",
  },
  "lines-by-version": { title: "Lines by version", query: "", by: "service.version" },
  "lines-by-host": { title: "Lines by machine", query: "", by: "host.id" },
};

/** Id of the one dashboard. */
export const DASHBOARD = "retrofit-logs";

/** `stamp`: what the dashboard's description is to end with. */
export function savedObjects(stamp = ""): SavedObject[] {
  return [
    {
      type: "index-pattern",
      id: "retrofit-logs",
      attributes: { title: "logs-*", timeFieldName: "@timestamp" },
      references: [],
    },
    ...Object.entries(SEARCHES).map(
      ([id, { title, query, columns }]): SavedObject => ({
        type: "search",
        id: `retrofit-${id}`,
        attributes: {
          title,
          columns: [...columns],
          sort: [["@timestamp", "desc"]],
          kibanaSavedObjectMeta: source(query),
        },
        references: [INDEX],
      }),
    ),
    ...Object.entries(CHARTS).map(
      ([id, chart]): SavedObject => ({
        type: "visualization",
        id: `retrofit-${id}`,
        attributes: {
          title: chart.title,
          visState: visState(chart),
          uiStateJSON: "{}",
          kibanaSavedObjectMeta: source(chart.query),
        },
        references: [INDEX],
      }),
    ),
    dashboard(stamp),
  ];
}

/** One object on each line, as the import wants it. */
export const savedObjectsFile = (stamp?: string): string =>
  savedObjects(stamp)
    .map((object) => `${JSON.stringify(object)}\n`)
    .join("");

function visState({ title, by }: Chart): string {
  return JSON.stringify({
    title,
    type: "histogram",
    params: {
      type: "histogram",
      addLegend: true,
      addTooltip: true,
      legendPosition: "right",
      mode: "stacked",
    },
    aggs: [
      { id: "1", enabled: true, type: "count", schema: "metric", params: {} },
      {
        id: "2",
        enabled: true,
        type: "date_histogram",
        schema: "segment",
        params: { field: "@timestamp", interval: "auto" },
      },
      {
        id: "3",
        enabled: true,
        type: "terms",
        schema: "group",
        params: { field: by, size: 10, order: "desc", orderBy: "1" },
      },
    ],
  });
}

function dashboard(stamp: string): SavedObject {
  const ids = Object.keys(CHARTS);
  return {
    type: "dashboard",
    id: DASHBOARD,
    attributes: {
      title: "Logs of an environment, by version and fleet",
      description: `Made by Retrofit, which makes it anew when it has changed. ${stamp}`.trim(),
      panelsJSON: JSON.stringify(
        ids.map((_, index) => ({
          panelIndex: String(index),
          panelRefName: `panel_${index}`,
          gridData: { x: (index % 2) * 24, y: Math.floor(index / 2) * 15, w: 24, h: 15, i: String(index) },
          embeddableConfig: {},
        })),
      ),
      optionsJSON: JSON.stringify({ useMargins: true }),
      timeRestore: true,
      timeFrom: "now-1h",
      timeTo: "now",
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { language: "kuery", query: "" }, filter: [] }),
      },
    },
    references: ids.map((id, index) => ({
      name: `panel_${index}`,
      type: "visualization",
      id: `retrofit-${id}`,
    })),
  };
}
