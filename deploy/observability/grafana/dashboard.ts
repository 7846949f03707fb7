/** Owns how a dashboard is written here, as rows of panels with their questions, and what Grafana reads of it. */

/** Units as Grafana names them. */
export type Unit = "short" | "s" | "percentunit" | "reqps" | "ops" | "bytes" | "none" | "currencyKRW" | "cpm";

export interface Query {
  /** PromQL; `$__rate_interval` is long enough for a rate at every zoom. */
  readonly expr: string;
  /** What a line is called, with `{{label}}` in it. */
  readonly legend: string;
}

export interface Panel {
  /** `lines` over the time, `stack` of lines that add up, `number` of now, `state` of now: 1 is well, 0 is not, `flag` of now: 1 is worth a look. */
  readonly kind: "lines" | "stack" | "number" | "state" | "flag";
  readonly title: string;
  /** What it tells, and what to make of it. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** The end of the scale, where there is one. */
  readonly max?: number;
}

export interface Row {
  readonly title: string;
  /** Share the row's width evenly. */
  readonly panels: readonly Panel[];
}

/** Something that the reader chooses, of a label's values. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly values: string;
}

export interface Dashboard {
  /** Its name in addresses. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly choices?: readonly Choice[];
  readonly rows: readonly Row[];
}

const WIDTH = 24;
const HEIGHTS = { lines: 8, stack: 8, number: 4, state: 4, flag: 4 } as const;

const PROMETHEUS = { type: "prometheus", uid: "$datasource" };

/** Grafana's JSON of a dashboard (schema 38, Grafana 10). */
export function grafanaJson({ uid, title, description, choices = [], rows }: Dashboard): string {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: WIDTH, h: 1 },
      panels: [],
    });
    y += 1;
    const w = Math.floor(WIDTH / row.panels.length);
    for (const [at, panel] of row.panels.entries()) {
      panels.push({ id: panels.length + 1, ...panelJson(panel), gridPos: { x: at * w, y, w, h: HEIGHTS[panel.kind] } });
    }
    y += Math.max(...row.panels.map(({ kind }) => HEIGHTS[kind]));
  }
  const dashboard = {
    uid,
    title,
    description,
    tags: ["pigonair"],
    schemaVersion: 38,
    version: 1,
    editable: false,
    refresh: "5s",
    time: { from: "now-15m", to: "now" },
    timezone: "browser",
    graphTooltip: 1,
    links: [{ type: "dashboards", title: "PigonAir", tags: ["pigonair"], asDropdown: false, keepTime: true }],
    templating: { list: [DATASOURCE, ...choices.map(choiceJson)] },
    annotations: { list: [ALARMS] },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

const DATASOURCE = { type: "datasource", name: "datasource", label: "Prometheus", query: "prometheus", hide: 0 };

/** Alarms that are on, as marks on every panel. */
const ALARMS = {
  name: "Alarms",
  enable: true,
  iconColor: "red",
  datasource: PROMETHEUS,
  expr: 'ALERTS{alertstate="firing"}',
  titleFormat: "{{alertname}}",
  textFormat: "{{part}} {{instance}}",
  step: "5s",
};

function choiceJson({ name, label, values }: Choice): object {
  return { type: "query", name, label, datasource: PROMETHEUS, query: values, refresh: 2, sort: 1, includeAll: false };
}

function panelJson({ kind, title, description, unit, queries, max }: Panel): object {
  const targets = queries.map(({ expr, legend }, at) => ({
    refId: String.fromCharCode("A".charCodeAt(0) + at),
    datasource: PROMETHEUS,
    expr,
    legendFormat: legend,
    ...(isLines(kind) ? {} : { instant: true }),
  }));
  const custom = isLines(kind)
    ? { fillOpacity: kind === "stack" ? 40 : 8, stacking: { mode: kind === "stack" ? "normal" : "none" } }
    : {};
  return {
    type: isLines(kind) ? "timeseries" : "stat",
    title,
    description,
    datasource: PROMETHEUS,
    targets,
    fieldConfig: {
      defaults: { unit, min: 0, ...(max === undefined ? {} : { max }), custom, ...looksOf(kind) },
      overrides: [],
    },
    options: isLines(kind)
      ? { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } }
      : { reduceOptions: { calcs: ["lastNotNull"] }, colorMode: kind === "number" ? "value" : "background" },
  };
}

function isLines(kind: Panel["kind"]): boolean {
  return kind === "lines" || kind === "stack";
}

/** How a state looks: a word and a colour for 0 and for 1. */
function looksOf(kind: Panel["kind"]): object {
  const words = {
    state: [
      { text: "gone", color: "red" },
      { text: "up", color: "green" },
    ],
    flag: [
      { text: "no", color: "green" },
      { text: "limits", color: "orange" },
    ],
  };
  if (kind !== "state" && kind !== "flag") return {};
  const [zero, one] = words[kind];
  return { mappings: [{ type: "value", options: { "0": zero, "1": one } }] };
}
