/** Goal: answers that are ready together leave together, and in parts where the server's operator allows no message of that length. */

import { expect, test } from "bun:test";
import { NatsAnswers } from "../../actors/bus/nats-answers.ts";
import type { NatsLink } from "../../actors/bus/nats-link.ts";

function given(lengthMax: number) {
  const sent: string[] = [];
  const publish = (_subject: string, payload: string): boolean => {
    // As the client of NATS does.
    if (payload.length > lengthMax) throw new Error("payload max_payload size exceeded");
    sent.push(payload);
    return true;
  };
  return { answers: new NatsAnswers({ publish } as unknown as NatsLink), sent };
}

const answers = (sent: readonly string[]): number[] =>
  sent.flatMap((text) => (JSON.parse(text) as { answers: { i: number }[] }).answers.map(({ i }) => i));

test.each([
  [1_000_000, 1],
  [32_768, 8],
  [1_024, 400],
])("of 400 answers all leave where a message may have %i bytes", async (lengthMax, messages) => {
  const { answers: all, sent } = given(lengthMax);
  const numbers = Array.from({ length: 400 }, (_, i) => i);
  for (const i of numbers) all.add("inbox", "inbox.1", JSON.stringify({ i, said: "x".repeat(600) }));
  await Promise.resolve();
  expect(answers(sent)).toEqual(numbers);
  expect(sent.length).toBe(messages);
});

test("an answer that is too long by itself keeps none of the others", async () => {
  const { answers: all, sent } = given(1_024);
  for (const [i, length] of [600, 2_000, 600].entries())
    all.add("inbox", "inbox.1", JSON.stringify({ i, said: "x".repeat(length) }));
  await Promise.resolve();
  expect(answers(sent)).toEqual([0, 2]);
});
