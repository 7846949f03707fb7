/** Owns who the reader is: a member, nobody, or not known yet. The tokens are in cookies that no script reads. */

import { signal } from "@preact/signals";
import { answerOf, api, Refusal, whenSessionEnds } from "../../browser/api.ts";
import { jitter, pause } from "../../browser/device.ts";
import { rememberMember } from "../../browser/send.ts";
import { isMemberBrowser } from "../../member-hint.ts";
import { forgetAll } from "./resource.ts";

export interface Member {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: "MEMBER" | "ADMIN";
}

/** How long to wait before it is asked again who the reader is, in milliseconds. */
const ASK_AGAIN_MS = 3_000;

/** Where the tab keeps to whom belongs what it has kept. */
const OWNER = "owner";

/** Undefined until it is known. */
export const member = signal<Member | null | undefined>(undefined);

/** Whether the frame offers what members have, before the server has said who it is. */
export function seemsMember(): boolean {
  return member.value === undefined ? isMemberBrowser(document.cookie) : member.value !== null;
}

/** Asks only where there was a session. */
export async function startSession(): Promise<void> {
  whenSessionEnds(sessionEnded);
  if (!isMemberBrowser(document.cookie)) {
    member.value = null;
    return;
  }
  // A log-in meanwhile answers the question.
  while (member.value === undefined) {
    try {
      begin(await answerOf(api.members.me.get()));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Anything else says nothing about the session.
      if (error.code === "UNAUTHENTICATED") sessionEnded();
      else await pause(ASK_AGAIN_MS * jitter());
    }
  }
}

/** @throws Refusal */
export async function logIn(email: string, password: string): Promise<void> {
  const session = await answerOf(api.sessions.post({ email, password }));
  rememberMember(true);
  begin(session.member);
}

/** A new member is logged in at once. @throws Refusal */
export async function signUp(profile: { readonly email: string; readonly password: string; readonly name: string }) {
  await answerOf(api.members.post(profile));
  await logIn(profile.email, profile.password);
}

/** Whatever the server says: this browser forgets. */
export async function logOut(): Promise<void> {
  sessionEnded();
  forgetReader();
  await api.sessions.delete();
}

/** Whoever comes back to a session of their own finds what they left; whoever comes after somebody else finds nothing of it. */
function begin(who: Member): void {
  const owner = sessionStorage.getItem(OWNER);
  if (owner !== null && owner !== who.id) forgetReader();
  sessionStorage.setItem(OWNER, who.id);
  member.value = who;
}

/** What was read, typed and tried. */
function forgetReader(): void {
  sessionStorage.clear();
  forgetAll();
}

/** The server knows no session of this browser any more. */
function sessionEnded(): void {
  rememberMember(false);
  member.value = null;
}
