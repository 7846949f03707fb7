/** Owns the words of the frame around every page: header, footer, and what a page says before its content is there. */

import type { Language } from "../language.ts";

export interface FrameWords {
  readonly skip: string;
  readonly home: string;
  readonly trips: string;
  readonly logIn: string;
  readonly logOut: string;
  readonly mainMenu: string;
  readonly demo: string;
  readonly api: string;
  readonly loading: string;
  readonly needsScripts: string;
}

const en: FrameWords = {
  skip: "Skip to content",
  home: "PigonAir, home",
  trips: "My trips",
  logIn: "Log in",
  logOut: "Log out",
  mainMenu: "Main menu",
  demo: "PigonAir is an open ticketing system. No real flight can be bought here.",
  api: "For developers",
  loading: "Loading",
  needsScripts: "This page needs JavaScript. The waiting room works without it.",
};

const ko: FrameWords = {
  skip: "본문으로 건너뛰기",
  home: "PigonAir 홈",
  trips: "나의 여행",
  logIn: "로그인",
  logOut: "로그아웃",
  mainMenu: "주 메뉴",
  demo: "PigonAir는 공개 항공권 예매 시스템입니다. 실제 항공권은 판매하지 않습니다.",
  api: "개발자용",
  loading: "불러오는 중",
  needsScripts: "이 페이지는 자바스크립트가 필요합니다. 대기실은 자바스크립트 없이도 이용할 수 있습니다.",
};

export const FRAME_WORDS: Readonly<Record<Language, FrameWords>> = { en, ko };
