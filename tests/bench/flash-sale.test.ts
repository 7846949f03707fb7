/** Goal: a flash sale goes on past a place whose answer was lost, instead of waiting for somebody who never learnt of it. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inProcess } from "../../bench/load/run.ts";
import type { SaleOrders, SaleResult } from "../../bench/profiles/flash-sale-worker.ts";
import { newSigningKey } from "../../bench/rig/members.ts";
import { systemEntropy } from "../../db/system-entropy.ts";

const WORKER = join(import.meta.dir, "../../bench/profiles/flash-sale-worker.ts");
const PEOPLE = 5;

const folder = mkdtempSync(join(tmpdir(), "pigonair-sale-"));
const opened: { stop(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Calls everybody at once, and is sold out when all but the first have a seat: the first one's place is given out, and its answer lost. */
function seller(): string {
  let [joined, held] = [0, 0];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch({ url, method }) {
      const { pathname, origin } = new URL(url);
      const created = (body: object): Response => Response.json(body, { status: 201 });
      if (pathname.endsWith("/tickets")) {
        joined += 1;
        return joined === 1
          ? Response.json({ code: "UNAVAILABLE" }, { status: 503 })
          : created({ ticket: "t", seq: joined });
      }
      if (pathname.endsWith("/passes")) return created({ pass: "p" });
      if (pathname.endsWith("/reservations")) return created({ id: `r${++held}` });
      if (pathname.endsWith("/payments")) return created({ checkoutUrl: `${origin}/pay` });
      if (method === "GET")
        return Response.json({ state: held === PEOPLE - 1 ? "sold_out" : "open", admitted: joined });
      return Response.json({});
    },
  });
  opened.push({ stop: () => void server.stop(true) });
  return server.url.origin;
}

test("everybody behind a place that was lost is called, and the sale ends when all is sold", async () => {
  const entropy = systemEntropy();
  const membersFile = join(folder, "people");
  writeFileSync(membersFile, Array.from({ length: PEOPLE }, () => entropy.uuid()).join("\n"));
  const orders: SaleOrders = {
    ...{ url: seller(), flightId: "F", people: PEOPLE, withinMs: 50, seed: 1, connections: 4, endsAfterMs: 6_000 },
    ...{ signingKey: await newSigningKey(), membersFile },
  };
  const startedMs = performance.now();
  const { joined, held, paid } = await inProcess<SaleResult>(WORKER, orders);
  expect([joined, held.length, paid.length]).toEqual([PEOPLE - 1, PEOPLE - 1, PEOPLE - 1]);
  expect(performance.now() - startedMs).toBeLessThan(orders.endsAfterMs);
});
