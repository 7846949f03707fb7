/** Owns the shapes of questions that dashboards ask again and again. */

/** Over how long a rate is taken: Grafana puts in what suits the zoom. */
const WINDOW = "$__rate_interval";

function labelled(name: string, labels: string): string {
  return labels === "" ? name : `${name}{${labels}}`;
}

/** How often a second. @param by labels that stay, with commas between */
export function perSecond(counter: string, by = "", labels = ""): string {
  return `sum${by === "" ? "" : ` by (${by})`} (rate(${labelled(counter, labels)}[${WINDOW}]))`;
}

/** As {@link perSecond}, and 0 while nothing of the kind has happened yet. */
export function perSecondOrNone(counter: string, labels = ""): string {
  return `${perSecond(counter, "", labels)} or vector(0)`;
}

/** The time, or the size, below which this share of all was. */
export function quantile(share: number, histogram: string, by = "", labels = "", window = WINDOW): string {
  const kept = by === "" ? "le" : `le, ${by}`;
  return `histogram_quantile(${share}, sum by (${kept}) (rate(${labelled(`${histogram}_bucket`, labels)}[${window}])))`;
}

export function mean(histogram: string, by = "", labels = ""): string {
  return `${perSecond(`${histogram}_sum`, by, labels)} / ${perSecond(`${histogram}_count`, by, labels)}`;
}
