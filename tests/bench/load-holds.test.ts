/** Goal: the plan "holds" writes requests that a server takes, with each key once and each flight's visits spread over members and seats. */
import { expect, test } from "bun:test";
import { createPlan } from "../../bench/load/holds.ts";
import { RequestWriter } from "../../bench/load/request-writer.ts";

interface Written {
  readonly flight: string;
  readonly token: string;
  readonly key: string;
  readonly bodyBytes: number;
  readonly body: string;
}

function writeAll(count: number, options: Parameters<typeof createPlan>[0]): Written[] {
  const plan = createPlan(options, "host:1");
  const request = new RequestWriter();
  return Array.from({ length: count }, (_, sequence) => {
    request.clear();
    plan.write(request, 0, sequence);
    const text = request.bytes.toString("latin1", 0, request.length);
    const [head = "", body = ""] = text.split("\r\n\r\n");
    const field = (name: string) => new RegExp(`^${name}: *(.*)$`, "m").exec(head)?.[1]?.trim() ?? "";
    expect(head).toStartWith("POST /api/v1/flights/");
    expect(field("Host")).toBe("host:1");
    return {
      flight: /flights\/(.*)\/reservations HTTP/.exec(head)?.[1] ?? "",
      token: field("Authorization"),
      key: field("Idempotency-Key"),
      bodyBytes: Number(field("Content-Length")),
      body,
    };
  });
}

const options = { flights: ["F-1", "F-22"], tokens: ["a", "bb", "ccc"], keyPrefix: "k-" };

test("write() gives each request a key and a passenger of its own, and a body of the length that it says", () => {
  const all = writeAll(60, { ...options, seats: ["1A", "12B"] });
  expect(new Set(all.map(({ key }) => key)).size).toBe(60);
  expect(all[41]?.key).toBe("k-000000000041");
  for (const { body, bodyBytes } of all) expect(bodyBytes).toBe(body.length);
  const passengers = all.map(({ body }) => JSON.parse(body).passengers[0]);
  expect(new Set(passengers.map(({ name }) => name)).size).toBe(60);
  expect(passengers[0]).toEqual({ name: "LOAD AAAAAA", type: "ADT", seat: "1A" });
  expect(passengers[27]).toEqual({ name: "LOAD AAAABB", type: "ADT", seat: "12B" });
});

test("write() takes flights in turn, and for each flight members and seats in turn", () => {
  const all = writeAll(12, { ...options, seats: ["1A", "1B", "1C", "1D"] });
  expect(all.slice(0, 4).map(({ flight }) => flight)).toEqual(["F-1", "F-22", "F-1", "F-22"]);
  for (const flight of options.flights) {
    const visits = all.filter((request) => request.flight === flight);
    expect(new Set(visits.slice(0, 3).map(({ token }) => token)).size).toBe(3);
    expect(new Set(visits.slice(0, 4).map(({ body }) => JSON.parse(body).passengers[0].seat)).size).toBe(4);
  }
});

test("write() names no seat without seats", () => {
  const [first] = writeAll(1, options);
  expect(JSON.parse(first?.body ?? "")).toEqual({ passengers: [{ name: "LOAD AAAAAA", type: "ADT" }] });
});
