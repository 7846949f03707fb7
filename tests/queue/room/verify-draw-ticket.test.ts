// Goal: a member finds out whether the own ticket took part in a draw, and when it is served, from the list or from one small proof.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hexOf } from "../../../queue/room/draw/hash.ts";
import { RoomTokens } from "../../../queue/room/room-tokens.ts";
import { bytesOf, GivenDraw, LINE, memberAt, placesUpTo } from "../../support/given-draw.ts";
import { GivenPublishedDraw, N, ticketAt } from "../../support/given-published-draw.ts";

let published: GivenPublishedDraw;

beforeAll(async () => {
  published = await GivenPublishedDraw.start();
});
afterAll(() => published.stop());

describe("verify-draw FILE --ticket", () => {
  test.each([
    ["as JSON", (json: string) => json],
    ["signed, in parts", (json: string) => `e30.${Buffer.from(json).toString("base64url")}.c2lnbmF0dXJl`],
    ["signed, in two parts", (json: string) => `${Buffer.from(json).toString("base64url")}.c2lnbmF0dXJl`],
  ])("finds a ticket %s, and says when it is served", async (_how, written) => {
    const { code, out } = await published.verify(published.text, "--ticket", written(ticketAt(17)));
    expect(out).toContain(`Your place, 17: the draw makes it number ${published.rank(17)} of ${N}.`);
    expect(code).toBe(0);
  });

  test("reads tickets as the waiting room gives them", async () => {
    const issued = {
      room: LINE.flightId,
      epoch: LINE.epoch,
      seq: 17,
      member: memberAt(17),
      issuedAtMs: 1,
      expiresAtMs: 2,
    };
    const ticket = new RoomTokens(bytesOf("room key")).ticket(issued);
    expect(await published.verify(published.text, "--ticket", ticket)).toMatchObject({
      code: 0,
      out: expect.stringContaining("Your place, 17:"),
    });
  });

  test("says that a ticket is not in the list", async () => {
    const stranger = await published.verify(published.text, "--ticket", ticketAt(17, memberAt(99)));
    expect(stranger.out).toContain("Your ticket is not in the list: somebody else's stands at place 17.");
    expect(stranger.code).toBe(1);
    const gone = await published.verify(
      published.atPlace(17, () => ""),
      "--ticket",
      ticketAt(17),
    );
    expect(gone.out).toContain("Your ticket is not in the list: there is no place 17.");
    const places = placesUpTo(N).filter(({ seq }) => seq !== 17);
    const vacant = await published.verify(
      await (await GivenDraw.of({ n: N, places })).file(),
      "--ticket",
      ticketAt(17),
    );
    expect(vacant.out).toContain("Your ticket is not in the list: place 17 is there as one that nobody had.");
    expect(vacant.code).toBe(1);
  });

  test("says that a place was given after the freeze", async () => {
    const { code, out } = await published.verify(published.text, "--ticket", ticketAt(N + 1));
    expect(out).toContain(
      `Your place, ${N + 1}, was given after the freeze: it is served in its order, after the ${N}`,
    );
    expect(code).toBe(0);
  });

  test("doesn't judge by a ticket of another flight or epoch", async () => {
    const other = await published.verify(published.text, "--ticket", ticketAt(17).replace("PG-101", "PG-202"));
    expect(other.err).toContain("Your ticket is for PG-202-20300101, and this is the draw of PG-101-20300101.");
    expect(other.code).toBe(2);
    const old = await published.verify(published.text, "--ticket", ticketAt(17).replace('"epoch":3', '"epoch":2'));
    expect(old.err).toContain("Your ticket is of epoch 2");
    expect(old.code).toBe(2);
  });
});

describe("verify-draw with the proof of one place", () => {
  const proofText = (seq: number, change: object = {}) => JSON.stringify({ ...published.draw.proofOf(seq), ...change });

  test("checks a ticket and its rank without the list", async () => {
    for (const seq of [1, 17, N]) {
      const { code, out } = await published.verify(
        proofText(seq),
        "--ticket",
        ticketAt(seq),
        "--seed-hash",
        published.seedHash,
        "--root",
        published.root,
      );
      expect(out).toContain(`Your place, ${seq}: the draw makes it number ${published.rank(seq)} of ${N}.`);
      expect(code).toBe(0);
    }
  });

  test("checks what it can without a ticket, and says what it can't", async () => {
    const { code, out } = await published.verify(proofText(17));
    expect(out).toContain("can't be checked without the ticket (--ticket)");
    expect(code).toBe(0);
    expect(await published.verify(JSON.stringify(published.draw.draw.proof()))).toMatchObject({ code: 0 });
  });

  test("finds a ticket that is not under the root, a rank that isn't the draw's, and wrong facts", async () => {
    const wrong = async (proof: string, sentence: string, ticket = ticketAt(17)) => {
      const { code, out } = await published.verify(proof, "--ticket", ticket);
      expect(out).toContain(sentence);
      expect(code).toBe(1);
    };
    const { path = [] } = published.draw.proofOf(17);
    await wrong(proofText(17), "Your ticket is not in the list", ticketAt(17, memberAt(18)));
    await wrong(proofText(17), "Your ticket is not in the list", ticketAt(18));
    await wrong(proofText(17, { path: path.slice(1) }), "the root would be none at all");
    await wrong(proofText(17, { path: [...path].reverse() }), "Your ticket is not in the list");
    await wrong(
      proofText(17, { rank: 1 }),
      `said to be served as number 1, and the draw makes it number ${published.rank(17)}`,
    );
    await wrong(proofText(17, { seed: hexOf(bytesOf("x")) }), "The seed does not match its commitment");
    await wrong(proofText(17, { root: hexOf(bytesOf("x")) }), "Your ticket is not in the list");
    await wrong(proofText(17, { final: hexOf(bytesOf("x")) }), '"final" does not come from');
    await wrong(JSON.stringify(published.draw.draw.proof()), "The proof is of no place");
  });

  test.each([
    ["seed", { seed: "00" }, '"seedHash", "seed", "root" and "final" must have 64'],
    ["n", { n: -1 }, '"n" is no number of tickets'],
    ["n", { n: "40" }, '"n" is no number of tickets'],
    ["beacon", { beacon: null }, '"beacon" is no object'],
    ["beacon's value", { beacon: { name: "x", value: 7 } }, '"beacon.value" is neither'],
    ["path", { path: "x" }, '"path" is no list'],
    ["path", { path: ["x"] }, '"path" is no list of hashes'],
    ["rank", { rank: 1.5 }, '"rank" is no rank'],
  ])("names the malformed %s", async (_what, change, sentence) => {
    const { code, err } = await published.verify(proofText(17, change), "--ticket", ticketAt(17));
    expect(err).toContain(sentence);
    expect(code).toBe(2);
  });
});
