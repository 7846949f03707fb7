/** Owns the member's pages as one: the frame, the page at the address, and what is said to those who hear it. */

import type { ComponentType } from "preact";
import { connection } from "../browser/connection.ts";
import { Frame } from "../design/frame.tsx";
import type { MemberPage } from "../paths.ts";
import { Home } from "./pages/home.tsx";
import { Missing } from "./pages/missing.tsx";
import { Results } from "./pages/results.tsx";
import { Seats } from "./pages/seats.tsx";
import { Icon } from "./parts/icon.tsx";
import { said } from "./state/announce.ts";
import { address, goTo, here, path } from "./state/router.ts";
import { logOut, seemsMember } from "./state/session.ts";
import { chooseLanguage, language, words } from "./state/words.ts";

const PAGES: Readonly<Record<MemberPage, ComponentType<{ readonly id: string }>>> = {
  home: Home,
  results: Results,
  seats: Seats,
  passengers: Missing,
  reservations: Missing,
  reservation: Missing,
  cancel: Missing,
  ticket: Missing,
  logIn: Missing,
  signUp: Missing,
};

/** One column of text; the others use the whole width. */
const NARROW: ReadonlySet<MemberPage> = new Set(["passengers", "cancel", "logIn", "signUp"]);

export function App() {
  const found = here.value;
  const Page = found === null ? Missing : PAGES[found.page];
  const leave = async (): Promise<void> => {
    await logOut();
    goTo("/login");
  };
  return (
    <Frame
      language={language.value}
      address={address.value}
      isMember={seemsMember()}
      onLanguage={chooseLanguage}
      onLogOut={() => void leave()}
      banner={<ConnectionBanner />}
    >
      <main id="main" class={found !== null && NARROW.has(found.page) ? "page narrow" : "page"} tabIndex={-1}>
        <Page key={path.value} id={found?.id ?? ""} />
      </main>
      <p class="sr-only" role="status">
        {said.value}
      </p>
    </Frame>
  );
}

/** Always there, so that what it says is read out when it comes. */
function ConnectionBanner() {
  const state = connection.value;
  const m = words.value.connection;
  return (
    <div class={`banner ${state}`} role="status">
      {state !== "fine" && (
        <p>
          <Icon name={state === "back" ? "check" : "warn"} />
          {m[state]}
        </p>
      )}
    </div>
  );
}
