/** Owns the load of the crash tests: members who hold, pay and give up at random until nobody answers, and all that they were told. */

import { present } from "../../actors/assert.ts";
import type { GivenProgram } from "../support/given-program.ts";
import { type Answer, type AnswerBody, checkOut, holdBody, holdPath, type Member, seatStates } from "./member.ts";

/** What somebody says at the checkout. */
export interface Choice {
  readonly outcome: "approve" | "decline" | "approve-late" | "charge-then-timeout";
  readonly webhook: "once" | "twice" | "late" | "none" | "reversed";
}

/** A request under a key, and its answer; null when none came. */
export interface Asked {
  readonly member: Member;
  readonly path: string;
  readonly body: object;
  readonly key: string;
  answer: Answer | null;
}

/** A reservation whose hold was answered. */
export interface Acknowledged {
  readonly member: Member;
  readonly held: AnswerBody;
  /** What its member was told that it ended as; null as long as nothing was said. */
  endedAs: string | null;
}

export interface LoadOptions {
  readonly program: GivenProgram;
  readonly members: readonly Member[];
  readonly flightIds: readonly string[];
  readonly choices: readonly Choice[];
  readonly random: () => number;
}

const HANDS_OF_A_MEMBER = 4;

/** Of a member's reservations these are paid and given up. */
const LATEST = 12;

export class CrashLoad {
  /** Every request under a key since the last {@link forgetAsked}. */
  asked: Asked[] = [];
  readonly acknowledged = new Map<string, Acknowledged>();
  /** By attempt, what was said at its checkout, and counted there. */
  readonly choices = new Map<string, Choice>();
  /** Answers that nobody should be given: the server was neither overloaded nor asked for anything wrong. */
  readonly unexpected: string[] = [];
  answers = 0;
  readonly #options: LoadOptions;
  #seats: readonly string[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Goes on until the server is gone. */
  async run(): Promise<void> {
    const { program, members, flightIds } = this.#options;
    this.#seats = [...(await seatStates(program.url, present(flightIds[0], "a flight"))).keys()];
    const hands = members.flatMap((member) => Array.from({ length: HANDS_OF_A_MEMBER }, () => this.#work(member)));
    await Promise.all(hands);
  }

  /** Sends a request, as new or again; null when no answer came. */
  async ask(asked: Asked): Promise<Answer | null> {
    const { member, path, body, key } = asked;
    const answer = await unlessGone(member.send("POST", path, { body, key }));
    if (answer === null) return null;
    this.answers += 1;
    asked.answer ??= answer;
    if (![200, 201, 409].includes(answer.status)) this.unexpected.push(`${path}: ${answer.status} ${answer.text}`);
    if (answer.status === 201 && !path.endsWith("/payments") && !this.acknowledged.has(answer.body.id)) {
      this.acknowledged.set(answer.body.id, { member, held: answer.body, endedAs: null });
    }
    return answer;
  }

  /** Begins a new round: what was asked before is no longer asked again. */
  forgetAsked(): void {
    this.asked = [];
  }

  async #work(member: Member): Promise<void> {
    const { random } = this.#options;
    for (;;) {
      const dice = random();
      const own = [...this.acknowledged.values()].filter((each) => each.member === member);
      // Rather than of what has ended long ago.
      const mine = this.#oneOf(own.slice(-LATEST));
      let goesOn: boolean;
      if (mine === undefined || dice < 0.5) goesOn = await this.#hold(member);
      else if (dice < 0.65) goesOn = await this.#cancel(mine);
      else if (dice < 0.95) goesOn = await this.#pay(mine);
      else goesOn = await this.#askAgain();
      if (!goesOn) return;
    }
  }

  #hold(member: Member): Promise<boolean> {
    const { flightIds } = this.#options;
    const count = this.#options.random() < 0.3 ? 2 : 1;
    const seats = new Set(Array.from({ length: count }, () => present(this.#oneOf(this.#seats), "a seat")));
    const path = holdPath(present(this.#oneOf(flightIds), "a flight"));
    return this.#askNew({ member, path, body: holdBody([...seats]), key: Bun.randomUUIDv7(), answer: null });
  }

  async #cancel(mine: Acknowledged): Promise<boolean> {
    const answer = await unlessGone(mine.member.cancel(mine.held.id));
    if (answer === null) return false;
    this.answers += 1;
    const { status } = answer.body;
    if (answer.status === 200) {
      // Late money may still take the seats of what ran out, and of nothing else.
      if (status !== "EXPIRED") mine.endedAs = status;
    } else if (answer.status !== 202) this.unexpected.push(`cancel: ${answer.status} ${answer.text}`);
    return true;
  }

  async #pay({ member, held }: Acknowledged): Promise<boolean> {
    const path = `/api/v1/reservations/${held.id}/payments`;
    const asked: Asked = { member, path, body: {}, key: Bun.randomUUIDv7(), answer: null };
    if (!(await this.#askNew(asked))) return false;
    const { status, body } = present(asked.answer, "an answer came");
    if (status !== 200 && status !== 201) return true;
    const choice = present(this.#oneOf(this.#options.choices), "a choice");
    const { sandboxUrl } = this.#options.program.server;
    const counts = await unlessGone(checkOut(body.checkoutUrl, choice, sandboxUrl ?? undefined));
    if (counts === true) this.choices.set(body.id, choice);
    return counts !== null;
  }

  async #askNew(asked: Asked): Promise<boolean> {
    this.asked.push(asked);
    return (await this.ask(asked)) !== null;
  }

  async #askAgain(): Promise<boolean> {
    const known = this.#oneOf(this.asked);
    if (known === undefined || known.answer === null) return true;
    const { status, text } = known.answer;
    const again = await this.ask(known);
    if (again !== null && (again.status !== status || again.text !== text)) {
      this.unexpected.push(`${known.path}: ${status} ${text} was ${again.status} ${again.text} when asked again`);
    }
    return again !== null;
  }

  #oneOf<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.#options.random() * all.length)];
  }
}

/** The answer, or null when the connection was lost: the server is gone. Whatever else goes wrong is the test's. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ECONNRESET" || code === "ECONNREFUSED") return null;
    throw error;
  }
}
