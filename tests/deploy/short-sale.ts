/** Owns a short sale of everything that a dashboard shows: a line, passes, holds, a refusal, payments, tickets, a refund, and two load runs. */

import { present } from "../../actors/assert.ts";
import { type AnswerBody, checkOut, holdBody, holdPath, type Member } from "../process/member.ts";

export interface ShortSaleOptions {
  readonly members: readonly Member[];
  /** The flight with a waiting room that is on, and one without. */
  readonly roomFlightId: string;
  readonly flightId: string;
  /** Of the flight without a room; each round takes one. */
  readonly seats: readonly string[];
  /** What the rounds call themselves, in turn. */
  readonly runs: readonly string[];
}

interface RoomAnswer {
  readonly ticket: string;
  readonly pass: string;
}

export class ShortSale {
  readonly #options: ShortSaleOptions;
  #rounds = 0;

  constructor(options: ShortSaleOptions) {
    this.#options = options;
  }

  /** One member buys and gives up, and asks for what is taken; one comes in by the waiting room. */
  async round(): Promise<void> {
    const { members, flightId, seats, runs } = this.#options;
    const at = this.#rounds++;
    const member = present(members[at % members.length], "a member");
    const seat = present(seats[at % seats.length], "a seat");
    const headers = { "x-load-run": present(runs[at % runs.length], "a run") };
    const held = await member.send("POST", holdPath(flightId), {
      body: holdBody([seat]),
      key: Bun.randomUUIDv7(),
      headers,
    });
    if (held.status !== 201) throw new Error(`hold: ${held.status} ${held.text}`);
    // Taken now: one of the flight's answers that say no.
    await member.send("POST", holdPath(flightId), { body: holdBody([seat]), key: Bun.randomUUIDv7(), headers });
    await Promise.all([this.#pay(member, held.body), this.#comeIn(member)]);
  }

  async #pay(member: Member, { id }: AnswerBody): Promise<void> {
    const { body } = await member.pay(id);
    await checkOut(body.checkoutUrl, { outcome: "approve", webhook: "once" });
    const isTicketed = async (): Promise<boolean> => (await member.reservation(id)).body.status === "TICKETED";
    while (!(await isTicketed())) await Bun.sleep(20);
    await member.cancel(id);
  }

  async #comeIn(member: Member): Promise<void> {
    const { roomFlightId } = this.#options;
    const room = `/api/v1/flights/${roomFlightId}/waiting-room`;
    const joined = JSON.parse((await member.send("POST", `${room}/tickets`)).text) as RoomAnswer;
    const entered = await member.send("POST", `${room}/passes`, { body: { ticket: joined.ticket } });
    const { pass } = JSON.parse(entered.text) as RoomAnswer;
    if (entered.status >= 300) return;
    const body = { passengers: [{ name: "Kim Minji" }] };
    await member.send("POST", holdPath(roomFlightId), {
      body,
      key: Bun.randomUUIDv7(),
      headers: { "admission-pass": pass },
    });
  }
}
