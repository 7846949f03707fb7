/** Owns an owner of one shard on a throw-away NATS server, and the ways to ask it byte by byte, as a stranger would. */

import { headers, type NatsConnection } from "@nats-io/transport-node";
import { present } from "../../actors/assert.ts";
import type { Answer, Answering } from "../../actors/bus/bus.ts";
import type { NatsBus } from "../../actors/bus/nats.ts";
import type { Command } from "../../actors/domain/command.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import { FLIGHT_ID } from "./given.ts";
import { NatsServer, type NatsUser } from "./given-nats.ts";
import { RecordingTelemetry } from "./recording-telemetry.ts";
import { until } from "./until.ts";

/** The owned shard: that of {@link FLIGHT_ID}. */
export const SHARD = shardOf(FLIGHT_ID);

/** In the year 2100. */
export const DEADLINE = "4102444800000";

export const HOLD = { passengers: [{ name: "Kim Minji", type: "ADT", seat: "1A" }] };
export const BODY = { member: "m1", args: HOLD };

/** What the owner answers when it answers by itself. */
export const DONE: Answer = { ok: true, reply: { ok: true, result: { kind: "done" } }, isReplay: false };

export type Json = Record<string, unknown>;

/** What is changed of a request that is right. */
export interface Single {
  readonly user?: NatsUser;
  readonly subject?: string;
  readonly key?: string | null;
  readonly deadline?: string | null;
  readonly body?: unknown;
  /** Instead of the body, as it is. */
  readonly bytes?: Uint8Array | string;
}

export function answersIn(message: Json | undefined): Json[] {
  return present(message?.answers, "answers in the message") as Json[];
}

export class GivenOwner {
  readonly telemetry = new RecordingTelemetry();
  /** What the owner was given. */
  taken: Command[] = [];
  /** Who waits for an answer, when the owner doesn't answer by itself. */
  answering: Answering[] = [];
  isAnswering = true;
  readonly server: NatsServer;
  readonly #buses = new Map<NatsUser, NatsBus>();

  private constructor(server: NatsServer) {
    this.server = server;
  }

  static async start(): Promise<GivenOwner> {
    const given = new GivenOwner(await NatsServer.start());
    for (const user of ["actors", "edge", "workers", "all", "internal", "observer"] as const) {
      const options = user === "actors" ? { telemetry: given.telemetry } : {};
      given.#buses.set(user, await given.server.connect(user, options));
    }
    await given.bus("actors").serve(SHARD, (command, answer) => {
      given.taken.push(command);
      if (given.isAnswering) answer(DONE);
      else given.answering.push(answer);
    });
    return given;
  }

  /** Forgets what has been; the owner answers by itself again. */
  reset(): void {
    this.taken = [];
    this.answering = [];
    this.isAnswering = true;
    this.telemetry.clear();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#buses.values()].map((bus) => bus.close()));
    await this.server.remove();
  }

  bus(user: NatsUser): NatsBus {
    return present(this.#buses.get(user), `${user} has a bus`);
  }

  connection(user: NatsUser): NatsConnection {
    return present(this.bus(user).connection, `${user} is connected`);
  }

  /** A single request, right but for what is changed; and its answer. */
  async ask(change: Single = {}): Promise<Json> {
    const { user = "edge", key = "k1", deadline = DEADLINE, body = BODY } = change;
    const subject = change.subject ?? `flight.${SHARD}.${FLIGHT_ID}.hold.edge`;
    const fields = headers();
    if (key !== null) fields.set("Idempotency-Key", key);
    if (deadline !== null) fields.set("Deadline-Ms", deadline);
    const payload = change.bytes ?? JSON.stringify(body);
    const message = await this.connection(user).request(subject, payload, { headers: fields, timeout: 2_000 });
    return message.json();
  }

  /** Publishes a batch, and gives the messages that come for it as they come. */
  publishBatch(payload: unknown, user: NatsUser = "edge", caller = "edge"): Json[] {
    const inbox = `_INBOX.${caller}.${crypto.randomUUID()}`;
    const messages: Json[] = [];
    this.connection(user).subscribe(inbox, { callback: (_, message) => void messages.push(message.json()) });
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    this.connection(user).publish(`flight.${SHARD}._batch.${caller}`, text, { reply: inbox });
    return messages;
  }

  /** As {@link publishBatch}; resolves when the last answer has come, or the refusal of the whole. */
  async askBatch(payload: unknown, user: NatsUser = "edge", caller = "edge"): Promise<Json[]> {
    const messages = this.publishBatch(payload, user, caller);
    const isLast = (message: Json): boolean =>
      !("answers" in message) || answersIn(message).some(({ last }) => last === true);
    await until(() => messages.some(isLast), "the last answer");
    return messages;
  }
}
