/** Goal: people of the funnel take the routes of the whole day, and whoever finds a flight full has a seat of another one that the search found. */
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { inProcess } from "../../bench/load/run.ts";
import { routesOf } from "../../bench/profiles/funnel.ts";
import type { FunnelOrders, FunnelResult } from "../../bench/profiles/funnel-worker.ts";

const WORKER = join(import.meta.dir, "../../bench/profiles/funnel-worker.ts");
const DAY = "2030-01-31";

const opened: { stop(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.stop();
});

/** Sells what a funnel asks for: each route has two flights, and of the first one of each no seat is free. */
function seller(isEveryFlightFull: boolean, ticket: () => Response = () => Response.json({ status: "TICKETED" })) {
  const searched = new Map<string, number>();
  const sold: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, searchParams, origin } = new URL(request.url);
      const [, , , collection, id = "", what] = pathname.split("/");
      if (pathname.startsWith("/pay/")) return Response.json({});
      if (collection === "flights" && id === "") {
        const route = `${searchParams.get("origin")}-${searchParams.get("destination")}`;
        searched.set(route, (searched.get(route) ?? 0) + 1);
        return Response.json({ items: [{ id: `${route}-full` }, { id: `${route}-free` }] });
      }
      if (what === "seats") {
        const state = isEveryFlightFull || id.endsWith("full") ? "sold" : "free";
        return Response.json({ seats: [{ seat: "1A", state }] });
      }
      if (what === "reservations") {
        sold.push(id);
        return Response.json({ id: `r${sold.length}` }, { status: 201 });
      }
      if (what === "payments") return Response.json({ checkoutUrl: `${origin}/pay/${id}` }, { status: 201 });
      return ticket();
    },
  });
  opened.push({ stop: () => void server.stop(true) });
  return { url: server.url.origin, searched, sold };
}

function ordersTo(url: string): FunnelOrders {
  return {
    url,
    connections: 8,
    arrivals: { kind: "fixed", ratePerSecond: 400, durationMs: 200 },
    seed: 1,
    tokens: ["t"],
    routes: ["AAA BBB", "BBB AAA", "AAA CCC"].map((route) => {
      const [origin = "", destination = ""] = route.split(" ");
      return { origin, destination, day: DAY };
    }),
    mark: "f",
  };
}

test("routesOf() has every route of the day once", () => {
  const flight = { id: "F", origin: "AAA", destination: "BBB", seats: 100 };
  const back = { ...flight, origin: "BBB", destination: "AAA" };
  expect(routesOf({ day: DAY, flights: [flight, back, flight] })).toEqual([
    { origin: "AAA", destination: "BBB", day: DAY },
    { origin: "BBB", destination: "AAA", day: DAY },
  ]);
});

test("people take all routes, and another flight where the first is full", async () => {
  const { url, searched, sold } = seller(false);
  const { ways, ticketed, steps } = await inProcess<FunnelResult>(WORKER, ordersTo(url));
  expect(ways).toEqual({ came: 80, arrived: 80, gaveUp: 0 });
  expect(ticketed.length).toBe(80);
  expect(searched.size).toBe(3);
  expect(Math.min(...searched.values())).toBeGreaterThan(10);
  expect(sold.filter((flight) => !flight.endsWith("free"))).toEqual([]);
  expect(steps.find(({ step }) => step === "seat map")?.others.full).toBeGreaterThan(20);
});

test("people give up when every flight of their route is full", async () => {
  const { url } = seller(true);
  const { ways, steps } = await inProcess<FunnelResult>(WORKER, ordersTo(url));
  expect(ways).toEqual({ came: 80, arrived: 0, gaveUp: 80 });
  expect(steps.find(({ step }) => step === "hold")?.others).toEqual({ "no flight has a seat": 80 });
});

test("whoever looks for the ticket, and hears of a proxy that no server answers, looks again", async () => {
  let looks = 0;
  const { url } = seller(false, () => {
    looks += 1;
    return looks <= 3 ? new Response("<html>Bad gateway", { status: 502 }) : Response.json({ status: "TICKETED" });
  });
  const { ways } = await inProcess<FunnelResult>(WORKER, ordersTo(url));
  expect(ways).toEqual({ came: 80, arrived: 80, gaveUp: 0 });
});
