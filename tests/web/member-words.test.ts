/** Goal: all that the pages say, they say in both languages, and so every refusal of the API. */

import { describe, expect, test } from "bun:test";
import { PROBLEM_CODES } from "../../http/problem-codes.ts";
import { ENGLISH } from "../../http/web/i18n/en.ts";
import { formatCountdown, formatDate, formatMoney, formatTime } from "../../http/web/i18n/format.ts";
import { FRAME_WORDS } from "../../http/web/i18n/frame.ts";
import { KOREAN } from "../../http/web/i18n/ko.ts";
import { placeName } from "../../http/web/i18n/places.ts";
import { PROBLEMS_EN } from "../../http/web/i18n/problems-en.ts";
import { PROBLEMS_KO } from "../../http/web/i18n/problems-ko.ts";
import { languageOf } from "../../http/web/language.ts";

const HANGUL = /[가-힣]/;

/** Paths of all words; of those with gaps, how many. */
function shapeOf(words: object, path = ""): readonly string[] {
  return Object.entries(words).flatMap(([name, value]) => {
    const here = `${path}/${name}`;
    if (typeof value === "function") return [`${here}(${value.length})`];
    return typeof value === "object" && value !== null ? shapeOf(value, here) : [here];
  });
}

function textsOf(words: object): readonly string[] {
  return Object.values(words).flatMap((value) => {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? textsOf(value) : [];
  });
}

describe("words", () => {
  test("are the same in both languages, with the same gaps", () => {
    expect(shapeOf(KOREAN)).toEqual(shapeOf(ENGLISH));
    expect(shapeOf(FRAME_WORDS.ko)).toEqual(shapeOf(FRAME_WORDS.en));
  });

  test("are none of them missing, and Korean where they are Korean", () => {
    expect(textsOf(ENGLISH).filter((text) => text.trim() === "" || HANGUL.test(text.replace("김민지", "")))).toEqual(
      [],
    );
    expect(textsOf(KOREAN).filter((text) => !HANGUL.test(text))).toEqual([]);
  });

  test("say every refusal of the API, and that there is no connection", () => {
    const codes = new Set([...Object.keys(PROBLEM_CODES), "NO_CONNECTION"]);
    expect(new Set(Object.keys(PROBLEMS_EN))).toEqual(codes);
    expect(new Set(Object.keys(PROBLEMS_KO))).toEqual(codes);
    expect(Object.values(PROBLEMS_EN).filter((text) => !/^[A-Z].*\.$/.test(text))).toEqual([]);
    expect(Object.values(PROBLEMS_KO).filter((text) => !HANGUL.test(text) || !/[.]$/.test(text))).toEqual([]);
  });
});

describe("formats", () => {
  test("formatMoney() writes minor units as people of each language do", () => {
    expect(formatMoney("en", { amount: 58_000, currency: "KRW" })).toBe("₩58,000");
    expect(formatMoney("ko", { amount: 58_000, currency: "KRW" })).toBe("58,000원");
    expect(formatMoney("en", { amount: 1_230, currency: "USD" })).toBe("$12.30");
    expect(formatMoney("ko", { amount: 1_230, currency: "USD" })).toBe("$12.30");
  });

  test("formatTime() and formatDate() tell the place's own time, wherever the reader is", () => {
    const local = "2026-11-24T06:45:00+09:00";
    expect(formatTime("en", local)).toBe("06:45");
    expect(formatTime("ko", local)).toBe("06:45");
    expect(formatDate("en", local)).toBe("Tue, 24 November 2026");
    expect(formatDate("ko", local)).toBe("2026년 11월 24일 (화)");
    expect(formatDate("ko", local, "short")).toBe("11. 24. (화)");
  });

  test("formatCountdown() counts minutes and seconds", () => {
    expect([900, 61, 5, 0].map(formatCountdown)).toEqual(["15:00", "1:01", "0:05", "0:00"]);
  });

  test("placeName() tells airports of a city apart, and falls back on what the catalogue says", () => {
    const place = { city: "Seoul" };
    expect(placeName("ko", "ICN", place)).toBe("서울 인천");
    expect(placeName("en", "ICN", place)).toBe("Seoul Incheon");
    expect(placeName("ko", "XYZ", { city: "Somewhere" })).toBe("Somewhere");
    expect(placeName("en", "XYZ", undefined)).toBe("XYZ");
  });
});

describe("languageOf()", () => {
  const asked = (address: string, cookies: string | null, acceptLanguage: string | null) =>
    languageOf(new URL(address, "http://localhost"), cookies, acceptLanguage);

  test("follows the address, then what was chosen, then the browser", () => {
    expect(asked("/?lang=ko", "language=en", "en")).toBe("ko");
    expect(asked("/", "a=1; language=ko", "en")).toBe("ko");
    expect(asked("/", null, "fr, ko;q=0.8, en;q=0.5")).toBe("ko");
    expect(asked("/", null, "ko-KR,ko;q=0.9,en-US;q=0.8")).toBe("ko");
    expect(asked("/", null, "en;q=0.2, ko;q=0")).toBe("en");
  });

  test("takes nothing that it doesn't know", () => {
    expect(asked("/?lang=xx", "language=../ko", "de")).toBe("en");
    expect(asked("/", null, null)).toBe("en");
  });
});
