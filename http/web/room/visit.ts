/**
 * Owns one visit to the waiting room: from joining to the pass. Where one stands follows from the status that everybody is told; the server is
 * asked about this member alone at the beginning, when it is their turn, and else as seldom as it says itself.
 */

import { after, jitter, type Stop } from "../browser/device.ts";
import { serverNowMs } from "../browser/server-time.ts";
import type { Refused, RoomDesk } from "./desk.ts";
import {
  lineStage,
  NOTHING_KNOWN,
  publicFacts,
  type RoomFacts,
  type RoomStatus,
  type Stage,
  type WaitRange,
} from "./facts.ts";
import { HandIn } from "./hand-in.ts";
import type { KeptTicket } from "./kept-ticket.ts";

export interface VisitOptions {
  readonly desk: RoomDesk;
  readonly kept: KeptTicket;
  /** Called when something has changed. */
  readonly changed: (facts: RoomFacts) => void;
  /** Whether somebody looks at the page. */
  readonly isSeen: () => boolean;
  /** Does what the room asks for while too many join. */
  readonly work: (challenge: string) => Promise<string>;
  /** What the page shows already. @default "joining" */
  readonly stage?: Stage;
}

const RETRY_MS = 2_000;
const RETRY_MS_MAX = 20_000;

/** How often to ask when the server hasn't said. */
const ASK_MS = 5_000;

/** How much longer than half of them the slowest tenth wait, while the server has not said. */
const SPREAD = 1.6;

/** Where a refusal leads. All others are troubles of the moment. */
const END_OF: Partial<Record<Refused["code"], Stage>> = {
  UNAUTHENTICATED: "log-in",
  FORBIDDEN: "refused",
  PLACE_EXPIRED: "expired",
  ROOM_OFF: "off",
  SALE_CLOSED: "closed",
  FLIGHT_NOT_FOUND: "unknown",
};

/** Refusals by a room that has looked at the ticket. */
const LOOKED_AT: ReadonlySet<Refused["code"]> = new Set(["NOT_YET", "BAD_TICKET"]);

/** Nothing that the room tells everybody changes these: the member does. */
const FINAL: ReadonlySet<Stage> = new Set(["turn", "log-in", "refused", "expired", "unknown"]);

/** Shown with nothing else known. */
const SAYS_ALL: ReadonlySet<Stage> = new Set(["log-in", "off", "closed"]);

export class RoomVisit {
  readonly #options: VisitOptions;
  readonly #handIn = new HandIn(() => 2 * jitter() - 1);
  #facts: RoomFacts = NOTHING_KNOWN;
  #status: RoomStatus | null = null;
  #ticket: string | null = null;
  /** Let in when `admitted` reaches it; null while it isn't known. */
  #order: number | null = null;
  #spread = SPREAD;
  #passEndsAtMs = 0;
  #isAsking = false;
  #retries = 0;
  #later: Stop = () => {};

  constructor(options: VisitOptions) {
    this.#options = options;
    const { stage } = options;
    // Any other stage is of a place, which has to be asked for.
    if (stage !== undefined && SAYS_ALL.has(stage)) this.#facts = { ...NOTHING_KNOWN, stage };
  }

  /** Takes the status that everybody is told. */
  hear(status: RoomStatus): void {
    const known = this.#status;
    // What comes late over another way tells nothing new.
    if (known !== null && status.epoch === known.epoch && status.admitted < known.admitted) return;
    if (known !== null && status.epoch > known.epoch) this.#beginAnew(this.#ticket !== null);
    this.#status = status;
    this.#show(publicFacts(status, serverNowMs()));
    this.#step();
  }

  /** A second has passed: countdowns go on. */
  tick(): void {
    const { opensAt, opensInMs, passEndsInMs, stage } = this.#facts;
    if (stage === "prequeue" && opensInMs !== null && opensAt !== null) {
      this.#show({ opensInMs: Date.parse(opensAt) - serverNowMs() });
      this.#handInIfDue();
    }
    if (stage !== "turn" || passEndsInMs === null) return;
    this.#show({ passEndsInMs: Math.max(0, this.#passEndsAtMs - serverNowMs()) });
    if (this.#facts.passEndsInMs === 0) this.#ask(() => this.#claim());
  }

  /** Somebody looks at the page again. */
  seen(): void {
    const { stage } = this.#facts;
    if (stage === "call" || stage === "door") this.enter();
    else this.#step();
  }

  /** Comes in, also where the page doesn't know that it is seen. */
  enter(): void {
    this.#ask(() => this.#claim());
  }

  /** Joins once more, after a place that is over. */
  joinAgain(): void {
    this.#options.kept.forget();
    this.#beginAnew(false);
    this.#step();
  }

  lost(isLost: boolean): void {
    if (isLost) this.#show({ trouble: "lost" });
    else if (this.#facts.trouble === "lost") this.#show({ trouble: null });
  }

  sound(sound: RoomFacts["sound"]): void {
    this.#show({ sound });
  }

  #beginAnew(hadPlace: boolean): void {
    this.#ticket = null;
    this.#order = null;
    const nothing = { place: null, wait: null, isReturned: false, drawnSeq: null };
    this.#show({ ...nothing, stage: "joining", isAnew: hadPlace });
  }

  /** What follows from what is known. */
  #step(): void {
    const status = this.#status;
    if (status === null || this.#isAsking) return;
    // A pass opens nothing in a sale that is closed.
    const isShut = this.#facts.stage === "turn" && status.state === "closed";
    if (FINAL.has(this.#facts.stage) && !isShut) return;
    if (status.state === "off" || status.state === "closed") this.#show({ stage: status.state });
    else if (this.#ticket === null) {
      this.#show({ stage: "joining" });
      this.#ask(() => this.#join());
    } else if (status.state === "prequeue") {
      this.#show({ stage: "prequeue" });
      this.#handInIfDue();
    } else if (this.#order === null) this.#ask(() => this.#claim());
    else this.#stand(status, this.#order);
  }

  /** In the line, as far as it has moved. */
  #stand(status: RoomStatus, order: number): void {
    const place = order - status.admitted;
    const line = { place: Math.max(1, place), wait: this.#waitFor(place, status) };
    const stage = lineStage(status);
    if (place > 0 || stage !== "line") this.#show({ ...line, stage });
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

  /** @param proofOfWork what the room asked for at the attempt before */
  async #join(proofOfWork?: string): Promise<void> {
    const { desk, kept, work } = this.#options;
    const before = kept.read();
    const asked = await desk.join({
      ...(before === null ? {} : { ticket: before }),
      ...(proofOfWork === undefined ? {} : { proofOfWork }),
    });
    if (asked.ok) {
      const { ticket, place, seq } = asked.body;
      kept.keep(ticket);
      this.#ticket = ticket;
      this.#order = place;
      this.#retries = 0;
      this.#handIn.done(this.#opensAtMs, serverNowMs());
      const isDrawn = seq <= (this.#status?.frozen?.n ?? 0);
      this.#show({ isReturned: asked.status === 200, trouble: null, isWorking: false, drawnSeq: isDrawn ? seq : null });
      return;
    }
    const { challenge } = asked.body;
    if (asked.code === "WORK_REQUIRED" && challenge !== undefined) {
      this.#show({ isWorking: true });
      return this.#join(await work(challenge));
    }
    this.#refusedAt(asked);
  }

  get #opensAtMs(): number | null {
    const opensAt = this.#status?.opensAt ?? null;
    return opensAt === null ? null : Date.parse(opensAt);
  }

  /** Whatever the answer, the page goes on as it is: when the sale opens everybody is told. */
  #handInIfDue(): void {
    const { desk } = this.#options;
    if (this.#status?.state !== "prequeue" || this.#ticket === null) return;
    if (!this.#handIn.isDue(this.#opensAtMs, serverNowMs())) return;
    void desk.claim(this.#ticket).then((asked) => {
      if (!asked.ok && !LOOKED_AT.has(asked.code) && END_OF[asked.code] === undefined)
        this.#handIn.missed(serverNowMs());
    });
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
    const stage = END_OF[code];
    if (code === "NOT_YET") this.#notYet(body);
    else if (code === "BAD_TICKET") {
      this.#options.kept.forget();
      this.#beginAnew(this.#ticket !== null);
      this.#again(0);
    } else if (stage !== undefined) {
      if (stage === "expired" || stage === "closed") this.#options.kept.forget();
      this.#show({ stage, trouble: null });
    } else {
      this.#show({ trouble: code === "NO_CONNECTION" ? "lost" : "unavailable" });
      this.#retries += 1;
      this.#again(Math.max(refused.retryAfterMs, Math.min(RETRY_MS * this.#retries, RETRY_MS_MAX)));
    }
  }

  #notYet({ reason, position, etaSeconds, pollAfterMs = ASK_MS }: Refused["body"]): void {
    const status = this.#status;
    if (status === null) return;
    this.#retries = 0;
    if (etaSeconds !== undefined && etaSeconds.p50 > 0) this.#spread = Math.max(1, etaSeconds.p90 / etaSeconds.p50);
    if (reason === "AT_DOOR") {
      this.#order = status.admitted;
      this.#show({ stage: "door", trouble: null, place: position ?? 1, wait: etaSeconds ?? null });
    } else {
      this.#show({ trouble: null });
      if (position !== undefined) {
        this.#order = position + status.admitted;
        this.#stand(status, this.#order);
      } else this.#show({ stage: status.state === "open" ? "line" : this.#facts.stage });
      this.#show({ wait: etaSeconds ?? this.#facts.wait });
    }
    this.#again(pollAfterMs);
  }

  /** Asks once more after a while, unless something else has led on by then. */
  #again(delayMs: number): void {
    this.#later();
    this.#later = after(delayMs * (0.5 + jitter() / 2), () => {
      if (this.#ticket === null) this.#step();
      // Nobody who is away asks at the door: who asks is given a pass.
      else if (this.#options.isSeen()) this.#ask(() => this.#claim());
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
        if (this.#ticket !== null && (this.#ticket !== hadTicket || this.#facts.stage === "turn")) this.#step();
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
