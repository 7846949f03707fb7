/** Goal: the one address of a cluster leads to an edge that serves what it can, whatever is down behind it, and to none that takes its leave. */

import { afterEach, expect, test } from "bun:test";
import { Balancer } from "../../deploy/cluster/balancer.ts";
import { until } from "../support/until.ts";

const HOST = "127.0.0.1";

/** Longer than any look takes. */
const TEST_MS_MAX = 20_000;

type Readiness = () => Response | Promise<Response>;

const ready: Readiness = () => Response.json({ status: "ready" });
const stopping: Readiness = () => Response.json({ down: [{ name: "server", reason: "stopping" }] }, { status: 503 });
const withoutBus: Readiness = () => Response.json({ down: [{ name: "bus", reason: "away" }] }, { status: 503 });
/** The database is asked, and is silent. */
const looking: Readiness = () => new Promise<Response>(() => {});

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** An edge that answers with its name. */
function edge(name: string, readiness: Readiness): number {
  const server = Bun.serve({
    hostname: HOST,
    port: 0,
    routes: { "/readyz": () => readiness(), "/livez": Response.json({ status: "alive" }) },
    fetch: () => new Response(name),
  });
  ends.push(() => server.stop(true));
  return server.port ?? 0;
}

/** What comes back from the one address, on a connection of its own. */
async function ask(...ports: readonly number[]): Promise<() => Promise<string>> {
  const balancer = await Balancer.start(HOST, 0, ports);
  ends.push(() => balancer.stop());
  return async () => {
    const answer = await fetch(`http://${HOST}:${balancer.port}/`, { headers: { connection: "close" } });
    return await answer.text();
  };
}

test("leads to an edge that misses something and says so", async () => {
  const answer = await ask(edge("an edge", withoutBus));
  expect(await answer()).toBe("an edge");
});

test(
  "leads to an edge that can't say in time whether it is ready, but lives",
  async () => {
    const answer = await ask(edge("an edge", looking));
    expect(await answer()).toBe("an edge");
  },
  TEST_MS_MAX,
);

test("leads to no edge that takes its leave", async () => {
  let first: Readiness = ready;
  const answer = await ask(
    edge("first", () => first()),
    edge("second", ready),
  );
  await until(async () => (await answer()) === "first", "an answer of the first edge");
  first = stopping;
  let seconds = 0;
  await until(
    async () => {
      seconds = (await answer()) === "second" ? seconds + 1 : 0;
      return seconds === 10;
    },
    "answers of the second edge alone",
    TEST_MS_MAX,
  );
});
