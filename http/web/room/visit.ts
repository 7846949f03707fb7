/**
 * Owns one visit to the waiting room: from joining to the pass. Where one stands follows from the status that everybody is told; the server is
 * asked about this member alone at the beginning, when it is their turn, and when an answer says that something has changed.
 */

import { after, jitter, type Stop } from "../browser/device.ts";
import { serverNowMs } from "../browser/server-time.ts";
import type { Refused, RoomDesk } from "./desk.ts";
import { NOTHING_KNOWN, type RoomFacts, type RoomStatus, type Stage, type WaitRange } from "./facts.ts";

export interface VisitOptions {
  readonly desk: RoomDesk;
  /** Called when something has changed. */
  readonly changed: (facts: RoomFacts) => void;
  /** Whether somebody looks at the page. */
  readonly isSeen: () => boolean;
  /** Does what the room asks for against robots, and gives what is sent along with the join. */
  readonly work: (status: RoomStatus) => Promise<object>;
}

const RETRY_MS = 2_000;
const RETRY_MS_MAX = 20_000;

/** At the door: how often to knock, at least and at most. */
const KNOCK_MS_MIN = 1_000;
const KNOCK_MS_MAX = 10_000;

/** How much longer than half of them the slowest tenth wait, while the server has not said. */
const SPREAD = 1.6;

/** Where a refusal leads. All others are troubles of the moment. */
const END_OF: Partial<Record<Refused["code"], Stage>> = {
  UNAUTHENTICATED: "log-in",
  PLACE_EXPIRED: "expired",
  ROOM_OFF: "off",
  SALE_CLOSED: "closed",
};

export class RoomVisit {
  readonly #options: VisitOptions;
  #facts: RoomFacts = NOTHING_KNOWN;
  #status: RoomStatus | null = null;
  #ticket: string | null = null;
  /** Let in when `admitted` reaches it; null while it isn't known. */
  #order: number | null = null;
  #spread = SPREAD;
  #isAsking = false;
  #retries = 0;
  #later: Stop = () => {};

  constructor(options: VisitOptions) {
    this.#options = options;
  }

  /** Takes the status that everybody is told. */
  hear(status: RoomStatus): void {
    const known = this.#status;
    // What comes late over another way tells nothing new.
    if (known !== null && status.epoch === known.epoch && status.admitted < known.admitted) return;
    if (known !== null && status.epoch !== known.epoch) this.#beginAnew(this.#ticket !== null);
    this.#status = status;
    const { joined, seatsLeft, opensAt, seedHash, admitted } = status;
    const opensAtMs = Date.parse(opensAt ?? "");
    const opensInMs = Number.isNaN(opensAtMs) ? null : opensAtMs - serverNowMs();
    this.#show({ joined, seatsLeft, opensAt, seedHash, admitted, opensInMs });
    this.#step();
  }

  /** A second has passed: countdowns go on. */
  tick(): void {
    const { opensAt, opensInMs, passEndsInMs, stage } = this.#facts;
    if (stage === "prequeue" && opensInMs !== null && opensAt !== null) {
      this.#show({ opensInMs: Date.parse(opensAt) - serverNowMs() });
    }
    if (stage !== "turn" || passEndsInMs === null) return;
    this.#show({ passEndsInMs: Math.max(0, this.#passEndsAtMs - serverNowMs()) });
    if (this.#facts.passEndsInMs === 0) this.#ask(() => this.#claim());
  }

  /** Somebody looks at the page, or has come in. */
  seen(): void {
    if (this.#facts.stage === "call") this.#step();
  }

  /** Comes in although the page may not know that it is seen. */
  enter(): void {
    this.#ask(() => this.#claim());
  }

  lost(isLost: boolean): void {
    if (isLost) this.#show({ trouble: "lost" });
    else if (this.#facts.trouble === "lost") this.#show({ trouble: null });
  }

  sound(sound: RoomFacts["sound"]): void {
    this.#show({ sound });
  }

  #passEndsAtMs = 0;

  #beginAnew(hadPlace: boolean): void {
    this.#ticket = null;
    this.#order = null;
    this.#show({ stage: "joining", place: null, wait: null, isAnew: hadPlace, isReturned: false });
  }

  /** What follows from what is known. */
  #step(): void {
    const status = this.#status;
    if (status === null || this.#isAsking) return;
    const { stage } = this.#facts;
    if (stage === "turn" || stage === "log-in" || stage === "refused" || stage === "expired") return;
    if (status.state === "off" || status.state === "closed") this.#show({ stage: status.state });
    else if (this.#ticket === null) this.#ask(() => this.#join(status));
    else if (status.state === "prequeue") this.#show({ stage: "prequeue" });
    else if (this.#order === null) this.#ask(() => this.#claim());
    else this.#stand(status, this.#order);
  }

  /** In the line, as far as it has moved. */
  #stand(status: RoomStatus, order: number): void {
    const place = order - status.admitted;
    const line = { place: Math.max(1, place), wait: this.#waitFor(place, status) };
    if (status.state === "paused") this.#show({ ...line, stage: "paused" });
    else if (status.state === "sold_out") this.#show({ ...line, stage: "sold-out" });
    else if (place > 0) this.#show({ ...line, stage: "line" });
    else if (this.#facts.stage === "door") return;
    // Whoever doesn't look may be away, and leaves a pass to those who are here; the place at the door is kept meanwhile.
    else if (this.#options.isSeen()) this.#ask(() => this.#claim());
    else this.#show({ ...line, stage: "call" });
  }

  #waitFor(place: number, { ratePerMinute }: RoomStatus): WaitRange | null {
    if (ratePerMinute <= 0) return null;
    const p50 = (60 * Math.max(1, place)) / ratePerMinute;
    return { p50, p90: p50 * this.#spread };
  }

  async #join(status: RoomStatus): Promise<void> {
    const work = await this.#options.work(status);
    const asked = await this.#options.desk.join(work);
    if (!asked.ok) return this.#refusedAt(asked);
    this.#ticket = asked.body.ticket;
    this.#show({ isReturned: asked.status === 200, trouble: null });
    this.#retries = 0;
  }

  async #claim(): Promise<void> {
    if (this.#ticket === null) return;
    const asked = await this.#options.desk.claim(this.#ticket);
    if (!asked.ok) return this.#refusedAt(asked);
    this.#retries = 0;
    this.#passEndsAtMs = Date.parse(asked.body.expiresAt);
    this.#show({ stage: "turn", trouble: null, passEndsInMs: Math.max(0, this.#passEndsAtMs - serverNowMs()) });
  }

  #refusedAt(refused: Refused): void {
    const { code, body } = refused;
    if (code !== "NO_CONNECTION" && refused.retryAfterMs === 0) this.#show({ trouble: null });
    const stage = END_OF[code];
    if (code === "NOT_YET") this.#notYet(body);
    else if (code === "BAD_TICKET") this.#beginAnew(true);
    else if (code === "FORBIDDEN") this.#show({ stage: "refused", refusal: refused.detail });
    else if (stage !== undefined) this.#show({ stage });
    else {
      this.#show({ trouble: code === "NO_CONNECTION" ? "lost" : "unavailable" });
      this.#retries += 1;
      this.#again(Math.max(refused.retryAfterMs, Math.min(RETRY_MS * this.#retries, RETRY_MS_MAX)));
    }
  }

  #notYet({ reason, position = 1, etaSeconds }: Refused["body"]): void {
    const status = this.#status;
    if (status === null) return;
    this.#retries = 0;
    if (etaSeconds !== undefined && etaSeconds.p50 > 0) this.#spread = Math.max(1, etaSeconds.p90 / etaSeconds.p50);
    const wait = etaSeconds ?? null;
    if (reason === "AT_DOOR") {
      this.#order = status.admitted;
      this.#show({ stage: "door", place: position, wait });
      this.#again(Math.min(Math.max((1000 * (etaSeconds?.p50 ?? 0)) / 4, KNOCK_MS_MIN), KNOCK_MS_MAX));
      return;
    }
    this.#order = position + status.admitted;
    this.#stand(status, this.#order);
    if (this.#facts.wait === null) this.#show({ wait });
  }

  /** Asks once more after a while, unless something else has led on by then. */
  #again(delayMs: number): void {
    this.#later();
    this.#later = after(delayMs * (0.75 + jitter() / 2), () => {
      if (this.#ticket === null) this.#step();
      else this.#ask(() => this.#claim());
    });
  }

  /** One question at a time. */
  #ask(question: () => Promise<void>): void {
    if (this.#isAsking) return;
    this.#later();
    this.#isAsking = true;
    const hadTicket = this.#ticket;
    question().then(
      () => {
        this.#isAsking = false;
        // A new place leads on at once; what failed comes again by itself.
        if (this.#ticket !== hadTicket) this.#step();
      },
      () => {
        this.#isAsking = false;
        this.#again(RETRY_MS);
      },
    );
  }

  #show(change: Partial<RoomFacts>): void {
    this.#facts = { ...this.#facts, ...change };
    this.#options.changed(this.#facts);
  }
}
