/** Owns the accounts of the tests: the real routes over a real SQLite file, with a clock that stands still and hashes that take no time. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Elysia } from "elysia";
import { present } from "../../actors/assert.ts";
import { silent } from "../../actors/telemetry.ts";
import { type OpenDatabase, openSqlite } from "../../db/open.ts";
import { SqlAccountStore } from "../../db/stores/accounts.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { type AccountOptions, type AccountServices, openAccounts } from "../../http/accounts/account-services.ts";
import { argon2id, type PasswordHasher } from "../../http/accounts/passwords.ts";
import { accountRoutes } from "../../http/accounts/routes.ts";
import { signingKeysIn } from "../../http/accounts/signing-keys.ts";
import { readTrustedProxies } from "../../http/plugins/client-address.ts";
import { problemOfFailure } from "../../http/plugins/errors.ts";
import { renderProblem } from "../../http/problem.ts";
import { FakeClock } from "./fake-clock.ts";
import { Visitor } from "./visitor.ts";

/** Argon2id as well, but with the least memory: the tests that are not about its cost don't pay for it. */
export const quickArgon2id: PasswordHasher = {
  hash: (password) => Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 8, timeCost: 1 }),
  verify: argon2id.verify,
};

export const KIM = { email: "kim@example.com", password: "correct horse", name: "Kim Minji" };

/** What a test may set; the rest is given. */
export type GivenAccountOptions = Partial<Omit<AccountOptions, "store" | "clock" | "entropy" | "telemetry">>;

interface Running {
  readonly database: OpenDatabase;
  readonly store: SqlAccountStore;
  readonly services: AccountServices;
  readonly app: ReturnType<typeof accountsApp>;
}

/** The routes of accounts, and their errors as the API tells them. */
function accountsApp(services: AccountServices) {
  return new Elysia({ normalize: false })
    .onError(({ error, set }) =>
      renderProblem(
        problemOfFailure(error, () => []),
        set,
      ),
    )
    .use(accountRoutes(services));
}

export class GivenAccounts {
  readonly clock = new FakeClock();
  readonly directory = mkdtempSync(join(tmpdir(), "pigonair-test-"));
  #options: GivenAccountOptions = {};
  #running: Running | null = null;

  static async start(options: GivenAccountOptions = {}): Promise<GivenAccounts> {
    const given = new GivenAccounts();
    await given.#start(options);
    return given;
  }

  get app(): Running["app"] {
    return present(this.#running, "the accounts are open").app;
  }

  get services(): AccountServices {
    return present(this.#running, "the accounts are open").services;
  }

  get store(): SqlAccountStore {
    return present(this.#running, "the accounts are open").store;
  }

  /** Somebody without cookies or tokens. */
  visitor(): Visitor {
    return new Visitor((request) => this.app.handle(request));
  }

  /** Somebody who signed up and logged in. */
  async member(who = KIM): Promise<Visitor> {
    const visitor = this.visitor();
    await visitor.send("POST", "/api/v1/members", { body: who });
    await visitor.send("POST", "/api/v1/sessions", { body: { email: who.email, password: who.password } });
    return visitor;
  }

  /** Stops the process and starts another one on the same directory: nothing but files is left. */
  async restart(options: GivenAccountOptions = this.#options): Promise<void> {
    await this.#stop();
    await this.#start(options);
  }

  /** The start of another process on the same database; it goes away again. */
  async startBeside(options: GivenAccountOptions): Promise<void> {
    (await this.#open(this.store, options)).stop();
  }

  async stop(): Promise<void> {
    await this.#stop();
    rmSync(this.directory, { recursive: true });
  }

  async #start(options: GivenAccountOptions): Promise<void> {
    const database = await openSqlite(join(this.directory, "pigonair.sqlite"));
    const store = new SqlAccountStore(database);
    const services = await this.#open(store, options).catch(async (error: unknown) => {
      await database.close();
      throw error;
    });
    this.#options = options;
    this.#running = { database, store, services, app: accountsApp(services) };
  }

  async #open(store: SqlAccountStore, options: GivenAccountOptions): Promise<AccountServices> {
    return openAccounts({
      keys: await signingKeysIn(this.directory),
      hashesAtOnceMax: 2,
      hashesWaitingMax: 64,
      addressLimits: true,
      trustedProxies: readTrustedProxies(""),
      admin: null,
      hasher: quickArgon2id,
      ...options,
      store,
      clock: this.clock,
      entropy: systemEntropy(),
      telemetry: silent,
    });
  }

  async #stop(): Promise<void> {
    if (this.#running === null) return;
    const { database, services } = this.#running;
    this.#running = null;
    services.stop();
    await database.close();
  }
}
