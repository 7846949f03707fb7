/** Owns the serving side of NATS for one shard: takes what is asked, hands it to the host, and sends the answers back. */

import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { Counter } from "../telemetry.ts";
import type { Answer, Serving } from "./bus.ts";
import { callerKind } from "./callers.ts";
import type { NatsAnswers } from "./nats-answers.ts";
import type { NatsLink } from "./nats-link.ts";
import { type ErrorPart, writeAnswer, writeError } from "./replies.ts";
import {
  BATCH_WORD,
  DEADLINE_HEADER,
  forbids,
  HEADER_BYTES_MAX,
  KEY_HEADER,
  mayBeAnsweredAt,
  readBatch,
  readSingle,
} from "./wire.ts";

/** The library compares each header with all before it [@nats-io/nats-core 3.4.0]: those of one message of 4 MB would take minutes to read. */
function headerBytes(message: Msg): number {
  const { subject, reply = "", data } = message;
  // Every message is one of these, but the type that callbacks are given does not tell of its size.
  return (message as Msg & { readonly size: () => number }).size() - subject.length - reply.length - data.length;
}

export interface NatsServiceOptions {
  readonly link: NatsLink;
  readonly answers: NatsAnswers;
  /** Counts what was not handed to the host, by `why`. */
  readonly refusals: Counter;
}

export class NatsService {
  readonly #options: NatsServiceOptions;
  readonly #shard: number;
  readonly #prefix: string;
  readonly #serving: Serving;
  #subscription: Subscription | null = null;

  constructor(options: NatsServiceOptions, shard: number, serving: Serving) {
    this.#options = options;
    this.#shard = shard;
    this.#prefix = `flight.${shard}.`;
    this.#serving = serving;
  }

  up(connection: NatsConnection): void {
    this.#subscription = this.#options.link.listen(connection, `${this.#prefix}>`, (message) => this.#take(message));
  }

  down(): void {
    this.#subscription = null;
  }

  /** Takes nothing new; what was on its way has been handed to the host when it resolves. */
  async stop(): Promise<void> {
    const subscription = this.#subscription;
    this.#subscription = null;
    if (subscription !== null) await this.#options.link.drain(subscription);
  }

  #take(message: Msg): void {
    const reply = message.reply ?? "";
    if (reply === "") {
      // Nobody could be told, and what nobody was told of must not happen.
      this.#options.refusals.add(1, { why: "no-reply-subject" });
      return;
    }
    const words = message.subject.slice(this.#prefix.length).split(".");
    const caller = words.at(-1) ?? "";
    if (!mayBeAnsweredAt(caller, reply)) {
      // NATS lets everybody name any reply subject, and what we publish there has our permissions instead of the caller's.
      this.#options.refusals.add(1, { why: "foreign-reply-subject" });
      return;
    }
    const kind = callerKind(caller);
    if (kind === null) {
      this.#refuse(reply, forbids("caller", `${caller} is nobody who may ask a flight.`));
      return;
    }
    const asked = { shard: this.#shard, caller, kind };
    const [first = "", op = ""] = words;
    if (first === BATCH_WORD && words.length === 2) this.#takeBatch(message, reply, asked);
    else if (words.length === 3) this.#takeSingle(message, reply, { ...asked, flightId: first, op });
    else this.#refuse(reply, { code: "VALIDATION", field: "subject", detail: "The subject has no documented form." });
  }

  #takeBatch(message: Msg, reply: string, asked: Parameters<typeof readBatch>[1]): void {
    const batch = readBatch(message.data, asked);
    if (!batch.ok) {
      this.#refuse(reply, batch.error);
      return;
    }
    const { answers, refusals } = this.#options;
    const inbox = batch.sharesInbox ? reply.slice(0, reply.lastIndexOf(".")) : reply;
    let unanswered = batch.commands.length;
    const send = (i: number, members: string): void => {
      unanswered -= 1;
      answers.add(inbox, reply, unanswered === 0 ? `{"i":${i},"last":true,${members}}` : `{"i":${i},${members}}`);
    };
    for (const { i, command, error } of batch.commands) {
      if (error === null) {
        this.#serving(command, (answer, hostMs) => send(i, writeAnswer(answer, "deadlineMs", hostMs)));
      } else {
        refusals.add(1, { why: error.code });
        send(i, writeError(error));
      }
    }
  }

  #takeSingle(message: Msg, reply: string, asked: Omit<Parameters<typeof readSingle>[1], "key" | "deadline">): void {
    if (headerBytes(message) > HEADER_BYTES_MAX) {
      this.#refuse(reply, {
        code: "VALIDATION",
        field: "headers",
        detail: `Expected up to ${HEADER_BYTES_MAX} bytes.`,
      });
      return;
    }
    const { headers } = message;
    const key = headers?.has(KEY_HEADER) ? headers.get(KEY_HEADER) : null;
    const deadline = headers?.has(DEADLINE_HEADER) ? headers.get(DEADLINE_HEADER) : null;
    const { command, error } = readSingle(message.data, { ...asked, key, deadline });
    if (error === null) this.#serving(command, (answer, hostMs) => this.#sendSingle(reply, answer, hostMs));
    else this.#refuse(reply, error);
  }

  #sendSingle(reply: string, answer: Answer, hostMs: number | undefined): void {
    const { link } = this.#options;
    try {
      link.publish(reply, `{${writeAnswer(answer, DEADLINE_HEADER, hostMs)}}`);
    } catch {
      // A seat map can be longer than a server's operator allows.
      link.publish(
        reply,
        `{${writeError({ code: "INTERNAL", detail: "NATS does not take an answer of this length." })}}`,
      );
    }
  }

  #refuse(reply: string, error: ErrorPart): void {
    this.#options.refusals.add(1, { why: error.code });
    this.#options.link.publish(reply, `{${writeError(error)}}`);
  }
}
