// Goal: the room's status is the same whichever way a request takes through the server, and what is unusual is answered as everywhere else.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { GivenApp } from "../support/given-app.ts";
import { plannedFlight, plannedSeason } from "../support/given-catalogue.ts";

const [first, second] = plannedSeason(2).map(({ id }) => id);
const ROOM = `/api/v1/flights/${first}/waiting-room`;

let given: GivenApp;
let origin: string;

beforeAll(async () => {
  given = await GivenApp.open({ flights: plannedSeason(2) });
  await given.waitingRooms.operator.change(plannedFlight().id, { mode: "on" });
  await given.waitingRooms.rooms.look();
  origin = `http://127.0.0.1:${given.listen().port}`;
});
afterAll(() => given.close());

/** Without what differs from one request to the next. */
function fieldsOf({ headers }: Response): Record<string, string> {
  const { "x-request-id": id, date: _, ...fields } = Object.fromEntries(headers);
  expect(id).toMatch(/^[A-Za-z0-9._-]{8,64}$/);
  return fields;
}

test("a read over the network has the body and the header fields of the route's own answer", async () => {
  const served = await fetch(origin + ROOM);
  const own = await given.get(ROOM);
  expect(served.status).toBe(200);
  const { "content-length": length, ...fields } = fieldsOf(served);
  expect(fields).toEqual(fieldsOf(own));
  const text = await served.text();
  expect(text).toBe(await own.text());
  expect(length).toBe(String(text.length));
});

test("a read by which nothing is to be sent has no body", async () => {
  const head = await fetch(origin + ROOM, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect(head.headers.get("cache-control")).toBe("public, max-age=1");
});

test("a client's request id goes into no answer that others may be given", async () => {
  const response = await fetch(origin + ROOM, { headers: { "x-request-id": "mine-and-nobody-elses" } });
  expect(response.headers.get("x-request-id")).not.toContain("mine");
});

test.each([
  ["a query", `${ROOM}?x=1`, 400],
  ["a flight whose room was never on", `/api/v1/flights/${second}/waiting-room`, 200],
  ["a flight that is none", "/api/v1/flights/XX-1/waiting-room", 404],
  ["a name that is no flight's", "/api/v1/flights/%00/waiting-room", 404],
  ["a name that is not text", "/api/v1/flights/%ff/waiting-room", 404],
  ["a slash at the end", `${ROOM}/`, 200],
])("%s is answered as everywhere else", async (_, path, status) => {
  expect((await fetch(origin + path)).status).toBe(status);
});

test.each(["POST", "PUT", "DELETE"])("%s is refused with what the path takes", async (method) => {
  const response = await fetch(origin + ROOM, { method });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("reads are measured like all others", async () => {
  const text = await (await given.get("/metrics")).text();
  expect(text).toMatch(
    /http_request_duration_seconds_count\{[^}]*route="\/api\/v1\/flights\/:id\/waiting-room"[^}]*\} [1-9]/,
  );
});
