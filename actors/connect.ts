/** Owns the way in for programs of the operator's own, such as a sales desk: a flight client over NATS, with this machine's clock. */

import { connectNats } from "./bus/nats.ts";
import type { TlsFiles } from "./bus/nats-link.ts";
import { type FlightAnswer, flightClient, type Request } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { Op } from "./domain/command.ts";
import type { Entropy } from "./entropy.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { silent, type Telemetry } from "./telemetry.ts";

export { OperationalError } from "./errors.ts";
export type { FlightAnswer };

/** A request as its caller makes it. Without a key only what is idempotent by itself may be asked. */
export type FlightRequest<O extends Op = Op> = {
  readonly [K in O]: Omit<Request<K>, "key" | "fingerprint"> & { readonly key?: string; readonly fingerprint?: string };
}[O];

export interface ConnectOptions {
  /** `nats://user:password@host:4222`, several servers by commas; `tls://` for TLS. */
  readonly url: string;
  /** Who asks: `internal-…`, as the server's permissions pin it to the user. */
  readonly caller: string;
  /** With it, TLS is a must. */
  readonly tls?: TlsFiles;
  /** How long a request may take in all, in milliseconds. @default 10_000 */
  readonly deadlineMs?: number;
  /** @default none */
  readonly telemetry?: Telemetry;
}

export interface ConnectedClient {
  /** Asks a flight and gives its final answer, a result or a rejection. @throws OperationalError as `FlightClient.call` does */
  call(request: FlightRequest): Promise<FlightAnswer>;

  /** What keeps requests from going out, in words for an operator; null when nothing does. */
  trouble(): string | null;
  close(): Promise<void>;
}

/**
 * Connects, or begins to: while NATS is out of reach it goes on trying, and requests wait for it until their deadline.
 * Deadlines are moments: the machine's clock must be right within a second or two.
 * @throws Error in words for an operator when the options can't be right
 * @example
 * const flights = await connectFlights({ url: "nats://internal:secret@bus:4222", caller: "internal-desk" });
 * const { reply } = await flights.call({
 *   flightId: "PG-101-2030-01-31-ICN",
 *   op: "hold",
 *   member: "0197f0c2-aaaa-7aaa-bbbb-000000000001",
 *   key: "order-4711",
 *   args: { passengers: [{ name: "Kim Minji", type: "ADT" }] },
 * });
 */
export async function connectFlights(options: ConnectOptions): Promise<ConnectedClient> {
  const { deadlineMs = 10_000, telemetry = silent, ...reach } = options;
  const bus = await connectNats({ ...reach, telemetry, clock: machineClock, entropy: machineEntropy });
  const client = flightClient(bus, machineClock, machineEntropy, { deadlineMs, gathers: true });
  return {
    call(request) {
      const { key = null, fingerprint = key === null ? "" : fingerprintOf(request.op, request.args) } = request;
      return client.call({ ...request, key, fingerprint });
    },
    trouble: () => bus.trouble(),
    close: () => bus.close(),
  };
}

const machineClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  soon: (call) => void setImmediate(call),
};

const machineEntropy: Entropy = {
  uuid: () => Bun.randomUUIDv7(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fraction: () => Math.random(),
};
