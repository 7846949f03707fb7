/** Owns the members of the process tests: real accounts, that hold, pay and give up over HTTP, and know which answers never came. */

/** Whatever serves: its address may change when it is started anew. */
export interface Served {
  readonly url: string;
  /** The authority that its certificate is signed by, when it is none that everybody knows. */
  readonly ca?: string;
}

/** Members of the bodies that the tests look into. What is there is for them to find out. */
export interface AnswerBody {
  readonly id: string;
  readonly pnr: string;
  readonly flightId: string;
  readonly status: string;
  readonly passengers: readonly { readonly name: string; readonly type: string; readonly seat: string }[];
  readonly total: { readonly amount: number; readonly currency: string };
  readonly expiresAt: string;
  readonly checkoutUrl: string;
  readonly payment: { readonly id: string; readonly status: string };
  readonly refund: { readonly status: string; readonly amount: { readonly amount: number } };
  readonly code: string;
  readonly seats: readonly { readonly seat: string; readonly state: string }[];
  readonly alternatives: readonly string[];
  readonly items: readonly AnswerBody[];
  readonly number: string;
  readonly reservationId: string;
  readonly accessToken: string;
  readonly changed: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Read as JSON; empty when there is none. */
  readonly body: AnswerBody;
}

const PASSWORD = "a password for tests";

/** As many as the server hashes passwords for without turning anybody away. */
const SIGN_UPS_AT_ONCE = 32;

export async function send(url: string, method: string, path: string, options: SendOptions = {}): Promise<Answer> {
  const { body, key, token, ca, headers } = options;
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { "idempotency-key": key }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text || "{}") };
}

export interface SendOptions {
  readonly body?: unknown;
  readonly key?: string;
  readonly token?: string;
  readonly ca?: string;
  /** Beside those that the others make. */
  readonly headers?: Readonly<Record<string, string>>;
}

function trustOf({ ca }: Served): Pick<SendOptions, "ca"> {
  return ca === undefined ? {} : { ca };
}

export class Member {
  readonly email: string;
  readonly token: string;
  readonly #program: Served;

  private constructor(program: Served, email: string, token: string) {
    this.#program = program;
    this.email = email;
    this.token = token;
  }

  static async signUp(program: Served, email = `${Bun.randomUUIDv7()}@example.com`): Promise<Member> {
    const signedUp = await send(program.url, "POST", "/api/v1/members", {
      body: { email, password: PASSWORD, name: "Kim Minji" },
      ...trustOf(program),
    });
    if (signedUp.status !== 201) throw new Error(`sign-up: ${signedUp.status} ${signedUp.text}`);
    return Member.logIn(program, email);
  }

  static async logIn(program: Served, email: string, password = PASSWORD): Promise<Member> {
    const loggedIn = await send(program.url, "POST", "/api/v1/sessions", {
      body: { email, password },
      ...trustOf(program),
    });
    if (loggedIn.status !== 200) throw new Error(`log-in: ${loggedIn.status} ${loggedIn.text}`);
    return new Member(program, email, loggedIn.body.accessToken);
  }

  static async signUpMany(program: Served, count: number): Promise<Member[]> {
    const members: Member[] = [];
    while (members.length < count) {
      const some = Math.min(SIGN_UPS_AT_ONCE, count - members.length);
      members.push(...(await Promise.all(Array.from({ length: some }, () => Member.signUp(program)))));
    }
    return members;
  }

  send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
    return send(this.#program.url, method, path, {
      ...trustOf(this.#program),
      ...options,
      token: this.token,
    });
  }

  get(path: string): Promise<Answer> {
    return this.send("GET", path);
  }

  /** Holds the named seats, one passenger each. */
  hold(flightId: string, seats: readonly string[], key: string = Bun.randomUUIDv7()): Promise<Answer> {
    return this.send("POST", holdPath(flightId), { body: holdBody(seats), key });
  }

  reservation(id: string): Promise<Answer> {
    return this.get(`/api/v1/reservations/${id}`);
  }

  cancel(id: string): Promise<Answer> {
    return this.send("DELETE", `/api/v1/reservations/${id}`);
  }

  /** Begins a payment, or finds the one that is open. */
  pay(id: string, key: string = Bun.randomUUIDv7()): Promise<Answer> {
    return this.send("POST", `/api/v1/reservations/${id}/payments`, { body: {}, key });
  }

  /** All reservations, newest first. */
  async reservations(): Promise<AnswerBody[]> {
    return [...(await this.newestUntil(() => false)).values()];
  }

  /** Reservations by their ids, newest first: as many as it takes until there are enough, or all. */
  async newestUntil(
    areEnough: (found: ReadonlyMap<string, AnswerBody>) => boolean,
  ): Promise<ReadonlyMap<string, AnswerBody>> {
    const found = new Map<string, AnswerBody>();
    for (let page = 1; ; page++) {
      const { body } = await this.get(`/api/v1/reservations?size=100&page=${page}`);
      for (const each of body.items) found.set(each.id, each);
      if (body.items.length < 100 || areEnough(found)) return found;
    }
  }
}

export function holdPath(flightId: string): string {
  return `/api/v1/flights/${flightId}/reservations`;
}

export function holdBody(seats: readonly string[]) {
  return { passengers: seats.map((seat, at) => ({ name: `Kim ${at}`, seat })) };
}

/**
 * What somebody says at the checkout, and whether it counted: only the first word does.
 * @param sandboxUrl where the sandbox is now; one that was started anew has another address, but the same checkouts
 */
export async function checkOut(checkoutUrl: string, choice: object, sandboxUrl?: string): Promise<boolean> {
  const { origin, pathname } = new URL(checkoutUrl);
  const { status, text, body } = await send(sandboxUrl ?? origin, "POST", pathname, { body: choice });
  if (status !== 200) throw new Error(`checkout: ${status} ${text}`);
  return body.changed;
}

/** The state of each seat of a flight. */
export async function seatStates(
  url: string,
  flightId: string,
  trust: Pick<SendOptions, "ca"> = {},
): Promise<ReadonlyMap<string, string>> {
  const { body } = await send(url, "GET", `/api/v1/flights/${flightId}/seats`, trust);
  return new Map(body.seats.map(({ seat, state }) => [seat, state]));
}
