/** Owns how numbers and loads read in a report, on the page and in Markdown alike. */

/** 12,345 */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function millis(value: number): string {
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

/** 3.12× */
export function times(value: number | null): string {
  return value === null ? "not measured" : `${value.toFixed(2)}×`;
}

/** A target's figure: a whole number of people and seats, or a ratio. */
export function figure(value: number | null): string {
  if (value === null) return "not measured";
  return Number.isInteger(value) && value !== 1 ? count(value) : value.toFixed(2);
}

/** CPU time by process, the dearest first; what is hardly there is left out. */
export function cpuWords(usByProcess: Readonly<Record<string, number>>): string {
  return Object.entries(usByProcess)
    .filter(([, us]) => us >= 1)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, us]) => `${name} ${us.toFixed(0)}`)
    .join(" · ");
}

/** What a technique is measured by. */
export const LOADS = {
  "in-turn": "holds of one hot flight",
  spread: "holds of 64 flights",
  refused: "95 % refusals",
  taken: "refusals of a seat that is taken",
  "seat-maps": "reads of one seat map",
} as const;

/** As a shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w./,:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
