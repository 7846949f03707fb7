/** Goal: a batch is taken command by command: each is answered as it is ready or refused alone, in words that name its field. */

import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { FLIGHT_ID } from "../support/given.ts";
import { answersIn, BODY, DEADLINE, DONE, GivenOwner, type Json, SHARD } from "../support/given-owner.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";

function batched(change: Json = {}, i = 0): Json {
  return { i, flightId: FLIGHT_ID, op: "hold", key: `k${i}`, deadlineMs: Number(DEADLINE), ...BODY, ...change };
}

describeWithService("nats-server", "batches over NATS", () => {
  let given: GivenOwner;

  beforeAll(async () => {
    given = await GivenOwner.start();
  });
  beforeEach(() => given.reset());
  afterAll(() => given.stop());

  test("a batch is answered command by command, and the last answer is marked", async () => {
    const commands = Array.from({ length: 64 }, (_, i) => batched({}, i));
    const messages = await given.askBatch({ commands });
    const answers = messages.flatMap(answersIn);
    expect(answers.map(({ i }) => i)).toEqual(Array.from({ length: 64 }, (_, i) => i));
    expect(answers.filter(({ last }) => last === true).map(({ i }) => i)).toEqual([63]);
    expect(given.taken).toHaveLength(64);
    // What was answered in one turn came in one message.
    expect(messages).toHaveLength(1);
  });

  test("a batch's answers come as they are ready: a slow command delays nobody", async () => {
    given.isAnswering = false;
    const messages = given.publishBatch({ commands: [batched({}, 7), batched({}, 8), batched({}, 9)] });
    await until(() => given.answering.length === 3, "the commands");
    given.answering[2]?.(DONE);
    given.answering[0]?.(DONE);
    await until(() => messages.length === 1, "the first message");
    expect(answersIn(messages[0]).map(({ i, last }) => [i, last])).toEqual([
      [9, undefined],
      [7, undefined],
    ]);
    given.answering[1]?.(DONE);
    await until(() => messages.length === 2, "the last message");
    expect(messages[1]).toEqual({ answers: [{ i: 8, last: true, ok: true, result: { kind: "done" } }] });
  });

  test("a batch's command that is wrong is refused alone, and its field named", async () => {
    const commands = [
      batched({}, 0),
      batched({ op: "seat-map", args: {} }, 1),
      batched({ key: null }, 2),
      batched({ deadlineMs: undefined }, 3),
      batched({ deadlineMs: "tomorrow" }, 4),
      batched({ flightId: "PG-OTHER" }, 5),
      batched({ flightId: "../etc" }, 6),
      batched({ extra: 1 }, 7),
      batched({ args: { passengers: [{ name: "K", type: "ADT", seat: 1 }] } }, 8),
      batched({ member: null }, 9),
      batched({ op: "expire" }, 10),
      batched(
        {
          op: "settle-payment",
          args: { attempt: "a1", status: "PENDING", amount: { amount: 1, currency: "KRW" }, ours: true },
        },
        11,
      ),
      batched({ op: "open-payment", member: null, args: { attempt: "a1", checkoutUrl: "javascript:alert(1)" } }, 12),
      batched({}, 13),
    ];
    const [message] = await given.askBatch({ commands });
    const answers = answersIn(message);
    const refusals = answers
      .filter(({ ok }) => ok === false)
      .map(({ i, error }) => [i, (error as { field: string }).field]);
    expect(refusals).toEqual([
      [1, "commands[1].op"],
      [2, "commands[2].key"],
      [3, "commands[3].deadlineMs"],
      [4, "commands[4].deadlineMs"],
      [5, "commands[5].flightId"],
      [6, "commands[6].flightId"],
      [7, "commands[7].extra"],
      [8, "commands[8].args.passengers[0].seat"],
      [9, "commands[9].member"],
      [10, "commands[10].op"],
      [11, "commands[11].args.status"],
      [12, "commands[12].args.checkoutUrl"],
    ]);
    expect(given.taken.map(({ key }) => key)).toEqual(["k0", "k13"]);
  });

  test.each<[what: string, field: string, payload: unknown]>([
    ["no commands", "commands", {}],
    ["an empty list", "commands", { commands: [] }],
    ["65 commands", "commands", { commands: Array.from({ length: 65 }, (_, i) => batched({}, i)) }],
    ["two commands of one i", "commands", { commands: [batched(), batched()] }],
    ["a command without i", "commands[0].i", { commands: [batched({ i: undefined })] }],
    ["a command whose i is no number", "commands[1].i", { commands: [batched(), batched({ i: "1" })] }],
    ["a command that is none", "commands[0]", { commands: ["hold"] }],
    ["an unknown field", "command", { commands: [batched()], command: 1 }],
    ["what is not JSON", "body", "[1,"],
    [
      "more than 128 KB",
      "body",
      { commands: Array.from({ length: 60 }, (_, i) => batched({ fingerprint: "x".repeat(2_300) }, i)) },
    ],
  ])("a batch with %s is refused as a whole", async (_, field, payload) => {
    const messages = await given.askBatch(payload);
    expect(messages).toMatchObject([{ ok: false, error: { code: "VALIDATION", field } }]);
    expect(given.taken).toEqual([]);
  });

  test("answers to several batches share a message where their inbox is shared, and their i tells them apart", async () => {
    given.isAnswering = false;
    const connection = given.connection("edge");
    const messages: { subject: string; body: Json }[] = [];
    const inbox = `_INBOX.edge.${crypto.randomUUID()}`;
    connection.subscribe(`${inbox}.*`, {
      callback: (_, message) => void messages.push({ subject: message.subject, body: message.json() }),
    });
    for (const i of [1, 2]) {
      connection.publish(
        `flight.${SHARD}._batch.edge`,
        JSON.stringify({ sharesInbox: true, commands: [batched({}, i)] }),
        {
          reply: `${inbox}.${i}`,
        },
      );
    }
    await until(() => given.answering.length === 2, "both");
    for (const answer of given.answering) answer(DONE);
    await until(() => messages.length > 0, "the answers");
    expect(messages.map(({ body }) => answersIn(body).map(({ i, last }) => [i, last]))).toEqual([
      [
        [1, true],
        [2, true],
      ],
    ]);
  });
});
