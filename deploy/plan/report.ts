/** Owns the plan as words and figures for a terminal: what it takes, how full it is, what stands in the way, and what all that rests on. */

import type { Costs } from "./costs.ts";
import { MEASURED_KINDS } from "./costs.ts";
import { REQUEST_KINDS, REQUESTS } from "./demand.ts";
import { SIMULATED_PARTS, type Trial } from "./simulate.ts";
import { HASHES_OF_AN_EDGE, type Plan } from "./sizing.ts";

const BAR_WIDTH = 24;
const NEARLY = 0.85;

export interface Style {
  readonly isColoured: boolean;
}

export function reportOf(plan: Plan, trial: Trial, costs: Costs, { isColoured }: Style): string {
  const paint = (code: number, text: string): string => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const bold = (text: string): string => paint(1, text);
  const dim = (text: string): string => paint(2, text);
  const title = (text: string): string => `\n${bold(text)}`;
  const bar = (share: number): string => {
    const full = Math.min(BAR_WIDTH, Math.round(share * BAR_WIDTH));
    const colour = share >= 1 ? 31 : share >= NEARLY ? 33 : 32;
    return paint(colour, "█".repeat(full)) + dim("·".repeat(BAR_WIDTH - full));
  };
  const { sale, demand, walls } = plan;
  const { part: wall, why, times: reach } = plan.firstWall;
  const verdict =
    reach >= 1
      ? `${bold("First wall:")} ${wall}, at ${times(reach)} this sale in the same flights (${why}).`
      : paint(31, `${bold("Not to be had:")} ${wall} is full at ${share(reach)} of this sale (${why}).`);

  const needs = [
    [
      "edges",
      count(plan.edges),
      `${share(trial.parts.edges.utilisation)} full; ${kib(plan.streamMiB)} for the streams of ${count(demand.waiting)} who wait`,
    ],
    [
      "hosts of flights",
      count(plan.hosts),
      `${share(trial.parts["owners' loops"].busiest)} loop, ${share(trial.parts.lanes.busiest)} lane; ${count(plan.commands)} commands/s, ${plan.commandsPerBatch.toFixed(1)} in a batch`,
    ],
    ["workers", "2", "one works, the other takes over"],
    [
      "database",
      plan.databaseCores === 1 ? "1 core" : `${count(plan.databaseCores)} cores`,
      `${count(plan.commits)} commits/s, ${count(plan.flushes)} flushes/s`,
    ],
    ["Redis", "1", `${share(plan.redisCores)} of a core; ${count(plan.peak.join + plan.peak.pass)} scripts/s`],
    ["NATS", "1", `${share(plan.natsCores)} of a core`],
    [
      "password hashes",
      `${plan.hashCores.toFixed(1)} cores`,
      `on the edges' machines, ${HASHES_OF_AN_EDGE} at once each; ${count(plan.peak.login)} log-ins/s`,
    ],
  ] as const;
  const inTrial = SIMULATED_PARTS.filter((part) => trial.parts[part].served > 0).map((part) => {
    const { busiest, waitMeanS, waitP99S, servers } = trial.parts[part];
    return `  ${part.padEnd(16)} ${String(servers).padStart(4)}  ${bar(busiest)} ${share(busiest).padStart(5)}   waits ${ms(waitMeanS)} mean  ${ms(waitP99S)} p99`;
  });
  const busiest = REQUEST_KINDS.filter((kind) => plan.peak[kind] > 0)
    .toSorted((a, b) => plan.peak[b] - plan.peak[a])
    .map((kind) => `${kind} ${count(plan.peak[kind])}`);

  return [
    bold(
      `A sale of ${count(sale.seats)} seats in ${sale.flights === 1 ? "one flight" : `${count(sale.flights)} flights`} to ${count(sale.people)} people in ${sale.minutes} minutes`,
    ),
    verdict,
    title("What it takes"),
    ...needs.map(([part, number, note]) => `  ${part.padEnd(17)} ${bold(number.padStart(9))}   ${dim(note)}`),
    title("What there is one of"),
    ...walls.map(
      ({ part, utilisation, why }) =>
        `  ${part.padEnd(23)} ${bar(utilisation)} ${share(utilisation).padStart(5)}   ${dim(why)}`,
    ),
    title(
      `The busiest ${trial.seconds.toFixed(trial.seconds < 10 ? 1 : 0)} seconds, tried with ${count(trial.requests)} requests (seed ${sale.seed}); how full the busiest of each was`,
    ),
    ...inTrial,
    `  a hold, from edge to answer: ${ms(trial.holdMeanS).trim()} mean, ${ms(trial.holdP99S).trim()} p99; ${trial.commandsPerBatch.toFixed(1)} commands in a batch`,
    `  requests/s: ${busiest.join(" · ")}`,
    title("What this rests on"),
    ...assumptions(plan).map((line) => `  ${line}`),
    dim(`  Costs, in µs of a core (${costs.measured}; ${costs.hardware}):`),
    ...MEASURED_KINDS.map((kind) => {
      const { from, edge, nats, actors, database, redis } = costs.kinds[kind];
      const parts = { edge, NATS: nats, owner: actors, database, Redis: redis };
      const figures = Object.entries(parts).filter(([, us]) => us > 0);
      return dim(`  ${kind.padEnd(8)} ${figures.map(([part, us]) => `${part} ${us}`).join(", ")}   from ${from}`);
    }),
    dim(
      `  a batch of n commands: ${costs.commit.fixedMs} + n · ${costs.commit.perCommandMs} ms   from ${costs.commit.from}`,
    ),
    dim(`  a password's hash: ${costs.passwordHash.ms} ms   from ${costs.passwordHash.from}`),
    dim(`  a stream: ${count(costs.stream.bytes)} bytes   from ${costs.stream.from}`),
    ...REQUEST_KINDS.flatMap((kind) => {
      const { as, why } = REQUESTS[kind];
      return why === null ? [] : [dim(`  ${kind} is taken as ${as}: ${why}`)];
    }),
  ].join("\n");
}

function assumptions({ sale, demand }: Plan): string[] {
  const after = sale.minutes * 60 - sale.rushSeconds;
  return [
    after > 0
      ? `${share(sale.rushShare)} come within ${sale.rushSeconds} s, the others within the ${count(after)} s after; ${share(sale.loginShare)} log in only then.`
      : `All come within ${sale.rushSeconds} s; ${share(sale.loginShare)} log in only then.`,
    sale.hasRoom
      ? `The waiting room lets ${count(demand.visitors)} in, evenly; ${share(sale.buyShare)} of them buy, ${sale.seatsPerReservation} seats each: ${count(demand.reservations)} reservations.`
      : "Without a waiting room all go to the seats as they come, and most are refused.",
    ...(sale.hasRoom
      ? [
          sale.isStatusShared
            ? "nginx or a delivery network answers for the room's status, once a second a flight."
            : "Each who waits looks at the room's status every 5 s, at an edge.",
        ]
      : []),
    `The busiest flight gets ${share(sale.flights === 1 ? 1 : sale.hotShare)} of all commands. Shards fall evenly on hosts. One edge and one host are one process on a core of their own.`,
    `No part that can be multiplied is planned to be more than ${share(sale.utilisationMax)} full. Nothing here fails; leave room for one that does.`,
  ];
}

function count(value: number): string {
  return (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10).toLocaleString("en");
}

function share(value: number): string {
  const percent = value * 100;
  return `${percent > 0 && percent < 1 ? "<1" : count(Math.round(percent))} %`;
}

function times(value: number): string {
  return `${value >= 100 ? count(value) : value.toPrecision(2)} times`;
}

function ms(seconds: number): string {
  return `${(seconds * 1_000).toFixed(2).padStart(9)} ms`;
}

function kib(mib: number): string {
  return mib >= 1_024 ? `${(mib / 1_024).toFixed(1)} GiB` : `${Math.ceil(mib)} MiB`;
}
