/** Owns the asking side of NATS: commands on their way, the inbox that their answers come to, and who waits for each. */

import { createInbox, headers, type Msg, type NatsConnection, type PublishOptions } from "@nats-io/transport-node";
import type { Clock } from "../clock.ts";
import { type Command, isRead } from "../domain/command.ts";
import { type Reply, rejected } from "../domain/reply.ts";
import { OperationalError } from "../errors.ts";
import { Slab } from "../slab.ts";
import type { Counter, Log, Telemetry } from "../telemetry.ts";
import type { Answer, Answering, Sending } from "./bus.ts";
import type { NatsLink } from "./nats-link.ts";
import { type ReadAnswer, readAnswer, readHostMs } from "./replies.ts";
import { COMMANDS_MAX, REQUEST_BYTES_MAX } from "./requests.ts";
import {
  batchSubject,
  DEADLINE_HEADER,
  inboxPrefix,
  KEY_HEADER,
  singleSubject,
  writeBatch,
  writeBatched,
  writeBody,
} from "./wire.ts";

/** Commands that may wait for an answer; beyond, OVERLOADED. */
const WAITING_MAX = 65_536;

/** How long after its deadline a command is still waited for, in milliseconds: its commit may be on the way. */
const GRACE_MS = 1_000;

/** How often commands that were lost are looked for, in milliseconds. */
const SWEEP_MS = 1_000;

/** More than what stands around a batch's commands, in bytes. */
const ENVELOPE_BYTES = 64;

/** For the commands of a batch, in bytes. */
const ROOM_BYTES = REQUEST_BYTES_MAX - ENVELOPE_BYTES;

/** Where the answers to a batch come to: used again once they have come, so that the server need not learn new subjects all the time. */
interface Address {
  /** The last word of the reply subject. */
  readonly token: string;
  /** Number of the batch whose it is, or was last. */
  sent: number;
}

/** One message on its way. */
interface Sent {
  readonly subject: string;
  number: number;
  /** Null: a single command, whose answer doesn't name it. Its token is its number, or a late answer would be taken for another's. */
  readonly address: Address | null;
  readonly commands: readonly Waiting[];
  /** Of them, those that nothing was heard of. */
  unheard: number;
}

/** One command on its way. */
interface Waiting {
  i: number;
  readonly answer: Answering;
  /** By the monotonic clock. */
  readonly dropAtMs: number;
  sent: Sent | null;
  isHeard: boolean;
}

export class NatsRequests {
  readonly #link: NatsLink;
  readonly #caller: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #messages: Counter;
  readonly #commands: Counter;
  /** With a dot at the end. */
  #inbox = "";
  readonly #waiting = new Slab<Waiting>();
  readonly #sent = new Slab<Sent>();
  readonly #addresses = new Map<string, Address>();
  readonly #freeAddresses: Address[] = [];
  #isSweepSet = false;

  constructor(link: NatsLink, caller: string, clock: Clock, telemetry: Telemetry) {
    this.#link = link;
    this.#caller = caller;
    this.#clock = clock;
    this.#log = telemetry.log;
    this.#messages = telemetry.counter("pigonair_bus_messages_total", "Messages with commands that went out.");
    this.#commands = telemetry.counter("pigonair_bus_commands_total", "Commands that went out in them.");
    telemetry.gauge("pigonair_bus_waiting", "Commands that wait for their answer.", () => this.#waiting.size);
  }

  up(connection: NatsConnection): void {
    this.#inbox = `${createInbox(inboxPrefix(this.#caller))}.`;
    this.#link.listen(connection, `${this.#inbox}*`, (message) => this.#hear(message));
  }

  /** Nobody knows what became of what was on its way: whoever waits asks again by its own time. */
  down(): void {
    this.#waiting.clear();
    this.#sent.clear();
    this.#addresses.clear();
    this.#freeAddresses.length = 0;
  }

  send(shard: number, sendings: readonly Sending[]): void {
    let texts: string[] = [];
    let waiting: Waiting[] = [];
    let bytes = 0;
    const ship = (): void => {
      if (waiting.length > 0) this.#ship(batchSubject(shard, this.#caller), writeBatch(texts), waiting, true);
      texts = [];
      waiting = [];
      bytes = 0;
    };
    for (const { command, answer } of sendings) {
      if (this.#link.connection === null) {
        answer(notOwner("The bus is out of reach."));
        continue;
      }
      if (this.#waiting.size >= WAITING_MAX) {
        answer(
          failure(new OperationalError("OVERLOADED", "Too many commands are on their way.", { retryAfterMs: 1_000 })),
        );
        continue;
      }
      const entry = this.#wait(command, answer);
      if (isRead(command.op)) {
        this.#sendSingle(shard, command, entry);
        continue;
      }
      const text = writeBatched(entry.i, command);
      // A bound will do: to count the bytes of each text would cost as much as to write it.
      const textBytes = text.length * 3 + 1;
      if (textBytes > ROOM_BYTES && Buffer.byteLength(text) > ROOM_BYTES) {
        this.#waiting.delete(entry.i);
        answer(final(rejected("VALIDATION", `A command has up to ${REQUEST_BYTES_MAX} bytes.`, { field: "args" })));
        continue;
      }
      if (waiting.length === COMMANDS_MAX || bytes + textBytes > ROOM_BYTES) ship();
      texts.push(text);
      waiting.push(entry);
      bytes += textBytes;
    }
    ship();
  }

  /** The server's permissions don't let us publish on the subject. */
  refused(subject: string): void {
    const error = new OperationalError("FORBIDDEN", `NATS does not let ${this.#caller} publish on ${subject}.`);
    for (const sent of [...this.#sent.values()]) if (sent.subject === subject) this.#endAll(sent, failure(error));
  }

  #wait({ deadlineMs }: Command, answer: Answering): Waiting {
    const leftMs = Math.max(0, deadlineMs - this.#clock.nowMs());
    const dropAtMs = this.#clock.monotonicMs() + leftMs + GRACE_MS;
    const entry: Waiting = { i: -1, answer, dropAtMs, sent: null, isHeard: false };
    entry.i = this.#waiting.add(entry);
    return entry;
  }

  #sendSingle(shard: number, command: Command, entry: Waiting): void {
    const fields = headers();
    fields.set(DEADLINE_HEADER, String(command.deadlineMs));
    if (command.key !== null) fields.set(KEY_HEADER, command.key);
    const subject = singleSubject(shard, command.flightId, command.op, this.#caller);
    this.#ship(subject, writeBody(command), [entry], false, { headers: fields });
  }

  #ship(
    subject: string,
    payload: string,
    commands: readonly Waiting[],
    isBatch: boolean,
    options: PublishOptions = {},
  ): void {
    const address = isBatch ? (this.#freeAddresses.pop() ?? this.#newAddress()) : null;
    const sent: Sent = { subject, number: -1, address, commands, unheard: commands.length };
    sent.number = this.#sent.add(sent);
    if (address !== null) address.sent = sent.number;
    for (const entry of commands) entry.sent = sent;
    this.#sweepLater();
    let hasGone = false;
    try {
      hasGone = this.#link.publish(subject, payload, {
        ...options,
        reply: this.#inbox + (address?.token ?? sent.number),
      });
    } catch (cause) {
      const error = new OperationalError("INTERNAL", "NATS does not take a message of this length.", { cause });
      this.#endAll(sent, failure(error));
      return;
    }
    if (!hasGone) {
      this.#endAll(sent, notOwner("The bus is out of reach."));
      return;
    }
    this.#messages.add();
    this.#commands.add(commands.length);
  }

  #hear(message: Msg): void {
    const { data } = message;
    if (data.length === 0 && message.headers?.code === 503) {
      const sent = this.#sentOf(message);
      if (sent !== undefined) this.#endAll(sent, notOwner("Nobody serves the shard now."));
      return;
    }
    let document: ReadAnswer & { readonly answers?: unknown };
    try {
      document = message.json();
    } catch (cause) {
      this.#log.error({ err: cause }, "an answer is not JSON");
      return;
    }
    if (typeof document !== "object" || document === null) return;
    if (Array.isArray(document.answers)) {
      for (const read of document.answers as readonly (ReadAnswer | null)[]) this.#take(read);
      return;
    }
    const sent = this.#sentOf(message);
    const answer = readAnswer(document);
    // A batch that is answered so was refused as a whole.
    if (sent !== undefined && answer !== null)
      for (const entry of sent.commands) this.#answer(entry, answer, readHostMs(document));
  }

  #take(read: ReadAnswer | null): void {
    const entry = typeof read?.i === "number" ? this.#waiting.get(read.i) : undefined;
    if (entry === undefined || read === null) return;
    const answer = readAnswer(read);
    if (answer === null) this.#log.error({ i: read.i }, "an answer has no known form");
    else this.#answer(entry, answer, readHostMs(read));
  }

  #answer(entry: Waiting, answer: Answer, hostMs: number | undefined): void {
    const isFinal = answer.ok || answer.error.code !== "NOT_OWNER";
    // After a former owner's "not mine" the present one may still answer.
    if (isFinal && !this.#waiting.delete(entry.i)) return;
    this.#heard(entry, isFinal);
    entry.answer(answer, hostMs);
  }

  #heard(entry: Waiting, isFinal: boolean): void {
    const { sent } = entry;
    if (sent === null) return;
    if (!entry.isHeard) sent.unheard -= 1;
    entry.isHeard = true;
    if (sent.unheard === 0 && (sent.address !== null || isFinal)) this.#end(sent);
  }

  /** No answer will come by its token. */
  #end(sent: Sent): void {
    if (this.#sent.delete(sent.number) && sent.address !== null) this.#freeAddresses.push(sent.address);
  }

  #endAll(sent: Sent, answer: Answer): void {
    this.#end(sent);
    for (const entry of sent.commands) if (this.#waiting.delete(entry.i)) entry.answer(answer);
  }

  #newAddress(): Address {
    const address = { token: `b${this.#addresses.size}`, sent: -1 };
    this.#addresses.set(address.token, address);
    return address;
  }

  #sentOf({ subject }: Msg): Sent | undefined {
    const token = subject.slice(this.#inbox.length);
    return this.#sent.get(this.#addresses.get(token)?.sent ?? Number(token));
  }

  #sweepLater(): void {
    if (this.#isSweepSet) return;
    this.#isSweepSet = true;
    this.#clock.after(SWEEP_MS, () => this.#sweep());
  }

  /** Forgets what was lost on its way, or to which the owner had nothing more to say. */
  #sweep(): void {
    this.#isSweepSet = false;
    const nowMs = this.#clock.monotonicMs();
    for (const entry of this.#waiting.values()) {
      if (entry.dropAtMs > nowMs) continue;
      this.#waiting.delete(entry.i);
      this.#heard(entry, true);
    }
    if (this.#waiting.size > 0) this.#sweepLater();
  }
}

function notOwner(why: string): Answer {
  return failure(new OperationalError("NOT_OWNER", why));
}

function failure(error: OperationalError): Answer {
  return { ok: false, error };
}

function final(reply: Reply): Answer {
  return { ok: true, reply, isReplay: false };
}
