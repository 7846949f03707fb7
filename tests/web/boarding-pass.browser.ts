/** The scripts of boarding-pass.test.ts. */

import { AztecCodeReader, BinaryBitmap, HybridBinarizer, RGBLuminanceSource } from "@zxing/library";
import type { Page } from "playwright-core";
import type { Stage } from "./harness/stage.ts";
import type { Account } from "./harness/visitor.ts";

export interface Seen {
  /** What a scanner reads off the screen. */
  readonly code: string;
  /** All texts of the picture. */
  readonly texts: readonly string[];
}

/** Opens a boarding pass on the phone of a member, and reads what the phone shows as a scanner at the gate does. */
export async function isScanned(
  stage: Stage,
  args: { account: Account; url: string; path: string; shot: string },
): Promise<Seen> {
  const visitor = await stage.visitor({ size: "phone", language: "ko" });
  await visitor.logIn(args.url, args.account);
  const { page } = visitor;
  // Not opened by itself: of a document that is a picture, Chromium's protocol takes no picture.
  const svg = await (await visitor.context.request.get(args.url + args.path)).text();
  await page.setContent(
    `<meta name="viewport" content="width=device-width"><body style="margin:12px;background:#e6ecf6">${svg.replace("<svg ", '<svg style="width:100%;height:auto" ')}`,
  );
  await visitor.shot(args.shot);
  const texts = await page.locator("text").allTextContents();
  // As a scanner is held: the code in the middle, with what is around it.
  const box = await page.locator('path[fill="#000000"]').boundingBox();
  if (box === null) throw new Error("no code on the screen");
  const { x, y, width, height } = box;
  const png = await page.screenshot({
    fullPage: true,
    clip: { x: x - 24, y: y - 24, width: width + 48, height: height + 48 },
  });
  const plain = await visitor.newTab();
  return { code: scanned(await pixelsOf(plain, png)), texts };
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 0 is black, 255 is white. */
  readonly grey: readonly number[];
}

function scanned({ width, height, grey }: Pixels): string {
  const source = new RGBLuminanceSource(Uint8ClampedArray.from(grey), width, height);
  const bitmap = new BinaryBitmap(new HybridBinarizer(source));
  return new AztecCodeReader().decode(bitmap).getText();
}

async function pixelsOf(page: Page, png: Buffer): Promise<Pixels> {
  return page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const { width, height } = bitmap;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("no canvas");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const grey: number[] = [];
    for (let at = 0; at < data.length; at += 4)
      grey.push(Math.round((data[at] ?? 0) * 0.3 + (data[at + 1] ?? 0) * 0.59 + (data[at + 2] ?? 0) * 0.11));
    return { width, height, grey };
  }, png.toString("base64"));
}
