/** Owns the whole API with a waiting room as tests ask it: members by name, an operator, and seconds that pass. */

import { expect } from "bun:test";
import { GivenApp, type GivenAppOptions } from "./given-app.ts";
import { plannedFlight } from "./given-catalogue.ts";
import { until } from "./until.ts";
import { type Answer, Visitor } from "./visitor.ts";

export const FLIGHT = plannedFlight().id;
export const ROOM = `/api/v1/flights/${FLIGHT}/waiting-room`;
export const ADMIN_ROOM = `/api/v1/admin/flights/${FLIGHT}/waiting-room`;
const RESERVATIONS = `/api/v1/flights/${FLIGHT}/reservations`;
const PASSWORD = "correct horse";
const ADMIN = { email: "root@example.com", password: PASSWORD };

export interface Status {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export class GivenRoomApp {
  readonly app: GivenApp;
  #looks = 0;

  private constructor(app: GivenApp) {
    this.app = app;
    app.waitingRooms.rooms.onLook(() => {
      this.#looks += 1;
    });
  }

  static async open(options: GivenAppOptions = {}): Promise<GivenRoomApp> {
    const usual = { flights: [plannedFlight()], admin: ADMIN, addressLimits: false };
    return new GivenRoomApp(await GivenApp.open({ ...usual, ...options }));
  }

  async seconds(count = 1): Promise<void> {
    const { clock, waitingRooms } = this.app;
    for (let second = 0; second < count; second++) {
      const before = this.#looks;
      clock.advance(1_000);
      await until(() => this.#looks > before, "a look at the rooms");
      await waitingRooms.pacer.idle();
    }
  }

  /** Signs somebody up, or finds them; `root` is the operator. */
  async member(name: string): Promise<RoomMember> {
    const visitor = new Visitor((request) => this.app.app.handle(request));
    const email = `${name}@example.com`;
    if (name !== "root") await visitor.send("POST", "/api/v1/members", { body: { email, password: PASSWORD, name } });
    const { body } = await visitor.send("POST", "/api/v1/sessions", { body: { email, password: PASSWORD } });
    return new RoomMember(visitor, String(body.accessToken));
  }

  async turnOn(change: object = {}): Promise<Answer> {
    return (await this.member("root")).send("PUT", ADMIN_ROOM, { mode: "on", ...change });
  }

  /** A member with a pass. */
  async admitted(
    name: string,
  ): Promise<{ readonly member: RoomMember; readonly ticket: string; readonly pass: string }> {
    const member = await this.member(name);
    const ticket = await member.ticket();
    let pass = "";
    for (let second = 0; second < 10 && pass === ""; second++) {
      await this.seconds(1);
      const { status, body } = await member.enter(ticket);
      if (status === 201) pass = String(body.pass);
    }
    expect(pass).not.toBe("");
    return { member, ticket, pass };
  }

  /** What anybody reads. */
  async read(path = ROOM): Promise<Status> {
    const response = await this.app.get(path);
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body };
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

export class RoomMember {
  readonly #visitor: Visitor;
  readonly #token: string;

  constructor(visitor: Visitor, token: string) {
    this.#visitor = visitor;
    this.#token = token;
  }

  send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const fields = { authorization: `Bearer ${this.#token}`, ...headers };
    return this.#visitor.send(method, path, body === undefined ? { headers: fields } : { body, headers: fields });
  }

  join(body?: object): Promise<Answer> {
    return this.send("POST", `${ROOM}/tickets`, body);
  }

  async ticket(): Promise<string> {
    const { body } = await this.join();
    return String(body.ticket);
  }

  enter(ticket: string): Promise<Answer> {
    return this.send("POST", `${ROOM}/passes`, { ticket });
  }

  hold(pass: string | null, key: string = Bun.randomUUIDv7(), name = "Kim"): Promise<Answer> {
    const headers = { "idempotency-key": key, ...(pass === null ? {} : { "admission-pass": pass }) };
    return this.send("POST", RESERVATIONS, { passengers: [{ name }] }, headers);
  }
}
