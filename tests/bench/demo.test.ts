/** Goal: the benches find the whole day of the demo timetable, however many pages it has, and take a flight as most are. */
import { afterEach, expect, test } from "bun:test";
import { type DemoFlight, demoDay, ordinaryFlight } from "../../bench/rig/demo.ts";

const opened: { stop(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.stop();
});

/** A search that has so many flights, of one cabin more each. */
function searchOf(count: number): string {
  const flights = Array.from({ length: count }, (_, at) => ({
    id: `F${at}`,
    origin: "AAA",
    destination: "BBB",
    cabins: Array.from({ length: 1 + (at % 3) }, () => ({ cabin: "Y", capacity: 50 })),
  }));
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { searchParams } = new URL(request.url);
      const [page, size] = [Number(searchParams.get("page")), Number(searchParams.get("size"))];
      return Response.json({ items: flights.slice((page - 1) * size, page * size), page, size, total: count });
    },
  });
  opened.push({ stop: () => void server.stop(true) });
  return server.url.origin;
}

test("demoDay() has all flights of all pages with their seats, and none is no day", async () => {
  for (const count of [1, 99, 100, 250]) {
    const { day, flights } = await demoDay(searchOf(count));
    expect(day).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(flights.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, at) => `F${at}`));
    expect(flights.slice(0, 3).map(({ seats }) => seats)).toEqual([50, 100, 150].slice(0, count));
  }
  await expect(demoDay(searchOf(0))).rejects.toThrow("no flight of the demo timetable");
});

test("ordinaryFlight() takes the one in the middle of those that are neither small nor huge", () => {
  const flights = [407, 72, 291, 188, 276, 26_000].map(
    (seats): DemoFlight => ({ id: `F${seats}`, origin: "AAA", destination: "BBB", seats }),
  );
  expect(ordinaryFlight({ day: "2030-01-31", flights }).id).toBe("F276");
  expect(() => ordinaryFlight({ day: "2030-01-31", flights: [] })).toThrow();
});
