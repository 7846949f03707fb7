/** Owns logging in: a plain form that password managers know, and the way back to where it was needed. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refusal } from "../../browser/api.ts";
import { AccountField, PasswordField } from "../parts/account-fields.tsx";
import { RefusalNote } from "../parts/note.tsx";
import { Title } from "../parts/title.tsx";
import { goTo, query, safeNext, withParameters } from "../state/router.ts";
import { logIn, member } from "../state/session.ts";
import { words } from "../state/words.ts";

export function LogIn() {
  const email = useSignal("");
  const password = useSignal("");
  const isTried = useSignal(false);
  const isSending = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const next = query.value.get("next");
  const m = words.account;
  const emailError = email.value.trim() === "" ? m.missingEmail : null;
  const passwordError = password.value === "" ? m.missingPassword : null;

  useEffect(() => {
    // Whoever has a session already, or has got one in another tab, goes on.
    if (member.value) goTo(safeNext(next), { replace: true });
  }, [member.value]);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isSending.value) return;
    isTried.value = true;
    refusal.value = null;
    if (emailError !== null || passwordError !== null) {
      document.getElementById(emailError === null ? "password" : "email")?.focus();
      return;
    }
    isSending.value = true;
    try {
      await logIn(email.value.trim(), password.value);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal.value = error;
    } finally {
      isSending.value = false;
    }
  };

  return (
    <div class="stack account">
      <Title tab={m.logInTitle}>{m.logInTitle}</Title>
      {next !== null && <p class="soft">{m.keptHint}</p>}
      {/* A password never goes into an address, whatever happens to the script. */}
      <form class="card stack" method="post" action="/login" onSubmit={(event) => void submit(event)} noValidate>
        <AccountField
          id="email"
          label={m.email}
          type="email"
          autocomplete="username"
          value={email.value}
          error={isTried.value ? emailError : null}
          onChange={(value) => {
            email.value = value;
          }}
        />
        <PasswordField
          label={m.password}
          autocomplete="current-password"
          value={password.value}
          error={isTried.value ? passwordError : null}
          hint={null}
          onChange={(value) => {
            password.value = value;
          }}
        />
        {refusal.value !== null && <RefusalNote refusal={refusal.value} />}
        <button type="submit" class="button act large" aria-disabled={isSending.value}>
          {isSending.value ? m.loggingIn : m.logIn}
        </button>
      </form>
      <p class="centred">
        {m.noAccount} <a href={withParameters({ next }, "/signup")}>{m.signUp}</a>
      </p>
    </div>
  );
}
