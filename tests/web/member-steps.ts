/** Owns the steps of a member through the pages, as browser scripts take them: by the names that people see and hear, in either language. */

import type { Locator, Page } from "playwright-core";
import { ENGLISH } from "../../http/web/i18n/en.ts";
import { KOREAN } from "../../http/web/i18n/ko.ts";
import type { Words } from "../../http/web/i18n/words.ts";
import { MEMBER_HINT } from "../../http/web/member-hint.ts";
import type { Stage } from "./harness/stage.ts";
import type { Language, Size, Visitor } from "./harness/visitor.ts";

export interface Who {
  readonly url: string;
  readonly language?: Language;
  readonly size?: Size;
}

export const PASSWORD = "a long password";

let accounts = 0;

export class Member {
  readonly visitor: Visitor;
  readonly url: string;
  /** All that the pages say to this reader. */
  readonly words: Words;

  constructor(visitor: Visitor, url: string) {
    this.visitor = visitor;
    this.url = url;
    this.words = visitor.language === "ko" ? KOREAN : ENGLISH;
  }

  /** Somebody who was never here. */
  static async arrive(stage: Stage, { url, language = "en", size = "desktop" }: Who): Promise<Member> {
    return new Member(await stage.visitor({ language, size }), url);
  }

  /** Somebody with an account and a session. */
  static async arriveLoggedIn(stage: Stage, who: Who): Promise<Member> {
    const member = await Member.arrive(stage, who);
    await member.haveSession();
    return member;
  }

  get page(): Page {
    return this.visitor.page;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole("link", { name, exact: typeof name === "string" });
  }

  heading(name: string): Promise<void> {
    return this.page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();
  }

  seat(name: string): Locator {
    return this.page.getByRole("gridcell", { name: new RegExp(`^${name},`) });
  }

  text(text: string): Promise<void> {
    return this.page.getByText(text, { exact: true }).first().waitFor();
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }

  /** An account and its session, as its log-in page leaves them. */
  async haveSession(): Promise<void> {
    const email = newEmail();
    const { request } = this.visitor.context;
    const data = { email, password: PASSWORD, name: "Kim Minji" };
    const signedUp = await request.post(`${this.url}/api/v1/members`, { data });
    if (!signedUp.ok()) throw new Error(`sign-up: ${signedUp.status()} ${await signedUp.text()}`);
    await this.visitor.logIn(this.url, { email, password: PASSWORD });
    await this.visitor.context.addCookies([{ name: MEMBER_HINT, value: "1", url: this.url }]);
  }

  async signUp(name = "Kim Minji"): Promise<void> {
    const { account } = this.words;
    await this.page.getByLabel(account.name, { exact: true }).fill(name);
    await this.page.getByLabel(account.email).fill(newEmail());
    await this.page.getByLabel(account.newPassword).fill(PASSWORD);
    await this.button(account.signUp).click();
  }

  async openSeats(flight: string, search = ""): Promise<void> {
    await this.open(`/flights/${flight}/seats${search}`);
    await this.page.getByRole("gridcell").first().waitFor();
  }

  async choose(...seats: readonly string[]): Promise<void> {
    for (const seat of seats) {
      await this.seat(seat).click();
      await this.page.locator(`[data-seat="${seat}"][aria-selected="true"]`).waitFor();
    }
  }

  async proceed(): Promise<void> {
    await this.link(this.words.seats.proceed).click();
    await this.heading(this.words.passengers.title);
  }

  async name(...names: readonly string[]): Promise<void> {
    const fields = this.page.getByLabel(this.words.passengers.name, { exact: true });
    for (const [at, name] of names.entries()) await fields.nth(at).fill(name);
  }

  /** Until the seats are held. */
  async hold(): Promise<void> {
    await this.button(this.words.passengers.submit).click();
    await this.heading(this.words.hold.title);
  }

  /** From nothing to a checkout. */
  async holdSeats(flight: string, ...seats: readonly string[]): Promise<void> {
    await this.openSeats(flight, seats.length > 1 ? `?adults=${seats.length}` : "");
    await this.choose(...seats);
    await this.proceed();
    await this.name(...seats.map((seat) => `Passenger ${seat}`));
    await this.hold();
  }

  async goToPayment(): Promise<void> {
    const { pay, payAgain } = this.words.hold;
    const amount = /[₩\d,.원]+/.source;
    await this.button(new RegExp(`^(${pay("X")}|${payAgain("X")})$`.replaceAll("X", amount))).click();
    await this.page.getByText("Sandbox: no money moves").waitFor();
  }

  async decide(outcome: "Pay" | "Decline"): Promise<void> {
    await this.button(new RegExp(`^${outcome} `)).click();
  }

  /** Pays, and comes back to the tickets. */
  async pay(): Promise<void> {
    await this.goToPayment();
    await this.decide("Pay");
    await this.heading(this.words.trip.ticketedTitle);
  }
}

export function newEmail(): string {
  accounts += 1;
  return `member-${Date.now()}-${accounts}@pigonair.example`;
}
