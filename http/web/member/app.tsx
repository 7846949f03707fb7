/** Owns the member's pages as one: the frame, the page at the address, and what is said to those who hear it. */

import type { ComponentType } from "preact";
import { Frame } from "../design/frame.tsx";
import { type MemberPage, NARROW_PAGES } from "../paths.ts";
import { Cancel } from "./pages/cancel.tsx";
import { Home } from "./pages/home.tsx";
import { LogIn } from "./pages/log-in.tsx";
import { Missing } from "./pages/missing.tsx";
import { Passengers } from "./pages/passengers.tsx";
import { ReservationPage } from "./pages/reservation.tsx";
import { Reservations } from "./pages/reservations.tsx";
import { Results } from "./pages/results.tsx";
import { Seats } from "./pages/seats.tsx";
import { SignUp } from "./pages/sign-up.tsx";
import { TicketPage } from "./pages/ticket.tsx";
import { ConnectionBanner } from "./parts/connection-banner.tsx";
import { said, say } from "./state/announce.ts";
import { address, goTo, here, path } from "./state/router.ts";
import { logOut, seemsMember } from "./state/session.ts";
import { language, words } from "./state/words.ts";

const PAGES: Readonly<Record<MemberPage, ComponentType<{ readonly id: string }>>> = {
  home: Home,
  results: Results,
  seats: Seats,
  passengers: Passengers,
  reservations: Reservations,
  reservation: ReservationPage,
  cancel: Cancel,
  ticket: TicketPage,
  logIn: LogIn,
  signUp: SignUp,
};

export function App() {
  const found = here.value;
  const Page = found === null ? Missing : PAGES[found.page];
  const leave = async (): Promise<void> => {
    await logOut();
    goTo("/");
    say(words.account.loggedOut);
  };
  return (
    <Frame
      language={language}
      address={address.value}
      isMember={seemsMember()}
      onLogOut={() => void leave()}
      banner={<ConnectionBanner />}
    >
      <main id="main" class={found !== null && NARROW_PAGES.has(found.page) ? "page narrow" : "page"} tabIndex={-1}>
        <Page key={path.value} id={found?.id ?? ""} />
      </main>
      <p class="sr-only" role="status">
        {said.value}
      </p>
    </Frame>
  );
}
