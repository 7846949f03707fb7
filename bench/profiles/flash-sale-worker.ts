/**
 * The people of the flash sale, in a process of their own. All join within the first second; whoever is called comes to the door, holds a seat with
 * the pass, and pays. The line's public status is read once a second for all of them, as a cache in front of the edges would (it may be kept a second).
 */
import { present } from "../../actors/assert.ts";
import { type Answer, HttpPool } from "../load/http-pool.ts";
import { runOpenLoop } from "../load/open-loop.ts";
import type { OpenLoadResult } from "../load/result.ts";
import { createPlan } from "../load/room-joins.ts";
import { type StepResult, Steps } from "../load/steps.ts";
import { makeMembersOf } from "../rig/members.ts";
import { type DoorAsk, type DoorVisit, type Joining, joinsOutOfOrder, type PassedOver, passedOver } from "./order.ts";

export interface SaleOrders {
  readonly url: string;
  readonly flightId: string;
  readonly people: number;
  readonly withinMs: number;
  readonly seed: number;
  readonly signingKey: string;
  /** Ids of the people. */
  readonly membersFile: string;
  readonly connections: number;
  /** Gives up after that. */
  readonly endsAfterMs: number;
}

export interface SaleResult {
  readonly joins: OpenLoadResult;
  readonly joined: number;
  readonly steps: readonly StepResult[];
  /** Reservations that were paid for. */
  readonly paid: readonly string[];
  readonly held: readonly string[];
  readonly soldOutAfterMs: number | null;
  /** People who have a later place than somebody who came later. */
  readonly joinsOutOfOrder: number;
  readonly passedOver: PassedOver;
  /** Once a second. */
  readonly line: readonly {
    readonly second: number;
    readonly joined: number;
    readonly admitted: number;
    readonly held: number;
    readonly paid: number;
  }[];
}

interface Place {
  readonly person: number;
  readonly ticket: string;
}

const STATUS_MS = 1_000;
const AT_DOOR_MS = 2_000;
const BODY_BYTES = 4_096;
const DOOR_TRIES_MAX = 60;
/** Who is answered 503 sends the same request again, after so long and so often. */
const AGAIN_MS = 500;
const AGAIN_MAX = 20;

const orders: SaleOrders = await Bun.stdin.json();
const { url, flightId, people, connections } = orders;
const ids = (await Bun.file(orders.membersFile).text()).split("\n");
const members = await makeMembersOf(orders.signingKey, ids);
const tokenOf = (person: number): string => present(members[person], "a member").token;
const room = `/api/v1/flights/${flightId}/waiting-room`;

const steps = new Steps();
const held: string[] = [];
const paid: string[] = [];
const line: { second: number; joined: number; admitted: number; held: number; paid: number }[] = [];
/** By place in the line. */
const waiting = new Map<number, Place>();
const joinings: Joining[] = [];
const visits: DoorVisit[] = [];
const visiting: Promise<void>[] = [];
let soldOutAfterMs: number | null = null;
/** Everybody who asked for a place has an answer, or will have none. */
let haveAllJoined = false;
let isOver = false;

/** Whoever is inside does not queue for connections behind those who only ask at the door. */
const [door, till] = [new HttpPool(url, connections), new HttpPool(url, connections)];
const startedMs = performance.now();
let sandbox: Promise<HttpPool> | null = null;
await Promise.all([door.open(), till.open()]);

async function comeToTheDoor(place: number, { person, ticket }: Place): Promise<void> {
  const token = tokenOf(person);
  const turnedAway: DoorAsk[] = [];
  const calledMs = performance.now();
  for (let attempt = 0; attempt < DOOR_TRIES_MAX && !isOver; attempt++) {
    const answer = await door.ask({ method: "POST", path: `${room}/passes`, token, body: { ticket } });
    const asked: DoorAsk = { sentAtMs: answer.sentAtMs, answeredAtMs: answer.atMs };
    if (answer.status === 201 || answer.status === 200) {
      steps.ok("pass", answer.atMs - calledMs);
      // With 200 it was theirs already: who had an answer that was lost on the way.
      visits.push({ place, turnedAway, pass: answer.status === 201 ? asked : null });
      await buy(person, token, (JSON.parse(answer.body) as { pass: string }).pass);
      return;
    }
    if (answer.problemCode !== "NOT_YET") {
      steps.otherwise("pass", howOf(answer));
      break;
    }
    if ((JSON.parse(answer.body) as { reason?: string }).reason === "AT_DOOR") turnedAway.push(asked);
    await Bun.sleep(AT_DOOR_MS);
  }
  visits.push({ place, turnedAway, pass: null });
}

async function buy(person: number, token: string, pass: string): Promise<void> {
  const askedMs = performance.now();
  const hold = await insist({
    method: "POST",
    path: `/api/v1/flights/${flightId}/reservations`,
    token,
    headers: { "Idempotency-Key": `sale-${person}`, "Admission-Pass": pass },
    body: { passengers: [{ name: `SALE ${person}`, type: "ADT" }] },
  });
  if (hold.status !== 201) return steps.otherwise("hold", howOf(hold));
  steps.ok("hold", hold.atMs - askedMs);
  const { id } = JSON.parse(hold.body) as { id: string };
  held.push(id);
  const headers = { "Idempotency-Key": `sale-pay-${person}` };
  const opened = await insist({
    method: "POST",
    path: `/api/v1/reservations/${id}/payments`,
    token,
    headers,
    body: {},
  });
  if (opened.status !== 201) return steps.otherwise("payment", howOf(opened));
  steps.ok("payment", opened.atMs - hold.atMs);
  const checkout = new URL((JSON.parse(opened.body) as { checkoutUrl: string }).checkoutUrl);
  sandbox ??= opening(checkout.origin);
  const pool = await sandbox;
  const decided = await pool.ask({ method: "POST", path: checkout.pathname, body: { outcome: "approve" } });
  if (decided.status !== 200) return steps.otherwise("checkout", howOf(decided));
  steps.ok("checkout", decided.atMs - opened.atMs);
  paid.push(id);
}

/** Asks at the till as clients do: under the same key, until the answer is another than 503. */
async function insist(ask: Parameters<HttpPool["ask"]>[0]): Promise<Answer> {
  for (let again = 0; ; again++) {
    const answer = await till.ask(ask);
    if (answer.status !== 503 || again === AGAIN_MAX) return answer;
    await Bun.sleep(AGAIN_MS);
  }
}

function howOf({ status, problemCode }: Answer): string {
  return `${status} ${problemCode ?? ""}`.trim();
}

async function opening(origin: string): Promise<HttpPool> {
  const pool = new HttpPool(origin, connections);
  await pool.open();
  return pool;
}

/** Looks at the line once a second, and sends to the door whoever was called. */
async function watchTheLine(): Promise<void> {
  let called = 0;
  const watcher = new HttpPool(url, 1);
  await watcher.open();
  while (!isOver) {
    const { body, status } = await watcher.ask({ method: "GET", path: room });
    if (status === 200) {
      const { state, admitted } = JSON.parse(body) as { state: string; admitted: number };
      line.push({
        second: Math.round((performance.now() - startedMs) / 1_000),
        joined: joinings.length,
        admitted,
        held: held.length,
        paid: paid.length,
      });
      for (; called < admitted; called++) {
        const place = waiting.get(called + 1);
        // Its ticket may still be on its way to whoever has that place. Later, it was lost, and nobody comes.
        if (place === undefined && !haveAllJoined) break;
        if (place !== undefined) visiting.push(comeToTheDoor(called + 1, place));
      }
      if (state === "sold_out") {
        soldOutAfterMs ??= performance.now() - startedMs;
        if (haveAllJoined) isOver = true;
      }
    }
    if (performance.now() - startedMs > orders.endsAfterMs) isOver = true;
    await Bun.sleep(STATUS_MS);
  }
  watcher.close();
}

const joinsListener = {
  bodyBytesMax: BODY_BYTES,
  answered(person: number, status: number, body: Buffer, sentAtMs: number): void {
    if (status !== 201) return;
    const { ticket, seq } = JSON.parse(body.toString("latin1")) as { ticket: string; seq: number };
    joinings.push({ seq, sentAtMs, answeredAtMs: performance.now() });
    waiting.set(seq, { person, ticket });
  },
};
const watching = watchTheLine();
const joins = await runOpenLoop(
  {
    url,
    connections,
    warmUpMs: 0,
    patienceMs: orders.endsAfterMs,
    arrivals: { kind: "burst", count: people, withinMs: orders.withinMs, seed: orders.seed },
    plan: "",
    options: null,
  },
  createPlan({ flights: [flightId], tokens: members.map(({ token }) => token) }, new URL(url).host),
  joinsListener,
);
haveAllJoined = true;
await watching;
await Promise.all(visiting);

const result: SaleResult = {
  joins,
  joined: joinings.length,
  steps: steps.results(),
  paid,
  held,
  soldOutAfterMs,
  joinsOutOfOrder: joinsOutOfOrder(joinings),
  passedOver: passedOver(visits),
  line,
};
await Bun.write(Bun.stdout, `${JSON.stringify(result)}\n`);
process.exit(0);
