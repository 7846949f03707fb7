/** Owns signing up and logging in: what is checked, in which order, and what a stranger may learn from the answer. */

import type { Clock } from "../../actors/clock.ts";
import type { MemberId } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import { Problem } from "../problem.ts";
import type { AccountStore } from "./account-store.ts";
import type { Attempt, Attempts } from "./attempts.ts";
import type { Member } from "./member.ts";
import type { Passwords } from "./passwords.ts";
import { isPassword, readEmail, readName } from "./profile.ts";
import type { Grant, Sessions } from "./sessions.ts";

export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly phone?: string;
}

export interface LogIn {
  readonly email: string;
  readonly password: string;
}

export interface AccountsOptions {
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

export class Accounts {
  readonly #store: AccountStore;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;
  readonly #attempts: Attempts;
  readonly #clock: Clock;
  readonly #entropy: Entropy;

  constructor(options: AccountsOptions) {
    this.#store = options.store;
    this.#passwords = options.passwords;
    this.#sessions = options.sessions;
    this.#attempts = options.attempts;
    this.#clock = options.clock;
    this.#entropy = options.entropy;
  }

  /**
   * @param address of the client
   * @throws Problem 400 VALIDATION, 409 EMAIL_TAKEN, 429 TOO_MANY_ATTEMPTS, 503 LOGIN_BUSY
   */
  async signUp(wanted: SignUp, address: string): Promise<Member> {
    const email = readEmail(wanted.email) ?? refuse("email", "is not an e-mail address");
    const name = readName(wanted.name) ?? refuse("name", "has no letters, or characters that can't stand in a name");
    if (!isPassword(wanted.password)) refuse("password", "has characters of which half is missing");
    const attempt = await this.#attempts.signUp(address);
    // Before the hash, which is dear; addMember() decides between two who ask at once.
    if ((await this.#store.memberByEmail(email)) !== null) throw emailTaken();
    const passwordHash = await counted(attempt, this.#passwords.hash(wanted.password, attempt.from));
    const member: Member = {
      id: this.#entropy.uuid(),
      email,
      passwordHash,
      name,
      phone: wanted.phone ?? null,
      role: "MEMBER",
      createdAtMs: this.#clock.nowMs(),
    };
    if (!(await this.#store.addMember(member))) throw emailTaken();
    return member;
  }

  /**
   * Answers alike, and after the same time, for an unknown e-mail address and for a wrong password.
   * @throws Problem 401 INVALID_CREDENTIALS, 429 TOO_MANY_ATTEMPTS, 503 LOGIN_BUSY
   */
  async logIn({ email: given, password }: LogIn, address: string): Promise<Grant> {
    const email = readEmail(given);
    const attempt = await this.#attempts.logIn(email ?? given, address);
    const member = email === null ? null : await this.#store.memberByEmail(email);
    const { passwordHash = null } = member ?? {};
    const isRight = await counted(attempt, this.#passwords.verify(password, passwordHash, attempt.from));
    if (member === null || !isRight) {
      throw new Problem(401, "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.");
    }
    await attempt.succeeded();
    return this.#sessions.open(member);
  }

  member(id: MemberId): Promise<Member | null> {
    return this.#store.member(id);
  }
}

/** An attempt whose password was never looked at, because the line was full, doesn't count. */
async function counted<T>(attempt: Attempt, looked: Promise<T>): Promise<T> {
  try {
    return await looked;
  } catch (error) {
    await attempt.forget();
    throw error;
  }
}

function refuse(field: string, detail: string): never {
  throw new Problem(400, "VALIDATION", `${field} ${detail}`, { field, errors: [{ field, detail }] });
}

function emailTaken(): Problem {
  return new Problem(409, "EMAIL_TAKEN", "There is an account with this e-mail address.");
}
