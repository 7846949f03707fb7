/** Goal: whoever reads the document alone, in any language, sells a seat of a real flight over plain NATS; and the document is true of what travels. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Server } from "bun";
import { present } from "../../actors/assert.ts";
import type { NatsBus } from "../../actors/bus/nats.ts";
import { BATCH_REPLY, replyTo } from "../../actors/bus/replies.ts";
import type { Schema } from "../../actors/bus/schema.ts";
import { BROADCASTS } from "../../actors/bus/subjects.ts";
import { examine } from "../../db/doctor/examine.ts";
import { asyncApiRoutes } from "../../http/ops/asyncapi-routes.ts";
import { FLIGHT_ID, givenPlan } from "../support/given.ts";
import { type GivenHost, givenHost } from "../support/given-host.ts";
import { NatsServer } from "../support/given-nats.ts";
import { describeWithService } from "../support/services.ts";

type Json = Record<string, unknown>;

describeWithService("nats-server", "a stranger on NATS", () => {
  describeWithService("python3", "who speaks Python", sellsASeat);
});

function sellsASeat(python: string): void {
  let server: NatsServer;
  let actors: NatsBus;
  let given: GivenHost;
  let documents: Server<unknown>;

  beforeAll(async () => {
    server = await NatsServer.start();
    actors = await server.connect("actors");
    given = await givenHost({ bus: actors, plans: [givenPlan()] });
    documents = present(asyncApiRoutes().listen(0).server, "the document is served");
  });
  afterAll(async () => {
    await documents.stop(true);
    await given.stop();
    await actors.close();
    await server.remove();
  });

  async function run(command: readonly string[]): Promise<Record<string, Json> & { readonly seat: string }> {
    const users = ["internal", "edge", "workers"] as const;
    const passwords = users.map((user) => [`${user.toUpperCase()}_PASSWORD`, server.passwordOf(user)]);
    const stranger = Bun.spawn(
      [...command, `http://127.0.0.1:${documents.port}`, `127.0.0.1:${server.port}`, FLIGHT_ID],
      {
        env: { ...process.env, ...Object.fromEntries(passwords) },
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const [said, complaint] = await Promise.all([stranger.stdout.text(), stranger.stderr.text(), stranger.exited]);
    expect(complaint).toBe("");
    return JSON.parse(said);
  }

  function expectForm(schema: Schema<unknown>, value: unknown): void {
    expect(schema.check(value)).toBeNull();
  }

  test("sells a seat, from the seat map to the ticket", async () => {
    const seen = await run([python, join(import.meta.dir, "bus-stranger.py")]);

    // First, because matchers of the expectations below take the place of what they match [Bun 1.4.5].
    expectForm(replyTo("hold"), seen.held);
    expectForm(replyTo("hold"), seen.taken);
    expectForm(replyTo("begin-payment"), seen.begun);
    expectForm(replyTo("settle-payment"), seen.settled);
    expectForm(replyTo("reservation"), seen.sold);
    expectForm(BATCH_REPLY, { answers: seen.batch });

    expect(seen.held).toMatchObject({
      ok: true,
      result: { reservation: { status: "HELD", passengers: [{ seat: seen.seat }] } },
    });
    expect(seen.again).toEqual({ ...seen.held, replayed: true, hostMs: expect.any(Number) });
    expect(seen.taken).toMatchObject({
      ok: false,
      error: { code: "SEAT_TAKEN", seats: [seen.seat], retryable: false },
    });
    expect(seen.wrong).toMatchObject({ ok: false, error: { code: "VALIDATION", field: "args.passengers[0].type" } });
    expect(seen.late).toMatchObject({
      ok: false,
      error: { code: "DEADLINE_EXCEEDED", field: "Deadline-Ms", retryable: true },
    });
    expect(seen.batch).toMatchObject([
      { i: 0, ok: true },
      { i: 1, ok: true },
      { i: 2, ok: false, error: { code: "RESERVATION_NOT_FOUND" }, last: true },
    ]);
    expect(seen.settled).toMatchObject({ ok: true, result: { payment: { status: "CAPTURED" } } });
    expect(seen.sold).toMatchObject({
      ok: true,
      result: {
        reservation: {
          status: "TICKETED",
          passengers: [{ seat: seen.seat, ticket: expect.stringMatching(/^\d{13}$/) }],
        },
      },
    });
    expect(seen.refusals).toEqual([
      expect.stringMatching(/Permissions Violation for Publish to "flight\.\d+\..*settle-payment/),
    ] as unknown as Json);

    const deltas = seen.deltas as unknown as Json[];
    for (const delta of deltas) expectForm(BROADCASTS.seats.schema, delta);
    expect(deltas.map(({ from }) => from)).toEqual([0, ...deltas.slice(0, -1).map(({ to }) => to)]);
    expect(deltas.at(-1)).toMatchObject({ changes: [{ seat: seen.seat, state: "sold" }] });

    const reserved = await given.db.read.selectFrom("reservation").selectAll().execute();
    expect(reserved).toHaveLength(3);
    const tickets = await given.db.read.selectFrom("ticket").selectAll().execute();
    expect(tickets).toHaveLength(1);
    expect((await examine(given.db.read)).findings).toEqual([]);
  });
}
