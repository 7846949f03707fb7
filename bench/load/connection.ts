/** Owns one kept-alive connection with at most one request in flight, and makes it anew when it is lost. */
import type { Socket, SocketHandler } from "bun";
import { assert } from "../../actors/assert.ts";
import { MalformedResponse, NEED_MORE } from "./protocol.ts";
import { ResponseParser } from "./response-parser.ts";
import type { FailureKind } from "./result.ts";

/** Between a failure and the next attempt to connect, so that a dead server isn't flooded. */
const RECONNECT_DELAY_MS = 20;

/** Why a request in flight has no answer. */
export type RequestFailure = Exclude<FailureKind, "connect">;

/** Whoever decides when a connection sends. */
export interface ConnectionOwner {
  /** It can send: once each time that it was made. */
  connected(connection: Connection): void;
  /** The request in flight has its answer. If the connection isn't open any more, it is being made anew and `connected` follows. */
  answered(connection: Connection, status: number, problemCode: string | null, body: Buffer): void;
  /** The request in flight won't be answered. The connection is being made anew and `connected` follows. */
  failed(connection: Connection, kind: RequestFailure): void;
  /** It is made anew: after an attempt to connect has failed, or else after it was lost. */
  reconnecting(afterFailedAttempt: boolean): void;
}

export class Connection {
  /** Its number, from 0. */
  readonly index: number;

  /** When the request in flight was sent, on its owner's clock. */
  sentAtMs = 0;

  /** When it was meant to be sent: its owner's to set, where that is not when it was. */
  meantAtMs = 0;

  /** Whether the request in flight is one that counts: its owner's to set. */
  counts: boolean = false;

  /** The number of the request in flight: its owner's to set. */
  sequence = -1;

  readonly #hostname: string;
  readonly #port: number;
  readonly #owner: ConnectionOwner;
  readonly #bodyBytesMax: number;
  #parser: ResponseParser;
  #socket: Socket<Connection> | null = null;
  #unsent: Buffer | null = null;
  #inFlight: boolean = false;
  #hasEnded: boolean = false;

  /** @param bodyBytesMax how much of each answer's body its owner is shown */
  constructor(index: number, hostname: string, port: number, owner: ConnectionOwner, bodyBytesMax = 0) {
    this.index = index;
    this.#hostname = hostname;
    this.#port = port;
    this.#owner = owner;
    this.#bodyBytesMax = bodyBytesMax;
    this.#parser = new ResponseParser(bodyBytesMax);
  }

  get inFlight(): boolean {
    return this.#inFlight;
  }

  get isOpen(): boolean {
    return this.#socket !== null;
  }

  open(): void {
    const address = { hostname: this.#hostname, port: this.#port };
    // The handler `connectError` is told of a failure too, and acts on it.
    Bun.connect<Connection>({ ...address, socket: HANDLERS, data: this }).catch(() => {});
  }

  /** Sends the first `length` of `bytes`, which may be overwritten afterwards. */
  send(bytes: Buffer, length: number, atMs: number): void {
    assert(this.#socket !== null && !this.#inFlight, "a connection sends one request at a time");
    this.#inFlight = true;
    this.sentAtMs = atMs;
    this.#write(this.#socket, bytes, length);
  }

  /** Gives the connection up, with the request in flight if there is one, and makes it anew. */
  lose(kind: RequestFailure): void {
    this.#drop();
    if (this.#inFlight) {
      this.#inFlight = false;
      this.#owner.failed(this, kind);
    }
    this.#reconnect(false, RECONNECT_DELAY_MS);
  }

  /** Ends it for good. A request in flight is forgotten. */
  end(): void {
    this.#hasEnded = true;
    this.#drop();
  }

  /** Whether `socket` is the one it uses: one that it has dropped may still have something to say. */
  uses(socket: Socket<Connection>): boolean {
    return this.#socket === socket;
  }

  onOpen(socket: Socket<Connection>): void {
    if (this.#hasEnded) {
      socket.terminate();
      return;
    }
    socket.setNoDelay(true);
    this.#socket = socket;
    this.#owner.connected(this);
  }

  onConnectError(): void {
    this.#reconnect(true, RECONNECT_DELAY_MS);
  }

  onDrain(socket: Socket<Connection>): void {
    const rest = this.#unsent;
    if (rest !== null) this.#write(socket, rest, rest.length);
  }

  onData(bytes: Buffer): void {
    if (this.#tryRead(bytes)) this.#answered();
  }

  /** The peer has closed: after its `Connection: close`, at the end of a body without a length, or in the midst of something. */
  onClose(): void {
    if (this.#inFlight && this.#parser.end()) this.#answered();
    else this.lose("broken");
  }

  #write(socket: Socket<Connection>, bytes: Buffer, length: number): void {
    const written = socket.write(bytes, 0, length);
    if (written < 0) this.lose("broken");
    else this.#unsent = written < length ? Buffer.from(bytes.subarray(written, length)) : null;
  }

  /** Returns whether the answer is whole. */
  #tryRead(bytes: Buffer): boolean {
    try {
      if (!this.#inFlight) throw new MalformedResponse("an answer that nobody asked for");
      const end = this.#parser.read(bytes, 0);
      if (end !== NEED_MORE && end < bytes.length) throw new MalformedResponse("more than an answer");
      return end !== NEED_MORE;
    } catch (error) {
      if (!(error instanceof MalformedResponse)) throw error;
      this.lose("malformed");
      return false;
    }
  }

  #answered(): void {
    const { status, problemCode, keepAlive, body } = this.#parser;
    this.#inFlight = false;
    if (!keepAlive) this.#drop();
    this.#owner.answered(this, status, problemCode, body);
    if (!keepAlive) this.#reconnect(false, 0);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#unsent = null;
    this.#parser = new ResponseParser(this.#bodyBytesMax);
    socket?.terminate();
  }

  #reconnect(afterFailedAttempt: boolean, delayMs: number): void {
    if (this.#hasEnded) return;
    this.#owner.reconnecting(afterFailedAttempt);
    setTimeout(() => {
      if (!this.#hasEnded) this.open();
    }, delayMs);
  }
}

/** One set for all sockets. Without a handler `error`, whatever a handler throws ends the process, as it must. */
const HANDLERS: SocketHandler<Connection> = {
  binaryType: "buffer",
  open: (socket) => socket.data.onOpen(socket),
  data: (socket, bytes) => {
    if (socket.data.uses(socket)) socket.data.onData(bytes);
  },
  drain: (socket) => {
    if (socket.data.uses(socket)) socket.data.onDrain(socket);
  },
  close: (socket) => {
    if (socket.data.uses(socket)) socket.data.onClose();
  },
  connectError: (socket) => socket.data.onConnectError(),
};
