// Goal: holding seats over HTTP answers what DESIGN §7 says, once for each key, and refuses at the edge what no flight need see.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Admission } from "../../queue/room/waiting-room.ts";
import { FLIGHT_ID, givenPlan } from "../support/given.ts";
import { type Caller, GivenShop } from "../support/given-shop.ts";

const PATH = `/api/v1/flights/${FLIGHT_ID}/reservations`;

let shop: GivenShop;
let members = 0;

beforeAll(async () => {
  const departed = givenPlan({ flightId: "PG-1-DEPARTED", departsAtMs: Date.UTC(2029, 11, 31) });
  const small = givenPlan({ flightId: "PG-2-SMALL", cabins: [{ cabin: "Y", rows: 1 }] });
  const large = givenPlan({ cabins: [{ cabin: "Y", rows: 40, exitRows: [20] }] });
  shop = await GivenShop.open({ plans: [large, departed, small] });
});

afterAll(() => shop.close());

/** Somebody who has nothing yet. */
function somebody(): Promise<Caller> {
  return shop.as(`member-${++members}`);
}

describe("POST /flights/{id}/reservations", () => {
  test("holds the seats that are named", async () => {
    const kim = await somebody();
    const passengers = [
      { name: "Kim Minji", seat: "1A" },
      { name: "  Kim  Minho ", type: "CHD", seat: "1B" },
      { name: "Kim Bada", type: "INF" },
    ];
    const { status, headers, body } = await kim.post(PATH, { passengers });
    expect(status).toBe(201);
    expect(body as unknown).toEqual({
      id: expect.any(String),
      pnr: expect.stringMatching(/^[A-HJ-NP-Z2-9]{6}$/),
      flightId: FLIGHT_ID,
      status: "HELD",
      passengers: [
        { name: "Kim Minji", type: "ADT", seat: "1A" },
        { name: "  Kim  Minho ", type: "CHD", seat: "1B" },
        { name: "Kim Bada", type: "INF", seat: null },
      ],
      total: { amount: 180_000, currency: "KRW" },
      expiresAt: "2030-01-01T00:15:00.000Z",
    });
    expect(headers.get("location")).toBe(`/api/v1/reservations/${body.id}`);
    expect(headers.get("idempotency-replayed")).toBeNull();
  });

  test("chooses a seat in the cabin that is preferred", async () => {
    const kim = await somebody();
    const { body } = await kim.post(PATH, { passengers: [{ name: "Kim" }], prefer: { cabin: "Y", together: true } });
    expect(body.passengers[0]?.seat).toMatch(/^\d+[A-F]$/);
  });

  test("answers the same key again, byte for byte, however the body is written", async () => {
    const kim = await somebody();
    const first = await kim.post(PATH, '{"passengers":[{"name":"Kim","seat":"2A"}]}', "again");
    const second = await kim.post(PATH, '{ "passengers": [ { "seat": "2A", "name": "Kim" } ] }', "again");
    expect(first.status).toBe(201);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(second.headers.get("location")).toBe(first.headers.get("location"));
  });

  test("answers a refusal again, byte for byte, also when the seat is free by then", async () => {
    const [kim, lee] = [await somebody(), await somebody()];
    const held = await kim.hold(["3A"]);
    const first = await lee.hold(["3A"], "refused");
    await kim.delete(`/api/v1/reservations/${held.body.id}`);
    const second = await lee.hold(["3A"], "refused");
    expect(first.status).toBe(409);
    expect([second.status, second.text]).toEqual([409, first.text]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
  });

  test("refuses a key that stands for another request", async () => {
    const kim = await somebody();
    await kim.hold(["4A"], "taken");
    const { status, body } = await kim.hold(["4B"], "taken");
    expect([status, body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  test("lets two members use the same key", async () => {
    const [kim, lee] = [await somebody(), await somebody()];
    const statuses = [(await kim.hold(["5A"], "same")).status, (await lee.hold(["5B"], "same")).status];
    expect(statuses).toEqual([201, 201]);
  });

  test("offers free seats for one that is taken", async () => {
    const [kim, lee] = [await somebody(), await somebody()];
    await kim.hold(["6A"]);
    const { status, headers, body } = await lee.hold(["6A"]);
    expect([status, body.code, body.retryable, body.seats]).toEqual([409, "SEAT_TAKEN", false, ["6A"]]);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body.alternatives.length).toBeGreaterThan(0);
    const again = await lee.hold(body.alternatives.slice(0, 1));
    expect(again.status).toBe(201);
  });

  test.each([
    ["a seat that the aircraft doesn't have", 404, "SEAT_NOT_FOUND", [{ name: "Kim", seat: "99A" }]],
    ["a child in an exit row", 409, "SEAT_NOT_ALLOWED", [{ name: "Kim", type: "CHD", seat: "20A" }]],
  ])("refuses %s", async (_, status, code, passengers) => {
    const kim = await somebody();
    const answer = await kim.post(PATH, { passengers });
    expect([answer.status, answer.body.code, answer.body.seats]).toEqual([status, code, [passengers[0]?.seat ?? ""]]);
  });

  test("refuses more seats than a member may have", async () => {
    const kim = await somebody();
    const nine = ["A", "B", "C", "D", "E", "F"].map((column) => `7${column}`).concat("8A", "8B", "8C");
    expect((await kim.hold(nine)).status).toBe(201);
    const { status, body } = await kim.hold(["8D"]);
    expect([status, body.code]).toEqual([409, "LIMIT_EXCEEDED"]);
  });

  test("gives one person one seat, however the name is written and whoever asks", async () => {
    const [kim, lee] = [await somebody(), await somebody()];
    const first = await kim.post(PATH, { passengers: [{ name: "José  ﬁsher", birthDate: "1990-02-28" }] });
    const same = await lee.post(PATH, { passengers: [{ name: " JOSÉ FISHER ", birthDate: "1990-02-28" }] });
    const namesake = await lee.post(PATH, { passengers: [{ name: "José Fisher", birthDate: "1990-03-01" }] });
    expect([first.status, same.status, same.body.code]).toEqual([201, 409, "LIMIT_EXCEEDED"]);
    expect(namesake.status).toBe(201);
  });

  test("says that a flight is sold out, has left, or does not exist", async () => {
    const kim = await somebody();
    await kim.hold(["1A", "1B", "1C", "1D", "1E", "1F"], "all", "PG-2-SMALL");
    const lee = await somebody();
    const answers = [
      await lee.hold([], "k", "PG-2-SMALL"),
      await lee.hold([], "k", "PG-1-DEPARTED"),
      await lee.hold([], "k", "PG-404-NOWHERE"),
      await lee.hold([], "k", "no%20flight"),
      await lee.hold([], "k", "%FF"),
    ];
    expect(answers.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
      "409 SOLD_OUT",
      "409 FLIGHT_DEPARTED",
      "404 FLIGHT_NOT_FOUND",
      "404 FLIGHT_NOT_FOUND",
      "404 FLIGHT_NOT_FOUND",
    ]);
  });

  test("needs a member and a key", async () => {
    const kim = await somebody();
    const passengers = [{ name: "Kim" }];
    const unknown = await shop.nobody().post(PATH, { passengers });
    const keyless = await kim.send("POST", PATH, { passengers });
    expect([unknown.status, unknown.body.code]).toEqual([401, "UNAUTHENTICATED"]);
    expect([keyless.status, keyless.body.code]).toEqual([400, "IDEMPOTENCY_KEY_MISSING"]);
  });
});

describe("POST /flights/{id}/reservations names the field at fault", () => {
  const wrong: [field: string, body: unknown][] = [
    ["body", []],
    ["body", null],
    ["passengers", {}],
    ["passengers", { passengers: [] }],
    ["passengers", { passengers: Array.from({ length: 10 }, (_, at) => ({ name: `Kim ${at}` })) }],
    ["passengers[0].name", { passengers: [{}] }],
    ["passengers[0].name", { passengers: [{ name: "" }] }],
    ["passengers[0].name", { passengers: [{ name: " \t" }] }],
    ["passengers[0].name", { passengers: [{ name: "\u00a0\u3000" }] }],
    ["passengers[0].name", { passengers: [{ name: "\u200b" }] }],
    ["passengers[1].name", { passengers: [{ name: "Kim" }, { name: " \u3164\u115f\uffa0 \u00ad\ufe0f\u{e0041}" }] }],
    ["passengers[0].name", { passengers: [{ name: "Kim\nMinji" }] }],
    ["passengers[0].name", { passengers: [{ name: "Kim \ud800" }] }],
    ["passengers[0].name", { passengers: [{ name: "K".repeat(101) }] }],
    ["passengers[0].type", { passengers: [{ name: "Kim", type: "PET" }] }],
    ["passengers[0].seat", { passengers: [{ name: "Kim", seat: "A12" }] }],
    ["passengers[0].seat", { passengers: [{ name: "Kim", type: "INF", seat: "1A" }, { name: "Lee" }] }],
    [
      "passengers[1].seat",
      {
        passengers: [
          { name: "Kim", seat: "1A" },
          { name: "Lee", seat: "1A" },
        ],
      },
    ],
    ["passengers[0].birthDate", { passengers: [{ name: "Kim", birthDate: "1990-02-30" }] }],
    ["passengers[0].birthDate", { passengers: [{ name: "Kim", birthDate: "2030-01-02" }] }],
    ["passengers[0].birthDate", { passengers: [{ name: "Kim", birthDate: "19900228" }] }],
    ["passengers", { passengers: [{ name: "Kim", type: "INF" }] }],
    ["passengers[0].age", { passengers: [{ name: "Kim", age: 30 }] }],
    ["prefer.cabin", { passengers: [{ name: "Kim" }], prefer: { cabin: "YY" } }],
    ["prefer.together", { passengers: [{ name: "Kim" }], prefer: { together: "yes" } }],
    ["total", { passengers: [{ name: "Kim" }], total: 1 }],
  ];

  test.each(wrong)("%s: %j", async (field, sent) => {
    const kim = await shop.as("careless");
    const { status, body } = await kim.post(PATH, JSON.stringify(sent));
    expect([status, body.code, body.field]).toEqual([400, "VALIDATION", field]);
  });

  test("and nothing of it has happened", async () => {
    const kim = await shop.as("careless");
    expect((await kim.get("/api/v1/reservations")).body.total).toBe(0);
  });
});

describe("a flight with a waiting room", () => {
  test("is reserved in with a pass, and not without", async () => {
    const admits = (pass: string | null): Admission =>
      pass === "good" ? { admitted: true } : { admitted: false, reason: pass === null ? "missing" : "expired" };
    const guarded = await GivenShop.open({
      waitingRoom: { state: () => "open", admits: (_, __, pass) => admits(pass) },
    });
    const kim = await guarded.as("m1");
    const passengers = [{ name: "Kim" }];
    const send = (headers: Record<string, string>) => kim.post(PATH, { passengers }, undefined, headers);
    const answers = [await send({}), await send({ "admission-pass": "old" }), await send({ "admission-pass": "good" })];
    expect(answers.map(({ status, body }) => `${status} ${body.code} ${body.reason}`)).toEqual([
      "403 ADMISSION_REQUIRED missing",
      "403 ADMISSION_REQUIRED expired",
      "201 undefined undefined",
    ]);
    await guarded.close();
  });
});

test("no name gets into the journal", async () => {
  const kim = await somebody();
  const { status } = await kim.post(PATH, { passengers: [{ name: "Gildong Unmistakable", birthDate: "1980-01-01" }] });
  const rows = await shop.host.db.read.selectFrom("journal").select("turns").execute();
  expect(status).toBe(201);
  expect(rows.some(({ turns }) => turns.includes("Unmistakable") || turns.includes("1980-01-01"))).toBe(false);
});
