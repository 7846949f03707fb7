/** Owns signing up: three fields, after which the new member is logged in and goes on. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refusal } from "../../browser/api.ts";
import { AccountField, PasswordField } from "../parts/account-fields.tsx";
import { RefusalNote } from "../parts/note.tsx";
import { Title } from "../parts/title.tsx";
import { goTo, query, safeNext, withParameters } from "../state/router.ts";
import { member, signUp } from "../state/session.ts";
import { words } from "../state/words.ts";

/** As the API takes them. */
const PASSWORD_LENGTH_MIN = 8;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

export function SignUp() {
  const name = useSignal("");
  const email = useSignal("");
  const password = useSignal("");
  const isTried = useSignal(false);
  const isSending = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const next = query.value.get("next");
  const m = words.account;
  const errors = {
    name: name.value.trim() === "" ? m.missingName : null,
    email: email.value.trim() === "" ? m.missingEmail : EMAIL.test(email.value.trim()) ? null : m.badEmail,
    password: password.value.length < PASSWORD_LENGTH_MIN ? m.shortPassword : null,
  };
  const shown = (field: keyof typeof errors): string | null => (isTried.value ? errors[field] : null);

  useEffect(() => {
    // Whoever has a session already, or has got one in another tab, goes on.
    if (member.value) goTo(safeNext(next), { replace: true });
  }, [member.value]);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isSending.value) return;
    isTried.value = true;
    refusal.value = null;
    const wrong = (["name", "email", "password"] as const).find((field) => errors[field] !== null);
    if (wrong !== undefined) {
      document.getElementById(wrong)?.focus();
      return;
    }
    isSending.value = true;
    try {
      await signUp({ email: email.value.trim(), password: password.value, name: name.value.trim() });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal.value = error;
    } finally {
      isSending.value = false;
    }
  };

  return (
    <div class="stack account">
      <Title tab={m.signUpTitle}>{m.signUpTitle}</Title>
      {next !== null && <p class="soft">{m.keptHint}</p>}
      {/* A password never goes into an address, whatever happens to the script. */}
      <form class="card stack" method="post" action="/signup" onSubmit={(event) => void submit(event)} noValidate>
        <AccountField
          id="name"
          label={m.name}
          hint={m.nameHint}
          type="text"
          autocomplete="name"
          value={name.value}
          error={shown("name")}
          onChange={(value) => {
            name.value = value;
          }}
        />
        <AccountField
          id="email"
          label={m.email}
          type="email"
          autocomplete="username"
          value={email.value}
          error={shown("email")}
          onChange={(value) => {
            email.value = value;
          }}
        />
        <PasswordField
          label={m.newPassword}
          autocomplete="new-password"
          value={password.value}
          error={shown("password")}
          hint={m.passwordHint}
          onChange={(value) => {
            password.value = value;
          }}
        />
        {refusal.value !== null && (
          <RefusalNote refusal={refusal.value}>
            {refusal.value.code === "EMAIL_TAKEN" && (
              <p>
                <a href={withParameters({ next }, "/login")}>{m.logIn}</a>
              </p>
            )}
          </RefusalNote>
        )}
        <button type="submit" class="button act large" aria-disabled={isSending.value}>
          {isSending.value ? m.loggingIn : m.signUp}
        </button>
      </form>
      <p class="centred">
        {m.hasAccount} <a href={withParameters({ next }, "/login")}>{m.logIn}</a>
      </p>
    </div>
  );
}
