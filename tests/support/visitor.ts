/** Owns a visitor of the API as the tests need one: keeps cookies as a browser does, and sends what the test says. */

export const ORIGIN = "http://localhost:3000";

export interface Sent {
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty when there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

type Transport = (request: Request) => Response | Promise<Response>;

export class Visitor {
  readonly #transport: Transport;
  readonly #origin: string;
  readonly #cookies = new Map<string, Bun.Cookie>();

  constructor(transport: Transport, origin: string = ORIGIN) {
    this.#transport = transport;
    this.#origin = origin;
  }

  async send(method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Answer> {
    const cookie = this.#cookieHeader(path);
    const request = new Request(`${this.#origin}${path}`, {
      method,
      headers: {
        ...(cookie === "" ? {} : { cookie }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await this.#transport(request);
    this.#keep(response.headers.getSetCookie());
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
  }

  /** The value of a cookie; empty without it. */
  cookie(name: string): string {
    return this.#cookies.get(name)?.value ?? "";
  }

  /** A second tab, or a thief, with the same cookies as now. */
  copy(): Visitor {
    const copy = new Visitor(this.#transport, this.#origin);
    for (const [name, cookie] of this.#cookies) copy.#cookies.set(name, cookie);
    return copy;
  }

  forget(name: string): void {
    this.#cookies.delete(name);
  }

  #cookieHeader(path: string): string {
    const sent = [...this.#cookies.values()].filter((cookie) => path.startsWith(cookie.path));
    return sent.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  #keep(setCookies: readonly string[]): void {
    for (const text of setCookies) {
      const cookie = Bun.Cookie.parse(text);
      if (cookie.maxAge === 0) this.#cookies.delete(cookie.name);
      else this.#cookies.set(cookie.name, cookie);
    }
  }
}
