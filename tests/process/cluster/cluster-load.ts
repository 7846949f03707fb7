/** Owns the load of the cluster tests: one hand a flight that holds and gives up seats without a pause, and remembers every answer and when it came. */

import { present } from "../../../actors/assert.ts";
import { type Answer, type AnswerBody, holdBody, holdPath, type Member } from "../member.ts";

/** A hold, under its key. */
export interface HoldAsked {
  readonly member: Member;
  readonly flightId: string;
  readonly seat: string;
  readonly key: string;
  readonly answer: Answer;
}

export interface ClusterLoadOptions {
  readonly members: readonly Member[];
  readonly flightIds: readonly string[];
  readonly seats: readonly string[];
  readonly random: () => number;
}

/** Between two requests of one hand: what is tested is that answers go on, not how many there can be. */
const PAUSE_MS = 40;

/** The same while nothing happens but time. */
const EASY_PAUSE_MS = 500;

/** A request that nobody answered is asked again under its key so soon, and so often. */
const AGAIN_MS = 50;
const AGAIN_MAX = 600;

/** Of the seats that a hand holds it gives one up once there are more. */
const HELD_MAX = 12;

export class ClusterLoad {
  /** Since the last {@link start}. */
  readonly asked: HoldAsked[] = [];
  /** By reservation: who was told that it is held, and not since that it ended. */
  readonly held = new Map<string, { readonly member: Member; readonly body: AnswerBody }>();
  /** Answers that were neither yes nor no, and connections that were lost. */
  readonly failures: string[] = [];
  answers = 0;
  readonly #options: ClusterLoadOptions;
  readonly #lastMs = new Map<string, number>();
  #pauseMs = PAUSE_MS;
  #gapsFromMs = 0;
  #longestGapMs = 0;
  #isStopping = false;
  #hands: Promise<void>[] = [];
  /** Of each hand, in the order of the flights: its reservations, the oldest first. */
  readonly #held: readonly string[][];

  constructor(options: ClusterLoadOptions) {
    this.#options = options;
    this.#held = options.flightIds.map(() => []);
  }

  /** Goes on with what was held when it stopped. */
  start(): void {
    const { members, flightIds } = this.#options;
    this.#isStopping = false;
    this.asked.length = 0;
    this.#hands = flightIds.map((flightId, at) =>
      this.#work(
        flightId,
        present(members[at % members.length], "a member"),
        present(this.#held[at], "what a hand has"),
      ),
    );
  }

  /** Resolves when every hand has had its last answer. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#hands);
  }

  /** Fewer requests while `event` is waited for: the machine has other things to do. */
  async easeUntil(event: Promise<void>): Promise<void> {
    this.#pauseMs = EASY_PAUSE_MS;
    try {
      await event;
    } finally {
      this.#pauseMs = PAUSE_MS;
    }
  }

  /** From now on: the longest time that any flight went without an answer. */
  measureGaps(): void {
    this.#gapsFromMs = performance.now();
    this.#longestGapMs = 0;
    this.failures.length = 0;
  }

  /** The longest that any flight has been, or is now, without an answer since {@link measureGaps}, in milliseconds. */
  get longestGapMs(): number {
    const nowMs = performance.now();
    const open = this.#options.flightIds.map((id) => nowMs - Math.max(this.#lastMs.get(id) ?? 0, this.#gapsFromMs));
    return Math.round(Math.max(this.#longestGapMs, ...open));
  }

  /** Whether every flight has answered since `sinceMs`, on the clock of `performance.now()`. */
  haveAllAnsweredSince(sinceMs: number): boolean {
    return this.#options.flightIds.every((id) => (this.#lastMs.get(id) ?? 0) > sinceMs);
  }

  async #work(flightId: string, member: Member, mine: string[]): Promise<void> {
    const { seats, random } = this.#options;
    while (!this.#isStopping) {
      const oldest = mine.length > HELD_MAX ? mine.shift() : undefined;
      if (oldest === undefined) {
        const seat = present(seats[Math.floor(random() * seats.length)], "a seat");
        const id = await this.#hold(member, flightId, seat);
        if (id !== null) mine.push(id);
      } else await this.#cancel(member, flightId, oldest);
      await Bun.sleep(this.#pauseMs);
    }
  }

  /** The reservation that the hold made, or null when the seat was taken. */
  async #hold(member: Member, flightId: string, seat: string): Promise<string | null> {
    const key = Bun.randomUUIDv7();
    const answer = await this.#insist(flightId, () =>
      member.send("POST", holdPath(flightId), { body: holdBody([seat]), key }),
    );
    this.asked.push({ member, flightId, seat, key, answer });
    if (answer.status !== 201) return null;
    this.held.set(answer.body.id, { member, body: answer.body });
    return answer.body.id;
  }

  async #cancel(member: Member, flightId: string, id: string): Promise<void> {
    const answer = await this.#insist(flightId, () => member.cancel(id));
    if (answer.status === 200 && answer.body.status === "RELEASED") this.held.delete(id);
    else this.failures.push(`cancel of ${id}: ${answer.status} ${answer.text}`);
  }

  /** Asks the same thing until somebody says yes or no, as a client that wants its seat does. */
  async #insist(flightId: string, ask: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 0; tries < AGAIN_MAX; tries++) {
      const answer = await ask().catch((error: unknown) => String(error));
      if (typeof answer !== "string" && [200, 201, 409].includes(answer.status)) {
        this.#answered(flightId);
        return answer;
      }
      this.failures.push(`${flightId}: ${typeof answer === "string" ? answer : `${answer.status} ${answer.text}`}`);
      await Bun.sleep(AGAIN_MS);
    }
    throw new Error(`nobody answers for ${flightId}: ${this.failures.slice(-3).join("; ")}`);
  }

  #answered(flightId: string): void {
    const nowMs = performance.now();
    const lastMs = Math.max(this.#lastMs.get(flightId) ?? nowMs, this.#gapsFromMs);
    this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - lastMs);
    this.#lastMs.set(flightId, nowMs);
    this.answers += 1;
  }
}
