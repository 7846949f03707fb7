/** Owns a stand-in for oha: it takes the options that the scripts give it, sends their request twice instead of for a while, and prints what came. */

import { parseArgs } from "node:util";

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly duration: string;
  readonly connections: string;
  readonly rate: string | undefined;
  readonly answers: readonly { readonly status: number; readonly text: string; readonly isReplay: boolean }[];
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  options: {
    "no-tui": { type: "boolean" },
    "latency-correction": { type: "boolean" },
    duration: { type: "string", short: "z", default: "" },
    connections: { type: "string", short: "c", default: "" },
    rate: { type: "string", short: "q" },
    method: { type: "string", short: "m", default: "GET" },
    header: { type: "string", short: "H", multiple: true, default: [] },
    body: { type: "string", short: "d" },
  },
  allowPositionals: true,
});
const [url = "", ...others] = positionals;
if (others.length > 0) throw new Error(`oha takes one address: ${positionals.join(" ")}`);
const headers = new Headers(
  values.header.map((line): [string, string] => {
    const [name = "", value = ""] = line.split(/: (.*)/);
    return [name, value];
  }),
);
if (headers.get("x-load-run") === null) throw new Error("the run is not marked");

const answers: Sent["answers"][number][] = [];
for (let times = 0; times < 2; times++) {
  const response = await fetch(url, { method: values.method, headers, ...(values.body ? { body: values.body } : {}) });
  const isReplay = response.headers.get("idempotency-replayed") === "true";
  answers.push({ status: response.status, text: await response.text(), isReplay });
}
const { method, duration, connections, rate } = values;
console.log(JSON.stringify({ method, url, duration, connections, rate, answers } satisfies Sent));
